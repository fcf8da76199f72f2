"""Every role × invitation × reach × state: the policy, the row filter and the room agree."""

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from foundation.accounts.models import User
from lessons.collaboration import LessonPlanKind
from lessons.models import LessonPlan, PlanInvitation
from lessons.policies import rights
from realtime.kinds import Access
from teaching_centres.roles import Role
from tests.factories import (
    Tree,
    make_member,
    make_membership,
    make_plan,
    make_region_tree,
    make_teacher,
    make_user,
)

Reach, State, Level = LessonPlan.Reach, LessonPlan.State, PlanInvitation.Access
SCHOOL_UP = {Reach.SCHOOL, Reach.COUNTY, Reach.PREFECTURE, Reach.PROVINCE}
ACCESS = {Level.READ: Access.READ, Level.COMMENT: Access.COMMENT, Level.WRITE: Access.WRITE}
# whose role reaches down to the plan: what they read by reach, they may comment on
COMMENTING = {
    "teacher of the school",
    "group leader of the school",
    "researcher of the county",
    "researcher of the prefecture",
    "researcher of the province",
}
COUNTY_UP, PREFECTURE_UP = SCHOOL_UP - {Reach.SCHOOL}, {Reach.PREFECTURE, Reach.PROVINCE}
INVITATIONS = (
    None,
    ("person", Level.READ),
    ("person", Level.COMMENT),
    ("person", Level.WRITE),
    ("school", Level.READ),
    ("school", Level.COMMENT),
    ("school", Level.WRITE),
)


def people(tree: Tree) -> dict[str, tuple[User, set[str], bool]]:
    """Who; which reaches of a plan of `tree.school` let them read; do invitations of their school count?"""
    former = make_user()
    make_membership(former, tree.school, ends=timezone.localdate() - timedelta(days=1))
    future = make_user()
    make_membership(future, tree.school, starts=timezone.localdate() + timedelta(days=1))
    superuser = make_user(is_superuser=True, is_staff=True)
    both = make_member(tree.far_school)
    make_membership(both, tree.school, Role.ADMINISTRATOR)
    return {
        "teacher of the school": (make_teacher(tree.school), SCHOOL_UP, True),
        "group leader of the school": (make_member(tree.school, Role.GROUP_LEADER), SCHOOL_UP, True),
        "administrator of the school": (make_member(tree.school, Role.ADMINISTRATOR), set(), False),
        "teacher of its teaching point": (make_teacher(tree.point), COUNTY_UP, True),
        "teacher of another school of the county": (make_teacher(tree.same_county_school), COUNTY_UP, True),
        "group leader of another school": (
            make_member(tree.same_county_school, Role.GROUP_LEADER),
            COUNTY_UP,
            True,
        ),
        "teacher of another county": (make_teacher(tree.sibling_county_school), PREFECTURE_UP, True),
        "teacher of another prefecture": (make_teacher(tree.far_school), {Reach.PROVINCE}, True),
        "researcher of the county": (make_member(tree.county, Role.RESEARCHER), SCHOOL_UP, False),
        "researcher of the prefecture": (make_member(tree.prefecture, Role.RESEARCHER), SCHOOL_UP, False),
        "researcher of the province": (make_member(tree.province, Role.RESEARCHER), SCHOOL_UP, False),
        "researcher of another county": (
            make_member(tree.sibling_county, Role.RESEARCHER),
            PREFECTURE_UP,
            False,
        ),
        "researcher of another prefecture": (
            make_member(tree.other_prefecture, Role.RESEARCHER),
            {Reach.PROVINCE},
            False,
        ),
        "administrator of the county": (make_member(tree.county, Role.ADMINISTRATOR), set(), False),
        "administrator of the province": (make_member(tree.province, Role.ADMINISTRATOR), set(), False),
        "inspector of the province": (make_member(tree.province, Role.INSPECTOR), set(), False),
        "administrator here, teacher far away": (both, {Reach.PROVINCE}, True),
        "teacher until yesterday": (former, set(), False),
        "teacher from tomorrow": (future, set(), False),
        "nobody's member": (make_user(), set(), False),
        "superuser": (superuser, set(), False),
        "account switched off": (make_member(tree.school, is_active=False), set(), False),
    }


def expected(
    name: str, reads_at: set[str], school_counts: bool, invitation, reach: str, state: str, active: bool
) -> Access:
    by_reach = Access.COMMENT if name in COMMENTING else Access.READ
    access = by_reach if reach in reads_at else Access.NONE
    if invitation is not None:
        kind, level = invitation
        if kind == "person" or school_counts:
            access = max(access, ACCESS[level])
    if not active or state == State.DELETED:
        return Access.NONE
    return min(access, Access.READ) if state == State.ARCHIVED else access


@pytest.mark.django_db
def test_policy_filter_and_room_agree_on_every_combination() -> None:
    tree = make_region_tree()
    owner = make_teacher(tree.school)
    everyone = people(tree)
    schools = {tree.school, tree.point, tree.same_county_school, tree.sibling_county_school, tree.far_school}
    plans = {}
    for reach, state, invitation in product(Reach, State, INVITATIONS):
        plan = make_plan(owner, reach=reach, state=state)
        plans[reach, state, invitation] = plan
        if invitation is not None:
            kind, level = invitation
            users = [person for person, _reads, _school in everyone.values()] if kind == "person" else []
            PlanInvitation.objects.bulk_create(
                [PlanInvitation(plan=plan, user=user, access=level, invited_by=owner) for user in users]
                + [
                    PlanInvitation(plan=plan, school=school, access=level, invited_by=owner)
                    for school in schools
                    if kind == "school"
                ]
            )
    checked = 0
    for name, (person, reads_at, school_counts) in everyone.items():
        visible = set(LessonPlan.objects.visible_to(person).values_list("pk", flat=True))
        listed = LessonPlan.objects.visible_to(person).with_rights(person)
        writable = set(listed.filter(may_write=True).values_list("pk", flat=True))
        commentable = set(listed.filter(may_comment=True).values_list("pk", flat=True))
        for (reach, state, invitation), plan in plans.items():
            case = f"{name}, {invitation}, {reach}, {state}"
            want = expected(name, reads_at, school_counts, invitation, reach, state, person.is_active)
            found = rights(person, plan)
            decision = LessonPlanKind().access(user_id=person.pk, document_id=plan.pk)
            assert found.access == want, case
            assert (plan.pk in visible) == (want >= Access.READ), case
            assert (plan.pk in writable) == (want == Access.WRITE), case
            assert (plan.pk in commentable) == (want >= Access.COMMENT), case
            assert decision.access == want, case
            assert decision.found == (want >= Access.READ or decision.deleted), case
            assert not found.manage, case
            checked += 1
    for (_reach, state, _invitation), plan in plans.items():
        assert rights(owner, plan).access == (Access.WRITE if state == State.ACTIVE else Access.READ)
        assert rights(owner, plan).manage
        checked += 1
    assert set(LessonPlan.objects.visible_to(owner)) == set(plans.values())
    print(f"{checked} combinations checked")  # noqa: T201  (wanted in the log)
    assert checked == (len(everyone) + 1) * len(plans) == 23 * 105


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reach", "readers"),
    [
        (Reach.OWN, set()),
        (Reach.SCHOOL, {"county", "prefecture"}),
        (Reach.COUNTY, {"county", "prefecture", "school"}),
        (Reach.PREFECTURE, {"county", "prefecture", "school", "sibling"}),
        (Reach.PROVINCE, {"county", "prefecture", "school", "sibling", "far"}),
    ],
)
def test_a_plan_made_at_a_county_has_the_reach_of_its_county(reach: str, readers: set[str]) -> None:
    tree = make_region_tree()
    plan = make_plan(make_member(tree.county, Role.RESEARCHER), reach=reach)
    people = {
        "county": make_member(tree.county, Role.RESEARCHER),
        "prefecture": make_member(tree.prefecture, Role.RESEARCHER),
        "school": make_teacher(tree.school),
        "sibling": make_teacher(tree.sibling_county_school),
        "far": make_teacher(tree.far_school),
        "administrator": make_member(tree.county, Role.ADMINISTRATOR),
    }
    assert {name for name, person in people.items() if rights(person, plan).read} == readers
    assert {
        name for name, person in people.items() if plan in LessonPlan.objects.visible_to(person)
    } == readers


@pytest.mark.django_db
def test_a_plan_of_a_teaching_point_is_read_at_its_central_school() -> None:
    tree = make_region_tree()
    plan = make_plan(make_teacher(tree.point), reach=Reach.SCHOOL)
    central = make_teacher(tree.school)
    assert rights(central, plan).read
    assert plan in LessonPlan.objects.visible_to(central)


@pytest.mark.django_db
def test_an_empty_path_of_a_unit_lets_nobody_in() -> None:
    """A plan whose region lies above the unit that its reach names is read by nobody through that reach."""
    tree = make_region_tree()
    plan = make_plan(make_member(tree.province, Role.RESEARCHER), reach=Reach.COUNTY)
    teacher = make_teacher(tree.school)
    assert not rights(teacher, plan).read
    assert plan not in LessonPlan.objects.visible_to(teacher)
