"""An activity from the call to the end: what each act changes, who is told, and that a refused act changes nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.ledger.models import Event
from foundation.notices.models import Notice
from lessons.activities import operations
from lessons.activities.audience import find, teachers_of
from lessons.activities.models import ActivityMember, AgendaItem, PrepActivity
from lessons.activities.policies import Act, ActivityNotFound
from lessons.errors import Denied, NotPossible
from lessons.models import LessonPlan
from lessons.operations import change_state
from lessons.policies import rights
from realtime import access
from realtime.kinds import Access
from teaching_centres.roles import Role
from tests.factories import make_member, make_prep_point, make_teacher
from tests.lessons.activities.conftest import Group, at, facts_of

Stage, State = PrepActivity.Stage, PrepActivity.State


def told(person, kind: str = "") -> list[str]:
    rows = Notice.objects.filter(recipient=person, kind__startswith=kind or "activity.")
    return list(rows.order_by("id").values_list("text", flat=True))


# ---- the draft -----------------------------------------------------------------------------------------


def test_a_draft_is_seen_by_its_leader_alone_and_nobody_is_told(group: Group, draft: PrepActivity) -> None:
    for person in (group.lead, group.member, group.researcher):
        assert draft not in PrepActivity.objects.visible_to(person)
        assert not told(person)
    assert draft in PrepActivity.objects.visible_to(group.leader)
    assert draft.plan is None


def test_only_who_hosts_in_the_unit_calls(group: Group) -> None:
    for person in (group.lead, group.outsider, group.researcher):
        with pytest.raises(Denied):
            operations.draft(actor=person, unit=group.tree.school, facts=facts_of(group))
    assert not PrepActivity.objects.exists()
    county = operations.draft(actor=group.researcher, unit=group.tree.county, facts=facts_of(group))
    assert county.region == group.tree.county and county.school is None
    assert county.lead_preparer == group.researcher


def test_who_cannot_write_plans_cannot_prepare(group: Group) -> None:
    head = make_member(group.tree.school, Role.ADMINISTRATOR, name="校长")
    with pytest.raises(NotPossible, match="校长现在没有任教"):
        operations.draft(
            actor=group.leader, unit=group.tree.school, facts=facts_of(group), lead_preparer=head
        )
    assert not PrepActivity.objects.exists()


def test_a_draft_is_changed_and_discarded_by_its_leader(group: Group, draft: PrepActivity) -> None:
    changed = operations.change(actor=group.leader, activity=draft, facts=facts_of(group, theme="换个主题"))
    assert changed == ["theme"]
    assert not operations.change(actor=group.leader, activity=draft, facts=facts_of(group, theme="换个主题"))
    with pytest.raises(ActivityNotFound):
        operations.discard(actor=group.lead, activity=draft)
    operations.discard(actor=group.leader, activity=draft)
    assert not PrepActivity.objects.exists()


def test_a_draft_without_people_or_with_a_date_gone_by_is_not_opened(
    group: Group, draft: PrepActivity
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    operations.change(actor=group.leader, activity=draft, facts=facts_of(group, first_draft_due=yesterday))
    with pytest.raises(NotPossible, match="初稿的期限已经过了"):
        operations.open_activity(actor=group.leader, activity=draft)
    ActivityMember.objects.all().delete()
    with pytest.raises(NotPossible, match="还没有请人"):
        operations.open_activity(actor=group.leader, activity=draft)
    draft.refresh_from_db()
    assert draft.state == State.DRAFT and not LessonPlan.objects.exists()


# ---- opening -------------------------------------------------------------------------------------------


def test_opening_makes_the_shared_plan_for_the_lead_preparer_and_tells_everyone(
    group: Group, opened: PrepActivity
) -> None:
    plan = opened.plan
    assert plan is not None and plan.owner == group.lead and plan.title == "美丽的小兴安岭"
    assert plan.school == group.tree.same_county_school
    [lead] = told(group.lead)
    assert "请你主备《读出景色的美》" in lead
    for person in (group.member, group.village):
        [line] = told(person)
        assert "周组长请你参加集体备课《读出景色的美》" in line
    assert not told(group.leader)
    event = Event.objects.get(kind="activity.opened")
    assert event.data == {"plan_id": str(plan.pk), "members": 2, "schools": 1}


def test_it_is_opened_once(group: Group, opened: PrepActivity) -> None:
    with pytest.raises(NotPossible, match="已经发起了"):
        operations.open_activity(actor=group.leader, activity=opened)
    assert LessonPlan.objects.count() == 1


# ---- the stages ------------------------------------------------------------------------------------------


def test_from_first_draft_to_the_end(
    group: Group, opened: PrepActivity, django_capture_on_commit_callbacks
) -> None:
    activity = operations.hand_in(actor=group.lead, activity=opened)
    assert activity.stage == Stage.STUDY
    assert "来集研" in told(group.member)[-1]
    activity = operations.settle(actor=group.lead, activity=activity)
    version = activity.settled_version
    assert activity.stage == Stage.SETTLED and version is not None
    assert (version.number, version.name, version.plan) == (1, "定稿", activity.plan)
    assert "定稿了" in told(group.village, "activity.turn")[-1]
    operations.answer(actor=group.member, activity=activity, act=Act.RECEIVE)
    own = operations.make_own(actor=group.member, activity=activity)
    activity.refresh_from_db()
    assert activity.stage == Stage.OWN_VERSIONS
    assert own.owner == group.member and own.fork.upstream == activity.plan and own.fork.version == version
    assert operations.make_own(actor=group.member, activity=activity) == own
    activity = operations.close(actor=group.leader, activity=activity)
    assert activity.state == State.CLOSED and activity.closed_at is not None
    assert rights(group.member, activity.plan).access == Access.READ
    assert rights(group.leader, activity.plan).access == Access.READ
    assert operations.reopen(actor=group.leader, activity=activity).closed_at is None


def test_an_own_version_receives_and_begins_its_stage(group: Group, opened: PrepActivity) -> None:
    activity = at(group, opened, Stage.SETTLED)
    operations.make_own(actor=group.village, activity=activity)
    activity.refresh_from_db()
    assert activity.stage == Stage.OWN_VERSIONS
    assert ActivityMember.objects.get(user=group.village).state == ActivityMember.State.RECEIVED


def test_after_the_end_a_late_member_still_receives_and_makes_an_own_version(
    group: Group, opened: PrepActivity
) -> None:
    activity = operations.close(actor=group.leader, activity=at(group, opened, Stage.OWN_VERSIONS))
    own = operations.make_own(actor=group.village, activity=activity)
    assert own.owner == group.village
    activity.refresh_from_db()
    assert activity.state == State.CLOSED


def test_a_stage_back_keeps_the_version_and_what_was_received(group: Group, opened: PrepActivity) -> None:
    activity = at(group, opened, Stage.SETTLED)
    operations.answer(actor=group.member, activity=activity, act=Act.RECEIVE)
    with pytest.raises(Denied, match="只有发起人能退回上一阶段"):
        operations.step_back(actor=group.lead, activity=activity)
    activity = operations.step_back(actor=group.leader, activity=activity)
    assert activity.stage == Stage.STUDY and activity.settled_version is not None
    assert ActivityMember.objects.get(user=group.member).state == ActivityMember.State.RECEIVED
    assert rights(group.member, activity.plan).write
    assert "退回“集研”阶段" in told(group.lead)[-1]


def test_open_pages_of_the_plan_are_judged_again_at_each_change_of_stage(
    group: Group, opened: PrepActivity, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    judged: list[tuple[str, list[int] | None]] = []
    monkeypatch.setattr(access, "changed", lambda name, users: judged.append((name, users)))
    activity = opened
    moves = (
        operations.hand_in,
        operations.settle,
        operations.start_own,
        operations.step_back,
        operations.close,
    )
    for move in (*moves, operations.reopen):
        with django_capture_on_commit_callbacks(execute=True):
            activity = move(actor=group.leader, activity=activity)
        assert judged == [(activity.plan.document, None)], move
        judged.clear()
    with django_capture_on_commit_callbacks(execute=True):
        operations.call(actor=group.leader, activity=activity, called={group.outsider.pk: None})
    member = ActivityMember.objects.get(user=group.outsider)
    with django_capture_on_commit_callbacks(execute=True):
        operations.uncall(actor=group.leader, activity=activity, member=member)
    assert judged == [(activity.plan.document, [group.outsider.pk])] * 2


def test_the_shared_plan_of_a_running_activity_is_neither_archived_nor_deleted(
    group: Group, opened: PrepActivity
) -> None:
    for state in (LessonPlan.State.ARCHIVED, LessonPlan.State.DELETED):
        with pytest.raises(NotPossible, match="是备课活动《读出景色的美》的共案"):
            change_state(actor=group.lead, plan=opened.plan, state=state)
    opened.plan.refresh_from_db()
    assert opened.plan.state == LessonPlan.State.ACTIVE
    operations.close(actor=group.leader, activity=opened)
    change_state(actor=group.lead, plan=opened.plan, state=LessonPlan.State.ARCHIVED)


# ---- answers -------------------------------------------------------------------------------------------


def test_leave_and_declining_need_a_reason_that_the_leaders_hear(group: Group, opened: PrepActivity) -> None:
    with pytest.raises(NotPossible, match="写一句原因"):
        operations.answer(actor=group.member, activity=opened, act=Act.TAKE_LEAVE, reason="  ")
    assert ActivityMember.objects.get(user=group.member).state == ActivityMember.State.INVITED
    operations.answer(actor=group.member, activity=opened, act=Act.TAKE_LEAVE, reason="外出培训")
    for person in (group.leader, group.lead):
        assert told(person)[-1] == "孙参备请假：《读出景色的美》，外出培训"
    activity = at(group, opened, Stage.SETTLED)
    operations.answer(actor=group.village, activity=activity, act=Act.DECLINE, reason="用的是另一版教材")
    assert ActivityMember.objects.get(user=group.village).reason == "用的是另一版教材"
    operations.answer(actor=group.village, activity=activity, act=Act.RECEIVE)
    received = ActivityMember.objects.get(user=group.village)
    assert (received.state, received.reason) == (ActivityMember.State.RECEIVED, "")


# ---- people --------------------------------------------------------------------------------------------


def test_a_school_stands_for_its_teachers_of_the_subject_and_its_teaching_points(group: Group) -> None:
    tree = group.tree
    at_point = make_teacher(tree.point)
    maths = make_member(tree.school)
    maths.memberships.update(subject="数学")
    chinese = make_member(tree.school)
    chinese.memberships.update(subject="语文")
    make_member(tree.school, Role.ADMINISTRATOR)
    found = teachers_of(tree.school, "语文")
    assert found == {
        group.leader.pk: tree.school.pk,
        chinese.pk: tree.school.pk,
        at_point.pk: tree.point.pk,
    }
    group.outsider.memberships.update(subject="数学")
    with pytest.raises(NotPossible, match="没有登记教体育的老师"):
        teachers_of(tree.far_school, "体育")


def test_the_finder_marks_prep_points_and_finds_them_alone(group: Group) -> None:
    make_prep_point(group.tree.school)
    name = group.tree.county.name
    found = find(group.leader, name, [])
    assert {each.choice.id: each.prep_point for each in found.schools} == {
        group.tree.school.pk: True,
        group.tree.same_county_school.pk: False,
        group.tree.point.pk: False,
    }
    assert [each.choice.id for each in find(group.leader, f"{name}备课点", []).schools] == [
        group.tree.school.pk
    ]
    assert not find(group.leader, group.lead.name, [group.lead.pk]).people


def test_calling_again_adds_only_who_is_new_and_tells_only_them(group: Group, opened: PrepActivity) -> None:
    before = len(told(group.member))
    called = {group.member.pk: None, group.outsider.pk: None, group.lead.pk: None}
    assert operations.call(actor=group.leader, activity=opened, called=called) == 1
    assert len(told(group.member)) == before
    assert "请你参加集体备课" in told(group.outsider)[0]
    assert not opened.members.filter(user=group.lead).exists()


def test_another_lead_preparer_writes_and_the_first_one_goes_on_taking_part(
    group: Group, opened: PrepActivity
) -> None:
    operations.appoint(actor=group.leader, activity=opened, person=group.member)
    opened.refresh_from_db()
    assert opened.lead_preparer == group.member
    assert not opened.members.filter(user=group.member).exists()
    assert opened.members.filter(user=group.lead).exists()
    assert rights(group.member, opened.plan).write
    assert rights(group.lead, opened.plan).write  # the plan stays theirs
    assert "请你主备" in told(group.member)[-1]


# ---- the agenda -----------------------------------------------------------------------------------------


def test_the_agenda_is_raised_by_those_who_take_part_and_ticked_off_by_those_concerned(
    group: Group, opened: PrepActivity
) -> None:
    item = operations.raise_item(actor=group.village, activity=opened, text=" 城乡 作业 ", block="b1")
    assert (item.text, item.block, item.raised_by) == ("城乡 作业", "b1", group.village)
    with pytest.raises(ActivityNotFound):
        operations.raise_item(actor=group.outsider, activity=opened, text="别的")
    with pytest.raises(NotPossible, match="写一句要议什么"):
        operations.raise_item(actor=group.village, activity=opened, text=" ")
    with pytest.raises(Denied, match="议题由提出的人"):
        operations.finish_item(actor=group.member, item=item)
    assert AgendaItem.objects.get().state == AgendaItem.State.OPEN
    operations.finish_item(actor=group.lead, item=item)
    assert AgendaItem.objects.get().state == AgendaItem.State.DONE
