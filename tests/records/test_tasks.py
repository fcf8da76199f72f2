"""Tasks of a signed record: told to those who have to do them, ticked off by them, followed by the host."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from foundation.accounts.models import User
from foundation.accounts.operations.merging import absorb
from foundation.ledger.models import Event
from foundation.notices import calendar
from foundation.notices.models import Notice
from foundation.records import queries
from foundation.records.errors import NotPossible, RecordNotFound
from foundation.records.form import Person, Task
from foundation.records.models import RecordTask
from foundation.records.operations import reopen, sign, tick_task
from prep_platform.today import today
from tests.factories import make_teacher
from tests.records.conftest import World, person

DUE = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 11, 25, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    monkeypatch.setattr(timezone, "now", lambda: moment)


@pytest.fixture
def task(world: World) -> RecordTask:
    world.change(tasks=(Task("t-1", "改第二环节", person(world.writer), DUE),))
    sign(opened=world.opened(), seen=world.draft().digest)
    return RecordTask.objects.get()


def sign_again(world: World, *tasks: Task) -> None:
    reopen(opened=world.opened(), because="改任务")
    world.change(tasks=tasks)
    sign(opened=world.opened(), seen=world.draft().digest)


def told(user: User) -> list[str]:
    return list(Notice.objects.filter(recipient=user).order_by("pk").values_list("text", flat=True))


def waiting(user: User) -> list[tuple[str, str]]:
    found = today(User.objects.get(pk=user.pk), timezone.localtime()).waiting
    return [(line.title, line.detail) for line in found if line.path.startswith("/records/")]


def in_calendar(user: User) -> list[date]:
    path = f"/calendar/feed/{calendar.make_address(actor=user)}.ics"
    events = Calendar.from_ical(Client().get(path).content).walk("VEVENT")
    return [event["DTSTART"].dt for event in events if "改第二环节" in str(event["SUMMARY"])]


def test_a_draft_tells_nobody(world: World) -> None:
    assert not RecordTask.objects.exists()
    assert told(world.writer) == []


def test_signing_tells_the_person_under_the_bell_on_today_and_in_the_calendar(
    world: World, task: RecordTask
) -> None:
    assert told(world.writer) == ["“一起备《山行》”的记录里有你的任务：改第二环节"]
    assert waiting(world.writer) == [("改第二环节", "一起备《山行》 · 11月27日到期")]
    assert in_calendar(world.writer) == [DUE]
    assert waiting(world.reader) == []
    assert in_calendar(world.reader) == []


def test_an_overdue_task_says_so(world: World, task: RecordTask, monkeypatch: pytest.MonkeyPatch) -> None:
    RecordTask.objects.update(due=DUE - timedelta(days=7))
    assert waiting(world.writer) == [("改第二环节", "一起备《山行》 · 11月20日到期，过期了")]
    assert queries.task_lines(world.opened(), timezone.localdate())[0].overdue


def test_the_person_ticks_it_off_and_the_host_hears_of_it(world: World, task: RecordTask) -> None:
    tick_task(actor=world.writer, task=task, done=True)
    task.refresh_from_db()
    assert (task.done_by, task.done_at) == (world.writer, timezone.now())
    assert told(world.host) == ["“一起备《山行》”的任务完成了：改第二环节"]
    assert waiting(world.writer) == []
    assert in_calendar(world.writer) == []
    tick_task(actor=world.writer, task=task, done=True)
    assert len(told(world.host)) == 1
    tick_task(actor=world.writer, task=task, done=False)
    task.refresh_from_db()
    assert (task.done_by, task.done_at) == (None, None)
    assert Event.objects.filter(kind="record.task_ticked").count() == 2


def test_others_cannot_tick_it_off(world: World, task: RecordTask) -> None:
    for user in (world.reader, world.stranger):
        with pytest.raises(RecordNotFound):
            tick_task(actor=user, task=task, done=True)
    task.refresh_from_db()
    assert task.done_at is None
    tick_task(actor=world.host, task=task, done=True)
    task.refresh_from_db()
    assert task.done_by == world.host


def test_somebody_who_does_not_see_the_record_can_be_given_a_task(world: World) -> None:
    world.change(tasks=(Task("t-9", "借录播室", person(world.stranger), None),))
    sign(opened=world.opened(), seen=world.draft().digest)
    browser = Client()
    browser.force_login(world.stranger)
    path = reverse("record-task", args=[RecordTask.objects.get().pk])
    assert "借录播室" in browser.get(path).content.decode()
    assert browser.get(reverse("record", args=["meeting", "first"])).status_code == 404
    browser.post(path, {"done": "1"})
    assert RecordTask.objects.get().done_by == world.stranger


def test_what_is_done_stays_done_when_the_record_is_signed_again(world: World, task: RecordTask) -> None:
    tick_task(actor=world.writer, task=task, done=True)
    sign_again(world, Task("t-1", "改第二环节", person(world.writer), DUE), Task("t-2", "拍视频"))
    task.refresh_from_db()
    assert task.done_at is not None
    assert len(told(world.writer)) == 1
    assert RecordTask.objects.count() == 2


def test_a_task_that_changes_hands_is_open_again_and_told_to_the_new_person(
    world: World, task: RecordTask
) -> None:
    tick_task(actor=world.writer, task=task, done=True)
    sign_again(world, Task("t-1", "改第二环节", person(world.reader), DUE))
    task.refresh_from_db()
    assert (task.person, task.done_at) == (world.reader, None)
    assert len(told(world.reader)) == 1


def test_a_task_that_is_gone_is_withdrawn(world: World, task: RecordTask) -> None:
    sign_again(world)
    task.refresh_from_db()
    assert task.withdrawn_at is not None
    assert waiting(world.writer) == []
    with pytest.raises(NotPossible, match="取消了"):
        tick_task(actor=world.writer, task=task, done=True)
    sign_again(world, Task("t-1", "改第二环节", person(world.writer), DUE))
    task.refresh_from_db()
    assert task.withdrawn_at is None


def test_the_tasks_of_a_reopened_record_stand_until_it_is_signed_again(
    world: World, task: RecordTask
) -> None:
    reopen(opened=world.opened(), because="改")
    tick_task(actor=world.writer, task=task, done=True)
    assert [line.done_at is not None for line in queries.task_lines(world.opened(), DUE)] == [True]


def test_a_task_for_somebody_without_an_account_waits_for_the_host(world: World) -> None:
    world.change(tasks=(Task("t-1", "请专家", Person(name="校长"), None),))
    sign(opened=world.opened(), seen=world.draft().digest)
    task = RecordTask.objects.get()
    assert (task.person, task.person_name) == (None, "校长")
    line = queries.task_lines(world.opened(), DUE)[0]
    assert (line.person, line.may_tick) == ("校长", True)
    assert not Notice.objects.exists()


def test_a_task_moves_with_its_person_to_the_account_that_stays(world: World, task: RecordTask) -> None:
    survivor = make_teacher()
    absorb(survivor=survivor, absorbed=world.writer)
    task.refresh_from_db()
    assert task.person == survivor


def test_the_list_of_tasks_takes_one_query(world: World, task: RecordTask, django_assert_num_queries) -> None:
    sign_again(world, *(Task(f"t-{n}", f"第{n}件", person(make_teacher()), DUE) for n in range(20)))
    opened = world.opened()
    with django_assert_num_queries(1):
        queries.task_lines(opened, DUE)
