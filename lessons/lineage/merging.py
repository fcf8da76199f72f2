"""Two texts of one part put together (两段合着改): no word of either is left out. Pure.

What only one side changed since the text that both go back to is taken from that side; where both did, both are put in,
the own one first, for the owner to edit.
"""

from __future__ import annotations

from collections.abc import Callable

from lessons.content import NewId
from lessons.document import Node, attribute
from lessons.lineage.parts import Part, each_node, hash_of, is_process

Blocks = list[Node]


def may_merge(mine: Part, theirs: Part) -> bool:
    if mine.kind == "block":
        return mine.node["type"] == theirs.node["type"] == "paragraph"
    return mine.kind == theirs.kind and mine.kind in ("section", "row")


def merged(base: Node | None, mine: Node, theirs: Node, new_id: NewId) -> Node:
    """Sections, rows and paragraphs."""
    if mine["type"] == "section":
        blocks = merged_blocks(_children(base), _children(mine), _children(theirs), new_id)
        return {**mine, "content": blocks}
    if mine["type"] == "tableRow":
        return {**mine, "content": _merged_cells(base, mine, theirs, new_id)}
    return {**mine, "content": [*_children(mine), {"type": "hardBreak"}, *_children(theirs)]}


def _merged_cells(base: Node | None, mine: Node, theirs: Node, new_id: NewId) -> Blocks:
    own, other, old = _children(mine), _children(theirs), _children(base)
    cells = []
    for index, cell in enumerate(own):
        blocks = _children(other[index]) if index < len(other) else []
        before = _children(old[index]) if index < len(old) else []
        if index == len(own) - 1:
            blocks = [*blocks, *(block for surplus in other[len(own) :] for block in _children(surplus))]
        cells.append({**cell, "content": merged_blocks(before, _children(cell), blocks, new_id)})
    return cells


def merged_blocks(base: Blocks, mine: Blocks, theirs: Blocks, new_id: NewId) -> Blocks:
    """A three-way comparison by block."""
    old, other = _by_id(base), _by_id(theirs)
    result: Blocks = []
    for block in mine:
        result.extend(_both(old.get(_id(block)), block, other.get(_id(block)), new_id))
    own = set(_by_id(mine))
    for index, block in enumerate(theirs):
        before = old.get(_id(block))
        if _id(block) in own or (before is not None and hash_of(before) == hash_of(block)):
            continue
        result.insert(_place(result, theirs[:index]), block)
    return result or [{"type": "paragraph", "attrs": {"id": new_id()}}]


def _both(base: Node | None, mine: Node, theirs: Node | None, new_id: NewId) -> Blocks:
    """What becomes of one of my blocks."""
    untouched = base is not None and hash_of(base) == hash_of(mine)
    if theirs is None:
        return [] if untouched and not is_process(mine) else [mine]
    if is_process(mine) or hash_of(theirs) in (hash_of(mine), hash_of(base)):
        return [mine]
    return [theirs] if untouched or is_empty(mine) else [mine, with_ids(theirs, lambda _old: new_id())]


def is_empty(block: Node) -> bool:
    return block["type"] == "paragraph" and not block.get("content")


def _place(result: Blocks, elders: Blocks) -> int:
    ids = [_id(block) for block in result]
    for elder in reversed(elders):
        if _id(elder) in ids:
            return ids.index(_id(elder)) + 1
    return 0


def with_ids(node: Node, name: Callable[[str], str]) -> Node:
    """The same with other ids: no two blocks of a document have the same."""

    def change(child: Node) -> Node:
        return {**child, "attrs": {**child["attrs"], "id": name(_id(child))}} if _id(child) else child

    return each_node(node, change)


def _by_id(blocks: Blocks) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for block in blocks:
        if _id(block):
            found.setdefault(_id(block), block)
    return found


def _children(node: Node | None) -> Blocks:
    return list((node or {}).get("content") or [])


def _id(node: Node) -> str:
    return str(attribute(node, "id") or "")
