"""Tables: Word's grid with its merges as rows of cells with spans."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from foundation.office.docx.reading.walk import Node, Walk
from foundation.office.docx.reading.xml import Element, W, child_value, children, is_on, text_of, whole
from foundation.office.message import gettext_noop, message

WIDEST = 2**31
MAX_ROWS = 5_000
MAX_COLUMNS = 500
DXA_IN_PIXEL = 15
WIDEST_PIXELS = 2_000

Blocks = Callable[[Element], list[Node]]


@dataclass
class Cell:
    row: int
    column: int  # in Word's grid
    end: int
    rows: int = 1
    head: bool = False
    content: list[Node] = field(default_factory=list)


def table(walk: Walk, element: Element, blocks: Blocks) -> Node | None:
    """None for a table without cells."""
    outermost = walk.row == 0
    if outermost:
        walk.tables += 1
    cells, rows = _cells(walk, element, blocks, outermost)
    if outermost:
        walk.row = walk.cell = 0
    if not cells:
        return None
    _fill_gaps(cells, rows)
    return _node(walk, cells, _grid(element))


# ---- reading ---------------------------------------------------------------------------------------------
def _cells(walk: Walk, element: Element, blocks: Blocks, outermost: bool) -> tuple[list[Cell], int]:
    cells: list[Cell] = []
    above: dict[int, Cell] = {}  # the cell that reaches down to here, by its first column
    number = 0
    for row in children(element):
        if row.tag != W + "tr":
            continue
        properties = row.find(W + "trPr")
        if properties is not None and properties.find(W + "del") is not None:
            _leave_out_row(walk, row)
            continue
        if number >= MAX_ROWS:
            walk.leave_out(message(gettext_noop("表格太长：后面的行")), text_of(row))
            continue
        if outermost:
            walk.row = number + 1
        above = _row(walk, row, number, cells, above, blocks, outermost)
        number += 1
    return cells, number


def _row(
    walk: Walk,
    row: Element,
    number: int,
    cells: list[Cell],
    above: dict[int, Cell],
    blocks: Blocks,
    outermost: bool,
) -> dict[int, Cell]:
    properties = row.find(W + "trPr")
    head = properties is not None and bool(is_on(properties.find(W + "tblHeader")))
    column = _before(row)
    reaching: dict[int, Cell] = {}
    last: Cell | None = None
    position = 0
    for found in children(row):
        if found.tag != W + "tc":
            continue
        position += 1
        if outermost:
            walk.cell = position
        if position > MAX_COLUMNS:
            walk.leave_out(message(gettext_noop("表格太宽：后面的格")), text_of(found))
            continue
        given = found.find(W + "tcPr")
        end = min(column + whole(child_value(given, "gridSpan"), least=1, most=WIDEST, default=1), WIDEST)
        if _continues(given, "hMerge") and last is not None:
            last.end = end
            _leave_out_covered(walk, found)
        elif _continues(given, "vMerge") and column in above:
            last = above[column]
            last.rows += 1
            last.end = max(last.end, end) if last.rows == 1 else last.end
            reaching[column] = last
            _leave_out_covered(walk, found)
        else:
            last = Cell(number, column, end, head=head)
            walk.made()
            cells.append(last)
            last.content = _content(walk, found, given, blocks)
            reaching[column] = last
        column = end
    return reaching


def _before(row: Element) -> int:
    properties = row.find(W + "trPr")
    return whole(child_value(properties, "gridBefore"), least=0, most=WIDEST, default=0)


def _continues(properties: Element | None, name: str) -> bool:
    """`<w:vMerge/>` without a value goes on; “restart” begins a merged cell."""
    merge = properties.find(W + name) if properties is not None else None
    return merge is not None and (merge.get(W + "val") or "continue") != "restart"


def _content(walk: Walk, cell: Element, properties: Element | None, blocks: Blocks) -> list[Node]:
    if properties is not None and properties.find(W + "cellDel") is not None:
        walk.leave_out(message(gettext_noop("修订中删去的格")), text_of(cell))
        return []
    return blocks(cell)


def _leave_out_row(walk: Walk, row: Element) -> None:
    text = text_of(row)
    walk.leave_out(message(gettext_noop("修订中删去的一行")), text)


def _leave_out_covered(walk: Walk, cell: Element) -> None:
    text = text_of(cell)
    if text:
        walk.leave_out(message(gettext_noop("被合并的格盖住的文字")), text)


def _grid(element: Element) -> list[int]:
    """The widths of the grid's columns in pixels."""
    columns = element.findall(f"{W}tblGrid/{W}gridCol")[:MAX_COLUMNS]
    return [
        whole(column.get(W + "w"), least=0, most=WIDEST_PIXELS * DXA_IN_PIXEL, default=0) // DXA_IN_PIXEL
        for column in columns
    ]


# ---- a whole rectangle -----------------------------------------------------------------------------------
def _fill_gaps(cells: list[Cell], rows: int) -> None:
    """Where a row begins later or ends earlier than the table, an empty cell stands in."""
    taken: list[list[tuple[int, int]]] = [[] for _row in range(rows)]
    for cell in cells:
        for row in range(cell.row, cell.row + cell.rows):
            taken[row].append((cell.column, cell.end))
    edge = max(cell.end for cell in cells)
    for row, ranges in enumerate(taken):
        column = 0
        for start, end in [*sorted(ranges), (edge, edge)]:
            if start > column:
                cells.append(Cell(row, column, start))
            column = max(column, end)
    cells.sort(key=lambda cell: (cell.row, cell.column))


def _node(walk: Walk, cells: list[Cell], widths: list[int]) -> Node:
    """Columns and rows in which nothing begins are taken out of the spans."""
    edges = sorted({cell.column for cell in cells} | {cell.end for cell in cells})
    first_rows = sorted({cell.row for cell in cells})
    rows: list[Node] = [{"type": "tableRow", "content": []} for _row in first_rows]
    walk.made(len(rows))
    for cell in cells:
        first, end = bisect_left(edges, cell.column), bisect_left(edges, cell.end)
        row = bisect_left(first_rows, cell.row)
        after = bisect_left(first_rows, cell.row + cell.rows)
        attributes = {"colspan": end - first, "rowspan": after - row}
        width = _widths(edges[first : end + 1], widths)
        if width:
            attributes["colwidth"] = width  # type: ignore[assignment]
        rows[row]["content"].append(
            {
                "type": "tableHeader" if cell.head else "tableCell",
                "attrs": attributes,
                "content": cell.content or [{"type": "paragraph"}],
            }
        )
    return {"type": "table", "content": rows}


def _widths(edges: list[int], widths: list[int]) -> list[int] | None:
    """The widths of the columns between the edges, where the grid knows them all."""
    if edges[-1] > len(widths):
        return None
    found = [sum(widths[start:end]) for start, end in pairwise(edges)]
    return found if all(found) else None
