"""Reads: the calendar of a unit, the lessons of a person, the timetables of a school."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Literal

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone

from foundation.accounts.models import User
from teaching_centres.calendar.days import Calendar, ChangedDays, PeriodsOfDay, TermDates, Times, days_between
from teaching_centres.calendar.models import DaysChanged, LessonChange, Period, Term, TimetableEntry
from teaching_centres.models import Membership, School
from teaching_centres.policies import Unit
from teaching_centres.roles import UnitKind, Verb, roles_in, verbs_of
from teaching_centres.scopes import standing

TEACHING_ROLES = [role for role in roles_in(UnitKind.SCHOOL) if Verb.EDIT in verbs_of(role, UnitKind.SCHOOL)]
State = Literal["usual", "moved", "away", "cancelled", "handed_over", "substitute"]


@dataclass(frozen=True)
class Lesson:
    """One lesson on one day. `origin` is its place by the timetable, wherever it was moved to."""

    entry_id: int
    day: date
    period: int
    origin: tuple[date, int]
    starts: datetime | None  # None: the school's day has no such period
    ends: datetime | None
    subject: str
    class_label: str
    grade: int | None
    school: School
    state: State
    other: str  # who takes it over, or whose lesson it is
    moved_to: tuple[date, int] | None
    changed_at: datetime

    @property
    def taught(self) -> bool:
        """Do I teach it, here and now?"""
        return self.state in ("usual", "moved", "substitute")

    @property
    def minutes(self) -> int:
        return int((self.ends - self.starts).total_seconds() // 60) if self.starts and self.ends else 0


# ---- the calendar of a unit ----------------------------------------------------------------------
def units_up(unit: Unit) -> list[tuple[str, int]]:
    """The unit and those it lies in, itself first: ("school", 7), ("region", 17), …"""
    region = unit.county if isinstance(unit, School) else unit
    regions = [("region", int(step)) for step in reversed(region.path.strip("/").split("/"))]
    return [("school", unit.pk), *regions] if isinstance(unit, School) else regions


def calendar_of(unit: Unit) -> Calendar:
    return calendars_of([unit])[unit]


def calendars_of(units: Iterable[Unit]) -> dict[Unit, Calendar]:
    """Three queries, however many units."""
    chains = {unit: units_up(unit) for unit in units}
    regions = {pk for chain in chains.values() for kind, pk in chain if kind == "region"}
    schools = {pk for chain in chains.values() for kind, pk in chain if kind == "school"}
    theirs = Q(region_id__in=regions) | Q(school_id__in=schools)
    terms = list(Term.objects.filter(region_id__in=regions))
    changes = list(DaysChanged.objects.filter(theirs))
    periods = list(Period.objects.filter(theirs))
    return {unit: _calendar(chain, terms, changes, periods) for unit, chain in chains.items()}


def _calendar(
    chain: list[tuple[str, int]], terms: list[Term], changes: list[DaysChanged], periods: list[Period]
) -> Calendar:
    distance = {key: number for number, key in enumerate(chain)}
    nearest: dict[str, tuple[int, Term]] = {}
    for term in terms:
        away = distance.get(("region", term.region_id))
        if away is not None and away < nearest.get(term.code, (len(chain), term))[0]:
            nearest[term.code] = (away, term)
    own_changes = [row for row in changes if _key(row) in distance]
    own_changes.sort(key=lambda row: (distance[_key(row)], row.taught_as is None, row.starts))
    return Calendar(
        terms=tuple(
            sorted(
                (TermDates(term.code, term.starts, term.ends) for _away, term in nearest.values()),
                key=lambda term: term.starts,
            )
        ),
        changes=tuple(ChangedDays(row.name, row.starts, row.ends, row.taught_as) for row in own_changes),
        periods=tuple(_sets_of_periods(periods, distance)),
    )


def _key(row: DaysChanged | Period) -> tuple[str, int]:
    return ("school", row.school_id) if row.school_id is not None else ("region", row.region_id or 0)


def _sets_of_periods(periods: list[Period], distance: dict[tuple[str, int], int]) -> Iterator[PeriodsOfDay]:
    """The nearest unit first, its latest times first."""

    def place(row: Period) -> tuple[int, int]:
        return distance[_key(row)], -row.since.toordinal()

    own = sorted((row for row in periods if _key(row) in distance), key=place)
    for _place, group in groupby(own, key=place):
        rows = list(group)
        yield PeriodsOfDay(rows[0].since, {row.number: Times(row.starts, row.ends) for row in rows})


# ---- the lessons of a person -----------------------------------------------------------------------
def teaching_schools(user: User | AnonymousUser) -> list[School]:
    """Where someone teaches now, the main school first."""
    found: dict[int, School] = {}
    for held in standing(user):
        if held.school is not None and Verb.EDIT in verbs_of(held.role, held.unit_kind):
            found.setdefault(held.school.pk, held.school)
    return list(found.values())


def teaches_at(user: User, school: School) -> bool:
    return school in teaching_schools(user)


def lessons_of(user: User, first: date, last: date) -> list[Lesson]:
    """What someone teaches from a day to a day, in the order of time; five queries at most."""
    schools = teaching_schools(user)
    return lessons_in(user, calendars_of(schools), first, last) if schools else []


def lessons_in(user: User, calendars: dict[Unit, Calendar], first: date, last: date) -> list[Lesson]:
    """The same with calendars that were read already."""
    found = list(_Days(user, calendars, first, last).lessons())
    return sorted(found, key=lambda lesson: (lesson.day, lesson.period, not lesson.taught, lesson.entry_id))


@dataclass(frozen=True)
class _Days:
    user: User
    calendars: dict[Unit, Calendar]
    first: date
    last: date

    @property
    def schools(self) -> dict[int, School]:
        return {unit.pk: unit for unit in self.calendars if isinstance(unit, School)}

    def lessons(self) -> Iterator[Lesson]:
        changed = {(change.entry_id, change.day): change for change in self._changes()}
        usual = list(self._entries())
        for day in days_between(self.first, self.last):
            for entry in usual:
                if self._is_taught(entry, day):
                    yield from self._in_its_places(entry, day, changed.pop((entry.pk, day), None))
        for (_entry_id, day), change in changed.items():
            # taken over from a colleague, or moved here from a day that was not asked for
            if self._is_taught(change.entry, day):
                yield from self._in_its_places(change.entry, day, change)

    def _entries(self) -> Iterable[TimetableEntry]:
        terms = {term.code for calendar in self.calendars.values() for term in calendar.terms}
        return TimetableEntry.objects.filter(
            teacher=self.user, school_id__in=self.schools, term__in=terms
        ).order_by("id")

    def _changes(self) -> Iterable[LessonChange]:
        return LessonChange.objects.filter(
            Q(entry__teacher=self.user) | Q(substitute=self.user),
            Q(day__range=(self.first, self.last)) | Q(moved_to__range=(self.first, self.last)),
            entry__school_id__in=self.schools,
        ).select_related("entry__teacher", "substitute")

    def _is_taught(self, entry: TimetableEntry, day: date) -> bool:
        return is_taught(entry, self.calendars[self.schools[entry.school_id]], day)

    def _in_its_places(
        self, entry: TimetableEntry, day: date, change: LessonChange | None
    ) -> Iterator[Lesson]:
        """Where the timetable has it, and where it was moved to, as far as these days were asked for."""
        if change is None:
            yield self._lesson(entry, day, None, "usual")
        elif change.substitute_id == self.user.pk:
            yield self._lesson(entry, day, change, "substitute", entry.teacher.name)
        elif change.substitute is not None:
            yield self._lesson(entry, day, change, "handed_over", change.substitute.name)
        elif change.moved_to is None:
            yield self._lesson(entry, day, change, "cancelled")
        else:
            if self.first <= day <= self.last:
                yield self._lesson(entry, day, change, "away")
            if self.first <= change.moved_to <= self.last:
                yield self._lesson(entry, day, change, "moved")

    def _lesson(
        self, entry: TimetableEntry, day: date, change: LessonChange | None, state: State, other: str = ""
    ) -> Lesson:
        school = self.schools[entry.school_id]
        moved_to = (
            (change.moved_to, change.moved_period)
            if change and change.moved_to and change.moved_period
            else None
        )
        on, period = moved_to if moved_to and state == "moved" else (day, entry.period)
        times = self.calendars[school].times_on(on).get(period)
        return Lesson(
            entry_id=entry.pk,
            day=on,
            period=period,
            origin=(day, entry.period),
            starts=_moment(on, times.starts) if times else None,
            ends=_moment(on, times.ends) if times else None,
            subject=entry.subject,
            class_label=entry.class_label,
            grade=entry.grade,
            school=school,
            state=state,
            other=other,
            moved_to=moved_to,
            changed_at=change.changed_at if change else entry.changed_at,
        )


def is_taught(entry: TimetableEntry, calendar: Calendar, day: date) -> bool:
    """Does the timetable have this entry on that day?"""
    source = calendar.taught_as(day)
    term = calendar.term_on(source) if source else None
    if source is None or term is None or entry.term != term.code or entry.weekday != source.isoweekday():
        return False
    if (entry.since and source < entry.since) or (entry.until and source > entry.until):
        return False
    odd = term.week(source) % 2 == 1
    return entry.weeks == TimetableEntry.Weeks.EVERY or odd == (entry.weeks == TimetableEntry.Weeks.ODD)


def _moment(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))


# ---- timetables --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Content:
    """What stands in one cell of the week: a subject and a class, every week or every other."""

    subject: str
    class_label: str
    weeks: str = str(TimetableEntry.Weeks.EVERY)


Cells = dict[tuple[int, int], list[Content]]
"""By weekday and period."""


def cells_of(teacher: User, school: School, term: str, on: date) -> Cells:
    """The week of a teacher as it is in force on that day."""
    rows = TimetableEntry.objects.filter(teacher=teacher, school=school, term=term).in_force(on)
    cells: Cells = {}
    for row in rows:
        cells.setdefault((row.weekday, row.period), []).append(content_of(row))
    for contents in cells.values():
        contents.sort(key=lambda content: TimetableEntry.Weeks.values.index(content.weeks))
    return cells


def content_of(row: TimetableEntry) -> Content:
    return Content(row.subject, row.class_label, str(row.weeks))


@dataclass(frozen=True)
class TeacherTimetable:
    """One teacher of a school, with how many lessons a week."""

    user: User
    lessons: int


def teachers_of(school: School) -> list[User]:
    """Everyone who teaches at the school now, by name."""
    held = Membership.objects.current().filter(school=school, role__in=TEACHING_ROLES)
    return list(User.objects.filter(pk__in=held.values("user_id")).order_by("name_key", "pk"))


def timetables_of(school: School, term: str, on: date) -> list[TeacherTimetable]:
    """Two queries. A lesson every other week counts as half of one, and two of these as one."""
    rows = TimetableEntry.objects.filter(school=school, term=term).in_force(on)
    halves: dict[int, int] = {}
    for teacher_id, weeks in rows.values_list("teacher_id", "weeks"):
        halves[teacher_id] = halves.get(teacher_id, 0) + (2 if weeks == TimetableEntry.Weeks.EVERY else 1)
    return [TeacherTimetable(user, (halves.get(user.pk, 0) + 1) // 2) for user in teachers_of(school)]
