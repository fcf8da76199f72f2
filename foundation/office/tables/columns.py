"""Typed columns: what a cell may hold, and what people write into it instead."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from foundation.office.message import Wrong, gettext_noop

FORMULA_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
INVISIBLE = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
)
HAN = "[\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff·（）、，]"
GAP_BETWEEN_HAN = re.compile(f"(?<={HAN}) +(?={HAN})")


class _NoValue:
    """A formula whose result is not in the file."""


NO_VALUE = _NoValue()


def visible(text: str) -> str:
    """Without what cannot be seen. A workbook cannot even hold most of it."""
    return INVISIBLE.sub("", text)


def tidy(text: str) -> str:
    """Without what cannot be seen: stray spaces, line breaks, and the space that pads 张 三 to three."""
    text = " ".join(visible(text).split())
    return GAP_BETWEEN_HAN.sub("", text)


def same(text: str) -> str:
    """A key under which two ways of writing the same name meet: （ and (, ＡＢ and AB, spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def plain(value: Any) -> str:
    """A cell's value as text; a whole number without the .0 that spreadsheets keep."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return tidy(str(value))


@dataclass(frozen=True)
class Column:
    """`title` is the head in the form, `also` other heads for the same. `required`: every row fills it in.

    `needed`: the column itself has to be there (a required one always).
    """

    key: str
    title: str
    also: tuple[str, ...] = ()
    required: bool = False
    needed: bool = False
    hint: str = ""
    examples: tuple[str, ...] = ()
    width: int = 12

    def read(self, value: Any) -> Any:
        """The value of a filled cell, or Wrong."""
        raise NotImplementedError

    @property
    def choices(self) -> tuple[str, ...]:
        """What a drop-down in the form offers."""
        return ()

    @property
    def number_format(self) -> str:
        return "@"


@dataclass(frozen=True)
class Text(Column):
    longest: int = 64
    offered: tuple[str, ...] = ()

    def read(self, value: Any) -> str:
        if isinstance(value, date):
            raise Wrong(gettext_noop("%(title)s这里是日期，应是文字。"), title=self.title)
        text = plain(value)
        if len(text) > self.longest:
            raise Wrong(
                gettext_noop("%(title)s最多 %(longest)d 个字，这里有 %(length)d 个。"),
                title=self.title,
                longest=self.longest,
                length=len(text),
            )
        return text

    @property
    def choices(self) -> tuple[str, ...]:
        return self.offered


@dataclass(frozen=True)
class Whole(Column):
    smallest: int = 0
    largest: int = 1_000_000

    def read(self, value: Any) -> int:
        text = unicodedata.normalize("NFKC", plain(value)).replace(",", "")
        if not re.fullmatch(r"-?\d{1,12}", text) or not self.smallest <= int(text) <= self.largest:
            raise Wrong(
                gettext_noop("%(title)s“%(text)s”应是 %(smallest)d 到 %(largest)d 的整数。"),
                title=self.title,
                text=text[:30],
                smallest=self.smallest,
                largest=self.largest,
            )
        return int(text)

    @property
    def number_format(self) -> str:
        return "0"


@dataclass(frozen=True)
class Choice(Column):
    """`options`: what is written → what it means; the first writing of each meaning is its proper one."""

    options: Mapping[str, Any] = field(default_factory=dict)

    def read(self, value: Any) -> Any:
        text = plain(value)
        known = {same(written): meaning for written, meaning in self.options.items()}
        if same(text) not in known:
            raise Wrong(
                gettext_noop("%(title)s“%(text)s”不认得，可以填：%(known)s。"),
                title=self.title,
                text=text[:30],
                known="、".join(self.choices),
            )
        return known[same(text)]

    @property
    def choices(self) -> tuple[str, ...]:
        proper: dict[Any, str] = {}
        for written, meaning in self.options.items():
            proper.setdefault(meaning, written)
        return tuple(proper.values())


SERIAL_ZERO = date(1899, 12, 30)
EARLIEST, LATEST = 1930, 2100
NOT_YET = {"至今", "现在", "今", "—", "-", "/", "无", "长期"}
DAY = re.compile(
    r"(?P<year>\d{4}) ?[-/.年] ?(?P<month>\d{1,2})(?: ?[-/.月] ?(?P<day>\d{1,2}))? ?[日号月]?"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
EIGHT_DIGITS = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")


@dataclass(frozen=True)
class Day(Column):
    """A day: a real date, 2024-9-1, 2024年9月, 20240901, or the number under which spreadsheets keep it.

    A month alone is its first day, or its last where the column is one of last days (`month_end`).
    """

    month_end: bool = False

    def read(self, value: Any) -> date | None:
        if isinstance(value, datetime):
            return self._within(value.date(), str(value.date()))
        if isinstance(value, date):
            return self._within(value, str(value))
        text = unicodedata.normalize("NFKC", plain(value))
        if text in NOT_YET:
            return None
        if isinstance(value, float) and not value.is_integer():
            raise self._not_a_day(text)  # 2024.10 and 2024.1 are the same number
        match = DAY.fullmatch(text) or EIGHT_DIGITS.fullmatch(text)
        if match is None:
            return self._serial(text)
        return self._day(match, text)

    def _serial(self, text: str) -> date:
        if not re.fullmatch(r"\d{5}", text):
            raise self._not_a_day(text)
        return self._within(SERIAL_ZERO + timedelta(days=int(text)), text)

    def _day(self, match: re.Match[str], text: str) -> date:
        year, month = int(match["year"]), int(match["month"])
        if not (EARLIEST <= year <= LATEST and 1 <= month <= 12):
            raise self._not_a_day(text)
        last = monthrange(year, month)[1]
        day = int(match["day"]) if match["day"] else (last if self.month_end else 1)
        if not 1 <= day <= last:
            raise Wrong(
                gettext_noop("%(title)s“%(text)s”：%(year)d年%(month)d月没有这一天。"),
                title=self.title,
                text=text[:30],
                year=year,
                month=month,
            )
        return date(year, month, day)

    def _within(self, day: date, text: str) -> date:
        if not EARLIEST <= day.year <= LATEST:
            raise self._not_a_day(text)
        return day

    def _not_a_day(self, text: str) -> Wrong:
        return Wrong(
            gettext_noop("%(title)s“%(text)s”不是日期。请写成 2024-9-1。"), title=self.title, text=text[:30]
        )

    @property
    def number_format(self) -> str:
        return "yyyy-mm-dd"


PHONE_LIKE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")


@dataclass(frozen=True)
class Phone(Column):
    """A mobile number in any writing: 138-0000-0000, +86 138…, full-width digits, 1.38E+10.

    With `or_number` also a staff number, which is kept as it is written.
    """

    or_number: bool = False
    longest: int = 32

    def read(self, value: Any) -> str:
        written = plain(value)
        text = re.sub(r"[\s()（）-]", "", unicodedata.normalize("NFKC", written))
        match = PHONE_LIKE.fullmatch(text)
        if match:
            return match[1]
        if re.fullmatch(r"(?:\+?86|0086)?1[3-9]\d{5,12}", text) and len(text) > 7:
            raise Wrong(
                gettext_noop(
                    "“%(text)s”像手机号，但有 %(length)d 位。手机号是 11 位；如果是工号，请在前面加字母。"
                ),
                text=written[:30],
                length=len(text),
            )
        if re.fullmatch(r"\d{17}[\dXx]", text):
            raise Wrong(gettext_noop("这里像身份证号。请不要填身份证号，填手机号或工号。"))
        if not self.or_number:
            raise Wrong(
                gettext_noop("%(title)s“%(text)s”不是手机号。请填 11 位手机号。"),
                title=self.title,
                text=written[:30],
            )
        return self._number("".join(unicodedata.normalize("NFKC", written).split()))

    def _number(self, text: str) -> str:
        if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z._@-]*", text) or len(text) > self.longest:
            raise Wrong(
                gettext_noop(
                    "%(title)s“%(text)s”不能用：工号只用数字、字母、点和短横，最多 %(longest)d 个。"
                ),
                title=self.title,
                text=text[:30],
                longest=self.longest,
            )
        return text
