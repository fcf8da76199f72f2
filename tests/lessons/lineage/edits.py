"""A plan, and edits as an editor makes them; where one is chosen, `pick` takes one of a sequence."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from lessons.content import ids_of, plan_content, process_table
from lessons.document import Node, attribute, normal, walk
from lessons.lineage.parts import Part, parts_of
from lessons.standard_templates import form

Pick = Callable[[Sequence[Any]], Any]


def changed(document: Node, change: Callable[[Node], None]) -> Node:
    copy = deepcopy(document)
    change(copy)
    return normal(copy)


STEPS = [
    {"step": "导入新课", "teacher": "看图", "pupils": "说", "minutes": 5},
    {"step": "新课教学", "subtitle": "初读", "teacher": "范读", "pupils": "默读", "minutes": 10},
    {"step": "新课教学", "subtitle": "品读春夏", "teacher": "换词", "pupils": "朗读", "minutes": 15},
]


def plan_text() -> Node:
    return normal(
        plan_content(
            form("core"),
            header={"title": "美丽的小兴安岭"},
            sections={
                "process": [{"process": STEPS}],
                "board": ["冬：雪花飞舞", "春：树木抽枝"],
                "goals": ["认读生字", "说出景色"],
            },
            new_id=ids_of("plan"),
        )
    )


def small_text() -> Node:
    """So little that people keep meeting in it."""
    sections = [
        {"key": "goals", "title": "教学目标", "blocks": ["认读生字", "说出景色"]},
        {"key": "process", "title": "教学过程", "blocks": ["先读后写", {"process": STEPS[:2]}]},
        {"key": "board", "title": "板书设计", "blocks": ["冬：雪花飞舞"]},
    ]
    fields = [{"key": "title", "label": "课题"}, {"key": "period", "label": "课时"}]
    form = {"header": fields, "sections": sections}
    return normal(plan_content(form, header={"title": "山行"}, new_id=ids_of("small")))


def section(document: Node, key: str) -> Node:
    return next(
        node for node in document["content"] if node["type"] == "section" and node["attrs"].get("key") == key
    )


def key_of(document: Node, key: str) -> str:
    return section(document, key)["attrs"]["id"]


def row_keys(document: Node) -> list[str]:
    return [part.key for part in parts_of(document).values() if part.kind == "row"]


def say(document: Node, key: str, text: str, block: int = 0) -> Node:
    """Text added at the end of a block of a section."""

    def change(copy: Node) -> None:
        paragraph = section(copy, key)["content"][block]
        paragraph.setdefault("content", []).append({"type": "text", "text": text})

    return changed(document, change)


def say_in_row(document: Node, key: str, text: str, cell: int = 1) -> Node:
    def change(copy: Node) -> None:
        row = find_row(copy, key)
        paragraph = row["content"][cell]["content"][0]
        paragraph.setdefault("content", []).append({"type": "text", "text": text})

    return changed(document, change)


def find_row(document: Node, key: str) -> Node:
    rows = (node for node in walk(document) if node["type"] == "tableRow")
    return next(row for row in rows if row["attrs"]["id"] == key)


def table_of(document: Node) -> Node:
    return next(node for node in section(document, "process")["content"] if node["type"] == "table")


def edited(document: Node, pick: Pick, word: str, new_id: Callable[[], str]) -> Node:
    """Words, blocks, rows or sections added; blocks, rows or sections taken away or moved."""

    def change(copy: Node) -> None:
        act = pick(["write", "write", "block", "row", "table", "section", "less", "move", "move section"])
        ACTS[act](copy, pick, word, new_id)

    return changed(document, change)


def paragraph(text: str, new_id: Callable[[], str]) -> Node:
    return {"type": "paragraph", "attrs": {"id": new_id()}, "content": [{"type": "text", "text": text}]}


def _sections(copy: Node) -> list[Node]:
    return [node for node in copy["content"] if node["type"] == "section"]


def _lists(copy: Node) -> list[list[Node]]:
    return [node["content"] for node in _sections(copy) if node.get("content")]


def _tables(copy: Node) -> list[list[Node]]:
    return [block["content"] for blocks in _lists(copy) for block in blocks if block["type"] == "table"]


def _cells(copy: Node) -> list[list[Node]]:
    return [cell["content"] for rows in _tables(copy) for row in rows[1:] for cell in row["content"]]


def _write(copy: Node, pick: Pick, word: str, new_id: Callable[[], str]) -> None:
    chosen = pick([*_lists(copy), *_cells(copy)])
    paragraphs = [block for block in chosen if block["type"] == "paragraph"]
    if paragraphs:
        pick(paragraphs).setdefault("content", []).append({"type": "text", "text": word})


def _block(copy: Node, pick: Pick, word: str, new_id: Callable[[], str]) -> None:
    chosen = pick([*_lists(copy), *_cells(copy)])
    chosen.insert(pick(range(len(chosen) + 1)), paragraph(word, new_id))


def _row(copy: Node, pick: Pick, word: str, new_id: Callable[[], str]) -> None:
    tables = _tables(copy)
    if not tables:
        return
    cells = [
        {"type": "tableCell", "content": [paragraph(word if index == 1 else "步", new_id)]}
        for index in range(5)
    ]
    rows = pick(tables)
    row = {"type": "tableRow", "attrs": {"id": new_id()}, "content": cells}
    rows.insert(pick(range(1, len(rows) + 1)), row)


def _table(copy: Node, pick: Pick, word: str, new_id: Callable[[], str]) -> None:
    steps = [{"step": "步", "teacher": word, "minutes": 5}]
    chosen = pick(_lists(copy))
    chosen.insert(pick(range(len(chosen) + 1)), process_table(new_id, steps))


def _section(copy: Node, pick: Pick, word: str, new_id: Callable[[], str]) -> None:
    node = {
        "type": "section",
        "attrs": {"id": new_id(), "key": "", "title": "新的"},
        "content": [paragraph(word, new_id)],
    }
    copy["content"].insert(pick(range(1, len(copy["content"]) + 1)), node)


def _less(copy: Node, pick: Pick, word: str, new_id: Callable[[], str]) -> None:
    places = [one for one in [*_lists(copy), *_cells(copy)] if len(one) > 1]
    places += [rows for rows in _tables(copy) if len(rows) > 2]
    if len(_sections(copy)) > 2:
        places.append(copy["content"])
    if places:
        chosen = pick(places)
        chosen.pop(pick(range(1, len(chosen))))


def _move(copy: Node, pick: Pick, word: str, new_id: Callable[[], str]) -> None:
    tables = [rows for rows in _tables(copy) if len(rows) > 2]
    if tables:
        rows = pick(tables)
        rows.insert(pick(range(1, len(rows))), rows.pop(pick(range(1, len(rows)))))


def _move_section(copy: Node, pick: Pick, word: str, new_id: Callable[[], str]) -> None:
    content = copy["content"]
    content.insert(pick(range(1, len(content))), content.pop(pick(range(1, len(content)))))


def said_in(document: Node, part: Part, word: str) -> Node:
    """A word at the end of some paragraph of this part."""

    def change(copy: Node) -> None:
        for node in walk(copy):
            if attribute(node, "id") == part.key:
                paragraphs = [block for block in walk(node) if block["type"] == "paragraph"]
                if paragraphs:
                    paragraphs[-1].setdefault("content", []).append({"type": "text", "text": word})
                return

    return changed(document, change)


ACTS = {
    "write": _write,
    "block": _block,
    "row": _row,
    "table": _table,
    "section": _section,
    "less": _less,
    "move": _move,
    "move section": _move_section,
}
