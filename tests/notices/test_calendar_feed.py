"""The calendar of a person: at a secret address, with the lessons of the timetable as the pages show them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from foundation.accounts.models import User
from foundation.notices import calendar
from foundation.notices.models import CalendarFeed
from teaching_centres.calendar.models import DaysChanged
from teaching_centres.calendar.queries import lessons_of
from teaching_centres.calendar.timetables import change_lesson
from tests.factories import Tree, make_entry, make_region_tree, make_teacher, make_term

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
    monkeypatch.setattr(timezone, "now", lambda: moment)


@pytest.fixture
def tree(db: None) -> Tree:
    tree = make_region_tree()
    make_term(tree.province)
    return tree


@pytest.fixture
def teacher(tree: Tree) -> User:
    return make_teacher(tree.school, name="李永梅")


@pytest.fixture
def anyone() -> Client:
    """A calendar program: no session."""
    return Client()


def address(teacher: User) -> str:
    return f"/calendar/feed/{calendar.make_address(actor=teacher)}.ics"


def events(answer: Any) -> list[Any]:
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def lessons(answer: Any) -> dict[datetime, Any]:
    return {
        event["DTSTART"].dt: event for event in events(answer) if isinstance(event["DTSTART"].dt, datetime)
    }


def test_the_address_is_secret_and_kept_as_a_digest(teacher: User, anyone: Client) -> None:
    path = address(teacher)
    answer = anyone.get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    token = path.removeprefix("/calendar/feed/").removesuffix(".ics")
    assert token not in str(CalendarFeed.objects.values())
    assert teacher.username not in path
    assert len(token) >= 43


def test_a_new_address_ends_the_old_one_and_none_is_left_when_it_is_revoked(
    teacher: User, anyone: Client
) -> None:
    first = address(teacher)
    second = address(teacher)
    assert anyone.get(first).status_code == 404
    assert anyone.get(second).status_code == 200
    calendar.revoke_address(actor=teacher)
    assert anyone.get(second).status_code == 404
    assert anyone.get("/calendar/feed/x.ics").status_code == 404


def test_the_calendar_of_a_closed_account_is_gone(teacher: User, anyone: Client) -> None:
    path = address(teacher)
    User.objects.filter(pk=teacher.pk).update(is_active=False)
    assert anyone.get(path).status_code == 404


def test_the_feed_has_the_lessons_of_the_timetable_in_their_time(
    tree: Tree, teacher: User, anyone: Client
) -> None:
    make_entry(teacher, 1, 1)
    make_entry(teacher, 3, 2, weeks="even")
    DaysChanged.objects.create(
        region=tree.province, name="元旦", starts=date(2027, 1, 1), ends=date(2027, 1, 4)
    )
    found = lessons(anyone.get(address(teacher)))
    expected = [
        each.starts for each in lessons_of(teacher, date(2026, 10, 24), date(2027, 6, 11)) if each.taught
    ]
    assert sorted(found) == expected
    assert len(expected) > 15
    first = found[datetime(2026, 11, 23, 8, tzinfo=SHANGHAI)]
    assert str(first["SUMMARY"]) == "语文 三（2）班"
    assert first["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert first["DTEND"].dt - first["DTSTART"].dt == timedelta(minutes=40)


def test_the_time_zone_is_described(teacher: User, anyone: Client) -> None:
    make_entry(teacher, 1, 1)
    parsed = Calendar.from_ical(anyone.get(address(teacher)).content)
    [zone] = parsed.walk("VTIMEZONE")
    assert str(zone["TZID"]) == "Asia/Shanghai"
    assert {part["TZOFFSETTO"].td for part in zone.subcomponents} == {timedelta(hours=8)}


def test_days_of_the_term_are_whole_days(tree: Tree, teacher: User, anyone: Client) -> None:
    DaysChanged.objects.create(
        region=tree.province, name="元旦", starts=date(2027, 1, 1), ends=date(2027, 1, 3)
    )
    moved = date(2026, 12, 26)
    DaysChanged.objects.create(
        region=tree.province, name="调休", starts=moved, ends=moved, taught_as=date(2027, 1, 1)
    )
    found = {str(event["SUMMARY"]): event for event in events(anyone.get(address(teacher)))}
    assert (found["元旦：放假"]["DTSTART"].dt, found["元旦：放假"]["DTEND"].dt) == (
        date(2027, 1, 1),
        date(2027, 1, 4),
    )
    assert "调休：补 2027年1月1日（周五）的课" in found
    assert found["2026–2027 学年第一学期最后一天"]["DTSTART"].dt == date(2027, 1, 15)


def test_a_lesson_keeps_its_id_when_it_moves_and_is_cancelled(
    tree: Tree, teacher: User, anyone: Client
) -> None:
    entry, path = make_entry(teacher, 1, 1), address(teacher)
    start = datetime(2026, 11, 23, 8, tzinfo=SHANGHAI)
    before = lessons(anyone.get(path))[start]
    change_lesson(actor=teacher, entry=entry, day=MONDAY, moved_to=date(2026, 11, 24), moved_period=3)
    found = lessons(anyone.get(path))
    moved = found[datetime(2026, 11, 24, 10, tzinfo=SHANGHAI)]
    assert start not in found
    assert moved["UID"] == before["UID"]
    assert int(moved["SEQUENCE"]) > int(before["SEQUENCE"])
    change_lesson(actor=teacher, entry=entry, day=MONDAY)
    cancelled = lessons(anyone.get(path))[start]
    assert (str(cancelled["STATUS"]), cancelled["UID"]) == ("CANCELLED", before["UID"])


def test_the_ids_survive_a_timetable_entered_anew_and_a_new_address(teacher: User, anyone: Client) -> None:
    make_entry(teacher, 1, 1)
    before = {event["UID"] for event in events(anyone.get(address(teacher)))}
    teacher.timetable.all().delete()
    make_entry(teacher, 1, 1, subject="数学")
    assert {event["UID"] for event in events(anyone.get(address(teacher)))} == before


def test_a_substitute_has_the_lesson_and_the_teacher_has_it_cancelled(
    tree: Tree, teacher: User, anyone: Client
) -> None:
    other = make_teacher(tree.school)
    entry = make_entry(teacher, 1, 1)
    change_lesson(actor=teacher, entry=entry, day=MONDAY, substitute=other)
    start = datetime(2026, 11, 23, 8, tzinfo=SHANGHAI)
    assert str(lessons(anyone.get(address(teacher)))[start]["STATUS"]) == "CANCELLED"
    theirs = lessons(anyone.get(address(other)))
    assert list(theirs) == [start]
    assert "代课" in str(theirs[start]["SUMMARY"])


def test_what_has_not_changed_is_not_sent_again(
    teacher: User, anyone: Client, django_assert_max_num_queries: Any
) -> None:
    make_entry(teacher, 1, 1)
    path = address(teacher)
    with django_assert_max_num_queries(13):
        tag = anyone.get(path)["ETag"]
    assert anyone.get(path, headers={"If-None-Match": tag}).status_code == 304
    make_entry(teacher, 1, 2, changed_at=datetime(2026, 11, 23, 3, tzinfo=UTC))
    assert anyone.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_the_page_shows_the_address_once(client: Client, teacher: User) -> None:
    client.force_login(teacher)
    shown = client.post("/notices/settings/calendar/", {"do": "make"}).content.decode()
    assert "http://testserver/calendar/feed/" in shown
    later = client.get("/notices/settings/").content.decode()
    assert "/calendar/feed/" not in later
    assert "换一个地址" in later
    client.post("/notices/settings/calendar/", {"do": "revoke"})
    assert not CalendarFeed.objects.exists()
