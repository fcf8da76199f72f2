"""The platform's ASGI application on a real port, in a thread of the test process."""

import asyncio
import socket
import threading
from typing import Any

import uvicorn


class LiveServer:
    def __init__(self) -> None:
        from prep_platform.asgi import application

        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            application, lifespan="off", log_level="warning", ws="websockets-sansio", ws_max_size=32 * 2**20
        )
        self._server = uvicorn.Server(config)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="live-server", daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve(sockets=[self._socket]))

    def start(self) -> None:
        self._thread.start()

    def settle(self) -> None:
        """Closes the rooms as at the end of a process, so that nothing writes once the test is over."""
        from realtime import rooms

        self.call(rooms.drain())

    def call(self, coroutine: Any, timeout: float = 20) -> Any:
        """Runs a coroutine in the server's own loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
