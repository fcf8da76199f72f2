"""A term plan from a spreadsheet, and as one: looked at first, then carried out as it was shown, all or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.catalogue.models import Unit
from foundation.office.message import gettext_noop, message
from foundation.office.tables import Column, Day, Row, Sheet, Text, Trouble, Whole, read, write
from lessons.activities.models import PrepActivity, TermPlan, TermPlanRow
from lessons.activities.policies import require_term_plan
from lessons.activities.term_plans import DAYS, FIELDS, RowGiven, save_rows
from lessons.errors import NotPossible
from lessons.policies import may_create
from teaching_centres.queries import person_cards

SEALED_FOR_SECONDS = 3600
DAY_TITLES = dict(zip(DAYS, ("初稿期限", "集研开始", "集研结束", "个案期限"), strict=True))
COLUMNS: tuple[Column, ...] = (
    Whole(
        "unit", "单元", also=("单元序号",), smallest=1, largest=99, hint="单元的序号，如 6。", examples=("6",)
    ),
    Text("lesson", "课题", also=("课文", "内容"), longest=120, width=28, examples=("20 美丽的小兴安岭",)),
    Text("lead", "主备人", also=("主备教师", "主备"), hint="备课组里的老师。", width=14),
    Text("school", "学校", also=("单位", "主备人学校"), hint="主备人的学校，组里有同名的才填。", width=20),
    *(
        Day(name, title, width=14, examples=("2026-10-12",) if name == DAYS[0] else ())
        for name, title in DAY_TITLES.items()
    ),
)
SHEET = Sheet("rows", "学期计划", COLUMNS)
ABOUT = (
    "学期计划：一行一课，写单元的序号或课题，谁主备，四个日期。",
    "计划里已有的行，单元和课题相同就改它；没有的加在后面；表里没写的行不动。",
)


@dataclass(frozen=True)
class Line:
    what: str
    lead: str
    days: list[date | None]
    new: bool


@dataclass
class Preview:
    lines: list[Line] = field(default_factory=list)
    same: int = 0
    troubles: list[Trouble] = field(default_factory=list)
    sealed: str = ""
    """What was shown, to be sent back; empty when something is wrong or nothing would change."""


def preview(*, actor: User, plan: TermPlan, content: bytes) -> Preview:
    """Raises Refused where the file cannot be read at all."""
    require_term_plan(actor, plan)
    tables = read(content, [SHEET])
    reader = _Reader(plan)
    found = Preview(troubles=list(tables.troubles))
    wanted = []
    for row in tables.rows["rows"]:
        given = reader.given(row, found.troubles)
        if given is None:
            continue
        before = reader.rows.get(given.id) if given.id else None
        if before is not None and all(getattr(before, name) == getattr(given, name) for name in FIELDS):
            found.same += 1
            continue
        if before is not None and before.pk in reader.opened:
            text = gettext_noop("这一课已经发起活动，要改请在活动里改。")
            found.troubles.append(row.trouble("lesson", text))
            continue
        wanted.append(given)
        found.lines.append(_line(given, new=before is None))
    if wanted and not found.troubles:
        found.sealed = signing.dumps(
            [_plain(given) for given in wanted], salt=_salt(actor, plan), compress=True
        )
    return found


class _Reader:
    """What the plan knows, to read rows by: its units, its group, the rows that are there."""

    def __init__(self, plan: TermPlan) -> None:
        self.units = {unit.number: unit for unit in plan.textbook.units.all()} if plan.textbook else {}
        self.people = [member.user for member in plan.members.select_related("user")]
        self.cards = person_cards([person.pk for person in self.people])
        self.rows = {row.pk: row for row in plan.rows.select_related("unit", "lead_preparer")}
        self.opened = set(PrepActivity.objects.filter(row__in=self.rows).values_list("row_id", flat=True))
        self.free = dict(self.rows)

    def given(self, row: Row, troubles: list[Trouble]) -> RowGiven | None:
        before = len(troubles)
        unit = self._unit(row, troubles)
        lesson = row.values.get("lesson") or ""
        lead = self._lead(row, troubles)
        days = {name: row.values.get(name) for name in DAYS}
        self._check_days(row, days, troubles)
        if not row.wrong and unit is None and not lesson and len(troubles) == before:
            troubles.append(row.trouble("lesson", gettext_noop("写单元的序号，或写课题。")))
        if row.wrong or len(troubles) > before:
            return None
        same = self._same(unit, lesson)
        return RowGiven(id=same.pk if same else None, unit=unit, lesson=lesson, lead_preparer=lead, **days)

    def _same(self, unit: Unit | None, lesson: str) -> TermPlanRow | None:
        """The row with that unit and lesson, else the unit's row that has no lesson yet; each only once."""
        fitting = [row for row in self.free.values() if row.unit == unit and row.lesson == lesson]
        if not fitting and unit is not None:
            fitting = [row for row in self.free.values() if row.unit == unit and not row.lesson]
        return self.free.pop(fitting[0].pk) if fitting else None

    def _unit(self, row: Row, troubles: list[Trouble]) -> Unit | None:
        number = row.values.get("unit")
        if number is None:
            return None
        if number not in self.units:
            text = gettext_noop("教材里没有第%(number)d单元。") if self.units else NO_BOOK
            troubles.append(row.trouble("unit", text, **({"number": number} if self.units else {})))
        return self.units.get(number)

    def _lead(self, row: Row, troubles: list[Trouble]) -> User | None:
        name, school = row.values.get("lead"), row.values.get("school") or ""
        if not name:
            return None
        named = [person for person in self.people if person.name == name]
        fitting = [each for each in named if school in ("", self.cards[each.pk].unit_name)]
        fitting = fitting if len(named) > 1 else named
        if len(fitting) == 1 and may_create(fitting[0]):
            return fitting[0]
        troubles.append(row.about("lead", _who(name, named, fitting)))
        return None

    def _check_days(self, row: Row, days: dict[str, date | None], troubles: list[Trouble]) -> None:
        before: tuple[str, date] | None = None
        for name, day in days.items():
            if day is not None and before is not None and day < before[1]:
                text = gettext_noop("%(title)s比%(before)s早。")
                troubles.append(row.trouble(name, text, title=DAY_TITLES[name], before=DAY_TITLES[before[0]]))
            before = (name, day) if day is not None else before


NO_BOOK = gettext_noop("这份计划没有选教材，不能按单元写，请写课题。")


def _who(name: str, named: list[User], fitting: list[User]) -> Any:
    if len(fitting) > 1:
        text = gettext_noop("备课组里有 %(count)d 位“%(name)s”，在“学校”一列写明是哪所学校的。")
        return message(text, count=len(fitting), name=name)
    if fitting:
        return message(gettext_noop("“%(name)s”现在没有任教，不能主备。"), name=name)
    if named:
        return message(gettext_noop("备课组里有几位“%(name)s”，都不在这所学校。"), name=name)
    return message(gettext_noop("备课组里没有“%(name)s”。先把这位老师加进备课组。"), name=name)


def _line(given: RowGiven, *, new: bool) -> Line:
    what = " ".join(filter(None, [str(given.unit or ""), given.lesson]))
    lead = given.lead_preparer.name if given.lead_preparer else ""
    return Line(what, lead, [getattr(given, name) for name in DAYS], new)


# ---- what was shown is what is done ----------------------------------------------------------------------


def _plain(given: RowGiven) -> dict[str, Any]:
    days = {name: day.isoformat() if (day := getattr(given, name)) else None for name in DAYS}
    return {
        "id": given.id,
        "unit": given.unit.pk if given.unit else None,
        "lesson": given.lesson,
        "lead_preparer": given.lead_preparer.pk if given.lead_preparer else None,
        **days,
    }


def _salt(actor: User, plan: TermPlan) -> str:
    return f"term-plan:{actor.pk}:{plan.pk}"


def carry_out(*, actor: User, plan: TermPlan, sealed: str) -> int:
    """Returns how many rows are new or changed."""
    try:
        rows = signing.loads(sealed, salt=_salt(actor, plan), max_age=SEALED_FOR_SECONDS)
    except signing.BadSignature:
        raise NotPossible(_("放得太久了。请把文件再传一次。")) from None
    units = Unit.objects.select_related("textbook").in_bulk([row["unit"] for row in rows if row["unit"]])
    people = User.objects.in_bulk([row["lead_preparer"] for row in rows if row["lead_preparer"]])
    there = set(plan.rows.values_list("pk", flat=True))
    if any(row["id"] and row["id"] not in there for row in rows):
        raise NotPossible(_("计划刚刚变了。请把文件再传一次。"))
    given = [
        RowGiven(
            id=row["id"],
            unit=units.get(row["unit"]),
            lesson=row["lesson"],
            lead_preparer=people.get(row["lead_preparer"]),
            **{name: date.fromisoformat(row[name]) if row[name] else None for name in DAYS},
        )
        for row in rows
    ]
    return save_rows(actor=actor, plan=plan, rows=given, what="imported")


# ---- out ---------------------------------------------------------------------------------------------------


def form_of(plan: TermPlan) -> bytes:
    """The plan as it is, to be filled in and brought back."""
    rows = list(plan.rows.select_related("unit", "lead_preparer").order_by("position", "id"))
    return write([SHEET], {"rows": _out(rows)}, about=ABOUT)


def _out(rows: list[TermPlanRow]) -> Iterable[dict[str, Any]]:
    cards = person_cards([row.lead_preparer_id for row in rows if row.lead_preparer_id])
    for row in rows:
        lead = cards.get(row.lead_preparer_id or 0)
        yield {
            "unit": row.unit.number if row.unit else None,
            "lesson": row.lesson,
            "lead": lead.name if lead else "",
            "school": lead.unit_name if lead else "",
            **{name: getattr(row, name) for name in DAYS},
        }
