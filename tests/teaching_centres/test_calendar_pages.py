"""The pages of terms, hours and timetables: who gets in, what they take, what they refuse with which words."""

import io
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from foundation.accounts.models import User
from foundation.ledger.models import AuditEntry
from teaching_centres.calendar.models import DaysChanged, LessonChange, Period, Term, TimetableEntry
from teaching_centres.views.timetables import PAGE_SIZE
from tests.factories import (
    Tree,
    make_administrator,
    make_entry,
    make_member,
    make_membership,
    make_region_tree,
    make_teacher,
    make_term,
)

Book = Callable[[list[list[Any]]], SimpleUploadedFile]
TERM = "2026-1"


@pytest.fixture
def tree(db: None) -> Tree:
    tree = make_region_tree()
    make_term(tree.province)
    return tree


@pytest.fixture
def teacher(tree: Tree) -> User:
    return make_teacher(tree.school, name="李永梅", username="li")


@pytest.fixture
def administrator(tree: Tree) -> User:
    return make_administrator(tree.school, name="周立新")


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return answer.content.decode()


# ---- the calendar ----------------------------------------------------------------------------------
def test_a_county_sets_its_term_days_and_hours(tree: Tree) -> None:
    client, path = as_(make_administrator(tree.county)), f"/calendar/regions/{tree.county.pk}/"
    client.post(path, {"do": "term", "code": TERM, "starts": "2026-08-31", "ends": "2027-01-14"})
    client.post(path, {"do": "days", "name": "运动会", "starts": "2026-10-20"})
    hours = {"starts": ["08:10", "09:00", ""], "ends": ["08:50", "09:40", ""]}
    client.post(path, {"do": "periods", "since": "2026-09-01", **hours})
    assert Term.objects.get(region=tree.county).starts == date(2026, 8, 31)
    assert [(row.name, row.ends) for row in DaysChanged.objects.all()] == [("运动会", date(2026, 10, 20))]
    assert [row.number for row in Period.objects.filter(region=tree.county)] == [1, 2]
    page = text(client.get(path))
    assert "8月31日（周一）开学" in page
    assert "运动会" in page
    assert "8:10" in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"do": "term", "code": TERM, "starts": "2026-09-01", "ends": "2026-08-01"}, "开学以后"),
        ({"do": "term", "code": TERM, "starts": "下周", "ends": "2027-01-14"}, "2026-09-01 这样"),
        ({"do": "days", "name": "", "starts": "2026-10-01"}, "写上名称"),
        ({"do": "days", "name": "反", "starts": "2026-10-02", "ends": "2026-10-01"}, "早于"),
        ({"do": "periods", "since": "2026-09-01", "starts": ["08:00"], "ends": [""]}, "没填全"),
        (
            {"do": "periods", "since": "2026-09-01", "starts": ["", "08:00"], "ends": ["", "08:40"]},
            "空了一节",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_was_filled_in(tree: Tree, given: dict[str, Any], said: str) -> None:
    answer = as_(make_administrator(tree.county)).post(f"/calendar/regions/{tree.county.pk}/", given)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not DaysChanged.objects.exists()
    assert Term.objects.count() == 1


def test_what_one_set_is_taken_back_and_nothing_else(tree: Tree) -> None:
    own = make_term(tree.county)
    above = DaysChanged.objects.create(
        region=tree.province, name="国庆节", starts=date(2026, 10, 1), ends=date(2026, 10, 7)
    )
    client, path = as_(make_administrator(tree.county)), f"/calendar/regions/{tree.county.pk}/"
    client.post(path, {"do": "remove_term", "id": own.pk})
    assert not Term.objects.filter(pk=own.pk).exists()
    for given in (
        {"do": "remove_days", "id": above.pk},
        {"do": "remove_term", "id": Term.objects.get().pk},
        {"do": "remove_days", "id": "x"},
        {"do": "everything"},
    ):
        assert client.post(path, given).status_code == 404
    assert DaysChanged.objects.exists()
    assert Term.objects.exists()


def test_a_teacher_reads_the_calendar_of_the_school_and_changes_nothing(tree: Tree, teacher: User) -> None:
    client, path = as_(teacher), f"/calendar/schools/{tree.school.pk}/"
    assert client.get("/calendar/")["Location"] == path
    assert "填放假或调休" not in text(client.get(path))
    assert client.post(path, {"do": "days", "name": "放假", "starts": "2026-11-25"}).status_code == 403
    assert not DaysChanged.objects.exists()
    assert client.get(f"/calendar/schools/{tree.far_school.pk}/").status_code == 404


# ---- the grid --------------------------------------------------------------------------------------
def send(client: Client, tree: Tree, teacher: User, **given: Any) -> Any:
    cells = [
        {
            "weekday": 1,
            "period": 1,
            "contents": [{"subject": " 语文 ", "classLabel": "三 班", "weeks": "every"}],
        }
    ]
    body = {"term": TERM, "since": "2026-09-01", "cells": cells} | given
    path = f"/timetable/schools/{tree.school.pk}/people/{teacher.pk}/cells/"
    return client.post(path, json.dumps(body), content_type="application/json")


def test_cells_are_kept_and_shown(tree: Tree, teacher: User) -> None:
    client = as_(teacher)
    answer = send(client, tree, teacher)
    assert answer.json() == {"changed": 1}
    entry = TimetableEntry.objects.get()
    assert (entry.subject, entry.class_label) == ("语文", "三班")
    assert "语文" in text(client.get("/timetable/"))


@pytest.mark.parametrize(
    "given",
    [
        {"cells": [{"weekday": 9, "period": 1, "contents": []}]},
        {"cells": [{"weekday": True, "period": 1, "contents": []}]},
        {"cells": [{"weekday": 1, "period": 1, "contents": [{"subject": ""}]}]},
        {"cells": "all"},
        {"since": "soon"},
        {"term": "2030-1"},
        {"since": "2027-03-01"},
    ],
)
def test_cells_that_make_no_sense_are_refused_with_a_sentence(
    tree: Tree, teacher: User, given: dict[str, Any]
) -> None:
    answer = send(as_(teacher), tree, teacher, **given)
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert not TimetableEntry.objects.exists()


def test_what_cannot_be_seen_is_not_kept_in_a_cell(tree: Tree, teacher: User) -> None:
    contents = [{"subject": "语\x00\x08文\ud800", "classLabel": "\x01三1班", "weeks": "every"}]
    answer = send(as_(teacher), tree, teacher, cells=[{"weekday": 1, "period": 1, "contents": contents}])
    assert answer.json() == {"changed": 1}
    entry = TimetableEntry.objects.get()
    assert (entry.subject, entry.class_label) == ("语文", "三1班")


def test_cells_nested_without_end_are_refused(tree: Tree, teacher: User) -> None:
    path = f"/timetable/schools/{tree.school.pk}/people/{teacher.pk}/cells/"
    answer = as_(teacher).post(path, "[" * 100_000, content_type="application/json")
    assert answer.status_code == 422


def test_another_teachers_timetable_is_not_there(tree: Tree, teacher: User) -> None:
    client, other = (
        as_(make_teacher(tree.school)),
        f"/timetable/schools/{tree.school.pk}/people/{teacher.pk}/",
    )
    entry = make_entry(teacher)
    for path in (other, f"{other}import/", f"{other}form.xlsx", f"/timetable/lessons/{entry.pk}/2026-11-23/"):
        assert client.get(path).status_code == 404
    assert send(client, tree, teacher).status_code == 404
    school = f"/timetable/schools/{tree.school.pk}/"
    for path in (school, f"{school}import/", f"{school}form.xlsx"):
        assert client.get(path).status_code == 404
    assert TimetableEntry.objects.get() == entry


def test_who_teaches_nowhere_has_no_timetable(tree: Tree) -> None:
    assert as_(make_member(tree.county, "researcher")).get("/timetable/").status_code == 403


def test_before_a_term_is_set_the_page_says_who_sets_it(tree: Tree, teacher: User) -> None:
    Term.objects.all().delete()
    assert "还没有开学日期" in text(as_(teacher).get("/timetable/"))


def test_the_pages_cost_the_same_however_full(
    tree: Tree, teacher: User, administrator: User, django_assert_max_num_queries: Any
) -> None:
    for weekday in range(1, 6):
        for period in range(1, 7):
            make_entry(teacher, weekday, period)
            make_entry(make_teacher(tree.school), weekday, period)
    own, office = as_(teacher), as_(administrator)
    with django_assert_max_num_queries(22):
        own.get("/timetable/")
    with django_assert_max_num_queries(15):
        office.get(f"/timetable/schools/{tree.school.pk}/")


# ---- tables ------------------------------------------------------------------------------------------
def book(rows: list[list[Any]]) -> SimpleUploadedFile:
    workbook = Workbook()
    assert workbook.active is not None
    for row in rows:
        workbook.active.append(row)
    stream = io.BytesIO()
    workbook.save(stream)
    return SimpleUploadedFile("课表.xlsx", stream.getvalue())


HEAD = [["姓名", "手机号或工号", "周一1", "周一2", "周二1"]]


def upload(client: Client, tree: Tree, rows: list[list[Any]], **given: Any) -> Any:
    return client.post(f"/timetable/schools/{tree.school.pk}/import/", {"file": book(rows), **given})


def sealed(answer: Any) -> str:
    return str(answer.context["found"].sealed)


def test_a_school_is_imported_after_a_look(tree: Tree, teacher: User, administrator: User) -> None:
    client = as_(administrator)
    make_entry(teacher, 1, 2, subject="旧的")
    rows = [*HEAD, ["李永梅", None, "语文 三1班", None, "单：科学 三1班；双：劳动 三1班"]]
    looked = upload(client, tree, rows, since="2026-09-01")
    assert looked.status_code == 200
    assert "一周 3 节" in text(looked)
    assert TimetableEntry.objects.count() == 1, "looking changes nothing"
    done = client.post(f"/timetable/schools/{tree.school.pk}/import/", {"confirm": sealed(looked)})
    assert done["Location"] == f"/timetable/schools/{tree.school.pk}/"
    assert sorted(TimetableEntry.objects.values_list("weekday", "period", "subject")) == [
        (1, 1, "语文"),
        (2, 1, "劳动"),
        (2, 1, "科学"),
    ]
    [entry] = AuditEntry.objects.filter(act__startswith="timetable.")
    assert (entry.act, entry.actor_id, entry.subject_id, entry.details) == (
        "timetable.imported",
        administrator.pk,
        str(tree.school.pk),
        {"rows": 1},
    )


def test_someone_who_is_gone_meanwhile_stops_an_import(
    tree: Tree, teacher: User, administrator: User
) -> None:
    seal = sealed(upload(as_(administrator), tree, [*HEAD, ["李永梅", None, "语文 三1班", None, None]]))
    teacher.memberships.all().delete()
    teacher.delete()
    path = f"/timetable/schools/{tree.school.pk}/import/"
    answer = as_(administrator).post(path, {"confirm": seal}, follow=True)
    assert "名册刚刚变了" in text(answer)
    assert not TimetableEntry.objects.exists()


def test_the_teachers_of_a_large_school_come_by_the_page(tree: Tree, administrator: User) -> None:
    for number in range(PAGE_SIZE + 1):
        make_teacher(tree.school, name=f"老师{number:03}")
    path = f"/timetable/schools/{tree.school.pk}/"
    first, second = (as_(administrator).get(path, {"page": number}) for number in (1, 2))
    assert (text(first).count("老师0"), text(second).count("老师0")) == (PAGE_SIZE, 1)
    assert f"{PAGE_SIZE + 1} 位老师" in text(second)


def test_mistakes_are_told_at_their_cells_and_nothing_is_imported(
    tree: Tree, teacher: User, administrator: User
) -> None:
    make_teacher(tree.school, name="王强", username="wang-1")
    make_teacher(tree.school, name="王强", username="wang-2")
    make_membership(teacher, tree.point)
    make_entry(teacher, 2, 1, school=tree.point, subject="科学")
    rows = [
        *HEAD,
        ["李永梅", None, "三1班", None, "语文 三1班"],
        ["王强", None, "数学 三1班", None, None],
        ["王强", "wang-3", "数学 三1班", None, None],
        ["没有这个人", None, "数学 三1班", None, None],
    ]
    answer = upload(as_(administrator), tree, rows)
    assert answer.status_code == 422
    troubles = {trouble.cell: str(trouble.message) for trouble in answer.context["found"].troubles}
    assert set(troubles) == {"C2", "E2", "A3", "A4", "A5"}
    assert "看不懂" in troubles["C2"]
    assert "别的学校有科学课" in troubles["E2"]
    assert "有 2 位" in troubles["A3"]
    assert "名册上的不一样" in troubles["A4"]
    assert "先在名册里登记" in troubles["A5"]
    assert sealed(answer) == ""
    assert TimetableEntry.objects.count() == 1


def test_what_was_looked_at_by_another_or_changed_is_not_carried_out(
    tree: Tree, teacher: User, administrator: User
) -> None:
    looked = sealed(upload(as_(administrator), tree, [*HEAD, ["李永梅", None, "语文 三1班", None, None]]))
    path = f"/timetable/schools/{tree.school.pk}/import/"
    for client, seal in ((as_(make_administrator(tree.county)), looked), (as_(administrator), looked + "x")):
        client.post(path, {"confirm": seal})
        assert not TimetableEntry.objects.exists()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (SimpleUploadedFile("a.xlsx", b"no table"), "xlsx"),
        (book([["没有", "课表"]]), "没找到课表"),
        (book([["", "周一", "周二"], [1, "语文 三1班", None]]), "全校的课表要有"),
    ],
)
def test_a_file_that_is_none_is_refused_at_its_field(
    tree: Tree, administrator: User, file: SimpleUploadedFile, said: str
) -> None:
    answer = as_(administrator).post(f"/timetable/schools/{tree.school.pk}/import/", {"file": file})
    assert answer.status_code == 422
    assert said in text(answer)


def test_a_teacher_brings_the_own_table_in_and_out(tree: Tree, teacher: User) -> None:
    client, own = as_(teacher), f"/timetable/schools/{tree.school.pk}/people/{teacher.pk}/"
    looked = client.post(
        f"{own}import/",
        {"file": book([["", "周一", "周二"], ["第1节", "语文 三1班", None]]), "since": "2026-09-01"},
    )
    client.post(f"{own}import/", {"confirm": sealed(looked)})
    assert TimetableEntry.objects.get().subject == "语文"
    page = load_workbook(io.BytesIO(client.get(f"{own}form.xlsx").content)).active
    assert page is not None
    assert page["B3"].value == "语文 三1班"
    assert "下载的是全校" not in text(client.get(f"{own}import/"))


def test_the_overview_comes_out_with_what_there_is(tree: Tree, teacher: User, administrator: User) -> None:
    make_entry(teacher, 1, 2)
    page = load_workbook(
        io.BytesIO(as_(administrator).get(f"/timetable/schools/{tree.school.pk}/form.xlsx").content)
    ).active
    assert page is not None
    assert [cell.value for cell in page[4]][:4] == ["李永梅", "li", None, "语文 三（2）班"]


# ---- one lesson ----------------------------------------------------------------------------------------
def test_one_lesson_is_moved_and_put_back(tree: Tree, teacher: User) -> None:
    client, entry = as_(teacher), make_entry(teacher)
    path = f"/timetable/lessons/{entry.pk}/2026-11-23/"
    assert client.get(f"/timetable/lessons/?lesson={entry.pk}/2026-11-23")["Location"] == path
    given = {"what": "moved", "moved_to": "2026-11-24", "moved_period": "3"}
    assert client.post(path, given).status_code == 302
    assert LessonChange.objects.get().moved_period == 3
    assert "调到了 11月24日（周二）第3节" in text(client.get(path))
    client.post(path, {"do": "restore"})
    assert not LessonChange.objects.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"what": ""}, "选一种"),
        ({"what": "substitute"}, "选谁来代"),
        ({"what": "moved", "moved_to": ""}, "选调到哪天"),
        ({"what": "moved", "moved_to": "2027-02-10", "moved_period": "1"}, "不上课"),
    ],
)
def test_a_change_that_cannot_be_says_why(
    tree: Tree, teacher: User, given: dict[str, str], said: str
) -> None:
    entry = make_entry(teacher)
    answer = as_(teacher).post(f"/timetable/lessons/{entry.pk}/2026-11-23/", given)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not LessonChange.objects.exists()


@pytest.mark.parametrize("lesson", ["", "x/2026-11-23", "1/soon", "-1/2026-11-23", "99999/2026-11-23"])
def test_a_lesson_that_is_none_is_not_found(tree: Tree, teacher: User, lesson: str) -> None:
    assert as_(teacher).get(f"/timetable/lessons/?lesson={lesson}", follow=True).status_code == 404
