"""Real Chromium for the benchmarks, with a profile in a folder: scripts are cached as in life."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bench._servers import Platform
from tests.support.chromium import QUIET_CHROMIUM, chromium_path


@contextmanager
def chromium(folder: Path) -> Iterator[Callable[[str], Any]]:
    """A function that starts a browser on the profile of this name, kept in the folder."""
    with sync_playwright() as playwright:
        started: list[Any] = []

        def start(name: str) -> Any:
            context = playwright.chromium.launch_persistent_context(
                folder / name,
                executable_path=chromium_path(),
                args=QUIET_CHROMIUM,
                viewport={"width": 1280, "height": 800},
                locale="zh-CN",
            )
            started.append(context)
            return context

        yield start
        for context in started:
            context.close()


def sign_in(context: Any, server: Platform, person: int = 0) -> None:
    """As one of the people of _plans.py."""
    name, value = (server.folder / "cookies.txt").read_text().splitlines()[person].split("=", 1)
    context.add_cookies([{"name": name, "value": value, "url": server.url, "httpOnly": True}])
