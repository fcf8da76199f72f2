"""The only writers of timetables: the week of a teacher, and single lessons that are otherwise (调课、代课)."""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.audit import audited
from foundation.notices.operations import notify
from foundation.office.tables import tidy
from teaching_centres.calendar.days import Calendar, TermDates
from teaching_centres.calendar.models import LessonChange, TimetableEntry, term_name
from teaching_centres.calendar.policies import require_change_timetable
from teaching_centres.calendar.queries import (
    Content,
    calendar_of,
    content_of,
    is_taught,
    lessons_of,
    teaches_at,
)
from teaching_centres.calendar.words import LAST_PERIOD, NUMERALS
from teaching_centres.errors import NotPossible
from teaching_centres.models import School
from teaching_centres.operations.common import about_person, record_event

Weeks = TimetableEntry.Weeks
Slot = tuple[int, int]
"""Weekday (1–7) and period."""
Cells = Mapping[Slot, list[Content]]


# ---- the week of a teacher ---------------------------------------------------------------------------
def set_cells(
    *,
    actor: User,
    teacher: User,
    school: School,
    term: str,
    since: date,
    cells: Cells,
    imported: bool = False,
) -> int:
    """From `since` on these cells of the week hold this; what was taught before stays as it was.

    Returns how many cells changed. Cells that are not named are left alone. An import is entered as a whole.
    """
    if imported:
        return _set_cells(actor, teacher, school, term, since, cells, imported)
    with _act("timetable.changed", actor, teacher, school, term=term, count=len(cells)):
        return _set_cells(actor, teacher, school, term, since, cells, imported)


def _act(
    name: str, actor: User, teacher: User, school: School, **details: Any
) -> AbstractContextManager[object]:
    """One's own timetable is one's own affair, another's is an administrative act."""
    if actor.pk == teacher.pk:
        return transaction.atomic()
    return audited(name, **about_person(teacher, school, actor, **details))


@transaction.atomic
def _set_cells(
    actor: User, teacher: User, school: School, term: str, since: date, cells: Cells, imported: bool
) -> int:
    require_change_timetable(actor, teacher, school)
    dates = _term_of(calendar_of(school), term)
    since = max(since, dates.starts)
    if since > dates.ends:
        raise NotPossible(_("%(term)s到 %(day)s 为止。") % {"term": term_name(term), "day": dates.ends})
    User.objects.select_for_update().get(pk=teacher.pk)  # one change of a week at a time
    rows = list(TimetableEntry.objects.filter(teacher=teacher, term=term).select_related("school"))
    changed = 0
    for slot, contents in cells.items():
        refuse_wrong_cell(slot, contents)
        here = [row for row in rows if (row.weekday, row.period) == slot]
        changed += _Cell(teacher, school, dates, slot, here).hold(contents, since)
    if changed:
        _record(actor, teacher, school, term, changed, imported)
    return changed


class _Cell:
    """One cell of the week with all that stands in it at any time of the term, in whichever school."""

    def __init__(
        self, teacher: User, school: School, term: TermDates, slot: Slot, rows: list[TimetableEntry]
    ) -> None:
        self.teacher, self.school, self.term, self.slot, self.rows = teacher, school, term, slot, rows

    def hold(self, wanted: list[Content], since: date) -> bool:
        """What begins later in this cell stays, and ends what is new."""
        present = [row for row in self.rows if row.school_id == self.school.pk and _in_force(row, since)]
        kept = [row for row in present if content_of(row) in wanted]
        new = [content for content in wanted if content not in [content_of(row) for row in kept]]
        for row in present:
            if row not in kept:
                self._end(row, since)
        for content in new:
            self._begin(content, since)
        return bool(new) or len(kept) < len(present)

    def _end(self, row: TimetableEntry, day: date) -> None:
        """Not taught any more from that day on; what was never taught is gone."""
        if (row.since or self.term.starts) < day:
            row.until, row.changed_at = day - timedelta(days=1), timezone.now()
            row.save(update_fields=["until", "changed_at"])
        else:
            row.delete()
            self.rows.remove(row)

    def _begin(self, content: Content, since: date) -> None:
        others = [row for row in self.rows if _same_weeks(str(row.weeks), content.weeks)]
        for row in others:
            if _in_force(row, since):
                raise NotPossible(_clash(row))
        later = [row.since for row in others if row.since and row.since > since]
        self.rows.append(
            TimetableEntry.objects.create(
                teacher=self.teacher,
                school=self.school,
                term=self.term.code,
                weekday=self.slot[0],
                period=self.slot[1],
                subject=content.subject,
                class_label=content.class_label,
                grade=grade_of(content.class_label),
                weeks=content.weeks,
                since=since if since > self.term.starts else None,
                until=min(later) - timedelta(days=1) if later else None,
            )
        )


def _in_force(row: TimetableEntry, day: date) -> bool:
    return (row.since is None or row.since <= day) and (row.until is None or row.until >= day)


def _same_weeks(one: str, other: str) -> bool:
    return Weeks.EVERY in (one, other) or one == other


def _clash(row: TimetableEntry) -> str:
    return _("%(day)s第%(period)s节已经有“%(school)s”的%(subject)s课。") % {
        "day": weekday_name(row.weekday),
        "period": row.period,
        "school": row.school,
        "subject": row.subject,
    }


def refuse_wrong_cell(slot: Slot, contents: list[Content]) -> None:
    weekday, period = slot
    if not (1 <= weekday <= 7 and 1 <= period <= LAST_PERIOD):
        raise NotPossible(_("课表里没有这一格。"))
    for content in contents:
        if not content.subject or len(content.subject) > 16 or len(content.class_label) > 24:
            raise NotPossible(_("学科要填，最多 16 个字；班级最多 24 个字。"))
        if content.weeks not in Weeks.values:
            raise NotPossible(_("单双周只能是每周、单周、双周。"))
    kinds = sorted(content.weeks for content in contents)
    if len(kinds) > 1 and kinds != sorted([Weeks.ODD, Weeks.EVEN]):
        raise NotPossible(_("一格里最多一门课，或者单周、双周各一门。"))


def _term_of(calendar: Calendar, code: str) -> TermDates:
    term = calendar.term(code)
    if term is None:
        raise NotPossible(_("这个学期的起止日期还没有设。请学校或县管理员先设。"))
    return term


def _record(actor: User, teacher: User, school: School, term: str, cells: int, imported: bool) -> None:
    record_event(
        events.TimetableChanged(
            subject_id=teacher.pk, school_id=school.pk, term=term, cells=cells, imported=imported
        ),
        actor,
    )


# ---- one lesson on one day ------------------------------------------------------------------------------
def change_lesson(
    *,
    actor: User,
    entry: TimetableEntry,
    day: date,
    substitute: User | None = None,
    moved_to: date | None = None,
    moved_period: int | None = None,
) -> LessonChange:
    """A lesson of one day is off (neither given), taken by a colleague, or moved. A second time replaces it."""
    what = "substitute" if substitute else "moved" if moved_to else "off"
    with _lesson_act(actor, entry, day, what):
        require_change_timetable(actor, entry.teacher, entry.school)
        calendar = calendar_of(entry.school)
        if not is_taught(entry, calendar, day):
            raise NotPossible(_("那天没有这节课。"))
        _take_back(entry, day)
        if substitute is not None:
            _refuse_wrong_substitute(entry, day, substitute)
        if moved_to is not None:
            _refuse_wrong_move(entry, day, calendar, moved_to, moved_period)
        change = LessonChange.objects.create(
            entry=entry,
            day=day,
            substitute=substitute,
            moved_to=moved_to,
            moved_period=moved_period,
            changed_by=actor,
        )
        _record_lesson(actor, entry, day, what)
        _tell(actor, change)
    return change


def restore_lesson(*, actor: User, entry: TimetableEntry, day: date) -> None:
    """The lesson is as the timetable says again."""
    with _lesson_act(actor, entry, day, "as_usual"):
        require_change_timetable(actor, entry.teacher, entry.school)
        if _take_back(entry, day):
            _record_lesson(actor, entry, day, "as_usual")


def _lesson_act(actor: User, entry: TimetableEntry, day: date, what: str) -> AbstractContextManager[object]:
    details = {"entry_id": entry.pk, "on": day.isoformat(), "state": what}
    return _act("lesson.changed", actor, entry.teacher, entry.school, **details)


def _take_back(entry: TimetableEntry, day: date) -> bool:
    removed, _each = LessonChange.objects.filter(entry=entry, day=day).delete()
    return removed > 0


def _refuse_wrong_substitute(entry: TimetableEntry, day: date, substitute: User) -> None:
    if substitute.pk == entry.teacher_id:
        raise NotPossible(_("代课的要是另一位老师。"))
    if not teaches_at(substitute, entry.school):
        raise NotPossible(_("%(name)s现在不在这所学校任教。") % {"name": substitute.name})
    _refuse_busy(substitute, day, entry.period)


def _refuse_wrong_move(
    entry: TimetableEntry, day: date, calendar: Calendar, moved_to: date, moved_period: int | None
) -> None:
    if moved_period is None or not 1 <= moved_period <= LAST_PERIOD:
        raise NotPossible(_("选调到第几节。"))
    if (moved_to, moved_period) == (day, entry.period):
        raise NotPossible(_("它本来就在这一节。"))
    if calendar.taught_as(moved_to) is None:
        raise NotPossible(_("%(day)s不上课，换一天。") % {"day": day_name(moved_to)})
    _refuse_busy(entry.teacher, moved_to, moved_period)


def _refuse_busy(teacher: User, day: date, period: int) -> None:
    for lesson in lessons_of(teacher, day, day):
        if lesson.taught and lesson.period == period:
            values = {"name": teacher.name, "day": day_name(day), "period": period}
            raise NotPossible(_("%(name)s %(day)s第%(period)s节有课。") % values)


def _record_lesson(actor: User, entry: TimetableEntry, day: date, what: str) -> None:
    record_event(
        events.LessonChanged(
            subject_id=entry.pk,
            teacher_id=entry.teacher_id,
            school_id=entry.school_id,
            day=day.isoformat(),
            what=what,
        ),
        actor,
    )


def _tell(actor: User, change: LessonChange) -> None:
    """The substitute, and the teacher when somebody else did it."""
    entry = change.entry
    values = {
        "name": entry.teacher.name,
        "day": day_name(change.day),
        "period": entry.period,
        "lesson": " ".join(filter(None, [entry.subject, entry.class_label])),
    }
    path = f"{reverse('timetable')}#changes"
    if change.substitute_id and change.substitute_id != actor.pk:
        text = _("请你代%(name)s的课：%(day)s第%(period)s节 %(lesson)s") % values
        notify(recipients=[change.substitute_id], kind="timetable.substitute", text=text, path=path)
    if entry.teacher_id != actor.pk:
        text = _("你的课有变动：%(day)s第%(period)s节 %(lesson)s") % values
        notify(recipients=[entry.teacher_id], kind="timetable.changed", text=text, path=path)


# ---- words -------------------------------------------------------------------------------------------------
def tidy_content(content: Content) -> Content:
    return replace(
        content, subject=tidy(content.subject), class_label="".join(tidy(content.class_label).split())
    )


def grade_of(class_label: str) -> int | None:
    """三（2）班, 3.2班, 302, 三年级2班 → 3; 初二3班 → 8; what says no grade → None."""
    label = class_label.strip()
    if junior := re.match(r"初([一二三])", label):
        return NUMERALS.index(junior[1]) + 7
    if written := re.match(rf"([{NUMERALS}])", label):
        return NUMERALS.index(written[1]) + 1
    if digits := re.match(r"([1-9])(?:\d\d(?!\d)|\D|$)", label):
        return int(digits[1])
    return None


def weekday_name(weekday: int) -> str:
    names = [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]
    return names[weekday - 1]


def day_name(day: date) -> str:
    """11月23日（周一）; with the year when it is another one."""
    this_year = day.year == timezone.localdate().year
    return _("%(day)s（%(weekday)s）") % {
        "day": date_format(day, _("n月j日") if this_year else _("Y年n月j日")),
        "weekday": weekday_name(day.isoweekday()),
    }
