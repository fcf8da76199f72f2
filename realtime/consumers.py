"""The ordinary way in: one Channels consumer per socket. It decides access, then hands frames to the room, or to the
topics where the socket has no document.

A server that offers `direct.EXTENSION` in the scope lets the room write to its sockets itself (realtime/direct.py);
on any other the consumer carries every frame.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol
from urllib.parse import parse_qs
from uuid import UUID

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from django.db import DatabaseError

from . import limits, sessions
from .connections import Connection, Refused, Transport
from .hub import Hub, hub
from .kinds import Access, AccessDecision, UnknownKind, parse_document
from .protocol import CloseCode
from .room import Room

logger = logging.getLogger(__name__)

EXTENSION = "realtime.direct"


class Outbox:
    """A transport that sends through the consumer, one frame after the other, in a task of its own."""

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._send = send
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._close_code = 0
        self._task: asyncio.Task[None] | None = None
        self.connection: Connection | None = None

    def send(self, frame: bytes) -> None:
        self._frames.append(frame)
        self._bytes += len(frame)
        if self._bytes > limits.OUTBOX_BYTES and self.connection is not None:
            self.connection.fell_behind()
        self._start()

    def close(self, code: int) -> None:
        self._close_code = code
        if self.connection is not None and self.connection.behind_since:
            self._frames.clear()
        self._start()

    def pause(self) -> None:
        """The consumer waits by itself before it takes the next frame."""

    def resume(self) -> None: ...

    def _start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._empty())

    async def _empty(self) -> None:
        try:
            while self._frames:
                frame = self._frames.popleft()
                self._bytes -= len(frame)
                await self._send({"type": "websocket.send", "bytes": frame})
                if not self._frames and self.connection is not None:
                    self.connection.drained()
            if self._close_code:
                await self._send({"type": "websocket.close", "code": self._close_code})
        except Exception:  # whatever a server raises when its peer is gone; its disconnect is on the way
            self._frames.clear()
            if self.connection is not None:
                self.connection.closed = True
        finally:
            self._task = None


class Place(Protocol):
    """Where a socket leads: a room, or the topics of a hub."""

    def join(self, connection: Connection) -> None: ...

    def receive(self, connection: Connection, frame: bytes) -> None: ...

    def refuse(self, connection: Connection, refusal: Refused) -> None: ...

    def leave(self, connection: Connection) -> None: ...


class SocketConsumer(AsyncConsumer):
    # rooms serve their connections directly; with a channel layer every message would wait on two tasks
    channel_layer_alias = ""

    place: Place | None = None
    connection: Connection | None = None

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Without Channels' turn in a thread to close old database connections before every single message:
        nothing here uses one, all questions go to the hub's threads, which look after theirs."""
        await getattr(self, get_handler_name(message))(message)

    async def websocket_connect(self, event: dict[str, Any]) -> None:
        await self.send({"type": "websocket.accept"})
        try:
            user_id, here = self.scope["user_id"], hub()
            if user_id is None:
                raise Refused(CloseCode.NOT_SIGNED_IN, "not signed in")
            if here.draining:
                raise Refused(CloseCode.RESTART, "going down")
            await self._ask(here, user_id)
            self._enter(here, user_id)
        except Refused as refusal:
            await self.send({"type": "websocket.close", "code": int(refusal.code)})
        except DatabaseError as error:
            logger.error("nobody can come in: the database does not answer: %s", type(error).__name__)
            await self.send({"type": "websocket.close", "code": int(CloseCode.RESTART)})

    async def _ask(self, here: Hub, user_id: int) -> None:
        """Once more when rights have changed meanwhile: who has not joined yet is not told of it."""
        changes = None
        while changes != here.access_changes:
            changes = here.access_changes
            await self._decide(here, user_id)
            key = self.scope["session_key"]
            if key and key not in await here.in_thread(sessions.living, {key}):
                raise Refused(CloseCode.NOT_SIGNED_IN, "signed out")

    async def _decide(self, here: Hub, user_id: int) -> None:
        """Ask whatever has to be asked before somebody may enter. Raises Refused."""

    def _enter(self, here: Hub, user_id: int) -> None:
        """Join the place. Raises Refused."""
        raise NotImplementedError

    @property
    def _direct(self) -> Any:
        return self.scope.get("extensions", {}).get(EXTENSION)

    def _transport(self) -> Transport:
        return self._direct.transport_for_room() if self._direct is not None else Outbox(self.send)

    def _join(self, place: Place, connection: Connection, others: Iterable[Connection]) -> None:
        if sum(other.user_id == connection.user_id for other in others) >= limits.CONNECTIONS_PER_PERSON:
            raise Refused(CloseCode.TOO_MANY, "too many connections of one person")
        self.place, self.connection = place, connection
        connection.transport.connection = connection
        place.join(connection)
        if self._direct is not None:
            self._direct.take_over(connection, self._receive)

    async def websocket_receive(self, event: dict[str, Any]) -> None:
        self._receive(event.get("bytes"))

    def _receive(self, frame: bytes | None) -> None:
        """One frame; None for text."""
        if self.place is None or self.connection is None or self.connection.closed:
            return
        try:
            if frame is None:
                raise Refused(CloseCode.UNEXPECTED, "text frame")
            self.place.receive(self.connection, frame)
        except Refused as refusal:
            self.place.refuse(self.connection, refusal)

    async def websocket_disconnect(self, event: dict[str, Any]) -> None:
        if self.place is not None and self.connection is not None:
            self.place.leave(self.connection)
        raise StopConsumer


class DocumentConsumer(SocketConsumer):
    room: Room | None = None
    granted: AccessDecision

    async def _ask(self, here: Hub, user_id: int) -> None:
        try:
            await super()._ask(here, user_id)
        except BaseException:
            if self.room is not None:
                self.room.close_if_empty()
            raise

    async def _decide(self, here: Hub, user_id: int) -> None:
        arguments = self.scope["url_route"]["kwargs"]
        document = f"{arguments['kind']}:{UUID(arguments['document_id'])}"
        self.granted = await self._judge(here, document, user_id)
        self.room = await here.room(document)

    def _enter(self, here: Hub, user_id: int) -> None:
        assert self.room is not None
        decision = self._with_schema(self.room.document, self.granted)
        connection = Connection(
            self._transport(),
            user_id,
            decision.access,
            decision.reason,
            self.granted.identity,
            granted=self.granted.access,
            session_key=self.scope["session_key"],
        )
        self._join(self.room, connection, self.room.connections)

    async def _judge(self, here: Hub, document: str, user_id: int) -> AccessDecision:
        try:
            decision = await here.decide(document, user_id)
        except UnknownKind:
            raise Refused(CloseCode.NO_DOCUMENT, "unknown kind of document") from None
        if not decision.found:
            raise Refused(CloseCode.NO_DOCUMENT, "no such document")
        if decision.deleted:
            raise Refused(CloseCode.DELETED, "document deleted")
        if decision.access == Access.NONE:
            raise Refused(CloseCode.NO_RIGHT, "no right")
        return decision

    def _with_schema(self, document: str, decision: AccessDecision) -> AccessDecision:
        """An editor that announces an older schema would delete what it does not know: it may only read."""
        [announced] = parse_qs(self.scope["query_string"].decode("latin-1")).get("schema", [""])[:1]
        kind, _ = parse_document(document)
        if announced and announced != str(kind.schema_version):
            return AccessDecision(min(decision.access, Access.READ), "schema")
        return decision

    async def websocket_receive(self, event: dict[str, Any]) -> None:
        await super().websocket_receive(event)
        if self.room is not None:
            await self.room.may_read_on.wait()


class TopicConsumer(SocketConsumer):
    """For a page that follows topics and has no document open."""

    def _enter(self, here: Hub, user_id: int) -> None:
        connection = Connection(
            self._transport(), user_id, Access.NONE, "", {}, session_key=self.scope["session_key"]
        )
        self._join(here.topics, connection, here.topics.sockets)


class NowhereConsumer(AsyncConsumer):
    """An address that does not exist."""

    channel_layer_alias = ""

    async def websocket_connect(self, event: dict[str, Any]) -> None:
        await self.send({"type": "websocket.accept"})
        await self.send({"type": "websocket.close", "code": int(CloseCode.NO_DOCUMENT)})

    async def websocket_receive(self, event: dict[str, Any]) -> None: ...

    async def websocket_disconnect(self, event: dict[str, Any]) -> None:
        raise StopConsumer
