"""Bringing back characters that are gone though nobody deleted them.

Someone joins two paragraphs (the editor removes the second and appends its text to the first) while someone else
types in the second: Yjs drops what was typed. Shape.add finds such characters; `rescue` writes them again where
they belong — into the block that now holds their neighbours' text, else as a paragraph of their own nearby.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import pycrdt

from .protocol import read_state_vector, state_vector
from .shape import Run
from .update import Content, read_update, utf16_length, write_deletes

MAX_SEPARATE_RUNS = 64  # beyond this many stretches at once, they come back together as one paragraph
CONTEXT = 4  # characters of context that must agree before text is placed in a block further away
LONGEST_CONTEXT = 20  # characters of context that are looked for in the block itself when it has changed

Parent = pycrdt.XmlFragment | pycrdt.XmlElement


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


# ---- which characters ------------------------------------------------------------------------------------


def characters(update: bytes, runs: list[Run]) -> list[tuple[Run, str]]:
    """Those of the runs that are text, with it: cut from the update that holds them."""
    strings = [
        (struct.client, struct.clock, struct.end, str(struct.value))
        for struct in read_update(_from_first(update, runs)).structs
        if struct.content == Content.STRING
    ]
    found: list[tuple[Run, str]] = []
    for run in _joined(runs):
        pieces = [
            (max(clock, run.clock), min(end, run.clock + run.length), clock, text)
            for client, clock, end, text in strings
            if client == run.client and clock < run.clock + run.length and end > run.clock
        ]
        for low, high, clock, text in sorted(pieces):
            found.append((Run(run.client, low, high - low), _utf16_slice(text, low - clock, high - clock)))
    return found


def _from_first(update: bytes, runs: list[Run]) -> bytes:
    """What the update holds of the runs' clients from the first run on; the rest need not be read."""
    clocks = read_state_vector(pycrdt.get_state(update))
    for client in {run.client for run in runs} & clocks.keys():
        clocks[client] = min(run.clock for run in runs if run.client == client)
    return pycrdt.get_update(update, state_vector(clocks))


def _joined(runs: list[Run]) -> list[Run]:
    """Neighbours as one: what was typed letter by letter comes back as one stretch."""
    joined: list[Run] = []
    for run in sorted(runs, key=lambda run: (run.client, run.clock)):
        last = joined[-1] if joined else None
        if last and (last.client, last.clock + last.length) == (run.client, run.clock):
            joined[-1] = Run(last.client, last.clock, last.length + run.length)
        else:
            joined.append(run)
    return joined


# ---- where they stood ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Block:
    """An element that holds text, and the ids of the elements around it, innermost first."""

    element: pycrdt.XmlElement
    path: tuple[int, ...]
    key: str
    around: list[str]
    text: str


@dataclass(slots=True)
class _Place:
    """Where a run stood: in which of the blocks, what the block held without it, and how many characters before it."""

    blocks: list[_Block]
    index: int
    rest: str
    offset: int

    @property
    def block(self) -> _Block:
        return self.blocks[self.index]


def _places(alive: bytes, runs: list[Run], fragment: str) -> list[_Place | None]:
    """Where each run stood, given that those before it are back: taken away, it leaves a gap in its block."""
    doc: pycrdt.Doc = pycrdt.Doc()
    doc.apply_update(alive)
    root = doc.get(fragment, type=pycrdt.XmlFragment)
    blocks = list(_blocks(root))
    by_path = {block.path: index for index, block in enumerate(blocks)}
    changed: list[tuple[int, ...]] = []
    root.observe_deep(lambda events: changed.extend(tuple(event.path[:-1]) for event in events))
    places: list[_Place | None] = []
    for run in reversed(runs):
        changed.clear()
        doc.apply_update(write_deletes({run.client: [(run.clock, run.length)]}))
        index = by_path.get(changed[0]) if changed else None
        places.append(_gap(blocks, index) if index is not None else None)
    return places[::-1]


def _gap(blocks: list[_Block], index: int) -> _Place:
    block = blocks[index]
    full, block.text = block.text, _text_of(block.element)
    rest, removed = block.text, len(full) - len(block.text)
    offset = 0
    while offset < len(rest) and rest[offset] == full[offset]:
        offset += 1
    # a run next to an equal character: any of the equal places gives the same text
    while offset and rest[offset:] != full[offset + removed :]:
        offset -= 1
    return _Place(blocks, index, rest, offset)


def _blocks(parent: Parent, path: tuple[int, ...] = (), around: tuple[str, ...] = ()) -> Iterator[_Block]:
    for index, child in enumerate(parent.children):
        if not isinstance(child, pycrdt.XmlElement):
            continue
        key, inner = _key(child), list(child.children)
        texts = [_plain(part) for part in inner if isinstance(part, pycrdt.XmlText)]
        if texts or not inner:
            yield _Block(child, (*path, index), key, list(around), "".join(texts))
        else:
            yield from _blocks(child, (*path, index), (key, *around))


# ---- where they go ---------------------------------------------------------------------------------------


def rescue(
    *,
    alive: bytes | None,
    now: bytes,
    lost: list[tuple[Run, str]],
    fragment: str,
    text_block: str,
    client_id: int,
) -> Rescue:
    """Write the lost characters into `now`.

    alive: a state in which they are still visible, None when there is none; now: the state without them.
    Both are Yjs updates; so is what brings them back, made under client_id.
    """
    target = _Target(now, fragment, text_block, client_id)
    if alive is None or len(lost) > MAX_SEPARATE_RUNS:
        target.append(None, lost)
    else:
        places = _places(alive, [run for run, _ in lost], fragment)
        for place, (run, text) in zip(places, lost, strict=True):
            target.put(place, run, text)
    return Rescue(target.changes(), target.copies)


@dataclass(slots=True)
class _Neighbour:
    key: str
    container: str


class _Target:
    """The document into which characters are written, and the blocks that stand in it."""

    def __init__(self, state: bytes, fragment: str, text_block: str, client_id: int) -> None:
        self._doc: pycrdt.Doc = pycrdt.Doc(client_id=client_id)
        self._doc.apply_update(state)
        self._before = self._doc.get_state()
        self._root = self._doc.get(fragment, type=pycrdt.XmlFragment)
        self._text_block = text_block
        self._standing = list(_blocks(self._root))
        self._by_key = {block.key: block for block in self._standing if block.key}
        self._containers = {key for block in self._standing for key in block.around if key}
        self.copies: list[Copy] = []

    def changes(self) -> bytes:
        return self._doc.get_update(self._before)

    def put(self, place: _Place | None, run: Run, text: str) -> None:
        home = self._home(place) if place is not None else None
        if home is not None:
            self._insert(*home, run, text)
        else:
            self.append(place, [(run, text)])

    # ---- in a block

    def _home(self, place: _Place) -> tuple[_Block, int] | None:
        """The block that now holds the text around the run, and where in it the run belongs."""
        own = self._heir(place.block.key)
        near = [own]
        near += [self._heir(block.key) for block in reversed(place.blocks[: place.index])][:1]
        near += [self._heir(block.key) for block in place.blocks[place.index + 1 :]][:1]
        for block in near:
            if block is not None and place.rest and place.rest in block.text:
                # a join appends: the last occurrence is the right one
                return block, block.text.rindex(place.rest) + place.offset
        if len(place.rest) >= CONTEXT:
            holding = [block for block in self._standing if place.rest in block.text]
            if len(holding) == 1:
                return holding[0], holding[0].text.rindex(place.rest) + place.offset
        return (own, _offset_in(own.text, place)) if own is not None else None

    def _heir(self, key: str) -> _Block | None:
        """The block of this id or, if it was removed, the paragraph that came back in its place."""
        return self._by_key.get(key) or self._by_key.get(_successor(key))

    def _insert(self, block: _Block, offset: int, run: Run, text: str) -> None:
        children = block.element.children
        with self._doc.transaction():
            if not any(isinstance(child, pycrdt.XmlText) for child in children):
                children.append(pycrdt.XmlText())
            for content in [child for child in children if isinstance(child, pycrdt.XmlText)]:
                held = _plain(content)
                if offset <= len(held):
                    break
                offset -= len(held)
            self._write(content, len(held[:offset].encode()), [(run, text)])
        block.text = _text_of(block.element)

    def _write(self, content: pycrdt.XmlText, at: int, lost: list[tuple[Run, str]]) -> None:
        """at: in bytes, as pycrdt counts."""
        clock = read_state_vector(self._doc.get_state()).get(self._doc.client_id, 0)
        content.insert(at, "".join(text for _, text in lost), {})
        for run, _ in lost:
            self.copies.append(Copy(run, self._doc.client_id, clock))
            clock += run.length

    # ---- as a paragraph of their own

    def append(self, place: _Place | None, lost: list[tuple[Run, str]]) -> None:
        """After what stood before them, at the end of what stood around them, else at the end of the document."""
        first, _ = lost[0]
        key = _successor(place.block.key if place is not None else "") or _successor(str(first))
        parent, index = self._slot(self._nearest(place) if place is not None else None)
        with self._doc.transaction():
            element = pycrdt.XmlElement(self._text_block)
            parent.children.insert(index, element)
            element.attributes["id"] = key
            content = pycrdt.XmlText()
            element.children.append(content)
            self._write(content, 0, lost)
        block = _Block(element, (), key, [], _text_of(element))
        self._standing.append(block)
        self._by_key[key] = block

    def _nearest(self, place: _Place) -> _Neighbour | None:
        """What still stands next to where the run was: the block before it in the same container, or the container."""
        container = next((key for key in place.block.around if key in self._containers), "")
        for block in reversed(place.blocks[: place.index]):
            heir = self._heir(block.key)
            if heir is not None and (not container or container in block.around):
                return _Neighbour(key=heir.key, container=container)
        return _Neighbour(key="", container=container) if container else None

    def _slot(self, neighbour: _Neighbour | None) -> tuple[Parent, int]:
        if neighbour is not None:
            path = _path(self._root, neighbour.key) if neighbour.key else None
            path = path or (_path(self._root, neighbour.container) if neighbour.container else None)
            # climb until a parent that holds text blocks directly: never between the rows of a table
            while path:
                parent, index = path.pop()
                if self._holds_text_blocks(parent):
                    return parent, index + 1
        for child in reversed(list(self._root.children)):
            if isinstance(child, pycrdt.XmlElement) and self._holds_text_blocks(child):
                return child, len(child.children)
        return self._root, len(self._root.children)

    def _holds_text_blocks(self, parent: Parent) -> bool:
        return any(
            isinstance(child, pycrdt.XmlElement) and child.tag == self._text_block
            for child in parent.children
        )


def _successor(key: str) -> str:
    """The id of the paragraph in which what is left of a removed block comes back: the same each time."""
    return hashlib.sha256(key.encode()).hexdigest()[:10] if key else ""


def _offset_in(text: str, place: _Place) -> int:
    """Where a run belongs in its own block, which has changed: after as much of what stood before it as is left."""
    for length in range(min(place.offset, LONGEST_CONTEXT), 0, -1):
        found = text.rfind(place.rest[place.offset - length : place.offset])
        if found >= 0:
            return found + length
    return len(text) if place.offset else 0


def _path(root: Parent, key: str) -> list[tuple[Parent, int]] | None:
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


# ---- reading ---------------------------------------------------------------------------------------------


def _key(element: pycrdt.XmlElement) -> str:
    return str(element.attributes.get("id") or "")


def _text_of(element: pycrdt.XmlElement) -> str:
    return "".join(_plain(child) for child in element.children if isinstance(child, pycrdt.XmlText))


def _plain(text: pycrdt.XmlText) -> str:
    return "".join(piece for piece, _ in text.diff() if isinstance(piece, str))


def _utf16_slice(text: str, low: int, high: int) -> str:
    if utf16_length(text) == len(text):
        return text[low:high]
    return text.encode("utf-16-le")[low * 2 : high * 2].decode("utf-16-le", errors="replace")
