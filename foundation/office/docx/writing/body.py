"""Blocks as XML: paragraphs, lists, pictures, tables in tables."""

from collections.abc import Iterable, Sequence
from math import ceil

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RT

from foundation.office.docx import GAP_STYLE, LABEL_STYLE
from foundation.office.docx.writing.grid import Grid, Place, head_rows, lay_out, widths
from foundation.office.docx.writing.look import PLAIN, Look, Node, Pictures, TableLook
from foundation.office.docx.writing.numbering import DEEPEST, INDENT, Numbering
from foundation.office.docx.writing.pictures import Album
from foundation.office.docx.writing.xml import runs, words

CELL_MARGIN = 105
MOST_NESTED = 6
"""Tables in tables; what is deeper is written line by line."""
LETTER = 210
LINES_KEPT_TOGETHER = 22
"""A row that is higher may be cut, or it would leave half a page empty."""
STYLES = {
    "title": "PlanTitle",
    "section": "Heading1",
    "heading": "Heading2",
    "subheading": "Heading3",
    "line": "PlanLine",
}
BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


class Writer:
    """Writes blocks for one document: numbers, pictures and addresses are kept in its package."""

    def __init__(self, document: Document, look: Look, pictures: Pictures) -> None:
        self._look = look
        self._pictures = pictures
        self._part = document.part
        self._numbering = Numbering(document)
        self._album = Album(document.part)

    def blocks(self, nodes: Iterable[Node], room: int | None = None, style: str = "", depth: int = 0) -> str:
        """Ends with a paragraph, as a cell and a body must."""
        self._numbering.start()
        written: list[str] = []
        after_table = False
        for node in nodes:
            is_table = node["type"] == "table" and depth < MOST_NESTED
            if is_table and after_table:
                written.append(gap())
            written.append(self._block(node, room or self._look.page.room, style, depth))
            after_table = is_table
        if after_table or not written:
            written.append(gap() if written else self._paragraph({"type": "paragraph"}, style))
        return "".join(written)

    def _block(self, node: Node, room: int, style: str, depth: int) -> str:
        if node["type"] == "paragraph":
            return self._paragraph(node, style)
        written = self._other(node, room, style, depth)
        self._numbering.start()
        return written

    def _other(self, node: Node, room: int, style: str, depth: int) -> str:
        if node["type"] == "image":
            return self._picture(node, room, style)
        if node["type"] != "table":
            return self.blocks(node.get("content") or [], room, style, depth)
        if depth < MOST_NESTED:
            return self._table(node, room, depth)
        return "".join(self._line_by_line(node, style))

    # ---- paragraphs -----------------------------------------------------------------------------------
    def _paragraph(self, node: Node, style: str) -> str:
        attrs = node.get("attrs") or {}
        kind = str(attrs.get("kind") or "body")
        level = min(max(int(attrs.get("level") or 0), 0), DEEPEST)
        number, place = self._number(kind, level, attrs)
        style = STYLES.get(kind, style)
        properties = (
            _style(style)
            + (f'<w:numPr><w:ilvl w:val="{place}"/><w:numId w:val="{number}"/></w:numPr>' if number else "")
            + (f'<w:ind w:left="{INDENT * level}"/>' if level and not number else "")
            + _alignment(attrs.get("align"), style)
        )
        inside = runs(node.get("content") or [], self._relate)
        return f"<w:p>{_properties('w:pPr', properties)}{inside}</w:p>"

    def _number(self, kind: str, level: int, attrs: Node) -> tuple[int, int]:
        if kind in ("ordered", "bullet") and attrs.get("marker"):
            return self._numbering.own(level, str(attrs["marker"]), ordered=kind == "ordered"), level
        if kind == "ordered":
            return self._numbering.number(level), level
        if kind == "bullet":
            return self._numbering.bullet(level), level
        if kind == "task":
            return self._numbering.box(level, ticked=bool(attrs.get("checked"))), level
        self._numbering.start()
        return (self._numbering.section(), 0) if kind == "section" else (0, 0)

    def _relate(self, address: str) -> str:
        return self._part.relate_to(address, RT.HYPERLINK, is_external=True)

    def _line_by_line(self, node: Node, style: str) -> Iterable[str]:
        for child in node.get("content") or []:
            if child["type"] == "paragraph":
                yield self._paragraph(child, style)
            else:
                yield from self._line_by_line(child, style)

    # ---- pictures -------------------------------------------------------------------------------------
    def _picture(self, node: Node, room: int, style: str) -> str:
        file = str((node.get("attrs") or {}).get("file") or "")
        content = self._pictures(file) if file else None
        found = self._album.add(file, content) if content else None
        shown = _properties("w:pPr", _style(style) + '<w:jc w:val="center"/>')
        if found is None:
            alt = (node.get("attrs") or {}).get("alt") or "…"
            return f"<w:p>{shown}{runs([{'type': 'text', 'text': f'［{alt}］'}], self._relate)}</w:p>"
        page = self._look.page
        height = (page.height - page.top - page.bottom) * 4 // 5
        return f"<w:p>{shown}{self._album.drawing(node, found, room, height)}</w:p>"

    # ---- tables ---------------------------------------------------------------------------------------
    def _table(self, node: Node, room: int, depth: int) -> str:
        kind = str((node.get("attrs") or {}).get("kind") or "")
        look = self._look.tables.get(kind, PLAIN)
        grid = lay_out(node, look.blank_column)
        columns = widths(grid, room, look.shares)
        heads = head_rows(grid) if look.repeats_head else 0
        rows = "".join(
            self._row(row, columns, look, depth, is_head=index < heads) for index, row in enumerate(grid.rows)
        )
        caption = f'<w:tblCaption w:val="{kind}"/>' if kind in self._look.tables else ""
        column_widths = "".join(f'<w:gridCol w:w="{width}"/>' for width in columns)
        return (
            f'<w:tbl><w:tblPr><w:tblW w:w="{room}" w:type="dxa"/><w:jc w:val="center"/>'
            f'<w:tblBorders>{BORDERS}</w:tblBorders><w:tblLayout w:type="fixed"/>{_margins()}{caption}</w:tblPr>'
            f"<w:tblGrid>{column_widths}</w:tblGrid>"
            f"{rows or self._empty_row(grid, columns)}</w:tbl>"
        )

    def _empty_row(self, grid: Grid, columns: Sequence[int]) -> str:
        return self._row([Place(0, grid.columns)], columns, PLAIN, 0, is_head=False)

    def _row(
        self, row: list[Place], columns: Sequence[int], look: TableLook, depth: int, *, is_head: bool
    ) -> str:
        rooms = [sum(columns[place.column : place.column + place.columns]) for place in row]
        high = max(map(_lines, row, rooms), default=1)
        properties = (
            ("<w:cantSplit/>" if high <= LINES_KEPT_TOGETHER else "")
            + (f'<w:trHeight w:val="{look.row_height}" w:hRule="atLeast"/>' if look.row_height else "")
            + ("<w:tblHeader/>" if is_head else "")
        )
        cells = "".join(self._cell(place, room, depth) for place, room in zip(row, rooms, strict=True))
        return f"<w:tr>{_properties('w:trPr', properties)}{cells}</w:tr>"

    def _cell(self, place: Place, room: int, depth: int) -> str:
        label = place.is_head
        properties = (
            f'<w:tcW w:w="{room}" w:type="dxa"/>'
            + (f'<w:gridSpan w:val="{place.columns}"/>' if place.columns > 1 else "")
            + ("<w:vMerge/>" if place.above else '<w:vMerge w:val="restart"/>' if place.rows > 1 else "")
            + (
                '<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/><w:vAlign w:val="center"/>'
                if label
                else ""
            )
        )
        style = LABEL_STYLE if label else "PlanCell"
        inside = [*(place.cell or {}).get("content", []), *place.overflow]
        blocks = self.blocks(inside, room - 2 * CELL_MARGIN, style, depth + 1)
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{blocks}</w:tc>"


def _style(name: str) -> str:
    return f'<w:pStyle w:val="{name}"/>' if name else ""


def _alignment(align: object, style: str) -> str:
    """What stands in a head cell is in the middle by its style."""
    if align not in ("left", "center", "right") or (align == "center" and style == LABEL_STYLE):
        return ""
    return f'<w:jc w:val="{align}"/>'


def _properties(tag: str, inside: str) -> str:
    return f"<{tag}>{inside}</{tag}>" if inside else ""


def gap() -> str:
    """Between two tables, and after a table that ends a cell: a paragraph as small as can be."""
    return f"<w:p><w:pPr>{_style(GAP_STYLE)}</w:pPr></w:p>"


def _margins() -> str:
    sides = "".join(f'<w:{side} w:w="{CELL_MARGIN}" w:type="dxa"/>' for side in ("left", "right"))
    return f"<w:tblCellMar>{sides}</w:tblCellMar>"


def _lines(place: Place, room: int) -> int:
    """About how many lines a cell takes; one that reaches over several rows holds none of them together."""
    if place.cell is None or place.rows > 1:
        return 1
    in_a_line = max((room - 2 * CELL_MARGIN) // LETTER, 1)
    return sum(_block_lines(block, in_a_line) for block in place.cell.get("content") or [])


def _block_lines(block: Node, in_a_line: int) -> int:
    if block["type"] == "image":
        return LINES_KEPT_TOGETHER // 2
    if block["type"] == "table":
        return sum(1 + len(words(row)) // in_a_line for row in block.get("content") or [])
    return max(ceil(len(words(block)) / in_a_line), 1)
