"""What the page of a timetable shows: the week as a grid, and the lessons that are otherwise."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from foundation.accounts.models import User
from teaching_centres.calendar.days import Calendar, TermDates, Times
from teaching_centres.calendar.models import LessonChange, TimetableEntry
from teaching_centres.calendar.queries import Cells, Content, Lesson, cells_of, lessons_in
from teaching_centres.calendar.timetables import weekday_name
from teaching_centres.models import School

SHORTEST_DAY = 6
DAYS_AHEAD = 14


@dataclass(frozen=True)
class Cell:
    weekday: int
    contents: list[Content]


@dataclass(frozen=True)
class Line:
    period: int
    times: Times | None
    cells: list[Cell]


@dataclass(frozen=True)
class Week:
    weekdays: list[tuple[int, str]]
    lines: list[Line]
    lessons: int
    own_times: bool
    brushes: list[tuple[str, str]]
    """Subjects and classes of the present week, the most frequent first; else the teacher's own subject."""

    def data(self) -> dict[str, Any]:
        """For the page's script."""
        return {
            "cells": [
                {
                    "weekday": cell.weekday,
                    "period": line.period,
                    "contents": [_for_script(content) for content in cell.contents],
                }
                for line in self.lines
                for cell in line.cells
            ],
            "brushes": [{"subject": subject, "classLabel": label} for subject, label in self.brushes],
        }


def _for_script(content: Content) -> dict[str, str]:
    return {"subject": content.subject, "classLabel": content.class_label, "weeks": content.weeks}


def usual_since(teacher: User, school: School, term: TermDates, today: date) -> date:
    """A timetable that has been taught is changed from today on; a new one holds from the first day."""
    taught = TimetableEntry.objects.filter(teacher=teacher, school=school, term=term.code)
    return today if term.holds(today) and taught.exists() else term.starts


def week_of(teacher: User, school: School, calendar: Calendar, term: TermDates, on: date) -> Week:
    cells = cells_of(teacher, school, term.code, on)
    times = calendar.times_on(on)
    periods = range(1, max([SHORTEST_DAY, *times, *(period for _weekday, period in cells)]) + 1)
    weekend = any(weekday > 5 for weekday, _period in cells)
    weekdays = [(number, weekday_name(number)) for number in range(1, 8 if weekend else 6)]
    return Week(
        weekdays=weekdays,
        lines=[
            Line(
                period,
                times.get(period),
                [Cell(number, cells.get((number, period), [])) for number, _name in weekdays],
            )
            for period in periods
        ],
        lessons=sum(len(contents) for contents in cells.values()),
        own_times=calendar.has_own_times(on),
        brushes=_brushes(teacher, school, cells),
    )


def _brushes(teacher: User, school: School, cells: Cells) -> list[tuple[str, str]]:
    counts: dict[tuple[str, str], int] = {}
    for contents in cells.values():
        for content in contents:
            key = (content.subject, content.class_label)
            counts[key] = counts.get(key, 0) + 1
    if counts:
        return sorted(counts, key=lambda key: -counts[key])
    subjects = teacher.memberships.current().filter(school=school).exclude(subject="")
    return [(subject, "") for subject in dict.fromkeys(subjects.values_list("subject", flat=True))]


def coming_changes(teacher: User, today: date) -> list[LessonChange]:
    """Of one's own lessons and those one takes over, from today on."""
    mine = Q(entry__teacher=teacher) | Q(substitute=teacher)
    ahead = Q(day__gte=today) | Q(moved_to__gte=today)
    return list(
        LessonChange.objects.filter(mine, ahead).select_related(
            "entry__teacher", "entry__school", "substitute"
        )
    )


def coming_lessons(teacher: User, school: School, calendar: Calendar, today: date) -> list[Lesson]:
    """The lessons of two weeks, to choose the one that is otherwise."""
    lessons = lessons_in(teacher, {school: calendar}, today, today + timedelta(days=DAYS_AHEAD - 1))
    return [lesson for lesson in lessons if lesson.state == "usual"]
