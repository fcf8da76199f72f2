"""Where a comment thread is anchored: a mark on text, which lives and dies with its characters. Pure.

Who may comment may not write, so the server puts the mark. It is told the Yjs ids of the first and the last character
that were chosen. pycrdt does not tell where an id stands; an embed that is inserted right behind it, in a copy of the
document, does. An id that is unknown inserts nothing, one of a deleted character shows where that stood.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from typing import Any

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from lessons.document.reading import COMMENT, Parent, mark_name, open_state
from lessons.schema import FRAGMENT
from realtime.protocol import varuint

Path = tuple[int, ...]
MARKED = "paragraph"  # the only block whose text takes marks


@dataclass(frozen=True)
class Span:
    """A run of chosen text, by the Yjs ids (client, clock) of its first and its last character."""

    first: tuple[int, int]
    last: tuple[int, int]


@dataclass(frozen=True)
class Stretch:
    """A piece of one text of the document, in UTF-8 bytes."""

    path: Path
    start: int
    end: int
    text: str
    before: str
    after: str


def locate(doc: Doc, spans: list[Span]) -> list[Stretch]:
    """The text that the spans hold now; empty where an id is unknown, or where all of the text is gone."""
    ids = list(dict.fromkeys(one for span in spans for one in (span.first, span.last)))
    copy = open_state(doc.get_update())
    copy.apply_update(_markers(copy, ids))
    found: list[Stretch] = []
    left = list(spans)
    inside: Span | None = None
    for path, text in texts_in(copy):
        whole, cuts = _cut(text)
        start = 0
        for offset, number in cuts:
            if inside is None:
                inside = next((span for span in left if span.first == ids[number]), None)
                start = _before_last_character(whole, offset)
            if inside is not None and inside.last == ids[number]:
                found += _stretch(path, whole, start, offset)
                left.remove(inside)
                inside = None
        if inside is not None:
            found += _stretch(path, whole, start, len(whole))
    return [] if left else found


def put_mark(doc: Doc, thread_id: str, stretches: list[Stretch]) -> None:
    texts = dict(texts_in(doc))
    for stretch in stretches:
        texts[stretch.path].format(stretch.start, stretch.end, {mark_key(thread_id): {"id": thread_id}})


def anchored(doc: Doc) -> dict[str, str]:
    """The text under each thread's mark, in the order of the document."""
    found: dict[str, list[str]] = {}
    for _path, text in texts_in(doc):
        here: dict[str, str] = {}
        for piece, marks in text.diff():
            for thread_id in _threads(marks) if isinstance(piece, str) else ():
                here[thread_id] = here.get(thread_id, "") + piece
        for thread_id, words in here.items():
            found.setdefault(thread_id, []).append(words)
    return {thread_id: "\n".join(lines) for thread_id, lines in found.items()}


def block_ids(doc: Doc) -> set[str]:
    """Of every block that is in the document."""
    return {str(element.attributes["id"]) for _path, element in _elements(doc) if "id" in element.attributes}


def part_at(doc: Doc, path: Path) -> str:
    """The key of the section around it, "" where there is none."""
    top = doc.get(FRAGMENT, type=XmlFragment).children[path[0]]
    return str(top.attributes.get("key") or "") if isinstance(top, XmlElement) else ""


def copy_marks(source: Doc, target: Doc) -> None:
    """Anchors that `source` has and `target` lacks, where both have the same text at the same place."""
    present = anchored(target).keys()
    texts = dict(texts_in(target))
    for path, text in texts_in(source):
        other = texts.get(path)
        if other is None or _plain(other) != _plain(text):
            continue
        offset = 0
        for piece, marks in text.diff():
            size = len(piece.encode())
            lost = [thread_id for thread_id in _threads(marks) if thread_id not in present]
            if lost:
                other.format(offset, offset + size, {mark_key(one): {"id": one} for one in lost})
            offset += size


def mark_key(thread_id: str) -> str:
    """As y-prosemirror spells a mark that may overlap: its name and six folded bytes of a hash of its JSON."""
    digest = sha256(_any({"type": COMMENT, "attrs": {"id": thread_id}})).digest()
    folded = bytearray(digest[:6])
    for index, byte in enumerate(digest[6:]):
        folded[index % 6] ^= byte
    return f"{COMMENT}--{base64.b64encode(bytes(folded)).decode()}"


def _any(value: dict[str, Any] | str) -> bytes:
    """lib0's encoding of any value, as far as a mark needs it."""
    if isinstance(value, str):
        return b"\x77" + _string(value)
    return b"\x76" + varuint(len(value)) + b"".join(_string(key) + _any(item) for key, item in value.items())


def _string(text: str) -> bytes:
    return varuint(len(text.encode())) + text.encode()


# ---- markers --------------------------------------------------------------------------------------------------------


def _markers(doc: Doc, ids: list[tuple[int, int]]) -> bytes:
    """An update with an embed behind each id: its number."""
    clients = _clients(doc.get_state())
    # the smallest client of those that insert at one place stands nearest
    client = next(number for number in count() if number not in clients)
    embeds = [
        b"\x85" + varuint(origin[0]) + varuint(origin[1]) + _string(json.dumps(number))
        for number, origin in enumerate(ids)
    ]
    return varuint(1) + varuint(len(ids)) + varuint(client) + varuint(0) + b"".join(embeds) + varuint(0)


def _clients(state_vector: bytes) -> set[int]:
    numbers: list[int] = []
    number = shift = 0
    for byte in state_vector:
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            numbers.append(number)
            number = shift = 0
    return set(numbers[1::2])


def _cut(text: XmlText) -> tuple[bytes, list[tuple[int, int]]]:
    """The text without the markers, and (offset, number) of each."""
    whole, cuts = b"", []
    for piece, _marks in text.diff():
        if isinstance(piece, str):
            whole += piece.encode()
        elif isinstance(piece, int | float):
            cuts.append((len(whole), int(piece)))
    return whole, cuts


def _before_last_character(whole: bytes, offset: int) -> int:
    return offset - len(whole[:offset].decode()[-1:].encode())


def _stretch(path: Path, whole: bytes, start: int, end: int) -> list[Stretch]:
    if start >= end:
        return []
    return [
        Stretch(path, start, end, whole[start:end].decode(), whole[:start].decode(), whole[end:].decode())
    ]


# ---- walking --------------------------------------------------------------------------------------------------------


def _elements(doc: Doc) -> Iterator[tuple[Path, XmlElement]]:
    yield from _below(doc.get(FRAGMENT, type=XmlFragment), ())


def _below(parent: Parent, path: Path) -> Iterator[tuple[Path, XmlElement]]:
    for index, child in enumerate(parent.children):
        if isinstance(child, XmlElement):
            yield (*path, index), child
            yield from _below(child, (*path, index))


def texts_in(doc: Doc) -> Iterator[tuple[Path, XmlText]]:
    """Every text that takes marks, in the order of the document."""
    for path, element in _elements(doc):
        if element.tag == MARKED:
            for index, child in enumerate(element.children):
                if isinstance(child, XmlText):
                    yield (*path, index), child


def _plain(text: XmlText) -> str:
    return "".join(piece for piece, _marks in text.diff() if isinstance(piece, str))


def _threads(marks: dict[str, Any] | None) -> list[str]:
    return [
        str(value["id"])
        for key, value in (marks or {}).items()
        if mark_name(key) == COMMENT and isinstance(value, dict) and "id" in value
    ]
