"""The admin of the network: rows and rights follow the roles, writing goes through the operations."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from foundation.accounts.models import User
from foundation.ledger.models import Event
from teaching_centres import operations
from teaching_centres.errors import Denied
from teaching_centres.models import Membership, PrepPoint, Region, RegionCode, School, TeachingCentre
from teaching_centres.policies import Unit, may_manage_person
from teaching_centres.roles import Role
from tests import factories
from tests.factories import Tree

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MODELS = ["region", "teachingcentre", "school", "preppoint", "membership"]
Desk = Callable[[Unit], Client]


@pytest.fixture
def tree(db: None) -> Tree:
    return factories.make_region_tree()


@pytest.fixture
def desk(client: Client) -> Desk:
    """Sign in as the administrator of a unit."""

    def sit_down(unit: Unit) -> Client:
        client.force_login(factories.make_administrator(unit))
        return client

    return sit_down


def page(model: str, row: Any = None, *, name: str = "") -> str:
    app = "accounts" if model == "user" else "teaching_centres"
    if name or row is None:
        return reverse(f"admin:{app}_{model}_{name or 'changelist'}")
    return reverse(f"admin:{app}_{model}_change", args=[row.pk])


def kinds() -> list[str]:
    return list(Event.objects.exclude(kind="region.changed").order_by("pk").values_list("kind", flat=True))


def membership_lines(**line: Any) -> dict[str, Any]:
    """The memberships part of a person's page, with one new line or none."""
    form = {"memberships-TOTAL_FORMS": "1" if line else "0", "memberships-INITIAL_FORMS": "0"}
    return form | {f"memberships-0-{name}": value for name, value in line.items()}


def new_person(**line: Any) -> dict[str, Any]:
    fields = {"username": "13900000017", "name": "新老师"}
    return fields | membership_lines(**line)


# ---- who gets in, who sees what ----------------------------------------------------------------------
@pytest.mark.parametrize("model", [*MODELS, "user"])
def test_the_lists_and_forms_open_for_a_superuser(client: Client, tree: Tree, model: str) -> None:
    factories.make_centre(tree.county)
    factories.make_prep_point(tree.school)
    factories.make_teacher(tree.school)
    client.force_login(factories.make_superuser())
    assert client.get(page(model)).status_code == 200
    assert client.get(page(model), {"q": "测试"}).status_code == 200
    assert client.get(page(model, name="add")).status_code == 200
    rows: dict[str, Any] = {
        "region": Region,
        "teachingcentre": TeachingCentre,
        "school": School,
        "preppoint": PrepPoint,
        "membership": Membership,
        "user": User,
    }
    for row in rows[model].objects.all():
        assert client.get(page(model, row)).status_code == 200


def test_the_state_filters_open(desk: Desk, tree: Tree) -> None:
    client = desk(tree.province)
    for state in ("current", "ended", "coming"):
        assert client.get(page("membership"), {"state": state}).status_code == 200
    for state in ("open", "closed"):
        assert client.get(page("school"), {"state": state}).status_code == 200


def test_a_county_administrator_sees_what_lies_below_and_nothing_else(desk: Desk, tree: Tree) -> None:
    near, far = factories.make_teacher(tree.school), factories.make_teacher(tree.far_school)
    client = desk(tree.county)
    shown = client.get(page("school")).context["cl"].queryset
    assert set(shown) == {tree.school, tree.same_county_school, tree.point}
    assert set(client.get(page("region")).context["cl"].queryset) == {tree.county}
    people = client.get(page("user")).context["cl"].queryset
    assert near in people
    assert far not in people
    for model, row in (
        ("school", tree.far_school),
        ("region", tree.prefecture),
        ("membership", far.memberships.get()),
        ("user", far),
    ):
        assert client.get(page(model, row)).status_code in {302, 403}, model
        assert client.get(page(model, row), follow=True).status_code in {200, 403}
        assert far.name not in client.get(page(model, row), follow=True).content.decode()


@pytest.mark.parametrize("model", [*MODELS, "user"])
def test_staff_without_an_administrator_role_find_nothing(client: Client, tree: Tree, model: str) -> None:
    client.force_login(factories.make_teacher(tree.school, is_staff=True))
    assert client.get(page(model)).status_code == 403
    assert client.get(page(model, name="add")).status_code == 403


@pytest.mark.parametrize("model", [*MODELS, "user"])
def test_a_teacher_does_not_get_in(client: Client, tree: Tree, model: str) -> None:
    client.force_login(factories.make_teacher(tree.school))
    assert client.get(page(model)).status_code in {302, 403}


@pytest.mark.parametrize("model", ["school", "preppoint", "membership", "user", "region"])
def test_a_longer_list_asks_no_more_questions(desk: Desk, tree: Tree, model: str) -> None:
    client = desk(tree.province)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page(model)).status_code == 200
        return len(asked)

    def more() -> None:
        county = factories.make_county(tree.prefecture, name="又一县")
        school = factories.make_village_school(county)
        factories.make_prep_point(school)
        factories.make_membership(factories.make_teacher(school), tree.school)

    more()
    before = questions()
    more()
    more()
    assert questions() == before


# ---- schools and prep points -------------------------------------------------------------------------
def school_fields(school: School, **changed: Any) -> dict[str, Any]:
    fields = {
        "county": school.county_id,
        "name": school.name,
        "kind": school.kind,
        "urban_class": school.urban_class,
        "is_rural_central": "on" if school.is_rural_central else "",
        "parent": school.parent_id or "",
        "opened": "",
        "closed": "",
    }
    return fields | changed


def test_a_school_is_opened_by_the_operation(desk: Desk, tree: Tree) -> None:
    client = desk(tree.county)
    fields = school_fields(tree.school, name="新开小学")
    response = client.post(page("school", name="add"), fields)
    assert response.status_code == 302
    assert School.objects.get(name="新开小学").county == tree.county
    assert kinds() == ["school.opened"]


def test_a_name_that_is_taken_is_said_at_the_form(desk: Desk, tree: Tree) -> None:
    client = desk(tree.county)
    before = School.objects.count()
    response = client.post(page("school", name="add"), school_fields(tree.school))
    assert response.status_code == 200
    assert "已经有" in response.content.decode()
    assert School.objects.count() == before


def test_a_school_in_another_county_is_refused_with_the_reason(desk: Desk, tree: Tree) -> None:
    client = desk(tree.county)
    fields = school_fields(tree.far_school, name="伸手太长小学")
    response = client.post(page("school", name="add"), fields, follow=True)
    assert "不在你的任职范围内" in response.content.decode()
    assert not School.objects.filter(name="伸手太长小学").exists()
    assert kinds() == []


def test_closing_a_school_in_its_form_ends_what_hangs_on_it(desk: Desk, tree: Tree) -> None:
    teacher, today = factories.make_teacher(tree.same_county_school), timezone.localdate()
    client = desk(tree.county)
    fields = school_fields(tree.same_county_school, closed=today.isoformat())
    assert client.post(page("school", tree.same_county_school), fields).status_code == 302
    tree.same_county_school.refresh_from_db()
    assert tree.same_county_school.closed == today
    assert teacher.memberships.get().ends == today
    assert kinds() == ["membership.ended", "school.closed"]
    client.post(page("school", tree.same_county_school), school_fields(tree.same_county_school))
    tree.same_county_school.refresh_from_db()
    assert tree.same_county_school.closed is None


def test_a_school_administrator_reads_the_page_of_the_school_only(desk: Desk, tree: Tree) -> None:
    client = desk(tree.school)
    assert client.get(page("school", tree.school)).status_code == 200
    response = client.post(page("school", tree.school), school_fields(tree.school, name="改名"))
    assert response.status_code == 403
    assert client.get(page("school", name="add")).status_code == 403
    tree.school.refresh_from_db()
    assert tree.school.name != "改名"


def test_a_teaching_point_gets_no_prep_point_and_the_form_says_why(desk: Desk, tree: Tree) -> None:
    client = desk(tree.county)
    response = client.post(page("preppoint", name="add"), {"school": tree.point.pk, "opened": ""})
    assert "教学点不设备课点" in response.content.decode()
    assert not PrepPoint.objects.exists()
    assert client.post(page("preppoint", name="add"), {"school": tree.school.pk}).status_code == 302
    assert PrepPoint.objects.get().school == tree.school
    assert kinds() == ["prep_point.opened"]


def test_prep_points_for_several_schools_at_once(desk: Desk, tree: Tree) -> None:
    client = desk(tree.county)
    chosen = {"action": "open_prep_points", "_selected_action": [tree.school.pk, tree.point.pk]}
    response = client.post(page("school"), chosen, follow=True)
    assert [point.school for point in PrepPoint.objects.all()] == [tree.school]
    assert "教学点不设备课点" in response.content.decode()


# ---- memberships -------------------------------------------------------------------------------------
def role_fields(user: User, role: str, unit: Unit, **changed: Any) -> dict[str, Any]:
    fields = {
        "user": user.pk,
        "role": role,
        "school": unit.pk if isinstance(unit, School) else "",
        "region": unit.pk if isinstance(unit, Region) else "",
        "subject": "语文",
        "starts": timezone.localdate().isoformat(),
        "ends": "",
    }
    return fields | changed


def test_a_role_is_granted_by_the_operation(desk: Desk, tree: Tree) -> None:
    client, person = desk(tree.county), factories.make_user()
    response = client.post(
        page("membership", name="add"), role_fields(person, Role.GROUP_LEADER, tree.school)
    )
    assert response.status_code == 302
    assert person.memberships.get().role == Role.GROUP_LEADER
    assert kinds() == ["membership.started"]


@pytest.mark.parametrize(
    ("role", "unit", "said"),
    [
        (Role.RESEARCHER, "school", "教研员不能在"),
        (Role.TEACHER, "county", "教师不能在"),
        (Role.TEACHER, "far_school", "不在你的任职范围内"),
    ],
)
def test_a_role_that_is_refused_says_why(desk: Desk, tree: Tree, role: str, unit: str, said: str) -> None:
    client, person = desk(tree.county), factories.make_user()
    fields = role_fields(person, role, getattr(tree, unit))
    response = client.post(page("membership", name="add"), fields, follow=True)
    assert said in response.content.decode()
    assert not person.memberships.exists()
    assert kinds() == []


def test_neither_or_both_units_is_said_at_the_form(desk: Desk, tree: Tree) -> None:
    client, person = desk(tree.county), factories.make_user()
    for fields in ({"school": ""}, {"region": tree.county.pk}):
        response = client.post(
            page("membership", name="add"), role_fields(person, Role.TEACHER, tree.school, **fields)
        )
        assert "学校和行政区选一个" in response.content.decode()
    assert not person.memberships.exists()


def test_of_a_membership_only_the_last_day_changes(desk: Desk, tree: Tree) -> None:
    client, teacher = desk(tree.county), factories.make_teacher(tree.school)
    row = teacher.memberships.get()
    ends = timezone.localdate() + DAY
    fields = role_fields(teacher, Role.ADMINISTRATOR, tree.same_county_school, ends=ends.isoformat())
    assert client.post(page("membership", row), fields).status_code == 302
    row.refresh_from_db()
    assert (row.role, row.school, row.ends) == (Role.TEACHER, tree.school, ends)
    assert kinds() == ["membership.ended"]


def test_a_transfer_in_the_form_of_the_membership(desk: Desk, tree: Tree) -> None:
    client, teacher = desk(tree.county), factories.make_teacher(tree.school)
    row, today = teacher.memberships.get(), timezone.localdate()
    fields = role_fields(teacher, Role.TEACHER, tree.school, transfer_to=tree.same_county_school.pk)
    response = client.post(page("membership", row), fields)
    assert "请填调动日期" in response.content.decode()
    response = client.post(page("membership", row), fields | {"transfer_on": today.isoformat()})
    assert response.status_code == 302
    row.refresh_from_db()
    assert row.ends == today - DAY
    assert teacher.memberships.get(ends=None).school == tree.same_county_school


def test_a_transfer_to_a_school_one_does_not_manage_is_no_choice(desk: Desk, tree: Tree) -> None:
    client, teacher = desk(tree.county), factories.make_teacher(tree.school)
    row = teacher.memberships.get()
    fields = role_fields(teacher, Role.TEACHER, tree.school, transfer_to=tree.far_school.pk)
    fields["transfer_on"] = timezone.localdate().isoformat()
    assert client.post(page("membership", row), fields).status_code == 200
    assert teacher.memberships.get().ends is None


# ---- people ------------------------------------------------------------------------------------------
def test_a_new_teacher_with_the_first_membership(desk: Desk, tree: Tree) -> None:
    client = desk(tree.school)
    starts = timezone.localdate().isoformat()
    fields = new_person(
        role="teacher", school=tree.school.pk, region="", subject="数学", starts=starts, ends=""
    )
    response = client.post(page("user", name="add"), fields, follow=True)
    assert "新老师的开通码：" in response.content.decode()
    person = User.objects.get(username="13900000017")
    assert not person.is_activated
    assert person.one_time_codes.get().issued_by == response.wsgi_request.user
    assert (person.is_staff, person.is_superuser) == (False, False)
    row = person.memberships.get()
    assert (row.school, row.role, row.subject) == (tree.school, "teacher", "数学")
    assert kinds() == ["membership.started"]


def test_nobody_is_added_outside_ones_own_units(desk: Desk, tree: Tree) -> None:
    client = desk(tree.school)
    line = {"role": "teacher", "region": "", "subject": "", "starts": "2026-01-01", "ends": ""}
    fields = new_person(school=tree.far_school.pk, **line)
    response = client.post(page("user", name="add"), fields, follow=True)
    assert "不在你的任职范围内" in response.content.decode()
    fields = new_person()
    response = client.post(page("user", name="add"), fields)
    assert "请填这个人的第一项任职" in response.content.decode()
    assert not User.objects.filter(username="13900000017").exists()


def test_an_administrator_makes_nobody_a_superuser(desk: Desk, tree: Tree) -> None:
    client, teacher = desk(tree.school), factories.make_teacher(tree.school)
    fields = {"username": teacher.username, "name": "改名", "email": "", "is_active": "on"}
    fields |= {"is_superuser": "on", "is_staff": "on"} | membership_lines()
    response = client.post(page("user", teacher), fields | {"memberships-INITIAL_FORMS": "0"})
    teacher.refresh_from_db()
    assert response.status_code == 302
    assert (teacher.name, teacher.is_staff, teacher.is_superuser) == ("改名", False, False)


def test_closing_an_account_goes_through_the_operation(desk: Desk, tree: Tree) -> None:
    client, teacher = desk(tree.school), factories.make_teacher(tree.school)
    fields = {"username": teacher.username, "name": teacher.name, "email": ""} | membership_lines()
    assert client.post(page("user", teacher), fields).status_code == 302
    teacher.refresh_from_db()
    assert not teacher.is_active


@pytest.mark.parametrize("extra", ["far_school", "province", "superuser"])
def test_an_account_that_reaches_further_is_not_taken_over(desk: Desk, tree: Tree, extra: str) -> None:
    """Appointing a provincial administrator as a part-time teacher does not give the password away."""
    person = factories.make_teacher(tree.school, password="the-password-before-1")
    if extra == "superuser":
        User.objects.filter(pk=person.pk).update(is_superuser=True)
    else:
        role = Role.TEACHER if extra == "far_school" else Role.ADMINISTRATOR
        long_ago = timezone.localdate() - 90 * DAY
        factories.make_membership(person, getattr(tree, extra), role, starts=long_ago)
    client = desk(tree.county)
    person.refresh_from_db()
    with pytest.raises(Denied):
        operations.issue_code(person=person, actor=User.objects.get(pk=client.session["_auth_user_id"]))
    assert not person.one_time_codes.exists()
    fields = {"username": "taken-over", "name": "x", "email": ""} | membership_lines()
    client.post(page("user", person), fields)
    person.refresh_from_db()
    assert person.check_password("the-password-before-1")
    assert person.username != "taken-over"
    assert person.is_active


def test_nobody_sets_the_password_of_another(desk: Desk, tree: Tree) -> None:
    client, teacher = desk(tree.school), factories.make_teacher(tree.school, password="the-password-before-1")
    new = {"password1": "lesson-plan-18", "password2": "lesson-plan-18", "usable_password": "true"}
    assert client.post(f"/admin/accounts/user/{teacher.pk}/password/", new).status_code in {302, 404}
    fields = {"username": teacher.username, "name": teacher.name, "email": "", "is_active": "on"}
    assert client.post(page("user", teacher), fields | new | membership_lines()).status_code == 302
    teacher.refresh_from_db()
    assert teacher.check_password("the-password-before-1")


def test_a_former_teacher_is_still_managed_where_they_were_last(tree: Tree) -> None:
    former = factories.make_user()
    factories.make_membership(former, tree.school, ends=timezone.localdate() - DAY)
    assert may_manage_person(factories.make_administrator(tree.county), former)
    assert not may_manage_person(factories.make_administrator(tree.far_county), former)
    assert not may_manage_person(factories.make_administrator(tree.county), factories.make_user())


def test_the_address_book_names_people_everywhere_without_their_numbers(desk: Desk, tree: Tree) -> None:
    factories.make_teacher(tree.far_school, username="13900000099", name="金美兰")
    client = desk(tree.county)
    query = {"app_label": "teaching_centres", "model_name": "membership", "field_name": "user", "term": "金"}
    answer = client.get(reverse("admin:autocomplete"), query)
    assert [result["text"] for result in answer.json()["results"]] == [f"金美兰 · {tree.far_school}"]
    assert "13900000099" not in answer.content.decode()


def test_schools_to_choose_from_are_ones_own(desk: Desk, tree: Tree) -> None:
    client = desk(tree.county)
    query = {
        "app_label": "teaching_centres",
        "model_name": "membership",
        "field_name": "school",
        "term": "测试",
    }
    found = client.get(reverse("admin:autocomplete"), query).json()["results"]
    assert {int(result["id"]) for result in found} == {
        tree.school.pk,
        tree.same_county_school.pk,
        tree.point.pk,
    }


# ---- regions -----------------------------------------------------------------------------------------
def region_fields(region: Region, **changed: Any) -> dict[str, Any]:
    fields = {"name": region.name, "kind": "", "parent": region.parent_id or "", "reports_to": ""}
    fields |= {"codes-TOTAL_FORMS": "0", "codes-INITIAL_FORMS": "0"}
    return fields | changed


def test_a_prefecture_renames_its_county_and_notes_the_code(desk: Desk, tree: Tree) -> None:
    client = desk(tree.prefecture)
    code = {"codes-TOTAL_FORMS": "1", "codes-0-code": "229901", "codes-0-name_then": "新名"}
    response = client.post(page("region", tree.county), region_fields(tree.county, name="新名", **code))
    assert response.status_code == 302
    tree.county.refresh_from_db()
    assert tree.county.name == "新名"
    assert RegionCode.objects.get().region == tree.county
    assert client.get(page("region"), {"q": "229901"}).context["cl"].result_count == 1


def test_a_county_only_reads_its_own_page(desk: Desk, tree: Tree) -> None:
    client = desk(tree.county)
    assert client.get(page("region", tree.county)).status_code == 200
    assert (
        client.post(page("region", tree.county), region_fields(tree.county, name="新名")).status_code == 403
    )
    tree.county.refresh_from_db()
    assert tree.county.name == "甲一县"


def test_the_province_moves_a_county(desk: Desk, tree: Tree) -> None:
    client = desk(tree.province)
    fields = region_fields(tree.county, parent=tree.other_prefecture.pk)
    assert client.post(page("region", tree.county), fields).status_code == 302
    tree.county.refresh_from_db()
    assert tree.county.path == f"{tree.other_prefecture.path}{tree.county.pk}/"


def test_the_operator_adds_a_region_and_it_gets_its_path(client: Client, tree: Tree) -> None:
    client.force_login(factories.make_superuser())
    fields = region_fields(
        tree.county, name="新县", parent=tree.prefecture.pk, level="county", own_id="JL-NEW"
    )
    assert client.post(page("region", name="add"), fields).status_code == 302
    region = Region.objects.get(own_id="JL-NEW")
    assert region.path == f"{tree.prefecture.path}{region.pk}/"


def test_nothing_can_be_deleted(client: Client, tree: Tree) -> None:
    client.force_login(factories.make_superuser())
    url = reverse("admin:teaching_centres_school_delete", args=[tree.far_school.pk])
    assert client.post(url, {"post": "yes"}).status_code == 403
    assert School.objects.filter(pk=tree.far_school.pk).exists()
