"""Starts the platform with daphne on one address: `python -m prep_platform.serve --port N`.

`script/server` runs this after setting everything up. Ctrl-C and SIGTERM first let the open rooms
finish (`realtime.rooms.drain`), then close the connections, then end with exit code 0.
"""

import argparse
import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from daphne.server import Server  # first: it chooses Twisted's reactor
from twisted.internet import defer

logger = logging.getLogger(__name__)

# Above realtime's own limit for a frame, so that the room answers 4413 instead of daphne hanging up.
LARGEST_MESSAGE = 32 * 1024 * 1024
DRAIN_SECONDS = 5


class DrainingServer(Server):
    drain: Callable[[], Coroutine[Any, Any, None]] | None = None

    def kill_all_applications(self) -> Any:
        drained = defer.ensureDeferred(self._drain())
        drained.addBoth(lambda _: super(DrainingServer, self).kill_all_applications())
        drained.addErrback(lambda _: None)
        return drained

    async def _drain(self) -> None:
        if self.drain is None:
            return
        try:
            await defer.Deferred.fromFuture(
                asyncio.ensure_future(asyncio.wait_for(self.drain(), DRAIN_SECONDS))
            )
        except Exception:
            logger.exception("rooms did not close cleanly")


def _drain_of_realtime() -> Callable[[], Coroutine[Any, Any, None]] | None:
    from realtime import rooms

    return getattr(rooms, "drain", None)


def _start_background_work() -> Any:
    """Without Redis the jobs run in a thread of this process; with it, `manage.py run_huey` does them."""
    from django.conf import settings
    from huey.consumer import Consumer
    from huey.contrib.djhuey import HUEY

    if settings.REDIS_URL or not HUEY._registry._registry:
        return None

    class QuietConsumer(Consumer):  # type: ignore[misc]
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

    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((arguments.host, arguments.port))
        listener.listen(512)
    except OSError as error:
        print(f"Port {arguments.port} cannot be used ({error.strerror}). 端口不可用。", file=sys.stderr)
        return 1

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prep_platform.settings")
    from prep_platform.asgi import application

    accounts = _demo_accounts()
    background = _start_background_work()
    port = listener.getsockname()[1]
    server = DrainingServer(
        application,
        endpoints=[f"fd:fileno={listener.fileno()}:domain=INET"],
        ping_interval=20,
        ping_timeout=60,
        websocket_max_message_size=LARGEST_MESSAGE,
        websocket_max_frame_size=LARGEST_MESSAGE,
        websocket_timeout=-1,
        application_close_timeout=5,
        server_name="prep-platform",
        ready_callable=lambda: _announce(f"http://{arguments.host}:{port}/", accounts),
    )
    server.drain = _drain_of_realtime()
    server.run()
    if background is not None:
        background.stop(graceful=True)
    print("Stopped. 已停止。", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
