"""What fails for a moment is tried again, and takes nothing and nobody with it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pycrdt
import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import InternalError, OperationalError

from realtime import access, kinds, limits, merging, room, rooms, store, update
from realtime.hub import hub
from realtime.kinds import Access, AccessDecision
from realtime.protocol import CloseCode
from realtime.store import Entry
from realtime.writer import Writer

from .support import Client, InProcess, NoteKind, User, add_paragraph, new_document, texts

pytestmark = pytest.mark.usefixtures("live")
in_one_way = pytest.mark.parametrize("way_in", ["consumer"], indirect=True)


class FailingAtFirst:
    """Stands in for a function: the first calls fail with these, then it is itself again."""

    def __init__(self, real: Callable[..., Any], *errors: Exception) -> None:
        self.real, self.errors = real, list(errors)
        self.calls = 0

    def __call__(self, *args: Any, **named: Any) -> Any:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.real(*args, **named)


def paragraph(text: str) -> Callable[[Any], Any]:
    return lambda doc: add_paragraph(doc, text, text)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RETRY_SECONDS", 0.01)


# ---- the log --------------------------------------------------------------------------------------------------


@in_one_way
async def test_a_read_only_database_refuses_nobody(kind: NoteKind, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL calls it an internal error; it is the database's trouble and not the edit's."""
    monkeypatch.setattr(limits, "COMMIT_IN_LOOP_SECONDS", 0)
    failing = FailingAtFirst(store.append, *[InternalError("read-only transaction")] * 3)
    monkeypatch.setattr(store, "append", failing)
    writer = Writer()
    [row_id] = await asyncio.wait_for(writer.append([Entry("note:1", 1, b"\0\0")]), 20)
    await writer.close()
    assert row_id
    assert failing.calls == 4


@in_one_way
async def test_whatever_goes_wrong_in_the_log_everybody_waiting_gets_an_answer(
    kind: NoteKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "COMMIT_IN_LOOP_SECONDS", 0)
    monkeypatch.setattr(store, "append", FailingAtFirst(store.append, *[RuntimeError("a mistake")] * 2))
    writer = Writer()
    waiting = [writer.append([Entry(f"note:{number}", number, b"\0\0")]) for number in (1, 2)]
    answers = await asyncio.wait_for(asyncio.gather(*waiting), 20)
    assert answers[0] == [store.REFUSED]
    assert answers[1][0]
    [after] = await asyncio.wait_for(writer.append([Entry("note:3", 3, b"\0\0")]), 20)
    await writer.close()
    assert after


# ---- opening --------------------------------------------------------------------------------------------------


async def test_who_comes_in_while_the_database_is_away_is_told_to_come_back(
    kind: NoteKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind.rights = {1: Access.WRITE}
    document = new_document()
    monkeypatch.setattr(store, "load", FailingAtFirst(store.load, OperationalError("away")))
    first = await Client(User(1), document).open()
    assert first.closed == CloseCode.RESTART
    again = await Client(User(1), document).open()
    assert texts(again.doc) == ["种子"]


async def test_nobody_gets_the_empty_room_that_another_could_not_load(
    kind: NoteKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind.rights = {1: Access.WRITE, 2: Access.WRITE}
    document = new_document()
    monkeypatch.setattr(store, "load", FailingAtFirst(store.load, OperationalError("away")))
    both = [Client(User(1), document), Client(User(2), document)]
    await asyncio.gather(*(client.open() for client in both))
    shown = [texts(client.doc) for client in both if client.closed is None]
    assert all(text == ["种子"] for text in shown)
    assert {client.closed for client in both} <= {None, CloseCode.RESTART}


@in_one_way
async def test_two_wait_for_one_room_and_the_second_loads_it_when_the_first_could_not(
    kind: NoteKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = new_document()
    monkeypatch.setattr(store, "load", FailingAtFirst(store.load, OperationalError("away")))
    first, second = await asyncio.gather(hub().room(document), hub().room(document), return_exceptions=True)
    assert isinstance(first, OperationalError)
    assert isinstance(second, room.Room)
    assert second is hub().rooms[document]
    assert second.through_id > 0


@in_one_way
async def test_unpacking_a_document_that_failed_is_tried_again(
    kind: NoteKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await hub().room(new_document())
    failing = FailingAtFirst(room._shape_of, MemoryError())
    monkeypatch.setattr(room, "_shape_of", failing)
    with pytest.raises(MemoryError):
        await here.open()
    await here.open()
    assert failing.calls == 2
    assert here.intake.shape.clocks


@in_one_way
async def test_a_document_of_more_pieces_than_one_may_send_is_still_opened(
    kind: NoteKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind.rights = {1: Access.WRITE}
    document = new_document()
    anna = await Client(User(1), document).open()
    await anna.edit(lambda doc: [add_paragraph(doc, str(number), "字") for number in range(4)])
    await anna.saved()
    await anna.leave()
    await rooms.drain()
    monkeypatch.setattr(update, "MAX_STRUCTS", 10)
    monkeypatch.setattr(merging, "MAX_STRUCTS", 10)
    again = await Client(User(1), document).open()
    await again.edit(paragraph("又一段"))
    await again.saved()
    assert again.closed is None


# ---- what others have stored ----------------------------------------------------------------------------------


async def stored_elsewhere(document: str, text: str) -> None:
    """Another process writes, and tells nobody."""

    def write() -> None:
        doc: Any = pycrdt.Doc()
        doc.apply_update(store.load(document).state)
        before = doc.get_state()
        add_paragraph(doc, text, text)
        store.append([Entry(document, None, doc.get_update(before), {doc.client_id})])

    await sync_to_async(write)()


@in_one_way
async def test_rows_that_could_not_be_read_are_found_again(
    kind: NoteKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind.rights = {1: Access.READ}
    document = new_document()
    anna = await Client(User(1), document).open()
    monkeypatch.setattr(store, "rows", FailingAtFirst(store.rows, OperationalError("restarting")))
    await stored_elsewhere(document, "别处写的")
    await hub()._look_into_the_log()
    await hub()._look_into_the_log()
    await anna.until(lambda: "别处写的" in texts(anna.doc))


@in_one_way
async def test_a_room_that_cannot_take_what_is_stored_is_opened_anew(
    kind: NoteKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind.rights = {1: Access.WRITE}
    document = new_document()
    anna = await Client(User(1), document).open()
    await anna.edit(paragraph("甲"))
    await anna.saved()
    here = hub().rooms[document]
    monkeypatch.setattr(here.intake, "absorb", FailingAtFirst(here.intake.absorb, RuntimeError("a mistake")))
    await stored_elsewhere(document, "别处写的")
    await hub()._look_into_the_log()
    await anna.until(lambda: anna.closed is not None)
    assert anna.closed == CloseCode.RESTART
    again = await Client(User(1), document).open()
    assert texts(again.doc) == ["种子", "甲", "别处写的"]


@in_one_way
async def test_text_to_be_brought_back_waits_for_the_database(
    kind: NoteKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process stored what somebody typed into a block that was removed here, and did not bring it back."""
    kind.rights = {1: Access.WRITE}
    document = new_document()
    monkeypatch.setattr(limits, "RESCUE_WAIT_SECONDS", 0)
    anna = await Client(User(1), document).open()
    await anna.edit(paragraph("甲"))
    await anna.saved()
    other: Any = pycrdt.Doc()
    other.apply_update(anna.doc.get_update())
    before = other.get_state()
    block = other.get("default", type=pycrdt.XmlFragment).children[1]
    block.children[0].insert(len("甲".encode()), "别丢我")
    typed = other.get_update(before)

    def remove(doc: Any) -> None:
        del doc.get("default", type=pycrdt.XmlFragment).children[1]

    await anna.edit(remove)
    await anna.saved()
    failing = FailingAtFirst(store.not_rescued, OperationalError("restarting"))
    monkeypatch.setattr(store, "not_rescued", failing)
    await sync_to_async(store.append)([Entry(document, 2, typed, {other.client_id})])
    await hub()._look_into_the_log()
    await anna.until(lambda: any("别丢我" in text for text in texts(anna.doc)))
    assert failing.calls == 2


# ---- rights ---------------------------------------------------------------------------------------------------


class ChangingKind(NoteKind):
    """Rights that change between the moment they are read and the moment somebody is let in."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[Callable[[], None]] = []

    def access(self, *, user_id: int, document_id: Any) -> AccessDecision:
        decision = super().access(user_id=user_id, document_id=document_id)
        if self.meanwhile:
            self.meanwhile.pop()()
        return decision


async def test_a_right_withdrawn_while_somebody_comes_in_lets_nobody_in() -> None:
    kind = ChangingKind()
    kinds.register(kind)
    document = new_document()
    kind.rights = {1: Access.WRITE}

    def withdraw() -> None:
        kind.rights = {}
        access.changed(document, [1])

    kind.meanwhile = [withdraw]
    anna = await Client(User(1), document).open()
    assert anna.closed == CloseCode.NO_RIGHT
    assert anna.status is None
    assert not hub().rooms[document].connections


@in_one_way
async def test_who_signed_out_while_coming_in_is_not_let_in(kind: NoteKind) -> None:
    kind.rights = {1: Access.WRITE}
    session = SessionStore()
    await sync_to_async(session.create)()
    document = new_document()
    anna = Client(User(1), document)
    assert isinstance(anna.socket, InProcess)
    anna.socket._communicator.scope["session_key"] = session.session_key
    await sync_to_async(Session.objects.all().delete)()
    await anna.open()
    assert anna.closed == CloseCode.NOT_SIGNED_IN
