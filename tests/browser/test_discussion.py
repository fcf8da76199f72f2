"""A plan is discussed: by who may only comment, live for all, beside the text, anchored where a reader sees it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from foundation.accounts.models import User
from lessons import operations
from lessons.content import ids_of, plan_content
from lessons.discussion.models import Comment, Thread
from lessons.models import LessonPlan, PlanInvitation
from lessons.standard_templates import form
from tests.factories import make_plan, make_school, make_teacher, make_village_school
from tests.support.browser import serious_violations

GOALS = "section.sec[data-key=goals] .sec-body"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
PageOf = Callable[..., Page]

# chooses words of a line, as a mouse does
SELECT = """([selector, words]) => {
    const line = [...document.querySelectorAll(selector)].find(line => line.textContent.includes(words))
    const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
        const at = texts.currentNode.textContent.indexOf(words)
        if (at < 0) continue
        const range = document.createRange()
        range.setStart(texts.currentNode, at)
        range.setEnd(texts.currentNode, at + words.length)
        getSelection().removeAllRanges()
        getSelection().addRange(range)
        return true
    }
    return false
}"""


@pytest.fixture
def owner(live: Any) -> User:
    return make_teacher(make_school(name="第一实验小学"), name="王秀兰")


@pytest.fixture
def village(live: Any) -> User:
    return make_teacher(make_village_school(name="松岭乡青山小学"), name="孙立军")


@pytest.fixture
def plan(owner: User, village: User) -> LessonPlan:
    content = plan_content(
        form("core"),
        header={"title": "美丽的小兴安岭"},
        sections={
            "goals": [
                "会写“融、浸、库”等字，朗读课文",
                "按四季顺序说清小兴安岭的景色",
                "学着课文的写法写一写",
            ],
            "homework": ["背诵第2自然段"],
        },
        new_id=ids_of("discussed"),
    )
    plan = make_plan(owner, title="美丽的小兴安岭", content=content)
    operations.invite(actor=owner, plan=plan, user=village, level=PlanInvitation.Access.COMMENT)
    return plan


def open_plan(page: Page, plan: LessonPlan, place: str = "") -> Page:
    page.goto(f"/plans/{plan.pk}/{place}")
    expect(page.locator("#editor .ProseMirror")).to_be_visible()
    expect(page.locator("#side .anno-head")).to_be_attached()
    return page


def select(page: Page, words: str, where: str = f"{GOALS} > p") -> None:
    page.locator(where, has_text=words).first.click()
    assert page.evaluate(SELECT, [where, words])


def write(page: Page, words: str, text: str) -> None:
    select(page, words)
    page.keyboard.press("Control+Alt+m")
    expect(page.locator(".anno-draft .anno-about")).to_have_text(f"“{words}”")
    page.locator(".anno-draft textarea").fill(text)
    page.locator(".anno-draft").get_by_role("button", name="发表").click()
    expect(page.locator(".anno-draft")).to_have_count(0)


def anchors(page: Page) -> Any:
    return page.locator("#editor .anno")


def card(page: Page, text: str) -> Any:
    return page.locator("#side .anno-card", has_text=text)


def test_who_may_only_comment_comments_and_everybody_sees_it_at_once(
    page_of: PageOf, plan: LessonPlan, owner: User, village: User
) -> None:
    writer, commenter = open_plan(page_of(owner), plan), open_plan(page_of(village), plan)
    expect(commenter.locator("#save")).to_contain_text("能批注")
    write(commenter, "浸、库", "先让孩子看一根真树枝")
    for page in (writer, commenter):
        expect(anchors(page)).to_have_text("浸、库")
        expect(anchors(page)).to_have_attribute("data-number", "1")
        expect(card(page, "先让孩子看一根真树枝")).to_be_visible()
    commenter.keyboard.press("Control+Home")
    commenter.keyboard.type("不该进来的字")
    expect(commenter.locator("#editor")).not_to_contain_text("不该进来的字")
    # the other answers, settles; the first sees both
    card(writer, "真树枝").click()
    writer.locator("#side").get_by_role("button", name="回复", exact=True).click()
    writer.locator(".say textarea").fill("好主意")
    writer.locator(".say").get_by_role("button", name="回复").click()
    expect(card(commenter, "先让孩子看一根真树枝")).to_contain_text("好主意")
    writer.locator("#side").get_by_role("button", name="处理好了").first.click()
    expect(anchors(commenter)).to_have_count(1)  # the chosen one stays in sight
    expect(card(commenter, "好主意")).to_contain_text("处理好了")
    assert Thread.objects.get().state == "resolved"
    assert Comment.objects.count() == 2


@pytest.mark.parametrize("width", [1280, 360])
def test_a_commenter_on_any_screen(page_of: PageOf, plan: LessonPlan, village: User, width: int) -> None:
    page = open_plan(page_of(village, **({} if width > 1100 else PHONE)), plan)
    select(page, "四季")
    if width > 1100:
        page.get_by_role("button", name="写批注").click()
    else:
        page.locator("#phone-bar").get_by_role("button", name="更多").click()
        page.locator("#rest").get_by_role("button", name="写批注").click()
    page.locator(".anno-draft textarea").fill("四季怎么分给四个组？")
    page.locator(".anno-draft").get_by_role("button", name="问题").click()
    page.locator(".anno-draft").get_by_role("button", name="发表").click()
    expect(card(page, "四季怎么分")).to_be_visible()
    expect(card(page, "四季怎么分")).to_contain_text("问题")
    assert serious_violations(page) == []
    page.screenshot(path=f"test-results/discussion-{width}.png")
    if width < 1100:
        page.locator("#side").get_by_role("button", name="收起").click()
        expect(page.locator("#side")).to_be_hidden()
        anchors(page).tap()
        expect(card(page, "四季怎么分")).to_be_visible()
