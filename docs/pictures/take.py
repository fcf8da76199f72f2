"""Takes the pictures of the README from a running demo: .venv/bin/python docs/pictures/take.py [http://…]"""

import io
import shutil
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
FOLDER = Path(__file__).parent
PHONE = {"width": 390, "height": 780}
DESK = {"width": 1280, "height": 800}


def sign_in(browser: Browser, username: str, viewport: Any = DESK) -> Page:
    context = browser.new_context(
        base_url=URL, viewport=viewport, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("手机号或工号").fill(username)
    page.get_by_label("密码", exact=True).fill("demo-beike-2026")
    page.get_by_role("button", name="登录").click()
    expect(page.locator("summary.who")).to_be_attached()
    return page


def shot(page: Page) -> Image.Image:
    page.wait_for_load_state("networkidle")
    return Image.open(io.BytesIO(page.screenshot(caret="initial"))).convert("RGB")


def keep(name: str, picture: Image.Image) -> None:
    """Few colours: a picture stays well below 200 kB."""
    picture.quantize(250, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


def beside(pictures: list[Image.Image], width: int = 1280) -> Image.Image:
    gap = (width - sum(picture.width for picture in pictures)) // (len(pictures) + 1)
    sheet = Image.new("RGB", (width, pictures[0].height + 2 * gap), "#d3dcd7")
    for number, picture in enumerate(pictures):
        sheet.paste(picture, (gap + number * (picture.width + gap), gap))
    return sheet


def open_plan(page: Page, title: str) -> str:
    page.goto("/plans/?tab=recent")
    if not page.get_by_role("link", name=title, exact=True).count():
        page.goto(f"/plans/?tab=shared&q={title}")
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.locator("#save")).to_contain_text("已保存")
    return page.url


def type_after(page: Page, text: str, words: str) -> None:
    line = page.locator(".ProseMirror p", has_text=text).last
    line.scroll_into_view_if_needed()
    line.click()
    page.keyboard.press("End")
    page.keyboard.type(words, delay=40)


with sync_playwright() as playwright:
    chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    wang, li = sign_in(chromium, "wang-town"), sign_in(chromium, "li-village")
    li.goto("/")
    keep("today", shot(li))
    plan = open_plan(wang, "古诗三首：山行")
    open_plan(li, "古诗三首：山行")
    type_after(wang, "自由读三遍，同桌互听", "读不准的字，同桌帮着正音。")
    type_after(li, "请一人在黑板上用三笔", "没有投影，就看窗外的山。")
    wang.locator(".sec[data-key=process]").evaluate("section => section.scrollIntoView()")
    expect(wang.locator(".caret-named")).to_be_visible()
    keep("editor", shot(wang))
    wang.goto(f"{plan}compare/?from=first&to=now")
    expect(wang.locator("#change-place")).to_contain_text("处改动")
    wang.get_by_role("button", name="只看改动").click()
    keep("comparison", shot(wang))
    wang.goto("/plans/?tab=unit")
    keep("list", shot(wang))
    phone = sign_in(chromium, "li-village", PHONE)
    phone.goto("/")
    pictures = [shot(phone)]
    open_plan(phone, "美丽的小兴安岭")
    phone.locator("td", has_text="请大家把带来的树叶").scroll_into_view_if_needed()
    pictures.append(shot(phone))
    phone.get_by_role("button", name="目录").click()
    pictures.append(shot(phone))
    keep("phone", beside(pictures))
    chromium.close()
