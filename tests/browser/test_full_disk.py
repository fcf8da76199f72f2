"""The server's disk is full: the page goes on, says that nothing is stored, and takes nothing back afterwards."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.disk import SmallDisk, server_on
from tests.support.processes import ServerProcess, run_python

GOALS = "section.sec[data-key=goals] .sec-body"


@pytest.fixture
def server(disk: SmallDisk, prepared_folder: Path) -> Iterator[ServerProcess]:
    server = server_on(disk, prepared_folder)
    server.start()
    yield server
    server.kill()


def is_ready(server: ServerProcess) -> bool:
    try:
        urllib.request.urlopen(f"{server.url}/ready", timeout=60).close()
    except urllib.error.HTTPError:
        return False
    return True


def test_the_save_chip_never_says_saved_while_the_disk_is_full(
    server: ServerProcess, disk: SmallDisk, new_context: Callable[..., Any]
) -> None:
    scene = json.loads(run_python(server.folder, "-m", "tests.realtime.client.stage"))

    def page_of(person: dict[str, Any]) -> Page:
        context = new_context(base_url=server.url)
        context.add_cookies([{"name": "sessionid", "value": person["session"], "url": server.url}])
        page: Page = context.new_page()
        page.goto(f"/plans/{scene['plans'][0]['id']}/")
        expect(page.locator("#editor .ProseMirror")).to_be_visible()
        return page

    town, village = (page_of(person) for person in scene["writers"])
    chip = town.locator("#save")
    expect(chip).to_contain_text("已保存")

    disk.fill()
    town.locator(f"{GOALS} > p", has_text="春天来了").click()
    town.keyboard.press("End")
    while is_ready(server):
        town.keyboard.insert_text("写了又写" * 1000)
        town.wait_for_timeout(50)
    town.keyboard.insert_text("满盘时写的")
    expect(chip).to_contain_text("正在保存…")
    reader = page_of(scene["reader"])  # opening and reading go on
    expect(reader.locator(GOALS)).to_contain_text("春天来了")
    expect(chip).not_to_contain_text("已保存")
    expect(chip).not_to_contain_text("存在本机")  # nobody was disconnected
    for page in (village, reader):  # what is not stored is shown to nobody
        expect(page.locator(GOALS)).not_to_contain_text("满盘时写的")

    disk.make_space()
    expect(chip).to_contain_text("已保存")
    for page in (village, reader):
        expect(page.locator(GOALS)).to_contain_text("满盘时写的")
    town.reload()
    expect(town.locator(GOALS)).to_contain_text("满盘时写的")
