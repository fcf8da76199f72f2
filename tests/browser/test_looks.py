"""The frame around every page: colours, text size, bars, sign-in, errors, and what it weighs."""

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from foundation.accounts.models import User
from tests.factories import PASSWORD, make_teacher, make_village_school
from tests.support.browser import serious_violations
from tests.support.live_server import LiveServer

PageOf = Callable[..., Page]

WIDTHS = [1280, 360]
SCHEMES = ["light", "dark"]
FIRST_VIEW_BYTES = 60_000
MAIN_BUTTON = re.compile("btn-main")


@pytest.fixture
def teacher(live: LiveServer) -> User:
    school = make_village_school(name="松岭乡青山小学")
    return make_teacher(school, username="li", name="李老师", password=PASSWORD, is_demo=True)


@pytest.fixture
def sheet_served(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.browser.component_urls"


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def complaints_of(page: Page) -> list[str]:
    """What the console says from now on; a refused script or style ends up there."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


# ---- components ---------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_component_is_accessible_and_fits(
    sheet_served: None, page_of: PageOf, teacher: User, width: int, scheme: str
) -> None:
    page = page_of(teacher, color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    said = complaints_of(page)
    page.goto("/components/")
    assert serious_violations(page) == []
    assert overflow(page) <= 0
    assert said == []


def test_a_dialog_takes_the_focus_and_escape_gives_it_back(
    sheet_served: None, page_of: PageOf, teacher: User
) -> None:
    page = page_of(teacher)
    page.goto("/components/")
    page.get_by_role("button", name="打开对话框").click()
    dialog = page.get_by_role("dialog", name="归档这份教案")
    expect(dialog).to_be_visible()
    assert serious_violations(page) == []
    assert dialog.evaluate("element => element.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_part_that_fails_says_so_and_leaves_the_page(
    sheet_served: None, page_of: PageOf, teacher: User
) -> None:
    page = page_of(teacher)
    page.goto("/components/")
    page.wait_for_load_state("networkidle")
    button = page.get_by_role("button", name="取一部分")
    button.click()
    expect(page.locator(".toast")).to_contain_text("已经不在了")
    page.context.set_offline(True)
    button.click()
    expect(page.locator(".toast").last).to_contain_text("线断了")
    expect(page.get_by_label("课题", exact=False).first).to_have_value("美丽的小兴安岭")


# ---- colours and size ---------------------------------------------------------------------------


def test_the_chosen_colours_and_size_are_there_before_the_page_is_drawn(
    page_of: PageOf, teacher: User
) -> None:
    page = page_of(teacher, color_scheme="light")
    page.goto("/")
    page.get_by_role("group").locator("summary.who").click()
    page.get_by_role("button", name="黑板", exact=True).click()
    page.get_by_role("button", name="特大").click()
    # without the page's own scripts only the blocking one can have done it
    page.route("**/assets/*.js", lambda route: route.abort())
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 25, 22)"
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"


def test_dark_follows_the_system_until_someone_chooses(page_of: PageOf, teacher: User) -> None:
    page = page_of(teacher, color_scheme="dark")
    page.goto("/")
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(14, 25, 22)"
    page.get_by_role("button", name="换成备课本色").click()
    assert page.evaluate(background) == "rgb(238, 242, 239)"
    page.reload()
    assert page.evaluate(background) == "rgb(238, 242, 239)"


# ---- bars ---------------------------------------------------------------------------------------


def test_the_first_tab_stop_jumps_to_the_content(page_of: PageOf, teacher: User) -> None:
    page = page_of(teacher)
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_phone_signs_out_from_the_bottom_bar(page_of: PageOf, teacher: User) -> None:
    page = page_of(teacher)
    page.set_viewport_size({"width": 360, "height": 760})
    page.goto("/")
    bar = page.get_by_role("navigation", name="主导航（底部）")
    expect(bar.get_by_role("link", name="今日")).to_have_attribute("aria-current", "page")
    bar.get_by_role("button", name="我").click()
    expect(page.get_by_text("松岭乡青山小学").last).to_be_visible()
    assert serious_violations(page) == []
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(re.compile("/login/$"))


def test_demo_people_are_told_that_the_data_are_invented(page_of: PageOf, teacher: User) -> None:
    page = page_of(teacher)
    page.goto("/")
    expect(page.get_by_role("contentinfo")).to_contain_text("演示数据")


# ---- signing in ---------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_signing_in(page_of: PageOf, teacher: User, width: int) -> None:
    page = page_of(None)
    page.set_viewport_size({"width": width, "height": 720})
    said = complaints_of(page)
    page.goto("/login/")
    page.get_by_label("手机号或工号").fill("li")
    password = page.get_by_label("密码", exact=True)
    password.fill("not-this")
    page.get_by_role("button", name="登录").click()
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(password).to_have_accessible_description(re.compile("不对"))
    assert serious_violations(page) == []
    assert overflow(page) <= 0
    password.fill(PASSWORD)
    page.get_by_role("button", name="显示密码").click()
    expect(password).to_have_attribute("type", "text")
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile(r":\d+/$"))
    assert said == []


# ---- errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "title"), [("/nothing-here/", "没有这一页"), ("/broken/", "服务器出了问题")]
)
def test_errors_are_calm_chinese_and_lead_on(
    sheet_served: None, page_of: PageOf, teacher: User, path: str, title: str
) -> None:
    page = page_of(teacher)
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert page.title() == f"{title} · 同步备课"
    expect(page.locator(".ways-on .btn-main")).to_be_visible()
    assert serious_violations(page) == []
    assert "Traceback" not in page.content()


def test_a_stranger_is_led_to_the_sign_in(page_of: PageOf) -> None:
    page = page_of(None)
    page.goto("/nothing-here/")
    expect(page.get_by_role("heading", level=1)).to_have_text("没有这一页")
    page.locator(".ways-on").get_by_role("link", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")


# ---- weight and paper ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/login/", "/", "/plans/", "/notices/"])
def test_the_first_view_stays_within_sixty_kilobytes(page_of: PageOf, teacher: User, path: str) -> None:
    page = page_of(None if path == "/login/" else teacher)
    weights: dict[str, int] = {}

    def weigh(response: Any) -> None:
        if response.status == 200:
            weights[response.url] = len(gzip.compress(response.body()))

    page.on("response", weigh)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert weights
    assert sum(weights.values()) <= FIRST_VIEW_BYTES, weights


def test_paper_has_the_text_only(sheet_served: None, page_of: PageOf, teacher: User) -> None:
    page = page_of(teacher, color_scheme="dark")
    page.goto("/components/")
    page.emulate_media(media="print")
    expect(page.get_by_role("banner")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('main p')).color") == "rgb(0, 0, 0)"
