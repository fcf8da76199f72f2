"""What an update must pass before it is stored, and what is stored beside it so that nobody's characters are lost."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pycrdt

from . import content, history, limits, protocol, store
from .connections import Connection, Received, Refused
from .kinds import Access, DocumentKind
from .protocol import CloseCode, Malformed, Step
from .rescuer import Rescuer
from .shape import Examined, Run, Shape
from .store import Entry
from .update import Content, Update, read_update

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Pending:
    """An update that was checked and waits to be stored (`entry` is None when it is stored already)."""

    payload: bytes | None
    entry: Entry | None = None
    sender: Connection | None = None
    number: int = 0  # the last of the sender's content frames in it
    step: Step = Step.UPDATE


class Intake:
    """The checks of one room. `line` holds what passed, in the order in which it will be stored.

    staged_state: the state with everything that is in line; in_thread: runs what blocks.
    """

    def __init__(
        self,
        document: str,
        kind: DocumentKind,
        *,
        staged_state: Callable[[], bytes],
        in_thread: Callable[..., Awaitable[Any]],
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

    async def take(self, connection: Connection) -> None:
        """Check what a connection has sent since the last time. Raises Refused when it has to end."""
        received, connection.inbox = connection.inbox, []
        while received and not connection.cut_off:
            count = next((n for n, one in enumerate(received) if one.step == Step.STEP2), len(received))
            together, received = received[: max(count, 1)], received[max(count, 1) :]
            await self._take_together(connection, together)

    async def _take_together(self, connection: Connection, received: list[Received]) -> None:
        """Updates of one connection as one, which costs a fraction; one by one where they do not pass together."""
        if len(received) > 1:
            try:
                merged = _merged([one.payload for one in received])
                update = read_update(merged)
                if not self.shape.examine(update).lacking:
                    await self._take_one(
                        connection, update, Received(received[-1].number, Step.UPDATE, merged)
                    )
                    return
            except Malformed:
                pass
        for one in received:
            try:
                await self._take_one(connection, read_update(one.payload), one)
            except Malformed as error:
                raise Refused(CloseCode.MALFORMED, str(error)) from None

    async def _take_one(self, connection: Connection, update: Update, received: Received) -> None:
        if self.shape.holds(update):
            self.line.append(Pending(None, None, connection, received.number, received.step))
        elif connection.access < Access.WRITE:
            logger.info("dropped an update to %s from a connection that may only read", self.document)
        else:
            await self._take_update(connection, update, received)

    def _ask_again(self, connection: Connection, received: Received) -> None:
        """The update builds on something that is not here: have the client send all that this side lacks."""
        connection.gaps += 1
        connection.dropped = connection.dropped or received.number
        if received.step == Step.STEP2 or connection.gaps > limits.GAPS_PER_CONNECTION:
            raise Refused(CloseCode.MALFORMED, "builds on updates that were never sent")
        connection.send(protocol.sync(Step.STEP1, protocol.state_vector(self.shape.clocks)))

    async def _take_update(self, connection: Connection, update: Update, received: Received) -> None:
        examined = self.shape.examine(update)
        if examined.lacking:
            self._ask_again(connection, received)
            return
        if await self._look_back(connection, examined):
            examined = self.shape.examine(update)
        clients = {struct.client for struct, _ in examined.placed}
        if any(self.owners.get(client, connection.user_id) != connection.user_id for client in clients):
            raise Refused(CloseCode.FOREIGN_CLIENT_ID, "writes under a client id of someone else")
        if self.state_bytes > limits.DOCUMENT_BYTES:
            raise Refused(CloseCode.TOO_LARGE, "document too large")
        if not content.allowed(self.kind, examined):
            raise Refused(CloseCode.NOT_IN_SCHEMA, "content the schema does not allow")
        payload = _merged([received.payload])
        entry = self.entry(payload, connection.user_id, clients, "write")
        self._stage(Pending(payload, entry, connection, received.number, received.step), update)

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
        state = await self._in_thread(history.state_before_deletion, self.document, anchor)
        if state is not None:
            self.rescuer.remember(state)
        return True

    def entry(self, payload: bytes, user_id: int | None, clients: set[int], mode: str) -> Entry:
        """A row for the log; client ids seen for the first time become this person's."""
        new = clients - self.owners.keys()
        if user_id is not None:
            self.owners.update(dict.fromkeys(new, user_id))
        return Entry(self.document, user_id, payload, new, mode)

    def absorb(self, payload: bytes, update: Update, user_id: int | None) -> None:
        """Take an update that is stored already."""
        if user_id is not None:
            self.owners.update(dict.fromkeys(update.clients - self.owners.keys(), user_id))
        self._stage(Pending(payload), update)

    # ---- bringing back what would be lost -----------------------------------------------------------------

    def _stage(self, pending: Pending, update: Update) -> None:
        """Put an update in line to be stored, and behind it what brings back characters that it would lose."""
        payload = pending.payload or b""
        before = self._staged_state() if self.shape.kills(update.deletes) else None
        lost = self.shape.add(update)
        self.line.append(pending)
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
            logger.info("brought back text that a concurrent removal would have lost in %s", self.document)

    def _stage_own(self, payload: bytes, user_id: int | None, clients: set[int]) -> None:
        self.shape.add(read_update(payload))
        self.line.append(Pending(payload, self.entry(payload, user_id, clients, "rescue")))


def _merged(payloads: list[bytes]) -> bytes:
    """One update of several. Raises Malformed for what pycrdt cannot read."""
    try:
        return pycrdt.merge_updates(*payloads)
    except BaseException as error:
        store.reraise_unless_from_pycrdt(error)
        raise Malformed("not a Yjs update") from None
