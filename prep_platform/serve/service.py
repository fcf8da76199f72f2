"""What is served, and what happens before the server and after it, whichever server it is."""

import asyncio
import contextlib
import gc
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

# Above realtime's own limit for a frame, so that the room answers 4413 instead of the server hanging up.
LARGEST_MESSAGE = 32 * 1024 * 1024
PING_SECONDS = 20
PING_TIMEOUT_SECONDS = 60
DRAIN_SECONDS = 5


def say(line: str) -> None:
    """On standard output, which may be a file on a full disk."""
    with contextlib.suppress(OSError):
        os.write(1, f"{line}\n".encode())


@dataclass(frozen=True)
class Service:
    application: Any
    host: str
    port: int
    accounts: list[str]

    def announce(self, host: str, port: int) -> None:
        from prep_platform.running import pulse

        pulse.start(port)
        say(f"\nReady 已就绪: http://{host}:{port}/   (Ctrl-C stops it 按 Ctrl-C 停止)")
        for line in self.accounts:
            say(line)

    def cannot_listen(self, why: str) -> None:
        print(f"Cannot listen 无法监听: {why}", file=sys.stderr)

    async def say_goodbye(self, anyone_here: Callable[[], bool]) -> None:
        """Lets the open rooms finish and waits until nobody is here, but not for ever."""
        from realtime import rooms

        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await rooms.drain()
                while anyone_here():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            logger.warning("some connections did not end within %s s", DRAIN_SECONDS)
        except Exception:
            logger.exception("rooms did not close cleanly")


def warm_up() -> None:
    """What the first person after a start would wait for: addresses, templates, the modules of the first document."""
    from django.conf import settings
    from django.template.loader import get_template
    from django.urls import reverse

    reverse("login")
    folder = Path(settings.BASE_DIR) / "templates"
    for path in folder.rglob("*.html"):
        get_template(str(path.relative_to(folder)))
    asyncio.run(_first_document())


async def _first_document() -> None:
    """On a loop pycrdt's first document reads modules that it needs on no other occasion."""
    from pycrdt import Doc

    Doc()


def start_background_work() -> Any:
    """Without Redis the jobs run in a thread of this process; with it, `manage.py run_huey` does them."""
    from django.conf import settings
    from huey.consumer import Consumer
    from huey.contrib.djhuey import HUEY

    if settings.REDIS_URL or HUEY.immediate or not HUEY._registry._registry:
        return None

    class QuietConsumer(Consumer):
        def _set_signal_handlers(self) -> None:
            """The server owns the signals."""

    consumer = QuietConsumer(HUEY, workers=1)
    consumer.start()
    return consumer


def settle() -> None:
    """Everything is loaded before the first visitor, and the garbage collector never looks at it again: going
    through all of Django's objects held everybody up for a tenth of a second each time."""
    warm_up()
    gc.collect()
    gc.freeze()


def demo_accounts() -> list[str]:
    from django.core.management import call_command, get_commands

    if "demo" not in get_commands():
        return []
    output = StringIO()
    call_command("demo", "--list", stdout=output)
    return [line for line in output.getvalue().splitlines() if line.strip()]
