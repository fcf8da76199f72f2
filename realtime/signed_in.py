"""Who opens a socket."""

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.cookie import parse_cookie

from .consumers import EXTENSION
from .hub import hub

Application = Callable[[Any, Any, Any], Awaitable[None]]


class SignedInMiddleware:
    """Who is signed in: `user_id` (None: nobody) and `session_key` of the scope.

    In one of the rooms' own threads, which keep their connection to the database: Channels' stack for this takes
    several turns in a thread and opens a connection anew for each, which after a restart of the server is most of
    the time until everybody is back. Nothing is asked for whoever has hung up meanwhile, where the server can tell:
    when many come back at once and give up waiting, they come again, and the same work for those who are gone would
    hold up all others ever longer.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        key = _session_key(scope)
        direct = scope.get("extensions", {}).get(EXTENSION)
        still_here = direct.still_here if direct is not None else _nothing_known
        user_id = await hub().in_thread(_owner_if, still_here, key) if key else None
        await self.application(scope | {"user_id": user_id, "session_key": key}, receive, send)


def _session_key(scope: Any) -> str:
    headers = dict(scope["headers"])
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    return cookies.get(settings.SESSION_COOKIE_NAME, "")


def _owner_if(still_here: Callable[[], None], key: str) -> int | None:
    still_here()
    return owner(key)


def _nothing_known() -> None:
    """A server that does not say whether its peer is there."""


def owner(key: str) -> int | None:
    """Whose session it is, if it is still good (expired, ended, a changed password, a closed account)."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    return get_user(request).pk
