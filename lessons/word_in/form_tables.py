"""Plans that are one big table: label and value, a section beside its name, the teaching process. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lessons.document import Node, plain_text
from lessons.schema import PROCESS_COLUMNS
from lessons.word_in.grid import Band, Placed, bands, placed, table_of
from lessons.word_in.words import (
    header_key,
    is_empty_on_paper,
    is_label,
    may_be_label,
    process_column,
    section_key,
)

LONGEST_SUB_TITLE = 12
STEP, TEACHER, PUPILS, _INTENT, MINUTES = range(len(PROCESS_COLUMNS))


@dataclass
class Fields:
    """Labels with their values, as in a plan's head."""

    pairs: list[tuple[str, str]]


@dataclass
class Part:
    """A section by its name; with blocks when they stand beside or under the name."""

    name: str
    blocks: list[Node] = field(default_factory=list)


@dataclass
class Loose:
    """Blocks of whatever section is open."""

    blocks: list[Node]


@dataclass
class Process:
    table: Node


Piece = Fields | Part | Loose | Process


def pieces_of(table: Node) -> list[Piece] | None:
    """What a form says, in its order; None for a table that is no form and stays as it is."""
    cells = placed(table)
    found = list(_pieces(cells))
    telling = [piece for piece in found if not isinstance(piece, Loose)]
    labels = [
        header_key(label) for piece in telling if isinstance(piece, Fields) for label, _value in piece.pairs
    ]
    is_form = len(labels) >= 2 or "title" in labels or any(not isinstance(piece, Fields) for piece in telling)
    return found if is_form else None


def _pieces(cells: list[Placed]) -> Iterator[Piece]:
    left = list(bands(cells))
    plain: list[Placed] = []
    while left:
        band = left.pop(0)
        head = _process_head(band)
        if head is not None:
            yield from _flush(plain)
            rows = [cell for cell in band.cells if cell.row >= head]
            while left and _belongs_to_process(left[0]):
                rows += left.pop(0).cells
            yield Process(process_table(rows))
            continue
        found = _of_band(band)
        if found is None:
            plain += band.cells
        else:
            yield from _flush(plain)
            yield from found
    yield from _flush(plain)


def _flush(plain: list[Placed]) -> Iterator[Piece]:
    if plain:
        yield Loose([table_of(plain)])
        plain.clear()


def _of_band(band: Band) -> list[Piece] | None:
    cells = [cell for cell in band.cells if not is_empty_on_paper(cell.text)] or list(band.cells)
    if len(cells) == 1:
        return _full_width(cells[0])
    if band.end - band.first == 1:
        pairs = _pairs(cells)
        if pairs is not None:
            return pairs
    name, *rest = cells
    if section_key(name.text) and name.row == band.first and name.rows == band.end - band.first:
        return [Part(name.text, _beside(rest, band))]
    return None


def _full_width(cell: Placed) -> list[Piece]:
    """A row of one cell: the name of a section, with or without its text, or text alone."""
    first, *rest = cell.blocks
    name = plain_text(first).strip() if first["type"] == "paragraph" else ""
    if section_key(name):
        return [Part(name, rest)]
    return [Loose(cell.blocks)] if not cell.is_empty else []


def _pairs(cells: list[Placed]) -> list[Piece] | None:
    """课题 | 散步 | 课型 | 新授: every other cell is a label, or the name of a section."""
    both = list(zip(cells[::2], cells[1::2], strict=False))
    if len(cells) % 2 or not any(is_label(label.text) or section_key(label.text) for label, _value in both):
        return None
    if len(both) == 1 and section_key(both[0][0].text):
        return None
    found: list[Piece] = []
    for label, value in both:
        if section_key(label.text):
            found.append(Part(label.text, value.blocks))
        elif may_be_label(label.text) and not value.has_more_than_text:
            found.append(Fields([(label.text, " ".join(value.text.split("\n")))]))
        else:
            return None
    return found


def _beside(cells: list[Placed], band: Band) -> list[Node]:
    """The text beside a section's name: as lines, under sub-titles, or as a table when it is one."""
    rows = [[cell for cell in cells if cell.row == row] for row in range(band.first, band.end)]
    if _is_process_head(rows[0]):
        return [process_table(cells)]
    if all(len(row) <= 1 for row in rows):
        return [block for row in rows for cell in row for block in cell.blocks if not _all_empty(rows)]
    if all(len(row) == 2 and _is_sub_title(row[0]) for row in rows):
        return [block for name, text in rows for block in (_sub_title(name), *text.blocks)]
    return [table_of(cells)]


def _all_empty(rows: list[list[Placed]]) -> bool:
    return all(cell.is_empty for row in rows for cell in row)


def _is_sub_title(cell: Placed) -> bool:
    return 0 < len(cell.text) <= LONGEST_SUB_TITLE and not cell.has_more_than_text and cell.rows == 1


def _sub_title(cell: Placed) -> Node:
    text = " ".join(cell.text.split("\n"))
    return {
        "type": "paragraph",
        "attrs": {"kind": "subheading"},
        "content": [{"type": "text", "text": text}],
    }


# ---- the teaching process ----------------------------------------------------------------------------------
def _process_head(band: Band) -> int | None:
    """The row with the names of the columns; above it may stand the section's name and 复备栏."""
    for number in range(band.first, band.end):
        if _is_process_head(band.row(number)):
            return number
        if any(cell.text and not _is_process_name(cell.text) for cell in band.row(number)):
            return None
    return None


def _is_process_name(text: str) -> bool:
    return section_key(text) == "process" or is_empty_on_paper(text)


def _is_process_head(row: list[Placed]) -> bool:
    columns = {process_column(cell.text) for cell in row}
    return len(columns - {None}) >= 3 or {STEP, TEACHER} <= columns or {TEACHER, PUPILS} <= columns


def _belongs_to_process(band: Band) -> bool:
    """A step may be called 作业 as a section may; but a section has its name and its text, and no more."""
    return len(band.row(band.first)) >= 3 or not section_key(band.cells[0].text.split("\n")[0])


def process_table(cells: list[Placed]) -> Node:
    """The five customary columns; a table that does not fit them whole stays as it is."""
    start = min(cell.row for cell in cells)
    head = [cell for cell in cells if cell.row == start]
    body = [cell for cell in cells if cell.row > start]
    columns = _columns(head, body)
    if columns is None:
        return table_of(cells)
    rows: list[Node] = [_process_row([[_line(name)] for name in PROCESS_COLUMNS], head=True)]
    rows += [_process_row(step) for step in _steps(body, columns)]
    return {"type": "table", "attrs": {"kind": "process"}, "content": rows}


def _columns(head: list[Placed], body: list[Placed]) -> dict[int, int] | None:
    """Which of the five a column of the grid is. None when a column with text is none of them."""
    found: dict[int, int] = {}
    for cell in head:
        column = process_column(cell.text)
        used = any(_overlap(cell, other) and not other.is_empty for other in body)
        if column is None or column in found.values():
            if used or (cell.text and not is_empty_on_paper(cell.text)):
                return None
            continue
        found[cell.column] = column
    edges = {cell.column: cell.end_column for cell in head}
    fits = all(edges.get(cell.column) == cell.end_column or cell.is_empty for cell in body)
    return found if fits and STEP in found.values() else None


def _overlap(one: Placed, other: Placed) -> bool:
    return one.column < other.end_column and other.column < one.end_column


def _steps(body: list[Placed], columns: dict[int, int]) -> Iterator[list[list[Node]]]:
    """A step over several rows is one row here, its texts under one another."""
    for band in bands([cell for cell in body if cell.column in columns]):
        step: list[list[Node]] = [[] for _column in PROCESS_COLUMNS]
        for cell in band.cells:
            if not cell.is_empty:
                step[columns[cell.column]] += cell.blocks
        yield step


def _process_row(columns: list[list[Node]], *, head: bool = False) -> Node:
    name = "tableHeader" if head else "tableCell"
    cells = [{"type": name, "content": column or [{"type": "paragraph"}]} for column in columns]
    return {"type": "tableRow", "content": cells}


def _line(text: str) -> Node:
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}
