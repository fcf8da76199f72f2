"""Timetables in spreadsheets: the grid of one teacher, or the overview of a school, read and written. Pure.

One teacher: a row with 周一, 周二 … over rows that begin with 第1节 or a number.
A school: a row with 姓名 and the weekdays, under it the numbers of the periods, then one teacher a row.
A cell says “语文 三（2）班”, or for every other week “单：科学 三（2）班；双：劳动 三（2）班”.
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from foundation.office.message import gettext_noop, message
from foundation.office.tables import NO_VALUE, Refused, Trouble, opened, tidy, visible
from foundation.office.tables.reading import Values
from teaching_centres.calendar.words import LAST_PERIOD, NUMERALS

Slot = tuple[int, int]
Said = tuple[str, str, str]
"""Subject, class and weeks."""

WEEKDAYS = "一二三四五六日"
MOST_ROWS, MOST_COLUMNS, HEAD_WITHIN = 400, 100, 15
CLASS = rf"(?:初?[{NUMERALS}]|\d)"
WHOLE_CLASS = re.compile(rf".*(?:班|年级|级|复式)$|{CLASS}[（(.\-]?\d.*")
TOGETHER = re.compile(rf"(?P<subject>[^\d（(]+?)(?P<label>{CLASS}(?:[（(.\-年\d]|$).*)")
LABEL_FIRST = re.compile(r"(?P<label>.+(?:班|年级))(?P<subject>[^班]+)")
NOT_READ = gettext_noop(
    "看不懂“%(text)s”。写成“语文 三（2）班”，单双周写成“单：科学 三（2）班；双：劳动 三（2）班”。"
)
WEEKS = re.compile(r"[（(]?(单|双)周?[）)]?\s*[:：]?\s*")


@dataclass(frozen=True)
class Line:
    """One teacher's week; the name is empty in the grid of one teacher. `cells`: with their addresses."""

    name: str
    username: str
    cell: str
    cells: Mapping[Slot, tuple[str, list[Said]]]


@dataclass
class Timetables:
    sheet: str
    lines: list[Line] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def of_school(self) -> bool:
        return any(line.name for line in self.lines)


# ---- reading -------------------------------------------------------------------------------------
def read(content: bytes, subjects: Iterable[str]) -> Timetables:
    """The first visible sheet with a timetable. Raises Refused where there is none."""
    with opened(content) as workbook:
        for name in workbook.visible:
            numbered = workbook.rows(name, MOST_COLUMNS, MOST_ROWS + 1, across=True)
            page = _Page(name, [values for _number, values in numbered])
            if head := _head(page):
                return _Reader(page, head, sorted(subjects, key=len, reverse=True)).read()
    raise Refused(gettext_noop("没找到课表：要有一行写着“周一、周二……”。可以先下载现有课表来填。"))


@dataclass(frozen=True)
class _Page:
    """The first rows and columns of a sheet; a merged cell says what its first one says."""

    title: str
    rows: list[Values]

    @property
    def width(self) -> int:
        return max(map(len, self.rows), default=0)

    def text(self, row: int, column: int) -> str:
        values = self.rows[row - 1] if row <= len(self.rows) else ()
        value = values[column - 1] if column <= len(values) else None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None or value is NO_VALUE:
            return ""
        return "\n".join(tidy(line) for line in str(value).splitlines())


def _address(row: int, column: int) -> str:
    return f"{get_column_letter(column)}{row}"


@dataclass(frozen=True)
class _Head:
    row: int
    weekdays: Mapping[int, int]  # by column
    name: int | None
    username: int | None


def _head(page: _Page) -> _Head | None:
    for number in range(1, min(len(page.rows), HEAD_WITHIN) + 1):
        texts = {column: page.text(number, column) for column in range(1, page.width + 1)}
        found = {column: day for column, text in texts.items() if (day := _weekday(text))}
        names = {re.sub(r"[*＊\s]", "", text): column for column, text in texts.items() if text}
        name = names.get("姓名") or names.get("教师") or names.get("任课教师")
        if len(set(found.values())) >= (1 if name else 2):
            username = names.get("手机号或工号") or names.get("工号") or names.get("手机号")
            return _Head(number, found, name, username)
    return None


def _weekday(text: str) -> int | None:
    match = re.match(rf"(?:周|星期|礼拜)([{WEEKDAYS}天])", text)
    return (WEEKDAYS + "天").index(match[1]) % 7 + 1 if match and match[1] != "天" else 7 if match else None


def _period(text: str) -> int | None:
    match = re.fullmatch(rf"(?:第|上午|下午|晚)?\s*(\d{{1,2}}|[{NUMERALS}十])\s*节?课?", text)
    if not match:
        return None
    number = int(match[1]) if match[1].isdigit() else (NUMERALS + "十").index(match[1]) + 1
    return number if 1 <= number <= LAST_PERIOD else None


class _Reader:
    def __init__(self, page: _Page, head: _Head, subjects: list[str]) -> None:
        self.page, self.head, self.subjects = page, head, subjects
        self.found = Timetables(page.title)

    def read(self) -> Timetables:
        if len(self.page.rows) > MOST_ROWS:
            raise Refused(gettext_noop("课表最多 %(most)d 行，这张表更长。"), most=MOST_ROWS)
        if self.head.name is None:
            self._one_teacher()
        else:
            self._school(self.head.name)
        return self.found

    def _trouble(self, row: int, column: int, text: str, /, **values: Any) -> None:
        self.found.troubles.append(Trouble(self.page.title, _address(row, column), message(text, **values)))

    def _one_teacher(self) -> None:
        cells: dict[Slot, tuple[str, list[Said]]] = {}
        first = min(self.head.weekdays)
        columns = self._columns_once()
        for row in range(self.head.row + 1, len(self.page.rows) + 1):
            period = next(
                (p for column in range(1, first) if (p := _period(self.page.text(row, column)))), None
            )
            if period is None:
                self._tell_stray(row, columns.values())
                continue
            for weekday, column in columns.items():
                self._put(cells, (weekday, period), row, column)
        self.found.lines = [Line("", "", f"A{self.head.row}", cells)]

    def _columns_once(self) -> dict[int, int]:
        columns: dict[int, int] = {}
        for column, weekday in self.head.weekdays.items():
            columns.setdefault(weekday, column)
        return columns

    def _tell_stray(self, row: int, columns: Iterable[int]) -> None:
        """A row without a number: a line such as 午休 says one thing over all days."""
        texts = {self.page.text(row, column) for column in columns} - {""}
        if len(texts) > 1:
            self._trouble(row, 1, gettext_noop("这一行没写第几节。"))

    def _school(self, name_column: int) -> None:
        slots, below = self._slots()
        seen: set[tuple[str, str]] = set()
        for row in range(below, len(self.page.rows) + 1):
            name = self.page.text(row, name_column).replace("\n", "")
            username = self.page.text(row, self.head.username) if self.head.username else ""
            cells: dict[Slot, tuple[str, list[Said]]] = {}
            for column, slot in slots.items():
                self._put(cells, slot, row, column)
            if not name:
                if cells:
                    self._trouble(row, name_column, gettext_noop("这一行没写姓名。"))
                continue
            if (name, username) in seen:
                self._trouble(
                    row, name_column, gettext_noop("“%(name)s”在表里写了两行，合成一行。"), name=name
                )
                continue
            seen.add((name, username))
            cell = _address(row, name_column)
            self.found.lines.append(Line(name, username, cell, cells))

    def _slots(self) -> tuple[dict[int, Slot], int]:
        """Which column is which period of which day; and the first row of teachers."""
        own = {column: self.page.text(self.head.row, column) for column in self.head.weekdays}
        inside = {
            column: _period(re.sub(r"^\D*?(?:周|星期|礼拜).", "", text)) for column, text in own.items()
        }
        below = {column: _period(self.page.text(self.head.row + 1, column)) for column in own}
        periods, row = (below, self.head.row + 2) if any(below.values()) else (inside, self.head.row + 1)
        slots: dict[int, Slot] = {}
        for column, weekday in self.head.weekdays.items():
            period = periods[column]
            if period is None:
                self._trouble(row - 1, column, gettext_noop("这一列没写第几节。"))
            elif (weekday, period) in slots.values():
                self._trouble(row - 1, column, gettext_noop("这一天的第%(period)d节有两列。"), period=period)
            else:
                slots[column] = (weekday, period)
        return slots, row

    def _put(self, cells: dict[Slot, tuple[str, list[Said]]], slot: Slot, row: int, column: int) -> None:
        text = self.page.text(row, column)
        if not text.strip(" \n-—/"):
            return
        said = contents(text, self.subjects)
        if said is None:
            shown = text.replace("\n", " ")[:20]
            self._trouble(
                row,
                column,
                gettext_noop(
                    "看不懂“%(text)s”。写成“语文 三（2）班”，单双周写成“单：科学 三（2）班；双：劳动 三（2）班”。"
                ),
                text=shown,
            )
            return
        cells[slot] = (_address(row, column), said)


def contents(text: str, subjects: Iterable[str]) -> list[Said] | None:
    """What a cell says; None where it cannot be read."""
    pieces = list(_pieces(text))
    said = [(_piece(piece, subjects), weeks) for weeks, piece in pieces]
    if any(one is None or not one[0] or len(one[0]) > 16 or len(one[1]) > 24 for one, _weeks in said):
        return None
    found = [(*one, weeks) for one, weeks in said if one is not None]
    kinds = sorted(weeks for _subject, _label, weeks in found)
    return found if kinds in (["every"], ["odd"], ["even"], ["even", "odd"]) else None


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    if not (WEEKS.match(text) or re.search(r"[（(](?:单|双)周?[）)]", text)):
        yield "every", text
        return
    for part in re.split(r"[;；/／]|\n(?=[（(]?(?:单|双))|(?<=\S)\s+(?=[（(]?(?:单|双)周?[）)]?[:：])", text):
        if part.strip():
            mark = WEEKS.search(part)
            weeks = {"单": "odd", "双": "even"}[mark[1]] if mark else "every"
            yield weeks, WEEKS.sub("", part, count=1)


def _piece(text: str, subjects: Iterable[str]) -> tuple[str, str] | None:
    """(subject, class) in either order, with or without a space between them."""
    words = text.split()
    labels = [word for word in words if WHOLE_CLASS.fullmatch(word)]
    if len(words) > 1 and len(labels) < len(words):
        subject = "".join(word for word in words if word not in labels)
        return subject, "".join(labels)
    whole = "".join(words)
    for subject in subjects:
        if whole.startswith(subject):
            return subject, whole[len(subject) :]
        if whole.endswith(subject):
            return subject, whole[: -len(subject)]
    match = TOGETHER.fullmatch(whole) or LABEL_FIRST.fullmatch(whole)
    if match:
        return match["subject"], match["label"]
    return None if WHOLE_CLASS.fullmatch(whole) else (whole, "")


# ---- writing -------------------------------------------------------------------------------------
HEAD = PatternFill("solid", fgColor="E1EFE8")
LINE = Border(*[Side("thin", color="B9C4BD")] * 4)
MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)


def write_school(title: str, lines: Iterable[Line], periods: int, weekdays: int = 5) -> bytes:
    """The overview of a school with what it has now, to be filled in and brought back."""
    workbook = Workbook()
    page = workbook.active
    assert isinstance(page, Worksheet)
    page.title = "教师课表"
    _label(page, 1, 1, title)
    for column, word in enumerate(("姓名", "手机号或工号"), start=1):
        _label(page, 2, column, word)
        page.merge_cells(start_row=2, end_row=3, start_column=column, end_column=column)
        page.column_dimensions[get_column_letter(column)].width = 14
    for weekday in range(1, weekdays + 1):
        first = 3 + (weekday - 1) * periods
        _label(page, 2, first, f"周{WEEKDAYS[weekday - 1]}")
        page.merge_cells(start_row=2, end_row=2, start_column=first, end_column=first + periods - 1)
        for period in range(1, periods + 1):
            _label(page, 3, first + period - 1, period)
            page.column_dimensions[get_column_letter(first + period - 1)].width = 11
    for row, line in enumerate(lines, start=4):
        _plain(page, row, 1, line.name)
        _plain(page, row, 2, line.username)
        for (weekday, period), (_address, said) in line.cells.items():
            if weekday <= weekdays and period <= periods:
                _plain(page, row, 2 + (weekday - 1) * periods + period, cell_text(said))
    page.freeze_panes = "C4"
    return _bytes(workbook)


def write_teacher(title: str, cells: Mapping[Slot, list[Said]], periods: int, weekdays: int = 5) -> bytes:
    workbook = Workbook()
    page = workbook.active
    assert isinstance(page, Worksheet)
    page.title = "课表"
    _label(page, 1, 1, title)
    for weekday in range(1, weekdays + 1):
        _label(page, 2, weekday + 1, f"周{WEEKDAYS[weekday - 1]}")
        page.column_dimensions[get_column_letter(weekday + 1)].width = 18
    _label(page, 2, 1, "")
    for period in range(1, periods + 1):
        _label(page, period + 2, 1, f"第{period}节")
    for (weekday, period), said in cells.items():
        if weekday <= weekdays and period <= periods:
            _plain(page, period + 2, weekday + 1, cell_text(said))
    page.freeze_panes = "B3"
    return _bytes(workbook)


def cell_text(said: Iterable[Said]) -> str:
    marks = {"every": "", "odd": "单：", "even": "双："}
    return "；".join(f"{marks[weeks]}{subject} {label}".strip() for subject, label, weeks in said)


def _label(page: Worksheet, row: int, column: int, value: Any) -> None:
    cell = page.cell(row, column, visible(value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"  # the name of a school that begins with = is a name
    cell.font, cell.alignment = Font(bold=True), MIDDLE if row > 1 else Alignment()
    if row > 1:
        cell.fill, cell.border = HEAD, LINE


def _plain(page: Worksheet, row: int, column: int, value: str) -> None:
    """As text: what begins with = is no formula."""
    cell = page.cell(row, column)
    cell.value, cell.data_type, cell.number_format = visible(value), "s", "@"
    cell.alignment, cell.border = MIDDLE, LINE


def _bytes(workbook: Workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()
