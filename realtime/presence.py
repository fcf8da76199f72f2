"""Who is here: awareness states, stamped with the identity the server knows, latest wins."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from . import limits, protocol
from .connections import Connection, Refused
from .protocol import AwarenessEntry, CloseCode

GONE = b"null"
LARGEST_CLOCK = 2**32  # far above what a client counts to in years; the server counts on when somebody leaves


@dataclass(slots=True)
class _Shown:
    """`owner` is None for somebody who is connected to another process."""

    clock: int
    state: bytes
    user_id: int
    owner: Connection | None = None
    process: str = ""
    until: float = 0.0


class Presence:
    """The awareness of one room. Frames go out at most every few milliseconds, one for all that changed.

    tell: takes what the people connected here show, for the other processes: an awareness frame and who they are.
    """

    def __init__(
        self,
        connections: Iterable[Connection],
        owner_of: Callable[[int], int | None],
        tell: Callable[[bytes, dict[int, int]], None],
    ) -> None:
        self._connections = connections
        self._owner_of = owner_of
        self._tell = tell
        self._shown: dict[int, _Shown] = {}
        self._changed: dict[int, tuple[int, bytes]] = {}
        self._to_tell: dict[int, tuple[int, bytes, int]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def take(self, connection: Connection, entry: AwarenessEntry) -> None:
        """One entry of a client's awareness frame; entries for clients that are not its own are dropped."""
        if entry.clock > LARGEST_CLOCK:
            raise Refused(CloseCode.MALFORMED, "awareness clock too large")
        if not self._may_speak_for(connection, entry.client):
            return
        shown = self._shown.get(entry.client)
        if shown is not None and shown.owner is connection and entry.clock < shown.clock:
            return
        if entry.state is None:
            self._shown.pop(entry.client, None)
            self._announce(entry.client, entry.clock, GONE, connection.user_id)
            return
        state = protocol.awareness_state({**entry.state, "user": connection.identity})
        if len(state) > limits.AWARENESS_BYTES:
            raise Refused(CloseCode.TOO_LARGE, "awareness too large")
        self._shown[entry.client] = _Shown(entry.clock, state, connection.user_id, connection)
        self._announce(entry.client, entry.clock, state, connection.user_id)

    def _may_speak_for(self, connection: Connection, client: int) -> bool:
        if client in connection.awareness_clients:
            return True
        if self._owner_of(client) not in (None, connection.user_id):
            return False
        shown = self._shown.get(client)
        if shown is not None and shown.user_id != connection.user_id:
            return False
        if len(connection.awareness_clients) >= limits.AWARENESS_CLIENTS:
            return False
        connection.awareness_clients.add(client)
        return True

    def greet(self, connection: Connection) -> None:
        """Everyone who is here, for one who comes or asks."""
        if self._shown:
            connection.send(
                protocol.awareness(
                    (client, shown.clock, shown.state) for client, shown in self._shown.items()
                )
            )

    def leave(self, connection: Connection) -> None:
        for client in connection.awareness_clients:
            shown = self._shown.get(client)
            if shown is not None and shown.owner is connection:
                del self._shown[client]
                self._announce(client, shown.clock + 1, GONE, connection.user_id)

    def _announce(self, client: int, clock: int, state: bytes, user_id: int) -> None:
        self._to_tell[client] = (clock, state, user_id)
        self._show(client, clock, state)

    def _show(self, client: int, clock: int, state: bytes) -> None:
        self._changed[client] = (clock, state)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(limits.AWARENESS_MILLISECONDS / 1000, self._send)

    def _send(self) -> None:
        self._timer = None
        changed, self._changed = self._changed, {}
        frame = protocol.awareness((client, clock, state) for client, (clock, state) in changed.items())
        for connection in list(self._connections):
            connection.send(frame)
        self._tell_others()

    # ---- other processes --------------------------------------------------------------------------------------

    def repeat(self) -> None:
        """Tell the other processes again who is here: one of them has just begun to listen, or missed it."""
        for client, shown in self._shown.items():
            if shown.owner is not None:
                self._to_tell[client] = (shown.clock, shown.state, shown.user_id)
        self._tell_others()

    def _tell_others(self) -> None:
        if self._to_tell:
            said, self._to_tell = self._to_tell, {}
            frame = protocol.awareness((client, clock, state) for client, (clock, state, _) in said.items())
            self._tell(frame, {client: user_id for client, (_, _, user_id) in said.items()})

    def absorb(self, process: str, frame: bytes, people: dict[int, int]) -> None:
        """What people connected to another process show."""
        message = protocol.read_frame(frame)
        assert isinstance(message, protocol.Awareness)
        until = time.monotonic() + limits.REMOTE_PRESENCE_SECONDS
        for entry in message.entries:
            shown = self._shown.get(entry.client)
            if shown is not None and shown.owner is not None:
                continue  # connected here by now
            if entry.state is None:
                if shown is not None and shown.process == process:
                    del self._shown[entry.client]
                    self._show(entry.client, entry.clock, GONE)
                continue
            state = protocol.awareness_state(entry.state)
            self._shown[entry.client] = _Shown(
                entry.clock, state, people[entry.client], process=process, until=until
            )
            if shown is None or (shown.clock, shown.state) != (entry.clock, state):
                self._show(entry.client, entry.clock, state)

    def forget_the_silent(self) -> None:
        """People of a process that has not told of them for long: it may be dead."""
        now = time.monotonic()
        for client, shown in list(self._shown.items()):
            if shown.owner is None and shown.until < now:
                del self._shown[client]
                self._show(client, shown.clock + 1, GONE)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._tell_others()
