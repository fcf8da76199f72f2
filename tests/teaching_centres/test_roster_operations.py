"""Leave, retirement, moves, merges of schools and of people: dated, recorded, and the past stays as it was."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from foundation.accounts import belongings
from foundation.accounts import operations as accounts
from foundation.accounts.models import OneTimeCode, User
from foundation.ledger.audit import verify
from foundation.ledger.models import AuditEntry, Event
from lessons import operations as lessons
from lessons import versions
from lessons.models import LessonPlan, PlanInvitation, PlanVisit
from lessons.policies import rights
from realtime.kinds import Access
from teaching_centres import operations, queries
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.models import (
    DifferentPeople,
    Leave,
    Membership,
    PersonMerge,
    PrepPoint,
    School,
    SchoolMerge,
)
from teaching_centres.policies import allowed
from teaching_centres.roles import Role, Verb
from teaching_centres.roster.duplicates import find_duplicates, near, plain_number
from tests import factories

pytestmark = pytest.mark.django_db
Reach = LessonPlan.Reach


def days(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


def fresh(user: User) -> User:
    """Without what was read of the roles before."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def county() -> Any:
    return factories.make_county(name="甲县")


@pytest.fixture
def admin(county: Any) -> User:
    return factories.make_administrator(county)


@pytest.fixture
def school(county: Any) -> School:
    return factories.make_school(county, name="一小")


@pytest.fixture
def other(county: Any) -> School:
    return factories.make_school(county, name="二小")


@pytest.fixture
def teacher(school: School) -> User:
    return factories.make_teacher(school, name="老师")


# ---- people -------------------------------------------------------------------------------------------
def test_someone_new_has_no_password_and_a_place_from_the_first_day(admin: User, school: School) -> None:
    person = operations.add_person(
        username="139 0000 0001", name="新　老师", unit=school, role=Role.TEACHER, subject="语文", actor=admin
    )
    assert (person.username, person.has_usable_password()) == ("13900000001", False)
    assert [(row.school, row.role, row.subject) for row in person.memberships.all()] == [
        (school, "teacher", "语文")
    ]
    assert set(AuditEntry.objects.values_list("act", flat=True)) == {"person.created", "membership.granted"}


def test_a_number_that_is_taken_names_who_has_it(admin: User, school: School, teacher: User) -> None:
    with pytest.raises(NotPossible, match="已是老师的帐号"):
        operations.add_person(
            username=teacher.username, name="别人", unit=school, role=Role.TEACHER, actor=admin
        )
    assert not User.objects.filter(name="别人").exists()


def test_a_number_of_somebody_elsewhere_names_nobody(county: Any, school: School, teacher: User) -> None:
    elsewhere = factories.make_administrator(factories.make_school(county))
    unit = elsewhere.memberships.get().school
    with pytest.raises(NotPossible, match="已经有人用了") as refused:
        operations.add_person(
            username=teacher.username, name="别人", unit=unit, role=Role.TEACHER, actor=elsewhere
        )
    assert teacher.name not in refused.value.reason
    own = factories.make_teacher(unit)
    with pytest.raises(NotPossible, match="已经有人用了"):
        operations.change_person(
            person=own, username=teacher.username, name=own.name, email="", actor=elsewhere
        )


def test_a_name_and_a_number_are_corrected(admin: User, teacher: User) -> None:
    operations.change_person(person=teacher, username="13900000009", name="新名", email="a@b.cn", actor=admin)
    teacher.refresh_from_db()
    assert (teacher.username, teacher.name, teacher.email) == ("13900000009", "新名", "a@b.cn")
    assert AuditEntry.objects.get().details == {"fields": "username name email"}


# ---- leave --------------------------------------------------------------------------------------------
def test_leave_takes_no_right_away(admin: User, school: School, teacher: User) -> None:
    operations.record_leave(person=teacher, kind=Leave.Kind.MATERNITY, starts=days(-3), actor=admin)
    assert allowed(fresh(teacher), Verb.EDIT, school)
    assert teacher.memberships.get().ends is None


def test_leave_is_ended_later_or_taken_back(admin: User, teacher: User) -> None:
    leave = operations.record_leave(person=teacher, kind="leave", starts=days(-3), actor=admin)
    operations.change_leave(leave=leave, ends=days(5), actor=admin)
    leave.refresh_from_db()
    assert leave.ends == days(5)
    operations.withdraw_leave(leave=leave, actor=admin)
    assert not Leave.objects.exists()
    acts = list(AuditEntry.objects.order_by("pk").values_list("act", flat=True))
    assert acts == ["leave.recorded", "leave.changed", "leave.withdrawn"]


@pytest.mark.parametrize(
    ("starts", "ends", "reason"), [(0, -1, "早于"), (2, None, "重叠"), (-9, 0, "重叠"), (5, 5, "重叠")]
)
def test_leave_that_cannot_be(admin: User, teacher: User, starts: int, ends: int | None, reason: str) -> None:
    operations.record_leave(person=teacher, kind="leave", starts=days(0), ends=days(5), actor=admin)
    with pytest.raises(NotPossible, match=reason):
        operations.record_leave(
            person=teacher,
            kind="leave",
            starts=days(starts),
            ends=None if ends is None else days(ends),
            actor=admin,
        )
    assert Leave.objects.count() == 1


# ---- retirement and moves -----------------------------------------------------------------------------
def test_retirement_ends_everything_and_leaves_account_and_plans(
    admin: User, school: School, other: School, teacher: User
) -> None:
    factories.make_membership(teacher, other, Role.GROUP_LEADER)
    plan = factories.make_plan(teacher)
    assert operations.retire(person=teacher, on=days(-1), actor=admin) == 2
    assert {(row.ends, row.ended_as) for row in teacher.memberships.all()} == {(days(-1), "retired")}
    retired = fresh(teacher)
    assert retired.is_active
    assert rights(retired, plan).access == Access.WRITE
    assert not allowed(retired, Verb.EDIT, school)


def test_a_teacher_who_moves_in_mid_term_leaves_both_histories_right(
    admin: User, school: School, other: School, teacher: User
) -> None:
    plan = lessons.create_plan(
        actor=teacher, template=factories.make_template(school), title="山行", textbook=None, unit=None
    )
    before = Event.objects.get(kind="plan.created")
    operations.transfer_membership(membership=teacher.memberships.get(), unit=other, on=days(0), actor=admin)
    moved = fresh(teacher)
    old, new = moved.memberships.order_by("starts")
    assert (old.school, old.ends, old.ended_as) == (school, days(-1), "moved")
    assert (new.school, new.starts, new.ends) == (other, days(0), None)
    assert queries.current_school(moved) == other
    lessons.create_plan(
        actor=moved, template=factories.make_template(other), title="赠刘景文", textbook=None, unit=None
    )
    events = Event.objects.filter(kind="plan.created").order_by("pk")
    assert [event.school_id for event in events] == [school.pk, other.pk]
    before.refresh_from_db()
    assert before.school_id == school.pk
    plan.refresh_from_db()
    assert plan.school == school
    assert Membership.objects.current(days(-2)).get(user=teacher).school == school


# ---- merging schools ----------------------------------------------------------------------------------
@pytest.fixture
def central(county: Any) -> School:
    return factories.make_village_school(county, name="乡中心小学")


def test_a_school_goes_into_another(county: Any, admin: User, central: School, other: School) -> None:
    point = factories.make_teaching_point(central)
    factories.make_prep_point(central)
    head = factories.make_administrator(central)
    teacher = factories.make_teacher(central)
    coming = factories.make_user()
    factories.make_membership(coming, central, starts=days(10))
    gone = factories.make_user()
    factories.make_membership(gone, central, starts=days(-90), ends=days(-60))
    both = factories.make_teacher(central)
    factories.make_membership(both, other)

    merge = operations.merge_schools(school=central, into=other, on=days(0), actor=admin)

    assert merge.done_at is not None
    central.refresh_from_db()
    assert (central.closed, central.merged_into) == (days(-1), other)
    point.refresh_from_db()
    assert point.parent == other
    assert PrepPoint.objects.get(school=central).closed == days(-1)
    assert PrepPoint.objects.get(school=other).closed is None
    held = {
        person: [
            (row.school.name, row.starts, row.ends, row.ended_as)
            for row in person.memberships.order_by("starts", "pk")
        ]
        for person in (head, teacher, coming, gone, both)
    }
    was = days(-30)
    ended = ("乡中心小学", was, days(-1), "merged")
    assert held[head] == [ended]
    assert held[teacher] == [ended, ("二小", days(0), None, "")]
    assert held[coming] == [("二小", days(10), None, "")]
    assert held[gone] == [("乡中心小学", days(-90), days(-60), "")]
    assert sorted(held[both]) == sorted([ended, ("二小", was, None, "")])


def test_plans_of_the_school_that_is_gone_are_seen_in_the_other(
    admin: User, central: School, other: School
) -> None:
    author, new_colleague = factories.make_teacher(central), factories.make_teacher(other)
    plan = factories.make_plan(author, reach=Reach.SCHOOL)
    invited = factories.make_plan(factories.make_teacher(other))
    lessons.invite(actor=invited.owner, plan=invited, school=central, level=PlanInvitation.Access.WRITE)
    assert not rights(fresh(new_colleague), plan).read
    operations.merge_schools(school=central, into=other, on=days(0), actor=admin)
    assert rights(fresh(new_colleague), plan).access == Access.COMMENT
    assert plan in LessonPlan.objects.visible_to(fresh(new_colleague))
    assert rights(fresh(author), plan).access == Access.WRITE
    assert rights(fresh(author), invited).access == Access.WRITE
    plan.refresh_from_db()
    assert plan.school == central


def test_the_other_school_manages_what_is_left(admin: User, central: School, other: School) -> None:
    head = factories.make_administrator(other)
    teacher = factories.make_teacher(central)
    assert not allowed(fresh(head), Verb.MANAGE, central)
    operations.merge_schools(school=central, into=other, on=days(0), actor=admin)
    head = fresh(head)
    central.refresh_from_db()
    assert allowed(head, Verb.MANAGE, central)
    assert central in School.objects.visible_to(head, Verb.MANAGE)
    old = teacher.memberships.get(school=central)
    assert old in Membership.objects.visible_to(head, Verb.MANAGE)
    assert not allowed(head, Verb.EDIT, central)


def test_merges_in_a_row_lead_to_the_last_school(
    county: Any, admin: User, central: School, other: School
) -> None:
    third = factories.make_school(county)
    head = factories.make_administrator(third)
    operations.merge_schools(school=central, into=other, on=days(-1), actor=admin)
    operations.merge_schools(school=other, into=third, on=days(0), actor=admin)
    central.refresh_from_db()
    assert central.merged_into == third
    assert allowed(fresh(head), Verb.MANAGE, central)
    assert [(merge.school, merge.into) for merge in SchoolMerge.objects.order_by("on")] == [
        (central, other),
        (other, third),
    ]


def test_a_merge_ahead_is_carried_out_on_its_day_and_can_be_taken_back(
    admin: User, central: School, other: School
) -> None:
    teacher = factories.make_teacher(central)
    merge = operations.merge_schools(school=central, into=other, on=days(30), actor=admin)
    central.refresh_from_db()
    assert (central.closed, operations.carry_out_due()) == (None, 0)
    operations.withdraw_merge(merge=merge, actor=admin)
    assert not SchoolMerge.objects.exists()
    merge = operations.merge_schools(school=central, into=other, on=days(30), actor=admin)
    SchoolMerge.objects.update(on=days(0))
    assert operations.carry_out_due() == 1
    assert operations.carry_out_due() == 0
    assert teacher.memberships.count() == 2
    merge.refresh_from_db()
    with pytest.raises(NotPossible):
        operations.withdraw_merge(merge=merge, actor=admin)


@pytest.mark.parametrize("name", ["itself", "closed", "into its own point", "decided before"])
def test_merges_that_cannot_be(county: Any, admin: User, central: School, other: School, name: str) -> None:
    school, into = central, other
    if name == "itself":
        into = central
    elif name == "closed":
        School.objects.filter(pk=other.pk).update(closed=days(5))
        into.refresh_from_db()
    elif name == "into its own point":
        into = factories.make_teaching_point(central)
    else:
        operations.merge_schools(school=other, into=factories.make_school(county), on=days(9), actor=admin)
    before = list(School.objects.values()), SchoolMerge.objects.count()
    with pytest.raises(NotPossible):
        operations.merge_schools(school=school, into=into, on=days(0), actor=admin)
    assert (list(School.objects.values()), SchoolMerge.objects.count()) == before


# ---- merging people -----------------------------------------------------------------------------------
def test_every_relation_to_a_person_says_what_becomes_of_it() -> None:
    """A new model that points at people must say what happens when two of them are one."""
    floors = ("foundation", "lessons", "teaching_centres", "realtime", "allauth", "django.contrib.admin")
    pointing = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith(floors)
        for field in model._meta.get_fields()
        if getattr(field, "related_model", None) is User and field.concrete
    }
    assert len(pointing) > 20
    assert {belonging.name for belonging in belongings.belongings()} == pointing


@pytest.fixture
def double(school: School, teacher: User) -> User:
    return factories.make_teacher(school, name="老师", username="13800000002")


def test_everything_of_one_account_moves_to_the_other(
    admin: User, county: Any, other: School, teacher: User, double: User
) -> None:
    colleague = factories.make_teacher(other)
    mine, theirs = factories.make_plan(double), factories.make_plan(colleague)
    versions.name_version(actor=double, plan=mine, name="定稿")
    lessons.invite(actor=colleague, plan=theirs, user=double, level=PlanInvitation.Access.WRITE)
    lessons.invite(actor=colleague, plan=theirs, user=teacher, level=PlanInvitation.Access.READ)
    lessons.visit(actor=double, plan=theirs)
    lessons.visit(actor=teacher, plan=theirs)
    factories.make_membership(double, county, Role.RESEARCHER)
    accounts.issue_codes(people=[double], actor=None)
    Leave.objects.create(user=double, kind="leave", starts=days(-5))
    recorded = Event.objects.filter(actor=double).count()
    assert recorded

    operations.merge_people(survivor=teacher, absorbed=double, actor=admin)

    mine.refresh_from_db()
    assert mine.owner == teacher
    version = mine.versions.get()
    assert (version.created_by, double in version.editors.all()) == (teacher, False)
    invitation = PlanInvitation.objects.get(plan=theirs, user__isnull=False)
    assert (invitation.user, invitation.access) == (teacher, PlanInvitation.Access.WRITE)
    assert PlanVisit.objects.filter(plan=theirs, user=teacher).count() == 1
    held = {(str(row.unit), row.role) for row in teacher.memberships.all()}
    assert held == {("一小", "teacher"), ("甲县", "researcher")}
    assert teacher.memberships.filter(role="teacher").count() == 1
    assert teacher.leaves.count() == 1
    assert not OneTimeCode.objects.filter(person=double).exists()
    gone = fresh(double)
    assert (gone.is_active, gone.memberships.count(), gone.username) == (False, 0, "13800000002")
    assert Event.objects.filter(actor=double).count() == recorded
    assert verify() == []


def test_old_records_lead_to_the_surviving_name(
    admin: User, school: School, teacher: User, double: User
) -> None:
    third = factories.make_teacher(school, name="老师")
    operations.merge_people(survivor=teacher, absorbed=double, actor=admin)
    operations.merge_people(survivor=third, absorbed=teacher, actor=admin)
    assert queries.person_card(double.pk).id == third.pk
    assert queries.surviving([double.pk, teacher.pk, admin.pk]) == {
        double.pk: third.pk,
        teacher.pk: third.pk,
        admin.pk: admin.pk,
    }


def test_a_time_held_twice_becomes_one_as_long_as_both(
    admin: User, county: Any, school: School, other: School
) -> None:
    one, two = factories.make_user(name="老师"), factories.make_user(name="老师")
    factories.make_membership(one, school, starts=days(-300), ends=days(-100))
    factories.make_membership(two, school, starts=days(-200), ends=days(-50))
    factories.make_membership(two, other, starts=days(-50))
    operations.merge_people(survivor=one, absorbed=two, actor=None)
    rows = one.memberships.order_by("starts").values_list("school__name", "starts", "ends")
    assert list(rows) == [("一小", days(-300), days(-50)), ("二小", days(-50), None)]


def test_who_is_managed_elsewhere_too_is_not_merged(admin: User, teacher: User, double: User) -> None:
    factories.make_membership(double, factories.make_school())
    before = list(Membership.objects.order_by("pk").values())
    with pytest.raises(Denied):
        operations.merge_people(survivor=teacher, absorbed=double, actor=admin)
    assert list(Membership.objects.order_by("pk").values()) == before
    assert AuditEntry.objects.get().allowed is False


def test_nobody_merges_the_account_they_work_with_away(county: Any, admin: User) -> None:
    other = factories.make_administrator(county)
    with pytest.raises(NotPossible, match="你现在用的"):
        operations.merge_people(survivor=other, absorbed=admin, actor=admin)
    assert not PersonMerge.objects.exists()


def test_a_deleted_person_is_gone_from_the_merged_account_as_well(
    admin: User, teacher: User, double: User
) -> None:
    operations.merge_people(survivor=teacher, absorbed=double, actor=admin)
    operations.delete_person(person=fresh(teacher), actor=None)
    assert fresh(double).name != "老师"
    assert not User.objects.filter(username="13800000002").exists()


# ---- finding them -------------------------------------------------------------------------------------
def test_who_may_be_one_person(county: Any, admin: User, school: School, other: School) -> None:
    def add(name: str, username: str, unit: Any) -> User:
        return factories.make_teacher(unit, name=name, username=username)

    add("王一", "13900000001", school), add("王一", "X-7", school)
    add("李二", "13900000002", school), add("李 二", "+86139-0000-0002", other)
    add("张三", "13900000003", school), add("张三", "13900000013", other)
    add("赵四", "13900000004", school), add("赵四", "13811111111", other)
    add("远方", "13900000005", school), factories.make_teacher(name="远方", username="13900000006")
    found = {(pair.one.username, pair.other.username): pair.why for pair in find_duplicates(admin)}
    assert found == {
        ("13900000002", "+86139-0000-0002"): "同一个手机号，写法不同",
        ("13900000001", "X-7"): "同名，在同一所学校",
        ("13900000003", "13900000013"): "同名，在同一个县，号码只差一位",
    }


def test_who_was_told_apart_is_not_offered_again(admin: User, teacher: User, double: User) -> None:
    assert len(find_duplicates(admin)) == 1
    operations.tell_apart(one=double, other=teacher, actor=admin)
    assert find_duplicates(admin) == []
    assert DifferentPeople.objects.get().one == teacher


def test_finding_asks_little(
    county: Any, admin: User, school: School, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        factories.make_teacher(school, name=f"同名{number % 20}")
    fresh_admin = fresh(admin)
    with django_assert_max_num_queries(8):
        assert len(find_duplicates(fresh_admin)) == 60


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("13900000001", "13900000001", True),
        ("13900000001", "13900000002", True),
        ("13900000012", "13900000021", True),
        ("13900000012", "13900000034", False),
        ("1390000001", "13900000001", True),
        ("139000001", "13900000001", False),
    ],
)
def test_near_numbers(one: str, other: str, expected: bool) -> None:
    assert near(one, other) is expected
    assert near(other, one) is expected


@pytest.mark.parametrize(
    "text",
    [
        "13900000001",
        "139-0000-0001",
        "+86 139 0000 0001",
        "008613900000001",
        "１３９００００００１"[:3] + "00000001",
    ],
)
def test_one_number_in_many_writings(text: str) -> None:
    assert plain_number(text) == "13900000001"
