"""One socket in a room: what it may do, what it has sent, and a bounded queue of what it is still to get."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from . import limits
from .kinds import Access
from .protocol import CloseCode


class Refused(Exception):
    """A frame that ends its connection, with the code it is closed with."""

    def __init__(self, code: CloseCode, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(eq=False)
class Connection:
    """`transport_send` and `transport_close` are given by the way in (consumers.py)."""

    transport_send: Callable[[bytes], Awaitable[None]]
    transport_close: Callable[[int], Awaitable[None]]
    user_id: int
    access: Access
    reason: str
    identity: dict[str, Any]
    frames: int = 0  # frames with content received
    stored: int = 0  # … of which the first so many are durable
    gaps: int = 0
    dropped: int = 0  # the first content frame that was dropped for a gap and not made good yet
    looks_back: int = 0
    awareness_clients: set[int] = field(default_factory=set)
    closed: bool = False
    last_sent: float = 0.0
    _outbox: deque[bytes] = field(default_factory=deque)
    _outbox_bytes: int = 0
    _sender: "asyncio.Task[None] | None" = None
    _closer: "asyncio.Task[None] | None" = None

    def acknowledge(self, number: int, *, whole: bool) -> None:
        """Content frame `number` is durable; `whole` when it held everything that was missing here (a step2)."""
        if self.dropped and whole and number > self.dropped:
            self.dropped = 0
        self.stored = self.dropped - 1 if self.dropped else number

    def send(self, frame: bytes) -> None:
        if self.closed:
            return
        self._outbox.append(frame)
        self._outbox_bytes += len(frame)
        if self._outbox_bytes > limits.OUTBOX_BYTES:
            self._outbox.clear()
            self.close(CloseCode.TOO_SLOW)
        elif self._sender is None:
            self._sender = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        try:
            while self._outbox:
                frame = self._outbox.popleft()
                self._outbox_bytes -= len(frame)
                self.last_sent = time.monotonic()
                await self.transport_send(frame)
        except Exception:  # whatever a transport raises when its peer is gone; its disconnect is on the way
            self.closed = True
            self._outbox.clear()
        finally:
            self._sender = None

    def close(self, code: CloseCode) -> None:
        if not self.closed:
            self.closed = True
            self._closer = asyncio.create_task(self._close_after_sending(code))

    async def _close_after_sending(self, code: CloseCode) -> None:
        if self._sender is not None:
            await asyncio.wait([self._sender], timeout=5)
        await self.transport_close(int(code))
