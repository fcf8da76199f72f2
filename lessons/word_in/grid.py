"""A table as cells with places, and tables made of some of them. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lessons.document import Node, plain_text


@dataclass(frozen=True)
class Placed:
    row: int
    column: int
    rows: int
    columns: int
    node: Node

    @property
    def end_row(self) -> int:
        return self.row + self.rows

    @property
    def end_column(self) -> int:
        return self.column + self.columns

    @property
    def blocks(self) -> list[Node]:
        return self.node["content"]

    @property
    def text(self) -> str:
        return plain_text(self.node).strip()

    @property
    def is_empty(self) -> bool:
        return not self.text and not self.has_more_than_text

    @property
    def has_more_than_text(self) -> bool:
        return any(block["type"] != "paragraph" for block in self.blocks)


@dataclass(frozen=True)
class Band:
    """Rows that no cell of other rows reaches into."""

    first: int
    end: int
    cells: tuple[Placed, ...]

    def row(self, number: int) -> list[Placed]:
        return [cell for cell in self.cells if cell.row == number]


def placed(table: Node) -> list[Placed]:
    cells: list[Placed] = []
    taken: set[tuple[int, int]] = set()
    for number, row in enumerate(table["content"]):
        column = 0
        for node in row.get("content", []):
            while (number, column) in taken:
                column += 1
            attributes = node.get("attrs", {})
            cell = Placed(number, column, attributes.get("rowspan", 1), attributes.get("colspan", 1), node)
            cells.append(cell)
            taken.update(
                (y, x) for y in range(cell.row, cell.end_row) for x in range(cell.column, cell.end_column)
            )
    return cells


def bands(cells: list[Placed]) -> Iterator[Band]:
    waiting: list[Placed] = []
    first = end = 0
    for cell in cells:
        if waiting and cell.row >= end:
            yield Band(first, end, tuple(waiting))
            waiting = []
        if not waiting:
            first, end = cell.row, cell.row
        waiting.append(cell)
        end = max(end, cell.end_row)
    if waiting:
        yield Band(first, end, tuple(waiting))


def table_of(cells: Iterable[Placed]) -> Node:
    """A table of these cells alone; they have to fill their rectangle, up to gaps at the left."""
    cells = sorted(cells, key=lambda cell: (cell.row, cell.column))
    rows = sorted({cell.row for cell in cells})
    edges = sorted({cell.column for cell in cells} | {cell.end_column for cell in cells})
    made: list[Node] = [{"type": "tableRow", "content": []} for _row in rows]
    for cell in cells:
        spans = {
            "colspan": edges.index(cell.end_column) - edges.index(cell.column),
            "rowspan": sum(cell.row <= row < cell.end_row for row in rows),
        }
        widths = cell.node.get("attrs", {}).get("colwidth")
        if widths and len(widths) == spans["colspan"]:
            spans["colwidth"] = widths
        made[rows.index(cell.row)]["content"].append({**cell.node, "attrs": spans})
    return {"type": "table", "content": made}
