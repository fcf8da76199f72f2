"""What the shared plan offers an own version, and what a decision does to it. Pure.

An own version remembers of each part what it goes back to (`base`), which text of the shared plan was decided on last
(`seen`), which are never offered again (`declined`), and what the shared plan took over from here (`given`). Offered is
what differs from all of these and from the own text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from lessons.content import NewId, random_id
from lessons.document import Node, attribute, walk
from lessons.lineage.merging import may_merge, merged, with_ids
from lessons.lineage.parts import (
    NOTHING,
    ORDER,
    Part,
    Parts,
    can_hold,
    hash_of,
    parts_of,
    put,
    same_order,
    without,
)

Change = Literal["added", "changed", "deleted", "moved"]


@dataclass(frozen=True)
class Memory:
    base: Node | None = None
    seen: str = NOTHING
    declined: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    put_off: str | None = None


@dataclass
class Memories:
    """Of all parts: those decided on, and for the others the version that the own one was made from."""

    origin: Parts
    decided: dict[str, Memory] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Memory:
        if key in self.decided:
            return self.decided[key]
        part = self.origin.get(key)
        return Memory(part.node, part.hash) if part else Memory()

    @property
    def parts(self) -> list[str]:
        return [*self.origin, *(key for key in self.decided if key not in self.origin)]


@dataclass(frozen=True)
class Offer:
    key: str
    title: str
    change: Change
    mine: Part | None
    theirs: Part | None
    memory: Memory

    @property
    def part(self) -> Part:
        part = self.theirs or self.mine
        assert part is not None
        return part

    @property
    def offered(self) -> str:
        return self.theirs.hash if self.theirs else NOTHING

    @property
    def shown(self) -> str:
        """Of the own text that an accept would replace."""
        if self.mine is None:
            return NOTHING
        return hash_of(self.mine.whole) if self.change == "deleted" else self.mine.hash

    @property
    def touched(self) -> bool:
        """Has the owner changed the own text as well?"""
        if self.change == "moved" and self.mine and self.memory.base:
            return not same_order(tuple(self.memory.base["ids"]), self.mine.ids)
        return self.mine is not None and self.mine.hash != hash_of(self.memory.base)

    @property
    def gone(self) -> bool:
        """Has the owner deleted what the shared plan changed?"""
        return self.mine is None and self.memory.base is not None

    @property
    def may_merge(self) -> bool:
        return (
            self.change == "changed"
            and self.touched
            and self.mine is not None
            and self.theirs is not None
            and may_merge(self.mine, self.theirs)
        )

    @property
    def declined_before(self) -> bool:
        return bool(self.memory.declined)

    @property
    def is_put_off(self) -> bool:
        return self.memory.put_off == self.offered


# ---- what is offered ------------------------------------------------------------------------------------


def offers(document: Node, theirs: Parts, memories: Memories) -> list[Offer]:
    """In the order of the shared plan; what it no longer has comes last."""
    return list(_offers(document, theirs, memories))


def _offers(document: Node, theirs: Parts, memories: Memories) -> Iterator[Offer]:
    mine = parts_of(document)
    for key in [*theirs, *(key for key in memories.parts if key not in theirs)]:
        found = _offer(theirs.get(key), mine.get(key), memories[key])
        if found is not None and _has_place(document, mine, theirs, found):
            yield found


def _offer(their: Part | None, own: Part | None, memory: Memory) -> Offer | None:
    part = their or own
    if part is None:
        return None
    offered, present = (side.hash if side else NOTHING for side in (their, own))
    if offered in memory.declined | memory.given or offered in (memory.seen, present):
        return None
    if part.kind == "order":
        if their is None or own is None or _in_known_order(their, own, memory):
            return None
        return Offer(part.key, part.title, "moved", own, their, memory)
    change: Change = "deleted" if their is None else "added" if memory.base is None else "changed"
    return Offer(part.key, part.title, change, own, their, memory)


def _in_known_order(their: Part, own: Part, memory: Memory) -> bool:
    known = tuple(memory.base["ids"]) if memory.base else ()
    return same_order(known, their.ids) or same_order(own.ids, their.ids)


def _has_place(document: Node, mine: Parts, theirs: Parts, offer: Offer) -> bool:
    """Rows of a section that one side has given up are that section's matter."""
    inside = offer.part.inside
    if inside and (inside not in mine or inside not in theirs):
        return False
    return offer.mine is not None or can_hold(document, offer.part)


# ---- what a decision does to the own text ---------------------------------------------------------------


def accepted(document: Node, offer: Offer, new_id: NewId = random_id) -> Node:
    if offer.theirs is None:
        assert offer.mine is not None
        return without(document, offer.mine)
    return put(document, _with_free_ids(document, offer.theirs, offer.mine, new_id))


def merged_into(document: Node, offer: Offer, new_id: NewId = random_id) -> Node:
    assert offer.mine is not None
    assert offer.theirs is not None
    theirs = _with_free_ids(document, offer.theirs, offer.mine, new_id)
    text = merged(offer.memory.base, offer.mine.node, theirs.node, new_id)
    return put(document, replace(theirs, node=text))


def may_put_back(document: Node, before: Part | None) -> bool:
    """Is there a place for it? What stood in a table that is gone has none."""
    return before is None or before.key in parts_of(document) or can_hold(document, before)


def put_back(document: Node, key: str, before: Part | None, memories: Memories) -> Node:
    """The part as it was before a decision."""
    if before is None:
        present = parts_of(document).get(key)
        return without(document, present) if present else document
    return put(_without_untouched_tables(document, before, memories), before)


def _without_untouched_tables(document: Node, before: Part, memories: Memories) -> Node:
    """A table that came with what was accepted goes with it, unless its rows were changed since."""
    known = {ORDER + str(attribute(node, "id")) for node in walk(before.whole) if node["type"] == "table"}
    rows = [
        part
        for part in parts_of(document).values()
        if part.kind == "row" and part.inside == before.key and part.container not in known
    ]
    touched = {row.container for row in rows if row.hash != hash_of(memories[row.key].base)}
    for row in rows:
        if row.container not in touched:
            document = without(document, row)
    return document


def _with_free_ids(document: Node, part: Part, present: Part | None, new_id: NewId) -> Part:
    """A block that stands elsewhere in the document as well comes as another block."""
    if part.kind == "order":
        return part
    own = _ids(present.whole) if present else set()
    taken = (_ids(document) - own) & _ids(part.whole)
    if not taken:
        return part
    names = {one: new_id() for one in sorted(taken)}

    def name(old: str) -> str:
        return names.get(old, old)

    return replace(part, node=with_ids(part.node, name), whole=with_ids(part.whole, name))


def _ids(node: Node) -> set[str]:
    return {str(attribute(child, "id")) for child in walk(node) if attribute(child, "id")}


# ---- what a decision leaves behind in memory ------------------------------------------------------------


def after_accepting(memories: Memories, offer: Offer, document: Node, theirs: Parts) -> dict[str, Memory]:
    """Of the part, and of the rows that came with it. `document`: the own text afterwards."""
    node = offer.theirs.node if offer.theirs else None
    kept = replace(offer.memory, base=node, seen=offer.offered, put_off=None)
    mine = parts_of(document)
    came_along = {
        key: replace(memories[key], base=part.node, seen=part.hash)
        for key, part in theirs.items()
        if part.inside == offer.key and key in mine and mine[key].hash == part.hash
    }
    return {offer.key: kept, **came_along}


def after_declining(offer: Offer) -> Memory:
    base = offer.theirs.node if offer.change == "moved" and offer.theirs else offer.memory.base
    declined = offer.memory.declined | {offer.offered}
    return replace(offer.memory, base=base, seen=offer.offered, declined=declined, put_off=None)


def after_giving(memory: Memory, part: Part) -> Memory:
    """The shared plan took the own text over: it is not offered. It stays own text, so that no merge drops it."""
    return replace(memory, given=memory.given | {part.hash})


def after_putting_off(offer: Offer) -> Memory:
    return replace(offer.memory, put_off=offer.offered)
