"""Reading variants out of a plan's JSON. Pure.

A pair is two variants of different sides that follow one another in one section or cell; a variant without such a
neighbour is a pair of which one side is missing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lessons.document import Node, attribute
from lessons.schema import VARIANT_SIDES


@dataclass(frozen=True)
class Pair:
    town: Node | None
    village: Node | None

    @property
    def id(self) -> str:
        """The lasting id of the first of the two: the anchor of whatever points at the pair."""
        return next((str(attribute(node, "id") or "") for node in self.nodes), "")

    @property
    def nodes(self) -> list[Node]:
        return [node for node in (self.town, self.village) if node is not None]

    def of(self, side: str) -> Node | None:
        return self.village if side == "village" else self.town


@dataclass(frozen=True)
class Place:
    """A pair and the section in which it stands, at whatever depth."""

    section_key: str
    section_title: str
    pair: Pair


def side_of(variant: Node) -> str:
    return "village" if attribute(variant, "side") == "village" else "town"


def name_of(variant: Node) -> str:
    """乡村班 · 青山小学 11 人"""
    side, label = VARIANT_SIDES[side_of(variant)], str(attribute(variant, "label") or "").strip()
    return f"{side} · {label}" if label else side


def sides_of(document: Node) -> list[Place]:
    """All pairs of a plan, from top to bottom."""
    return [
        Place(str(attribute(part, "key") or ""), str(attribute(part, "title") or ""), pair)
        for part in document.get("content") or []
        for pair in _pairs_in(part)
    ]


def paired(blocks: Iterable[Node]) -> Iterator[Node | Pair]:
    """The blocks of a section or a cell, with what stands side by side as one."""
    waiting: Node | None = None
    for block in blocks:
        if waiting is not None and block["type"] == "variant" and side_of(block) != side_of(waiting):
            yield _pair(waiting, block)
            waiting = None
            continue
        if waiting is not None:
            yield _pair(waiting)
        waiting = block if block["type"] == "variant" else None
        if waiting is None:
            yield block
    if waiting is not None:
        yield _pair(waiting)


def one_side(node: Node, side: str) -> Node:
    """The plan as it is for one side: its variants stand as ordinary blocks, the other side's are left out."""
    if "content" not in node:
        return node
    kept: list[Node] = []
    for child in node["content"]:
        if child["type"] != "variant":
            kept.append(one_side(child, side))
        elif side_of(child) == side:
            kept.extend(one_side(child, side).get("content") or [])
    if not kept and any(child["type"] == "variant" for child in node["content"]):
        kept = [{"type": "paragraph"}]  # a section or a cell is never empty
    return {**node, "content": kept}


def _pairs_in(node: Node) -> Iterator[Pair]:
    for part in paired(node.get("content") or []):
        if isinstance(part, Pair):
            yield part
            for variant in part.nodes:
                yield from _pairs_in(variant)
        else:
            yield from _pairs_in(part)


def _pair(*variants: Node) -> Pair:
    by_side = {side_of(variant): variant for variant in variants}
    return Pair(by_side.get("town"), by_side.get("village"))
