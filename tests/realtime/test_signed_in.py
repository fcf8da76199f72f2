"""Whom a socket belongs to, by the cookie of the browser that opens it."""

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import uvicorn
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from foundation.accounts.models import User
from realtime import rooms, signed_in
from realtime.consumers import NowhereConsumer
from realtime.direct import DirectWebSocket
from realtime.hub import hub
from realtime.signed_in import SignedInMiddleware

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: %s\r\n\r\n"
)
pytestmark = pytest.mark.django_db(transaction=True)


async def found(cookie: str) -> tuple[int | None, str]:
    """The user id and the session key that the application behind the middleware finds."""
    scopes: list[dict[str, Any]] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)

    scope = {"type": "websocket", "headers": [(b"cookie", cookie.encode())] if cookie else []}
    await SignedInMiddleware(application)(scope, None, None)
    await rooms.drain()
    return scopes[0]["user_id"], scopes[0]["session_key"]


def sign_in(username: str = "u1") -> tuple[User, str]:
    user = User.objects.create_user(username, password="x", name="老师")
    client = Client()
    client.force_login(user)
    return user, client.cookies[settings.SESSION_COOKIE_NAME].value


async def test_the_cookie_says_who_it_is() -> None:
    user, key = await sync_to_async(sign_in)()
    assert await found(f"theme=dark; {settings.SESSION_COOKIE_NAME}={key}; other=1") == (user.pk, key)


@pytest.mark.parametrize("cookie", ["", "theme=dark", f"{settings.SESSION_COOKIE_NAME}=nobody", "\x00=;;,=é"])
async def test_nobody_without_a_session(cookie: str) -> None:
    user_id, _ = await found(cookie)
    assert user_id is None


def ended(user: User, key: str) -> None:
    Session.objects.filter(pk=key).delete()


def expired(user: User, key: str) -> None:
    Session.objects.filter(pk=key).update(expire_date=timezone.now() - timedelta(seconds=1))


def password_changed(user: User, key: str) -> None:
    user.set_password("another")
    user.save()


def closed(user: User, key: str) -> None:
    user.is_active = False
    user.save()


def forged(user: User, key: str) -> None:
    Session.objects.filter(pk=key).update(session_data="eyJhIjoxfQ:1aaaaa:forged")


@pytest.mark.parametrize("happens", [ended, expired, password_changed, closed, forged])
async def test_a_session_that_is_no_longer_good(happens: Callable[[User, str], None]) -> None:
    user, key = await sync_to_async(sign_in)()
    await sync_to_async(happens)(user, key)
    user_id, _ = await found(f"{settings.SESSION_COOKIE_NAME}={key}")
    assert user_id is None


async def test_nothing_is_asked_for_who_has_hung_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who gave up waiting come again: work for the gone would hold up all others ever longer."""
    asked: list[str] = []
    monkeypatch.setattr(signed_in, "owner", lambda key: asked.append(key))
    config = uvicorn.Config(
        SignedInMiddleware(NowhereConsumer.as_asgi()), port=0, lifespan="off", ws=DirectWebSocket
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    free = threading.Event()
    busy = [asyncio.create_task(hub().in_thread(free.wait)) for _ in range(16)]
    await asyncio.sleep(0)

    async def knock(key: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HANDSHAKE % f"{settings.SESSION_COOKIE_NAME}={key}".encode())
        return reader, writer

    _, gone = await knock("gone")
    reader, here = await knock("here")
    while len(server.server_state.connections) < 2 or len(server.server_state.tasks) < 2:
        await asyncio.sleep(0)
    gone.close()
    while len(server.server_state.connections) > 1:
        await asyncio.sleep(0)
    free.set()
    await asyncio.gather(*busy)
    assert (await reader.readline()).startswith(b"HTTP/1.1 101")
    here.close()
    assert asked == ["here"]
    await rooms.drain()
    await server.shutdown()
