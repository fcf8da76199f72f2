"""Starts the platform with daphne on one address: `python -m prep_platform.serve --port N`.

`script/server` runs this after setting everything up. Ctrl-C and SIGTERM first let the open rooms
finish (`realtime.rooms.drain`), then close the connections, then end with exit code 0.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable, Coroutine
from typing import Any

from daphne.server import Server  # first: it chooses Twisted's reactor
from twisted.internet import defer

logger = logging.getLogger(__name__)

# Above realtime's own limit for a frame, so that the room answers 4413 instead of daphne hanging up.
LARGEST_MESSAGE = 32 * 1024 * 1024
DRAIN_SECONDS = 5


class PlatformServer(Server):
    drain: Callable[[], Coroutine[Any, Any, None]] | None = None
    accounts: list[str] = []
    exit_code = 0

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        address = port.getHost()
        _announce(f"http://{address.host}:{address.port}/", self.accounts)

    def listen_error(self, failure: Any) -> None:
        print(f"Cannot listen 无法监听: {failure.getErrorMessage()}", file=sys.stderr)
        self.exit_code = 1
        self.stop()

    def kill_all_applications(self) -> Any:
        drained = defer.ensureDeferred(self._drain())
        drained.addBoth(lambda _: super(PlatformServer, self).kill_all_applications())
        drained.addErrback(lambda _: None)
        return drained

    async def _drain(self) -> None:
        if self.drain is not None:
            await defer.Deferred.fromFuture(asyncio.ensure_future(self._say_goodbye(self.drain)))

    async def _say_goodbye(self, drain: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await drain()
                while any(not application.done() for application in self._applications()):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            logger.warning("some connections did not end within %s s", DRAIN_SECONDS)
        except Exception:
            logger.exception("rooms did not close cleanly")

    def _applications(self) -> list[asyncio.Future[Any]]:
        found = (details.get("application_instance") for details in self.connections.values())
        return [application for application in found if application is not None]


def _drain_of_realtime() -> Callable[[], Coroutine[Any, Any, None]]:
    from realtime import rooms

    return rooms.drain


def _start_background_work() -> Any:
    """Without Redis the jobs run in a thread of this process; with it, `manage.py run_huey` does them."""
    from django.conf import settings
    from huey.consumer import Consumer
    from huey.contrib.djhuey import HUEY

    if settings.REDIS_URL or not HUEY._registry._registry:
        return None

    class QuietConsumer(Consumer):
        def _set_signal_handlers(self) -> None:
            """The reactor owns the signals."""

    consumer = QuietConsumer(HUEY, workers=1)
    consumer.start()
    return consumer


def _announce(address: str, accounts: list[str]) -> None:
    print(f"\nReady 已就绪: {address}   (Ctrl-C stops it 按 Ctrl-C 停止)", flush=True)
    for line in accounts:
        print(line, flush=True)


def _demo_accounts() -> list[str]:
    from io import StringIO

    from django.core.management import call_command, get_commands

    if "demo" not in get_commands():
        return []
    output = StringIO()
    call_command("demo", "--list", stdout=output)
    return [line for line in output.getvalue().splitlines() if line.strip()]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m prep_platform.serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prep_platform.settings")
    from prep_platform.asgi import application

    # WhiteNoise's files are read whole under ASGI; they are small.
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume")
    # A shell that starts us in the background ignores Ctrl-C for us; we still stop when sent it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    background = _start_background_work()
    server = PlatformServer(
        application,
        endpoints=[f"tcp:port={arguments.port}:interface={arguments.host}"],
        ping_interval=20,
        ping_timeout=60,
        websocket_max_message_size=LARGEST_MESSAGE,
        websocket_max_frame_size=LARGEST_MESSAGE,
        websocket_timeout=-1,
        application_close_timeout=5,
        server_name="prep-platform",
    )
    server.accounts = _demo_accounts()
    server.drain = _drain_of_realtime()
    server.run()
    if background is not None:
        background.stop(graceful=True)
    if server.exit_code == 0:
        print("Stopped. 已停止。", flush=True)
    return server.exit_code


if __name__ == "__main__":
    sys.exit(main())
