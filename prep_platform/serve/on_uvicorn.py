"""The platform on uvicorn."""

import contextlib
import signal
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

from .service import DRAIN_SECONDS, LARGEST_MESSAGE, PING_SECONDS, PING_TIMEOUT_SECONDS, Service


class PlatformServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self.service = service

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.service.announce(*self.servers[0].sockets[0].getsockname()[:2])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await self.service.say_goodbye(lambda: bool(self.server_state.tasks))
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Not raised once more at the end, as uvicorn does: whoever is asked to stop ends with exit code 0."""
        for asked_by in (signal.SIGINT, signal.SIGTERM):
            signal.signal(asked_by, self.handle_exit)
        yield


def run(service: Service, ws: Any = "websockets-sansio") -> int:
    """`ws`: the name of one of uvicorn's WebSocket classes, or a class of one's own."""
    try:
        listener = socket.create_server((service.host, service.port))
    except OSError as error:
        service.cannot_listen(error.strerror or str(error))
        return 1
    # asyncio does this only where it made the socket: without it a second small frame waits 40 ms for the peer's word
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        service.application,
        loop="asyncio",
        lifespan="off",
        ws=ws,
        ws_max_size=LARGEST_MESSAGE,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_TIMEOUT_SECONDS,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        proxy_headers=False,  # foundation.accounts and Django read them, where BEHIND_PROXY allows it
        server_header=False,
        headers=[("Server", "prep-platform")],
        access_log=False,
        log_config=None,
        log_level="warning",
    )
    PlatformServer(config, service).run([listener])
    return 0
