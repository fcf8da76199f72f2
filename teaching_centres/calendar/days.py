"""What a day is: in which term and week, off or taught as another, with which periods. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta


@dataclass(frozen=True)
class TermDates:
    code: str
    starts: date
    ends: date

    def holds(self, day: date) -> bool:
        return self.starts <= day <= self.ends

    def week(self, day: date) -> int:
        """第几周: the week of the first day of term is the first, every week begins on Monday."""
        return (monday(day) - monday(self.starts)).days // 7 + 1

    @property
    def weeks(self) -> int:
        return self.week(self.ends)


@dataclass(frozen=True)
class ChangedDays:
    name: str
    starts: date
    ends: date
    taught_as: date | None = None

    def holds(self, day: date) -> bool:
        return self.starts <= day <= self.ends


@dataclass(frozen=True)
class Times:
    starts: time
    ends: time

    @property
    def minutes(self) -> int:
        return (self.ends.hour - self.starts.hour) * 60 + self.ends.minute - self.starts.minute


@dataclass(frozen=True)
class PeriodsOfDay:
    since: date
    times: Mapping[int, Times]


STANDARD_TIMES: Mapping[int, Times] = {
    number: Times(time.fromisoformat(starts), time.fromisoformat(ends))
    for number, (starts, ends) in enumerate(
        (
            ("08:00", "08:40"),
            ("08:50", "09:30"),
            ("10:00", "10:40"),
            ("10:50", "11:30"),
            ("13:30", "14:10"),
            ("14:20", "15:00"),
            ("15:10", "15:50"),
        ),
        start=1,
    )
}
"""Until a unit sets its own."""


@dataclass(frozen=True)
class Calendar:
    """What holds for one school or region. What was set nearest to it stands first."""

    terms: tuple[TermDates, ...] = ()  # in the order of time, none overlapping
    changes: tuple[ChangedDays, ...] = ()
    periods: tuple[PeriodsOfDay, ...] = ()

    def term_on(self, day: date) -> TermDates | None:
        return next((term for term in self.terms if term.holds(day)), None)

    def term(self, code: str) -> TermDates | None:
        return next((term for term in self.terms if term.code == code), None)

    def term_near(self, day: date) -> TermDates | None:
        """The present term; between two the coming one; after the last the last."""
        coming = (term for term in self.terms if term.ends >= day)
        return next(coming, self.terms[-1] if self.terms else None)

    def change_on(self, day: date) -> ChangedDays | None:
        return next((change for change in self.changes if change.holds(day)), None)

    def taught_as(self, day: date) -> date | None:
        """The date whose lessons are taught on that day: itself, another (调休), or none."""
        if self.term_on(day) is None:
            return None
        change = self.change_on(day)
        return change.taught_as if change else day

    def times_on(self, day: date) -> Mapping[int, Times]:
        return next((each.times for each in self.periods if each.since <= day), STANDARD_TIMES)

    def has_own_times(self, day: date) -> bool:
        return any(each.since <= day for each in self.periods)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def days_between(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
