"""The pages of the calendar, the timetable and the notices' settings, for test_pages: who visits what."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from foundation.accounts.models import User
from foundation.notices.models import MailSettings
from foundation.notices.operations import stop_token
from lessons.models import LessonPlan, PlannedLesson
from teaching_centres.calendar.models import DaysChanged, LessonChange, TimetableEntry
from teaching_centres.queries import current_school
from tests.factories import make_entry, make_member, make_term

Who = Callable[[Any], User | None]
Path = Callable[[Any], str]
PERIODS = 4


def fill_calendar(teacher: User, plan: LessonPlan) -> None:
    """A term around today with lessons on every day, one of them planned, one moved; days off behind and ahead."""
    school, today = current_school(teacher), timezone.localdate()
    assert school is not None
    county = school.county
    make_term(county, starts=today - timedelta(days=60), ends=today + timedelta(days=60))
    for weekday in range(1, 8):
        for period in range(1, PERIODS + 1):
            make_entry(teacher, weekday, period)
    make_entry(teacher, 3, 5, weeks="odd", subject="道德与法治", class_label="三年级（2）班")
    make_entry(teacher, 3, 5, weeks="even", subject="劳动")
    PlannedLesson.objects.create(teacher=teacher, day=today, period=1, plan=plan)
    PlannedLesson.objects.create(teacher=teacher, day=today, period=2, plan=plan)
    LessonChange.objects.create(entry=_entry(teacher, today, 3), day=today, changed_by=teacher)
    for name, first, last in (("运动会", -40, -39), ("元旦", 20, 22)):
        days = {"starts": today + timedelta(days=first), "ends": today + timedelta(days=last)}
        DaysChanged.objects.create(region=county, name=name, **days)
    moved = today + timedelta(days=27)
    DaysChanged.objects.create(
        school=school, name="补课", starts=moved, ends=moved, taught_as=today + timedelta(days=20)
    )


def _entry(teacher: User, day: date, period: int) -> TimetableEntry:
    return TimetableEntry.objects.get(teacher=teacher, weekday=day.isoweekday(), period=period)


def teacher(world: Any) -> User:
    return world.teacher


def administrator(world: Any) -> User:
    return world.administrator


def newcomer(world: Any) -> User:
    return world.newcomer


def _at(name: str, *arguments: Callable[[Any], Any], query: str = "") -> Path:
    return lambda world: reverse(name, args=[argument(world) for argument in arguments]) + query


def school(world: Any) -> int:
    found = current_school(world.teacher)
    assert found is not None
    return found.pk


def person(world: Any) -> int:
    return world.teacher.pk


def region(world: Any) -> int:
    found = current_school(world.teacher)
    assert found is not None
    return found.county_id


def entry(world: Any) -> int:
    return _entry(world.teacher, timezone.localdate(), 3).pk


def today(world: Any) -> date:
    return timezone.localdate()


def token(world: Any) -> str:
    return stop_token(MailSettings.objects.get_or_create(user=world.teacher)[0])


def inspector(world: Any) -> User:
    found = current_school(world.teacher)
    assert found is not None
    return make_member(found.county, "inspector", name="督导")


def county_administrator(world: Any) -> User:
    found = current_school(world.teacher)
    assert found is not None
    return make_member(found.county, "administrator", name="县管理员", is_staff=True)


CALENDAR_PAGES: dict[str, list[tuple[Who, Path, int]]] = {
    "calendar-region": [(county_administrator, _at("calendar-region", region), 200)],
    "calendar-school": [
        (teacher, _at("calendar-school", school), 200),
        (administrator, _at("calendar-school", school), 200),
    ],
    "timetable": [(teacher, _at("timetable"), 200), (newcomer, _at("timetable"), 200)],
    "timetable-school": [(administrator, _at("timetable-school", school), 200)],
    "timetable-import": [(administrator, _at("timetable-import", school), 200)],
    "timetable-person": [(administrator, _at("timetable-person", school, person), 200)],
    "timetable-person-import": [(teacher, _at("timetable-person-import", school, person), 200)],
    "lesson-change": [(teacher, _at("lesson-change", entry, today), 200)],
    "week": [(teacher, _at("week"), 200), (newcomer, _at("week"), 200)],
    "lesson-plan": [
        (teacher, _at("lesson-plan", today, lambda world: 1), 200),
        (teacher, _at("lesson-plan", today, lambda world: 4), 200),
    ],
    "today": [
        (teacher, _at("today"), 200),
        (newcomer, _at("today"), 200),
        (administrator, _at("today"), 200),
        (inspector, _at("today"), 200),
    ],
    "notice-settings": [(teacher, _at("notice-settings"), 200)],
    "mail-stop": [(lambda world: None, _at("mail-stop", token), 200)],
}
NOT_CALENDAR_PAGES: dict[str, str] = {
    "calendar": "sends on to the calendar of one's unit",
    "timetable-form": "a file",
    "timetable-cells": "takes cells, answers JSON",
    "timetable-person-form": "a file",
    "lesson-go": "sends on to the lesson that was chosen",
    "calendar-address": "takes a form",
    "calendar-feed": "a calendar",
}
CALENDAR_VALUES: dict[str, Callable[[Any], Any]] = {
    "school_id": school,
    "entry_id": entry,
    "day": today,
    "period": lambda world: 1,
}
