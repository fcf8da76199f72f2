"""Reading a workbook: which sheet is which, where its heads stand, then row by row, all that is wrong at once."""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from foundation.office.message import Message, Refused, Trouble, Wrong, gettext_noop, message
from foundation.office.tables.columns import FORMULA_ERRORS, NO_VALUE, Column, same, tidy
from foundation.office.tables.package import Part, check

MAX_ROWS = 100_000
"""Rows of a sheet. A large county has some 8,000 teachers."""
MAX_TROUBLES = 2_000
"""Troubles kept, so that a file that is wrong throughout can still be shown. All are counted."""
HEAD_WITHIN = 20
WIDEST = 200
MAX_MERGED_CELLS = 200_000
ASIDE = re.compile(r"[（(].*?[)）]|[*＊:：]")

Values = tuple[Any, ...]


@dataclass(frozen=True)
class Sheet:
    key: str
    title: str
    columns: tuple[Column, ...]
    also: tuple[str, ...] = ()

    @property
    def needed(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.required or column.needed)


@dataclass(frozen=True)
class Row:
    """`values`: by the keys of the columns, None where nothing stands. `wrong`: keys whose cell was refused."""

    sheet: str
    number: int
    values: Mapping[str, Any]
    letters: Mapping[str, str]
    wrong: frozenset[str] = frozenset()

    def cell(self, key: str) -> str:
        """The address of a column's cell; of the row's first where the table has no such column."""
        return f"{self.letters.get(key, 'A')}{self.number}"

    def trouble(self, key: str, text: str, /, **values: Any) -> Trouble:
        return self.about(key, message(text, **values))

    def about(self, key: str, said: Message) -> Trouble:
        return Trouble(self.sheet, self.cell(key), said)


@dataclass
class Tables:
    """What was read. `troubles` forbid the import, `notes` are worth a look."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    notes: list[Trouble] = field(default_factory=list)


def read(
    content: bytes, sheets: Sequence[Sheet], *, progress: Callable[[int], None] = lambda rows: None
) -> Tables:
    """All rows of the sheets that are in the file. Raises Refused where the file cannot be read at all.

    `progress` is told the number of rows read, now and then.
    """
    with opened(content) as workbook:
        return _read(workbook, sheets, progress)


@contextmanager
def opened(content: bytes) -> Iterator["Workbook"]:
    """The checked file, read row by row. Whatever is broken in it, now or while it is read, is Refused."""
    parts = check(content)
    try:
        with Workbook(content, parts) as workbook:
            yield workbook
    except Refused:
        raise
    except Exception as error:  # the library raises whatever its parts raise about a broken file
        raise Refused(
            gettext_noop("这个文件里有一处读不了，可能坏了。请用表格软件打开，另存一份再传。")
        ) from error


class Workbook:
    """The file opened for values, and a second time for formulas where a sheet has any."""

    def __init__(self, content: bytes, parts: Mapping[str, Part]) -> None:
        self.parts = parts
        self._values = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        with_formulas = any(part.formulas for part in parts.values())
        self._formulas = load_workbook(io.BytesIO(content), read_only=True) if with_formulas else None
        self.visible = [
            name for name in self._names() if self._values[name].sheet_state == "visible" and name in parts
        ]
        self.hidden = [name for name in self._names() if name not in self.visible]

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, *_error: object) -> None:
        self._values.close()
        if self._formulas is not None:
            self._formulas.close()

    def _names(self) -> list[str]:
        return [sheet.title for sheet in self._values.worksheets]

    def rows(
        self, name: str, width: int, most: int | None = None, *, across: bool = False
    ) -> Iterator[tuple[int, Values]]:
        """Row by row from the first, a formula without its value as NO_VALUE.

        Merged cells are filled downwards and, where wanted, within the row.
        """
        rows: Iterable[Values]
        if self._formulas is not None and self.parts[name].formulas:
            pairs = (_rows_of(each, name, width, most) for each in (self._values, self._formulas))
            rows = (_with_formulas(*pair) for pair in zip(*pairs, strict=False))
        else:
            rows = _rows_of(self._values, name, width, most, values_only=True)
        return _filled(rows, _merged_cells(self.parts[name].merged, width), across)


def _rows_of(
    workbook: Any, name: str, width: int, most: int | None, values_only: bool = False
) -> Iterator[Values]:
    sheet = workbook[name]
    sheet.reset_dimensions()  # what a file says of its own size is often wrong
    return sheet.iter_rows(max_col=width, max_row=most, values_only=values_only)


def _with_formulas(cells: Values, formulas: Values) -> Values:
    """A cell of type "str" is a formula whose result is an empty text: that is a value."""
    return tuple(
        NO_VALUE
        if cell.value is None and formula.data_type == "f" and cell.data_type != "str"
        else cell.value
        for cell, formula in zip(cells, formulas, strict=True)
    )


def _merged_cells(ranges: Iterable[str], width: int) -> dict[tuple[int, int], tuple[int, int]]:
    """For every cell under a merged range but its first: where its value stands."""
    places: dict[tuple[int, int], tuple[int, int]] = {}
    for each in ranges:
        left, top, right, bottom = range_boundaries(each)
        right, bottom = min(right, width), min(bottom, MAX_ROWS + HEAD_WITHIN)
        if len(places) + (right - left + 1) * (bottom - top + 1) > MAX_MERGED_CELLS:
            raise Refused(gettext_noop("合并单元格太多。请取消合并，每行都填上，再传。"))
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if (row, column) != (top, left):
                    places[row, column] = (top, left)
    return places


def _filled(
    rows: Iterable[Values], places: dict[tuple[int, int], tuple[int, int]], across: bool
) -> Iterator[tuple[int, Values]]:
    firsts = set(places.values())
    held: dict[tuple[int, int], Any] = {}
    for number, values in enumerate(rows, start=1):
        if places:
            if across:
                held |= _firsts_of(number, values, firsts)
            values = tuple(
                held.get(places.get((number, column), (0, 0)), value)
                for column, value in enumerate(values, start=1)
            )
            held |= _firsts_of(number, values, firsts)
        yield number, values


def _firsts_of(number: int, values: Values, firsts: set[tuple[int, int]]) -> dict[tuple[int, int], Any]:
    return {
        (number, column): value for column, value in enumerate(values, start=1) if (number, column) in firsts
    }


# ---- which sheet is which -----------------------------------------------------------------------------
def _read(workbook: Workbook, sheets: Sequence[Sheet], progress: Callable[[int], None]) -> Tables:
    tables = Tables(rows={sheet.key: [] for sheet in sheets})
    found = _match(workbook, sheets)
    _tell_hidden(workbook, sheets, tables)
    if not found and not tables.troubles:
        raise Refused(
            gettext_noop("没有找到工作表%(titles)s。请用下载的空表，不要改工作表的名字。"),
            titles="".join(f"“{sheet.title}”" for sheet in sheets),
        )
    done = 0
    for sheet in sheets:
        if sheet.key in found:
            done = _read_sheet(workbook, found[sheet.key], sheet, tables, progress, done)
    return tables


def _match(workbook: Workbook, sheets: Sequence[Sheet]) -> dict[str, str]:
    """By name; a sheet under another name is known by its heads."""
    found: dict[str, str] = {}
    for sheet in sheets:
        names = {same(each) for each in (sheet.title, *sheet.also)}
        match = next((name for name in workbook.visible if same(name) in names), None)
        if match is not None:
            found[sheet.key] = match
    for name in workbook.visible:
        if name in found.values():
            continue
        for sheet in sheets:
            if sheet.key not in found and _heads(workbook, name, sheet).complete:
                found[sheet.key] = name
                break
    return found


def _tell_hidden(workbook: Workbook, sheets: Sequence[Sheet], tables: Tables) -> None:
    names = {same(each) for sheet in sheets for each in (sheet.title, *sheet.also)}
    visible = {same(name) for name in workbook.visible}
    for name in workbook.hidden:
        if same(name) in names and same(name) not in visible:
            said = message(
                gettext_noop("工作表“%(name)s”是隐藏的，没有读。要导入它，请取消隐藏再传。"), name=name
            )
            tables.troubles.append(Trouble(name, "A1", said))


@dataclass
class _Heads:
    row: int = 0
    columns: dict[str, int] = field(default_factory=dict)  # key → column, from 1
    twice: list[tuple[int, str]] = field(default_factory=list)
    unknown: list[tuple[int, str]] = field(default_factory=list)
    missing: list[Column] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return self.row > 0 and not self.missing

    @property
    def letters(self) -> dict[str, str]:
        return {key: get_column_letter(column) for key, column in self.columns.items()}


def _heads(workbook: Workbook, name: str, sheet: Sheet) -> _Heads:
    """The first row that has all needed heads; else the row that has most of them, if it has two."""
    best = _Heads()
    for number, values in workbook.rows(name, WIDEST, HEAD_WITHIN):
        heads = _heads_in(number, values, sheet)
        if heads.complete:
            return heads
        if len(heads.columns) > max(len(best.columns), 1):
            best = heads
    return best


def _head(text: Any) -> str:
    return same(ASIDE.sub("", tidy(str(text)))) if text is not None else ""


def _heads_in(number: int, values: Values, sheet: Sheet) -> _Heads:
    keys = {_head(head): column.key for column in sheet.columns for head in (*column.also, column.title)}
    heads = _Heads(row=number)
    for position, value in enumerate(values, start=1):
        head = _head(value)
        if not head:
            continue
        key = keys.get(head)
        if key is None:
            heads.unknown.append((position, tidy(str(value))[:30]))
        elif key in heads.columns:
            heads.twice.append((position, tidy(str(value))))
        else:
            heads.columns[key] = position
    heads.missing = [column for column in sheet.needed if column.key not in heads.columns]
    return heads


# ---- the rows -----------------------------------------------------------------------------------------
def _read_sheet(
    workbook: Workbook,
    name: str,
    sheet: Sheet,
    tables: Tables,
    progress: Callable[[int], None],
    done: int,
) -> int:
    heads = _heads(workbook, name, sheet)
    _tell_heads(heads, name, sheet, tables)
    if not heads.complete:
        return done
    letters = heads.letters
    rows = tables.rows[sheet.key]
    for number, values in workbook.rows(name, max(heads.columns.values())):
        cells = {key: values[column - 1] for key, column in heads.columns.items() if column <= len(values)}
        if number <= heads.row or all(_is_blank(value) for value in cells.values()):
            continue
        if len(rows) >= MAX_ROWS:
            said = message(gettext_noop("一张表最多 %(most)d 行。请分成几个文件。"), most=MAX_ROWS)
            tables.troubles.append(Trouble(name, f"A{number}", said))
            break
        rows.append(_row(name, number, cells, letters, sheet, tables))
        if (done + len(rows)) % 500 == 0:
            progress(done + len(rows))
    return done + len(rows)


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not tidy(value))


def _row(
    name: str,
    number: int,
    cells: dict[str, Any],
    letters: Mapping[str, str],
    sheet: Sheet,
    tables: Tables,
) -> Row:
    values, wrong = read_cells(sheet, cells)
    row = Row(name, number, values, letters, frozenset(wrong))
    tables.troubles += [row.about(key, said) for key, said in wrong.items()]
    return row


def read_cells(sheet: Sheet, cells: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Message]]:
    """One row by the keys of its columns: the values, and what is wrong. For rows of another source as well."""
    values: dict[str, Any] = {}
    wrong: dict[str, Message] = {}
    for column in sheet.columns:
        try:
            values[column.key] = _value(column, cells.get(column.key))
        except Wrong as error:
            values[column.key] = None
            wrong[column.key] = error.message
    return values, wrong


def _value(column: Column, value: Any) -> Any:
    if value is NO_VALUE:
        raise Wrong(
            gettext_noop("这个格是公式，文件里没有算好的值。请用表格软件打开、保存一次再传，或粘贴成数值。")
        )
    if isinstance(value, str) and value.strip() in FORMULA_ERRORS:
        raise Wrong(
            gettext_noop("这个格的公式出错了（%(error)s）。请改好，或直接填上。"), error=value.strip()
        )
    if _is_blank(value):
        if column.required:
            raise Wrong(gettext_noop("%(title)s没有填。"), title=column.title)
        return None
    return column.read(value)


def _tell_heads(heads: _Heads, name: str, sheet: Sheet, tables: Tables) -> None:
    if not heads.row:
        said = message(
            gettext_noop("没有找到表头。要有一行写着：%(titles)s。"),
            titles="、".join(column.title for column in sheet.needed),
        )
        tables.troubles.append(Trouble(name, "A1", said))
    elif heads.missing:
        said = message(
            gettext_noop("表头缺这几列：%(titles)s。"),
            titles="、".join(column.title for column in heads.missing),
        )
        tables.troubles.append(Trouble(name, f"A{heads.row}", said))
    for position, head in heads.twice:
        said = message(gettext_noop("“%(head)s”有两列。请只留一列。"), head=head)
        tables.troubles.append(Trouble(name, f"{get_column_letter(position)}{heads.row}", said))
    for position, head in heads.unknown if heads.complete else ():
        said = message(gettext_noop("不认得“%(head)s”这一列，没有读它。"), head=head)
        tables.notes.append(Trouble(name, f"{get_column_letter(position)}{heads.row}", said))
