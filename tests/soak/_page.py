"""Somebody's page: the document stays in it whatever happens, the socket is made anew."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

from websockets.exceptions import WebSocketException

from realtime.protocol import Step
from tests.realtime.support import Client, Network

LINES_GONE = (OSError, TimeoutError, WebSocketException)


class Page(Client):
    """`made` acts, of which the first `acknowledged` are stored; `line` makes a new socket."""

    def __init__(self, document: str, line: Callable[[], Network], rng: random.Random) -> None:
        self.document, self.rng = document, rng
        self.made = self.acknowledged = 0
        self.connected = False
        self.refusals: list[int] = []
        self.ended: list[str] = []
        self._line = line
        self._acts_in_frame: dict[int, int] = {}
        super().__init__(None, document, socket=line())

    async def live(self) -> None:
        """Connect, read until the line is gone, and again."""
        while True:
            try:
                self.sent = self.durable = 0
                self._acts_in_frame = {0: self.acknowledged}
                self.closed, self.synced, self.status = None, False, None
                self.socket = self._line()
                await self.open()
                self.connected = self.closed is None
                if self._acts_in_frame.get(self.sent, 0) < self.made:  # made after the handshake's answer
                    await self.send_update(self.doc.get_update(), Step.STEP2)
                while self.closed is None:
                    await self._one()
            except LINES_GONE as error:
                self.ended.append(f"{type(error).__name__} {error}")
            self.connected = False
            if self.closed is not None and 4400 <= self.closed < 4423:
                self.refusals.append(self.closed)
            await asyncio.sleep(self.rng.uniform(0.05, 0.4))

    async def send_update(self, update: bytes, step: Step = Step.UPDATE) -> None:
        self._acts_in_frame[self.sent + 1] = self.made
        await super().send_update(update, step)

    async def _one(self, timeout: float = 60) -> None:
        got = await self.socket.receive(timeout)
        if isinstance(got, int):
            self.closed = got
            return
        await self._take(got)
        self.acknowledged = max(self.acknowledged, self._acts_in_frame.get(self.durable, 0))

    async def act(self, change: Callable[[Any], Any]) -> None:
        """One change; off line it stays in the document."""
        self.made += 1
        update = self.make(change)
        if self.connected:
            try:
                await self.send_update(update)
            except LINES_GONE:
                self.connected = False

    @property
    def everything_stored(self) -> bool:
        return self.connected and self.synced and self.acknowledged == self.made


async def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Counts the time that this process was awake: a computer that stood still is nobody's fault."""
    for _ in range(round(seconds / 0.1)):
        if condition():
            return True
        await asyncio.sleep(0.1)
    return condition()
