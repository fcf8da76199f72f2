"""One socket in a room: what it may do, what it has sent, and how it is reached."""

import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from . import limits, protocol
from .kinds import Access
from .protocol import CloseCode, Step


class Refused(Exception):
    """A frame that ends its connection, with the code it is closed with."""

    def __init__(self, code: CloseCode, why: str) -> None:
        super().__init__(why)
        self.code = code


class Transport(Protocol):
    """The way out to one peer. Nothing blocks; a transport that gathers too much calls `Connection.fell_behind`,
    and `Connection.drained` once that has left."""

    connection: "Connection | None"

    def send(self, frame: bytes) -> None: ...

    def close(self, code: int) -> None:
        """Close after what was sent."""

    def pause(self) -> None:
        """Read no further until `resume`."""

    def resume(self) -> None: ...


class Follower(Protocol):
    """Who is told when a peer cannot keep up: the room, or the topics for a socket without one."""

    def fell_behind(self, connection: "Connection") -> None: ...

    def drained(self, connection: "Connection") -> None: ...


class Received(NamedTuple):
    """A frame with content: which of its connection's it is, and the update in it."""

    number: int
    step: Step
    payload: bytes


@dataclass(eq=False, slots=True)
class Connection:
    transport: Transport
    user_id: int
    access: Access
    reason: str
    identity: dict[str, Any]
    granted: Access = (
        Access.NONE
    )  # what the person may do; `access` may be less, for a page with an old schema
    session_key: str = ""
    follower: Follower | None = None
    inbox: list[Received] = field(default_factory=list)
    frames: int = 0  # frames with content received
    stored: int = 0  # … of which the first so many are durable
    gaps: int = 0
    dropped: int = 0  # the first content frame that was dropped for a gap and not made good yet
    looks_back: int = 0
    awareness_clients: set[int] = field(default_factory=set)
    closed: bool = False  # nothing more is sent
    cut_off: bool = False  # by us: nothing more is taken either
    last_sent: float = 0.0
    behind_since: float = 0.0  # too much waits to be sent; 0 when it does not
    state_when_behind: bytes = b""

    def receive(self, step: Step, payload: bytes) -> None:
        self.frames += 1
        self.inbox.append(Received(self.frames, step, payload))

    def acknowledge(self, number: int, *, whole: bool) -> None:
        """Content frame `number` is durable; `whole` when it held everything that was missing here (a step2)."""
        if self.dropped and whole and number > self.dropped:
            self.dropped = 0
        self.stored = self.dropped - 1 if self.dropped else number

    def send(self, frame: bytes) -> None:
        """Hand a frame over; one who has fallen behind gets the difference later instead."""
        if self.closed or self.behind_since:
            return
        self.last_sent = time.monotonic()
        self.transport.send(frame)

    def close(self, code: CloseCode) -> None:
        if not self.closed:
            self.closed = self.cut_off = True
            self.inbox.clear()
            self.transport.close(int(code))

    def sign_of_life(self) -> None:
        """Something to one who has heard nothing for a while, so that the client knows the line is alive."""
        now = time.monotonic()
        if self.behind_since:
            if now - self.behind_since > limits.BEHIND_SECONDS:
                self.close(CloseCode.TOO_SLOW)
        elif now - self.last_sent > limits.QUIET_SECONDS / 2:
            self.send(protocol.durable(self.stored, {}))

    def fell_behind(self) -> None:
        if not self.behind_since and self.follower is not None:
            self.behind_since = time.monotonic()
            self.follower.fell_behind(self)

    def drained(self) -> None:
        if self.behind_since and self.follower is not None:
            self.behind_since = 0.0
            self.follower.drained(self)
