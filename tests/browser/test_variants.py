"""Town's and village's ways of one lesson: put in, written together, shown one side at a time, printed, compared."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from foundation.accounts.models import User
from lessons import operations, schema
from lessons.collaboration import LessonPlanKind
from lessons.content import ids_of, plan_content
from lessons.document import read_state
from lessons.models import LessonPlan, PlanInvitation, PrepActivity
from lessons.standard_templates import form
from realtime import access, rooms
from tests.factories import make_plan, make_school, make_teacher, make_textbook, make_village_school

SAVED = re.compile("已保存")
PageOf = Callable[..., Page]
TOWN, VILLAGE = ".variant[data-side=town]", ".variant[data-side=village]"
# the text of a line, without the flags of the others that stand in it
WORDS = """line => {
    const copy = line.cloneNode(true)
    copy.querySelectorAll(".caret").forEach(caret => caret.remove())
    return copy.textContent
}"""


@pytest.fixture
def town(live: Any) -> User:
    return make_teacher(make_school(name="第一实验小学"), name="王秀兰")


@pytest.fixture
def village(live: Any) -> User:
    return make_teacher(make_village_school(name="青山小学"), name="李国强")


@pytest.fixture
def reader(live: Any) -> User:
    return make_teacher(make_village_school(name="北沟小学"), name="孙玉梅")


PAIR = [
    "写一写今天看到的树。",
    {"variant": "town", "blocks": ["用手机拍一张照片"]},
    {"variant": "village", "label": "青山小学 11 人", "blocks": ["画一片树叶"]},
    "交给同桌看。",
]
PROCESS = [
    {
        "process": [
            {
                "step": "导入新课",
                "teacher": ["看图", {"variant": "village", "blocks": ["摸一摸带来的叶子"]}],
                "minutes": 5,
            }
        ]
    }
]


@pytest.fixture
def plan(town: User, village: User, reader: User) -> LessonPlan:
    content = plan_content(
        form("core"),
        header={"title": "美丽的小兴安岭"},
        sections={"goals": ["认读生字", "说清景色"], "homework": PAIR, "process": PROCESS},
        new_id=ids_of("variants"),
    )
    plan = make_plan(town, title="美丽的小兴安岭", content=content)
    operations.invite(actor=town, plan=plan, user=village, level=PlanInvitation.Access.WRITE)
    operations.invite(actor=town, plan=plan, user=reader, level=PlanInvitation.Access.READ)
    return plan


def open_plan(page: Page, plan: LessonPlan, *, ways: str = "全部", writes: bool = True) -> Page:
    page.goto(f"/plans/{plan.pk}/")
    expect(page.locator("#editor .ProseMirror")).to_be_visible()
    expect(page.locator("#save")).to_contain_text(SAVED if writes else "只能看")
    switch = page.locator("#tools [data-ways-switch]")
    expect(switch).to_be_visible()
    switch.get_by_role("button", name=ways).click()
    return page


@pytest.fixture
def page(page_of: PageOf, town: User, plan: LessonPlan) -> Page:
    return open_plan(page_of(town), plan)


def section(page: Page, key: str) -> Locator:
    return page.locator(f"section.sec[data-key={key}] .sec-body")


def caret_after(page: Page, words: str) -> None:
    page.locator("#editor p", has_text=words).first.click()
    page.keyboard.press("End")


def way(page: Page, name: str) -> None:
    page.locator("#tools summary", has_text="做法").click()
    page.locator("#tools .menu-panel").get_by_role("button", name=name).click()


def stored(page: Page, plan: LessonPlan, text: str) -> None:
    page.wait_for_function(
        """async ([address, text]) => {
            const answer = await fetch(address)
            return new TextDecoder().decode(await answer.arrayBuffer()).includes(text)
        }""",
        arg=[f"/plans/{plan.pk}/versions/now/state/", text],
    )


# ---- putting in -------------------------------------------------------------------------------------


def test_a_pair_stands_side_by_side_and_on_a_phone_one_below_the_other(
    page: Page, page_of: PageOf, town: User, plan: LessonPlan
) -> None:
    caret_after(page, "说清景色")
    way(page, "放一对：城镇班、乡村班")
    page.keyboard.type("看一段短片")
    goals = section(page, "goals")
    expect(goals.locator(TOWN)).to_contain_text("看一段短片")
    left, right = goals.locator(TOWN).bounding_box(), goals.locator(VILLAGE).bounding_box()
    assert left and right
    assert left["y"] == right["y"] and right["x"] > left["x"] + left["width"]
    stored(page, plan, "看一段短片")
    phone = page_of(town, has_touch=True, is_mobile=True)
    phone.set_viewport_size({"width": 360, "height": 720})
    phone.goto(f"/plans/{plan.pk}/")
    goals = section(phone, "goals")
    expect(goals.locator(TOWN)).to_contain_text("看一段短片")
    left, right = goals.locator(TOWN).bounding_box(), goals.locator(VILLAGE).bounding_box()
    assert left and right
    assert left["x"] == right["x"] and right["y"] >= left["y"] + left["height"]
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_present_lines_become_a_way_and_lines_again(page: Page) -> None:
    caret_after(page, "说清景色")
    way(page, "这几段变成乡村班的做法")
    goals = section(page, "goals")
    expect(goals.locator(VILLAGE)).to_have_text("乡村班说清景色")
    page.keyboard.type("和树木")
    way(page, "去掉框，留下文字")
    expect(goals.locator("> p")).to_have_text(["认读生字", "说清景色和树木"])
    page.keyboard.press("Control+z")
    expect(goals.locator(VILLAGE)).to_have_text("乡村班说清景色和树木")


def test_a_way_is_taken_away_and_comes_back_by_undo(page: Page) -> None:
    caret_after(page, "用手机拍一张照片")
    way(page, "删掉这个做法")
    homework = section(page, "homework")
    expect(homework.locator(TOWN)).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(homework.locator(TOWN)).to_contain_text("用手机拍一张照片")


def test_the_class_is_named_in_its_head(page: Page) -> None:
    caret_after(page, "用手机拍一张照片")
    way(page, "写上班级或学校")
    name = page.get_by_label("城镇班是哪个班、哪所学校")
    expect(name).to_have_value("第一实验小学")
    name.fill("三年级一班 42 人")
    name.press("Enter")
    expect(page.get_by_role("group", name="城镇班 · 三年级一班 42 人")).to_be_visible()
    page.keyboard.type("，传给老师")
    expect(section(page, "homework").locator(TOWN)).to_contain_text("用手机拍一张照片，传给老师")


def test_it_is_all_done_by_keys_alone(page: Page) -> None:
    caret_after(page, "说清景色")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.locator("#tools summary", has_text="做法").focus()
    page.keyboard.press("Enter")
    for _ in range(10):
        page.keyboard.press("Tab")
        if "放一对" in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    page.keyboard.type("看短片")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("看山坡")
    goals = section(page, "goals")
    expect(goals.locator(TOWN)).to_have_text("城镇班看短片")
    expect(goals.locator(VILLAGE)).to_have_text("乡村班看山坡")
    page.keyboard.press("Home")
    page.keyboard.press("Backspace")
    expect(goals.locator(VILLAGE)).to_have_text("乡村班看山坡")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("都说一说")
    expect(goals.locator("> p").last).to_have_text("都说一说")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    page.keyboard.type("，闻一闻")
    expect(goals.locator(VILLAGE)).to_have_text("乡村班看山坡，闻一闻")


# ---- together ---------------------------------------------------------------------------------------


@pytest.fixture
def other(page_of: PageOf, village: User, plan: LessonPlan) -> Page:
    return open_plan(page_of(village), plan)


def expect_words(page: Page, selector: str, words: str, key: str = "homework") -> None:
    page.wait_for_function(
        f"""([selector, words]) => {{
            const line = document.querySelector(selector)
            return line !== null && ({WORDS})(line) === words
        }}""",
        arg=[f"section.sec[data-key={key}] {selector} p", words],
    )


def test_two_write_in_the_two_sides(page: Page, other: Page) -> None:
    caret_after(page, "用手机拍一张照片")
    caret_after(other, "画一片树叶")
    for left, right in zip("一二三四五六", "甲乙丙丁戊己", strict=True):
        page.keyboard.type(left)
        other.keyboard.type(right)
    for each in (page, other):
        expect_words(each, TOWN, "用手机拍一张照片一二三四五六")
        expect_words(each, VILLAGE, "画一片树叶甲乙丙丁戊己")


def test_an_input_method_in_one_side_while_the_other_is_written(page: Page, other: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    caret_after(page, "用手机拍一张照片")
    for letters in ("n", "ni", "ni h"):
        compose = {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)}
        devtools.send("Input.imeSetComposition", compose)
    expect_words(other, TOWN, "用手机拍一张照片ni h")
    caret_after(other, "画一片树叶")
    other.keyboard.type("两片")
    devtools.send("Input.imeSetComposition", {"text": "ni hao", "selectionStart": 6, "selectionEnd": 6})
    devtools.send("Input.insertText", {"text": "你好"})
    for each in (page, other):
        expect_words(each, TOWN, "用手机拍一张照片你好")
        expect_words(each, VILLAGE, "画一片树叶两片")


def test_typing_goes_on_while_the_other_puts_the_line_into_a_frame(page: Page, other: Page) -> None:
    caret_after(other, "说清景色")
    other.keyboard.type("，")
    expect(section(page, "goals")).to_contain_text("说清景色，")
    caret_after(page, "说清景色，")
    way(page, "这几段变成城镇班的做法")
    expect(section(other, "goals").locator(TOWN)).to_contain_text("说清景色，")
    other.keyboard.type("读一读")
    for each in (page, other):
        expect_words(each, TOWN, "说清景色，读一读", key="goals")


def test_what_is_typed_off_line_survives_the_frame(page: Page, other: Page) -> None:
    other.context.set_offline(True)
    caret_after(other, "说清景色")
    other.keyboard.type("写在断线的时候")
    expect(other.locator("#save")).to_contain_text("存在本机")
    caret_after(page, "说清景色")
    way(page, "这几段变成乡村班的做法")
    other.context.set_offline(False)
    for each in (page, other):
        expect_words(each, VILLAGE, "说清景色写在断线的时候", key="goals")
    other.keyboard.type("，接着写")
    for each in (page, other):
        expect_words(each, VILLAGE, "说清景色写在断线的时候，接着写", key="goals")


# ---- which ways are shown -----------------------------------------------------------------------------


def test_a_writer_folds_one_side_and_cannot_delete_it_unseen(page: Page, other: Page) -> None:
    page.locator("#tools [data-ways=town]").click()
    homework = section(page, "homework")
    expect(homework.get_by_text("画一片树叶")).to_be_hidden()
    expect(homework.locator(VILLAGE)).to_contain_text("乡村班 · 青山小学 11 人")
    expect(section(other, "homework").get_by_text("画一片树叶")).to_be_visible()
    caret_after(page, "写一写今天看到的树。")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Delete")
    expect(page.locator("#toasts")).to_contain_text("这里有收起的做法")
    expect(section(other, "homework").get_by_text("画一片树叶")).to_be_visible()


def test_the_view_begins_with_the_own_side_and_is_remembered(
    page_of: PageOf, reader: User, plan: LessonPlan
) -> None:
    page = page_of(reader)
    page.goto(f"/plans/{plan.pk}/")
    homework = section(page, "homework")
    expect(homework.get_by_text("画一片树叶")).to_be_visible()
    expect(homework.locator(TOWN)).to_be_hidden()
    page.keyboard.press("Control+Alt+v")
    expect(homework.locator(TOWN)).to_be_visible()
    page.reload()
    expect(homework.locator(TOWN)).to_be_visible()
    expect(page.locator("#tools [data-ways=all]")).to_have_attribute("aria-pressed", "true")


def test_paper_follows_the_view(page_of: PageOf, reader: User, plan: LessonPlan) -> None:
    page = open_plan(page_of(reader), plan, ways="乡村班", writes=False)
    expect(page.locator("#docbar [data-act=print]")).to_have_text("打印乡村班的做法，带复备栏")
    page.emulate_media(media="print")
    homework = section(page, "homework")
    expect(homework.get_by_text("用手机拍一张照片")).to_be_hidden()
    expect(homework.get_by_text("画一片树叶")).to_be_visible()
    sign = homework.locator(f"{VILLAGE} .variant-h").evaluate(
        "head => getComputedStyle(head, '::before').content"
    )
    assert "◆" in sign


def test_what_is_looked_for_is_unfolded(page: Page) -> None:
    page.locator("#tools [data-ways=town]").click()
    caret_after(page, "认读生字")
    page.keyboard.press("Control+f")
    page.get_by_role("textbox", name="查找").fill("画一片树叶")
    expect(section(page, "homework").get_by_text("画一片树叶")).to_be_visible()


def test_the_switch_stands_only_where_there_is_something_to_switch(page_of: PageOf, town: User) -> None:
    page = page_of(town)
    page.goto(f"/plans/{make_plan(town, title='没有做法').pk}/")
    expect(page.locator("#editor .ProseMirror")).to_be_visible()
    expect(page.locator("#save")).to_contain_text(SAVED)
    expect(page.locator("#tools [data-ways-switch]")).to_be_hidden()


# ---- pages and plans from before there were variants --------------------------------------------------


def test_a_page_from_before_only_reads_and_is_asked_to_reload(
    page_of: PageOf, town: User, plan: LessonPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_state(rooms.state(plan.document).state)
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 1)
    monkeypatch.setattr(LessonPlanKind, "schema_version", 1)
    page = page_of(town)
    page.goto(f"/plans/{plan.pk}/")
    expect(page.locator("#save")).to_contain_text(SAVED)
    # the server is brought up to date while the page is open
    monkeypatch.undo()
    access.changed(plan.document, [town.pk])
    expect(page.locator("#save")).to_contain_text("只能看")
    expect(page.locator("#editor .ProseMirror")).to_have_attribute("contenteditable", "false")
    expect(section(page, "homework")).to_contain_text("写一写今天看到的树。")
    page.locator("#save").click()
    expect(page.locator("#toasts")).to_contain_text("这个页面旧了，刷新以后才能改")
    page.reload()
    expect(page.locator("#save")).to_contain_text(SAVED)
    expect(page.locator("#editor .ProseMirror")).to_have_attribute("contenteditable", "true")
    assert read_state(rooms.state(plan.document).state) == before


def test_a_plan_from_before_opens_and_stays_as_it_is(page_of: PageOf, town: User) -> None:
    content = plan_content(
        form("core"), header={"title": "山行"}, sections={"goals": ["认读生字"]}, new_id=ids_of("before")
    )
    plan = make_plan(town, title="山行", content=content)
    before = rooms.state(plan.document).state
    page = page_of(town)
    page.goto(f"/plans/{plan.pk}/")
    expect(page.locator("#save")).to_contain_text(SAVED)
    expect(section(page, "goals")).to_have_text("认读生字")
    expect(page.locator("[data-count]")).to_have_text("4 字")
    assert rooms.state(plan.document).state == before


# ---- the agenda -----------------------------------------------------------------------------------------


def test_a_pair_is_put_on_the_agenda_of_the_study(page_of: PageOf, town: User, plan: LessonPlan) -> None:
    subject = make_textbook().subject
    activity = PrepActivity.objects.create(
        theme="山行",
        subject=subject,
        school_stage="primary",
        grade=3,
        leader=town,
        lead_preparer=town,
        school=plan.school,
        region=plan.region,
        plan=plan,
        state=PrepActivity.State.OPEN,
        stage=PrepActivity.Stage.STUDY,
    )
    page = open_plan(page_of(town), plan)
    caret_after(page, "画一片树叶")
    page.keyboard.type("和树枝")
    stored(page, plan, "和树枝")
    expect(page.locator("#save")).to_contain_text(SAVED)
    way(page, "放进集研议程")
    expect(page.locator("#toasts")).to_contain_text("放进议程了：作业设计：城镇班、乡村班的做法不同")
    way(page, "放进集研议程")
    expect(page.locator("#toasts")).to_contain_text("这一处已经在议程里")
    assert activity.agenda.count() == 1


# ---- versions -----------------------------------------------------------------------------------------


def test_a_version_is_read_one_side_at_a_time_and_compared_with_both(page: Page, plan: LessonPlan) -> None:
    page.locator("#docbar [data-dialog=name-version]").click()
    page.get_by_role("button", name="定下").click()
    expect(page.locator("#toasts")).to_contain_text("第1版")
    caret_after(page, "画一片树叶")
    page.keyboard.type("和一根树枝")
    stored(page, plan, "和一根树枝")
    version = plan.versions.get(number=1)

    page.goto(f"/plans/{plan.pk}/versions/{version.pk}/")
    shown = page.locator("#version")
    expect(shown.get_by_role("group", name="乡村班 · 青山小学 11 人").first).to_be_visible()
    page.locator("[data-ways=town]").click()
    expect(shown.get_by_text("画一片树叶")).to_be_hidden()
    expect(shown.get_by_text("用手机拍一张照片")).to_be_visible()

    page.goto(f"/plans/{plan.pk}/compare/?from={version.pk}&to=now")
    expect(page.locator(".cmp-in-variant .cmp-new ins")).to_have_text("和一根树枝")
    expect(page.locator(".cmp-old").get_by_text("用手机拍一张照片")).to_be_visible()
    expect(page.locator(".cmp-new .variant-h", has_text="青山小学 11 人")).to_be_visible()
