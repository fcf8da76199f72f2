"""From an open plan to a Word file on the device, on a wide screen and on a phone; printing with 复备栏 and without."""

from collections.abc import Callable

import docx
import pytest
from playwright.sync_api import Page, expect

from foundation.accounts.models import User
from lessons.models import LessonPlan
from tests.factories import make_plan, make_school, make_teacher
from tests.support.live_server import LiveServer


@pytest.fixture
def author(live: LiveServer) -> User:
    return make_teacher(make_school(name="第一实验小学"), name="王秀兰")


@pytest.fixture
def plan(author: User) -> LessonPlan:
    return make_plan(author, title="山行")


def opened(page_of: Callable[..., Page], author: User, plan: LessonPlan, width: int) -> Page:
    page = page_of(author)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/plans/{plan.pk}/")
    expect(page.locator("#save")).to_contain_text("已保存")
    return page


@pytest.mark.parametrize("width", [1280, 360])
def test_what_was_just_written_is_in_the_file(
    width: int, page_of: Callable[..., Page], author: User, plan: LessonPlan
) -> None:
    page = opened(page_of, author, plan, width)
    page.locator("section.sec[data-key=methods] p").click()
    page.keyboard.type("先读后议")
    expect(page.locator("#save")).to_contain_text("已保存")
    if width > 760:
        page.locator("#docbar .menu > summary").click()
        page.locator("#docbar").get_by_role("link", name="导出 Word").click()
    else:
        page.get_by_role("button", name="更多").click()
        page.locator("#rest").get_by_role("link", name="导出 Word").click()
    page.get_by_label("不带").check()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载 Word").click()
    assert waiting.value.suggested_filename == "山行.docx"
    document = docx.Document(str(waiting.value.path()))
    assert "先读后议" in [line.text for line in document.paragraphs]
    assert [cell.text for cell in document.tables[1].rows[0].cells][-1] == "时间（分钟）"


def test_printing_with_a_column_for_handwriting_and_without(
    page_of: Callable[..., Page], author: User, plan: LessonPlan
) -> None:
    page = opened(page_of, author, plan, 1280)
    page.evaluate("() => { window.print = () => { window.printed = (window.printed ?? 0) + 1 } }")
    page.emulate_media(media="print")
    column = "place => getComputedStyle(place.closest('.sheet'), '::after').content"
    for act, shown in (("print-plain", "none"), ("print", '"复备栏"')):
        page.evaluate(f"document.querySelector('#docbar [data-act={act}]').click()")
        assert page.locator("#editor").evaluate(column) == shown
    assert page.evaluate("window.printed") == 2
