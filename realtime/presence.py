"""Who is here: awareness states, stamped with the identity the server knows, latest wins."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from . import limits, protocol
from .connections import Connection, Refused
from .protocol import AwarenessEntry, CloseCode

GONE = b"null"


@dataclass(slots=True)
class _Shown:
    clock: int
    state: bytes
    owner: Connection


class Presence:
    """The awareness of one room. Frames go out at most every few milliseconds, one for all that changed."""

    def __init__(self, connections: Iterable[Connection], owner_of: Callable[[int], int | None]) -> None:
        self._connections = connections
        self._owner_of = owner_of
        self._shown: dict[int, _Shown] = {}
        self._changed: dict[int, tuple[int, bytes]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def take(self, connection: Connection, entry: AwarenessEntry) -> None:
        """One entry of a client's awareness frame; entries for clients that are not its own are dropped."""
        if not self._may_speak_for(connection, entry.client):
            return
        shown = self._shown.get(entry.client)
        if shown is not None and shown.owner is connection and entry.clock < shown.clock:
            return
        if entry.state is None:
            self._shown.pop(entry.client, None)
            self._announce(entry.client, entry.clock, GONE)
            return
        state = protocol.awareness_state({**entry.state, "user": connection.identity})
        if len(state) > limits.AWARENESS_BYTES:
            raise Refused(CloseCode.TOO_LARGE, "awareness too large")
        self._shown[entry.client] = _Shown(entry.clock, state, connection)
        self._announce(entry.client, entry.clock, state)

    def _may_speak_for(self, connection: Connection, client: int) -> bool:
        if client in connection.awareness_clients:
            return True
        if self._owner_of(client) not in (None, connection.user_id):
            return False
        shown = self._shown.get(client)
        if shown is not None and shown.owner.user_id != connection.user_id:
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
                self._announce(client, shown.clock + 1, GONE)

    def _announce(self, client: int, clock: int, state: bytes) -> None:
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

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
