"""The record of an activity in a browser: edited by two at once, signed, printed; its task ticked off on a phone."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from docx import Document
from playwright.sync_api import Page, ViewportSize, expect

from foundation.records.models import RecordEdit, RecordRevision, RecordTask
from tests.lessons.activity_records import Held, make_held

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 800}


@pytest.fixture
def held(live: Any) -> Held:
    return make_held()


def open_record(page: Page, held: Held, size: ViewportSize = DESK) -> Page:
    page.set_viewport_size(size)
    page.goto(reverse("record", args=held.path))
    expect(page.get_by_role("heading", name="集体备课活动记录表")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    return page


def test_the_way_to_the_record_leads_from_the_activity_and_back(
    held: Held, page_of: Callable[..., Page]
) -> None:
    page = page_of(held.member)
    page.set_viewport_size(PHONE)
    page.goto(reverse("activity", args=[held.activity.pk]))
    page.get_by_role("link", name="集备记录").click()
    expect(page.locator("#f-theme")).to_contain_text("一起备《山行》")
    page.locator(".crumbs").get_by_role("link", name="一起备《山行》").click()
    expect(page).to_have_url(re.compile(str(held.activity.pk)))


def test_a_record_is_edited_by_two_signed_and_its_task_ticked_off(
    held: Held, page_of: Callable[..., Page]
) -> None:
    lead = open_record(page_of(held.lead), held)
    expect(lead.locator("#f-absentees")).to_contain_text("请假：送教下乡")
    lead.get_by_role("link", name="改记录").click()
    lead.locator("#f-reflection textarea").fill("枫林要先看实物。")
    task = lead.get_by_role("group", name="任务分工，第 1 行")
    task.get_by_label("任务").fill("把第二环节改成先看实物")
    task.get_by_label("负责人").fill("乡里老师")
    task.get_by_label("期限").fill("2026-12-01")

    host = open_record(page_of(held.leader), held, PHONE)
    host.get_by_role("link", name="改记录").click()
    host.locator("#f-reflection textarea").fill("教学点没有投影，要带挂图。")
    host.get_by_role("button", name="保存").first.click()
    expect(host.get_by_text("存好了。")).to_be_visible()

    lead.get_by_role("button", name="保存").first.click()
    expect(lead.get_by_role("alert").first).to_contain_text("别人也改了")
    field = lead.locator("#f-reflection")
    expect(field).to_contain_text("教学点没有投影，要带挂图。")
    expect(field.locator("textarea")).to_have_value("枫林要先看实物。")
    field.get_by_role("button", name="两份合在一起").click()
    expect(field.locator("textarea")).to_have_value("教学点没有投影，要带挂图。\n枫林要先看实物。")
    lead.get_by_role("button", name="保存").first.click()
    expect(lead.locator("#f-reflection")).to_contain_text("枫林要先看实物。")
    expect(lead.locator("#f-tasks")).to_contain_text("把第二环节改成先看实物")
    expect(lead.get_by_text("由主持人签字。")).to_be_visible()

    host = open_record(host, held, PHONE)
    expect(host.locator("#f-reflection")).to_contain_text("教学点没有投影")
    host.get_by_role("button", name="签字定稿").click()
    expect(host.get_by_text("第 1 次定稿").first).to_be_visible()
    expect(host.get_by_role("link", name="改记录")).to_have_count(0)
    assert host.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    member = page_of(held.member)
    member.set_viewport_size(PHONE)
    member.goto("/")
    member.get_by_role("link", name="把第二环节改成先看实物").click()
    member.get_by_role("button", name="完成了").click()
    expect(member.get_by_role("button", name="还没做完")).to_be_visible()
    open_record(host, held, PHONE)
    expect(host.locator("aside")).to_contain_text("完成")
    assert RecordTask.objects.get().done_by == held.member


def test_reopening_asks_why_and_the_signed_one_can_still_be_read(
    held: Held, page_of: Callable[..., Page]
) -> None:
    page = open_record(page_of(held.leader), held)
    page.get_by_role("button", name="签字定稿").click()
    page.get_by_text("要改？先重开").click()
    page.get_by_label("为什么重开").fill("漏了一个人")
    page.get_by_role("button", name="重开").click()
    expect(page.get_by_text("定稿后重开了：漏了一个人")).to_be_visible()
    page.get_by_role("link", name="第 1 次定稿").click()
    expect(page.get_by_text("这是以前定稿的一份。")).to_be_visible()
    expect(page.get_by_text(RecordRevision.objects.get().sha256)).to_be_visible()


def test_what_changed_since_is_shown_and_taken_back_with_a_click(
    held: Held, page_of: Callable[..., Page]
) -> None:
    page = open_record(page_of(held.lead), held, PHONE)
    page.get_by_role("link", name="改记录").click()
    page.locator("#f-results textarea").fill("我们的成果")
    page.get_by_role("button", name="保存").first.click()
    held.activity.members.update(state="received")
    open_record(page, held, PHONE)
    row = page.locator("#f-results")
    expect(row).to_contain_text("自动填的内容又变了")
    row.get_by_role("button", name="恢复自动").click()
    expect(page.locator("#f-results")).to_contain_text("3 位接收了共案")
    expect(page.locator("#f-results")).not_to_contain_text("改过")


def test_leaving_a_form_with_words_in_it_asks_first(held: Held, page_of: Callable[..., Page]) -> None:
    page = page_of(held.lead)
    page.goto(reverse("record-edit", args=held.path))
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator("#f-reflection textarea").fill("还没存")
    page.get_by_role("link", name="不改了").click()
    expect(page.locator("#f-reflection textarea")).to_have_value("还没存")
    assert asked == ["beforeunload"]
    assert not RecordEdit.objects.exists()


def test_paper_is_a4_with_the_whole_table_and_no_buttons(held: Held, page_of: Callable[..., Page]) -> None:
    page = open_record(page_of(held.leader), held)
    page.emulate_media(media="print")
    expect(page.locator(".record-table")).to_be_visible()
    for hidden in (
        page.get_by_role("link", name="改记录"),
        page.get_by_text("由主持人签字"),
        page.locator("aside"),
    ):
        expect(hidden).not_to_be_visible()
    expect(page.get_by_text("草稿，还没有签字定稿")).to_be_visible()
    paper = page.pdf(prefer_css_page_size=True)
    assert b"/MediaBox [0 0 595" in paper.replace(b"594.95", b"595").replace(b"595.91", b"595")


def test_the_word_document_comes_down(held: Held, page_of: Callable[..., Page]) -> None:
    page = open_record(page_of(held.member), held, PHONE)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 Word").click()
    assert download.value.suggested_filename == "集体备课活动记录表-一起备《山行》.docx"
    content = download.value.path().read_bytes()
    assert Document(io.BytesIO(content)).tables[0].cell(0, 0).text == "主题"
