from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import pytest_asyncio
import uvicorn
from channels.routing import URLRouter

from realtime import rooms, topic_kinds
from realtime.routing import websocket_urlpatterns

from .followers import BoardKind
from .support import Client, InProcess, Network, NoteKind, register


@pytest.fixture
def kind() -> NoteKind:
    return register()


@pytest.fixture
def board_kind() -> BoardKind:
    kind = BoardKind()
    topic_kinds.register(kind)
    return kind


WAYS_IN = {
    "consumer": "",
    "uvicorn": "websockets-sansio",
    "direct": "realtime.direct:DirectWebSocket",
}


@pytest.fixture(params=WAYS_IN)
def way_in(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every transport: the same behaviour is asked of each."""
    yield request.param
    Client.socket_class = InProcess


@pytest_asyncio.fixture
async def live(transactional_db: None, way_in: str) -> AsyncIterator[None]:
    """A hub on this test's loop, reached by the way in, drained at the end."""
    server = None
    if WAYS_IN[way_in]:
        Client.socket_class = Network
        server = await serve(WAYS_IN[way_in])
    yield
    await rooms.drain()
    if server is not None:
        await server.shutdown()


async def serve(websocket_class: str) -> uvicorn.Server:
    config = uvicorn.Config(
        as_user_of_query,
        port=0,
        lifespan="off",
        log_level="warning",
        ws=websocket_class,
        ws_max_size=32 * 2**20,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    Network.address = f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    return server


async def as_user_of_query(scope: Any, receive: Any, send: Any) -> None:
    user = parse_qs(scope["query_string"].decode()).get("user", [""])[0]
    scope |= {"user_id": int(user) if user else None, "session_key": ""}
    await URLRouter(websocket_urlpatterns)(scope, receive, send)
