"""Bringing back characters that are gone though nobody deleted them.

Someone joins two paragraphs (the editor removes the second and appends its text to the first) while someone else
types in the second: Yjs drops what was typed. Shape.add finds such characters; `rescue` writes them again where
they belong — into the block that now holds their neighbours' text, else as a paragraph of their own nearby.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pycrdt

from .protocol import read_state_vector
from .shape import Run
from .update import Content, read_update, utf16_length, write_deletes

MAX_SEPARATE_RUNS = 16  # beyond this many stretches at once, they come back together as one paragraph
CONTEXT = 4  # characters of context that must agree before text is placed in a block further away


@dataclass(frozen=True, slots=True)
class Copy:
    """Characters `source` (dead) are now `client`, from `clock` on, one for one."""

    source: Run
    client: int
    clock: int


@dataclass(slots=True)
class Rescue:
    update: bytes
    copies: list[Copy]


@dataclass(slots=True)
class _Block:
    """An element whose children are texts, and the ids of the elements around it, innermost first."""

    element: pycrdt.XmlElement
    key: str
    around: list[str]
    text: str


def characters(update: bytes, runs: list[Run]) -> list[tuple[Run, str]]:
    """Those of the runs that are text, with it: cut from the update that holds them."""
    strings = [
        (struct.client, struct.clock, struct.end, str(struct.value))
        for struct in read_update(update).structs
        if struct.content == Content.STRING
    ]
    found: list[tuple[Run, str]] = []
    for run in runs:
        pieces = [
            (max(clock, run.clock), min(end, run.clock + run.length), clock, text)
            for client, clock, end, text in strings
            if client == run.client and clock < run.clock + run.length and end > run.clock
        ]
        for low, high, clock, text in sorted(pieces):
            found.append((Run(run.client, low, high - low), _utf16_slice(text, low - clock, high - clock)))
    return found


def rescue(
    *,
    alive: bytes,
    now: bytes,
    lost: list[tuple[Run, str]],
    fragment: str,
    text_block: str,
    client_id: int,
) -> Rescue | None:
    """Write the lost characters into `now`.

    alive: a state in which they were still visible; now: the state without them. Both are Yjs updates.
    Returns the update that brings them back (made under client_id), or None when there is nothing to bring.
    """
    if not lost:
        return None
    target: pycrdt.Doc = pycrdt.Doc(client_id=client_id)
    target.apply_update(now)
    start = target.get_state()
    if len(lost) > MAX_SEPARATE_RUNS:
        copies = [
            _append(
                target,
                fragment,
                text_block,
                None,
                "".join(text for _, text in lost),
                lost,
            )
        ]
    else:
        copies = _place_each(target, alive, lost, fragment, text_block)
    return Rescue(target.get_update(start), [copy for group in copies for copy in group])


def _place_each(
    target: pycrdt.Doc,
    alive: bytes,
    lost: list[tuple[Run, str]],
    fragment: str,
    text_block: str,
) -> list[list[Copy]]:
    copies = []
    runs = [run for run, _ in lost]
    for index, (run, text) in enumerate(lost):
        # without the runs still to come, one run more or less is the difference
        place = _difference(
            _view(alive, runs[index:], fragment),
            _view(alive, runs[index + 1 :], fragment),
        )
        copies.append(_put(target, fragment, text_block, place, text, run))
    return copies


def _view(state: bytes, hidden: list[Run], fragment: str) -> list[_Block]:
    doc: pycrdt.Doc = pycrdt.Doc()
    doc.apply_update(state)
    doc.apply_update(write_deletes(_ranges(hidden)))
    return list(_blocks(doc, fragment))


@dataclass(slots=True)
class _Place:
    """Where a run stood: in which of the blocks, what the block held without it, and how many characters before it."""

    blocks: list[_Block]
    index: int
    rest: str
    offset: int


def _difference(before: list[_Block], after: list[_Block]) -> _Place | None:
    if len(before) != len(after):
        return None
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        if old.text != new.text:
            offset = 0
            while offset < len(old.text) and old.text[offset] == new.text[offset]:
                offset += 1
            added = len(new.text) - len(old.text)
            # a run next to an equal character: any of the equal places gives the same text
            while offset and old.text[offset:] != new.text[offset + added :]:
                offset -= 1
            return _Place(after, index, old.text, offset)
    return None


@dataclass(slots=True)
class _Neighbour:
    key: str
    container: str


def _put(
    target: pycrdt.Doc,
    fragment: str,
    text_block: str,
    place: _Place | None,
    text: str,
    run: Run,
) -> list[Copy]:
    if place is None:
        return _append(target, fragment, text_block, None, text, [(run, text)])
    standing = list(_blocks(target, fragment))
    home, offset = _home(place, standing)
    if home is not None:
        return _insert(target, home, offset, text, run)
    neighbour = _nearest(place, standing)
    return _append(target, fragment, text_block, neighbour, text, [(run, text)])


def _home(place: _Place, standing: list[_Block]) -> tuple[_Block | None, int]:
    """The block that now holds the text around the run, and where in it the run belongs."""
    by_key = {block.key: block for block in standing if block.key}
    lost_block = place.blocks[place.index]
    near = [by_key.get(lost_block.key)]
    near += [by_key.get(block.key) for block in reversed(place.blocks[: place.index])][:1]
    near += [by_key.get(block.key) for block in place.blocks[place.index + 1 :]][:1]
    for block in near:
        if block is not None and place.rest and place.rest in block.text and _single_text(block):
            # a join appends: the last occurrence is the right one
            return block, block.text.rindex(place.rest) + place.offset
    if len(place.rest) >= CONTEXT:
        holding = [block for block in standing if place.rest in block.text and _single_text(block)]
        if len(holding) == 1:
            return holding[0], holding[0].text.rindex(place.rest) + place.offset
    return None, 0


def _nearest(place: _Place, standing: list[_Block]) -> _Neighbour | None:
    """What still stands next to where the run was: the block before it in the same container, or the container."""
    keys = {block.key for block in standing if block.key}
    around_now = {key for block in standing for key in block.around if key}
    lost_block = place.blocks[place.index]
    container = next((key for key in lost_block.around if key and key in around_now), "")
    for block in reversed(place.blocks[: place.index]):
        if block.key in keys and (not container or container in block.around):
            return _Neighbour(key=block.key, container=container)
    return _Neighbour(key="", container=container) if container else None


def _insert(target: pycrdt.Doc, block: _Block, offset: int, text: str, run: Run) -> list[Copy]:
    content = next(iter(block.element.children))
    assert isinstance(content, pycrdt.XmlText)
    clock = _clock(target)
    content.insert(len(block.text[:offset].encode()), text, {})
    return _copies(target, clock, [run])


def _append(
    target: pycrdt.Doc,
    fragment: str,
    text_block: str,
    neighbour: _Neighbour | None,
    text: str,
    lost: list[tuple[Run, str]],
) -> list[Copy]:
    """A paragraph of its own: after the neighbour, at the end of its container, else at the end of the document."""
    parent, index = _slot(target, fragment, text_block, neighbour)
    with target.transaction():
        element = pycrdt.XmlElement(text_block)
        parent.children.insert(index, element)
        content = pycrdt.XmlText()
        element.children.append(content)
        clock = _clock(target)
        content.insert(0, text, {})
    return _copies(target, clock, [run for run, _ in lost])


def _slot(
    target: pycrdt.Doc, fragment: str, text_block: str, neighbour: _Neighbour | None
) -> tuple[pycrdt.XmlFragment | pycrdt.XmlElement, int]:
    root = target.get(fragment, type=pycrdt.XmlFragment)
    if neighbour is not None:
        path = _path(root, neighbour.key) if neighbour.key else None
        path = path or (_path(root, neighbour.container) if neighbour.container else None)
        # climb until a parent that holds text blocks directly: never between the rows of a table
        while path:
            parent, index = path.pop()
            if any(
                isinstance(child, pycrdt.XmlElement) and child.tag == text_block for child in parent.children
            ):
                return parent, index + 1
    for child in reversed(list(root.children)):
        if isinstance(child, pycrdt.XmlElement) and any(
            isinstance(inner, pycrdt.XmlElement) and inner.tag == text_block for inner in child.children
        ):
            return child, len(child.children)
    return root, len(root.children)


def _path(
    root: pycrdt.XmlFragment | pycrdt.XmlElement, key: str
) -> list[tuple[pycrdt.XmlFragment | pycrdt.XmlElement, int]] | None:
    """The (parent, index) pairs that lead to the element with this id, outermost first."""
    for index, child in enumerate(root.children):
        if not isinstance(child, pycrdt.XmlElement):
            continue
        if _key(child) == key:
            return [(root, index)]
        below = _path(child, key)
        if below is not None:
            return [(root, index), *below]
    return None


def _blocks(doc: pycrdt.Doc, fragment: str) -> Iterator[_Block]:
    yield from _blocks_in(doc.get(fragment, type=pycrdt.XmlFragment), [])


def _blocks_in(parent: pycrdt.XmlFragment | pycrdt.XmlElement, around: list[str]) -> Iterator[_Block]:
    for child in parent.children:
        if not isinstance(child, pycrdt.XmlElement):
            continue
        key = _key(child)
        inner = list(child.children)
        texts = [_plain(part) for part in inner if isinstance(part, pycrdt.XmlText)]
        if texts or not inner:
            yield _Block(child, key, around, "".join(texts))
        if any(isinstance(part, pycrdt.XmlElement) for part in inner):
            yield from _blocks_in(child, [key, *around])


def _key(element: pycrdt.XmlElement) -> str:
    return str(element.attributes.get("id") or "")


def _plain(text: pycrdt.XmlText) -> str:
    return "".join(piece for piece, _ in text.diff() if isinstance(piece, str))


def _single_text(block: _Block) -> bool:
    children = list(block.element.children)
    return len(children) == 1 and isinstance(children[0], pycrdt.XmlText)


def _ranges(runs: list[Run]) -> dict[int, list[tuple[int, int]]]:
    ranges: dict[int, list[tuple[int, int]]] = {}
    for run in runs:
        ranges.setdefault(run.client, []).append((run.clock, run.length))
    return ranges


def _clock(doc: pycrdt.Doc) -> int:
    return read_state_vector(doc.get_state()).get(doc.client_id, 0)


def _copies(target: pycrdt.Doc, clock: int, runs: list[Run]) -> list[Copy]:
    copies = []
    for run in runs:
        copies.append(Copy(run, target.client_id, clock))
        clock += run.length
    return copies


def _utf16_slice(text: str, low: int, high: int) -> str:
    if utf16_length(text) == len(text):
        return text[low:high]
    return text.encode("utf-16-le")[low * 2 : high * 2].decode("utf-16-le", errors="replace")
