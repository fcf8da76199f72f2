"""A plan as the blocks of the standard form: head, numbered sections, 板书 in a box, lines to write on. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from foundation.office.docx.writing import Look, Page, TableLook
from lessons.document import Node, attribute, plain_text, walk
from lessons.schema import VARIANT_SIDES

Fact = tuple[str, str]
"""A label and a text, from the catalogue."""
Field = tuple[str, list[Node], str]
"""Of the head: label, text nodes, key."""
HEADING = "教　案"
NOTES = "复备栏"
LINES = 8
"""To write on, where nothing is written yet of what comes after the lesson."""
PAIRS = 2
"""Labels with their texts in one row of the head."""
LONGEST_OF_TWO = 15

FORM = TableLook(shares=(13, 37, 13, 37), repeats_head=False)
PROCESS = TableLook(shares=(11, 35, 23, 20, 11))
PROCESS_WITH_NOTES = TableLook(shares=(10, 30, 20, 15, 11, 14), blank_column=NOTES)
BOX = TableLook(row_height=2400)


def look_of(*, title: str, author: str, foot: str, notes_column: bool) -> Look:
    process = PROCESS_WITH_NOTES if notes_column else PROCESS
    tables = {"form": FORM, "process": process, "box": BOX}
    return Look(page=Page(), tables=tables, title=title, author=author, foot=foot)


def one_side(node: Node, side: str = "") -> Node:
    """Variants for town and village written out one after the other under their names, or those of one side alone."""
    content: list[Node] = []
    for child in node.get("content") or []:
        if child["type"] != "variant":
            content.append(one_side(child, side))
        elif not side:
            content += [_paragraph(_side_name(child), kind="subheading"), *one_side(child)["content"]]
        elif attribute(child, "side") == side:
            content += one_side(child, side)["content"]
    return {**node, "content": content}


def has_sides(content: Node) -> bool:
    return any(node["type"] == "variant" for node in walk(content))


def _side_name(variant: Node) -> str:
    usual = VARIANT_SIDES.get(str(attribute(variant, "side")), "")
    return f"【{attribute(variant, 'label') or usual}】"


def plan_blocks(content: Node, facts: Sequence[Fact]) -> list[Node]:
    """The whole plan by the standard form."""
    return [_paragraph(HEADING, kind="title"), *body_blocks(content, facts)]


def body_blocks(content: Node, facts: Sequence[Fact], heading: str = "section") -> Iterator[Node]:
    for node in content.get("content") or []:
        if node["type"] == "header":
            yield head_table(node, facts)
        elif node["type"] == "section":
            yield _paragraph(str(attribute(node, "title") or ""), kind=heading)
            yield from section_blocks(node)
        else:
            yield node


def section_blocks(section: Node) -> list[Node]:
    blocks = section.get("content") or []
    key = attribute(section, "key")
    if key == "board":
        return [{"type": "table", "attrs": {"kind": "box"}, "content": [_row([_cell(blocks)])]}]
    if key == "reflection" and not is_written(section):
        return [_paragraph("", kind="line") for _line in range(LINES)]
    return blocks


def is_written(section: Node) -> bool:
    return any(
        block["type"] != "paragraph" or plain_text(block).strip() for block in section.get("content") or []
    )


# ---- the head -------------------------------------------------------------------------------------------


def head_table(header: Node, facts: Sequence[Fact]) -> Node:
    """The title in a row of its own; below it as many labels in a row as their texts leave room for."""
    fields = [_field(node) for node in header.get("content") or []]
    titles = [field for field in fields if field[2] == "title"]
    labels = {label for label, _inline, _key in fields}
    known: list[Field] = [(label, _text(text), "") for label, text in facts if text and label not in labels]
    rows = [_pair_row([title]) for title in titles]
    rows += [
        _pair_row(pairs) for pairs in _in_rows([*(each for each in fields if each[2] != "title"), *known])
    ]
    return {"type": "table", "attrs": {"kind": "form"}, "content": rows}


def _field(node: Node) -> Field:
    return str(attribute(node, "label") or ""), node.get("content") or [], str(attribute(node, "key") or "")


def _in_rows(fields: Iterable[Field]) -> Iterator[list[Field]]:
    row: list[Field] = []
    for field in fields:
        if row and len(row) >= min(map(_most_in_a_row, [*row, field])):
            yield row
            row = []
        row.append(field)
    if row:
        yield row


def _most_in_a_row(field: Field) -> int:
    length = sum(len(node.get("text") or "") for node in field[1])
    return PAIRS if length <= LONGEST_OF_TWO else 1


def _pair_row(pairs: Sequence[Field]) -> Node:
    """The last text takes what is left of the row."""
    cells: list[Node] = []
    for number, (label, inline, _key) in enumerate(pairs):
        span = 1 if number < len(pairs) - 1 else 2 * (PAIRS - len(pairs)) + 1
        cells.append(_cell([_paragraph(label)], head=True))
        cells.append(_cell([{"type": "paragraph", "content": inline}], colspan=span))
    return _row(cells)


# ---- nodes ----------------------------------------------------------------------------------------------


def _text(text: str) -> list[Node]:
    return [{"type": "text", "text": text}] if text else []


def _paragraph(text: str, kind: str = "body") -> Node:
    return {"type": "paragraph", "attrs": {"kind": kind}, "content": _text(text)}


def _cell(blocks: list[Node], *, head: bool = False, colspan: int = 1) -> Node:
    return {"type": "tableHeader" if head else "tableCell", "attrs": {"colspan": colspan}, "content": blocks}


def _row(cells: list[Node]) -> Node:
    return {"type": "tableRow", "content": cells}
