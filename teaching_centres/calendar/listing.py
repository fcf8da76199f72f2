"""What the pages of the calendar show: the rows with where they were set."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Q
from django.urls import reverse

from teaching_centres.calendar.days import Calendar, TermDates, Times
from teaching_centres.calendar.models import DaysChanged, Period, Term, term_name
from teaching_centres.calendar.queries import calendar_of, units_up
from teaching_centres.calendar.words import LAST_PERIOD
from teaching_centres.models import School
from teaching_centres.policies import Unit


@dataclass(frozen=True)
class TermLine:
    id: int
    name: str
    dates: TermDates
    unit: str
    own: bool
    now: bool


@dataclass(frozen=True)
class DaysLine:
    id: int
    name: str
    starts: date
    ends: date
    taught_as: date | None
    unit: str
    own: bool
    over: bool

    @property
    def usual(self) -> bool:
        """As on any other day, where the unit above has it off."""
        return self.taught_as == self.starts


@dataclass(frozen=True)
class PeriodsLine:
    since: date
    times: list[Times]
    own: bool


@dataclass(frozen=True)
class CalendarPage:
    unit: Unit
    is_school: bool
    terms: list[TermLine]
    days: list[DaysLine]
    times: Mapping[int, Times]
    """In force now."""
    own_periods: list[PeriodsLine]
    times_of: str
    """Which unit set them; nothing when these are the standard ones."""


def address_of(unit: Unit) -> str:
    name = "calendar-school" if isinstance(unit, School) else "calendar-region"
    return reverse(name, args=[unit.pk])


def of_unit(unit: Unit) -> dict[str, int | None]:
    is_school = isinstance(unit, School)
    return {"school_id": unit.pk if is_school else None, "region_id": None if is_school else unit.pk}


def calendar_page(unit: Unit, today: date) -> CalendarPage:
    calendar = calendar_of(unit)
    chain = units_up(unit)
    regions, schools = ([pk for kind, pk in chain if kind == wanted] for wanted in ("region", "school"))
    theirs = Q(region_id__in=regions) | Q(school_id__in=schools)
    periods = list(Period.objects.filter(theirs).select_related("region", "school"))
    return CalendarPage(
        unit=unit,
        is_school=isinstance(unit, School),
        terms=_terms(unit, calendar, regions, today),
        days=_days(unit, theirs, calendar, today),
        times=calendar.times_on(today),
        own_periods=_own_periods(unit, periods),
        times_of=_times_of(chain, periods, today),
    )


def _terms(unit: Unit, calendar: Calendar, regions: list[int], today: date) -> list[TermLine]:
    rows = Term.objects.filter(region_id__in=regions).select_related("region")
    by_dates = {(row.code, row.starts, row.ends): row for row in rows}
    lines = []
    for dates in reversed(calendar.terms):
        row = by_dates[dates.code, dates.starts, dates.ends]
        own = not isinstance(unit, School) and row.region_id == unit.pk
        lines.append(TermLine(row.pk, term_name(row.code), dates, str(row.region), own, dates.holds(today)))
    return lines


def _days(unit: Unit, theirs: Q, calendar: Calendar, today: date) -> list[DaysLine]:
    """Of this school year and the coming one, the coming days first."""
    begun = date(today.year if today.month >= 8 else today.year - 1, 8, 1)
    rows = DaysChanged.objects.filter(theirs, ends__gte=begun).select_related("region", "school")
    lines = [
        DaysLine(
            row.pk,
            row.name,
            row.starts,
            row.ends,
            row.taught_as,
            str(row.unit),
            (row.school_id, row.region_id) == tuple(of_unit(unit).values()),
            row.ends < today,
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (line.over, line.starts))


def _own_periods(unit: Unit, periods: list[Period]) -> list[PeriodsLine]:
    own = [row for row in periods if (row.school_id, row.region_id) == tuple(of_unit(unit).values())]
    return [
        PeriodsLine(since, [Times(row.starts, row.ends) for row in rows], True)
        for since, rows in groupby(own, key=lambda row: row.since)
    ]


def _times_of(chain: list[tuple[str, int]], periods: list[Period], today: date) -> str:
    for kind, pk in chain:
        for row in periods:
            if row.since <= today and (row.school_id if kind == "school" else row.region_id) == pk:
                return str(row.unit)
    return ""


def rows_of_periods(times: Mapping[int, Times]) -> list[tuple[int, str, str]]:
    """For the form: every period a day may have."""
    return [
        (
            number,
            times[number].starts.strftime("%H:%M") if number in times else "",
            times[number].ends.strftime("%H:%M") if number in times else "",
        )
        for number in range(1, LAST_PERIOD + 1)
    ]
