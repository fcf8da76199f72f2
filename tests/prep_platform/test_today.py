"""今日 for every role: what to go on with, today's lessons, what waits, whom one helped, what is missing."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from foundation.accounts.models import User
from foundation.notices.models import Notice
from foundation.notices.operations import notify
from lessons import operations
from lessons.models import LessonPlan, PlanInvitation, PlannedLesson, PlanVisit
from prep_platform.today import Today
from prep_platform.today import today as today_of
from teaching_centres.calendar.models import DaysChanged
from teaching_centres.calendar.timetables import change_lesson
from tests.factories import (
    Tree,
    make_administrator,
    make_entry,
    make_member,
    make_membership,
    make_plan,
    make_prep_point,
    make_region_tree,
    make_teacher,
    make_term,
    make_user,
)

MONDAY = date(2026, 11, 23)  # the 13th week
Clock = Callable[..., None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    def set_to(hour: int, minute: int = 0, day: date = MONDAY) -> None:
        moment = timezone.make_aware(
            datetime.combine(day, datetime.min.time()).replace(hour=hour, minute=minute)
        )
        monkeypatch.setattr(timezone, "now", lambda: moment)

    set_to(9, 52)
    return set_to


@pytest.fixture
def tree(db: None, clock: Clock) -> Tree:
    tree = make_region_tree()
    make_term(tree.province)
    return tree


@pytest.fixture
def teacher(tree: Tree) -> User:
    return make_teacher(tree.school, name="李永梅")


@pytest.fixture
def colleague(tree: Tree) -> User:
    return make_teacher(tree.far_school, name="王春燕")


def today(user: User) -> Today:
    return today_of(User.objects.get(pk=user.pk), timezone.localtime())


def block(user: User, name: str) -> Any:
    return next((each.data for each in today(user).main if each.template.endswith(f"/{name}.html")), None)


def page(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.get("/").content.decode()


# ---- plans -----------------------------------------------------------------------------------------
def test_one_goes_on_with_the_plan_one_may_write_that_was_opened_last(teacher: User, colleague: User) -> None:
    mine = make_plan(teacher, title="我在写的")
    read = make_plan(colleague, title="看过的", reach="province")
    for minutes, plan in ((5, mine), (1, read)):
        PlanVisit.objects.create(plan=plan, user=teacher, at=timezone.now() - timedelta(minutes=minutes))
    assert block(teacher, "going_on").plan.title == "我在写的"
    assert [row.title for row in block(teacher, "recent")] == ["看过的"]


def test_new_invitations_wait_until_they_are_opened(teacher: User, colleague: User) -> None:
    plan = make_plan(colleague, title="一起写")
    operations.invite(actor=colleague, plan=plan, level=PlanInvitation.Access.WRITE, user=teacher)
    [line] = today(teacher).waiting
    assert (line.title, line.path) == ("王春燕请你一起写", f"/plans/{plan.pk}/")
    operations.visit(actor=teacher, plan=plan)
    assert today(teacher).waiting == []
    assert block(teacher, "going_on").plan.title == "一起写"


def test_ones_own_unread_notices_wait(teacher: User, colleague: User) -> None:
    notify(recipients=[teacher, colleague], kind="plan.restored", text="恢复了")
    notify(recipients=[teacher], kind="plan.restored", text="看过")
    Notice.objects.filter(text="看过").update(read_at=timezone.now())
    assert [line.title for line in today(teacher).waiting] == ["恢复了"]


def test_whom_one_helped_since_the_term_began(teacher: User, colleague: User, tree: Tree) -> None:
    plan = make_plan(teacher, reach="province")
    early = make_teacher(tree.school)
    for user, at in (
        (colleague, timezone.now()),
        (teacher, timezone.now()),
        (early, timezone.now() - timedelta(days=200)),
    ):
        PlanVisit.objects.create(plan=plan, user=user, at=at)
    assert [(each.value, each.text) for each in today(teacher).helped] == [(1, "老师看了你的教案")]
    assert today(colleague).helped == []


def test_who_wrote_in_another_plan_helped(teacher: User, colleague: User) -> None:
    from foundation.ledger import events
    from foundation.ledger.events import NOWHERE
    from foundation.ledger.operations import record

    for plan in (make_plan(teacher), make_plan(colleague)):
        for version in (1, 2):
            record(
                events.PlanEdited(subject_id=plan.pk, subject_label="", version_id=version),
                actor=colleague,
                place=NOWHERE,
            )
    assert [(each.value, each.text) for each in today(colleague).helped] == [(1, "别人的教案里有你写的")]


def test_who_reviews_sees_what_was_newly_opened(tree: Tree, teacher: User) -> None:
    researcher = make_member(tree.county, "researcher")
    leader = make_member(tree.school, "group_leader")
    plan = make_plan(teacher, title="公开的", reach="county")
    make_plan(teacher, title="没公开的")
    for user in (researcher, leader):
        assert [row.title for row in block(user, "opened")] == ["公开的"]
    assert block(make_teacher(tree.school), "opened") is None
    operations.visit(actor=researcher, plan=plan)
    assert block(researcher, "opened") is None


# ---- lessons -----------------------------------------------------------------------------------------
def test_the_day_says_which_lessons_are_not_ready(teacher: User, clock: Clock) -> None:
    plan = make_plan(teacher)
    for period in (1, 3, 5):
        make_entry(teacher, 1, period)
    PlannedLesson.objects.create(teacher=teacher, day=MONDAY, period=3, plan=plan)
    LessonPlan.objects.update(outline={"missing": []})
    assert today(teacher).headline == ["第13周", "今天 3 节课，第5节还没备好"]
    day = block(teacher, "day")
    assert day.next.lesson.period == 3
    assert [each.readiness for each in day.lessons] == ["unplanned", "ready", "unplanned"]
    clock(15)
    assert block(teacher, "day").next is None


def test_the_plan_to_go_on_with_says_when_it_is_taught(teacher: User) -> None:
    plan = make_plan(teacher)
    PlanVisit.objects.create(plan=plan, user=teacher)
    make_entry(teacher, 2, 2)
    PlannedLesson.objects.create(teacher=teacher, day=MONDAY + timedelta(days=1), period=2, plan=plan)
    going_on = block(teacher, "going_on")
    assert (going_on.next_lesson, going_on.minutes) == ("明天第2节上", 40)


def test_without_a_plan_the_next_lesson_that_has_none_is_offered(teacher: User) -> None:
    make_entry(teacher, 1, 1)  # over
    make_entry(teacher, 1, 5, subject="科学")
    assert block(teacher, "going_on").unplanned.lesson.subject == "科学"
    assert "备这一节" in page(teacher)


def test_the_week_counts_what_is_ready_and_looks_ahead_when_it_is_over(teacher: User, clock: Clock) -> None:
    for weekday in (1, 2, 5):
        make_entry(teacher, weekday, 1)
    week = block(teacher, "week")
    assert (week.this_week, week.total, week.ready) == (True, 3, 0)
    assert [len(day.lessons) for day in week.days] == [1, 1, 0, 0, 1]
    clock(20, day=MONDAY + timedelta(days=5))
    week = block(teacher, "week")
    assert (week.this_week, week.days[0].day) == (False, MONDAY + timedelta(days=7))


def test_a_day_off_and_a_moved_day_say_so(tree: Tree, teacher: User, clock: Clock) -> None:
    make_entry(teacher, 1, 1)
    saturday = MONDAY + timedelta(days=5)
    DaysChanged.objects.create(region=tree.county, name="大雪停课", starts=MONDAY, ends=MONDAY)
    DaysChanged.objects.create(
        region=tree.county, name="补课", starts=saturday, ends=saturday, taught_as=MONDAY
    )
    assert today(teacher).headline == ["第13周", "大雪停课，放假"]
    assert block(teacher, "day").lessons == []
    clock(7, day=saturday)
    assert today(teacher).headline == ["第13周", "补 11月23日（周一）的课", "今天 1 节课，第1节还没备好"]


def test_lessons_moved_away_stay_in_sight(teacher: User) -> None:
    entry = make_entry(teacher, 1, 5)
    change_lesson(actor=teacher, entry=entry, day=MONDAY, moved_to=MONDAY + timedelta(days=1), moved_period=2)
    assert [each.lesson.state for each in block(teacher, "day").lessons] == ["away"]
    assert today(teacher).headline == ["第13周"]
    assert "调到 11月24日（周二）第2节" in page(teacher)


def test_who_has_no_timetable_is_asked_for_it(tree: Tree, teacher: User) -> None:
    assert "填课表" in page(teacher)
    tree.province.terms.all().delete()
    assert "学期的起止日期还没有设" in page(teacher)


# ---- those who look after units ---------------------------------------------------------------------------
def test_the_administrator_of_a_school_sees_whose_timetable_is_missing(tree: Tree, teacher: User) -> None:
    make_teacher(tree.school, name="没课表的")
    make_entry(teacher)
    figures = block(make_administrator(tree.school), "school")
    assert (figures.with_timetable, figures.teachers, figures.without) == (1, 2, ["没课表的"])


def test_the_administrator_of_a_county_sees_schools_without_an_administrator(
    tree: Tree, teacher: User
) -> None:
    make_administrator(tree.school)
    make_prep_point(tree.school)
    make_entry(teacher)
    county = make_administrator(tree.county)
    figures = block(county, "region")
    assert (figures.schools, figures.town, figures.village) == (3, 1, 2)
    assert (figures.points, figures.teachers, figures.with_timetable) == (1, 1, 1)
    assert figures.without_administrator_count == 2
    assert {school.pk for school in figures.without_administrator} == {
        tree.same_county_school.pk,
        tree.point.pk,
    }


def test_an_administrator_is_told_that_the_term_is_missing(tree: Tree) -> None:
    tree.province.terms.all().delete()
    county = make_administrator(tree.county)
    [line] = today(county).waiting
    assert line.path == f"/calendar/regions/{tree.county.pk}/"


def test_an_inspector_sees_figures_and_nothing_to_do(tree: Tree, teacher: User) -> None:
    make_plan(teacher, title="秘密", reach="province")
    inspector = make_member(tree.province, "inspector")
    assert block(inspector, "region").schools == 5
    shown = page(inspector)
    assert "督导看数据" in shown
    assert "秘密" not in shown
    assert "新建教案" not in shown
    assert "看名册" not in shown


def test_two_roles_have_both(tree: Tree, teacher: User) -> None:
    make_membership(teacher, tree.school, "administrator")
    make_entry(teacher)
    assert block(teacher, "day") is not None
    assert block(teacher, "school") is not None


def test_who_holds_nothing_is_told_whom_to_ask(db: None) -> None:
    shown = page(make_user(name="谁也不是"))
    assert "今天这里还没有你的事" in shown
    assert "学校管理员" in shown


# ---- what it costs ---------------------------------------------------------------------------------------
def count(user: User) -> int:
    client = Client()
    client.force_login(user)
    with CaptureQueriesContext(connection) as captured:
        client.get("/")
    return len(captured)


def test_it_costs_the_same_however_much_there_is(tree: Tree, teacher: User, colleague: User) -> None:
    def grow(number: int) -> None:
        for each in range(number):
            plan, invited = make_plan(teacher), make_plan(colleague)
            PlanVisit.objects.create(plan=plan, user=teacher)
            PlanVisit.objects.create(plan=plan, user=colleague)
            PlanInvitation.objects.create(plan=invited, user=teacher, access="read", invited_by=colleague)
            make_entry(teacher, 1 + each % 5, 1 + each // 5 + number % 3)
            notify(recipients=[teacher], kind="plan.restored", text=f"{number}-{each}")

    grow(1)
    few = count(teacher)
    grow(9)
    assert count(teacher) == few <= 28


@pytest.mark.parametrize(
    ("role", "unit", "most"),
    [
        ("researcher", "county", 18),
        ("administrator", "school", 24),
        ("administrator", "province", 24),
        ("inspector", "province", 22),
    ],
)
def test_it_costs_little_for_the_others(tree: Tree, teacher: User, role: str, unit: str, most: int) -> None:
    assert count(make_member(getattr(tree, unit), role)) <= most


def test_the_page_says_of_messages_what_the_bell_says(teacher: User) -> None:
    for number in range(7):  # more than stand on the page
        notify(recipients=[teacher], kind="circular", text=f"通知{number}", path="/")
    text = page(teacher)
    assert "看全部消息（7 条没看）" in text and 'aria-label="7 条新消息"' in text
    Notice.objects.update(read_at=timezone.now())
    text = page(teacher)
    assert "都看过了。" in text and "条没看" not in text


def test_no_one_person_stands_in_an_address_of_today(teacher: User) -> None:
    make_entry(teacher)
    addresses = re.findall(r'href="([^"]+)"', page(teacher))
    assert not [address for address in addresses if re.search(rf"/people/{teacher.pk}\b", address)]
