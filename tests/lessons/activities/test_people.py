"""What becomes of activities when two accounts are made one, and when someone leaves for good."""

from django.db import transaction

from foundation.accounts.belongings import settle_all
from foundation.accounts.operations import NAME_OF_THE_GONE
from foundation.accounts.personal_data import forget_everywhere, kinds
from foundation.notices.models import Notice
from lessons.activities import operations, term_plans
from lessons.activities.models import ActivityMember, PrepActivity, TermPlan, TermPlanRow
from lessons.activities.policies import Act
from lessons.policies import rights
from tests.factories import make_teacher
from tests.lessons.activities.conftest import Group, at, facts_of

State = ActivityMember.State


def settle(survivor, absorbed) -> None:
    with transaction.atomic():
        settle_all(survivor, absorbed)


def test_of_two_answers_the_one_that_was_given_stays(group: Group, opened: PrepActivity) -> None:
    """Both accounts were called; one of them received."""
    activity = at(group, opened, PrepActivity.Stage.SETTLED)
    operations.answer(actor=group.village, activity=activity, act=Act.RECEIVE)
    settle(group.member, group.village)
    [row] = activity.members.all()
    assert (row.user, row.state) == (group.member, State.RECEIVED)


def test_who_prepares_under_another_account_is_no_member_besides(group: Group, opened: PrepActivity) -> None:
    settle(group.member, group.lead)
    opened.refresh_from_db()
    assert opened.lead_preparer == group.member
    assert [row.user for row in opened.members.all()] == [group.village]
    assert rights(group.member, opened.plan).write


def test_a_leader_keeps_drafts_and_term_plans_under_the_other_account(
    group: Group, draft: PrepActivity
) -> None:
    other = make_teacher(group.tree.school)
    term_plans.make(
        actor=group.leader,
        unit=group.tree.school,
        term="2026-1",
        subject=group.subject,
        school_stage="primary",
        grade=3,
    )
    settle(other, group.leader)
    draft.refresh_from_db()
    assert draft.leader == other and TermPlan.objects.get().leader == other


def test_who_leaves_hands_on_what_they_led_and_their_name_is_gone(group: Group, opened: PrepActivity) -> None:
    drafted = operations.draft(actor=group.leader, unit=group.tree.school, facts=facts_of(group))
    successor = make_teacher(group.tree.school)
    with transaction.atomic():
        forget_everywhere(group.leader, successor)
    opened.refresh_from_db()
    assert opened.leader == successor
    assert not PrepActivity.objects.filter(pk=drafted.pk).exists()  # nobody but the leader knew of it
    texts = set(Notice.objects.filter(recipient=group.member).values_list("text", flat=True))
    assert texts and all(text.startswith(NAME_OF_THE_GONE) for text in texts)


def test_what_someone_wrote_as_a_reason_goes_with_them(group: Group, opened: PrepActivity) -> None:
    operations.answer(actor=group.member, activity=opened, act=Act.TAKE_LEAVE, reason="家里有事")
    plan = term_plans.make(
        actor=group.leader,
        unit=group.tree.school,
        term="2026-1",
        subject=group.subject,
        school_stage="primary",
        grade=3,
    )
    row = TermPlanRow.objects.create(term_plan=plan, position=1, lesson="课", lead_preparer=group.member)
    with transaction.atomic():
        forget_everywhere(group.member, None)
    member = opened.members.get(user=group.member)
    assert (member.state, member.reason) == (State.ON_LEAVE, "")
    row.refresh_from_db()
    assert row.lead_preparer is None
    assert not Notice.objects.filter(text__contains="家里有事").exists()


def test_the_export_names_activities_answers_agenda_and_plans(group: Group, opened: PrepActivity) -> None:
    operations.raise_item(actor=group.member, activity=opened, text="作业分几层")
    mine = {kind.key: list(kind.rows(group.member)) for kind in kinds()}
    assert [row["活动"] for row in mine["taking-part"]] == ["读出景色的美"]
    assert [row["议题"] for row in mine["agenda"]] == ["作业分几层"]
    assert mine["activities"] == []
    led = {kind.key: list(kind.rows(group.leader)) for kind in kinds()}
    assert led["activities"][0]["你发起的"] is True
