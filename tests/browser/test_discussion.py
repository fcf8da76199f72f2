"""A plan is discussed: by who may only comment, live for all, beside the text, anchored where a reader sees it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from foundation.accounts.models import User
from lessons import operations
from lessons.content import ids_of, plan_content
from lessons.discussion import operations as discussion
from lessons.discussion.models import Comment, Thread
from lessons.models import LessonPlan, PlanInvitation
from lessons.standard_templates import form
from tests.factories import make_plan, make_school, make_teacher, make_village_school
from tests.lessons.discussion.chosen import about
from tests.support.browser import serious_violations

GOALS = "section.sec[data-key=goals] .sec-body"
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
    expect(card(commenter, "好主意").locator(".anno-done")).to_be_visible()
    assert Thread.objects.get().state == "resolved"
    assert Comment.objects.count() == 2


@pytest.mark.parametrize("width", [1280, 360])
def test_a_commenter_on_any_screen(page_of: PageOf, plan: LessonPlan, village: User, width: int) -> None:
    page = page_of(village)
    page.set_viewport_size({"width": width, "height": 760})
    open_plan(page, plan)
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
        anchors(page).click()
        expect(card(page, "四季怎么分")).to_be_visible()


@pytest.fixture
def discussed(plan: LessonPlan, owner: User, village: User) -> LessonPlan:
    """Three threads down the text and one about all of it; the second is a question."""
    discussion.open_thread(actor=village, plan=plan, text="先看真树枝", about=about(plan, "浸、库"))
    discussion.open_thread(
        actor=owner, plan=plan, text="四季怎么分组？", about=about(plan, "四季"), kind=Thread.Kind.QUESTION
    )
    discussion.open_thread(actor=village, plan=plan, text="放到课后背", about=about(plan, "背诵"))
    discussion.open_thread(actor=village, plan=plan, text="学情写得实在")
    return plan


def test_cards_stand_beside_their_text_in_its_order(
    page_of: PageOf, discussed: LessonPlan, owner: User
) -> None:
    page = open_plan(page_of(owner), discussed)
    expect(anchors(page)).to_have_count(3)
    expect(page.locator("#side")).to_contain_text("4 条没处理")
    anchors(page).filter(has_text="背诵").click()
    expect(page.locator("#side .anno-card.is-active")).to_contain_text("放到课后背")
    page.wait_for_function(
        """() => {
            const top = (selector) => document.querySelector(selector).getBoundingClientRect().top
            return Math.abs(top(".anno-card.is-active") - top(".anno-active")) < 40
        }"""
    )


def test_text_that_is_deleted_leaves_its_thread_orphaned_and_undo_brings_it_back(
    page_of: PageOf, discussed: LessonPlan, owner: User, village: User
) -> None:
    writer, commenter = open_plan(page_of(owner), discussed), open_plan(page_of(village), discussed)
    select(writer, "浸、库")
    writer.keyboard.press("Delete")
    for page in (writer, commenter):
        expect(anchors(page)).to_have_count(2)
        page.locator("#side").get_by_role("button", name="原文已删 1 条").click()
        expect(card(page, "先看真树枝")).to_contain_text("浸、库")
    writer.locator(f"{GOALS} > p").first.click()
    writer.keyboard.press("Control+z")
    for page in (writer, commenter):
        expect(anchors(page)).to_have_count(3)
        expect(anchors(page).first).to_have_text("浸、库")


def test_a_thread_follows_its_text_where_it_is_pasted(
    page_of: PageOf, discussed: LessonPlan, owner: User, village: User
) -> None:
    writer, reader = open_plan(page_of(owner), discussed), open_plan(page_of(village), discussed)
    select(writer, "浸、库")
    writer.keyboard.press("Control+x")
    expect(anchors(reader)).to_have_count(2)
    writer.locator(f"{GOALS} > p", has_text="学着课文").click()
    writer.keyboard.press("End")
    writer.keyboard.press("Control+v")
    for page in (writer, reader):
        expect(page.locator(f"{GOALS} > p", has_text="学着课文").locator(".anno")).to_have_text("浸、库")


def test_the_keyboard_goes_from_thread_to_thread_and_back_to_the_text(
    page_of: PageOf, discussed: LessonPlan, owner: User
) -> None:
    page = open_plan(page_of(owner), discussed)
    expect(anchors(page)).to_have_count(3)
    page.locator(f"{GOALS} > p").first.click()
    said = ["学情写得实在", "先看真树枝", "四季怎么分组", "放到课后背"]
    for text in said:
        page.keyboard.press("Control+Alt+ArrowDown")
        expect(page.locator("#side .anno-card:focus")).to_contain_text(text)
    page.keyboard.press("Control+Alt+ArrowUp")
    expect(page.locator("#side .anno-card:focus")).to_contain_text("四季怎么分组")
    expect(page.locator("#side .anno-card:focus")).to_have_attribute("aria-label", "第 2 条，问题")
    assert page.evaluate("() => document.querySelector('.anno-active').textContent") == "四季"
    assert serious_violations(page) == []


def test_a_question_gets_viewpoints_and_its_consensus(
    page_of: PageOf, discussed: LessonPlan, owner: User, village: User
) -> None:
    one, other = open_plan(page_of(owner), discussed), open_plan(page_of(village), discussed)
    anchors(other).filter(has_text="四季").click()
    other.locator("#side").get_by_role("button", name="写观点").click()
    other.locator(".say textarea").fill("每组一季，轮流说")
    other.locator(".say").get_by_role("button", name="发表").click()
    expect(card(other, "每组一季")).to_contain_text("观点")
    expect(other.locator("#side").get_by_role("button", name="写共识")).to_have_count(0)
    anchors(one).filter(has_text="四季").click()
    expect(card(one, "每组一季")).to_be_visible()
    one.locator("#side").get_by_role("button", name="写共识").click()
    one.locator(".say textarea").fill("每组一季")
    one.locator(".say").get_by_role("button", name="定下").click()
    expect(other.locator(".anno-consensus")).to_contain_text("每组一季")


def test_who_is_mentioned_is_told_and_led_to_the_thread(
    page_of: PageOf, discussed: LessonPlan, owner: User, village: User
) -> None:
    page = open_plan(page_of(village), discussed)
    anchors(page).first.click()
    page.locator("#side").get_by_role("button", name="回复", exact=True).click()
    field = page.locator(".say textarea")
    field.press_sequentially("请 @王")
    expect(page.get_by_role("option", name="王秀兰")).to_be_visible()
    field.press("Enter")
    field.press_sequentially("看看")
    page.locator(".say").get_by_role("button", name="回复").click()
    expect(page.locator(".anno-name")).to_have_text("@王秀兰")
    told = page_of(owner)
    told.goto("/notices/")
    told.get_by_role("button", name=re.compile("去看.*提到你")).click()
    told.wait_for_url(re.compile(r"/plans/.*#thread-"))
    expect(told.locator("#side .anno-card.is-active")).to_contain_text("@王秀兰 看看")


def test_all_that_one_person_said_and_changed_is_in_one_place(
    page_of: PageOf, discussed: LessonPlan, owner: User, village: User
) -> None:
    writer = open_plan(page_of(owner), discussed)
    writer.locator(f"{GOALS} > p", has_text="学着课文").click()
    writer.keyboard.press("End")
    writer.keyboard.type("，写家乡的树")
    expect(writer.locator("#save")).to_contain_text("已保存")
    reader = open_plan(page_of(village), discussed)
    anchors(reader).filter(has_text="四季").click()
    reader.locator("#side .is-active").get_by_role("button", name="王秀兰说过和改过的").click()
    panel = reader.locator("#side .anno-person")
    expect(panel).to_contain_text("四季怎么分组？")
    expect(panel).to_contain_text("，写家乡的树")
    assert serious_violations(reader) == []
    reader.screenshot(path="test-results/discussion-person.png")
    panel.get_by_text("，写家乡的树").click()
    expect(reader.locator(f"{GOALS} > p.anno-found")).to_contain_text("写家乡的树")
    panel.get_by_role("button", name="回到讨论").click()
    expect(card(reader, "四季怎么分组")).to_be_visible()


def test_what_was_said_while_the_line_was_down_is_there_when_it_is_back(
    context_of: Callable[..., Any], page_of: PageOf, discussed: LessonPlan, owner: User, village: User
) -> None:
    away = context_of(village)
    page = open_plan(away.new_page(), discussed)
    expect(anchors(page)).to_have_count(3)
    away.set_offline(True)
    page.evaluate("() => dispatchEvent(new Event('offline'))")
    thread = Thread.objects.get(number=1)
    discussion.reply(actor=owner, thread=thread, text="你不在时说的")
    discussion.open_thread(actor=owner, plan=discussed, text="又一条", about=about(discussed, "朗读"))
    away.set_offline(False)
    expect(anchors(page)).to_have_count(4)
    anchors(page).first.click()
    expect(card(page, "你不在时说的")).to_be_visible()


def test_words_that_change_under_the_form_are_not_commented_on_by_mistake(
    page_of: PageOf, plan: LessonPlan, owner: User, village: User
) -> None:
    writer, commenter = open_plan(page_of(owner), plan), open_plan(page_of(village), plan)
    select(commenter, "浸、库")
    commenter.keyboard.press("Control+Alt+m")
    commenter.locator(".anno-draft textarea").fill("我的批注")
    select(writer, "、库")
    writer.keyboard.press("Delete")
    expect(commenter.locator(".anno-draft .anno-about")).to_have_text("“浸”")
    select(writer, "浸")
    writer.keyboard.press("Delete")
    expect(commenter.locator(".anno-draft .anno-about")).to_contain_text("刚被删掉了")
    commenter.locator(".anno-draft").get_by_role("button", name="发表").click()
    expect(commenter.locator(".say-error")).to_contain_text("刚被删掉了")
    expect(commenter.locator(".anno-draft textarea")).to_have_value("我的批注")
    commenter.locator(".anno-draft").get_by_role("button", name="整份教案").click()
    commenter.locator(".anno-draft").get_by_role("button", name="发表").click()
    expect(card(writer, "我的批注")).to_contain_text("对整份教案")


def test_on_paper_there_is_no_discussion(page_of: PageOf, discussed: LessonPlan, owner: User) -> None:
    page = open_plan(page_of(owner), discussed)
    expect(anchors(page)).to_have_count(3)
    page.emulate_media(media="print")
    expect(page.locator("#side")).to_be_hidden()
    look = "e => [getComputedStyle(e).backgroundImage, getComputedStyle(e, '::after').content]"
    assert anchors(page).first.evaluate(look) == ["none", "none"]
