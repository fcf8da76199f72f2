"""Two people in two browsers write one plan: what each sees of the other, and that nothing typed is ever lost."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, TimeoutError, WebSocket, expect

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
# the text of lines, without the flags of the others that stand in it
LINES = """selector => [...document.querySelectorAll(selector)].map(line => {
    const copy = line.cloneNode(true)
    copy.querySelectorAll(".caret").forEach(caret => caret.remove())
    return copy.textContent
})"""
# how a frame begins that brings what another wrote (docs/protocol.md)
UPDATE = b"\x00\x02"

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
    return page.evaluate(LINES, f"{GOALS} > p")


def expect_goals(page: Page, *lines: str) -> None:
    expect_goals_among(page, [list(lines)])


def expect_goals_among(page: Page, choices: list[list[str]]) -> None:
    try:
        page.wait_for_function(
            f"([selector, choices]) => choices.includes(JSON.stringify(({LINES})(selector)))",
            arg=[
                f"{GOALS} > p",
                [json.dumps(lines, ensure_ascii=False, separators=(",", ":")) for lines in choices],
            ],
        )
    except TimeoutError:
        assert goals(page) in choices


def saved(page: Page) -> None:
    expect(page.locator("#save")).to_contain_text(SAVED)


def kept_on_device(page: Page) -> None:
    """Waits until the copy on this device holds all that the page shows: to count its rows waits for those before."""
    page.evaluate(
        """async () => {
            const answered = request => new Promise((resolve, reject) => {
                request.onsuccess = () => resolve(request.result)
                request.onerror = () => reject(request.error)
            })
            for (const { name } of await indexedDB.databases()) {
                if (!name.startsWith("plan:")) continue
                const database = await answered(indexedDB.open(name))
                await answered(database.transaction("updates").objectStore("updates").count())
                database.close()
            }
        }"""
    )


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


def test_typing_goes_on_while_the_other_makes_it_a_list(two: tuple[Page, Page]) -> None:
    town, village = two
    go_to(village, "春天来了")
    village.keyboard.type("，雪")
    go_to(town, "春天来了")
    town.get_by_role("button", name="项目列表").click()
    village.keyboard.type("化了")
    for page in two:
        expect_goals(page, "春天来了，雪化了", "夏天到了")
        expect(page.locator(f"{GOALS} > p").first).to_have_attribute("data-kind", "bullet")


def test_the_other_cursor_shows_a_name_then_one_character(two: tuple[Page, Page]) -> None:
    town, village = two
    go_to(town, "春天来了")
    # the name stands for two seconds only: looked for at every frame
    village.locator(".caret.caret-named .caret-rest").wait_for()
    expect(village.locator(".caret .caret-flag")).to_have_text("王秀兰")
    expect(village.locator(".caret-named")).to_have_count(0)
    expect(village.locator(".caret .caret-rest")).to_be_hidden()
    expect(village.locator(".caret")).to_have_class(re.compile(r"\bp[1-6]\b"))
    # never on one's own cursor: the village page is not focused, so in town there is none
    expect(town.locator(".caret")).to_have_count(0)


def test_the_other_cursor_never_takes_the_click_beside_it(two: tuple[Page, Page]) -> None:
    town, village = two
    go_to(town, "春天来了")
    expect(village.locator(".caret")).to_be_attached()
    line(village, "春天来了").click()
    village.keyboard.type("甲")
    for page in two:
        expect_goals(page, "春天来了甲", "夏天到了")


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
    expect_goals(village, "春天来了，记在本机", "夏天到了")
    kept_on_device(village)
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
    expect(page.get_by_role("navigation", name="教案目录")).not_to_be_visible()
    assert "春天来了" not in page.inner_text("body")
    page.wait_for_function(
        "plan => indexedDB.databases().then(all => !all.some(({ name }) => name.includes(plan)))",
        arg=str(plan.pk),
    )


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

    def __init__(self, page: Page, socket: WebSocket) -> None:
        self.page = page
        self.socket = socket
        self.devtools = page.context.new_cdp_session(page)

    def compose(self, letters: str) -> None:
        self.devtools.send(
            "Input.imeSetComposition",
            {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)},
        )

    def choose(self, characters: str) -> None:
        self.devtools.send("Input.insertText", {"text": characters})

    def meets_a_change(self) -> Any:
        """In this block a change by the other has to reach the page."""
        return self.socket.expect_event("framereceived", lambda frame: frame[:2] == UPDATE)


@pytest.fixture
def ime(page_of: PageOf, town: User, plan: LessonPlan) -> InputMethod:
    """The teacher in town writes with an input method."""
    page = page_of(town)
    with page.expect_websocket() as opened:
        open_plan(page, plan.pk)
    return InputMethod(page, opened.value)


@pytest.fixture
def other(page_of: PageOf, village: User, plan: LessonPlan) -> Page:
    return open_plan(page_of(village), plan.pk)


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
    ime: InputMethod, other: Page, act: str, where: str, first: str, second: str
) -> None:
    go_to(ime.page, "春天来了", "Home")
    for _ in range(2):
        ime.page.keyboard.press("ArrowRight")
    for letters in ("n", "ni", "ni h"):
        ime.compose(letters)
    # the other sees the raw letters come and waits until they are there
    expect_goals(other, "春天ni h来了", "夏天到了")
    with ime.meets_a_change():
        _edit(other, act, where)
    for letters in ("ni ha", "ni hao"):
        ime.compose(letters)
    ime.choose("你好")
    for page in (ime.page, other):
        expect_goals_among(page, [[line, second] for line in first.split("|")])
    assert goals(ime.page) == goals(other)


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


def test_a_long_composition_keeps_everything_that_waited(ime: InputMethod, other: Page) -> None:
    go_to(ime.page, "春天来了")
    ime.compose("hao")
    go_to(other, "夏天到了")
    for text in ("一", "二", "三"):
        with ime.meets_a_change():
            other.keyboard.type(text)
    assert goals(ime.page) == ["春天来了hao", "夏天到了"]
    ime.choose("好")
    for page in (ime.page, other):
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
        for begun, written in (("春天来了", 0x4E00), ("写一段话", 0x5E00)):
            whole = "".join(chr(written + number) for number in range(30))
            # after a long time away a page comes back within twenty seconds (backoff.ts)
            expect(line(page, begun)).to_contain_text(whole, timeout=60_000)
        saved(page)
