"""A process without rooms that changes a document of `NoteKind`: `python -m tests.realtime.client.change DOCUMENT …`.

Adds so many paragraphs, or removes the paragraph with an id, in the database of the environment.
"""

import argparse
import os

import django


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("document")
    parser.add_argument("--add", type=int, default=0, metavar="COUNT")
    parser.add_argument("--remove", default="", metavar="ID")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prep_platform.settings")
    django.setup()
    change(arguments.document, arguments.add, arguments.remove)


def change(document: str, add: int, remove: str) -> None:
    from realtime import kinds, rooms
    from tests.realtime.support import NoteKind, add_paragraph, fragment

    def removed(doc):
        children = fragment(doc).children
        index = next(n for n, child in enumerate(children) if child.attributes.get("id") == remove)
        del children[index]

    kinds.register(NoteKind())
    for number in range(add):
        rooms.change(document, lambda doc, n=number: add_paragraph(doc, f"p{n}", f"别处 {n}"), actor_id=9)
    if remove:
        rooms.change(document, removed, actor_id=9)


if __name__ == "__main__":
    main()
