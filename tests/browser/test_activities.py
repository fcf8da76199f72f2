"""One lesson prepared together, by pressing what the pages offer: at a desk and on a phone."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from lessons.activities.models import PrepActivity
from lessons.models import LessonPlan
from teaching_centres.roles import Role
from tests.factories import make_member, make_region_tree, make_teacher, make_template, make_textbook

PageOf = Callable[..., Page]


@pytest.mark.parametrize("width", [1280, 360])
def test_from_a_row_of_the_term_plan_to_an_own_version(live: object, page_of: PageOf, width: int) -> None:
    tree = make_region_tree()
    make_template(tree.province)
    book = make_textbook()
    book.units.create(number=6, title="祖国之美")
    leader = make_member(tree.same_county_school, Role.GROUP_LEADER, name="周组长")
    village = make_teacher(tree.school, name="李村校")

    page = page_of(leader)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/plans/terms/new/")
    page.get_by_label("学段").select_option(label="小学")
    page.get_by_label("学科").select_option(label="语文")
    page.get_by_label("年级").select_option(label="三年级")
    expect(page.get_by_label("教材")).to_have_value(str(book.pk))
    page.get_by_role("button", name="建好，排课").click()

    page.get_by_role("link", name="备课组").first.click()
    page.get_by_role("searchbox").fill("李村")
    page.get_by_role("button", name=re.compile("请.*李村校")).click()
    expect(page.get_by_text("加了李村校，新加 1 人")).to_be_visible()
    page.get_by_role("link", name="三年级语文学期计划").click()
    page.get_by_label("课题").first.fill("20 美丽的小兴安岭")
    page.get_by_label("初稿期限").first.fill((timezone.localdate() + timedelta(days=3)).isoformat())
    page.get_by_role("button", name="发起“6 祖国之美”").click()
    expect(page.get_by_role("heading", name="20 美丽的小兴安岭")).to_be_visible()
    page.get_by_role("button", name="发起", exact=True).click()
    expect(page.locator("[aria-current=step]")).to_contain_text("初备")
    page.get_by_role("button", name="交初稿，开始集研").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("集研")
    page.get_by_label("提一个议题").fill("没有投影怎么办")
    page.get_by_role("button", name="提出").click()
    page.get_by_role("button", name="定稿，发给大家").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("定稿")

    theirs = page_of(village)
    theirs.set_viewport_size({"width": width, "height": 800})
    theirs.goto("/")
    theirs.get_by_role("link", name="接收共案").click()
    theirs.get_by_role("button", name="接收共案").click()
    theirs.get_by_role("button", name="做我的个案").click()
    expect(theirs.locator(".ProseMirror")).to_be_visible()
    own = LessonPlan.objects.get(owner=village)
    assert own.title == "20 美丽的小兴安岭"

    page.reload()
    expect(page.locator("[aria-current=step]")).to_contain_text("个案")
    expect(page.get_by_text("1 人接收，1 人做了个案").first).to_be_visible()
    activity = PrepActivity.objects.get()
    assert activity.stage == PrepActivity.Stage.OWN_VERSIONS and activity.plan != own
