"""What an update must pass before it is stored, and what is stored beside it so that nobody's characters are lost."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from . import content, history, limits, metrics, protocol, store
from .connections import Connection, Received, Refused
from .kinds import Access, DocumentKind
from .merging import beyond, checked
from .protocol import CloseCode, Malformed, Step
from .rescuer import Rescuer
from .shape import Examined, Run, Shape, without
from .store import Entry
from .update import Update, read_update

logger = logging.getLogger(__name__)

NOBODY = 0  # no person's id: what stands under it must not become the text of whoever writes on


@dataclass(slots=True)
class Pending:
    """An update that was checked and waits to be stored (`entry` is None when it is stored already)."""

    payload: bytes | None
    entry: Entry | None = None
    sender: Connection | None = None
    number: int = 0  # the last of the sender's content frames in it
    step: Step = Step.UPDATE
    lost: "Lost | None" = None  # what it brings back


@dataclass(frozen=True, slots=True)
class Lost:
    """Characters that `payload` made disappear though nobody deleted them; before: the state without it."""

    payload: bytes
    runs: list[Run]
    before: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """An update that is in the log already, written by another process or by server code.

    told: by a message, not found in the log later; rescued: the characters that its writer has brought back.
    """

    payload: bytes
    row_ids: list[int]
    owners: dict[int, int]
    editors: set[int] = field(default_factory=set)
    rescued: list[Run] = field(default_factory=list)
    told: bool = True


class Intake:
    """The checks of one room. `line` holds what passed, in the order in which it will be stored.

    staged_state: the state with everything that is in line; in_thread: runs what blocks; look_after: gets what
    another process should bring back, to see later whether it did.
    """

    def __init__(
        self,
        document: str,
        kind: DocumentKind,
        *,
        staged_state: Callable[[], bytes],
        in_thread: Callable[..., Awaitable[Any]],
        look_after: Callable[[Lost], None],
    ) -> None:
        self.document = document
        self.kind = kind
        self.shape = Shape()
        self.owners: dict[int, int] = {}
        self.rescuer = Rescuer(fragment=kind.fragment, text_block=kind.text_block, owner_of=self.owners.get)
        self.line: list[Pending] = []
        self.state_bytes = 0
        self._staged_state = staged_state
        self._in_thread = in_thread
        self._look_after = look_after
        self._own_clients: set[int] = set()  # whose updates this process stores

    async def take(self, connection: Connection) -> None:
        """Check what a connection has sent since the last time. Raises Refused when it has to end."""
        received, connection.inbox = connection.inbox, []
        metrics.frames.inc(len(received))
        if connection.access < Access.WRITE:
            self._drop(connection, received)
            return
        while received and not connection.cut_off:
            count = next((n for n, one in enumerate(received) if one.step == Step.STEP2), len(received))
            together, received = received[: max(count, 1)], received[max(count, 1) :]
            await self._take_together(connection, together)

    def _drop(self, connection: Connection, received: list[Received]) -> None:
        """Of one who may not write nothing is taken, or even read; a stock client's answer holds nothing."""
        for one in received:
            if one.payload == store.EMPTY_UPDATE:
                self.line.append(Pending(None, None, connection, one.number, one.step))
                continue
            metrics.dropped.inc()
            logger.info("dropped an update to %s from a connection that may only read", self.document)

    async def _take_together(self, connection: Connection, received: list[Received]) -> None:
        """Updates of one connection as one, which costs a fraction; one by one where they do not pass together."""
        if len(received) > 1:
            try:
                merged, update = await self._checked([one.payload for one in received])
                if not self.shape.examine(update).lacking:
                    await self._take_one(
                        connection, update, Received(received[-1].number, Step.UPDATE, merged)
                    )
                    return
            except Malformed:
                pass
        for one in received:
            try:
                payload, update = await self._checked([one.payload])
                await self._take_one(connection, update, one._replace(payload=payload))
            except Malformed as error:
                raise Refused(CloseCode.MALFORMED, str(error)) from None

    async def _checked(self, payloads: list[bytes]) -> tuple[bytes, Update]:
        if sum(map(len, payloads)) < limits.LARGE_UPDATE_BYTES:
            return checked(payloads)
        found: tuple[bytes, Update] = await self._in_thread(checked, payloads)
        return found

    async def _take_one(self, connection: Connection, update: Update, received: Received) -> None:
        if self.shape.holds(update):
            self.line.append(Pending(None, None, connection, received.number, received.step))
            return
        if self.shape.repeats(update):
            # it may tell otherwise of what is here, and where updates are merged pycrdt might prefer that
            payload, update = beyond(received.payload, self.shape.clocks)
            received = received._replace(payload=payload)
        await self._take_update(connection, update, received)

    def _ask_again(self, connection: Connection, received: Received) -> None:
        """The update builds on something that is not here: have the client send all that this side lacks."""
        connection.gaps += 1
        metrics.gaps.labels("client").inc()
        connection.dropped = connection.dropped or received.number
        if received.step == Step.STEP2 or connection.gaps > limits.GAPS_PER_CONNECTION:
            raise Refused(CloseCode.MALFORMED, "builds on updates that were never sent")
        connection.send(protocol.sync(Step.STEP1, protocol.state_vector(self.shape.clocks)))

    async def _take_update(self, connection: Connection, update: Update, received: Received) -> None:
        examined = self.shape.examine(update)
        if examined.lacking:
            self._ask_again(connection, received)
            return
        if await self._look_back(connection, update, received.payload, examined):
            examined = self.shape.examine(update)
        clients = {struct.client for struct, _ in examined.placed}
        if any(self.owner_of(client) not in (None, connection.user_id) for client in clients):
            raise Refused(CloseCode.FOREIGN_CLIENT_ID, "writes under a client id of someone else")
        if self.state_bytes > limits.DOCUMENT_BYTES:
            raise Refused(CloseCode.TOO_LARGE, "document too large")
        if not content.allowed(self.kind, examined):
            raise Refused(CloseCode.NOT_IN_SCHEMA, "content the schema does not allow")
        if len(clients - self.owners.keys()) > limits.NEW_CLIENTS:
            raise Refused(CloseCode.TOO_LARGE, "too many new client ids")
        payload = received.payload
        self._own_clients |= clients
        entry = self._entry(payload, connection.user_id, clients, "write")
        self._stage(Pending(payload, entry, connection, received.number, received.step), update)

    def owner_of(self, client: int) -> int | None:
        """Whose a client id is: NOBODY's when the server has written under it for no person (as it does a seed)."""
        return self.owners.get(client, NOBODY if client in self.shape.clocks else None)

    async def _look_back(
        self, connection: Connection, update: Update, payload: bytes, examined: Examined
    ) -> bool:
        """Text for containers that were removed long ago (its author was offline): remember how they stood then."""
        late, anchors = examined.late(update)
        if not late or connection.looks_back >= limits.LOOKS_BACK_PER_CONNECTION:
            return False
        if self.rescuer.knows_place(payload=payload, late=late, before=self._staged_state()):
            return False
        connection.looks_back += 1
        state = await self._in_thread(history.state_without_deletion, self.document, anchors)
        if state is not None:
            self.rescuer.remember_past(state)
        return True

    def _entry(
        self, payload: bytes, user_id: int | None, clients: set[int], mode: str, rescues: tuple[Run, ...] = ()
    ) -> Entry:
        """A row for the log; client ids seen for the first time become this person's."""
        new = clients - self.owners.keys()
        if user_id is not None:
            self.owners.update(dict.fromkeys(new, user_id))
        return Entry(self.document, user_id, payload, new, mode, rescues)

    def absorb(self, stored: Stored, update: Update) -> None:
        """Take an update that lacks nothing and is stored already.

        Who stored the characters that are lost by it brings them back; the others look after a while.
        """
        lost = self._add(Pending(stored.payload), update)
        if lost is None:
            return
        runs = without(lost.runs, stored.rescued)
        mine = [run for run in runs if stored.told and run.client in self._own_clients]
        others = [run for run in runs if run not in mine]
        if mine:
            self.bring_back(Lost(lost.payload, mine, lost.before))
        if others:
            self._look_after(Lost(lost.payload, others, lost.before))

    # ---- bringing back what would be lost -----------------------------------------------------------------

    def _stage(self, pending: Pending, update: Update) -> None:
        """Put an update in line to be stored, and behind it what brings back characters that it would lose."""
        lost = self._add(pending, update)
        if lost is not None:
            self.bring_back(lost)

    def _add(self, pending: Pending, update: Update) -> Lost | None:
        kills = self.shape.kills(update.deletes)
        lost = self.shape.add(update)
        before = self._staged_state() if kills or lost else store.EMPTY_UPDATE
        self.line.append(pending)
        if kills:
            self.rescuer.remember(before)
        # a step 2 also names what removals by others took along: only an update says what its sender deleted
        is_own_word = pending.sender is not None and pending.step == Step.UPDATE
        gone = self.rescuer.follow_deletions(update.deletes) if is_own_word else None
        if gone is not None:
            user_id = pending.entry.user_id if pending.entry else None
            self.shape.add(read_update(gone))
            self.line.append(Pending(gone, self._entry(gone, user_id, set(), "rescue")))
        return Lost(pending.payload or store.EMPTY_UPDATE, lost, before) if lost else None

    def bring_back(self, lost: Lost) -> None:
        rescued = self.rescuer.bring_back(
            payload=lost.payload, lost=lost.runs, before=lost.before, now=self._staged_state
        )
        for found in rescued:
            self.shape.add(read_update(found.payload))
            entry = self._entry(found.payload, found.user_id, {found.client}, "rescue", found.runs)
            self.line.append(
                Pending(found.payload, entry, lost=Lost(lost.payload, list(found.runs), lost.before))
            )
            metrics.rescues.inc()
            logger.info("brought back text that a concurrent removal would have lost in %s", self.document)
