"""A county is brought up from nothing: by its administrator, from one table, with every mistake said at its cell."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from foundation.accounts.models import User
from foundation.ledger.audit import verify
from foundation.ledger.models import Event
from lessons import operations as lessons
from teaching_centres.models import Membership, Region, School
from tests.factories import (
    make_administrator,
    make_county,
    make_prefecture,
    make_province,
    make_template,
)
from tests.support.rosters import Values, county_roster, phone, roster

PHONE: Any = {"width": 360, "height": 740}
SCHOOLS, PEOPLE = 12, 300

SCHOOL_MISTAKES: dict[int, tuple[str, Values]] = {
    # row of the sheet → column, and what was written
    2: ("C", {"kind": "幼儿园"}),
    3: ("D", {"urban_class": "郊区"}),
    4: ("B", {"name": None}),
    5: ("E", {"parent": "没有的中心校"}),
    6: ("H", {"opened": "1956年13月"}),
    7: ("A", {"county": "没有的县"}),
    8: ("G", {"prep_point": "也许"}),
}
PEOPLE_MISTAKES: dict[int, tuple[str, Values]] = {
    20: ("A", {"username": None}),
    31: ("A", {"username": "1390000003"}),
    42: ("A", {"username": "220322199001011234"}),
    53: ("A", {"username": phone(49)}),  # the number of another row, with another name: said at the name
    64: ("B", {"name": None}),
    75: ("D", {"unit": "没有的学校"}),
    86: ("D", {"unit": None}),
    97: ("E", {"role": "校工"}),
    108: ("E", {"role": "督导"}),
    119: ("G", {"starts": "九月"}),
    130: ("G", {"starts": "2024-2-30"}),
    141: ("H", {"ends": date(2020, 1, 1)}),
    152: ("I", {"mark": "出差"}),
    163: ("J", {"mark": "产假"}),
    174: ("K", {"mark": "请假", "mark_on": "2026-3-1", "mark_until": "2026-2-1"}),
    185: ("I", {"mark": "调出", "mark_on": "2026-7-1"}),
    196: ("I", {"mark_on": "2026-7-1"}),
    207: ("C", {"county": "没有的县"}),
}
PEOPLE_CELLS = {f"{column}{row}" for row, (column, _values) in PEOPLE_MISTAKES.items()} - {"A53"} | {"B53"}
SCHOOL_CELLS = {f"{column}{row}" for row, (column, _values) in SCHOOL_MISTAKES.items()}


def with_mistakes(rows: list[Values], mistakes: dict[int, tuple[str, Values]]) -> list[Values]:
    return [
        {**row, **mistakes[number][1]} if number in mistakes else row
        for number, row in enumerate(rows, start=2)
    ]


def upload(page: Page, file: Path) -> None:
    page.goto("/roster/imports/")
    page.get_by_label("名册文件").set_input_files(file)
    page.get_by_role("button", name="上传，先看看").click()


@pytest.fixture
def county(transactional_db: None) -> Region:
    return make_county(make_prefecture(make_province("吉林省"), "四平市"), "梨树县")


def test_a_county_is_brought_up_from_nothing(
    county: Region, page_of: Callable[..., Page], tmp_path: Path
) -> None:
    assert len(SCHOOL_CELLS) + len(PEOPLE_CELLS) == 25
    administrator = the_province_appoints(county, page_of)
    page = page_of(administrator)
    schools, people = county_roster(SCHOOLS, PEOPLE)

    mistakes_are_said_at_their_cells(page, tmp_path, schools, people)
    the_roster_comes_in(page, tmp_path, schools, people)
    teacher, head = User.objects.get(username=phone(25)), User.objects.get(username=phone(1))
    assert teacher.memberships.get().school == head.memberships.get().school
    someone_opens_the_account(page_of, head, teacher, "第一次来的人记得住的话")
    someone_gets_a_new_password(page_of, head, teacher, "后来又换了一句记得住的话")
    a_teacher_moves_in_mid_term(page, page_of, teacher)
    assert verify() == []


def the_province_appoints(county: Region, page_of: Callable[..., Page]) -> User:
    province = county.parent.parent
    page = page_of(make_administrator(province))
    page.goto("/roster/")
    page.get_by_role("link", name="加一个人").first.click()
    page.get_by_label("姓名").fill("县管理员")
    page.get_by_label("手机号或工号").fill("139 0431 0000")
    page.get_by_label("单位").select_option(label="梨树县")
    page.get_by_label("角色").select_option(label="管理员")
    page.get_by_role("button", name="加上").click()
    expect(page.get_by_role("heading", name="县管理员")).to_be_visible()
    found = User.objects.get(username="13904310000")
    assert found.memberships.get().region == county
    return found


def mistakes_are_said_at_their_cells(page: Page, folder: Path, schools: Any, people: Any) -> None:
    file = folder / "错的.xlsx"
    wrong_schools = with_mistakes(schools, SCHOOL_MISTAKES)
    file.write_bytes(roster(wrong_schools, with_mistakes(people_of_good_schools(people), PEOPLE_MISTAKES)))
    upload(page, file)
    expect(page.get_by_role("heading", name="25 处要改")).to_be_visible()
    rows = page.get_by_role("table").locator("tbody tr")
    said = {tuple(rows.nth(number).locator("td").all_inner_texts()[:2]) for number in range(rows.count())}
    assert said == {("学校", cell) for cell in SCHOOL_CELLS} | {("人员", cell) for cell in PEOPLE_CELLS}
    assert School.objects.count() == 0
    assert Membership.objects.count() == 2


def people_of_good_schools(people: list[Values]) -> list[Values]:
    """Nobody is wrong only because the school of the row is: those are said once, in the other sheet."""
    lost = {"第3实验小学", "第6实验小学"}  # without a name, in no county
    return [{**row, "unit": "第9实验小学"} if row["unit"] in lost else row for row in people]


def the_roster_comes_in(page: Page, folder: Path, schools: Any, people: Any) -> None:
    file = folder / "名册.xlsx"
    file.write_bytes(roster(schools, people))
    upload(page, file)
    expect(page.get_by_text("等你确认")).to_be_visible()
    figures = page.get_by_role("table").first.locator("tbody tr")
    assert [row.split() for row in figures.all_inner_texts()] == [
        ["学校", "12", "0", "0", "0"],
        ["人员", "300", "0", "0", "0"],
        ["任职", "300", "0", "0", "0"],
    ]
    assert School.objects.count() == 0
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("312 行都导入了。")).to_be_visible()
    assert School.objects.count() == SCHOOLS
    assert Membership.objects.filter(school__isnull=False).count() == PEOPLE
    page.get_by_role("link", name="看名册").click()
    expect(page.get_by_text("301 人")).to_be_visible()


def code_from(page_of: Callable[..., Page], head: User, teacher: User) -> str:
    """The school's administrator gives a code, on the phone."""
    page = page_of(head)
    page.set_viewport_size(PHONE)
    page.goto(f"/roster/people/{teacher.pk}/")
    page.get_by_role("link", name="帐号和密码").click()
    page.get_by_role("button", name="给一个码").click()
    return page.locator(".code-big code").inner_text()


def open_with(page_of: Callable[..., Page], teacher: User, code: str, password: str) -> None:
    page = page_of(None)
    page.set_viewport_size(PHONE)
    page.goto("/open/")
    page.get_by_label("手机号或工号").fill(teacher.username)
    page.get_by_label(re.compile("码")).last.fill(code)
    page.get_by_role("button", name="下一步").click()
    page.get_by_label(re.compile("^密码|新密码")).first.fill(password)
    page.get_by_role("button", name="设好，登录").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_url("**/")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def someone_opens_the_account(page_of: Callable[..., Page], head: User, teacher: User, password: str) -> None:
    open_with(page_of, teacher, code_from(page_of, head, teacher), password)
    teacher.refresh_from_db()
    assert teacher.check_password(password)


def someone_gets_a_new_password(
    page_of: Callable[..., Page], head: User, teacher: User, password: str
) -> None:
    open_with(page_of, teacher, code_from(page_of, head, teacher), password)
    teacher.refresh_from_db()
    assert teacher.check_password(password)


def a_teacher_moves_in_mid_term(page: Page, page_of: Callable[..., Page], teacher: User) -> None:
    today = timezone.localdate()
    old, new = teacher.memberships.get().school, School.objects.get(name="第7实验小学")
    write_a_plan(teacher, old, "山行")

    page.goto(f"/roster/people/{teacher.pk}/")
    page.get_by_role("link", name="调动、结束").click()
    page.get_by_text("调到另一所学校").click()
    page.get_by_label("调到").select_option(label=new.name)
    page.get_by_label("到新单位的第一天").fill(today.isoformat())
    page.get_by_role("button", name="调动").click()
    expect(page.get_by_text("原来的任职到前一天为止")).to_be_visible()

    write_a_plan(User.objects.get(pk=teacher.pk), new, "赠刘景文")
    events = Event.objects.filter(kind="plan.created").order_by("pk")
    assert [event.school_id for event in events] == [old.pk, new.pk]
    yesterday = Membership.objects.current(today - timedelta(days=1)).filter(user=teacher)
    assert [row.school for row in yesterday] == [old]
    assert [row.school for row in Membership.objects.current().filter(user=teacher)] == [new]

    page.goto(f"/roster/?unit=school-{old.pk}")
    expect(page.get_by_text("24 人", exact=True)).to_be_visible()
    page.goto(f"/roster/?unit=school-{old.pk}&state=left")
    expect(page.get_by_role("link", name=teacher.name)).to_be_visible()
    page.goto(f"/roster/?unit=school-{new.pk}")
    expect(page.get_by_text("26 人", exact=True)).to_be_visible()


def write_a_plan(teacher: User, school: School, title: str) -> None:
    template = make_template(school)
    lessons.create_plan(actor=teacher, template=template, title=title, textbook=None, unit=None)
