"""A room: one open document in one process, serving its connections directly.

Order of every edit: check, store, apply, then acknowledge and pass on. What anybody else has seen is durable.
While one group of updates is on its way to the disk the next ones gather, and a room rests as long as its last
group kept the process busy: an update after a pause goes out at once, under load many become one frame.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pycrdt

from . import limits, merging, metrics, protocol, store
from .connections import Connection, Refused
from .intake import Intake, Lost, Pending, Stored
from .kinds import Access, DocumentKind
from .presence import Presence
from .protocol import CloseCode, Malformed, Message, Step
from .shape import Run, Shape
from .store import Entry
from .update import read_update

if TYPE_CHECKING:
    from .hub import Hub

logger = logging.getLogger(__name__)

NOTHING = protocol.state_vector({})


class Room:
    def __init__(self, hub: "Hub", document: str, kind: DocumentKind, document_id: UUID) -> None:
        self.hub = hub
        self.document = document
        self.kind = kind
        self.document_id = document_id
        self.connections: set[Connection] = set()
        self.loaded = asyncio.Event()
        self.empty_since = time.monotonic()
        self.through_id = 0
        self.may_read_on = asyncio.Event()
        self.may_read_on.set()
        self.intake = Intake(
            document,
            kind,
            staged_state=self._staged_state,
            in_thread=hub.in_thread,
            look_after=self._look_after,
        )
        self.presence = Presence(self.connections, self.intake.owner_of, self._tell_who_is_here)
        self._doc: pycrdt.Doc = pycrdt.Doc()
        self._as_loaded: bytes | None = None  # the whole state, as long as nothing has come to it
        self._unread: list[bytes] = []  # stored, but not in `_doc` until something is to be done with that
        self._open_timer: asyncio.TimerHandle | None = None
        self._opened: asyncio.Task[None] | None = None
        self._stored_meanwhile: list[Stored] = []
        self._speaking: dict[Connection, None] = {}
        self.waiting_bytes = 0
        self._in_flight: list[Pending] = []
        self._flusher: asyncio.Task[None] | None = None
        self._rest_until = 0.0
        self._hot_rows = 0
        self._editors_since_stored: set[int] = set()
        self._editors_since_settled: set[int] = set()
        self._stored_timer: asyncio.TimerHandle | None = None
        self._settled_timer: asyncio.TimerHandle | None = None

    # ---- opening ------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Read the stored state. It is unpacked only when somebody writes: who reads gets the bytes as they are."""
        state, owners = await self.hub.in_thread(store.load_with_owners, self.document)
        self._as_loaded = state.state
        self._unread = [state.state]
        self.intake.state_bytes = len(state.state)
        self.intake.owners.update(owners)
        self.through_id = state.through_id
        self.loaded.set()

    @property
    def doc(self) -> pycrdt.Doc:
        if self._unread:
            self._read()
        return self._doc

    def _read(self) -> None:
        updates, self._unread = self._unread, []
        self._as_loaded = None
        try:
            with self._doc.transaction():
                for update in updates:
                    self._doc.apply_update(update)
        except BaseException as error:
            merging.reraise_unless_from_pycrdt(error)
            logger.error("an update of %s cannot be applied: its room is opened anew", self.document)
            self.hub.abandon(self)

    def state(self) -> bytes:
        return self.doc.get_state() if self._as_loaded is None else pycrdt.get_state(self._as_loaded)

    def difference(self, state_vector: bytes) -> bytes:
        """Everything that someone with this state lacks."""
        if self._as_loaded is None:
            return self.doc.get_update(state_vector)
        return (
            self._as_loaded if state_vector == NOTHING else pycrdt.get_update(self._as_loaded, state_vector)
        )

    def open(self) -> "asyncio.Task[None]":
        """Unpack what was loaded, the slow part beside the loop. What failed is tried again."""
        if self._opened is None or _failed(self._opened):
            self._opened = asyncio.create_task(self._open())
        return self._opened

    async def _open(self) -> None:
        await self.loaded.wait()
        state = self.difference(NOTHING)
        self.intake.shape = await self.hub.in_thread(_shape_of, state)
        waiting, self._stored_meanwhile = self._stored_meanwhile, []
        for stored in waiting:
            self._absorb(stored)

    # ---- connections --------------------------------------------------------------------------------------

    def join(self, connection: Connection) -> None:
        connection.follower = self
        self.connections.add(connection)
        connection.send(
            protocol.status(connection.access.name.lower(), connection.reason, connection.identity)
        )
        if connection.access >= Access.WRITE:
            connection.send(protocol.sync(Step.STEP1, self.state()))
            self._open_timer = self._open_timer or self.hub.loop.call_later(limits.OPEN_SECONDS, self.open)
        self.presence.greet(connection)

    def leave(self, connection: Connection) -> None:
        connection.closed = True
        self.connections.discard(connection)
        self.presence.leave(connection)
        self.hub.topics.leave(connection)
        if self._stored_timer is not None:  # who goes back to a list finds there what was just written
            self._stored_timer.cancel()
            self._tell_stored()
        self.close_if_empty()

    def close_if_empty(self) -> None:
        """… and stays so for a while."""
        if not self.connections:
            self.empty_since = time.monotonic()
            self.hub.loop.call_later(limits.IDLE_SECONDS, self.hub.evict, self)

    def refuse(self, connection: Connection, refusal: Refused) -> None:
        metrics.refused.labels(refusal.code.name).inc()
        logger.info("closed a connection to %s: %s (%d)", self.document, refusal, refusal.code)
        connection.close(refusal.code)

    def fell_behind(self, connection: Connection) -> None:
        connection.state_when_behind = self.state()

    def drained(self, connection: Connection) -> None:
        """Who could not keep up gets one difference in place of all the frames that were passed over."""
        connection.send(protocol.sync(Step.UPDATE, self.difference(connection.state_when_behind)))
        connection.send(protocol.durable(connection.stored, {}))
        self.presence.greet(connection)
        self.hub.topics.drained(connection)

    # ---- what connections send ----------------------------------------------------------------------------

    def receive(self, connection: Connection, frame: bytes) -> None:
        """Handle one frame; edits are only put in line. Raises Refused when the connection has to end."""
        if len(frame) > _largest(connection, frame):
            raise Refused(CloseCode.TOO_LARGE, "frame too large")
        try:
            message = protocol.read_frame(frame)
            if isinstance(message, protocol.Sync):
                self._sync(connection, message)
            elif isinstance(message, protocol.Awareness):
                for entry in message.entries:
                    self.presence.take(connection, entry)
            elif isinstance(message, protocol.QueryAwareness):
                self.presence.greet(connection)
            else:
                self.hub.topics.take_request(connection, message)
        except protocol.Unexpected as error:
            raise Refused(CloseCode.UNEXPECTED, str(error)) from None
        except Malformed as error:
            raise Refused(CloseCode.MALFORMED, str(error)) from None

    def _sync(self, connection: Connection, message: protocol.Sync) -> None:
        if message.step == Step.STEP1:
            protocol.read_state_vector(message.payload)
            connection.send(protocol.sync(Step.STEP2, self.difference(message.payload)))
            return
        connection.receive(message.step, message.payload)
        self._speaking[connection] = None
        self.waiting_bytes += len(message.payload)
        if self.waiting_bytes > limits.PENDING_BYTES:
            self._read_no_further()
        self._start_flushing()

    def _read_no_further(self) -> None:
        self.may_read_on.clear()
        for connection in self.connections:
            connection.transport.pause()

    def _read_on(self) -> None:
        self.waiting_bytes = 0
        if not self.may_read_on.is_set():
            self.may_read_on.set()
            for connection in self.connections:
                connection.transport.resume()

    def _staged_state(self) -> bytes:
        """The state with everything that still waits to be stored."""
        waiting = [pending.payload for pending in (*self._in_flight, *self.intake.line) if pending.payload]
        return store.merge([self.doc.get_update(), *waiting])

    # ---- storing, applying, passing on ----------------------------------------------------------------------

    def _start_flushing(self) -> None:
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        try:
            await self.open()
            while self._speaking or self.intake.line:
                await self._rest()
                started = time.perf_counter()
                await self._take_what_was_sent()
                self._in_flight, self.intake.line = self.intake.line, []
                self._read_on()
                busy = time.perf_counter() - started
                ids = await self._store(self._in_flight)
                if ids is None:
                    return
                started = time.perf_counter()
                batch, self._in_flight = self._in_flight, []
                self._pass_on(batch)
                self._tell_other_processes(batch, ids)
                self._acknowledge(batch)
                busy += time.perf_counter() - started
                metrics.groups.inc()
                metrics.group_seconds.observe(busy)
                self._rest_until = time.perf_counter() + min(busy, limits.REST_MILLISECONDS / 1000)
        except Exception:  # nobody must write on into a room that stores nothing
            logger.exception("%s could not be stored: its room is opened anew", self.document)
            self.hub.abandon(self)
        finally:
            self._flusher = None

    async def _rest(self) -> None:
        wait = self._rest_until - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)

    async def _take_what_was_sent(self) -> None:
        speaking, self._speaking = self._speaking, {}
        for connection in speaking:
            try:
                await self.intake.take(connection)
            except Refused as refusal:
                self.refuse(connection, refusal)
            except Exception:  # whatever one connection sends must not stop the others' work
                logger.exception("an update to %s could not be checked", self.document)
                connection.close(CloseCode.MALFORMED)

    async def _store(self, batch: list[Pending]) -> list[int] | None:
        """The new rows' ids; None when another process forestalled us and the room has to be opened anew."""
        entries = _joined([pending.entry for pending in batch if pending.entry])
        if not entries:
            return []
        answers = await self.hub.writer.append(entries)
        ids = [row_id for row_id in answers if row_id]
        self.hub.watch.note(ids)
        self._refuse_authors(
            {entry.user_id for entry, row_id in zip(entries, answers, strict=True) if row_id == store.REFUSED}
        )
        if len(ids) < len(entries):
            logger.warning(
                "a part of %s was refused, or another process was first with it: its room is opened anew",
                self.document,
            )
            self.hub.abandon(self)
            for pending in batch:
                if pending.lost is not None:
                    self._look_after(pending.lost)
            return None
        self.through_id = max(self.through_id, *ids)
        self._hot_rows += len(ids)
        metrics.rows.inc(len(ids))
        return ids

    def _refuse_authors(self, user_ids: set[int | None]) -> None:
        """Of what the database can never take; whoever sent it would only send it again."""
        for connection in list(self.connections):
            if connection.user_id in user_ids:
                metrics.refused.labels(CloseCode.MALFORMED.name).inc()
                connection.close(CloseCode.MALFORMED)

    def _pass_on(self, batch: list[Pending]) -> None:
        payloads = [pending.payload for pending in batch if pending.payload]
        if not payloads:
            return
        update = payloads[0] if len(payloads) == 1 else merging.joined(payloads)
        self._as_loaded = None
        self._unread.append(update)
        if len(self._unread) >= limits.UNREAD_UPDATES:
            self._read()
        senders = {pending.sender for pending in batch if pending.payload}
        frame = protocol.sync(Step.UPDATE, update)
        for connection in self.connections:
            if senders != {connection}:
                connection.send(frame)
        self._note_work(
            {pending.entry.user_id for pending in batch if pending.entry and pending.entry.user_id}
        )

    def _acknowledge(self, batch: list[Pending]) -> None:
        senders: dict[Connection, None] = {}
        for pending in batch:
            if pending.sender is not None:
                pending.sender.acknowledge(pending.number, whole=pending.step == Step.STEP2)
                senders[pending.sender] = None
        clocks = self.intake.shape.clocks
        for connection in senders:
            own = {client: clocks.get(client, 0) for client in connection.awareness_clients}
            connection.send(protocol.durable(connection.stored, own))

    # ---- what other processes and server code have stored -------------------------------------------------------

    def absorb(self, stored: Stored) -> None:
        """Take an update that is in the log already."""
        self.hub.watch.note(stored.row_ids)
        if self._opened is None or not self._opened.done() or _failed(self._opened):
            self._stored_meanwhile.append(stored)
        else:
            self._absorb(stored)
        self._start_flushing()

    def _absorb(self, stored: Stored) -> None:
        try:
            self._take_stored(stored)
        except Exception:  # a room that lacks what is stored must not go on
            logger.exception("what is stored of %s was not taken: its room is opened anew", self.document)
            self.hub.abandon(self)

    def _take_stored(self, stored: Stored) -> None:
        self.through_id = max(self.through_id, *stored.row_ids)
        for client, user_id in stored.owners.items():
            self.intake.owners.setdefault(client, user_id)
        update = read_update(stored.payload)
        if self.intake.shape.holds(update):
            return
        if self.intake.shape.examine(update).lacking:
            self.hub.keep(self.hub.until_answered(self._read_all_again))
            return
        self._hot_rows += len(stored.row_ids)
        self.intake.absorb(stored, update)
        if stored.editors:
            self._note_work(stored.editors)
        elif self._settled_timer is not None:
            self._note_settled_later()

    async def catch_up(self, row_ids: list[int]) -> None:
        """Take rows that were found in the log, and of which no message told."""
        metrics.gaps.labels("log").inc(len(row_ids))
        for row in await self.hub.in_thread(store.rows, row_ids):
            owners = dict.fromkeys(row.clients, row.user_id) if row.user_id is not None else {}
            self.absorb(Stored(bytes(row.payload), [row.pk], owners, told=False))

    async def _read_all_again(self) -> None:
        """Something builds on what is not here: a message was lost, and the log has it."""
        state, owners = await self.hub.in_thread(store.load_with_owners, self.document)
        update = read_update(state.state)
        if self.intake.shape.examine(update).lacking:
            logger.error("the log of %s is not whole: its room is opened anew", self.document)
            self.hub.abandon(self)
            return
        self.absorb(Stored(state.state, [state.through_id], owners, told=False))

    def take_message(self, header: dict[str, Any], payload: bytes) -> None:
        """What another process says about this document."""
        kind = header["kind"]
        if kind == "stored":
            self.absorb(_stored_in(header, payload))
        elif kind == "written":  # too large for a message
            self.hub.keep(self.catch_up(header["rows"]))
        elif kind == "people":
            people = {int(client): user_id for client, user_id in header["people"].items()}
            self.presence.absorb(header["from"], payload, people)
        elif kind == "hello":
            self.presence.repeat()

    def say_hello(self) -> None:
        """Ask the other processes who is here with them, and tell them who is here."""
        if self.hub.relay:
            self.hub.relay.publish(self.document, {"kind": "hello"})
            self.presence.repeat()

    def _tell_who_is_here(self, frame: bytes, people: dict[int, int]) -> None:
        if self.hub.relay:
            self.hub.relay.publish(self.document, {"kind": "people", "people": people}, frame)

    def _tell_other_processes(self, batch: list[Pending], ids: list[int]) -> None:
        if not (self.hub.relay and ids):
            return
        own = [pending for pending in batch if pending.entry and pending.payload]
        payload = merging.joined([pending.payload for pending in own if pending.payload])
        entries = [pending.entry for pending in own if pending.entry]
        owners = {
            client: entry.user_id
            for entry in entries
            for client in entry.clients
            if entry.user_id is not None
        }
        rescued = [run for entry in entries for run in entry.rescues]
        self.hub.relay.publish(self.document, *stored_message(payload, ids, owners, rescued=rescued))

    def _look_after(self, lost: Lost) -> None:
        """Another process should bring these back: see whether it did."""
        self.hub.loop.call_later(limits.RESCUE_WAIT_SECONDS, self.hub.bring_back, self.document, lost)

    async def bring_back(self, lost: Lost) -> None:
        await self.open()
        left = await self.hub.in_thread(store.not_rescued, self.document, lost.runs)
        if left:
            self.intake.bring_back(Lost(lost.payload, left, lost.before))
            self._start_flushing()

    def sign_of_life(self) -> None:
        self.presence.repeat()
        self.presence.forget_the_silent()
        for connection in list(self.connections):
            connection.sign_of_life()

    # ---- telling the app --------------------------------------------------------------------------------------

    def _note_work(self, editors: set[int]) -> None:
        self._editors_since_stored |= editors
        self._editors_since_settled |= editors
        if self._stored_timer is None:
            self._stored_timer = self.hub.loop.call_later(limits.STORED_SECONDS, self._tell_stored)
        self._note_settled_later()
        if self._hot_rows >= limits.COMPACT_UPDATES:
            self._hot_rows = 0
            self.hub.background(store.compact, self.document)

    def _note_settled_later(self) -> None:
        if self._settled_timer is not None:
            self._settled_timer.cancel()
        self._settled_timer = self.hub.loop.call_later(limits.SETTLED_SECONDS, self._tell_settled)

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
        self.intake.state_bytes = len(state)
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
        return not (self.connections or self._speaking or self.intake.line or self._flusher)

    def stop_timers(self) -> None:
        for timer in (self._open_timer, self._stored_timer, self._settled_timer):
            if timer is not None:
                timer.cancel()
        self._stored_timer = self._settled_timer = None

    async def close(self) -> None:
        """Everything stored, the app told, timers off."""
        if self._flusher is not None:
            await asyncio.wait([self._flusher])
        self.presence.close()
        stored, settled = self._stored_timer, self._settled_timer
        self.stop_timers()
        if stored is not None:
            self._tell_stored()
        if settled is not None:
            self._tell_settled()
        if self._hot_rows:
            self.hub.background(store.compact, self.document)


def stored_message(
    payload: bytes,
    row_ids: list[int],
    owners: dict[int, int],
    *,
    rescued: list[Run] | None = None,
    editors: set[int] | None = None,
) -> tuple[dict[str, Any], bytes]:
    """Header and payload that tell another process's room of rows."""
    if len(payload) > limits.RELAY_BYTES:
        return {"kind": "written", "rows": row_ids}, b""
    return {
        "kind": "stored",
        "rows": row_ids,
        "owners": owners,
        "rescued": [(run.client, run.clock, run.length) for run in rescued or []],
        "editors": sorted(editors or ()),
    }, payload


def _stored_in(header: dict[str, Any], payload: bytes) -> Stored:
    return Stored(
        payload,
        header["rows"],
        {int(client): user_id for client, user_id in header["owners"].items()},
        set(header["editors"]),
        [Run(*run) for run in header["rescued"]],
    )


def _largest(connection: Connection, frame: bytes) -> int:
    if frame.startswith(bytes((Message.AWARENESS,))):
        return limits.AWARENESS_FRAME_BYTES
    return limits.FRAME_BYTES if connection.access >= Access.WRITE else limits.READER_FRAME_BYTES


def _failed(task: "asyncio.Task[None]") -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


def _shape_of(state: bytes) -> Shape:
    shape = Shape()
    shape.add(read_update(state))
    return shape


def _joined(entries: list[Entry]) -> list[Entry]:
    """Neighbouring entries of one person as one row."""
    joined: list[Entry] = []
    for entry in entries:
        last = joined[-1] if joined else None
        same = last is not None and (last.user_id, last.mode) == (entry.user_id, entry.mode)
        if last is None or not same or entry.rescues or last.rescues:
            joined.append(entry)
            continue
        payload = merging.joined([last.payload, entry.payload])
        joined[-1] = Entry(
            entry.document,
            entry.user_id,
            payload,
            last.clients | entry.clients,
            entry.mode,
        )
    return joined
