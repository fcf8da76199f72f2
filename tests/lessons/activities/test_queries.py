"""Lists and pages cost the same number of queries however many there are; 今日 and the calendar say the same days."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from foundation.notices.calendar import Appointment
from lessons.activities import operations, queries, term_plans
from lessons.activities.calendar import appointments_of
from lessons.activities.models import PrepActivity
from lessons.activities.policies import Act
from lessons.activities.term_plan_queries import plan_page, plan_view
from lessons.activities.today import waiting
from lessons.lineage.operations import fork
from lessons.models import LessonPlan
from tests.factories import make_teacher
from tests.lessons.activities.conftest import Group, at, facts_of

Stage = PrepActivity.Stage


def day_of(appointment: Appointment) -> date:
    assert not isinstance(appointment.starts, datetime)
    return appointment.starts


def more(group: Group, count: int) -> None:
    for number in range(count):
        activity = operations.draft(
            actor=group.leader,
            unit=group.tree.school,
            facts=facts_of(group, theme=f"活动{number}"),
            lead_preparer=group.lead,
            called={group.member.pk: None, make_teacher(group.tree.far_school).pk: None},
        )
        operations.open_activity(actor=group.leader, activity=activity)


@pytest.mark.parametrize("tab", ["mine", "all"])
def test_the_list_costs_the_same_for_one_and_for_many(
    group: Group,
    opened: PrepActivity,
    tab: queries.Tab,
    django_assert_num_queries,
    django_assert_max_num_queries,
) -> None:
    person = group.member
    with django_assert_max_num_queries(14) as one:
        queries.activity_page(person, tab, queries.Filters())
    more(group, 6)
    person = type(person).objects.get(pk=person.pk)
    with django_assert_num_queries(len(one)):
        rows = queries.activity_page(person, tab, queries.Filters()).rows
    assert len(rows) == 7


def test_the_page_of_an_activity_costs_the_same_however_many_take_part(
    group: Group, opened: PrepActivity, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    activity = at(group, opened, Stage.SETTLED)

    def read() -> queries.People:
        person = type(group.leader).objects.get(pk=group.leader.pk)
        found, parts = queries.activity_for(person, activity.pk)
        queries.activity_view(person, found, parts)
        return queries.people_of(person, found)

    with django_assert_max_num_queries(40) as one:
        read()
    people = [make_teacher(group.tree.far_school) for _number in range(12)]
    operations.call(actor=group.leader, activity=activity, called={each.pk: None for each in people})
    for person in people[:5]:
        operations.make_own(actor=person, activity=activity)
    read()  # whether there are own versions makes a difference of one query
    with django_assert_max_num_queries(len(one) + 1):
        assert sum(len(group_.people) for group_ in read().groups) == 14


def test_pages_follow_each_other_without_a_gap(group: Group, opened: PrepActivity) -> None:
    more(group, queries.PAGE_SIZE + 4)
    first = queries.activity_page(group.member, "mine", queries.Filters())
    second = queries.activity_page(group.member, "mine", queries.Filters(), first.next)
    seen = [row.id for row in (*first.rows, *second.rows)]
    assert len(seen) == len(set(seen)) == queries.PAGE_SIZE + 5 and second.next is None


def test_who_waits_for_a_late_first_draft_is_not_called_late(group: Group, opened: PrepActivity) -> None:
    assert opened.study_starts is not None
    later = opened.study_starts + timedelta(days=1)
    [of_member], [of_lead] = waiting(group.member, later), waiting(group.lead, later)
    assert "过了" in of_lead.detail
    assert of_member.detail == f"《{opened.theme}》"


def test_what_is_expected_follows_the_stage(group: Group, opened: PrepActivity) -> None:
    today = timezone.localdate()

    def lines(person) -> list[str]:
        return [line.title for line in waiting(person, today)]

    assert lines(group.lead) == ["写初稿，写好交集研"] and lines(group.member) == ["看要求，准备集研"]
    activity = at(group, opened, Stage.STUDY)
    assert lines(group.lead) == ["集研完了定稿"] and lines(group.member) == ["参加集研：看、改、批注"]
    operations.answer(actor=group.village, activity=activity, act=Act.TAKE_LEAVE, reason="外出")
    assert lines(group.village) == []
    activity = operations.settle(actor=group.lead, activity=activity)
    assert lines(group.member) == ["接收共案"] and lines(group.lead) == []
    operations.answer(actor=group.village, activity=activity, act=Act.DECLINE, reason="版本不同")
    operations.answer(actor=group.member, activity=activity, act=Act.RECEIVE)
    assert lines(group.village) == [] and lines(group.member) == ["做你的个案"]
    own = operations.make_own(actor=group.member, activity=activity)
    assert lines(group.member) == ["上完课写反思"]
    LessonPlan.objects.filter(pk=own.pk).update(outline={"reflected": True})
    assert lines(group.member) == []
    operations.close(actor=group.leader, activity=activity)
    assert lines(group.member) == lines(group.leader) == []


def test_an_own_version_made_on_the_page_of_the_plan_counts_as_received(
    group: Group, opened: PrepActivity
) -> None:
    """And one of somebody who was not called counts for nobody."""
    activity = at(group, opened, Stage.SETTLED)
    fork(actor=group.village, version=activity.settled_version)
    fork(actor=group.lead, version=activity.settled_version)
    numbers = queries.numbers_of([activity])[activity.pk]
    assert (numbers.members, numbers.received, numbers.own, numbers.reflected) == (2, 1, 1, 0)
    people = queries.people_of(group.leader, activity).groups
    assert {line.person.name: (line.words, line.has_own) for each in people for line in each.people} == {
        "李村校": ("已接收", True),
        "孙参备": ("还没接收", False),
    }
    LessonPlan.objects.filter(owner=group.village).update(outline={"reflected": True})
    assert queries.numbers_of([activity])[activity.pk].reflected == 1


def test_what_is_overdue_says_so(group: Group, opened: PrepActivity) -> None:
    late = timezone.localdate() + timedelta(days=4)
    [line] = waiting(group.lead, late)
    assert line.detail.endswith("到期，过了")
    row = queries.rows_of(group.lead, queries.with_facts(PrepActivity.objects.all()))[0]
    assert not row.overdue


def test_the_calendar_has_the_days_that_concern_each(group: Group, opened: PrepActivity) -> None:
    today = timezone.localdate()

    def days(person) -> list[tuple[str, int]]:
        found = appointments_of(person, today, today + timedelta(days=60))
        return [(each.summary.partition("：")[0], (day_of(each) - today).days) for each in found]

    study = [("集研开始", 4), ("集研结束", 8)]
    assert days(group.lead) == [("初稿期限", 3), *study]
    assert days(group.member) == [*study, ("个案期限", 11)]
    assert days(group.outsider) == days(group.researcher) == []
    keys = {each.key for each in appointments_of(group.member, today, today + timedelta(days=60))}
    changed = facts_of(group, study_ends=today + timedelta(days=9))
    operations.change(actor=group.leader, activity=opened, facts=changed)
    assert ("集研结束", 9) in days(group.member)
    assert {each.key for each in appointments_of(group.member, today, today + timedelta(days=60))} == keys
    operations.close(actor=group.leader, activity=opened)
    assert days(group.member) == []


def test_a_lesson_of_the_term_plan_stands_on_the_day_of_who_prepares_it(group: Group) -> None:
    today = timezone.localdate()
    plan = term_plans.make(
        actor=group.leader,
        unit=group.tree.school,
        term="2026-1",
        subject=group.subject,
        school_stage="primary",
        grade=3,
    )
    rows = [
        term_plans.RowGiven(lesson="近", lead_preparer=group.lead, first_draft_due=today + timedelta(days=5)),
        term_plans.RowGiven(
            lesson="远", lead_preparer=group.lead, first_draft_due=today + timedelta(days=50)
        ),
    ]
    term_plans.save_rows(actor=group.leader, plan=plan, rows=rows)
    [line] = waiting(group.lead, today)
    assert line.title == "学期计划里你主备的课" and line.detail.startswith("近 · ")
    found = list(appointments_of(group.lead, today, today + timedelta(days=60)))
    assert [each.summary for each in found] == ["初稿期限：近", "初稿期限：远"]
    term_plans.draft_of(actor=group.leader, row=plan.rows.first())
    assert not waiting(group.lead, today)


def test_term_plans_cost_the_same_for_one_and_for_many(
    group: Group, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    def make(rows: int) -> None:
        plan = term_plans.make(
            actor=group.leader,
            unit=group.tree.school,
            term="2026-1",
            subject=group.subject,
            school_stage="primary",
            grade=3,
        )
        given = [term_plans.RowGiven(lesson=f"课{n}", lead_preparer=group.lead) for n in range(rows)]
        term_plans.save_rows(actor=group.leader, plan=plan, rows=given)
        term_plans.draft_of(actor=group.leader, row=plan.rows.first())

    client = Client()
    client.force_login(group.leader)

    def read() -> int:
        person = type(group.leader).objects.get(pk=group.leader.pk)
        lines, page = plan_page(person)
        assert client.get(f"/plans/terms/{page.object_list[0].pk}/").status_code == 200
        for plan in page.object_list[:1]:
            plan_view(person, plan, timezone.localdate())
        return len(lines)

    make(2)
    with django_assert_max_num_queries(45) as one:
        assert read() == 1
    make(9)
    make(4)
    with django_assert_num_queries(len(one)):
        assert read() == 3
