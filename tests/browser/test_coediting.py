"""Two people in two browsers write one plan: what each sees of the other, and that nothing typed is ever lost."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, TimeoutError, expect

from foundation.accounts.models import User
from lessons import operations
from lessons.content import ids_of, plan_content
from lessons.models import LessonPlan, PlanInvitation
from lessons.standard_templates import form
from tests.factories import make_plan, make_school, make_teacher, make_village_school
from tests.support.processes import BASE, ServerProcess

SAVED = re.compile("已保存")
WRITE, READ = PlanInvitation.Access.WRITE, PlanInvitation.Access.READ
GOALS = "section.sec[data-key=goals] .sec-body"

PageOf = Callable[..., Page]


# ---- the people and their plan ------------------------------------------------------------------------------------


@pytest.fixture
def town(live: Any) -> User:
    return make_teacher(make_school(name="第一实验小学"), name="王秀兰")


@pytest.fixture
def village(live: Any) -> User:
    return make_teacher(make_village_school(name="松岭乡青山小学"), name="李国强")


@pytest.fixture
def plan(town: User, village: User) -> LessonPlan:
    content = plan_content(
        form("core"),
        header={"title": "美丽的小兴安岭"},
        sections={"goals": ["春天来了", "夏天到了"]},
        new_id=ids_of("coediting"),
    )
    plan = make_plan(town, title="美丽的小兴安岭", content=content)
    operations.invite(actor=town, plan=plan, user=village, level=WRITE)
    return plan


def open_plan(page: Page, plan_id: object, *, access: str = "write") -> Page:
    page.goto(f"/plans/{plan_id}/")
    expect(page.locator("#editor .ProseMirror")).to_be_visible()
    expect(page.locator("#save")).to_contain_text(SAVED if access == "write" else "只能看")
    return page


@pytest.fixture
def two(page_of: PageOf, town: User, village: User, plan: LessonPlan) -> tuple[Page, Page]:
    """The plan open in two browsers, by the teacher in town and the one in the village."""
    return open_plan(page_of(town), plan.pk), open_plan(page_of(village), plan.pk)


def line(page: Page, text: str) -> Any:
    return page.locator(f"{GOALS} > p", has_text=text)


def go_to(page: Page, text: str, key: str = "End") -> None:
    """The cursor at the end (or the start) of the line with this text."""
    line(page, text).click()
    page.keyboard.press(key)


def goals(page: Page) -> list[str]:
    return page.locator(f"{GOALS} > p").evaluate_all(
        "lines => lines.map(line => { const copy = line.cloneNode(true);"
        " copy.querySelectorAll('.caret').forEach(caret => caret.remove()); return copy.textContent })"
    )


def expect_goals(page: Page, *lines: str) -> None:
    wanted = list(lines)
    try:
        _wait_for_goals(page, wanted)
    except TimeoutError:
        assert goals(page) == wanted


def _wait_for_goals(page: Page, wanted: list[str]) -> None:
    page.wait_for_function(
        """([selector, expected]) => {
            const lines = [...document.querySelectorAll(selector)].map((line) => {
                const copy = line.cloneNode(true)
                copy.querySelectorAll(".caret").forEach((caret) => caret.remove())
                return copy.textContent
            })
            return JSON.stringify(lines) === JSON.stringify(expected)
        }""",
        arg=[f"{GOALS} > p", wanted],
        timeout=15_000,
    )


def saved(page: Page) -> None:
    expect(page.locator("#save")).to_contain_text(SAVED, timeout=15_000)


# ---- writing together ---------------------------------------------------------------------------------------------


@pytest.mark.smoke
def test_what_one_types_the_other_sees_and_is_saved(two: tuple[Page, Page]) -> None:
    town, village = two
    go_to(town, "春天来了")
    town.keyboard.type("，树木抽出新芽")
    expect_goals(village, "春天来了，树木抽出新芽", "夏天到了")
    go_to(village, "夏天到了")
    village.keyboard.type("，树木长得郁郁葱葱")
    both = ["春天来了，树木抽出新芽", "夏天到了，树木长得郁郁葱葱"]
    for page in two:
        expect_goals(page, *both)
        saved(page)


def test_two_in_one_line_lose_nothing(two: tuple[Page, Page]) -> None:
    town, village = two
    go_to(town, "春天来了", "Home")
    go_to(village, "春天来了")
    for left, right in zip("一二三四五六七八", "甲乙丙丁戊己庚辛", strict=True):
        town.keyboard.type(left)
        village.keyboard.type(right)
    for page in two:
        expect_goals(page, "一二三四五六七八春天来了甲乙丙丁戊己庚辛", "夏天到了")


def test_typing_goes_on_while_the_other_makes_it_a_heading(two: tuple[Page, Page]) -> None:
    town, village = two
    go_to(village, "春天来了")
    village.keyboard.type("，雪")
    go_to(town, "春天来了")
    town.get_by_role("button", name="项目列表").click()
    village.keyboard.type("化了")
    for page in two:
        expect_goals(page, "春天来了，雪化了", "夏天到了")
        expect(line(page, "雪化了")).to_have_attribute("data-kind", "bullet")


def test_the_other_cursor_shows_a_name_then_one_character(two: tuple[Page, Page]) -> None:
    town, village = two
    go_to(town, "春天来了")
    flag = village.locator(".caret .caret-flag")
    expect(flag).to_have_text("王秀兰")
    expect(village.locator(".caret.caret-named .caret-rest")).to_be_visible()
    expect(village.locator(".caret-named")).to_have_count(0, timeout=5_000)
    expect(village.locator(".caret .caret-rest")).to_be_hidden()
    expect(village.locator(".caret")).to_have_class(re.compile(r"\bp[1-6]\b"))
    # never on one's own cursor: the village page is not focused, so in town there is none
    expect(town.locator(".caret")).to_have_count(0)


def test_who_is_here(two: tuple[Page, Page], town: User, village: User) -> None:
    for page in two:
        people = page.locator("#people")
        expect(people).to_have_attribute("aria-label", re.compile("王秀兰.*李国强|李国强.*王秀兰"))


def test_a_person_undoes_only_what_they_did(two: tuple[Page, Page]) -> None:
    town, village = two
    go_to(town, "春天来了")
    town.keyboard.type("甲乙")
    expect_goals(village, "春天来了甲乙", "夏天到了")
    go_to(village, "春天来了甲乙")
    village.keyboard.type("丙丁")
    expect_goals(town, "春天来了甲乙丙丁", "夏天到了")
    town.keyboard.press("Control+z")
    for page in two:
        expect_goals(page, "春天来了丙丁", "夏天到了")


# ---- lines that break ---------------------------------------------------------------------------------------------


def test_both_write_off_line_and_come_together(two: tuple[Page, Page]) -> None:
    town, village = two
    for page in two:
        page.context.set_offline(True)
    go_to(town, "春天来了")
    town.keyboard.type("（城里写的）")
    go_to(village, "夏天到了")
    village.keyboard.type("（村里写的）")
    for page in two:
        expect(page.locator("#save")).to_contain_text("存在本机，1 处没传")
    for page in two:
        page.context.set_offline(False)
    for page in two:
        expect_goals(page, "春天来了（城里写的）", "夏天到了（村里写的）")
        saved(page)


def test_a_tab_closed_off_line_loses_nothing(
    two: tuple[Page, Page], plan: LessonPlan, page_of: PageOf
) -> None:
    town, village = two
    context = town.context
    context.set_offline(True)
    go_to(town, "春天来了")
    town.keyboard.type("，写在断线的时候")
    expect(town.locator("#save")).to_contain_text("存在本机，1 处没传")
    town.close()
    context.set_offline(False)
    again = open_plan(context.new_page(), plan.pk)
    for page in (again, village):
        expect_goals(page, "春天来了，写在断线的时候", "夏天到了")


def test_the_local_copy_is_shown_and_said_so_while_the_server_is_away(
    two: tuple[Page, Page], plan: LessonPlan
) -> None:
    town, village = two
    go_to(town, "春天来了")
    town.keyboard.type("，记在本机")
    saved(town)
    town.close()
    page = village.context.new_page()
    village.close()
    page.route_web_socket(re.compile("/ws/docs/"), lambda socket: socket.close())
    page.goto(f"/plans/{plan.pk}/")
    expect(page.locator("#notices")).to_contain_text("这是本机那份")
    expect_goals(page, "春天来了，记在本机", "夏天到了")


def test_without_server_and_without_copy_there_is_no_empty_editor(
    page_of: PageOf, town: User, plan: LessonPlan
) -> None:
    page = page_of(town)
    page.route_web_socket(re.compile("/ws/docs/"), lambda socket: socket.close())
    page.goto(f"/plans/{plan.pk}/")
    expect(page.locator("#opening")).to_contain_text("线断了，不是内容丢了")
    expect(page.locator(".ProseMirror")).to_have_count(0)


# ---- rights -------------------------------------------------------------------------------------------------------


def test_a_reader_sees_and_cannot_write(
    two: tuple[Page, Page], page_of: PageOf, town: User, plan: LessonPlan
) -> None:
    reader = make_teacher(name="孙玉梅")
    operations.invite(actor=town, plan=plan, user=reader, level=READ)
    page = open_plan(page_of(reader), plan.pk, access="read")
    expect(page.locator(".ProseMirror")).to_have_attribute("contenteditable", "false")
    line(page, "春天来了").click()
    page.keyboard.type("不该出现")
    go_to(two[0], "春天来了")
    two[0].keyboard.type("！")
    for each in (*two, page):
        expect_goals(each, "春天来了！", "夏天到了")


def test_who_may_no_longer_write_goes_on_as_a_reader(
    two: tuple[Page, Page], town: User, village: User, plan: LessonPlan
) -> None:
    operations.invite(actor=town, plan=plan, user=village, level=READ)
    page = two[1]
    expect(page.locator(".ProseMirror")).to_have_attribute("contenteditable", "false")
    expect(page.locator("#save")).to_contain_text("只能看")
    operations.invite(actor=town, plan=plan, user=village, level=WRITE)
    expect(page.locator(".ProseMirror")).to_have_attribute("contenteditable", "true")
    go_to(page, "春天来了")
    page.keyboard.type("又能写了")
    expect_goals(two[0], "春天来了又能写了", "夏天到了")


def test_a_person_put_out_sees_a_clear_page_and_no_text(
    two: tuple[Page, Page], town: User, village: User, plan: LessonPlan
) -> None:
    invitation = PlanInvitation.objects.get(plan=plan, user=village)
    operations.withdraw(actor=town, plan=plan, invitation=invitation)
    page = two[1]
    expect(page.get_by_role("alert").first).to_contain_text("你现在不能看这份教案")
    expect(page.locator(".ProseMirror")).not_to_be_visible()
    names = page.evaluate("indexedDB.databases().then(all => all.map(({name}) => name))")
    assert not [name for name in names if str(plan.pk) in name]


def test_unsent_text_of_a_person_put_out_can_be_saved(
    two: tuple[Page, Page], town: User, village: User, plan: LessonPlan
) -> None:
    page = two[1]
    page.context.set_offline(True)
    go_to(page, "夏天到了")
    page.keyboard.type("，没来得及传")
    expect(page.locator("#save")).to_contain_text("存在本机")
    invitation = PlanInvitation.objects.get(plan=plan, user=village)
    operations.withdraw(actor=town, plan=plan, invitation=invitation)
    page.context.set_offline(False)
    expect(page.get_by_role("alert").first).to_contain_text("你现在不能看这份教案")
    with page.expect_download() as download:
        page.get_by_role("button", name="另存一份").first.click()
    assert "没来得及传" in download.value.path().read_text()
    expect_goals(two[0], "春天来了", "夏天到了")


# ---- input methods ------------------------------------------------------------------------------------------------


class InputMethod:
    """An input method as Chromium knows it: raw letters in the page until the characters are chosen."""

    def __init__(self, page: Page) -> None:
        self.devtools = page.context.new_cdp_session(page)

    def compose(self, letters: str) -> None:
        self.devtools.send(
            "Input.imeSetComposition",
            {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)},
        )

    def choose(self, characters: str) -> None:
        self.devtools.send("Input.insertText", {"text": characters})


# (what the other does, where): the composing person is after the first two characters of 春天来了
COMPOSITIONS = [
    ("insert", "before", "甲春天你好来了", "夏天到了"),
    ("insert", "at", "春天甲你好来了|春天你好甲来了", "夏天到了"),
    ("insert", "after", "春天你好来了甲", "夏天到了"),
    ("insert", "another line", "春天你好来了", "夏天到了甲"),
    ("delete", "before", "天你好来了", "夏天到了"),
    ("delete", "at", "春你好来了", "夏天到了"),
    ("delete", "after", "春天你好来", "夏天到了"),
    ("delete", "another line", "春天你好来了", "夏天到"),
]


@pytest.mark.parametrize(("act", "where", "first", "second"), COMPOSITIONS)
def test_a_remote_edit_never_breaks_a_composition(
    two: tuple[Page, Page], act: str, where: str, first: str, second: str
) -> None:
    town, village = two
    ime = InputMethod(town)
    go_to(town, "春天来了", "Home")
    for _ in range(2):
        town.keyboard.press("ArrowRight")
    for letters in ("n", "ni", "ni h"):
        ime.compose(letters)
    # the other sees the raw letters come and waits until they are there
    expect(line(village, "来了")).to_contain_text("ni h")
    _edit(village, act, where)
    saved(village)
    town.wait_for_timeout(400)
    for letters in ("ni ha", "ni hao"):
        ime.compose(letters)
    ime.choose("你好")
    town.keyboard.type("")
    expect(line(village, "你好")).to_be_visible()
    for page in two:
        page.wait_for_function(
            "([selector, wanted]) => wanted.includes([...document.querySelectorAll(selector)][0].innerText"
            ".replace(/[\\u2060\\n]/g, '').replace(/王秀兰|李国强|^王|^李/g, ''))",
            arg=[f"{GOALS} > p", first.split("|")],
        )
    assert goals(town) == goals(village)
    assert goals(town)[0] in first.split("|")
    assert goals(town)[1] == second


def _edit(page: Page, act: str, where: str) -> None:
    """What the other does: at the start, at the composed letters, at the end, or in the next line."""
    if where == "another line":
        go_to(page, "夏天到了")
    elif where == "before":
        go_to(page, "来了", "Home")
    else:
        go_to(page, "来了", "End")
    if where == "at":
        # the raw letters 「ni h」 stand between 春天 and 来了
        steps = 2 if act == "insert" else 6
        for _ in range(steps):
            page.keyboard.press("ArrowLeft")
    if act == "insert":
        page.keyboard.type("甲")
    else:
        page.keyboard.press("Delete" if where == "before" else "Backspace")


def test_a_long_composition_keeps_everything_that_waited(two: tuple[Page, Page]) -> None:
    town, village = two
    ime = InputMethod(town)
    go_to(town, "春天来了")
    ime.compose("hao")
    go_to(village, "夏天到了")
    for text in ("一", "二", "三"):
        village.keyboard.type(text)
        saved(village)
    assert goals(town)[1] == "夏天到了"
    ime.choose("好")
    for page in two:
        expect_goals(page, "春天来了好", "夏天到了一二三")


# ---- the server dies ----------------------------------------------------------------------------------------------


def stage(server: ServerProcess, *arguments: str) -> Any:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment = kept | {"DATA_DIR": str(server.folder), "SECRET_KEY": "only-for-tests"}
    environment["DJANGO_SETTINGS_MODULE"] = "prep_platform.settings"
    command = [sys.executable, "-m", "tests.realtime.client.stage", *arguments]
    done = subprocess.run(command, cwd=BASE, env=environment, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def signed_in(new_context: Callable[..., BrowserContext], server: ServerProcess, session: str) -> Page:
    context = new_context(base_url=server.url)
    context.add_cookies([{"name": "sessionid", "value": session, "url": server.url, "httpOnly": True}])
    return context.new_page()


def test_a_killed_server_loses_nothing_that_was_typed(
    server_process: ServerProcess, new_context: Callable[..., BrowserContext]
) -> None:
    scene = stage(server_process)
    plan_id = scene["plans"][0]["id"]
    first, second = (
        open_plan(signed_in(new_context, server_process, writer["session"]), plan_id)
        for writer in scene["writers"]
    )
    go_to(first, "春天来了")
    go_to(second, "写一段话")
    for number in range(30):
        first.keyboard.type(chr(0x4E00 + number))
        second.keyboard.type(chr(0x5E00 + number))
        if number == 15:
            server_process.kill()
    for page in (first, second):
        expect(page.locator("#save")).to_contain_text("存在本机")
    server_process.start()
    for page in (first, second):
        expect(line(page, "春天来了")).to_contain_text(
            "".join(chr(0x4E00 + n) for n in range(30)), timeout=30_000
        )
        expect(line(page, "写一段话")).to_contain_text(
            "".join(chr(0x5E00 + n) for n in range(30)), timeout=30_000
        )
        saved(page)
