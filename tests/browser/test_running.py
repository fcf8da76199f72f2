"""运行状况 keeps itself up to date where the reader stands, and says when it cannot."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from prep_platform.running import jobs
from prep_platform.running.jobs import Jobs
from tests.factories import make_superuser


def test_the_page_follows_what_happens_and_says_when_it_cannot(
    page_of: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "jobs", lambda: Jobs(waiting=0, scheduled=0, seen_seconds=20, failures=[]))
    page = page_of(make_superuser())
    page.clock.install()
    page.goto("/running/")
    table, waiting = page.locator("#processes"), page.get_by_text("7 件在排队，0 件到点再做", exact=True)
    stale = page.locator("[data-running-stale]")
    expect(page.get_by_text("0 件在排队，0 件到点再做", exact=True)).to_be_visible()
    table.focus()

    monkeypatch.setattr(jobs, "jobs", lambda: Jobs(waiting=7, scheduled=0, seen_seconds=20, failures=[]))
    page.clock.fast_forward(15_000)
    expect(waiting).to_be_visible()
    expect(table).to_be_focused()

    page.context.set_offline(True)
    page.clock.fast_forward(15_000)
    expect(stale).to_contain_text("连不上服务器，更新不了。")
    expect(waiting).to_be_visible()
    expect(table).to_be_focused()

    page.context.set_offline(False)
    page.clock.fast_forward(15_000)
    expect(stale).to_be_hidden()
