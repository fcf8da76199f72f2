"""Real Chromium against the real application; Playwright's own fixtures make pages and contexts."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from foundation.accounts.models import User
from tests.support.browser import session_cookie
from tests.support.chromium import QUIET_CHROMIUM, chromium_path
from tests.support.live_server import LiveServer

# Playwright's loop runs in this thread while tests use the ORM, one after the other.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Two browsers and a server on a busy computer take their time; what is right at once is not waited for.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": chromium_path(), "args": QUIET_CHROMIUM}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1280, "height": 800},
    }


@pytest.fixture(scope="session")
def _running_server(django_db_setup: None) -> Iterator[LiveServer]:
    server = LiveServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def live(transactional_db: None, _running_server: LiveServer) -> Iterator[LiveServer]:
    """The application on a real port, in this process: the test and the server share the database."""
    yield _running_server
    _running_server.settle()


@pytest.fixture
def context_of(live: LiveServer, new_context: Callable[..., Any]) -> Callable[..., Any]:
    """`context_of(user)` is a browser of its own in which this person is signed in."""

    def make(user: User | None, **options: Any) -> Any:
        context = new_context(base_url=live.url, **options)
        context.set_default_timeout(PATIENCE)
        if user is not None:
            context.add_cookies([session_cookie(user, live.url)])
        return context

    return make


@pytest.fixture
def page_of(context_of: Callable[..., Any]) -> Callable[..., Any]:
    """`page_of(user)` is a page in a browser of its own in which this person is signed in."""

    def make(user: User | None, **options: Any) -> Any:
        return context_of(user, **options).new_page()

    return make
