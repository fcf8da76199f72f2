"""A timetable entered as a teacher does it, the days it leads to, the table brought in, the calendar read elsewhere."""

import io
import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from foundation.accounts.models import User
from foundation.notices import calendar
from teaching_centres.calendar.models import DaysChanged, TimetableEntry
from teaching_centres.calendar.queries import lessons_of
from tests.factories import (
    Tree,
    make_administrator,
    make_entry,
    make_region_tree,
    make_teacher,
    make_term,
)
from tests.support.live_server import LiveServer

PageOf = Callable[..., Page]
MONDAY = date(2026, 11, 23)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[..., datetime]:
    """Sets the server's clock; the page's own is set by `page.clock`."""

    def set_to(day: date, hour: int = 9, minute: int = 52) -> datetime:
        moment = timezone.make_aware(
            datetime.combine(day, datetime.min.time()).replace(hour=hour, minute=minute)
        )
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return moment

    set_to(MONDAY)
    return set_to


@pytest.fixture
def tree(live: LiveServer, clock: object) -> Tree:
    tree = make_region_tree()
    make_term(tree.province)
    return tree


@pytest.fixture
def teacher(tree: Tree) -> User:
    return make_teacher(tree.school, name="李永梅")


def entries() -> list[tuple[int, int, str, str, str]]:
    rows = TimetableEntry.objects.order_by("weekday", "period", "-weeks")
    return list(rows.values_list("weekday", "period", "subject", "class_label", "weeks"))


def saved(page: Page) -> None:
    expect(page.locator("#timetable-state")).to_have_text("已保存")


def add_brush(page: Page, subject: str, label: str) -> None:
    page.get_by_role("combobox", name="学科").fill(subject)
    page.get_by_role("textbox", name="班级").fill(label)
    page.get_by_role("button", name="加一种课").click()


def cell(page: Page, weekday: int, period: int) -> Any:
    return page.locator(f'[data-cell="{weekday}-{period}"]')


# ---- entering --------------------------------------------------------------------------------------
def test_a_week_is_entered_by_keyboard_alone(teacher: User, page_of: PageOf) -> None:
    page = page_of(teacher)
    page.goto("/timetable/")
    page.get_by_role("combobox", name="学科").focus()
    page.keyboard.type("语文")
    page.keyboard.press("Tab")
    page.keyboard.type("三（2）班")
    page.keyboard.press("Enter")
    add_brush(page, "数学", "三（2）班")
    cell(page, 1, 1).focus()
    page.keyboard.press("1")  # 语文
    page.keyboard.press("Shift+ArrowDown")  # first and second period
    page.keyboard.press("ArrowRight")
    page.keyboard.press("2")
    page.keyboard.press("Space")  # 数学 on Tuesday, second period
    expect(cell(page, 2, 2)).to_have_attribute("aria-label", "周二第 2 节：数学 三（2）班")
    page.get_by_role("button", name="周一：复制这一天").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="周三：贴到这一天").focus()
    page.keyboard.press("Enter")
    cell(page, 1, 2).focus()
    page.keyboard.press("Delete")
    saved(page)
    label = "三（2）班"
    assert entries() == [
        (1, 1, "语文", label, "every"),
        (2, 2, "数学", label, "every"),
        (3, 1, "语文", label, "every"),
        (3, 2, "语文", label, "every"),
    ]
    page.reload()
    expect(cell(page, 3, 2)).to_contain_text("语文")


def test_a_week_is_tapped_on_a_phone(teacher: User, context_of: Callable[..., Any]) -> None:
    context = context_of(teacher, has_touch=True)
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/timetable/")
    add_brush(page, "语文", "三1班")
    cell(page, 1, 1).tap()
    cell(page, 2, 1).tap()
    cell(page, 2, 1).tap()  # the same again takes it away
    add_brush(page, "科学", "三1班")
    page.get_by_role("button", name="单周").tap()
    cell(page, 3, 2).tap()
    add_brush(page, "劳动", "三1班")
    page.get_by_role("button", name="双周").tap()
    cell(page, 3, 2).tap()
    saved(page)
    assert entries() == [
        (1, 1, "语文", "三1班", "every"),
        (3, 2, "科学", "三1班", "odd"),
        (3, 2, "劳动", "三1班", "even"),
    ]
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0


def test_a_mouse_paints_over_many_cells_at_once(teacher: User, page_of: PageOf) -> None:
    page = page_of(teacher)
    page.goto("/timetable/")
    add_brush(page, "语文", "三1班")
    first, last = cell(page, 1, 3).bounding_box(), cell(page, 5, 3).bounding_box()
    page.mouse.move(first["x"] + 20, first["y"] + 20)
    page.mouse.down()
    page.mouse.move(last["x"] + 20, last["y"] + 20, steps=20)
    page.mouse.up()
    saved(page)
    assert [entry[:2] for entry in entries()] == [(weekday, 3) for weekday in range(1, 6)]


def test_what_did_not_arrive_is_sent_when_the_line_is_back(
    teacher: User, context_of: Callable[..., Any]
) -> None:
    context = context_of(teacher)
    page = context.new_page()
    page.goto("/timetable/")
    add_brush(page, "语文", "三1班")
    context.set_offline(True)
    cell(page, 1, 1).click()
    expect(page.locator("#timetable-state")).to_have_text("没存上，连上自动再试")
    assert entries() == []
    context.set_offline(False)
    saved(page)
    assert len(entries()) == 1


def test_a_cell_that_is_refused_shows_again_what_the_server_has(
    tree: Tree, teacher: User, page_of: PageOf
) -> None:
    page = page_of(teacher)
    page.goto("/timetable/")
    add_brush(page, "语文", "三1班")
    teacher.memberships.update(ends=MONDAY - timedelta(days=1))
    cell(page, 1, 1).click()
    expect(page.locator("#toasts")).to_contain_text("任职")
    expect(cell(page, 1, 1)).to_have_text("")
    assert entries() == []


# ---- the days that follow from it -----------------------------------------------------------------------
def test_a_day_off_and_a_moved_day_have_the_right_lessons(
    tree: Tree, teacher: User, page_of: PageOf, clock: Callable[..., datetime]
) -> None:
    wednesday, saturday = date(2026, 10, 7), date(2026, 10, 10)
    teacher.memberships.update(starts=date(2026, 9, 1))
    DaysChanged.objects.create(region=tree.province, name="国庆节", starts=date(2026, 10, 1), ends=wednesday)
    DaysChanged.objects.create(
        region=tree.province, name="调休", starts=saturday, ends=saturday, taught_as=wednesday
    )
    make_entry(teacher, 3, 1, subject="语文", weeks="even")  # the week of 7 October is the sixth
    make_entry(teacher, 3, 2, subject="数学", weeks="odd")
    make_entry(teacher, 3, 3, subject="科学")
    page = page_of(teacher)
    clock(wednesday)
    page.goto("/")
    expect(page.locator(".dayhead")).to_contain_text("国庆节，放假")
    expect(page.locator(".period")).to_have_count(0)
    clock(saturday, 7)
    page.goto("/")
    expect(page.locator(".dayhead")).to_contain_text("补 10月7日（周三）的课")
    expect(page.locator(".period .subj")).to_have_text(["语文", "科学"])


def test_the_page_counts_down_to_the_next_lesson(
    teacher: User, page_of: PageOf, clock: Callable[..., datetime]
) -> None:
    make_entry(teacher, 1, 3)
    page = page_of(teacher)
    page.clock.install(time=clock(MONDAY))
    page.goto("/")
    expect(page.locator(".soon")).to_have_text("10:00 开始，还有 8 分钟")
    page.clock.fast_forward("05:00")
    expect(page.locator(".soon")).to_have_text("10:00 开始，还有 3 分钟")
    page.clock.fast_forward("10:00")
    expect(page.locator(".soon")).to_have_text("正在上，还有 33 分钟")


def test_what_this_device_has_not_sent_leads_to_the_plan(
    tree: Tree, teacher: User, context_of: Callable[..., Any]
) -> None:
    from tests.factories import make_plan

    plan = make_plan(teacher, title="美丽的小兴安岭")
    context = context_of(teacher)
    page = context.new_page()
    page.goto("/")
    expect(page.locator("#on-device")).to_be_hidden()
    page.goto(f"/plans/{plan.pk}/")
    expect(page.locator("#save")).to_contain_text("已保存")
    page.goto("/")
    expect(page.locator("#on-device")).to_have_text("1 份教案在本机有一份")
    page.evaluate(
        """name => new Promise((done, refused) => {
            const opened = indexedDB.open(name);
            opened.onerror = refused;
            opened.onsuccess = () => {
                const transaction = opened.result.transaction(["custom"], "readwrite");
                transaction.objectStore("custom").put(2, "unsent:7");
                transaction.oncomplete = () => { opened.result.close(); done(); };
            };
        })""",
        f"plan:{plan.pk}:{teacher.pk}",
    )
    page.reload()
    chip = page.locator("#on-device a")
    expect(chip).to_have_text("《美丽的小兴安岭》有改动还没传，打开就补传")
    expect(chip).to_have_attribute("href", f"/plans/{plan.pk}/")


# ---- a table brought in -----------------------------------------------------------------------------------
def table(path: Path, rows: list[list[Any]]) -> Path:
    workbook = Workbook()
    assert workbook.active is not None
    for row in rows:
        workbook.active.append(row)
    stream = io.BytesIO()
    workbook.save(stream)
    path.write_bytes(stream.getvalue())
    return path


def test_a_school_brings_its_timetable_in_after_mending_the_cells_that_were_wrong(
    tree: Tree, teacher: User, page_of: PageOf, tmp_path: Path
) -> None:
    head = ["姓名", "周一1", "周一2"]
    wrong = table(
        tmp_path / "wrong.xlsx", [head, ["李永梅", "三1班", "数学 三1班"], ["某某", "语文 三1班", None]]
    )
    right = table(tmp_path / "right.xlsx", [head, ["李永梅", "语文 三1班", "数学 三1班"]])
    page = page_of(make_administrator(tree.school))
    page.goto("/")
    page.get_by_role("link", name="导入课表").click()
    page.get_by_label("课表文件（xlsx）").set_input_files(wrong)
    page.get_by_role("button", name="上传，先看看").click()
    expect(page.get_by_role("heading", name="有 2 处要改")).to_be_visible()
    expect(page.locator("table.cells tbody tr")).to_contain_text(
        [re.compile("B2.*看不懂“三1班”"), re.compile("A3.*没有在任的老师叫“某某”")]
    )
    assert entries() == []
    page.get_by_label("课表文件（xlsx）").set_input_files(right)
    page.get_by_role("button", name="上传，先看看").click()
    expect(page.get_by_text("一周 2 节")).to_be_visible()
    assert entries() == []
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.get_by_text("导入了 1 位老师的课表。")).to_be_visible()
    assert [entry[:3] for entry in entries()] == [(1, 1, "语文"), (1, 2, "数学")]


# ---- the calendar read by another program -----------------------------------------------------------------
READ_BY_ICAL_JS = """
import ICAL from "ical.js";
const text = await (await fetch(process.argv[1])).text();
const root = new ICAL.Component(ICAL.parse(text));
for (const zone of root.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
const events = root.getAllSubcomponents("vevent").map((each) => new ICAL.Event(each));
const lessons = events.filter((event) => !event.startDate.isDate).map((event) => [
  event.startDate.toJSDate().toISOString(), event.endDate.toJSDate().toISOString(), event.summary,
  event.component.getFirstPropertyValue("status"),
]);
console.log(JSON.stringify(lessons.sort()));
"""


def test_another_program_reads_the_same_lessons_as_the_page_shows(
    tree: Tree, teacher: User, page_of: PageOf, live: LiveServer, node: Any, clock: Callable[..., datetime]
) -> None:
    make_entry(teacher, 1, 1)
    make_entry(teacher, 3, 2, weeks="even", subject="科学")
    make_entry(teacher, 5, 7, subject="体育")
    DaysChanged.objects.create(
        region=tree.province, name="元旦", starts=date(2027, 1, 1), ends=date(2027, 1, 3)
    )
    address = f"{live.url}/calendar/feed/{calendar.make_address(actor=teacher)}.ics"
    read = json.loads(node("--input-type=module", "--eval", READ_BY_ICAL_JS, address))
    known = [lesson for lesson in lessons_of(teacher, date(2026, 10, 24), date(2027, 6, 11)) if lesson.taught]
    assert [(start, end, summary) for start, end, summary, _status in read] == sorted(
        (utc(lesson.starts), utc(lesson.ends), f"{lesson.subject} {lesson.class_label}") for lesson in known
    )
    assert {status for *_rest, status in read} == {"CONFIRMED"}
    page = page_of(teacher)
    page.goto(f"/week/?day={MONDAY.isoformat()}")
    week = [summary for start, _end, summary, _status in read if "2026-11-22T16" <= start < "2026-11-29T16"]
    subjects = page.locator(".period .subj").all_text_contents()
    assert [summary.split()[0] for summary in week] == subjects == ["语文", "体育"]


def utc(moment: datetime | None) -> str:
    assert moment is not None
    return f"{moment.astimezone(timezone.get_fixed_timezone(0)):%Y-%m-%dT%H:%M:%S}.000Z"


def test_the_address_of_the_calendar_is_made_on_the_page(tree: Tree, teacher: User, page_of: PageOf) -> None:
    page = page_of(teacher)
    page.goto("/notices/settings/")
    page.get_by_role("button", name="要一个日历地址").click()
    address = page.get_by_label("日历地址").input_value()
    assert page.request.get(address).text().startswith("BEGIN:VCALENDAR")
    page.goto("/notices/settings/")
    expect(page.get_by_label("日历地址")).to_have_count(0)
    page.get_by_role("button", name="作废").click()
    expect(page.get_by_text("日历地址作废了。")).to_be_visible()
    assert page.request.get(address).status == 404
