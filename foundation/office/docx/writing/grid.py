"""A table as Word needs it: every place of the grid filled, spans that fit, columns with widths. Pure numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from foundation.office.docx.writing.look import Node

MOST_COLUMNS = 63
"""Word opens no table with more."""
PIXEL = 15
NARROWEST = 22
"""Pixels: one character."""


@dataclass
class Place:
    """A cell where it begins, or one column of a row that a cell above reaches into."""

    column: int
    columns: int
    rows: int = 1
    cell: Node | None = None
    above: "Place | None" = None
    overflow: list[Node] = field(default_factory=list)
    """Blocks of cells that found no column."""

    @property
    def is_head(self) -> bool:
        cell = (self.above or self).cell
        return cell is not None and cell["type"] == "tableHeader"


@dataclass
class Grid:
    rows: list[list[Place]]
    columns: int
    pixels: list[int | None]


def lay_out(table: Node, blank_column: str = "") -> Grid:
    rows = [row.get("content") or [] for row in table.get("content") or [] if row["type"] == "tableRow"]
    taken: list[dict[int, Place]] = [{} for _row in rows]
    pixels: dict[int, int] = {}
    for number, cells in enumerate(rows):
        column = 0
        for cell in cells:
            while column in taken[number]:
                column += 1
            if column >= MOST_COLUMNS:
                _overflow(taken[number], cell)
                continue
            place = _put(taken, number, column, cell)
            _widths(pixels, column, cell)
            column += place.columns
    columns = max((column + 1 for row in taken for column in row), default=1)
    grid = Grid(
        [_filled(row, columns) for row in taken], columns, [pixels.get(each) for each in range(columns)]
    )
    if blank_column and columns < MOST_COLUMNS:
        _add_blank_column(grid, blank_column)
    return grid


def _add_blank_column(grid: Grid, head: str) -> None:
    for number, row in enumerate(grid.rows):
        row.append(Place(grid.columns, 1, cell=_cell_of(head) if number == 0 else None))
    grid.columns += 1
    grid.pixels.append(None)


def _cell_of(text: str) -> Node:
    return {
        "type": "tableHeader",
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    }


def _put(taken: list[dict[int, Place]], number: int, column: int, cell: Node) -> Place:
    """As wide as there is room in the row, as high as there is room in all its columns."""
    columns = 0
    wanted = min(_span(cell, "colspan"), MOST_COLUMNS - column)
    while columns < wanted and column + columns not in taken[number]:
        columns += 1
    own = range(column, column + columns)
    rows = 1
    while rows < min(_span(cell, "rowspan"), len(taken) - number) and not any(
        each in taken[number + rows] for each in own
    ):
        rows += 1
    place = Place(column, columns, rows, cell)
    for below in range(number, number + rows):
        shown = place if below == number else Place(column, columns, rows, above=place)
        taken[below].update(dict.fromkeys(own, shown))
    return place


def _span(cell: Node, name: str) -> int:
    value = (cell.get("attrs") or {}).get(name)
    return max(int(value), 1) if isinstance(value, int | float) else 1


def _overflow(row: dict[int, Place], cell: Node) -> None:
    last = row[max(row)]
    (last.above or last).overflow.extend(cell.get("content") or [])


def _widths(pixels: dict[int, int], column: int, cell: Node) -> None:
    for step, width in enumerate((cell.get("attrs") or {}).get("colwidth") or []):
        if isinstance(width, int | float) and width > 0:
            pixels.setdefault(column + step, int(width))


def _filled(row: dict[int, Place], columns: int) -> list[Place]:
    places: list[Place] = []
    for column in range(columns):
        place = row.get(column) or Place(column, 1)
        if not places or places[-1] is not place:
            places.append(place)
    return places


def widths(grid: Grid, room: int, shares: Sequence[int] = ()) -> list[int]:
    """Of every column, together exactly the room there is. Whole pixels: what is read again is the same."""
    pixels = room // PIXEL
    if sum(width or 0 for width in grid.pixels) == pixels and all(grid.pixels):
        found = [width or 0 for width in grid.pixels]
    else:
        found = _spread(grid, pixels, shares)
    return [width * PIXEL for width in found[:-1]] + [room - sum(found[:-1]) * PIXEL]


def _spread(grid: Grid, pixels: int, shares: Sequence[int]) -> list[int]:
    known = [width for width in grid.pixels if width]
    if known:
        usual = sum(known) / len(known)
        weights = [width or usual for width in grid.pixels]
    else:
        weights = list(shares) if len(shares) == grid.columns else [1] * grid.columns
    least = min(NARROWEST, pixels // grid.columns)
    spare, total = pixels - least * grid.columns, sum(weights)
    edges = [round(spare * sum(weights[: index + 1]) / total) for index in range(grid.columns)]
    return [least + edge - before for edge, before in zip(edges, [0, *edges], strict=False)]


def head_rows(grid: Grid) -> int:
    """Leading rows of head cells, none of which reaches further down. A table of heads alone has none."""
    number = 0
    for row in grid.rows:
        if not all(place.is_head for place in row):
            break
        number += 1
    if number == len(grid.rows):
        return 0
    while number and any(_reaches_below(grid, index, number) for index in range(number)):
        number -= 1
    return number


def _reaches_below(grid: Grid, index: int, number: int) -> bool:
    return any(place.cell is not None and index + place.rows > number for place in grid.rows[index])
