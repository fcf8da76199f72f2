"""A county's centre and its schools, each in a browser of their own."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, ViewportSize, expect

from lessons.models import LessonPlan
from teaching_centres.roles import Role
from teaching_centres.workspace.models import SupportTicket, TaskReceiver
from tests import factories
from tests.workspaces.conftest import World, make_workspace_world

PHONE: ViewportSize = {"width": 360, "height": 740}


def on_a_phone(page: Page) -> Page:
    page.set_viewport_size(PHONE)
    return page


@pytest.fixture
def world(live) -> World:
    return make_workspace_world()


def test_a_task_for_twelve_schools_is_handed_in_on_a_phone_and_one_is_returned(
    world: World, page_of: Callable[..., Page]
) -> None:
    leaders = [world.town_leader, world.village_leader]
    for number in range(10):
        school = factories.make_school(world.county, name=f"第{number}小学")
        factories.make_prep_point(school)
        leaders.append(factories.make_member(school, Role.GROUP_LEADER))
    factories.make_plan(world.village_leader, title="写观察日记", reach=LessonPlan.Reach.COUNTY)

    centre = page_of(world.researcher)
    centre.goto(reverse("centre", args=[world.centre.pk]))
    centre.get_by_role("link", name="布置任务").click()
    centre.get_by_label("任务", exact=True).fill("每校交一份个案")
    centre.get_by_label("要做到什么").fill("附上教案，写清改了哪里。")
    centre.get_by_label("期限").fill(str(world.today.replace(year=world.today.year + 1)))
    expect(centre.locator("#audience-found")).to_contain_text("会发给 12 个单位")
    centre.get_by_label("只给乡村").check()
    expect(centre.locator("#audience-found")).to_contain_text("会发给 1 个单位")
    centre.get_by_label("城镇和乡村").check()
    expect(centre.locator("#audience-found")).to_contain_text("会发给 12 个单位")
    centre.get_by_role("button", name="布置").click()
    expect(centre.get_by_text("布置好了，12 个单位收到。")).to_be_visible()
    expect(centre.locator(".states-key")).to_contain_text("未看 12")

    phone = on_a_phone(page_of(world.village_leader))
    phone.goto(reverse("school", args=[world.village.pk]))
    phone.get_by_role("link", name="每校交一份个案").click()
    expect(phone.get_by_role("heading", name="交任务")).to_be_visible()
    phone.get_by_label("做了什么").fill("改了第二环节")
    phone.get_by_text("附教案 可不填，最多 5 份").click()
    phone.get_by_label("《写观察日记》 乡里组长").check()
    phone.get_by_role("button", name="交上去").click()
    expect(phone.get_by_text("交上去了，备课中心会看。")).to_be_visible()
    expect(phone.get_by_role("link", name="《写观察日记》 乡里组长")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    centre.reload()
    expect(centre.locator(".states-key")).to_contain_text("已交 1")
    centre.get_by_role("link", name=world.village.name).click()
    centre.get_by_role("button", name="退回").click()
    expect(centre.get_by_text("写上退回的原因，对方才知道改哪里。")).to_be_visible()
    centre.get_by_label("意见").fill("说说为什么这样改")
    centre.get_by_role("button", name="退回").click()
    expect(centre.get_by_text("退回了，对方会看到原因。")).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("说说为什么这样改")).to_be_visible()
    assert sorted(TaskReceiver.objects.values_list("state", flat=True)) == ["new"] * 11 + ["returned"]


def test_a_notice_is_read_and_its_receipts_are_counted(world: World, page_of: Callable[..., Page]) -> None:
    centre = page_of(world.researcher)
    centre.goto(reverse("centre-circular-new", args=[world.centre.pk]))
    centre.get_by_label("标题").fill("周三一起备第六单元")
    centre.get_by_label("内容").fill("下午第三节。")
    centre.get_by_label("教师", exact=True).check()
    expect(centre.locator("#audience-found")).to_contain_text("4 人")
    centre.get_by_role("button", name="发出").click()
    expect(centre.get_by_text("4 人里 0 人看了；")).to_be_visible()

    teacher = on_a_phone(page_of(world.village_teacher))
    teacher.goto(reverse("school", args=[world.village.pk]))
    teacher.get_by_role("link", name="周三一起备第六单元").click()
    expect(teacher.get_by_text("下午第三节。")).to_be_visible()

    centre.reload()
    expect(centre.get_by_text("4 人里 1 人看了；2 个单位里 1 个有人看了")).to_be_visible()
    centre.get_by_role("link", name="看名单").click()
    centre.get_by_role("link", name=world.village.name).click()
    expect(centre.locator(".rows")).to_contain_text("乡里组长")
    expect(centre.get_by_text("没看", exact=True)).to_have_count(1)


def test_a_village_school_asks_for_help_and_gets_it(world: World, page_of: Callable[..., Page]) -> None:
    village = on_a_phone(page_of(world.village_teacher))
    village.goto(reverse("school", args=[world.village.pk]))
    village.get_by_role("link", name="我要求助").click()
    village.get_by_label("要什么帮助").fill("想看一节三年级的习作讲评课")
    village.get_by_label("急", exact=True).check()
    village.get_by_role("button", name="提出求助").click()
    expect(village.get_by_text("备课中心收到了，有人接会告诉你。")).to_be_visible()

    centre = page_of(world.researcher)
    centre.goto(reverse("centre", args=[world.centre.pk]))
    expect(centre.get_by_text("1 件等答复")).to_be_visible()
    centre.get_by_role("link", name="去办").click()
    centre.get_by_role("link", name="想看一节三年级的习作讲评课").click()
    centre.get_by_label("交给谁").select_option(label="县教研员（甲一县）")
    centre.get_by_label("办到哪天").fill(world.today.isoformat())
    centre.get_by_role("button", name="交给人办").click()
    centre.get_by_label("说一句").fill("周四下午到校上一节，再一起改五份。")
    centre.get_by_role("button", name="答复").click()
    expect(centre.locator(".chip.tk-answered")).to_be_visible()

    village.reload()
    expect(village.get_by_text("周四下午到校上一节，再一起改五份。")).to_be_visible()
    village.get_by_role("button", name="办结").click()
    expect(village.locator(".chip.tk-closed")).to_be_visible()
    assert SupportTicket.objects.get().state == "closed"


def test_a_pair_with_two_activities_shows_that_both_gave(world: World, page_of: Callable[..., Page]) -> None:
    centre = page_of(world.researcher)
    centre.goto(reverse("centre-pairing-new", args=[world.centre.pk]))
    for name, school in (("城镇学校", world.town), ("乡村学校", world.village)):
        part = centre.get_by_role("group", name=name)
        part.get_by_role("searchbox").press_sequentially(school.name)
        part.get_by_label(school.name).check()
    centre.get_by_label("结对计划").fill("每月一起备一课")
    centre.get_by_role("button", name="结对").click()
    expect(centre.get_by_text("结对好了，两所学校都会知道。")).to_be_visible()

    for leader, school, title in (
        (world.town_leader, world.town, "到村里上一节讲评课"),
        (world.village_leader, world.village, "给了山里的树叶和照片"),
    ):
        page = page_of(leader)
        page.goto(reverse("school-pairings", args=[school.pk]))
        page.get_by_role("link", name=world.town.name).click()
        page.get_by_label("内容").fill(title)
        page.get_by_role("group", name="谁出的力").get_by_label(school.name).check()
        page.get_by_role("button", name="登记").click()
        expect(page.get_by_text("登记好了。")).to_be_visible()

    centre.reload()
    expect(centre.get_by_text("有来有往")).to_be_visible()
    expect(centre.locator(".give")).to_contain_text("给了 1 次")
    rows = centre.get_by_role("region", name="两边各出多少力").get_by_role("row")
    expect(rows.nth(1)).to_contain_text(world.town.name)
    expect(rows.nth(2).get_by_role("cell").first).to_have_text("1")


def test_a_line_is_measured_at_a_click_and_by_itself_once(world: World, page_of: Callable[..., Page]) -> None:
    page = page_of(world.village_teacher)
    with page.expect_response(lambda answer: answer.url.endswith("/line/measure/")) as told:
        page.goto(reverse("school-line", args=[world.village.pk]))
    assert told.value.status == 201
    page.get_by_role("button", name="测一次线路").click()
    expect(page.locator("[data-line-says]")).to_contain_text("bit/s，")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if "/measure/" in request.url else None)
    page.reload()
    expect(page.locator(".line-chart circle")).to_have_count(2)
    page.wait_for_load_state("networkidle")
    assert sent == []
