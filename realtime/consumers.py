"""The ordinary way in: one Channels consumer per socket. It decides access, then hands frames to the room."""

import logging
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer

from . import limits
from .connections import Connection, Refused
from .hub import Hub, hub
from .kinds import Access, AccessDecision, UnknownKind, parse_document
from .protocol import CloseCode
from .room import Room

logger = logging.getLogger(__name__)


class DocumentConsumer(AsyncConsumer):
    # rooms serve their connections directly; with a channel layer every message would wait on two tasks
    channel_layer_alias = ""

    room: Room | None = None
    connection: Connection | None = None

    async def websocket_connect(self, event: dict[str, Any]) -> None:
        await self.send({"type": "websocket.accept"})
        try:
            await self._enter()
        except Refused as refusal:
            await self._close(refusal.code)

    async def _enter(self) -> None:
        user = self.scope["user"]
        if not user.is_authenticated:
            raise Refused(CloseCode.NOT_SIGNED_IN, "not signed in")
        here = hub()
        if here.draining:
            raise Refused(CloseCode.RESTART, "going down")
        arguments = self.scope["url_route"]["kwargs"]
        document = f"{arguments['kind']}:{UUID(arguments['document_id'])}"
        decision, identity = await self._decide(here, document, user.pk)
        room = await here.room(document)
        if sum(other.user_id == user.pk for other in room.connections) >= limits.CONNECTIONS_PER_PERSON:
            raise Refused(CloseCode.TOO_MANY, "too many connections of one person")
        self.connection = Connection(
            transport_send=self._send_bytes,
            transport_close=self._close,
            user_id=user.pk,
            access=decision.access,
            reason=decision.reason,
            identity=identity,
        )
        self.room = room
        room.join(self.connection)

    async def _decide(self, here: Hub, document: str, user_id: int) -> tuple[AccessDecision, dict[str, Any]]:
        try:
            decision, identity = await here.decide(document, user_id)
        except UnknownKind:
            raise Refused(CloseCode.NO_DOCUMENT, "unknown kind of document") from None
        if not decision.found:
            raise Refused(CloseCode.NO_DOCUMENT, "no such document")
        if decision.deleted:
            raise Refused(CloseCode.DELETED, "document deleted")
        if decision.access == Access.NONE:
            raise Refused(CloseCode.NO_RIGHT, "no right")
        return self._with_schema(document, decision), identity

    def _with_schema(self, document: str, decision: AccessDecision) -> AccessDecision:
        """An editor that announces an older schema would delete what it does not know: it may only read."""
        [announced] = parse_qs(self.scope["query_string"].decode("latin-1")).get("schema", [""])[:1]
        kind, _ = parse_document(document)
        if announced and announced != str(kind.schema_version):
            return AccessDecision(min(decision.access, Access.READ), "schema")
        return decision

    async def websocket_receive(self, event: dict[str, Any]) -> None:
        if self.room is None or self.connection is None or self.connection.closed:
            return
        try:
            frame = event.get("bytes")
            if frame is None:
                raise Refused(CloseCode.UNEXPECTED, "text frame")
            await self.room.receive(self.connection, frame)
        except Refused as refusal:
            logger.info(
                "closed a connection to %s: %s (%d)",
                self.room.document,
                refusal,
                refusal.code,
            )
            self.connection.close(refusal.code)

    async def websocket_disconnect(self, event: dict[str, Any]) -> None:
        if self.room is not None and self.connection is not None:
            self.room.leave(self.connection)
        raise StopConsumer

    async def _send_bytes(self, frame: bytes) -> None:
        await self.send({"type": "websocket.send", "bytes": frame})

    async def _close(self, code: int) -> None:
        await self.send({"type": "websocket.close", "code": int(code)})
