"""The pages of other people's accounts and of the audit trail: who sees whom, codes shown once, tables out."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from foundation.accounts import operations as accounts
from foundation.accounts.models import OneTimeCode, SecondFactor, SignedInSession, User
from foundation.accounts.secrets import digest
from foundation.ledger.audit import audit
from foundation.ledger.events import Place
from foundation.ledger.models import AuditEntry
from teaching_centres import operations
from teaching_centres.errors import Denied
from teaching_centres.roles import Role
from teaching_centres.workspace.models import Task
from tests.factories import (
    PASSWORD,
    Tree,
    make_administrator,
    make_centre,
    make_member,
    make_membership,
    make_region_tree,
    make_superuser,
    make_teacher,
    make_user,
)

GOOD = "春天的松花江边很美丽"


@pytest.fixture
def tree(db) -> Tree:
    return make_region_tree()


@pytest.fixture
def head(tree) -> User:
    """The school's administrator."""
    return make_administrator(tree.school, name="校管理员", password=PASSWORD)


@pytest.fixture
def desk(head) -> Client:
    return signed_in(head)


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def newcomer(school, username: str, name: str) -> User:
    person = accounts.create_person(username=username, name=name)
    make_membership(person, school)
    return person


def text_of(response) -> str:
    return response.content.decode()


# ---- whom one sees -----------------------------------------------------------------------------------


def test_the_list_holds_the_people_of_ones_own_units(tree, desk):
    make_teacher(tree.school, name="本校老师")
    make_teacher(tree.point, name="教学点老师")
    make_teacher(tree.same_county_school, name="别校老师")
    make_superuser(name="运维")

    page = text_of(desk.get("/people/accounts/"))

    assert "本校老师" in page
    assert "教学点老师" in page
    assert "别校老师" not in page
    assert "运维" not in page


@pytest.mark.parametrize("who", ["teacher", "nobody", "researcher"])
@pytest.mark.parametrize("path", ["/people/accounts/", "/audit/"])
def test_the_pages_are_for_administrators(tree, who, path):
    makers: dict[str, Callable[[], User]] = {
        "teacher": lambda: make_teacher(tree.school),
        "nobody": make_user,
        "researcher": lambda: make_member(tree.county, Role.RESEARCHER),
    }

    response = signed_in(makers[who]()).get(path)

    assert response.status_code == 403
    assert "只给管理员" in text_of(response)


@pytest.mark.parametrize("act", ["code", "mail", "end-sessions", "remove-second-factor", "close", "reopen"])
def test_whom_one_does_not_manage_is_not_there(tree, desk, act):
    stranger = make_teacher(tree.far_school, email="a@example.org")

    assert desk.get(f"/people/{stranger.pk}/account/").status_code == 404
    assert desk.post(f"/people/{stranger.pk}/account/", {"do": act}).status_code == 404
    stranger.refresh_from_db()
    assert stranger.is_active
    assert not OneTimeCode.objects.exists()
    assert mail.outbox == []


def test_someone_with_a_higher_role_is_seen_and_not_touched(tree, desk):
    part_time = make_teacher(tree.school, name="兼课的省管理员")
    make_membership(part_time, tree.province, Role.ADMINISTRATOR)

    page = text_of(desk.get(f"/people/{part_time.pk}/account/"))
    assert "不在你的任职范围内" in page
    response = desk.post(f"/people/{part_time.pk}/account/", {"do": "code"}, follow=True)

    assert "不在你的任职范围内" in text_of(response)
    assert not OneTimeCode.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.allowed) == ("person.code_issued", False)


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=金", ["金老师"]), ("q=138000", ["崔老师"]), ("state=new", ["金老师"]), ("state=closed", ["朴老师"])],
)
def test_people_are_found(tree, desk, query, found):
    newcomer(tree.school, "jin-1", "金老师")
    make_teacher(tree.school, username="13800000001", name="崔老师", password=PASSWORD)
    make_teacher(tree.school, name="朴老师", is_active=False, password=PASSWORD)

    rows = desk.get(f"/people/accounts/?{query}").context["accounts"].rows

    assert [row.card.name for row in rows] == found


def test_the_list_costs_the_same_for_few_and_many(tree, desk):
    few = queries_of(desk, "/people/accounts/")
    for number in range(20):
        newcomer(tree.school, f"many-{number}", f"老师{number}")

    assert queries_of(desk, "/people/accounts/") <= few + 1


def queries_of(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)


# ---- codes -------------------------------------------------------------------------------------------


def code_on(page: str) -> str:
    return re.search(r"<code>([\d ]{14})</code>", page)[1].replace(" ", "")


def test_a_code_is_shown_once_and_opens_the_account(tree, desk):
    person = newcomer(tree.school, "13800000002", "新老师")

    response = desk.post(f"/people/{person.pk}/account/", {"do": "code"})

    code = code_on(text_of(response))
    assert "no-store" in response["Cache-Control"]
    assert code not in text_of(desk.get(f"/people/{person.pk}/account/")).replace(" ", "")
    phone = Client()
    phone.post("/open/", {"username": "13800000002", "code": code})
    phone.post("/open/password/", {"password": GOOD})
    assert User.objects.get(pk=person.pk).check_password(GOOD)


def test_the_administrator_never_sees_or_sets_the_password(tree, desk):
    person = make_teacher(tree.school, password=PASSWORD)

    desk.post(
        f"/people/{person.pk}/account/", {"do": "code", "password": "taken-over-by-me", "new": "x" * 12}
    )

    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    row = OneTimeCode.objects.get()
    assert (row.purpose, row.issued_by_id) == ("reset", int(desk.session["_auth_user_id"]))


def test_no_link_is_promised_where_mail_is_not_connected(tree, desk, django_capture_on_commit_callbacks):
    person = make_teacher(tree.school, email="jin@example.org", password=PASSWORD)

    page = desk.get(f"/people/{person.pk}/account/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = desk.post(f"/people/{person.pk}/account/", {"do": "mail"}, follow=True).content.decode()

    assert "寄链接" not in page
    assert "链接会寄到" not in answer and "没有接上邮件" in answer
    assert mail.outbox == [] and not AuditEntry.objects.exists()


def test_a_link_goes_to_the_address_on_file(tree, desk, settings, django_capture_on_commit_callbacks):
    settings.MAIL_IS_SENT = True
    person = make_teacher(tree.school, email="jin@example.org", password=PASSWORD)

    with django_capture_on_commit_callbacks(execute=True):
        desk.post(f"/people/{person.pk}/account/", {"do": "mail"})

    assert [message.to for message in mail.outbox] == [["jin@example.org"]]
    assert AuditEntry.objects.get().details == {"purpose": "reset", "way": "mail"}


def test_slips_for_everyone_who_has_never_been_in(tree, desk):
    people = [newcomer(tree.school, f"slip-{number}", f"老师{number}") for number in range(3)]
    make_teacher(tree.school, name="早就开通的", password=PASSWORD)
    make_teacher(tree.school, name="停用的", is_active=False)
    newcomer(tree.point, "slip-point", "教学点的")

    response = desk.post("/people/accounts/slips/", {"unit": f"school-{tree.school.pk}", "as": "slips"})

    page = text_of(response)
    assert all(person.name in page and person.username in page for person in people)
    assert "早就开通的" not in page
    assert "停用的" not in page
    assert "教学点的" not in page
    codes = re.findall(r'slip-code">([\d ]{14})<', page)
    marks = {digest("code", person.pk, code.replace(" ", "")) for person in people for code in codes}
    assert set(OneTimeCode.objects.values_list("digest", flat=True)) <= marks
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.subject_id, entry.details) == (
        "person.codes_printed",
        str(tree.school.pk),
        {"count": 3},
    )


def test_slips_of_a_whole_school_in_few_queries(tree, desk):
    for number in range(60):
        newcomer(tree.school, f"slip-{number}", f"老师{number}")
    with CaptureQueriesContext(connection) as captured:
        response = desk.post("/people/accounts/slips/", {"unit": f"school-{tree.school.pk}", "as": "list"})

    assert len(response.context["slips"]) == 60
    assert len(captured) < 40


@pytest.mark.parametrize("unit", ["", "school-0", "school-x", "region-1", "far"])
def test_slips_are_for_ones_own_units(tree, desk, unit):
    newcomer(tree.far_school, "far-1", "外校的")
    name = f"school-{tree.far_school.pk}" if unit == "far" else unit

    assert desk.post("/people/accounts/slips/", {"unit": name}).status_code == 404
    assert not OneTimeCode.objects.exists()


# ---- sessions, second factor -------------------------------------------------------------------------


def test_a_lost_phone_is_signed_out(tree, desk):
    person = make_teacher(tree.school, password=PASSWORD)
    phone = Client()
    phone.post("/login/", {"username": person.username, "password": PASSWORD})

    desk.post(f"/people/{person.pk}/account/", {"do": "end-sessions"})

    assert phone.get("/notices/").status_code == 302
    assert not SignedInSession.objects.exists()


def test_closing_and_reopening(tree, desk):
    person = make_teacher(tree.school, password=PASSWORD)

    desk.post(f"/people/{person.pk}/account/", {"do": "close"})
    person.refresh_from_db()
    assert not person.is_active
    desk.post(f"/people/{person.pk}/account/", {"do": "reopen"})
    person.refresh_from_db()

    assert person.is_active
    assert list(AuditEntry.objects.order_by("number").values_list("act", flat=True)) == [
        "person.closed",
        "person.reopened",
    ]


def test_an_unknown_act_is_none(tree, desk):
    person = make_teacher(tree.school)

    assert desk.post(f"/people/{person.pk}/account/", {"do": "delete-everything"}).status_code == 404


def test_the_operator_removes_a_second_factor_at_the_command_line(tree):
    person = make_superuser()
    with pytest.raises(CommandError, match="没有设置二次验证"):
        call_command("remove_second_factor", person.username)
    SecondFactor.objects.create(person=person, secret="x")

    call_command("remove_second_factor", person.username)

    assert not SecondFactor.objects.exists()
    assert AuditEntry.objects.get().actor_id is None


def make_task(tree) -> Task:
    return Task.objects.create(
        centre=make_centre(tree.county),
        title="交一份个案",
        expected="每校一份",
        due=timezone.localdate(),
        audience="",
        given_by=make_teacher(tree.school),
    )


def audit_in_transaction(*acts, place: Place) -> None:
    with transaction.atomic():
        for act, details, subject, kind in acts:
            audit(
                act=act,
                actor=None,
                subject_kind=kind,
                subject_id=subject.pk,
                subject_label=str(subject),
                place=place,
                details=details,
            )


def test_the_way_to_the_slips_is_said_where_no_unit_is_chosen(tree):
    make_teacher(tree.school, name="新人")
    desk = signed_in(make_administrator(tree.county))
    hint = "开通单按单位打印"
    assert hint in desk.get("/people/accounts/?state=new").content.decode()
    assert hint not in desk.get("/people/accounts/").content.decode()
    chosen = desk.get(f"/people/accounts/?state=new&unit=school-{tree.school.pk}").content.decode()
    assert hint not in chosen and "打印开通单" in chosen


# ---- the audit trail ---------------------------------------------------------------------------------


@pytest.fixture
def acts(tree, head) -> dict[str, User]:
    """One act in each of four units, and one refused."""
    people = {
        name: make_teacher(getattr(tree, unit), name=name, password=PASSWORD)
        for name, unit in [
            ("校内", "school"),
            ("同县", "same_county_school"),
            ("邻县", "sibling_county_school"),
            ("远县", "far_school"),
        ]
    }
    for person in people.values():
        operations.set_active(person=person, active=False, actor=None)
    with pytest.raises(Denied):
        operations.end_sessions(person=people["校内"], actor=make_teacher(tree.school, name="越权的"))
    return people


def lines(user: User, query: str = ""):
    return signed_in(user).get(f"/audit/{query}").context["trail"].lines


@pytest.mark.parametrize(
    ("unit", "sees"),
    [
        ("school", {"校内"}),
        ("same_county_school", {"同县"}),
        ("county", {"校内", "同县"}),
        ("prefecture", {"校内", "同县", "邻县"}),
        ("far_county", {"远县"}),
        ("province", {"校内", "同县", "邻县", "远县"}),
    ],
)
def test_administrators_see_what_concerned_their_units(tree, acts, unit, sees):
    found = {line.subject for line in lines(make_administrator(getattr(tree, unit)))}

    assert found == sees


def test_a_refusal_is_seen_with_who_tried(acts, head):
    (refused,) = lines(head, "?refused=on")

    assert (refused.actor, refused.act, refused.subject, refused.allowed) == (
        "越权的",
        "结束登录",
        "校内",
        False,
    )


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?act=person.closed", 1),
        ("?act=person.sessions_ended", 1),
        ("?act=nonsense", 2),
        ("?q=校内", 2),
        ("?q=越权", 1),
        ("?q=没有这个人", 0),
        ("?since=2020-01-01", 2),
        ("?until=2020-01-01", 0),
        ("?since=not-a-day", 2),
    ],
)
def test_the_trail_is_filtered(acts, head, query, count):
    assert len(lines(head, query)) == count


def test_the_trail_is_paged_and_costs_the_same_for_many(tree, head):
    person = make_teacher(tree.school)
    desk = signed_in(head)
    for active in [False, True] * 10:
        operations.set_active(person=person, active=active, actor=head)
    few = queries_of(desk, "/audit/")
    for active in [False, True] * 20:
        operations.set_active(person=person, active=active, actor=head)

    assert queries_of(desk, "/audit/") == few
    assert len(desk.get("/audit/").context["trail"].lines) == 50
    assert len(desk.get("/audit/?page=2").context["trail"].lines) == 10


def test_ids_in_the_trail_are_told_by_name_or_not_at_all(tree, head):
    task = make_task(tree)
    person = make_teacher(tree.school, name="李老师")
    audit_in_transaction(
        ("task.judged", {"task_id": task.pk, "verdict": "accepted"}, tree.school, "school"),
        (
            "membership.granted",
            {"membership_id": 987654, "role": "teacher", "school_id": tree.school.pk},
            person,
            "user",
        ),
        ("support.listed", {"weak_school_id": 987654}, tree.school, "school"),
        place=Place(school_id=tree.school.pk),
    )
    told = {line.act: line.details for line in lines(head)}
    assert told["验收任务"] == "任务 交一份个案，结论 通过"
    assert told["任职"] == f"角色 教师，学校 {tree.school.name}"
    assert told["列入重点帮扶"] == ""


def test_someone_who_left_is_not_named_and_the_operator_is(tree, head):
    person = make_teacher(tree.school, name="要走的人")
    operations.set_active(person=person, active=False, actor=None)
    User.objects.filter(pk=person.pk).update(name="已离开的教师")

    (line,) = lines(head)

    assert (line.actor, line.subject) == ("平台运维人员", "已离开的教师")


def test_export_as_a_spreadsheet(acts, head):
    desk = signed_in(head)

    response = desk.post("/audit/export/", {"as": "xlsx", "act": "person.closed"})

    sheet = load_workbook(io.BytesIO(response.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:4] == ("时间", "谁", "角色", "做了什么")
    assert [row[3] for row in rows[1:]] == ["停用帐号"]
    assert AuditEntry.objects.order_by("-id").first().act == "audit.exported"


def test_export_as_csv_makes_no_formulas(tree, head):
    person = make_teacher(tree.school, name="=1+1")
    operations.set_active(person=person, active=False, actor=head)

    response = signed_in(head).post("/audit/export/", {"as": "csv"})

    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[1][4] == "'=1+1"
    assert "attachment" in response["Content-Disposition"]


def test_an_export_holds_what_the_page_holds(acts, tree):
    far = make_administrator(tree.far_county)

    response = signed_in(far).post("/audit/export/", {"as": "csv"})

    assert "远县" in response.content.decode()
    assert "校内" not in response.content.decode()


def test_too_many_are_refused_with_a_way_on(acts, head, monkeypatch):
    monkeypatch.setattr("teaching_centres.audit_trail.EXPORT_LIMIT", 1)

    response = signed_in(head).post("/audit/export/", {"as": "csv"}, follow=True)

    assert "一次最多导出 1 条" in response.content.decode()


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "²"])
def test_a_unit_that_cannot_be_is_none(tree: Tree, number: str) -> None:
    desk = signed_in(make_administrator(tree.county))
    assert desk.get("/people/accounts/", {"unit": f"school-{number}"}).status_code == 200
    assert desk.post("/people/accounts/slips/", {"unit": f"school-{number}"}).status_code == 404


@pytest.mark.parametrize("given", [{"since": "0001-01-01"}, {"until": "9999-12-31"}])
def test_a_day_at_the_end_of_time_filters_nothing(tree: Tree, given: dict[str, str]) -> None:
    desk = signed_in(make_administrator(tree.county))
    assert desk.get("/audit/", given).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/roster/?q=%00",
        "/roster/?subject=a%00",
        "/roster/people/1/pair/?number=%00",
        "/people/accounts/?q=%00",
    ],
)
def test_a_null_character_in_an_address_is_a_bad_request(tree: Tree, path: str) -> None:
    assert signed_in(make_administrator(tree.county)).get(path).status_code == 400


def test_a_null_character_names_no_successor(tree: Tree) -> None:
    due = make_teacher(tree.school)
    desk = signed_in(make_administrator(tree.county))
    answer = desk.post(f"/people/{due.pk}/account/", {"do": "delete", "plans_to": "\0x"}, follow=True)
    assert "没有找到" in answer.content.decode()
