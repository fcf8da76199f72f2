"""Every role × part × state × stage × act, and what each may do with the shared plan: policy, filter, room agree."""

from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from foundation.accounts.models import User
from lessons.activities.models import ActivityMember, PrepActivity
from lessons.activities.policies import RULES, Act, ActivityNotFound, Part, may_see, parts_of, require
from lessons.collaboration import LessonPlanKind
from lessons.errors import Denied, NotPossible
from lessons.models import LessonPlan, PlanVersion
from lessons.policies import rights
from realtime.kinds import Access
from teaching_centres.roles import Role
from tests.factories import make_member, make_plan, make_region_tree, make_teacher, make_user
from tests.lessons.activities.conftest import Group

State, Stage = PrepActivity.State, PrepActivity.Stage
STAGES = [(State.DRAFT, Stage.FIRST_DRAFT), *product((State.OPEN, State.CLOSED), Stage)]
RELATIONS = ("none", "leader", "lead", "member", "leader and lead", "leader and member")
BEFORE_SETTLED, SETTLED = {Stage.FIRST_DRAFT, Stage.STUDY}, {Stage.SETTLED, Stage.OWN_VERSIONS}

# who, in which state, in which stages: written out here once more, so that a changed rule is seen
LEADER, LEADS, MEMBER = {"leader"}, {"leader", "lead"}, {"member"}
EXPECTED: dict[Act, tuple[set[str], set[str], set[str]]] = {
    Act.CHANGE: (LEADER, {"draft", "open"}, set(Stage)),
    Act.OPEN: (LEADER, {"draft"}, set(Stage)),
    Act.DISCARD: (LEADER, {"draft"}, set(Stage)),
    Act.INVITE: (LEADER, {"draft", "open"}, set(Stage)),
    Act.HAND_IN: (LEADS, {"open"}, {Stage.FIRST_DRAFT}),
    Act.SETTLE: (LEADS, {"open"}, {Stage.STUDY}),
    Act.START_OWN: (LEADS, {"open"}, {Stage.SETTLED}),
    Act.STEP_BACK: (LEADER, {"open"}, {Stage.STUDY, Stage.SETTLED, Stage.OWN_VERSIONS}),
    Act.CLOSE: (LEADER, {"open"}, set(Stage)),
    Act.REOPEN: (LEADER, {"closed"}, set(Stage)),
    Act.TAKE_LEAVE: (MEMBER, {"open"}, BEFORE_SETTLED),
    Act.RECEIVE: (MEMBER, {"open", "closed"}, SETTLED),
    Act.DECLINE: (MEMBER, {"open"}, SETTLED),
    Act.MAKE_OWN: (MEMBER, {"open", "closed"}, SETTLED),
    Act.RAISE: (LEADS | MEMBER, {"open"}, BEFORE_SETTLED),
}
FOR_MEMBERS = {
    Stage.FIRST_DRAFT: Access.READ,
    Stage.STUDY: Access.WRITE,
    Stage.SETTLED: Access.COMMENT,
    Stage.OWN_VERSIONS: Access.COMMENT,
}


def people(tree: Any) -> dict[str, tuple[User, bool]]:
    """Who, and whether they review in the school that the activities belong to."""
    return {
        "teacher of the school": (make_teacher(tree.school), False),
        "group leader of the school": (make_member(tree.school, Role.GROUP_LEADER), True),
        "administrator of the school": (make_member(tree.school, Role.ADMINISTRATOR), False),
        "teacher of its teaching point": (make_teacher(tree.point), False),
        "group leader of another school": (make_member(tree.same_county_school, Role.GROUP_LEADER), False),
        "researcher of the county": (make_member(tree.county, Role.RESEARCHER), True),
        "researcher of the prefecture": (make_member(tree.prefecture, Role.RESEARCHER), True),
        "researcher of another county": (make_member(tree.sibling_county, Role.RESEARCHER), False),
        "administrator of the county": (make_member(tree.county, Role.ADMINISTRATOR), False),
        "inspector of the province": (make_member(tree.province, Role.INSPECTOR), False),
        "teacher far away": (make_teacher(tree.far_school), False),
        "nobody's member": (make_user(), False),
        "superuser": (make_user(is_superuser=True, is_staff=True), False),
        "account switched off": (make_member(tree.school, is_active=False), False),
    }


def make_activity(
    tree: Any, subject: Any, person: User, relation: str, state: str, stage: str
) -> PrepActivity:
    other, owner = OTHERS["leader"], OTHERS["owner"]
    plan = make_plan(owner) if state != State.DRAFT else None
    settled = stage in SETTLED and plan is not None
    activity = PrepActivity.objects.create(
        theme="主题",
        subject=subject,
        school_stage="primary",
        grade=3,
        school=tree.school,
        region=tree.county,
        leader=person if "leader" in relation else other,
        lead_preparer=person if "lead" in relation.split(" and ") else OTHERS["lead"],
        state=state,
        stage=stage,
        plan=plan,
        settled_version=PlanVersion.objects.create(plan=plan, number=1, state=b"", through_id=0)
        if settled
        else None,
        closed_at=timezone.now() if state == State.CLOSED else None,
    )
    if "member" in relation:
        ActivityMember.objects.create(activity=activity, user=person)
    return activity


OTHERS: dict[str, User] = {}


def in_words(relation: str) -> set[str]:
    return set() if relation == "none" else set(relation.split(" and "))


def sees(relation: str, reviews: bool, state: str, active: bool) -> bool:
    if not active:
        return False
    return "leader" in in_words(relation) or (state != State.DRAFT and (relation != "none" or reviews))


def plan_access(relation: str, state: str, stage: str, active: bool) -> Access:
    words = in_words(relation)
    if not active or state == State.DRAFT or not words:
        return Access.NONE
    if state == State.CLOSED:
        return Access.READ
    return Access.WRITE if words & LEADS else FOR_MEMBERS[Stage(stage)]


def allowed(act: Act, person: User, activity: PrepActivity) -> bool:
    try:
        require(person, act, activity)
    except (ActivityNotFound, NotPossible, Denied):
        return False
    return True


def test_every_role_part_state_stage_and_act(group: Group) -> None:
    tree = make_region_tree()
    OTHERS.update({name: make_teacher(tree.sibling_county_school) for name in ("leader", "lead", "owner")})
    everyone = people(tree)
    assert set(EXPECTED) == set(RULES) == set(Act)
    checked = 0
    for name, (person, reviews) in everyone.items():
        rows = {
            (relation, state, stage): make_activity(tree, group.subject, person, relation, state, stage)
            for relation in RELATIONS
            for state, stage in STAGES
        }
        visible = set(PrepActivity.objects.visible_to(person).values_list("pk", flat=True))
        readable = set(LessonPlan.objects.visible_to(person).values_list("pk", flat=True))
        with_rights = LessonPlan.objects.visible_to(person).with_rights(person)
        writable = set(with_rights.filter(may_write=True).values_list("pk", flat=True))
        for (relation, state, stage), activity in rows.items():
            case = f"{name}, {relation}, {state}, {stage}"
            want = sees(relation, reviews, state, person.is_active)
            assert may_see(person, activity) == want == (activity.pk in visible), case
            for act, (who, states, stages) in EXPECTED.items():
                may = (
                    person.is_active
                    and bool(in_words(relation) & who)
                    and state in states
                    and stage in stages
                )
                assert allowed(act, person, activity) == may, f"{case}, {act}"
                checked += 1
            if activity.plan is not None:
                access = plan_access(relation, state, stage, person.is_active)
                assert rights(person, activity.plan).access == access, case
                assert (activity.plan_id in readable) == (access >= Access.READ), case
                assert (activity.plan_id in writable) == (access == Access.WRITE), case
                decision = LessonPlanKind().access(user_id=person.pk, document_id=activity.plan_id)
                assert decision.access == access, case
                assert not rights(person, activity.plan).manage, case
        PrepActivity.objects.all().delete()
    print(f"{checked} combinations checked")  # noqa: T201  (wanted in the log)
    assert checked == len(everyone) * len(RELATIONS) * len(STAGES) * len(Act) == 14 * 6 * 9 * 15


def test_a_refusal_says_who_may_or_when(group: Group, opened: PrepActivity) -> None:
    with pytest.raises(NotPossible, match="现在是“初备”阶段，到“集研”时才能定稿。"):
        require(group.leader, Act.SETTLE, opened)
    with pytest.raises(Denied, match="只有发起人和主备人能定稿。"):
        require(group.member, Act.SETTLE, opened)
    with pytest.raises(NotPossible, match="活动已经发起了。"):
        require(group.leader, Act.OPEN, opened)
    with pytest.raises(ActivityNotFound):
        require(group.outsider, Act.SETTLE, opened)
    assert parts_of(group.researcher, opened) == {Part.REVIEWER}


def test_an_invitation_or_the_reach_gives_more_than_the_stage(group: Group, opened: PrepActivity) -> None:
    """The greatest of the ways into a plan counts."""
    plan = opened.plan
    assert plan is not None
    assert rights(group.member, plan).access == Access.READ
    plan.invitations.create(user=group.member, access="write", invited_by=group.lead)
    assert rights(group.member, plan).access == Access.WRITE
    assert rights(group.researcher, plan).access == Access.NONE
    LessonPlan.objects.filter(pk=plan.pk).update(reach=LessonPlan.Reach.COUNTY)
    assert rights(group.researcher, LessonPlan.objects.get(pk=plan.pk)).access == Access.COMMENT
