"""Rooms: one object per open document per process, serving its connections directly.

Order of every edit: check, then store, then apply, then acknowledge and pass on. What anybody else has seen is
durable. Everything here runs on the event loop but for the functions at the end, which any thread may call.
"""

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pycrdt
from asgiref.sync import sync_to_async
from django.db import close_old_connections, transaction

from . import limits, protocol, store
from .kinds import Access, AccessDecision, DocumentKind, parse_document
from .protocol import AwarenessEntry, CloseCode, Malformed, Step
from .rescue import Copy, Rescue, characters, rescue
from .shape import Run, Shape
from .store import DocumentState, Entry
from .update import Content, Id, Ranges, Struct, TypeRef, Update, read_update, write_deletes
from .writer import Writer

logger = logging.getLogger(__name__)


class Refused(Exception):
    """A frame that ends its connection."""

    def __init__(self, code: CloseCode, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(eq=False)
class Connection:
    """One socket in a room. `send` and `close` are given by the transport."""

    transport_send: Callable[[bytes], Awaitable[None]]
    transport_close: Callable[[int], Awaitable[None]]
    user_id: int
    access: Access
    reason: str
    identity: dict[str, Any]
    frames: int = 0  # frames with content received
    stored: int = 0  # … of which the first so many are durable
    gaps: int = 0
    awareness_clients: set[int] = field(default_factory=set)
    closed: bool = False
    last_sent: float = 0.0
    _outbox: deque[bytes] = field(default_factory=deque)
    _outbox_bytes: int = 0
    _sender: "asyncio.Task[None] | None" = None

    def send(self, frame: bytes) -> None:
        if self.closed:
            return
        self._outbox.append(frame)
        self._outbox_bytes += len(frame)
        if self._outbox_bytes > limits.OUTBOX_BYTES:
            self._outbox.clear()
            self.close(CloseCode.TOO_SLOW)
            return
        if self._sender is None:
            self._sender = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        while self._outbox:
            frame = self._outbox.popleft()
            self._outbox_bytes -= len(frame)
            self.last_sent = time.monotonic()
            try:
                await self.transport_send(frame)
            except Exception:  # the transport is gone; its disconnect is on its way
                self.closed = True
                self._outbox.clear()
        self._sender = None

    def close(self, code: CloseCode) -> None:
        if self.closed:
            return
        self.closed = True
        asyncio.create_task(self._close_after_sending(code))

    async def _close_after_sending(self, code: CloseCode) -> None:
        if self._sender is not None:
            await asyncio.wait([self._sender], timeout=5)
        await self.transport_close(int(code))


@dataclass(slots=True)
class _Pending:
    """An update that was checked and waits to be stored."""

    payload: bytes
    user_id: int | None
    clients: set[int]
    mode: str
    sender: Connection | None
    number: int  # which of the sender's content frames this is


@dataclass(slots=True)
class _Grave:
    """A state from just before containers were deleted, for characters that are still on their way to them."""

    state: bytes
    until: float


@dataclass(slots=True)
class _Shown:
    """One awareness state, as it is sent on."""

    clock: int
    state: bytes
    owner: Connection


class Room:
    def __init__(
        self, hub: "Hub", document: str, kind: DocumentKind, document_id: UUID
    ) -> None:
        self.hub = hub
        self.document = document
        self.kind = kind
        self.document_id = document_id
        self.connections: set[Connection] = set()
        self.loaded = asyncio.Event()
        self.doc: pycrdt.Doc = pycrdt.Doc()
        self.shape = Shape()
        self.owners: dict[int, int] = {}
        self.through_id = 0
        self._state_bytes = 0
        self._arrived_while_loading: list[tuple[bytes, int | None, int]] = []
        self._pending: list[_Pending] = []
        self._in_flight: list[_Pending] = []
        self._pending_bytes = 0
        self._room_for_more = asyncio.Event()
        self._room_for_more.set()
        self._flusher: asyncio.Task[None] | None = None
        self._awareness: dict[int, _Shown] = {}
        self._awareness_dirty: dict[int, tuple[int, bytes]] = {}
        self._awareness_timer: asyncio.TimerHandle | None = None
        self._graves: deque[_Grave] = deque(maxlen=limits.GRAVES)
        self._copies: list[Copy] = []
        self._rescuer: dict[
            int | None, int
        ] = {}  # user → client id under which their characters are brought back
        self._editors_since_stored: set[int] = set()
        self._editors_since_settled: set[int] = set()
        self._stored_timer: asyncio.TimerHandle | None = None
        self._settled_timer: asyncio.TimerHandle | None = None
        self._tail_rows = 0
        self.empty_since = time.monotonic()

    # ---- opening ------------------------------------------------------------------------------------------

    async def load(self) -> None:
        state, owners = await self.hub.in_thread(_load, self.document)
        self._take_state(state.state)
        self.owners = owners
        self.through_id = state.through_id
        self.loaded.set()
        for payload, user_id, row_id in self._arrived_while_loading:
            self.absorb(payload, user_id, row_id)
        self._arrived_while_loading.clear()

    def _take_state(self, state: bytes) -> None:
        self.doc.apply_update(state)
        self.shape.add(read_update(self.doc.get_update()))

    # ---- connections --------------------------------------------------------------------------------------

    def join(self, connection: Connection) -> None:
        self.connections.add(connection)
        connection.send(
            protocol.status(
                connection.access.name.lower(), connection.reason, connection.identity
            )
        )
        if connection.access >= Access.WRITE:
            connection.send(protocol.sync(Step.STEP1, self.doc.get_state()))
        if self._awareness:
            connection.send(self._awareness_of(self._awareness))

    def leave(self, connection: Connection) -> None:
        connection.closed = True
        self.connections.discard(connection)
        for client in connection.awareness_clients:
            shown = self._awareness.get(client)
            if shown is not None and shown.owner is connection:
                del self._awareness[client]
                self._show(client, shown.clock + 1, b"null")
        if not self.connections:
            self.empty_since = time.monotonic()
            self.hub.call_later(limits.IDLE_SECONDS, self.hub.evict, self)

    # ---- what connections send ----------------------------------------------------------------------------

    async def receive(self, connection: Connection, frame: bytes) -> None:
        """Handle one frame. Raises Refused when the connection has to end."""
        if len(frame) > limits.FRAME_BYTES:
            raise Refused(CloseCode.TOO_LARGE, "frame too large")
        try:
            message = protocol.read_frame(frame)
            if isinstance(message, protocol.Sync):
                self._sync(connection, message)
            elif isinstance(message, protocol.Awareness):
                for entry in message.entries:
                    self._take_awareness(connection, entry)
            elif self._awareness:
                connection.send(self._awareness_of(self._awareness))
        except protocol.Unexpected as error:
            raise Refused(CloseCode.UNEXPECTED, str(error)) from None
        except Malformed as error:
            raise Refused(CloseCode.MALFORMED, str(error)) from None
        await self._room_for_more.wait()

    def _sync(self, connection: Connection, message: protocol.Sync) -> None:
        if message.step == Step.STEP1:
            protocol.read_state_vector(message.payload)
            connection.send(
                protocol.sync(Step.STEP2, self.doc.get_update(message.payload))
            )
            return
        connection.frames += 1
        update = read_update(message.payload)
        if connection.access < Access.WRITE:
            if not update.empty and not self._known(update):
                logger.info(
                    "dropped an update of a connection that may only read %s",
                    self.document,
                )
            return
        if update.empty or self._known(update):
            self._acknowledge_empty(connection)
            return
        self._take_update(connection, update, message)

    def _known(self, update: Update) -> bool:
        """Whether there is nothing new in it: a client that answers step1 repeats its deletions."""
        return not self.shape.new_structs(update) and self.shape.all_deleted(
            update.deletes
        )

    def _acknowledge_empty(self, connection: Connection) -> None:
        if self._flusher is None:
            connection.stored = connection.frames
            connection.send(protocol.durable(connection.stored, {}))
        else:
            self._pending.append(
                _Pending(
                    store.EMPTY_UPDATE,
                    None,
                    set(),
                    "none",
                    connection,
                    connection.frames,
                )
            )

    def _take_update(
        self, connection: Connection, update: Update, message: protocol.Sync
    ) -> None:
        if self.shape.lacks(update):
            self._ask_again(connection, message)
            return
        fresh = self.shape.new_structs(update)
        clients = {struct.client for struct in fresh}
        if any(
            self.owners.get(client, connection.user_id) != connection.user_id
            for client in clients
        ):
            raise Refused(
                CloseCode.FOREIGN_CLIENT_ID, "writes under a client id of someone else"
            )
        if self._state_bytes > limits.DOCUMENT_BYTES:
            raise Refused(CloseCode.TOO_LARGE, "document too large")
        self._check_schema(update, fresh)
        try:
            pycrdt.merge_updates(message.payload)
        except Exception:
            raise Malformed("not a Yjs update") from None
        new_clients = {client for client in clients if client not in self.owners}
        self.owners.update(dict.fromkeys(new_clients, connection.user_id))
        self._stage(
            _Pending(
                message.payload,
                connection.user_id,
                new_clients,
                "write",
                connection,
                connection.frames,
            ),
            update,
        )

    def _ask_again(self, connection: Connection, message: protocol.Sync) -> None:
        """The update builds on something that is not here: have the client send all that this side lacks."""
        connection.gaps += 1
        if message.step == Step.STEP2 or connection.gaps > limits.GAPS_PER_CONNECTION:
            raise Refused(CloseCode.MALFORMED, "builds on updates that were never sent")
        connection.send(
            protocol.sync(Step.STEP1, protocol.state_vector(self.shape.clocks))
        )

    def _check_schema(self, update: Update, fresh: list[Struct]) -> None:
        """Refuse elements, marks and attributes that editors would delete or choke on (under the governed root)."""
        places = {(struct.client, struct.clock): struct for struct in update.structs}
        for struct in fresh:
            if not self._allowed(struct, places) and self._root_of(struct, places) == self.kind.fragment:
                raise Refused(CloseCode.NOT_IN_SCHEMA, "content the schema does not allow")

    def _allowed(self, struct: Struct, places: dict[Id, Struct]) -> bool:
        value: Any = struct.value
        if struct.content in (Content.STRING, Content.GC, Content.DELETED):
            return True
        if struct.content == Content.TYPE:
            reference, name = value
            return self.kind.allows_element(name) if reference == TypeRef.XML_ELEMENT else reference == TypeRef.XML_TEXT
        if struct.content == Content.FORMAT:
            return self.kind.allows_mark(value[0])
        if struct.content == Content.ANY:
            element, key = self._attribute(struct, places)
            return self.kind.allows_attribute(element, key, value[-1])
        return False

    def _attribute(self, struct: Struct, places: dict[Id, Struct]) -> tuple[str, str]:
        """Which element's attribute it sets; a later value names neither, only the value before it."""
        while struct.parent is None and struct.origin in places:
            struct = places[struct.origin]
        if struct.parent is None and struct.origin is not None:
            return self.shape.element(struct.origin), self.shape.keys.get(struct.origin, "")
        if not isinstance(struct.parent, tuple):
            return "", struct.key or ""
        if struct.parent in places:
            return places[struct.parent].value[1], struct.key or ""  # type: ignore[index]
        container = self.shape.containers.get(struct.parent)
        return container.name if container else "", struct.key or ""

    def _root_of(self, struct: Struct, places: dict[Id, Struct]) -> str:
        seen = 0
        while seen < 100_000:
            seen += 1
            if isinstance(struct.parent, str):
                return struct.parent
            needed = struct.parent or struct.origin or struct.right
            if needed is None:
                return ""
            if needed not in places and needed[1] < self.shape.clocks.get(needed[0], 0):
                return self.shape.root(needed)
            struct = places.get(needed) or next(
                other
                for other in places.values()
                if other.client == needed[0] and other.clock <= needed[1] < other.end
            )
        return self.kind.fragment

    # ---- storing, applying, passing on ----------------------------------------------------------------------

    def _stage(self, pending: _Pending, update: Update) -> None:
        """Put an update in line to be stored, and behind it what brings back characters that it would lose."""
        kills = self.shape.kills(update.deletes)
        before = self._staged_state() if kills else None
        lost = self.shape.add(update)
        self._enqueue(pending)
        if kills and before is not None:
            self._graves.append(_Grave(before, time.monotonic() + limits.GRAVE_SECONDS))
        if lost:
            self._rescue(pending, lost, before)
        if self._copies and update.deletes:
            self._delete_copies(pending, update.deletes)

    def _enqueue(self, pending: _Pending) -> None:
        self._pending.append(pending)
        self._pending_bytes += len(pending.payload)
        if self._pending_bytes > limits.PENDING_BYTES:
            self._room_for_more.clear()
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())

    def _staged_state(self) -> bytes:
        """The state with everything that still waits to be stored."""
        waiting = [pending.payload for pending in (*self._in_flight, *self._pending)]
        state = self.doc.get_update()
        return store.merge([state, *waiting]) if waiting else state

    def _rescue(self, pending: _Pending, lost: list[Run], before: bytes | None) -> None:
        alive = (
            before if before is not None else self._grave_with(pending.payload, lost)
        )
        source = alive if alive is not None else pending.payload
        text = characters(source, lost)
        if not text:
            return
        for user_id in {self.owners.get(run.client) for run, _ in text}:
            theirs = [
                (run, piece)
                for run, piece in text
                if self.owners.get(run.client) == user_id
            ]
            found = rescue(
                alive=alive or store.EMPTY_UPDATE,
                now=self._staged_state(),
                lost=theirs,
                fragment=self.kind.fragment,
                text_block=self.kind.text_block,
                client_id=self._rescuer_of(user_id),
            )
            if found is not None:
                self._enqueue_rescue(found, user_id)

    def _grave_with(self, payload: bytes, lost: list[Run]) -> bytes | None:
        """The newest state in which the container of late characters still lived, with these characters in it."""
        now = time.monotonic()
        while self._graves and self._graves[0].until < now:
            self._graves.popleft()
        for grave in reversed(self._graves):
            state = store.merge([grave.state, payload])
            if characters(state, lost):
                grave.state = state
                return state
        return None

    def _rescuer_of(self, user_id: int | None) -> int:
        if user_id not in self._rescuer:
            self._rescuer[user_id] = random.getrandbits(32)
        return self._rescuer[user_id]

    def _enqueue_rescue(self, found: Rescue, user_id: int | None) -> None:
        client = self._rescuer_of(user_id)
        clients = {client} if client not in self.owners else set()
        if user_id is not None:
            self.owners[client] = user_id
        self._copies = (self._copies + found.copies)[-1000:]
        self.shape.add(read_update(found.update))
        self._enqueue(_Pending(found.update, user_id, clients, "rescue", None, 0))
        logger.info(
            "brought back %d stretches of text in %s", len(found.copies), self.document
        )

    def _delete_copies(self, pending: _Pending, deletes: Ranges) -> None:
        """When its author deletes a character that lives on as a copy, the copy goes too."""
        doomed: Ranges = {}
        for copy in self._copies:
            for clock, length in deletes.get(copy.source.client, []):
                low = max(clock, copy.source.clock)
                high = min(clock + length, copy.source.clock + copy.source.length)
                if low < high:
                    doomed.setdefault(copy.client, []).append(
                        (copy.clock + low - copy.source.clock, high - low)
                    )
        if doomed:
            payload = write_deletes(doomed)
            self.shape.add(read_update(payload))
            self._enqueue(_Pending(payload, pending.user_id, set(), "rescue", None, 0))

    async def _flush(self) -> None:
        try:
            while self._pending:
                batch, self._pending = self._pending, []
                self._in_flight = batch
                self._pending_bytes = 0
                self._room_for_more.set()
                await self._store(batch)
                self._in_flight = []
                self._pass_on(batch)
        finally:
            self._flusher = None

    async def _store(self, batch: list[_Pending]) -> None:
        entries = [
            Entry(
                self.document,
                pending.user_id,
                pending.payload,
                pending.clients,
                pending.mode,
            )
            for pending in batch
            if pending.mode not in ("none", "stored")
        ]
        if entries:
            ids = await self.hub.writer.append(_joined(entries))
            self.through_id = max(self.through_id, *ids)
            self._tail_rows += len(ids)

    def _pass_on(self, batch: list[_Pending]) -> None:
        payloads = [pending.payload for pending in batch if pending.mode != "none"]
        if payloads:
            update = (
                payloads[0] if len(payloads) == 1 else pycrdt.merge_updates(*payloads)
            )
            self.doc.apply_update(update)
            senders = {
                id(pending.sender) for pending in batch if pending.mode != "none"
            }
            only_sender = senders.pop() if len(senders) == 1 else None
            frame = protocol.sync(Step.UPDATE, update)
            for connection in self.connections:
                if id(connection) != only_sender:
                    connection.send(frame)
            self._note_work(
                {pending.user_id for pending in batch if pending.user_id is not None}
            )
        for connection in {
            pending.sender for pending in batch if pending.sender is not None
        }:
            connection.stored = max(
                [
                    connection.stored,
                    *(
                        pending.number
                        for pending in batch
                        if pending.sender is connection
                    ),
                ]
            )
            connection.send(
                protocol.durable(connection.stored, self._clocks_of(connection))
            )

    def _clocks_of(self, connection: Connection) -> dict[int, int]:
        return {
            client: clock
            for client, clock in self.shape.clocks.items()
            if client in connection.awareness_clients
        }

    def absorb(self, payload: bytes, user_id: int | None, row_id: int) -> None:
        """Take an update that is already stored (a change made by server code)."""
        if not self.loaded.is_set():
            self._arrived_while_loading.append((payload, user_id, row_id))
            return
        self.through_id = max(self.through_id, row_id)
        update = read_update(payload)
        if self._known(update):
            return
        if user_id is not None:
            self.owners.update(
                dict.fromkeys(update.clients - self.owners.keys(), user_id)
            )
        self._tail_rows += 1
        self._stage(_Pending(payload, user_id, set(), "stored", None, 0), update)

    # ---- who is here ----------------------------------------------------------------------------------------

    def _take_awareness(self, connection: Connection, entry: AwarenessEntry) -> None:
        if not self._may_speak_for(connection, entry.client):
            return
        if entry.state is None:
            state = b"null"
        else:
            state = protocol.awareness_state(
                {**entry.state, "user": connection.identity}
            )
            if len(state) > limits.AWARENESS_BYTES:
                raise Refused(CloseCode.TOO_LARGE, "awareness too large")
        shown = self._awareness.get(entry.client)
        if (
            shown is not None
            and shown.owner is connection
            and entry.clock < shown.clock
        ):
            return
        if entry.state is None:
            self._awareness.pop(entry.client, None)
        else:
            self._awareness[entry.client] = _Shown(entry.clock, state, connection)
        self._show(entry.client, entry.clock, state)

    def _may_speak_for(self, connection: Connection, client: int) -> bool:
        if client in connection.awareness_clients:
            return True
        if self.owners.get(client, connection.user_id) != connection.user_id:
            return False
        shown = self._awareness.get(client)
        if shown is not None and shown.owner.user_id != connection.user_id:
            return False
        if len(connection.awareness_clients) >= limits.AWARENESS_CLIENTS:
            return False
        connection.awareness_clients.add(client)
        return True

    def _show(self, client: int, clock: int, state: bytes) -> None:
        self._awareness_dirty[client] = (clock, state)
        if self._awareness_timer is None:
            self._awareness_timer = self.hub.call_later(
                limits.AWARENESS_MILLISECONDS / 1000, self._send_awareness
            )

    def _send_awareness(self) -> None:
        self._awareness_timer = None
        dirty, self._awareness_dirty = self._awareness_dirty, {}
        frame = protocol.awareness(
            (client, clock, state) for client, (clock, state) in dirty.items()
        )
        for connection in self.connections:
            connection.send(frame)

    def _awareness_of(self, states: dict[int, _Shown]) -> bytes:
        return protocol.awareness(
            (client, shown.clock, shown.state) for client, shown in states.items()
        )

    def sign_of_life(self) -> None:
        """Something to everyone who has heard nothing for a while, so that clients know the line is alive."""
        due = time.monotonic() - limits.QUIET_SECONDS
        for connection in self.connections:
            if connection.last_sent < due:
                connection.send(protocol.durable(connection.stored, {}))

    # ---- telling the app --------------------------------------------------------------------------------------

    def _note_work(self, editors: set[int]) -> None:
        self._editors_since_stored |= editors
        self._editors_since_settled |= editors
        if self._stored_timer is None:
            self._stored_timer = self.hub.call_later(
                limits.STORED_SECONDS, self._tell_stored
            )
        if self._settled_timer is not None:
            self._settled_timer.cancel()
        self._settled_timer = self.hub.call_later(
            limits.SETTLED_SECONDS, self._tell_settled
        )
        if self._tail_rows >= limits.COMPACT_UPDATES:
            self._tail_rows = 0
            self.hub.background(store.compact, self.document)

    def _tell_stored(self) -> None:
        self._stored_timer = None
        editors, self._editors_since_stored = self._editors_since_stored, set()
        state = self.doc.get_update()
        self._state_bytes = len(state)
        self.hub.background(
            _tell, self.kind.stored, self.document_id, state, editors, self.through_id
        )

    def _tell_settled(self) -> None:
        if self._settled_timer is not None:
            self._settled_timer.cancel()
            self._settled_timer = None
        editors, self._editors_since_settled = self._editors_since_settled, set()
        if editors:
            self.hub.background(
                _tell,
                self.kind.settled,
                self.document_id,
                self.doc.get_update(),
                editors,
                self.through_id,
            )

    @property
    def busy(self) -> bool:
        return bool(self.connections or self._pending or self._flusher)

    async def close(self) -> None:
        """Everything stored, the app told, timers off."""
        if self._flusher is not None:
            await asyncio.wait([self._flusher])
        if self._stored_timer is not None:
            self._stored_timer.cancel()
            self._tell_stored()
        self._tell_settled()
        if self._awareness_timer is not None:
            self._awareness_timer.cancel()
        if self._tail_rows:
            self.hub.background(store.compact, self.document)


def _joined(entries: list[Entry]) -> list[Entry]:
    """Neighbouring entries of one person as one row."""
    joined: list[Entry] = []
    for entry in entries:
        last = joined[-1] if joined else None
        if last is not None and (last.user_id, last.mode) == (
            entry.user_id,
            entry.mode,
        ):
            joined[-1] = Entry(
                entry.document,
                entry.user_id,
                pycrdt.merge_updates(last.payload, entry.payload),
                last.clients | entry.clients,
                entry.mode,
            )
        else:
            joined.append(entry)
    return joined


def _load(document: str) -> tuple[DocumentState, dict[int, int]]:
    close_old_connections()
    state = store.load(document)
    return state, store.owners(document)


def _tell(
    hook: Callable[..., None],
    document_id: UUID,
    state: bytes,
    editor_ids: set[int],
    through_id: int,
) -> None:
    hook(
        document_id=document_id,
        state=state,
        editor_ids=editor_ids,
        through_id=through_id,
    )


class Hub:
    """All open rooms of one event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.rooms: dict[str, Room] = {}
        self.writer = Writer()
        self.draining = False
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="rooms")
        self._background: set[asyncio.Future[Any]] = set()
        self._life = asyncio.create_task(self._signs_of_life())

    async def room(self, document: str) -> Room:
        """The open room of a document, loading it first if need be. Raises UnknownKind or ValueError."""
        room = self.rooms.get(document)
        if room is None:
            kind, document_id = parse_document(document)
            room = self.rooms[document] = Room(self, document, kind, document_id)
            try:
                await room.load()
            except BaseException:
                del self.rooms[document]
                raise
        await room.loaded.wait()
        return room

    async def decide(
        self, document: str, user_id: int
    ) -> tuple[AccessDecision, dict[str, Any]]:
        kind, document_id = parse_document(document)
        return await self.in_thread(_decide, kind, user_id, document_id)

    def evict(self, room: Room) -> None:
        idle = time.monotonic() - room.empty_since
        if (
            room.busy
            or self.rooms.get(room.document) is not room
            or idle < limits.IDLE_SECONDS - 0.1
        ):
            return
        del self.rooms[room.document]
        task = asyncio.ensure_future(room.close())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def drain(self) -> None:
        """Before the process stops: everything stored, everyone told to come back."""
        self.draining = True
        self._life.cancel()
        rooms = list(self.rooms.values())
        for room in rooms:
            for connection in list(room.connections):
                connection.close(CloseCode.RESTART)
        await self.writer.finished()
        for room in rooms:
            await room.close()
        self.rooms.clear()
        while self._background:
            await asyncio.wait(set(self._background))
        self.writer.close()
        self._threads.shutdown(wait=True)
        _hubs.pop(self.loop, None)

    def call_later(
        self, seconds: float, function: Callable[..., None], *args: Any
    ) -> asyncio.TimerHandle:
        return self.loop.call_later(seconds, function, *args)

    async def in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        return await sync_to_async(
            function, thread_sensitive=False, executor=self._threads
        )(*args)

    def background(self, function: Callable[..., Any], *args: Any) -> None:
        task = asyncio.ensure_future(self._guarded(function, *args))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _guarded(self, function: Callable[..., Any], *args: Any) -> None:
        try:
            await self.in_thread(_with_fresh_connection, function, *args)
        except Exception:
            logger.exception("background work of a room failed")

    async def _signs_of_life(self) -> None:
        while True:
            await asyncio.sleep(limits.QUIET_SECONDS / 2)
            for room in list(self.rooms.values()):
                room.sign_of_life()


def _decide(
    kind: DocumentKind, user_id: int, document_id: UUID
) -> tuple[AccessDecision, dict[str, Any]]:
    close_old_connections()
    decision = kind.access(user_id=user_id, document_id=document_id)
    identity = (
        kind.identity(user_id=user_id, document_id=document_id)
        if decision.access > Access.NONE
        else {}
    )
    return decision, identity


def _with_fresh_connection(function: Callable[..., Any], *args: Any) -> None:
    close_old_connections()
    function(*args)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


async def drain() -> None:
    """Drain the running loop's hub, if it has one."""
    found = _hubs.get(asyncio.get_running_loop())
    if found is not None:
        await found.drain()


# ---- for server code, from any thread -----------------------------------------------------------------------


def state(document: str) -> DocumentState:
    """The durable state of a document."""
    return store.load(document)


def change(
    document: str,
    fn: Callable[[pycrdt.Doc], None],
    *,
    actor_id: int | None,
    mode: str = "write",
) -> None:
    """Change a document by server code: stored in the caller's transaction, live for everyone on its commit.

    `fn` gets the document in its present durable state and changes it in place; concurrent typing merges.
    """
    with transaction.atomic():
        doc: pycrdt.Doc = pycrdt.Doc(client_id=random.getrandbits(32))
        doc.apply_update(store.load(document).state)
        before = doc.get_state()
        changes: list[bytes] = []
        subscription = doc.observe(lambda event: changes.append(event.update))
        with doc.transaction():
            fn(doc)
        doc.unobserve(subscription)
        if not changes:
            return
        payload = pycrdt.merge_updates(*changes)
        clients = {doc.client_id} if doc.get_state() != before else set()
        [row_id] = store.append([Entry(document, actor_id, payload, clients, mode)])
        transaction.on_commit(lambda: _publish(document, payload, actor_id, row_id))


def _publish(document: str, payload: bytes, user_id: int | None, row_id: int) -> None:
    def take(found: Hub) -> None:
        room = found.rooms.get(document)
        if room is not None:
            room.absorb(payload, user_id, row_id)

    in_every_loop(take)


def in_every_loop(function: Callable[[Hub], None]) -> None:
    """Run something on every hub of this process, each on its own loop."""
    for loop, found in list(_hubs.items()):
        if not loop.is_closed():
            loop.call_soon_threadsafe(function, found)
