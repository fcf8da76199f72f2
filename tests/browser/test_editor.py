"""The editor page as a teacher uses it: lists, tables, pictures, find, keys, the phone, and comparing versions."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from foundation.accounts.models import User
from lessons import operations
from lessons.content import ids_of, plan_content
from lessons.models import LessonPlan, PlanInvitation
from lessons.standard_templates import form
from tests.factories import make_plan, make_school, make_teacher, make_textbook

SAVED = re.compile("已保存")
PROCESS = "table[data-kind=process]"

PageOf = Callable[..., Page]


@pytest.fixture
def author(live: Any) -> User:
    return make_teacher(make_school(name="第一实验小学"), name="王秀兰")


@pytest.fixture
def reader(live: Any) -> User:
    return make_teacher(make_school(name="第二实验小学"), name="赵明")


@pytest.fixture
def plan(author: User, reader: User) -> LessonPlan:
    content = plan_content(
        form("core"),
        header={"title": "美丽的小兴安岭"},
        sections={"goals": ["认读生字", "说清景色"]},
        new_id=ids_of("editor"),
    )
    plan = make_plan(author, title="美丽的小兴安岭", content=content)
    operations.invite(actor=author, plan=plan, user=reader, level=PlanInvitation.Access.READ)
    return plan


def open_plan(page: Page, plan: LessonPlan, *, writes: bool = True) -> Page:
    page.goto(f"/plans/{plan.pk}/")
    expect(page.locator("#editor .ProseMirror")).to_be_visible()
    expect(page.locator("#save")).to_contain_text(SAVED if writes else "只能看")
    return page


@pytest.fixture
def page(page_of: PageOf, author: User, plan: LessonPlan) -> Page:
    return open_plan(page_of(author), plan)


def section(page: Page, key: str) -> Locator:
    return page.locator(f"section.sec[data-key={key}] .sec-body")


def line(page: Page, text: str) -> Locator:
    return section(page, "goals").locator("> p", has_text=text)


def caret_at_end(page: Page, text: str) -> None:
    line(page, text).click()
    page.keyboard.press("End")


def stored(page: Page, plan: LessonPlan, text: str) -> None:
    """Waits until the server holds what was typed (the chip says so only after two seconds of doubt)."""
    page.wait_for_function(
        """async ([address, text]) => {
            const answer = await fetch(address)
            return new TextDecoder().decode(await answer.arrayBuffer()).includes(text)
        }""",
        arg=[f"/plans/{plan.pk}/versions/now/state/", text],
    )


def picture(folder: Path, *, width: int = 800, height: int = 400) -> Path:
    path = folder / "四季.png"
    Image.new("RGB", (width, height), "green").save(path)
    return path


# ---- the frame ----------------------------------------------------------------------------------


def test_the_page_shows_the_title_the_facts_and_every_section(page: Page, plan: LessonPlan) -> None:
    expect(page.get_by_role("heading", level=1, name="美丽的小兴安岭")).to_be_visible()
    outline = page.get_by_role("navigation", name="教案目录").get_by_role("link")
    expect(outline.first).to_contain_text("基本信息")
    assert outline.count() == page.locator("section.sec").count() + 1


def test_the_title_in_the_bar_follows_the_field(page: Page) -> None:
    page.locator(".field-cell[data-key=title] .field-text").click()
    page.keyboard.press("End")
    page.keyboard.type("（一）")
    expect(page.locator("#plan-title")).to_have_text("美丽的小兴安岭（一）")
    expect(page).to_have_title(re.compile(r"^美丽的小兴安岭（一） · "))


def test_typing_beside_the_facts_makes_no_field_of_its_own(page_of: PageOf, author: User) -> None:
    page = open_plan(page_of(author), make_plan(author, textbook=make_textbook()))
    fields = page.locator(".sheet-head .field-text")
    before = fields.count()
    page.locator(".sheet-head .field-fixed").first.click()
    page.keyboard.type("第一课时")
    expect(fields.filter(has_text="第一课时")).to_have_count(1)
    expect(fields).to_have_count(before)


def test_the_outline_says_what_is_not_written_and_where_i_am(page: Page) -> None:
    homework = page.locator("#outline-list a[data-key=homework]")
    expect(homework).to_contain_text("未写")
    homework.click()
    expect(homework).to_have_attribute("aria-current", "location")
    page.keyboard.press("Control+End")
    section(page, "homework").locator("p").first.click()
    page.keyboard.press("End")
    page.keyboard.type("观察一棵树")
    expect(homework).not_to_contain_text("未写")


def test_the_outline_follows_what_is_scrolled_to(page: Page) -> None:
    marked = page.locator("#outline-list a[aria-current]")
    section(page, "goals").locator("p").first.click()
    expect(marked).to_have_attribute("data-key", "goals")
    page.evaluate("document.querySelector('.sec[data-key=process]').scrollIntoView()")
    expect(marked).to_have_attribute("data-key", "process")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(marked).to_have_attribute("data-key", "reflection")
    page.evaluate("scrollTo(0, 0)")
    expect(marked).to_have_attribute("data-key", "head")


def test_a_reader_sees_no_tools_and_why(page_of: PageOf, reader: User, plan: LessonPlan) -> None:
    page = open_plan(page_of(reader), plan, writes=False)
    expect(page.locator("[data-act=bold]")).to_be_hidden()
    expect(page.locator(".add-step")).to_have_count(0)
    expect(page.locator("[data-dialog=name-version]").first).to_be_hidden()
    expect(page.locator("#editor .ProseMirror")).to_have_attribute("contenteditable", "false")
    page.locator("#save").click()
    expect(page.locator("#toasts")).to_contain_text("不能改")


# ---- lines and lists ----------------------------------------------------------------------------


def test_lists_begin_go_on_and_end_as_one_types(page: Page) -> None:
    caret_at_end(page, "说清景色")
    page.keyboard.press("Enter")
    # whatever kind the template gave the line, begin from plain text
    page.locator("#tools summary").first.click()
    page.locator("#tools [data-act=body]").click()
    page.keyboard.type("- 春天")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("抽出新枝")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("写法")
    expect(line(page, "春天")).to_have_attribute("data-kind", "bullet")
    expect(line(page, "抽出新枝")).to_have_attribute("data-level", "1")
    expect(line(page, "写法")).not_to_have_attribute("data-kind", re.compile("."))


def test_numbers_are_counted_and_begin_anew_after_text(page: Page) -> None:
    for text in ("认读生字", "说清景色"):
        line(page, text).click()
        if line(page, text).get_attribute("data-kind") != "ordered":
            page.locator("#tools [data-act=ordered]").click()
    expect(line(page, "说清景色")).to_have_attribute("data-kind", "ordered")
    shown = line(page, "说清景色").evaluate("line => getComputedStyle(line, '::before').content")
    assert "list-0" in shown or "2" in shown


def test_undo_takes_back_what_was_typed(page: Page) -> None:
    caret_at_end(page, "认读生字")
    page.keyboard.type("十个")
    expect(line(page, "认读生字十个")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(line(page, "认读生字十个")).to_have_count(0)
    page.keyboard.press("Control+y")
    expect(line(page, "认读生字十个")).to_be_visible()


def test_a_key_acts_where_the_caret_has_just_gone(page: Page) -> None:
    """On a slow computer the next key comes before the editor is told that the caret moved."""
    caret_at_end(page, "认读生字")
    line(page, "认读生字").evaluate(
        """line => {
            getSelection().collapse(line, 0)
            line.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }))
        }"""
    )
    expect(section(page, "goals").locator("> p")).to_have_text(["", "认读生字", "说清景色"])


def test_a_tool_acts_where_the_caret_has_just_gone(page: Page) -> None:
    caret_at_end(page, "认读生字")
    line(page, "说清景色").evaluate(
        """line => {
            getSelection().collapse(line, 0)
            document.querySelector("#tools [data-act=task]").click()
        }"""
    )
    expect(line(page, "说清景色")).to_have_attribute("data-kind", "task")
    expect(line(page, "认读生字")).not_to_have_attribute("data-kind", "task")
    page.keyboard.type("先")
    expect(line(page, "先说清景色")).to_be_visible()


# ---- tables -------------------------------------------------------------------------------------


def test_the_ruler_follows_the_minutes(page: Page) -> None:
    minutes = page.locator(f"{PROCESS} tr").nth(1).locator("[data-part=minutes]")
    minutes.click()
    page.keyboard.press("End")
    page.keyboard.type("55")
    expect(page.locator(".ruler-words")).to_contain_text("超出")


def test_a_step_is_added_by_the_button_and_by_tab_in_the_last_cell(page: Page) -> None:
    rows = page.locator(f"{PROCESS} tr")
    before = rows.count()
    page.get_by_role("button", name="加一个环节").click()
    page.keyboard.type("拓展延伸")
    expect(rows).to_have_count(before + 1)
    expect(rows.last).to_contain_text("拓展延伸")
    rows.last.locator("[data-part=minutes]").click()
    page.keyboard.press("Tab")
    expect(rows).to_have_count(before + 2)


def test_esc_then_tab_leaves_the_table(page: Page) -> None:
    page.locator(f"{PROCESS} tr").nth(1).locator("[data-part=activity]").first.click()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('.ProseMirror') === document.activeElement")


def test_a_table_is_put_in_merged_and_split(page: Page) -> None:
    caret_at_end(page, "说清景色")
    page.get_by_label("放表格").click()
    page.get_by_role("button", name="2 行 2 列").click()
    table = section(page, "goals").locator("table")
    expect(table.locator("tr")).to_have_count(2)
    cells = table.locator("td, th")
    cells.nth(0).click()
    page.keyboard.type("甲")
    page.keyboard.press("Tab")
    page.keyboard.type("乙")
    cells.nth(0).click()
    cells.nth(1).click(modifiers=["Shift"])
    first, second = cells.nth(0).bounding_box(), cells.nth(1).bounding_box()
    assert first and second
    page.mouse.move(first["x"] + 10, first["y"] + 10)
    page.mouse.down()
    page.mouse.move(second["x"] + 10, second["y"] + 10, steps=5)
    page.mouse.up()
    page.locator("#tools [data-act=cells-merge]").click()
    expect(table.locator("[colspan='2']")).to_contain_text("甲")
    expect(table.locator("[colspan='2']")).to_contain_text("乙")
    page.locator("#tools [data-act=cell-split]").click()
    expect(table.locator("[colspan='2']")).to_have_count(0)


# ---- pictures -----------------------------------------------------------------------------------


def test_a_picture_is_stored_and_shown_to_everyone(
    page: Page, page_of: PageOf, reader: User, plan: LessonPlan, tmp_path: Path
) -> None:
    other = open_plan(page_of(reader), plan, writes=False)
    caret_at_end(page, "说清景色")
    with page.expect_file_chooser() as chooser:
        page.locator("#tools [data-act=image]").click()
    chooser.value.set_files(picture(tmp_path))
    shown = section(page, "goals").locator("figure.picture img")
    expect(shown).to_have_attribute("src", re.compile(r"^/files/[0-9a-f-]{36}/$"))
    expect(shown).to_have_attribute("width", "640")
    theirs = section(other, "goals").locator("figure.picture img")
    expect(theirs).to_be_visible()
    assert theirs.evaluate("async image => { await image.decode(); return image.naturalWidth }") == 800


def test_a_picture_can_be_described_and_made_smaller(page: Page, tmp_path: Path) -> None:
    caret_at_end(page, "说清景色")
    with page.expect_file_chooser() as chooser:
        page.locator("#tools [data-act=image]").click()
    chooser.value.set_files(picture(tmp_path))
    shown = section(page, "goals").locator("figure.picture img")
    shown.click()
    page.get_by_label("图片说明").fill("四季的小兴安岭")
    page.get_by_label("图片说明").press("Enter")
    expect(shown).to_have_attribute("alt", "四季的小兴安岭")
    shown.click()
    page.get_by_role("group", name="图片大小").get_by_role("button", name="小").click()
    expect(shown).to_have_attribute("width", "200")
    expect(shown).to_have_attribute("height", "100")


def test_a_picture_that_fails_can_be_sent_again(page: Page, tmp_path: Path) -> None:
    page.route("**/images/", lambda route: route.abort())
    caret_at_end(page, "说清景色")
    with page.expect_file_chooser() as chooser:
        page.locator("#tools [data-act=image]").click()
    chooser.value.set_files(picture(tmp_path))
    expect(page.locator(".picture-failed")).to_contain_text("线断了，图片没传上去")
    page.unroute("**/images/")
    page.get_by_role("button", name="再传一次").click()
    expect(section(page, "goals").locator("figure.picture img")).to_be_visible()
    expect(page.locator(".picture-pending")).to_have_count(0)


def test_a_file_that_is_no_picture_is_refused_before_it_is_sent(page: Page, tmp_path: Path) -> None:
    note = tmp_path / "说明.svg"
    note.write_bytes(b"<svg/>")
    caret_at_end(page, "说清景色")
    with page.expect_file_chooser() as chooser:
        page.locator("#tools [data-act=image]").click()
    chooser.value.set_files(note)
    expect(page.locator("#toasts")).to_contain_text("请用 PNG、JPG、GIF 或 WebP")
    expect(page.locator("figure.picture")).to_have_count(0)


def test_a_pasted_picture_goes_the_same_way(page: Page) -> None:
    content = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(content, "PNG")
    caret_at_end(page, "说清景色")
    page.evaluate(
        """bytes => {
            const data = new DataTransfer()
            data.items.add(new File([new Uint8Array(bytes)], "图.png", { type: "image/png" }))
            const target = document.querySelector("#editor .ProseMirror")
            target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
        }""",
        list(content.getvalue()),
    )
    expect(section(page, "goals").locator("figure.picture img")).to_have_attribute("width", "40")


# ---- finding and keys ---------------------------------------------------------------------------


def test_words_are_found_and_replaced(page: Page) -> None:
    line(page, "认读生字").click()
    page.keyboard.press("Control+f")
    page.get_by_role("textbox", name="查找").fill("说清景色")
    expect(page.locator(".find-count")).to_have_text("第 1 处，共 1 处")
    expect(page.locator("#editor .found-now")).to_have_text("说清景色")
    page.get_by_label("换成").fill("写清景色")
    page.get_by_role("button", name="全部换").click()
    expect(line(page, "写清景色")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#editor .found")).to_have_count(0)


def test_ctrl_s_says_whether_the_work_is_stored(page: Page) -> None:
    caret_at_end(page, "认读生字")
    page.keyboard.press("Control+s")
    expect(page.locator("#toasts")).to_contain_text("已保存")


def test_keys_go_to_a_section_and_round_the_page(page: Page) -> None:
    line(page, "认读生字").click()
    page.keyboard.press("Control+Alt+2")
    expect(page.locator("#outline-list a[aria-current]")).to_have_text(
        re.compile(page.locator("section.sec h2").nth(1).inner_text())
    )
    expect(page.locator("#side button").first).to_be_visible()
    page.keyboard.press("F6")
    expect(page.locator("#side :focus")).to_have_count(1)
    page.keyboard.press("F6")
    expect(page.locator("#docbar :focus")).to_have_count(1)
    page.keyboard.press("F6")
    expect(page.locator("#outline-list :focus")).to_have_count(1)
    page.keyboard.press("F6")
    expect(page.locator("#editor .ProseMirror")).to_be_focused()


def test_the_question_mark_shows_all_keys_outside_the_text_only(page: Page) -> None:
    caret_at_end(page, "认读生字")
    page.keyboard.type("?")
    expect(page.get_by_role("dialog", name="全部按键")).to_be_hidden()
    expect(line(page, "认读生字?")).to_be_visible()
    page.locator("#outline-list a").first.focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="全部按键")).to_be_visible()


def test_the_word_count_tells_the_selection_too(page: Page) -> None:
    line(page, "认读生字").click()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+End")
    expect(page.locator("[data-count]")).to_contain_text("选中 4")


# ---- a phone ------------------------------------------------------------------------------------


@pytest.fixture
def phone(page_of: PageOf, author: User, plan: LessonPlan) -> Page:
    page = page_of(author, has_touch=True, is_mobile=True)
    page.set_viewport_size({"width": 360, "height": 720})
    return open_plan(page, plan)


def test_a_phone_shows_one_card_for_each_step(phone: Page) -> None:
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    expect(phone.locator(f"{PROCESS} tr").first).to_be_hidden()
    cell = phone.locator(f"{PROCESS} [data-label=学生活动]").first
    assert "学生活动" in cell.evaluate(
        "cell => getComputedStyle(cell, '::before').content + cell.dataset.label"
    )
    box = cell.bounding_box()
    assert box and box["width"] > 280


def test_a_phone_reaches_every_tool_by_the_bar_below(phone: Page) -> None:
    line(phone, "认读生字").tap()
    expect(phone.locator("#tools")).to_be_hidden()
    phone.locator("#phone-bar [data-panel=tools]").tap()
    phone.locator("#tools [data-act=task]").tap()
    expect(line(phone, "认读生字")).to_have_attribute("data-kind", "task")
    phone.locator("#phone-bar [data-panel=outline]").tap()
    expect(phone.locator("#tools")).to_be_hidden()
    phone.locator("#outline-list a[data-key=board]").tap()
    expect(phone.locator("#outline")).to_be_hidden()
    expect(phone.locator("section.sec[data-key=board]")).to_be_in_viewport()


def test_escape_closes_what_the_bar_of_a_phone_opened(phone: Page) -> None:
    more = phone.locator("#phone-bar [data-panel=rest]")
    more.tap()
    expect(phone.locator("#rest")).to_be_visible()
    phone.keyboard.press("Escape")
    expect(phone.locator("#rest")).to_be_hidden()
    expect(more).to_be_focused()
    expect(more).to_have_attribute("aria-expanded", "false")


# ---- versions -----------------------------------------------------------------------------------


def test_a_version_is_named_and_compared_by_what_was_typed(page: Page, plan: LessonPlan) -> None:
    page.locator("#docbar [data-dialog=name-version]").click()
    page.get_by_label("给这一版起个名字").fill("试讲前")
    page.get_by_role("button", name="定下").click()
    expect(page.locator("#toasts")).to_contain_text("第1版 试讲前")
    expect(page.locator("#docbar [data-next-version]")).to_have_text("定为第2版")

    caret_at_end(page, "认读生字")
    page.keyboard.press("Home")
    page.keyboard.press("Delete")
    page.keyboard.press("End")
    page.keyboard.type("和新词")
    stored(page, plan, "和新词")
    version = plan.versions.get(number=1)
    page.goto(f"/plans/{plan.pk}/compare/?from={version.pk}&to=now")
    expect(page.locator(".cmp-new ins")).to_have_text("和新词")
    expect(page.locator(".cmp-old del")).to_have_text("认")
    expect(page.locator(".cmp-new ins")).to_have_attribute("title", "王秀兰 写")
    expect(page.locator(".cmp-old del")).to_have_attribute("title", "王秀兰 删")
    expect(page.locator("#shares")).to_contain_text("写 3 字，删 1 字")
    page.keyboard.press("n")
    expect(page.locator("#change-place")).to_have_text("第 1 处，共 1 处")
    expect(page.locator(".cmp-changed")).to_be_focused()


def test_going_back_to_a_version_asks_first_and_reaches_who_is_writing(
    page: Page, page_of: PageOf, author: User, plan: LessonPlan
) -> None:
    page.locator("#docbar [data-dialog=name-version]").click()
    page.get_by_role("button", name="定下").click()
    expect(page.locator("#toasts")).to_contain_text("第1版")
    caret_at_end(page, "认读生字")
    page.keyboard.type("和新词")
    stored(page, plan, "和新词")
    version = plan.versions.get(number=1)
    other = page_of(author)
    other.goto(f"/plans/{plan.pk}/versions/{version.pk}/")
    expect(other.locator("#version section.sec[data-key=goals]")).to_contain_text("认读生字")
    expect(other.locator("#version")).not_to_contain_text("和新词")
    other.get_by_role("button", name="恢复到这一版").click()
    dialog = other.get_by_role("dialog")
    expect(dialog).to_contain_text("现在的样子先留成一版")
    dialog.get_by_role("button", name="恢复", exact=True).click()
    expect(other.get_by_role("status").filter(has_text="已恢复到第1版")).to_be_visible()
    expect(section(page, "goals")).not_to_contain_text("和新词")
    expect(line(page, "认读生字")).to_be_visible()
