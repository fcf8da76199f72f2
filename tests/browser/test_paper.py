"""A plan on paper, and what the editor's dialogs and bars leave behind on the screen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from foundation.accounts.models import User
from lessons import versions
from lessons.models import LessonPlan
from tests.factories import make_plan, make_school, make_teacher
from tests.support.live_server import LiveServer

FIRST_ROW = "table[data-kind=process] tr"


@pytest.fixture
def author(live: LiveServer) -> User:
    return make_teacher(make_school(name="第一实验小学"), name="王秀兰")


@pytest.fixture
def plan(author: User) -> LessonPlan:
    plan = make_plan(author, title="山行")
    versions.name_version(actor=author, plan=plan)
    return plan


@pytest.fixture
def page(page_of: Callable[..., Page], author: User, plan: LessonPlan) -> Page:
    page = page_of(author)
    page.goto(f"/plans/{plan.pk}/")
    expect(page.locator("#save")).to_contain_text("已保存")
    return page


def test_every_sheet_repeats_the_head_row_and_says_whose_plan_it_is(page: Page, tmp_path: Path) -> None:
    page.emulate_media(media="print")
    head = page.locator(FIRST_ROW).first
    assert head.evaluate("row => getComputedStyle(row).display") == "table-header-group"
    assert page.locator("#editor").evaluate(
        "place => getComputedStyle(place.parentElement, '::after').content"
    ) == ('"复备栏"')
    for hidden in (".editor-top", ".ruler", ".add-step", ".outline"):
        expect(page.locator(hidden).first).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    rule = page.evaluate("[...document.styleSheets[0].cssRules].pop().cssText")
    assert "第一实验小学 · 王秀兰 · 第1版以后 · " in rule
    assert '"第 " counter(page) " 页，共 " counter(pages) " 页"' in rule


def test_a_closed_dialog_gives_the_focus_back(page: Page) -> None:
    opener = page.locator("#docbar [data-dialog=name-version]")
    opener.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_outline_stays_below_the_bars_however_high_they_are(page: Page) -> None:
    outline, bars = page.locator("#outline"), page.locator(".editor-top")
    page.keyboard.press("Control+f")
    expect(page.get_by_placeholder("查找")).to_be_visible()
    page.locator("#outline-list a[data-key=reflection]").click()
    expect(page.locator("section.sec[data-key=reflection]")).to_be_in_viewport()
    top, bottom = outline.bounding_box(), bars.bounding_box()
    assert top and bottom
    assert top["y"] >= bottom["y"] + bottom["height"]


def test_the_outline_puts_a_section_below_the_bars(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 500})
    page.locator("#outline-list a[data-key=methods]").click()
    heading = page.locator("section.sec[data-key=methods] h2")
    expect(heading).to_be_in_viewport()
    box, bars = heading.bounding_box(), page.locator(".editor-top").bounding_box()
    assert box and bars
    assert box["y"] >= bars["y"] + bars["height"]
