"""A timetable from a spreadsheet: looked at first, then carried out as it was shown, all of it or nothing."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger.audit import audited
from foundation.office.message import gettext_noop, message
from foundation.office.tables import Trouble
from teaching_centres.calendar import sheet
from teaching_centres.calendar.days import TermDates
from teaching_centres.calendar.models import TimetableEntry
from teaching_centres.calendar.policies import may_change_timetable
from teaching_centres.calendar.queries import Content, calendar_of, cells_of, content_of, teachers_of
from teaching_centres.calendar.timetables import Slot, set_cells
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.models import School
from teaching_centres.operations.common import about_unit

SEALED_FOR_SECONDS = 3600
Cells = dict[Slot, list[Content]]


@dataclass(frozen=True)
class Line:
    teacher: User
    lessons: int
    before: int


@dataclass
class Preview:
    since: date
    lines: list[Line] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    sealed: str = ""
    """What was shown, to be sent back; empty when something is wrong."""


def preview(
    *, actor: User, school: School, person: User | None, term: TermDates, since: date, table: sheet.Timetables
) -> Preview:
    """Carried out and taken back: so that whatever would stop it is seen now, at its cell."""
    found = Preview(min(max(since, term.starts), term.ends), troubles=list(table.troubles))
    if table.of_school == (person is not None) and table.lines:
        raise NotPossible(
            _("这是全校的课表。个人课表不要“姓名”一列，可以下载现有课表来填。")
            if person
            else _("这是一位老师的课表。全校的课表要有“姓名”一列，可以下载现有课表来填。")
        )
    people = _people(school, person, table, found.troubles)
    wanted: dict[int, Cells] = {}
    for line, teacher in people:
        before = cells_of(teacher, school, term.code, found.since)
        cells = {slot: _contents(said) for slot, (_cell, said) in line.cells.items()}
        found.lines.append(Line(teacher, _count(cells), _count(before)))
        wanted[teacher.pk] = {**{slot: [] for slot in before}, **cells}
        found.troubles += _troubles_of(
            actor, teacher, school, term.code, found.since, line, wanted, table.sheet
        )
    if not found.troubles and found.lines:
        found.sealed = _seal(actor, school, term.code, found.since, wanted)
    return found


def _people(
    school: School, person: User | None, table: sheet.Timetables, troubles: list[Trouble]
) -> Iterable[tuple[sheet.Line, User]]:
    if person is not None:
        return [(line, person) for line in table.lines]
    teachers = teachers_of(school)
    found: list[tuple[sheet.Line, User]] = []
    for line in table.lines:
        named = [each for each in teachers if each.name == line.name]
        fitting = [each for each in named if line.username in ("", each.username)]
        if len(fitting) == 1:
            found.append((line, fitting[0]))
        else:
            troubles.append(Trouble(table.sheet, line.cell, _who(line.name, named, fitting)))
    return found


def _who(name: str, named: list[User], fitting: list[User]) -> Any:
    if len(fitting) > 1:
        text = gettext_noop("有 %(count)d 位“%(name)s”，在“手机号或工号”一列写明是哪一位。")
        return message(text, count=len(fitting), name=name)
    if named:
        return message(gettext_noop("“%(name)s”的手机号或工号和名册上的不一样。"), name=name)
    return message(gettext_noop("本校没有在任的老师叫“%(name)s”。先在名册里登记任职。"), name=name)


def _contents(said: Iterable[sheet.Said]) -> list[Content]:
    return [Content(subject, label, weeks) for subject, label, weeks in said]


def _count(cells: Mapping[Slot, list[Content]]) -> int:
    return sum(len(contents) for contents in cells.values())


def _troubles_of(
    actor: User,
    teacher: User,
    school: School,
    term: str,
    since: date,
    line: sheet.Line,
    wanted: dict[int, Cells],
    name: str,
) -> list[Trouble]:
    """What the timetable itself refuses: a clash with another school."""
    if not may_change_timetable(actor, teacher, school):
        raise Denied(_("你不能改这位老师的课表。"))
    elsewhere: dict[Slot, list[TimetableEntry]] = {}
    for entry in (
        TimetableEntry.objects.filter(teacher=teacher, term=term).exclude(school=school).in_force(since)
    ):
        elsewhere.setdefault((entry.weekday, entry.period), []).append(entry)
    return [
        Trouble(
            name,
            line.cells[slot][0],
            message(gettext_noop("这一节他在别的学校有%(subject)s课。"), subject=content_of(entry).subject),
        )
        for slot, contents in wanted[teacher.pk].items()
        for entry in elsewhere.get(slot, [])
        if any(_meet(content.weeks, str(entry.weeks)) for content in contents)
    ]


def _meet(one: str, other: str) -> bool:
    return "every" in (one, other) or one == other


# ---- what was shown is what is done --------------------------------------------------------------------
def _seal(actor: User, school: School, term: str, since: date, wanted: Mapping[int, Cells]) -> str:
    rows = {
        str(teacher): [
            [*slot, [[each.subject, each.class_label, each.weeks] for each in contents]]
            for slot, contents in cells.items()
        ]
        for teacher, cells in wanted.items()
    }
    return signing.dumps([term, since.isoformat(), rows], salt=_salt(actor, school), compress=True)


def _salt(actor: User, school: School) -> str:
    return f"timetable:{actor.pk}:{school.pk}"


def carry_out(*, actor: User, school: School, sealed: str) -> int:
    """Returns how many teachers have a new timetable."""
    try:
        term, since, rows = signing.loads(sealed, salt=_salt(actor, school), max_age=SEALED_FOR_SECONDS)
    except signing.BadSignature:
        raise NotPossible(_("放得太久了。请把文件再传一次。")) from None
    people = User.objects.in_bulk([int(pk) for pk in rows])
    if len(people) < len(rows):
        raise NotPossible(_("名册刚刚变了。请把文件再传一次。"))
    with _import_of(actor, school, set(people)):
        for pk, cells in rows.items():
            set_cells(
                actor=actor,
                teacher=people[int(pk)],
                school=school,
                term=term,
                since=date.fromisoformat(since),
                cells={(weekday, period): _contents(said) for weekday, period, said in cells},
                imported=True,
            )
    return len(rows)


def _import_of(actor: User, school: School, teachers: set[int]) -> AbstractContextManager[object]:
    """One's own timetable is one's own affair, those of others are an administrative act."""
    if teachers == {actor.pk}:
        return transaction.atomic()
    return audited("timetable.imported", **about_unit(school, actor, rows=len(teachers)))


# ---- tables out ---------------------------------------------------------------------------------------
def form_of_school(school: School, today: date) -> tuple[bytes, int]:
    """Every teacher with what they have now, to be filled in and brought back; and how many they are."""
    calendar = calendar_of(school)
    term = calendar.term_near(today)
    on = max(today, term.starts) if term else today
    rows = TimetableEntry.objects.filter(school=school, term=term.code if term else "").in_force(on)
    cells: dict[int, dict[Slot, list[sheet.Said]]] = {}
    for row in rows:
        slots = cells.setdefault(row.teacher_id, {})
        slots.setdefault((row.weekday, row.period), []).append((row.subject, row.class_label, str(row.weeks)))
    lines = [
        sheet.Line(
            each.name, each.username, "", {slot: ("", said) for slot, said in cells.get(each.pk, {}).items()}
        )
        for each in teachers_of(school)
    ]
    taught = [slot for each in cells.values() for slot in each]
    periods = _periods(calendar.times_on(on), taught)
    return sheet.write_school(str(school), lines, periods, _weekdays(taught)), len(lines)


def form_of_teacher(teacher: User, school: School, today: date) -> bytes:
    calendar = calendar_of(school)
    term = calendar.term_near(today)
    on = max(today, term.starts) if term else today
    cells = cells_of(teacher, school, term.code if term else "", on)
    said = {
        slot: [(each.subject, each.class_label, each.weeks) for each in contents]
        for slot, contents in cells.items()
    }
    title = f"{teacher.name} · {school}"
    return sheet.write_teacher(title, said, _periods(calendar.times_on(on), said), _weekdays(said))


def _periods(times: Mapping[int, Any], slots: Iterable[Slot]) -> int:
    return max([6, *times, *(period for _weekday, period in slots)])


def _weekdays(slots: Iterable[Slot]) -> int:
    return max([5, *(weekday for weekday, _period in slots)])
