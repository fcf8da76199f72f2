"""Writing a table: an empty form with an explanation of every column, or the same form filled in."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from foundation.office.tables.columns import Column, visible
from foundation.office.tables.reading import MAX_ROWS, Sheet

EXPLANATION = "填写说明"
HEAD = PatternFill("solid", fgColor="DDEBE3")
NEEDED = PatternFill("solid", fgColor="FFF1B8")
LINE = Border(bottom=Side("thin", color="B9C4BD"))
LONGEST_LIST = 255
"""Characters of a drop-down's list: the format allows no more."""


def write(
    sheets: Sequence[Sheet],
    rows: Mapping[str, Iterable[Mapping[str, Any]]] | None = None,
    *,
    about: Sequence[str] = (),
) -> bytes:
    """An xlsx with one sheet each and, first, the explanation. `rows`: what to fill in, by the sheet's key."""
    workbook = Workbook()
    _explain(workbook.active, sheets, about)
    for sheet in sheets:
        _fill(workbook.create_sheet(sheet.title), sheet, (rows or {}).get(sheet.key, ()))
    return _bytes(workbook)


def write_list(sheets: Sequence[Sheet], rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> bytes:
    """An xlsx to be read, not to be filled in: the sheets alone, without an explanation."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for sheet in sheets:
        _fill(workbook.create_sheet(sheet.title), sheet, rows[sheet.key])
    return _bytes(workbook)


def _bytes(workbook: Workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _fill(page: Worksheet, sheet: Sheet, rows: Iterable[Mapping[str, Any]]) -> None:
    page.freeze_panes = "A2"
    for position, column in enumerate(sheet.columns, start=1):
        letter = get_column_letter(position)
        page.column_dimensions[letter].width = column.width
        page.column_dimensions[letter].number_format = column.number_format
        if column.choices:
            page.add_data_validation(_drop_down(column, letter))
        _head(page.cell(1, position, column.title), column)
    for number, row in enumerate(rows, start=2):
        for position, column in enumerate(sheet.columns, start=1):
            _put(page.cell(number, position), row.get(column.key), column.number_format)


def _head(cell: Any, column: Column) -> None:
    cell.font, cell.border = Font(bold=True), LINE
    cell.fill = NEEDED if column.required else HEAD
    if column.hint:
        cell.comment = Comment(column.hint, "", width=320, height=120)


def _put(cell: Any, value: Any, number_format: str = "@") -> Any:
    cell.value = visible(value) if isinstance(value, str) else value
    cell.number_format = number_format
    if isinstance(value, str):
        cell.data_type = "s"  # a name that begins with = is a name
    return cell


def _drop_down(column: Column, letter: str) -> DataValidation:
    rule = DataValidation(
        type="list",
        formula1='"{}"'.format(",".join(column.choices)[: LONGEST_LIST - 2]),
        allow_blank=True,
        showErrorMessage=False,  # other writings of the same are understood too
    )
    rule.add(f"{letter}2:{letter}{MAX_ROWS}")
    return rule


def _explain(page: Worksheet, sheets: Sequence[Sheet], about: Sequence[str]) -> None:
    page.title = EXPLANATION
    for letter, width in zip("ABCDEF", (14, 18, 8, 64, 22, 22), strict=True):
        page.column_dimensions[letter].width = width
    for number, line in enumerate(about, start=1):
        _put(page.cell(number, 1), line)
    first = len(about) + 2
    for position, text in enumerate(("工作表", "列", "必填", "填什么", "例一", "例二"), start=1):
        cell = _put(page.cell(first, position), text)
        cell.font, cell.fill = Font(bold=True), HEAD
    columns = [(sheet, column) for sheet in sheets for column in sheet.columns]
    for number, (sheet, column) in enumerate(columns, start=first + 1):
        needed = "必填" if column.required else ""
        texts = (sheet.title, column.title, needed, _hint(column), *column.examples[:2])
        for position, text in enumerate(texts, start=1):
            _put(page.cell(number, position), text).alignment = Alignment(wrap_text=True, vertical="top")


def _hint(column: Column) -> str:
    choices = "可以填：" + "、".join(column.choices) + "。" if column.choices else ""
    return f"{column.hint}{choices}"
