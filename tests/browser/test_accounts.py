"""Getting in on a phone: by a code from the school, by a new one after forgetting, with a second factor."""

import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from foundation.accounts import operations
from foundation.accounts.models import SignedInSession, User
from foundation.accounts.operations import second_factor
from tests.factories import (
    PASSWORD,
    make_administrator,
    make_membership,
    make_plan,
    make_school,
    make_teacher,
)
from tests.support.browser import serious_violations

PHONE = {"width": 360, "height": 740}
GOOD = "春天的松花江边很美丽"


@pytest.fixture
def phone_of(page_of: Callable[..., Page]) -> Callable[[User | None], Page]:
    """A phone of this person's own, signed in unless it is nobody's yet."""

    def make(person: User | None) -> Page:
        page = page_of(person, reduced_motion="reduce")
        page.set_viewport_size(PHONE)
        return page

    return make


@pytest.fixture
def phone(phone_of: Callable[..., Page]) -> Page:
    return phone_of(None)


def judge(page: Page) -> None:
    """Nothing serious for axe, nothing cut off."""
    violations = serious_violations(page)
    assert not violations, "\n".join([page.url, *violations])
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url


def sign_in(page: Page, person: User, password: str = PASSWORD) -> None:
    page.goto("/login/")
    page.get_by_label("手机号或工号").fill(person.username)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


# ---- by a code ---------------------------------------------------------------------------------------


def test_a_newcomer_gets_in_with_the_code_on_the_slip(phone: Page, phone_of: Callable[..., Page]) -> None:
    """The administrator prints, the newcomer types: a wrong code, a weak password, then in."""
    school = make_school(name="松岭小学")
    newcomer = operations.create_person(username="13904310042", name="新老师")
    make_membership(newcomer, school)
    desk = phone_of(make_administrator(school, name="校管理员", password=PASSWORD))
    desk.goto("/people/accounts/")
    judge(desk)
    desk.get_by_role("button", name="打印开通单").click()
    slip = desk.get_by_role("listitem").filter(has_text="新老师")
    expect(slip).to_contain_text("13904310042")
    judge(desk)
    code = re.sub(r"\s", "", slip.locator(".slip-code").inner_text())

    phone.goto("/login/")
    phone.get_by_role("link", name="第一次来").click()
    judge(phone)
    phone.get_by_label("手机号或工号").fill("139 0431 0042")
    phone.get_by_label("开通码或重设码").fill("0000 0000 0000")
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_text("还能试 4 次")).to_be_visible()
    judge(phone)
    phone.get_by_label("开通码或重设码").fill(f"{code[:4]} {code[4:8]} {code[8:]}")
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_text("新老师，你好")).to_be_visible()
    phone.get_by_label("新密码").fill("12345678901")
    phone.get_by_role("button", name="设好，登录").click()
    expect(phone.get_by_text("一猜就中")).to_be_visible()
    judge(phone)
    phone.get_by_label("新密码").fill(GOOD)
    phone.get_by_role("button", name="设好，登录").click()
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    expect(phone).to_have_url(re.compile(r"/$"))

    desk.goto("/people/accounts/?state=new")
    expect(desk.get_by_text("没有找到")).to_be_visible()


def test_the_slips_print_on_paper(page_of: Callable[..., Page]) -> None:
    """Without the page around them, and no slip is cut by the end of a sheet."""
    school = make_school(name="松岭小学")
    for person in operations.create_people(
        operations.NewPerson(f"t-{number}", f"老师{number}") for number in range(20)
    ):
        make_membership(person, school)
    desk = page_of(make_administrator(school, password=PASSWORD))
    desk.goto("/people/accounts/")
    desk.get_by_role("button", name="打印开通单").click()
    expect(desk.locator(".slip")).to_have_count(20)
    desk.emulate_media(media="print")

    expect(desk.get_by_role("button", name="打印")).to_be_hidden()
    expect(desk.locator(".top")).to_be_hidden()
    assert desk.locator(".slip").first.evaluate("slip => getComputedStyle(slip).breakInside") == "avoid"
    assert desk.pdf(format="A4").count(b"/Type /Page\n") + desk.pdf(format="A4").count(b"/Type /Page ") <= 4


def test_a_forgotten_password_is_reset_by_the_school(phone: Page, phone_of: Callable[..., Page]) -> None:
    school = make_school()
    teacher = make_teacher(school, username="13904310043", name="李老师", password=PASSWORD)
    desk = phone_of(make_administrator(school, password=PASSWORD))
    desk.goto("/people/accounts/?q=13904310043")
    desk.get_by_role("link", name="李老师").click()
    judge(desk)
    desk.get_by_role("button", name="给一个码").click()
    expect(desk.get_by_role("heading", name="重设码")).to_be_visible()
    judge(desk)
    code = desk.locator(".code-big").inner_text()

    sign_in(phone, teacher, "忘了")
    expect(phone.get_by_text("请学校管理员重设")).to_be_visible()
    phone.get_by_role("link", name="忘了密码").click()
    judge(phone)
    phone.get_by_role("link", name="有码了").click()
    phone.get_by_label("手机号或工号").fill("13904310043")
    phone.get_by_label("开通码或重设码").fill(code)
    phone.get_by_role("button", name="下一步").click()
    phone.get_by_label("新密码").fill(GOOD)
    phone.get_by_role("button", name="设好，登录").click()
    expect(phone).to_have_url(re.compile(r"/$"))

    desk.reload()
    teacher.refresh_from_db()
    assert teacher.check_password(GOOD)


# ---- the second factor -------------------------------------------------------------------------------


def test_an_administrator_sets_up_the_second_factor_and_uses_it(
    phone: Page, phone_of: Callable[..., Page], settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = "administrators"
    head = make_administrator(make_school(), password=PASSWORD)

    sign_in(phone, head)
    expect(phone.get_by_role("heading", name="设置二次验证")).to_be_visible()
    judge(phone)
    assert phone.get_by_role("img", name="二维码").evaluate("image => image.naturalWidth") > 100
    secret = phone.locator(".secret").inner_text()
    phone.get_by_label("应用显示的六位数").fill(pyotp.TOTP(secret).now())
    phone.get_by_role("button", name="设好，登录").click()
    expect(phone.get_by_role("heading", name="恢复码")).to_be_visible()
    judge(phone)
    recovery = phone.locator(".recovery code").first.inner_text()
    phone.get_by_role("link", name="收好了，继续").click()
    expect(phone).to_have_url(re.compile(r"/$"))

    other = phone_of(None)
    sign_in(other, head)
    expect(other.get_by_role("heading", name="再验证一次")).to_be_visible()
    judge(other)
    other.get_by_label("验证码").fill("000000")
    other.get_by_role("button", name="登录", exact=True).click()
    expect(other.get_by_text("还能试 4 次")).to_be_visible()
    other.get_by_label("验证码").fill(recovery)
    other.get_by_role("button", name="登录", exact=True).click()
    expect(other).to_have_url(re.compile(r"/$"))
    other.goto("/account/")
    expect(other.get_by_text("还有 9 个恢复码")).to_be_visible()
    judge(other)


def test_a_lost_phone_is_helped_by_the_level_above(
    phone: Page, phone_of: Callable[..., Page], settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = "administrators"
    school = make_school()
    head = make_administrator(school, name="校管理员", password=PASSWORD)
    secret = pyotp.random_base32()
    second_factor.set_up(person=head, secret=secret, code=pyotp.TOTP(secret).now())
    county = phone_of(make_administrator(school.county, password=PASSWORD))

    county.goto(f"/people/{head.pk}/account/")
    county.get_by_role("button", name="取消二次验证").click()
    expect(county.get_by_text("二次验证取消了")).to_be_visible()
    sign_in(phone, head)

    expect(phone.get_by_role("heading", name="设置二次验证")).to_be_visible()


# ---- sessions, shared computers ----------------------------------------------------------------------


def test_a_session_ended_elsewhere_ends_here(phone: Page, page_of: Callable[..., Page]) -> None:
    """The open plan says that one is signed out; on a shared computer it is put away."""
    teacher = make_teacher(password=PASSWORD)
    plan = make_plan(teacher)
    sign_in(phone, teacher)
    expect(phone).to_have_url(re.compile(r"/$"))
    phone.goto(f"/plans/{plan.pk}/")
    expect(phone.locator(".ProseMirror")).to_be_visible()
    desk = page_of(None)
    sign_in(desk, teacher)
    expect(desk).to_have_url(re.compile(r"/$"))
    desk.goto("/account/")
    judge(desk)
    desk.get_by_role("button", name="退出别处所有的登录").click()
    expect(desk.get_by_text("别处的 1 个登录已经退出")).to_be_visible()

    notice = phone.get_by_role("alert").filter(has_text="登录已结束。")
    expect(notice).to_contain_text("这是公用电脑，教案收起来了。")
    expect(notice.get_by_role("link", name="去登录")).to_have_attribute(
        "href", f"/login/?next=%2Fplans%2F{plan.pk}%2F"
    )
    expect(phone.locator(".ProseMirror")).to_have_count(0)
    assert SignedInSession.objects.count() == 1


def test_after_signing_out_on_ones_own_computer_the_text_can_be_read(
    context_of: Callable[..., BrowserContext],
) -> None:
    teacher = make_teacher(password=PASSWORD)
    plan = make_plan(teacher, title="山行")
    context = context_of(teacher)
    page = context.new_page()
    page.goto(f"/plans/{plan.pk}/")
    expect(page.locator("#save")).to_contain_text("已保存")
    other = context.new_page()
    other.goto("/account/")
    other.locator(".me summary").click()
    other.get_by_role("button", name="退出登录").click()

    notice = page.get_by_role("alert").filter(has_text="登录已结束，现在只能看。")
    expect(notice.get_by_role("link", name="去登录")).to_be_visible()
    expect(page.locator(".ProseMirror")).to_have_attribute("contenteditable", "false")
    expect(page.locator(".sec").first).to_be_visible()
    judge(page)


COPIES = (
    "indexedDB.databases().then(all => all.map(one => one.name).filter(name => name.startsWith('plan:')))"
)
ONE_COPY = f"{COPIES}.then(names => names.length === 1)"


def open_plan_on_a_shared_computer(context: BrowserContext, teacher: User) -> Page:
    plan = make_plan(teacher, title="山行")
    page = context.new_page()
    sign_in(page, teacher)
    expect(page).to_have_url(re.compile(r"/$"))
    page.goto(f"/plans/{plan.pk}/")
    expect(page.locator("#save")).to_contain_text("已保存")
    page.wait_for_function(ONE_COPY)  # it is made once the text is on the page
    return page


def test_signing_out_on_a_shared_computer_leaves_nothing(context_of: Callable[..., BrowserContext]) -> None:
    teacher = make_teacher(name="李老师", password=PASSWORD)
    context = context_of(None)
    page = open_plan_on_a_shared_computer(context, teacher)
    page.goto("/account/")
    page.locator(".me summary").click()
    page.get_by_role("button", name="退出登录").click()

    expect(page.get_by_role("heading", name="登录", level=1)).to_be_visible()
    assert page.evaluate(COPIES) == []
    page.go_back()
    expect(page.get_by_role("heading", name="登录", level=1)).to_be_visible()


def test_a_browser_that_was_just_closed_is_tidied_at_the_next_sign_in_page(
    context_of: Callable[..., BrowserContext],
) -> None:
    teacher = make_teacher(password=PASSWORD)
    context = context_of(None)
    open_plan_on_a_shared_computer(context, teacher).close()
    context.clear_cookies()
    page = context.new_page()
    page.goto("/login/")

    page.wait_for_function(f"{COPIES}.then(names => names.length === 0)")


def test_unsent_changes_are_named_before_signing_out(context_of: Callable[..., BrowserContext]) -> None:
    teacher = make_teacher(name="李老师", password=PASSWORD)
    context = context_of(None)
    page = open_plan_on_a_shared_computer(context, teacher)
    name = page.evaluate(COPIES)[0]
    page.goto("/account/")
    page.evaluate(
        """name => new Promise((done, failed) => {
            const opening = indexedDB.open(name);
            opening.onsuccess = () => {
                const writing = opening.result.transaction(["custom"], "readwrite");
                writing.objectStore("custom").put(3, "unsent:77");
                writing.oncomplete = () => { opening.result.close(); done(); };
            };
            opening.onerror = failed;
        })""",
        name,
    )
    page.locator(".me summary").click()
    page.get_by_role("button", name="退出登录").click()

    dialog = page.get_by_role("dialog", name="有改动还没传上去")
    expect(dialog).to_contain_text("山行")
    judge(page)
    dialog.get_by_role("button", name="现在就退出").click()
    expect(page.get_by_role("heading", name="登录", level=1)).to_be_visible()
    assert page.evaluate(COPIES) == [name], "what is not stored stays for its owner"


def test_a_rest_on_a_shared_computer_warns_and_signs_out(
    context_of: Callable[..., BrowserContext], settings: Any
) -> None:
    teacher = make_teacher(password=PASSWORD)
    page = context_of(None).new_page()
    page.clock.install()
    sign_in(page, teacher)
    expect(page).to_have_url(re.compile(r"/$"))
    page.clock.fast_forward(52 * 60 * 1000)
    expect(page.get_by_role("dialog", name="还在吗")).to_be_visible()
    judge(page)
    page.clock.fast_forward(5 * 60 * 1000)

    expect(page.get_by_text("已经退出登录")).to_be_visible()
    assert not SignedInSession.objects.exists()


def test_ones_own_computer_keeps_its_copies_and_does_not_end(
    context_of: Callable[..., BrowserContext],
) -> None:
    page = context_of(make_teacher()).new_page()
    page.goto("/account/")

    expect(page.locator("#shared-computer")).to_have_count(0)
