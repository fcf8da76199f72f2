"""From the shared plan to the own version and back, by two people in two browsers."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from foundation.accounts.models import User
from lessons import versions
from lessons.models import LessonPlan
from tests.factories import make_plan, make_school, make_teacher, make_village_school
from tests.lessons.lineage.edits import plan_text

SAVED = re.compile("已保存")
PageOf = Callable[..., Page]


@pytest.fixture
def lead(live: Any) -> User:
    return make_teacher(make_school(name="第一实验小学"), name="王老师")


@pytest.fixture
def owner(lead: User) -> User:
    school = make_village_school(lead.memberships.get().school.county, name="松岭乡青山小学")
    return make_teacher(school, name="李老师")


@pytest.fixture
def shared(lead: User) -> LessonPlan:
    plan = make_plan(lead, title="美丽的小兴安岭", reach="county", content=plan_text())
    versions.name_version(actor=lead, plan=plan, name="定稿")
    return plan


def open_plan(page: Page, path: str) -> Page:
    page.goto(path)
    expect(page.locator("#editor .ProseMirror")).to_be_visible()
    expect(page.locator("#save")).to_contain_text(SAVED)
    return page


def section(page: Page, key: str) -> Locator:
    return page.locator(f"section.sec[data-key={key}]")


def write(page: Page, key: str, line: str, words: str) -> None:
    section(page, key).locator(".sec-body p", has_text=line).first.click()
    page.keyboard.press("End")
    page.keyboard.type(words)
    expect(page.locator("#save")).to_contain_text(SAVED)


def offer(page: Page, title: str) -> Locator:
    return page.locator("section.offer:not(.done)", has=page.locator("h2", has_text=title))


def done(page: Page, title: str) -> Locator:
    return page.locator("section.offer.done", has=page.locator("h2", has_text=title))


def name_version(page: Page, name: str) -> None:
    page.locator("#docbar button[data-dialog=name-version]").click()
    page.locator("#version-name").fill(name)
    page.locator("#name-version-form button[type=submit]").click()
    expect(page.locator(".toast")).to_contain_text(name)


def test_from_the_shared_plan_to_the_own_version_and_back(
    lead: User, owner: User, shared: LessonPlan, page_of: PageOf
) -> None:
    page = page_of(owner)
    page.goto(f"/plans/{shared.pk}/lineage/")
    page.get_by_role("button", name=re.compile("做我的个案")).click()
    expect(page.locator("#editor .ProseMirror")).to_be_visible()
    own = LessonPlan.objects.get(fork__upstream=shared)
    expect(page).to_have_url(re.compile(str(own.pk)))
    expect(section(page, "board")).to_have_attribute("data-origin", "来自共案第1版 定稿")
    write(page, "board", "春：树木抽枝", "，看窗外的柳枝")

    hers = open_plan(page_of(lead), f"/plans/{shared.pk}/")
    write(hers, "board", "冬：雪花飞舞", "，松鼠散步")
    write(hers, "goals", "说出景色", "，背诵课文")
    name_version(hers, "课后修订")

    # decided in one tab while the own version is open in another
    decisions = page.context.new_page()
    decisions.goto(f"/plans/{own.pk}/lineage/")
    expect(decisions.locator(".line-of-plans")).to_have_attribute("aria-label", re.compile("2 处等你决定"))
    expect(offer(decisions, "板书设计")).to_contain_text("这一处你也改过")
    expect(offer(decisions, "板书设计").locator("ins:not(.own)")).to_have_text("，松鼠散步")
    expect(offer(decisions, "板书设计").locator("ins.own")).to_have_text("，看窗外的柳枝")

    offer(decisions, "板书设计").get_by_role("button", name="两段合着改").click()
    expect(done(decisions, "板书设计")).to_contain_text("合着改了")
    expect(section(page, "board")).to_contain_text("松鼠散步")
    expect(section(page, "board")).to_contain_text("看窗外的柳枝")

    done(decisions, "板书设计").get_by_role("button", name="撤回").click()
    expect(section(page, "board")).not_to_contain_text("松鼠散步")
    expect(section(page, "board")).to_contain_text("看窗外的柳枝")

    goals = offer(decisions, "教学目标")
    goals.locator("summary").click()
    goals.locator("input[name=reason]").fill("背诵放在第二课时")
    goals.get_by_role("button", name="不采用").click()
    expect(done(decisions, "教学目标")).to_contain_text("背诵放在第二课时")
    expect(section(page, "goals")).not_to_contain_text("背诵课文")

    # what has changed since it was shown is not replaced
    write(page, "board", "春：树木抽枝", "和喜鹊")
    offer(decisions, "板书设计").get_by_role("button", name="采用，换掉我的").click()
    expect(decisions.locator(".notices")).to_contain_text("刚才又改过")
    expect(section(page, "board")).to_contain_text("和喜鹊")

    decisions.get_by_role("link", name="把我的改法提给共案").click()
    decisions.get_by_label("板书设计").check()
    decisions.locator("#id_remark").fill("抬头就看得见")
    decisions.get_by_role("button", name="提给主备人").click()
    expect(decisions.locator(".sent")).to_contain_text("等回复")

    answers = hers.context.new_page()
    answers.goto(f"/plans/{shared.pk}/lineage/")
    expect(offer(answers, "板书设计")).to_contain_text("抬头就看得见")
    offer(answers, "板书设计").get_by_role("button", name="两段合着改").click()
    expect(answers.locator(".notices")).to_contain_text("写进共案了")
    expect(section(hers, "board")).to_contain_text("看窗外的柳枝和喜鹊")
    expect(section(hers, "board")).to_contain_text("松鼠散步")
    hers.reload()
    expect(section(hers, "board")).to_have_attribute(
        "data-origin", re.compile("李老师（松岭乡青山小学）提的")
    )
    decisions.reload()
    expect(decisions.locator(".sent")).to_contain_text("采用")
