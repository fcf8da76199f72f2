"""A record as a Word document: one table with a label at the left, on A4, as it is kept in a folder."""

import io
from collections.abc import Iterable, Sequence
from itertools import pairwise

from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as Opened
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT as VERTICAL
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from foundation.office.tables import visible
from foundation.records.form import Cell
from foundation.records.queries import Shown

LATIN, CHINESE, HEADING = "Times New Roman", "宋体", "黑体"
LABEL, CONTENT = Cm(2.8), Cm(14.2)
GRID = 12
"""Columns of the table: every row takes its cells out of them, so that two fields can share one."""
PAIRS = (("time", "place"), ("host", "recorder"))
WIDE = {Cell.PROSE, Cell.VIEWPOINTS, Cell.WORDS}


def write(title: str, fields: Sequence[Shown], foot: str) -> bytes:
    document = _blank()
    _heading(document, title)
    table = _table(document)
    by_key = {each.field.key: each for each in fields}
    second = {right for _left, right in PAIRS}
    for each in fields:
        pair = next((right for left, right in PAIRS if left == each.field.key and right in by_key), None)
        if pair:
            _pair(table, each, by_key[pair])
        elif each.field.key not in second:
            _field(table, each)
    _small(document, foot)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


# ---- the page ------------------------------------------------------------------------------------------
def _blank() -> Opened:
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    style = document.styles["Normal"]
    _font(style, CHINESE)
    style.font.size = Pt(12)
    _page_number(section.footer.paragraphs[0])
    return document


def _font(styled: object, chinese: str) -> None:
    styled.font.name = LATIN  # type: ignore[attr-defined]  # a style or a run
    element = styled.element if hasattr(styled, "element") else styled._element  # type: ignore[attr-defined]
    element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), chinese)


def _page_number(paragraph: Paragraph) -> None:
    paragraph.alignment = ALIGN.CENTER
    run = paragraph.add_run()
    for kind, text in (("begin", ""), (None, "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        element.text = text or None
        run._r.append(element)


def _heading(document: Opened, title: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = ALIGN.CENTER
    run = paragraph.add_run(title)
    _font(run, HEADING)
    run.font.size, run.font.bold = Pt(18), True


def _small(document: Opened, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = ALIGN.RIGHT
    paragraph.paragraph_format.space_before = Pt(6)
    paragraph.add_run(visible(text)).font.size = Pt(9)


def _table(document: Opened) -> Table:
    table = document.add_table(rows=0, cols=GRID)
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column in table.columns:
        column.width = int((LABEL + CONTENT) / GRID)
    return table


# ---- its rows ------------------------------------------------------------------------------------------
def _row(table: Table, ends: Iterable[int]) -> list[_Cell]:
    """A row whose cells end at these columns of the grid. It is not broken over two pages unless it must."""
    row = table.add_row()
    cells = [row.cells[start].merge(row.cells[end - 1]) for start, end in pairwise((0, *ends))]
    for cell in cells:
        cell.vertical_alignment = VERTICAL.CENTER
    return cells


def _pair(table: Table, left: Shown, right: Shown) -> None:
    cells = _row(table, (2, 6, 8, GRID))
    for (label, content), each in zip((cells[:2], cells[2:]), (left, right), strict=True):
        _label(label, str(each.field.label))
        _text(content, each.text)


def _field(table: Table, each: Shown) -> None:
    if each.field.is_discussion:
        _discussion(table, each)
    elif each.field.is_table and each.rows:
        _rows(table, each)
    else:
        label, content = _row(table, (2, GRID))
        _label(label, str(each.field.label))
        _text(content, each.text)


def _discussion(table: Table, each: Shown) -> None:
    """问题, 观点, 共识 below one another, a block for each question; the label runs along all of them."""
    first = len(table.rows)
    for number, question in enumerate(each.questions, start=1):
        viewpoints = "\n".join(question.viewpoints)
        parts = (
            (_("问题 %(number)s") % {"number": number}, question.question),
            (_("观点"), viewpoints),
            (_("共识"), question.consensus),
        )
        for name, text in parts:
            _label_cell, part, content = _row(table, (2, 4, GRID))
            _label(part, name)
            _text(content, text)
    if not each.questions:
        _label(_row(table, (2, GRID))[0], str(each.field.label))
    else:
        _label_along(table, first, str(each.field.label))


def _rows(table: Table, each: Shown) -> None:
    """Its own head row and rows in the right part of the table."""
    first, ends = len(table.rows), _ends(each)
    heads = [str(column.label) for column in each.field.shown]
    for number, texts in enumerate([heads, *each.rows]):
        for cell, text in zip(_row(table, (2, *ends))[1:], texts, strict=True):
            _label(cell, text) if number == 0 else _text(cell, text)
    _label_along(table, first, str(each.field.label))


def _ends(each: Shown) -> list[int]:
    """Ten columns of the grid, words twice as wide as days and numbers."""
    weights = [2 if column.cell in WIDE else 1 for column in each.field.shown]
    ends, taken = [], 0
    for weight in weights:
        taken += weight
        ends.append(2 + round((GRID - 2) * taken / sum(weights)))
    return ends


def _label_along(table: Table, first: int, text: str) -> None:
    top, bottom = table.cell(first, 0), table.cell(len(table.rows) - 1, 0)
    _label(top.merge(bottom), text)


def _label(cell: _Cell, text: str) -> None:
    paragraph = _only_paragraph(cell)
    paragraph.alignment = ALIGN.CENTER
    paragraph.add_run(visible(text)).bold = True


def _text(cell: _Cell, text: str) -> None:
    first, *rest = map(visible, text.split("\n"))
    _only_paragraph(cell).add_run(first)
    for line in rest:
        cell.add_paragraph(line)


def _only_paragraph(cell: _Cell) -> Paragraph:
    """Cells that were made one keep an empty paragraph of each."""
    for paragraph in cell.paragraphs[1:]:
        paragraph._p.getparent().remove(paragraph._p)
    return cell.paragraphs[0]
