"""The roster's pages: what they show to whom, what their forms do, and what they say when it does not work."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from foundation.accounts.models import User
from foundation.ledger.models import AuditEntry
from teaching_centres import operations
from teaching_centres.models import Leave, Membership, RosterImport, School
from teaching_centres.roles import Role
from teaching_centres.roster import jobs
from teaching_centres.roster.checking import compare, read_file, write_plan
from tests import factories
from tests.support.rosters import county_roster, person, roster, school

pytestmark = pytest.mark.django_db


def today() -> Any:
    return timezone.localdate()


@pytest.fixture
def county() -> Any:
    return factories.make_county(name="甲县")


@pytest.fixture
def one(county: Any) -> School:
    return factories.make_school(county, name="一小")


@pytest.fixture
def two(county: Any) -> School:
    return factories.make_school(county, name="二小")


@pytest.fixture
def admin(county: Any, client: Client) -> User:
    user = factories.make_administrator(county, name="县管理员")
    client.force_login(user)
    return user


@pytest.fixture
def teacher(one: School) -> User:
    return factories.make_teacher(one, name="李明", username="13900000001")


def names(response: Any) -> list[str]:
    return [row.card.name for row in response.context["people"].rows]


def text(response: Any) -> str:
    return response.content.decode()


# ---- lists --------------------------------------------------------------------------------------------
def test_people_are_found_and_filtered(
    client: Client, county: Any, one: School, two: School, teacher: User
) -> None:
    admin = factories.make_administrator(county, name="县管理员", password="x")
    client.force_login(admin)
    leader = factories.make_user("13900000002", name="王组长", password="x")
    factories.make_membership(leader, two, Role.GROUP_LEADER, subject="数学")
    gone = factories.make_user(name="走了的人")
    factories.make_membership(gone, one, ends=today() - timedelta(1))
    Leave.objects.create(user=leader, kind="leave", starts=today())
    factories.make_teacher(name="外县老师")

    def found(query: str = "") -> list[str]:
        return sorted(names(client.get(f"/roster/{query}")))

    assert found() == ["县管理员", "李明", "王组长"]
    assert found("?q=李") == ["李明"]
    assert found("?q=13900000002") == ["王组长"]
    assert found("?role=group_leader") == ["王组长"]
    assert found("?subject=数学") == ["王组长"]
    assert found("?state=new") == ["李明"]
    assert found("?state=leave") == ["王组长"]
    assert found("?state=left") == ["走了的人"]
    assert found("?state=all") == ["县管理员", "李明", "王组长", "走了的人"]
    assert found(f"?unit=school-{one.pk}") == ["李明"]
    assert found("?unit=school-999") == found()
    assert found("?q=外县") == []


def test_a_school_sees_its_own_people_only(client: Client, one: School, two: School, teacher: User) -> None:
    factories.make_teacher(two, name="别校老师")
    client.force_login(factories.make_administrator(one, name="校管理员"))
    assert sorted(names(client.get("/roster/"))) == sorted(["李明", "校管理员"])
    other = User.objects.get(name="别校老师")
    assert client.get(f"/roster/people/{other.pk}/").status_code == 404
    assert client.get(f"/roster/memberships/{other.memberships.get().pk}/").status_code == 404
    assert client.get(f"/roster/schools/{two.pk}/").status_code == 404


@pytest.mark.parametrize("path", ["", "schools/", "imports/", "duplicates/", "people/new/", "form.xlsx"])
def test_who_manages_nothing_sees_no_roster(client: Client, teacher: User, path: str) -> None:
    client.force_login(teacher)
    assert client.get(f"/roster/{path}").status_code == 403


def test_lists_ask_the_same_for_many_as_for_few(
    client: Client, admin: User, one: School, django_assert_max_num_queries: Any
) -> None:
    for number in range(25):
        factories.make_teacher(one, name=f"老师{number}")
        factories.make_school(one.county)
    with django_assert_max_num_queries(20):
        client.get("/roster/")
    with django_assert_max_num_queries(20):
        client.get("/roster/schools/")


def test_schools_are_found_by_a_former_name(client: Client, admin: User, one: School) -> None:
    operations.change_school(
        school=one,
        county=one.county,
        name="实验一小",
        kind=one.kind,
        urban_class=one.urban_class,
        is_rural_central=False,
        parent=None,
        opened=None,
        actor=admin,
    )
    one.former_names.update(name="旧校名")
    page = client.get("/roster/schools/?q=旧校名").context["schools"]
    assert [row.school.name for row in page.rows] == ["实验一小"]


# ---- one person ---------------------------------------------------------------------------------------
def act(client: Client, path: str, name: str, /, **values: Any) -> Any:
    return client.post(path, {"do": name, **values})


def test_someone_is_added_by_the_form(client: Client, admin: User, one: School) -> None:
    response: Any = client.post(
        "/roster/people/new/",
        {
            "name": "新 老师",
            "username": "138-0000-0001",
            "unit": f"school-{one.pk}",
            "role": "teacher",
            "subject": "语文",
            "starts": "2026-9-1",
        },
    )
    added = User.objects.get(username="13800000001")
    assert response.url == f"/roster/people/{added.pk}/"
    assert added.memberships.get().subject == "语文"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("username", "1380000000", "手机号是 11 位"),
        ("username", "220322199001011234", "请不要填身份证号"),
        ("name", "", "请填姓名"),
        ("unit", "school-99", "请选单位"),
        ("starts", "九月", "不是日期"),
        ("role", "inspector", "督导不能在“一小”任职"),
        ("username", "13900000001", "已是李明的帐号"),
    ],
)
def test_a_form_says_what_is_wrong(
    client: Client, admin: User, one: School, teacher: User, field: str, value: str, said: str
) -> None:
    good = {
        "name": "新老师",
        "username": "13800000001",
        "unit": f"school-{one.pk}",
        "role": "teacher",
        "starts": "2026-9-1",
    }
    people = User.objects.count()
    response = client.post("/roster/people/new/", {**good, field: value})
    assert response.status_code == 200
    assert said in text(response)
    assert User.objects.count() == people


def test_a_person_gets_a_second_role_leave_and_retirement(
    client: Client, admin: User, two: School, teacher: User
) -> None:
    path = f"/roster/people/{teacher.pk}/"
    unit = {"unit": f"school-{two.pk}", "role": "group_leader", "starts": today().isoformat()}
    assert act(client, path, "add", **unit).url == path
    assert act(client, path, "leave", kind="secondment", starts=today().isoformat()).url == path
    leave = teacher.leaves.get()
    client.post(f"/roster/leaves/{leave.pk}/", {"ends": (today() + timedelta(9)).isoformat()})
    leave.refresh_from_db()
    assert leave.ends == today() + timedelta(9)
    assert act(client, path, "retire", on=today().isoformat()).url == path
    assert {row.ended_as for row in teacher.memberships.all()} == {"retired"}
    page = text(client.get(path))
    assert "借调" in page and "退休" in page and "二小" in page
    client.post(f"/roster/leaves/{leave.pk}/", {"do": "withdraw"})
    assert not Leave.objects.exists()


def test_what_cannot_be_is_said_in_its_form(client: Client, admin: User, teacher: User) -> None:
    path = f"/roster/people/{teacher.pk}/"
    unit = {"unit": f"school-{teacher.memberships.get().school_id}", "role": "teacher"}
    response = act(client, path, "add", **unit, starts=today().isoformat())
    assert "这段时间已经是" in text(response)
    assert response.context["open"] == "add"
    assert teacher.memberships.count() == 1


def test_a_membership_is_moved_ended_and_prolonged(
    client: Client, admin: User, two: School, teacher: User
) -> None:
    held = teacher.memberships.get()
    path = f"/roster/memberships/{held.pk}/"
    act(client, path, "end", ends=(today() + timedelta(5)).isoformat(), ended_as="moved")
    held.refresh_from_db()
    assert (held.ends, held.ended_as) == (today() + timedelta(5), "moved")
    act(client, path, "prolong", ends="")
    held.refresh_from_db()
    assert (held.ends, held.ended_as) == (None, "")
    act(client, path, "transfer", unit=f"school-{two.pk}", on=today().isoformat())
    held.refresh_from_db()
    assert (held.ends, held.ended_as) == (today() - timedelta(1), "moved")
    assert teacher.memberships.get(school=two).starts == today()


def test_a_school_cannot_take_someone_from_another(client: Client, one: School, two: School) -> None:
    """The form offers only its own units; a forged one is refused, and that is entered."""
    teacher = factories.make_teacher(one)
    client.force_login(factories.make_administrator(one))
    held = teacher.memberships.get()
    response = act(
        client, f"/roster/memberships/{held.pk}/", "transfer", unit=f"school-{two.pk}", on="2026-9-1"
    )
    assert "请选单位" in text(response)
    assert teacher.memberships.count() == 1


# ---- schools ------------------------------------------------------------------------------------------
def test_a_school_is_set_up_changed_merged_and_closed(
    client: Client, admin: User, county: Any, one: School, two: School
) -> None:
    values = {"county": county.pk, "name": "三小", "kind": "primary", "urban_class": "town"}
    response: Any = client.post("/roster/schools/new/", values)
    three = School.objects.get(name="三小")
    path = f"/roster/schools/{three.pk}/"
    assert response.url == path
    act(client, path, "change", **{**values, "name": "第三小学"})
    three.refresh_from_db()
    assert (three.name, three.former_names.get().name) == ("第三小学", "三小")
    act(client, path, "open_point", on=today().isoformat())
    assert School.objects.get(pk=three.pk).prep_point.closed is None
    act(client, path, "merge", into=one.pk, on=(today() + timedelta(3)).isoformat())
    merge = three.merges.get()
    assert "取消合并" in text(client.get(path))
    client.post(f"/roster/merges/{merge.pk}/withdraw/")
    assert not three.merges.exists()
    act(client, path, "close", on=(today() - timedelta(1)).isoformat())
    three.refresh_from_db()
    assert three.closed == today() - timedelta(1)
    act(client, path, "reopen")
    three.refresh_from_db()
    assert three.closed is None


def test_a_school_does_not_redraw_itself(client: Client, one: School, two: School) -> None:
    client.force_login(factories.make_administrator(one))
    path = f"/roster/schools/{one.pk}/"
    assert "由上一级管理员办理" in text(client.get(path))
    response = act(client, path, "close", on=today().isoformat())
    assert response.status_code == 403
    one.refresh_from_db()
    assert one.closed is None
    assert [(entry.act, entry.allowed) for entry in AuditEntry.objects.all()] == [("school.closed", False)]


# ---- duplicates ---------------------------------------------------------------------------------------
def test_two_accounts_become_one_on_the_page(client: Client, admin: User, one: School, teacher: User) -> None:
    double = factories.make_teacher(one, name="李明", username="13800000009")
    assert "同名，在同一所学校" in text(client.get("/roster/duplicates/"))
    response: Any = client.get(f"/roster/people/{teacher.pk}/pair/", {"number": "13800000009"})
    path = f"/roster/duplicates/{teacher.pk}/{double.pk}/"
    assert response.url == path
    assert "请选留下哪个号码" in text(client.post(path, {"do": "merge"}))
    client.post(path, {"do": "merge", "keep": teacher.pk})
    assert Membership.objects.filter(user=double).count() == 0
    assert "13800000009" in text(client.get(f"/roster/people/{teacher.pk}/"))


# ---- imports ------------------------------------------------------------------------------------------
def upload(client: Client, content: bytes, callbacks: Any, name: str = "名册.xlsx") -> Any:
    with callbacks(execute=True):
        return client.post("/roster/imports/", {"file": SimpleUploadedFile(name, content)})


def test_a_table_comes_in_by_the_page(
    client: Client, admin: User, django_capture_on_commit_callbacks: Any
) -> None:
    content = roster([school("新小学")], [person(1, "新小学"), person(2, "新小学")])
    response = upload(client, content, django_capture_on_commit_callbacks)
    found = RosterImport.objects.get()
    assert response.url == f"/roster/imports/{found.pk}/"
    page = client.get(response.url)
    assert [line["new"] for line in page.context["figures"]] == [1, 2, 2]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{response.url}confirm/")
    assert "3 行都导入了" in text(client.get(response.url))
    assert School.objects.filter(name="新小学").exists()


def test_mistakes_are_listed_by_sheet_and_cell(
    client: Client, admin: User, django_capture_on_commit_callbacks: Any
) -> None:
    content = roster([school("新小学", kind="幼儿园")], [person(1, "没有的学校")])
    response = upload(client, content, django_capture_on_commit_callbacks)
    page = client.get(response.url)
    listed = [(row["sheet"], row["cell"]) for row in page.context["troubles"]]
    assert listed == [("学校", "C2"), ("人员", "D2")]


def test_a_file_that_is_no_table_is_refused_in_the_form(
    client: Client, admin: User, django_capture_on_commit_callbacks: Any
) -> None:
    response = upload(client, b"name,school", django_capture_on_commit_callbacks, "x.csv")
    assert "另存为" in text(response)
    assert not RosterImport.objects.exists()


def test_the_progress_is_shown_while_a_job_works(
    client: Client, admin: User, django_capture_on_commit_callbacks: Any
) -> None:
    url = upload(client, roster([school("新小学")]), django_capture_on_commit_callbacks).url
    RosterImport.objects.update(state="writing")
    jobs.watcher(RosterImport.objects.get().pk)(42)
    page = client.get(url)
    assert 'aria-valuenow="42"' in text(page)
    part = client.get(f"{url}state/", headers={"HX-Request": "true"})
    assert 'aria-valuenow="42"' in text(part)
    assert "<html" not in text(part)
    RosterImport.objects.update(state="done")
    assert client.get(f"{url}state/", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_an_import_is_seen_by_nobody_else(
    client: Client, admin: User, county: Any, django_capture_on_commit_callbacks: Any
) -> None:
    url = upload(client, roster([school("新小学")]), django_capture_on_commit_callbacks).url
    client.force_login(factories.make_administrator(county))
    for way in ("", "state/"):
        assert client.get(f"{url}{way}").status_code == 404
    for way in ("confirm/", "drop/", "again/"):
        assert client.post(f"{url}{way}").status_code == 404
    assert RosterImport.objects.get().state == "ready"


def test_the_empty_form_can_be_filled_in(client: Client, admin: User) -> None:
    response = client.get("/roster/form.xlsx")
    workbook = load_workbook(io.BytesIO(response.content))
    assert workbook.sheetnames == ["填写说明", "学校", "人员"]
    assert workbook["学校"]["B1"].value == "学校名称"
    assert workbook["人员"].data_validations.dataValidation


def test_the_roster_that_goes_out_comes_back_unchanged(client: Client, admin: User, county: Any) -> None:
    schools, people = county_roster(3, 40)
    with transaction.atomic():
        write_plan(compare(read_file(roster(schools, people)), admin), admin, None, lambda percent: None)
    response = client.post("/roster/export.xlsx")
    plan = compare(read_file(response.content), admin)
    assert plan.troubles == []
    assert plan.changes_nothing
    assert plan.rows == 3 + 40 + 1
    entry = AuditEntry.objects.get(act="roster.exported")
    assert entry.details == {"kind": "roster", "rows": 44}


def test_where_there_are_too_many_units_to_choose_from_the_name_is_written(
    client: Client, admin: User, one: School, two: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("teaching_centres.roster.forms.OFFERED_AT_MOST", 2)
    namesake = factories.make_school(factories.make_county(one.county.parent, name="乙县"), name="一小")
    client.force_login(factories.make_administrator(one.county.parent))
    values = {"name": "新老师", "role": "teacher", "starts": "2026-9-1"}

    def add(username: str, unit: str) -> Any:
        return client.post("/roster/people/new/", {**values, "username": username, "unit": unit})

    assert "没有找到，或者不归你管" in text(add("n-1", "一小"))
    assert "没有找到，或者不归你管" in text(add("n-2", "别处的学校"))
    assert add("n-3", "乙县 一小").status_code == 302
    assert add("n-4", "二小").status_code == 302
    held = {row.user.username: row.unit for row in Membership.objects.filter(user__username__startswith="n-")}
    assert held == {"n-3": namesake, "n-4": two}
