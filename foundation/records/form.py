"""The form of a record (集备记录表) and what may stand in it: frozen shapes, and their writing as JSON.

A field is a list of rows, each with the same columns; a plain text is one row with one column. Version 1 of the form
is FORM; a released version is never changed, since signed records were made with it: a new one is added to FORMS.

People are ids where they have an account, so that whoever leaves for good leaves no name (decision 9); their school
is kept as it was called then. Whoever has no account stands there by name.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Row = dict[str, Any]
Value = list[Row]
Body = dict[str, Value]
Names = Mapping[int, str]


# ---- what happened, as a source tells it ---------------------------------------------------------------
@dataclass(frozen=True)
class Person:
    """`name` is for people without an account."""

    user_id: int | None = None
    name: str = ""
    school: str = ""
    side: str = ""
    """town, village or nothing."""


@dataclass(frozen=True)
class Absence:
    person: Person
    reason: str = ""


@dataclass(frozen=True)
class Viewpoint:
    person: Person | None
    text: str


@dataclass(frozen=True)
class Question:
    question: str
    viewpoints: tuple[Viewpoint, ...] = ()
    consensus: str = ""


@dataclass(frozen=True)
class Task:
    key: str
    """Stays the same when the record is filled again: what was ticked off stays ticked off."""
    task: str
    person: Person | None = None
    due: date | None = None


@dataclass(frozen=True)
class Version:
    version: str
    made: date | None = None
    person: Person | None = None


@dataclass(frozen=True)
class Contribution:
    """How much someone changed in the plan."""

    person: Person
    changes: int


@dataclass(frozen=True)
class Facts:
    """What a record fills itself with. What a source does not know it leaves out."""

    theme: str = ""
    time: str = ""
    place: str = ""
    host: Person | None = None
    recorder: Person | None = None
    participants: tuple[Person, ...] = ()
    absentees: tuple[Absence, ...] = ()
    discussion: tuple[Question, ...] = ()
    tasks: tuple[Task, ...] = ()
    versions: tuple[Version, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    results: str = ""
    reflection: str = ""
    improvement: str = ""


# ---- the form ------------------------------------------------------------------------------------------
class Cell(StrEnum):
    WORDS = "words"
    PROSE = "prose"
    PERSON = "person"
    VIEWPOINTS = "viewpoints"
    DAY = "day"
    COUNT = "count"
    KEY = "key"


@dataclass(frozen=True)
class Column:
    key: str
    label: str | Promise
    cell: Cell

    @property
    def hidden(self) -> bool:
        return self.cell == Cell.KEY


@dataclass(frozen=True)
class Field:
    key: str
    label: str | Promise
    columns: tuple[Column, ...]
    many: bool = False
    hint: str | Promise = ""

    @property
    def shown(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if not column.hidden)

    @property
    def is_table(self) -> bool:
        return len(self.shown) > 1

    @property
    def is_discussion(self) -> bool:
        return any(column.cell == Cell.VIEWPOINTS for column in self.columns)


def _one(
    key: str, label: str | Promise, cell: Cell, *, many: bool = False, hint: str | Promise = ""
) -> Field:
    return Field(key, label, (Column(key, label, cell),), many, hint)


PERSON_HINT = _("写成“姓名（学校）”；平台上有的人会认出来。")

FORM: tuple[Field, ...] = (
    _one("theme", _("主题"), Cell.WORDS),
    _one("time", _("时间"), Cell.WORDS),
    _one("place", _("地点"), Cell.WORDS),
    _one("host", _("主持人"), Cell.PERSON, hint=PERSON_HINT),
    _one("recorder", _("记录人"), Cell.PERSON, hint=_("写在这里的人，就能改这份记录。")),
    _one("participants", _("参加人员"), Cell.PERSON, many=True, hint=_("一行一个人，写成“姓名（学校）”。")),
    Field(
        "absentees",
        _("缺席人员及原因"),
        (Column("person", _("姓名"), Cell.PERSON), Column("reason", _("原因"), Cell.WORDS)),
        many=True,
        hint=PERSON_HINT,
    ),
    Field(
        "discussion",
        _("研讨过程"),
        (
            Column("question", _("问题"), Cell.PROSE),
            Column("viewpoints", _("观点"), Cell.VIEWPOINTS),
            Column("consensus", _("共识"), Cell.PROSE),
        ),
        many=True,
        hint=_("观点一行一条，写成“姓名：观点”。"),
    ),
    Field(
        "tasks",
        _("任务分工"),
        (
            Column("key", "", Cell.KEY),
            Column("task", _("任务"), Cell.WORDS),
            Column("person", _("负责人"), Cell.PERSON),
            Column("due", _("期限"), Cell.DAY),
        ),
        many=True,
        hint=_("签字定稿以后，任务会告诉负责人，由本人打勾。"),
    ),
    Field(
        "versions",
        _("教案版本"),
        (
            Column("version", _("版本"), Cell.WORDS),
            Column("made", _("日期"), Cell.DAY),
            Column("person", _("定稿人"), Cell.PERSON),
        ),
        many=True,
    ),
    Field(
        "contributions",
        _("参与改稿"),
        (Column("person", _("姓名"), Cell.PERSON), Column("changes", _("改动次数"), Cell.COUNT)),
        many=True,
    ),
    _one("results", _("活动成果"), Cell.PROSE),
    _one("reflection", _("反思"), Cell.PROSE),
    _one("improvement", _("改进措施"), Cell.PROSE),
)
FORMS: dict[int, tuple[Field, ...]] = {1: FORM}
CURRENT_FORM = 1
NEEDED_TO_SIGN = ("theme", "time", "host")


def field_of(key: str) -> Field | None:
    return next((field for field in FORMS[CURRENT_FORM] if field.key == key), None)


# ---- as JSON -------------------------------------------------------------------------------------------
def body_of(facts: Facts) -> Body:
    return {field.key: _value(field, getattr(facts, field.key)) for field in FORM}


def _value(field: Field, found: Any) -> Value:
    rows = found if field.many else [found]
    if len(field.columns) == 1:
        column = field.columns[0]
        return [{column.key: _plain(row, column.cell)} for row in rows if row not in (None, "")]
    return [
        {column.key: _plain(getattr(row, column.key), column.cell) for column in field.columns}
        for row in rows
    ]


def _plain(value: Any, cell: Cell) -> Any:
    if isinstance(value, Person):
        return person_cell(value)
    if isinstance(value, date):
        return value.isoformat()
    if cell == Cell.VIEWPOINTS:  # a line each
        return [
            {"person": each.person and person_cell(each.person), "text": tidy(each.text)} for each in value
        ]
    if isinstance(value, str):
        return value.strip() if cell == Cell.PROSE else tidy(value)
    return value


def tidy(text: str) -> str:
    """As one line."""
    return " ".join(text.split())


def person_cell(person: Person) -> dict[str, Any]:
    known = person.user_id is not None
    who: dict[str, Any] = {"user": person.user_id} if known else {"name": person.name}
    return who | {key: text for key in ("school", "side") if (text := getattr(person, key))}


def canonical(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(content: Any) -> str:
    return hashlib.sha256(canonical(content).encode()).hexdigest()


# ---- people in it --------------------------------------------------------------------------------------
def people_in(content: Any) -> Iterator[dict[str, Any]]:
    """Every person that stands anywhere in a body, a value or a row."""
    if isinstance(content, dict):
        if "user" in content or "name" in content:
            yield content
            return
        content = content.values()
    if isinstance(content, Iterable) and not isinstance(content, str):
        for part in content:
            yield from people_in(part)


def ids_in(content: Any) -> set[int]:
    return {person["user"] for person in people_in(content) if "user" in person}


def name_of(person: dict[str, Any] | None, names: Names) -> str:
    if person is None:
        return ""
    return names.get(person["user"], "") if "user" in person else person["name"]


def label_of(person: dict[str, Any] | None, names: Names) -> str:
    """As it is shown and typed: 姓名（学校）."""
    name = name_of(person, names)
    school = person.get("school", "") if person else ""
    return f"{name}（{school}）" if name and school else name


def text_of(cell: Any, kind: Cell, names: Names) -> str:
    """A cell as text: what a page, a table and a document show, and what an input begins with."""
    if cell is None:
        return ""
    if kind == Cell.PERSON:
        return label_of(cell, names)
    if kind == Cell.VIEWPOINTS:
        return "\n".join(_viewpoint(each, names) for each in cell)
    return str(cell)


def _viewpoint(viewpoint: dict[str, Any], names: Names) -> str:
    who = label_of(viewpoint["person"], names)
    return f"{who}：{viewpoint['text']}" if who else viewpoint["text"]
