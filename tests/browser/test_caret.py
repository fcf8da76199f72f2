"""What a person types goes where their caret is, however fast others write at the same time."""

import re
from collections.abc import Callable
from functools import partial
from string import ascii_lowercase
from typing import Any

import pycrdt
import pytest
from playwright.sync_api import Page, expect

from foundation.accounts.models import User
from lessons import operations
from lessons.content import ids_of, plan_content
from lessons.models import LessonPlan, PlanInvitation
from lessons.standard_templates import form
from tests.factories import make_plan, make_school, make_teacher, make_village_school
from tests.support.fast_writer import Edit, FastWriter, Writing
from tests.support.live_server import LiveServer

GOALS = "section.sec[data-key=goals] .sec-body > p"
ABOVE, OWN, BELOW = "读准字音", "春天来了", "写一段话"
TYPED = "".join(chr(0x4E00 + number) for number in range(300))

PageOf = Callable[..., Page]
Meanwhile = Callable[[Writing], FastWriter]


# ---- the other, who writes letters and removes some again -----------------------------------------------------------


def write(line: Any, number: int) -> None:
    """Letters at the start of a line, and away with them again."""
    if number % 10 < 5:
        line.insert(0, ascii_lowercase[number % 26], {})
    else:
        del line[0]


def letters(text: str) -> Writing:
    return lambda fragment: partial(write, paragraph(fragment, text).children[0])


def before_the_header(fragment: pycrdt.XmlFragment) -> Edit:
    """In a line above everything, where the page itself never puts one."""
    fragment.children.insert(0, pycrdt.XmlElement("paragraph", contents=[pycrdt.XmlText("a")]))
    return partial(write, fragment.children[0].children[0])


def lines(fragment: pycrdt.XmlFragment) -> Edit:
    """New lines at the start of the section, and away with them again."""
    children = paragraph(fragment, ABOVE).parent.children

    def edit(number: int) -> None:
        if number % 10 < 5:
            children.insert(0, pycrdt.XmlElement("paragraph", contents=[pycrdt.XmlText("x")]))
        else:
            del children[0]

    return edit


def everywhere(fragment: pycrdt.XmlFragment) -> Edit:
    edits = [writing(fragment) for writing in (letters(ABOVE), letters(OWN), letters(BELOW), lines)]
    return lambda number: edits[number // 10 % 4](number)


OTHERS = {
    "line above": letters(ABOVE),
    "same line": letters(OWN),
    "line below": letters(BELOW),
    "new lines above": lines,
    "everywhere": everywhere,
    "before the header": before_the_header,
}


def paragraph(parent: Any, text: str) -> pycrdt.XmlElement:
    found = _paragraph(parent, text)
    assert found is not None
    return found


def _paragraph(parent: Any, text: str) -> pycrdt.XmlElement | None:
    for child in parent.children:
        if not isinstance(child, pycrdt.XmlElement):
            continue
        if child.tag == "paragraph" and text in str(child):
            return child
        below = _paragraph(child, text)
        if below is not None:
            return below
    return None


# ---- the plan, and the person in the browser ------------------------------------------------------------------------


@pytest.fixture
def town(live: LiveServer) -> User:
    return make_teacher(make_school(name="第一实验小学"), name="王秀兰")


@pytest.fixture
def plan(town: User) -> LessonPlan:
    content = plan_content(
        form("core"),
        header={"title": "美丽的小兴安岭"},
        sections={"goals": [ABOVE, OWN, BELOW]},
        new_id=ids_of("caret"),
    )
    return make_plan(town, title="美丽的小兴安岭", content=content)


@pytest.fixture
def page(page_of: PageOf, town: User, plan: LessonPlan) -> Page:
    page = page_of(town)
    page.goto(f"/plans/{plan.pk}/")
    saved(page)
    return page


@pytest.fixture
def meanwhile(live: LiveServer, plan: LessonPlan) -> Meanwhile:
    """`with meanwhile(writing):` somebody else makes 200 of these edits a second."""
    village = make_teacher(make_village_school(name="松岭乡青山小学"), name="李国强")
    operations.invite(actor=plan.owner, plan=plan, user=village, level=PlanInvitation.Access.WRITE)
    return lambda writing: FastWriter(user=village, url=live.url, socket=plan.socket, writing=writing)


def saved(page: Page) -> None:
    expect(page.locator("#save")).to_contain_text(re.compile("已保存"), timeout=15_000)


def line(page: Page, text: str) -> Any:
    return page.locator(GOALS, has_text=text)


def go_to(page: Page, text: str) -> None:
    line(page, text).click()
    page.keyboard.press("End")


def written(page: Page) -> list[str]:
    """The lines of the section without the other's letters; those with nothing else are left out."""
    texts = page.locator(GOALS).evaluate_all("lines => lines.map(line => line.textContent)")
    return [own for own in (re.sub("[a-z]", "", text) for text in texts) if own]


# ---- typing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", OTHERS)
def test_what_is_typed_stays_together_at_the_caret(page: Page, meanwhile: Meanwhile, other: str) -> None:
    go_to(page, OWN)
    with meanwhile(OTHERS[other]) as writer:
        page.keyboard.type(TYPED, delay=10)
        assert writer.edits > 100
    saved(page)
    assert written(page) == [ABOVE, OWN + TYPED, BELOW]


# lines that move away under the mouse are no fault of the caret
@pytest.mark.parametrize("other", ["line above", "same line", "before the header"])
def test_the_caret_moves_where_the_person_moves_it(page: Page, meanwhile: Meanwhile, other: str) -> None:
    go_to(page, OWN)
    with meanwhile(OTHERS[other]):
        for number in range(10):
            page.keyboard.type("甲乙丙")
            for _ in range(3):
                page.keyboard.press("ArrowLeft")
            page.keyboard.type("丁")
            page.keyboard.press("Shift+ArrowRight")
            page.keyboard.press("Shift+ArrowRight")
            page.keyboard.type("戊")
            page.keyboard.press("End")
            # the next line and back, by the mouse
            go_to(page, BELOW)
            page.keyboard.type(str(number))
            go_to(page, OWN)
    saved(page)
    assert written(page) == [ABOVE, OWN + "丁戊丙" * 10, BELOW + "0123456789"]


def test_a_line_before_the_header_takes_nothing_from_the_plan(page: Page, meanwhile: Meanwhile) -> None:
    fields = page.locator(".sheet-head .field-cell").all_inner_texts()
    go_to(page, OWN)
    with meanwhile(before_the_header):
        page.keyboard.type(TYPED[:20], delay=10)
    saved(page)
    page.reload()
    saved(page)
    assert page.locator(".sheet-head .field-cell").all_inner_texts() == fields
    assert page.locator("#editor .ProseMirror > p").count() == 1
