"""A plan as the parts that are offered between shared plan and own version. Pure.

A part is what people decide on at once: a section; in the teaching process each row; a field of the header; a block
that stands in no section; and, for every list of these, their order. A section's own text is without the rows that are
parts themselves. Parts are recognised by the ids of their nodes and compared by a hash that leaves the ids out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal

from lessons.document import Node, attribute, plain_text

HASH_LENGTH = 32
NOTHING = ""
"""The hash of what is not there."""
ORDER = "order:"
OWN_FIELDS = frozenset({"taught_by", "taught_at"})
"""Who teaches and when is no matter of the shared plan's."""
UNCOMPARED = frozenset({"id", "colwidth"})

Kind = Literal["field", "section", "row", "block", "order"]


@dataclass(frozen=True)
class Part:
    key: str
    kind: Kind
    node: Node
    """Without the rows that are parts of their own."""
    whole: Node
    title: str
    container: str = ""
    """The key of the order that it stands in; that of a field is none."""
    inside: str = ""
    """The section around a row."""
    before: tuple[str, ...] = ()
    """Its elder siblings, the nearest first."""

    @cached_property
    def hash(self) -> str:
        return hash_of(self.node)

    @property
    def ids(self) -> tuple[str, ...]:
        """Of an order: what stands in it."""
        return tuple(self.node.get("ids", ()))

    def data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, data: dict[str, Any]) -> Part:
        return cls(**{**data, "before": tuple(data["before"])})


Parts = dict[str, Part]


# ---- comparing --------------------------------------------------------------------------------------


def hash_of(node: Node | None) -> str:
    if node is None:
        return NOTHING
    compared = node if node["type"] == "order" else _compared(node)
    told = json.dumps(compared, ensure_ascii=False, sort_keys=True)
    return sha256(told.encode()).hexdigest()[:HASH_LENGTH]


def _compared(node: Node) -> Any:
    attributes = {name: value for name, value in (node.get("attrs") or {}).items() if name not in UNCOMPARED}
    return [
        node["type"],
        attributes,
        node.get("marks") or [],
        node.get("text", ""),
        [_compared(child) for child in node.get("content") or []],
    ]


def storable(value: Any) -> Any:
    """Without the one character that PostgreSQL keeps nowhere."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {name: storable(item) for name, item in value.items()}
    return value


def each_node(node: Node, change: Callable[[Node], Node]) -> Node:
    """The same tree with every node changed."""
    changed = change(node)
    if "content" not in changed:
        return changed
    return {**changed, "content": [each_node(child, change) for child in changed["content"]]}


# ---- taking a plan apart ------------------------------------------------------------------------------


def parts_of(document: Node) -> Parts:
    """In reading order. Of two nodes with one id only the first is a part."""
    found: Parts = {}
    for part in _parts(storable(document)):
        found.setdefault(part.key, part)
    return found


def _parts(document: Node) -> Iterator[Part]:
    top: list[str] = []
    for node in document["content"]:
        key = _id(node)
        if node["type"] == "header":
            yield from _fields(node)
        elif key:
            yield from _top(node, key, tuple(reversed(top)))
            top.append(key)
    yield _order("", top, "")


def _top(node: Node, key: str, before: tuple[str, ...]) -> Iterator[Part]:
    if node["type"] != "section":
        yield Part(key, "block", node, node, _words(node), container=ORDER, before=before)
        return
    title = _title(node)
    yield Part(key, "section", without_rows(node), node, title, container=ORDER, before=before)
    for table in node.get("content") or []:
        if is_process(table):
            yield from _rows(table, key, title)


def _fields(header: Node) -> Iterator[Part]:
    for node in header.get("content") or []:
        if _id(node) and attribute(node, "key") not in OWN_FIELDS:
            yield Part(_id(node), "field", node, node, str(attribute(node, "label") or ""))


def _rows(table: Node, section: str, title: str) -> Iterator[Part]:
    keys: list[str] = []
    container = ORDER + _id(table)
    for row in table.get("content") or []:
        if is_part_row(row):
            name = _row_title(row)
            yield Part(
                _id(row),
                "row",
                row,
                row,
                f"{title} · {name}" if name else title,
                container=container,
                inside=section,
                before=tuple(reversed(keys)),
            )
            keys.append(_id(row))
    yield replace(_order(_id(table), keys, title), inside=section)


def _order(container: str, keys: list[str], title: str) -> Part:
    node = {"type": "order", "ids": list(keys)}
    return Part(ORDER + container, "order", node, node, title)


def is_process(node: Node) -> bool:
    return node["type"] == "table" and attribute(node, "kind") == "process" and bool(_id(node))


def is_part_row(row: Node) -> bool:
    """A row that is a step of the lesson, not the head of the table."""
    return bool(_id(row)) and any(cell["type"] == "tableCell" for cell in row.get("content") or [])


def without_rows(section: Node) -> Node:
    return _with_tables(section, lambda table: [row for row in _children(table) if not is_part_row(row)])


def _with_tables(section: Node, rows_of: Callable[[Node], list[Node]]) -> Node:
    if "content" not in section:
        return section
    content = [
        {**child, "content": rows_of(child)} if is_process(child) else child for child in section["content"]
    ]
    return {**section, "content": content}


def _children(node: Node) -> list[Node]:
    return list(node.get("content") or [])


def _id(node: Node) -> str:
    return str(attribute(node, "id") or "")


def _title(section: Node) -> str:
    return str(attribute(section, "title") or "")


def _row_title(row: Node) -> str:
    """The sub-title when there is one (品读春夏), else the step itself (新课教学)."""
    cells = row.get("content") or []
    lines = [line.strip() for line in plain_text(cells[0]).split("\n") if line.strip()] if cells else []
    return (lines[1] if len(lines) > 1 else lines[0])[:40] if lines else ""


def _words(node: Node) -> str:
    return " ".join(plain_text(node).split())[:20]


# ---- putting a part into a plan -------------------------------------------------------------------------


def put(document: Node, part: Part) -> Node:
    """The plan with this part: in the place of the one with its key, or else after its elder siblings."""
    if part.kind == "order":
        return _reordered(document, part)
    if part.key in parts_of(document):
        return _replaced(document, part)
    return _inserted(document, part)


def without(document: Node, part: Part) -> Node:
    """The plan without the whole part."""
    return _changed(document, part.key, lambda node: [])


def can_hold(document: Node, part: Part) -> bool:
    """Is there a place for it? A row needs its table, a field its header."""
    if part.kind == "row":
        return part.container in parts_of(document)
    return part.kind != "field" or any(node["type"] == "header" for node in document["content"])


def _replaced(document: Node, part: Part) -> Node:
    def replacing(node: Node) -> list[Node]:
        return [_filled(part, node) if part.kind == "section" else part.node]

    return _changed(document, part.key, replacing)


def _filled(part: Part, present: Node) -> Node:
    """The section's new text around the rows that are there. A table that holds rows is not given up."""
    rows = {_id(table): _part_rows(table) for table in _children(present) if is_process(table)}
    new = {_id(table): table for table in _children(part.whole) if is_process(table)}
    named = {_id(table) for table in _children(part.node)}

    def rows_of(table: Node) -> list[Node]:
        if _id(table) in rows:
            return [*_children(table), *rows[_id(table)]]
        return _children(new[_id(table)])

    filled = _with_tables(part.node, rows_of)
    left = [table for table in _children(present) if is_process(table) and _id(table) not in named]
    kept = [table for table in left if rows[_id(table)]]
    return {**filled, "content": [*_children(filled), *kept]} if kept else filled


def _part_rows(table: Node) -> list[Node]:
    return [row for row in _children(table) if is_part_row(row)]


def _inserted(document: Node, part: Part) -> Node:
    if part.kind == "field":
        return _in_place(document, lambda node: node["type"] == "header", part)
    if part.kind == "row":
        table = part.container.removeprefix(ORDER)
        return _in_place(document, lambda node: is_process(node) and _id(node) == table, part)
    return {**document, "content": _after_elders(document["content"], part)}


def _in_place(document: Node, is_place: Callable[[Node], bool], part: Part) -> Node:
    done = False

    def change(node: Node) -> Node:
        nonlocal done
        if done or not is_place(node):
            return node
        done = True
        return {**node, "content": _after_elders(_children(node), part)}

    return each_node(document, change)


def _after_elders(siblings: list[Node], part: Part) -> list[Node]:
    ids = [_id(node) for node in siblings]
    elder = next((key for key in part.before if key in ids), None)
    if elder is not None:
        place = ids.index(elder) + 1
    else:
        place = sum(1 for node in siblings if _is_head(node))
    return [*siblings[:place], part.whole, *siblings[place:]]


def _is_head(node: Node) -> bool:
    return node["type"] == "header" or (node["type"] == "tableRow" and not is_part_row(node))


def _changed(document: Node, key: str, change: Callable[[Node], list[Node]]) -> Node:
    """The first node that is this part, changed; everything else as it is."""
    done = False

    def walk(node: Node) -> Node:
        nonlocal done
        content: list[Node] = []
        for child in node.get("content") or []:
            if not done and _id(child) == key and _is_part(node, child):
                done = True
                content.extend(change(child))
            else:
                content.append(walk(child) if not done and "content" in child else child)
        return {**node, "content": content} if "content" in node else node

    return walk(document)


def _is_part(parent: Node, node: Node) -> bool:
    if node["type"] == "tableRow":
        return is_process(parent) and is_part_row(node)
    return parent["type"] == "doc" or node["type"] == "headerField"


def _reordered(document: Node, part: Part) -> Node:
    container = part.key.removeprefix(ORDER)
    if container == "":
        return {**document, "content": in_order(document["content"], part.ids)}
    done = False

    def change(node: Node) -> Node:
        nonlocal done
        if done or not is_process(node) or _id(node) != container:
            return node
        done = True
        return {**node, "content": in_order(_children(node), part.ids)}

    return each_node(document, change)


def in_order(nodes: list[Node], ids: tuple[str, ...]) -> list[Node]:
    """The named ones in the order of `ids`; what else is there stays behind the one that it follows."""
    groups: list[list[Node]] = [[]]
    for node in nodes:
        if _id(node) in ids:
            groups.append([])
        groups[-1].append(node)
    head, *rest = groups
    rest.sort(key=lambda group: ids.index(_id(group[0])))
    return [*head, *(node for group in rest for node in group)]


def same_order(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Do those that stand in both stand in the same order?"""
    return [key for key in one if key in other] == [key for key in other if key in one]
