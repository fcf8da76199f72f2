"""A room: one open document in one process, serving its connections directly.

Order of every edit: check, store, apply, then acknowledge and pass on. What anybody else has seen is durable.
While one group of updates is on its way to the disk the next ones gather, so the rhythm follows the load: an
update after a pause goes out at once, many become one frame.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pycrdt

from . import content, history, limits, protocol, store
from .connections import Connection, Refused
from .kinds import Access, DocumentKind
from .presence import Presence
from .protocol import CloseCode, Malformed, Step
from .rescuer import Rescuer
from .shape import Examined, Run, Shape
from .store import Entry
from .update import Content, Update, read_update

if TYPE_CHECKING:
    from .hub import Hub

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Pending:
    """An update that was checked and waits to be stored (`entry` is None when it is stored already)."""

    payload: bytes | None
    entry: Entry | None = None
    sender: Connection | None = None
    number: int = 0  # which of the sender's content frames this is
    step: Step = Step.UPDATE


class Room:
    def __init__(self, hub: "Hub", document: str, kind: DocumentKind, document_id: UUID) -> None:
        self.hub = hub
        self.document = document
        self.kind = kind
        self.document_id = document_id
        self.connections: set[Connection] = set()
        self.loaded = asyncio.Event()
        self.empty_since = time.monotonic()
        self.doc: pycrdt.Doc = pycrdt.Doc()
        self.shape = Shape()
        self.owners: dict[int, int] = {}
        self.through_id = 0
        self.presence = Presence(self.connections, self.owners.get)
        self.rescuer = Rescuer(fragment=kind.fragment, text_block=kind.text_block, owner_of=self.owners.get)
        self._arrived_while_loading: list[tuple[bytes, int | None, int]] = []
        self._pending: list[_Pending] = []
        self._in_flight: list[_Pending] = []
        self._pending_bytes = 0
        self._may_read_on = asyncio.Event()
        self._may_read_on.set()
        self._flusher: asyncio.Task[None] | None = None
        self._state_bytes = 0
        self._hot_rows = 0
        self._editors_since_stored: set[int] = set()
        self._editors_since_settled: set[int] = set()
        self._stored_timer: asyncio.TimerHandle | None = None
        self._settled_timer: asyncio.TimerHandle | None = None

    # ---- opening ------------------------------------------------------------------------------------------

    async def load(self) -> None:
        state, owners = await self.hub.in_thread(store.load_with_owners, self.document)
        self.doc.apply_update(state.state)
        self.shape.add(read_update(self.doc.get_update()))
        self._state_bytes = len(state.state)
        self.owners.update(owners)
        self.through_id = state.through_id
        self.loaded.set()
        for payload, user_id, row_id in self._arrived_while_loading:
            self.absorb(payload, user_id, row_id)
        self._arrived_while_loading.clear()

    # ---- connections --------------------------------------------------------------------------------------

    def join(self, connection: Connection) -> None:
        self.connections.add(connection)
        connection.send(
            protocol.status(connection.access.name.lower(), connection.reason, connection.identity)
        )
        if connection.access >= Access.WRITE:
            connection.send(protocol.sync(Step.STEP1, self.doc.get_state()))
        self.presence.greet(connection)

    def leave(self, connection: Connection) -> None:
        connection.closed = True
        self.connections.discard(connection)
        self.presence.leave(connection)
        if not self.connections:
            self.empty_since = time.monotonic()
            self.hub.loop.call_later(limits.IDLE_SECONDS, self.hub.evict, self)

    # ---- what connections send ----------------------------------------------------------------------------

    async def receive(self, connection: Connection, frame: bytes) -> None:
        """Handle one frame. Raises Refused when the connection has to end."""
        if len(frame) > limits.FRAME_BYTES:
            raise Refused(CloseCode.TOO_LARGE, "frame too large")
        try:
            message = protocol.read_frame(frame)
            if isinstance(message, protocol.Sync):
                await self._sync(connection, message)
            elif isinstance(message, protocol.Awareness):
                for entry in message.entries:
                    self.presence.take(connection, entry)
            else:
                self.presence.greet(connection)
        except protocol.Unexpected as error:
            raise Refused(CloseCode.UNEXPECTED, str(error)) from None
        except Malformed as error:
            raise Refused(CloseCode.MALFORMED, str(error)) from None
        await self._may_read_on.wait()

    async def _sync(self, connection: Connection, message: protocol.Sync) -> None:
        if message.step == Step.STEP1:
            protocol.read_state_vector(message.payload)
            connection.send(protocol.sync(Step.STEP2, self.doc.get_update(message.payload)))
            return
        connection.frames += 1
        update = read_update(message.payload)
        if self.shape.holds(update):
            self._enqueue(_Pending(None, None, connection, connection.frames, message.step))
        elif connection.access < Access.WRITE:
            logger.info(
                "dropped an update to %s from a connection that may only read",
                self.document,
            )
        else:
            await self._take_update(connection, update, message)

    def _ask_again(self, connection: Connection, step: Step) -> None:
        """The update builds on something that is not here: have the client send all that this side lacks."""
        connection.gaps += 1
        connection.dropped = connection.dropped or connection.frames
        if step == Step.STEP2 or connection.gaps > limits.GAPS_PER_CONNECTION:
            raise Refused(CloseCode.MALFORMED, "builds on updates that were never sent")
        connection.send(protocol.sync(Step.STEP1, protocol.state_vector(self.shape.clocks)))

    async def _take_update(self, connection: Connection, update: Update, message: protocol.Sync) -> None:
        payload = message.payload
        examined = self.shape.examine(update)
        if examined.lacking:
            self._ask_again(connection, message.step)
            return
        if await self._look_back(connection, examined):
            examined = self.shape.examine(update)
        clients = {struct.client for struct, _ in examined.placed}
        if any(self.owners.get(client, connection.user_id) != connection.user_id for client in clients):
            raise Refused(CloseCode.FOREIGN_CLIENT_ID, "writes under a client id of someone else")
        if self._state_bytes > limits.DOCUMENT_BYTES:
            raise Refused(CloseCode.TOO_LARGE, "document too large")
        if not content.allowed(self.kind, examined):
            raise Refused(CloseCode.NOT_IN_SCHEMA, "content the schema does not allow")
        try:
            pycrdt.merge_updates(payload)
        except BaseException as error:
            store.reraise_unless_from_pycrdt(error)
            raise Malformed("not a Yjs update") from None
        entry = self._entry(payload, connection.user_id, clients, "write")
        self._stage(_Pending(payload, entry, connection, connection.frames, message.step), update)

    async def _look_back(self, connection: Connection, examined: Examined) -> bool:
        """Text for a container that was removed long ago (its author was offline): remember how it stood then."""
        late = next(
            (
                struct
                for struct, place in examined.placed
                if struct.content == Content.STRING and self.shape.gone(place.parent)
            ),
            None,
        )
        anchor = (late.parent or late.origin or late.right) if late else None
        if not isinstance(anchor, tuple) or self.rescuer.remembers(anchor):
            return False
        if connection.looks_back >= limits.LOOKS_BACK_PER_CONNECTION:
            return False
        connection.looks_back += 1
        state = await self.hub.in_thread(history.state_before_deletion, self.document, anchor)
        if state is not None:
            self.rescuer.remember(state)
        return True

    def _entry(self, payload: bytes, user_id: int | None, clients: set[int], mode: str) -> Entry:
        """A row for the log; client ids seen for the first time become this person's."""
        new = clients - self.owners.keys()
        if user_id is not None:
            self.owners.update(dict.fromkeys(new, user_id))
        return Entry(self.document, user_id, payload, new, mode)

    # ---- storing, applying, passing on ----------------------------------------------------------------------

    def _stage(self, pending: _Pending, update: Update) -> None:
        """Put an update in line to be stored, and behind it what brings back characters that it would lose."""
        payload = pending.payload or b""
        before = self._staged_state() if self.shape.kills(update.deletes) else None
        lost = self.shape.add(update)
        self._enqueue(pending)
        if before is not None:
            self.rescuer.remember(before)
        if lost:
            self._rescue(payload, lost, before)
        gone = self.rescuer.follow_deletions(update.deletes) if update.deletes else None
        if gone is not None:
            self._stage_own(gone, pending.entry.user_id if pending.entry else None, set())

    def _rescue(self, payload: bytes, lost: list[Run], before: bytes | None) -> None:
        rescued = self.rescuer.bring_back(payload=payload, lost=lost, before=before, now=self._staged_state)
        for found in rescued:
            self._stage_own(found.payload, found.user_id, {found.client})
            logger.info(
                "brought back text that a concurrent removal would have lost in %s",
                self.document,
            )

    def _stage_own(self, payload: bytes, user_id: int | None, clients: set[int]) -> None:
        self.shape.add(read_update(payload))
        self._enqueue(_Pending(payload, self._entry(payload, user_id, clients, "rescue")))

    def _staged_state(self) -> bytes:
        """The state with everything that still waits to be stored."""
        waiting = [pending.payload for pending in (*self._in_flight, *self._pending) if pending.payload]
        return store.merge([self.doc.get_update(), *waiting])

    def _enqueue(self, pending: _Pending) -> None:
        self._pending.append(pending)
        self._pending_bytes += len(pending.payload or b"")
        if self._pending_bytes > limits.PENDING_BYTES:
            self._may_read_on.clear()
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        while self._pending:
            self._in_flight, self._pending = self._pending, []
            self._pending_bytes = 0
            self._may_read_on.set()
            entries = [pending.entry for pending in self._in_flight if pending.entry]
            if entries:
                ids = await self.hub.writer.append(_joined(entries))
                self.through_id = max(self.through_id, *ids)
                self._hot_rows += len(ids)
            batch, self._in_flight = self._in_flight, []
            self._pass_on(batch)
            self._acknowledge(batch)
        self._flusher = None

    def _pass_on(self, batch: list[_Pending]) -> None:
        payloads = [pending.payload for pending in batch if pending.payload]
        if not payloads:
            return
        update = payloads[0] if len(payloads) == 1 else pycrdt.merge_updates(*payloads)
        try:
            self.doc.apply_update(update)
        except BaseException as error:
            store.reraise_unless_from_pycrdt(error)
            logger.error("an update of %s cannot be applied: its room is opened anew", self.document)
            self.hub.abandon(self)
            return
        senders = {pending.sender for pending in batch if pending.payload}
        frame = protocol.sync(Step.UPDATE, update)
        for connection in self.connections:
            if senders != {connection}:
                connection.send(frame)
        self._note_work(
            {pending.entry.user_id for pending in batch if pending.entry and pending.entry.user_id}
        )

    def _acknowledge(self, batch: list[_Pending]) -> None:
        for pending in batch:
            if pending.sender is not None:
                pending.sender.acknowledge(pending.number, whole=pending.step == Step.STEP2)
        for connection in {pending.sender for pending in batch}:
            if connection is not None:
                own = {client: self.shape.clocks.get(client, 0) for client in connection.awareness_clients}
                connection.send(protocol.durable(connection.stored, own))

    def absorb(self, payload: bytes, user_id: int | None, row_id: int) -> None:
        """Take an update that is already stored (a change made by server code)."""
        if not self.loaded.is_set():
            self._arrived_while_loading.append((payload, user_id, row_id))
            return
        self.through_id = max(self.through_id, row_id)
        update = read_update(payload)
        if self.shape.holds(update):
            return
        if user_id is not None:
            self.owners.update(dict.fromkeys(update.clients - self.owners.keys(), user_id))
            self._note_work({user_id})
        self._hot_rows += 1
        self._stage(_Pending(payload), update)

    def sign_of_life(self) -> None:
        """Something to everyone who has heard nothing for a while, so that clients know the line is alive."""
        due = time.monotonic() - limits.QUIET_SECONDS / 2
        for connection in self.connections:
            if connection.last_sent < due:
                connection.send(protocol.durable(connection.stored, {}))

    # ---- telling the app --------------------------------------------------------------------------------------

    def _note_work(self, editors: set[int]) -> None:
        self._editors_since_stored |= editors
        self._editors_since_settled |= editors
        if self._stored_timer is None:
            self._stored_timer = self.hub.loop.call_later(limits.STORED_SECONDS, self._tell_stored)
        if self._settled_timer is not None:
            self._settled_timer.cancel()
        self._settled_timer = self.hub.loop.call_later(limits.SETTLED_SECONDS, self._tell_settled)
        if self._hot_rows >= limits.COMPACT_UPDATES:
            self._hot_rows = 0
            self.hub.background(store.compact, self.document)

    def _tell_stored(self) -> None:
        self._stored_timer = None
        editors, self._editors_since_stored = self._editors_since_stored, set()
        self._tell(self.kind.stored, editors)

    def _tell_settled(self) -> None:
        self._settled_timer = None
        editors, self._editors_since_settled = self._editors_since_settled, set()
        self._tell(self.kind.settled, editors)

    def _tell(self, hook: Callable[..., None], editors: set[int]) -> None:
        state = self.doc.get_update()
        self._state_bytes = len(state)
        through_id = self.through_id
        document_id = self.document_id
        self.hub.background(
            lambda: hook(
                document_id=document_id,
                state=state,
                editor_ids=editors,
                through_id=through_id,
            )
        )

    # ---- closing ----------------------------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        return not (self.connections or self._pending or self._flusher)

    async def close(self) -> None:
        """Everything stored, the app told, timers off."""
        if self._flusher is not None:
            await asyncio.wait([self._flusher])
        self.presence.close()
        if self._stored_timer is not None:
            self._stored_timer.cancel()
            self._tell_stored()
        if self._settled_timer is not None:
            self._settled_timer.cancel()
            self._tell_settled()
        if self._hot_rows:
            self.hub.background(store.compact, self.document)


def _joined(entries: list[Entry]) -> list[Entry]:
    """Neighbouring entries of one person as one row."""
    joined: list[Entry] = []
    for entry in entries:
        last = joined[-1] if joined else None
        if last is None or (last.user_id, last.mode) != (entry.user_id, entry.mode):
            joined.append(entry)
            continue
        payload = pycrdt.merge_updates(last.payload, entry.payload)
        joined[-1] = Entry(
            entry.document,
            entry.user_id,
            payload,
            last.clients | entry.clients,
            entry.mode,
        )
    return joined
