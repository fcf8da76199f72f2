"""From plain data to the shared document. pycrdt counts text in UTF-8 bytes."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from lessons.document.plain import Node, Run, marks_of, normal
from lessons.document.reading import Parent
from lessons.schema import FRAGMENT


def seed_client(document: str) -> int:
    """The client id under which a document's first content is written: always the same for one document,
    so that building the seed twice gives the same items and never doubles the text."""
    return int.from_bytes(sha256(f"seed:{document}".encode()).digest()[:4], "big") or 1


def seed(content: Node, *, document: str) -> bytes:
    """The first state of a document as a Yjs update; the same bytes for the same content and document."""
    doc: Doc = Doc(client_id=seed_client(document))
    fragment = doc.get(FRAGMENT, type=XmlFragment)
    with doc.transaction():
        _insert_children(fragment, 0, normal(content)["content"])
    return doc.get_update()


def _insert_children(parent: Parent, index: int, nodes: list[Node]) -> None:
    for child in grouped(nodes):
        insert(parent, index, child)
        index += 1


def grouped(nodes: list[Node]) -> list[Node | list[Run]]:
    """Children as the document holds them: adjacent text nodes are one XmlText."""
    groups: list[Node | list[Run]] = []
    for node in nodes:
        if node["type"] != "text":
            groups.append(node)
        elif groups and isinstance(groups[-1], list):
            groups[-1].append((node["text"], marks_of(node)))
        else:
            groups.append([(node["text"], marks_of(node))])
    return groups


def insert(parent: Parent, index: int, child: Node | list[Run]) -> None:
    if isinstance(child, list):
        text = XmlText()
        parent.children.insert(index, text)
        _fill(text, child)
        return
    element = XmlElement(child["type"])
    parent.children.insert(index, element)
    for name, value in sorted((child.get("attrs") or {}).items()):
        element.attributes[name] = value
    _insert_children(element, 0, child.get("content") or [])


def _fill(text: XmlText, runs: list[Run]) -> None:
    """The characters first, then one mark after the other: pycrdt writes several at once in any order."""
    text.insert(0, "".join(piece for piece, _marks in runs), {})
    ranges = byte_ranges(runs)
    for name in sorted({name for _piece, marks in runs for name in marks}):
        for start, end, marks in ranges:
            if name in marks:
                text.format(start, end, {name: marks[name]})


def byte_ranges(runs: list[Run]) -> list[tuple[int, int, dict[str, Any]]]:
    ranges, position = [], 0
    for piece, marks in runs:
        size = len(piece.encode())
        ranges.append((position, position + size, marks))
        position += size
    return ranges
