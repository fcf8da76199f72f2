"""The desk of a reviewer: one plan after the other by keyboard, nothing typed is lost, the same on a phone."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from lessons.models import OpinionPhrase, Review, Submission
from lessons.reviewing import operations
from tests.lessons.reviewing.conftest import World, make_review_world

DESK = "/plans/reviews/"


def three(world: World) -> list[Submission]:
    return [world.handed_in(title=f"第{number}课") for number in (1, 2, 3)]


def opened(page: Page, submission: Submission) -> None:
    page.goto(f"{DESK}{submission.pk}/")
    expect(page.locator("html.js")).to_be_attached()
    expect(page.locator("#review-form")).to_be_visible()


def at(page: Page, submission: Submission) -> None:
    page.wait_for_url(f"**{DESK}{submission.pk}/")
    expect(page.get_by_role("heading", name=submission.plan.title, exact=True)).to_be_visible()


def test_a_batch_by_keyboard_alone(page_of: Callable[..., Page]) -> None:
    world = make_review_world()
    first, second, third = three(world)
    page = page_of(world.leader)
    page.goto(DESK)
    page.get_by_role("link", name="一份一份批").press("Enter")
    at(page, first)
    expect(page.locator("#review-place")).to_contain_text("第 1 / 3 份")
    page.keyboard.press("j")
    at(page, second)
    page.keyboard.press("ArrowRight")
    at(page, third)
    page.keyboard.press("k")
    at(page, second)
    page.keyboard.press("ArrowLeft")
    at(page, first)
    page.keyboard.press("2")
    expect(page.get_by_role("radio", name="良")).to_be_checked()
    page.get_by_label("意见").press_sequentially("3 处要改：j、k")
    expect(page.get_by_role("radio", name="良")).to_be_checked()
    page.keyboard.press("Control+Enter")
    at(page, second)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#review-error")).to_contain_text("先选一个等级")
    page.keyboard.press("1")
    expect(page.locator("#review-error")).to_be_hidden()
    page.keyboard.press("Control+Enter")
    at(page, third)
    page.keyboard.press("4")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="都批完了")).to_be_visible()
    given = {review.plan.title: (review.level, review.opinion) for review in Review.objects.all()}
    assert given == {"第1课": ("良", "3 处要改：j、k"), "第2课": ("优", ""), "第3课": ("差", "")}


def test_what_was_not_sent_survives_a_reload_and_a_cut_line(page_of: Callable[..., Page]) -> None:
    world = make_review_world()
    first, second, _third = three(world)
    page = page_of(world.leader)
    opened(page, first)
    page.keyboard.press("3")
    page.get_by_label("意见").fill("写了一半")
    expect(page.locator("#draft-note")).to_be_visible()
    opened(page, second)
    expect(page.locator("#draft-note")).to_be_hidden()
    expect(page.get_by_label("意见")).to_have_value("")
    opened(page, first)
    expect(page.get_by_label("意见")).to_have_value("写了一半")
    expect(page.get_by_role("radio", name="中")).to_be_checked()
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#review-error")).to_contain_text("线断了")
    page.context.set_offline(False)
    page.get_by_role("button", name="保存，批下一份").click()
    at(page, second)
    opened(page, first)
    expect(page.locator("#draft-note")).to_be_hidden()
    expect(page.get_by_label("意见")).to_have_value("写了一半")
    assert Review.objects.get().level == "中"


def test_changed_elsewhere_meanwhile_it_is_said_and_the_words_stay(page_of: Callable[..., Page]) -> None:
    world = make_review_world()
    submission = three(world)[0]
    page = page_of(world.leader)
    opened(page, submission)
    page.keyboard.press("1")
    page.get_by_label("意见").fill("电脑上写的")
    operations.give_review(actor=world.leader, submission=submission, level="差", opinion="手机上写的")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#review-error")).to_contain_text("别处")
    expect(page.get_by_label("意见")).to_have_value("电脑上写的")
    assert Review.objects.get().opinion == "手机上写的"


def test_a_phrase_is_kept_and_put_in_with_one_click(page_of: Callable[..., Page]) -> None:
    world = make_review_world()
    first, second, _third = three(world)
    page = page_of(world.leader)
    opened(page, first)
    page.get_by_label("意见").fill("目标清楚。")
    page.get_by_role("button", name="存成常用语").click()
    expect(page.get_by_role("button", name="目标清楚。", exact=True)).to_be_visible()
    opened(page, second)
    page.get_by_label("意见").fill("板书好。")
    page.get_by_role("button", name="目标清楚。", exact=True).click()
    expect(page.get_by_label("意见")).to_have_value("板书好。\n目标清楚。")
    page.get_by_role("button", name="去掉“目标清楚。”").click()
    expect(page.get_by_role("button", name="目标清楚。", exact=True)).to_have_count(0)
    expect(page.get_by_label("意见")).to_have_value("板书好。\n目标清楚。")
    assert not OpinionPhrase.objects.exists()


def test_on_a_phone(page_of: Callable[..., Page]) -> None:
    world = make_review_world()
    first, second, _third = three(world)
    page = page_of(world.leader, has_touch=True)
    page.set_viewport_size({"width": 360, "height": 740})
    opened(page, first)
    page.get_by_role("link", name="写意见").click()
    expect(page.get_by_label("意见")).to_be_in_viewport()
    page.get_by_text("优", exact=False).first.scroll_into_view_if_needed()
    page.get_by_role("radio", name="优").check(force=True)
    page.get_by_label("意见").fill("手机上批的")
    page.get_by_role("button", name="保存，批下一份").click()
    at(page, second)
    assert Review.objects.get().opinion == "手机上批的"
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_without_scripts_the_form_itself_is_sent(page_of: Callable[..., Page]) -> None:
    world = make_review_world()
    first, second, _third = three(world)
    page = page_of(world.leader, java_script_enabled=False)
    page.goto(f"{DESK}{first.pk}/")
    page.get_by_label("意见").fill("没有脚本")
    page.get_by_role("button", name="保存，批下一份").click()
    expect(page.locator("#review-error")).to_contain_text("先选一个等级")
    expect(page.get_by_label("意见")).to_have_value("没有脚本")
    page.get_by_role("radio", name="优").check(force=True)
    page.get_by_role("button", name="保存，批下一份").click()
    at(page, second)
    assert Review.objects.get().opinion == "没有脚本"
