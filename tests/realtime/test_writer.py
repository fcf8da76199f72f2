"""The log's writer: what one room wants stored never stops the others."""

import asyncio
import sqlite3

import pytest
from django.db import connection

from realtime import limits, store
from realtime.hub import hub
from realtime.kinds import Access
from realtime.models import DocumentUpdate
from realtime.protocol import CloseCode
from realtime.store import Entry
from realtime.writer import Writer

from .support import Client, NoteKind, User, add_paragraph, new_document, texts

BEYOND_64_BITS = 2**70


@pytest.mark.django_db(transaction=True)
async def test_what_the_database_can_never_take_is_refused_and_the_rest_stored() -> None:
    writer = Writer()
    groups = [
        writer.append([Entry(f"note:{user_id}", user_id, b"\x00\x00")]) for user_id in (1, BEYOND_64_BITS, 2)
    ]
    [first], [poison], [last] = await asyncio.wait_for(asyncio.gather(*groups), 20)
    await writer.close()
    assert first and last and poison == store.REFUSED
    assert await stored_documents() == {"note:1", "note:2"}


async def stored_documents() -> set[str]:
    rows = DocumentUpdate.objects.values_list("document", flat=True)
    return await asyncio.to_thread(lambda: set(rows))


@pytest.mark.usefixtures("live")
async def test_who_sends_what_can_never_be_stored_is_closed_and_the_others_come_back_to_what_was(
    kind: NoteKind,
) -> None:
    kind.rights |= {1: Access.WRITE, 2: Access.WRITE}
    document = new_document()
    poisoner, other = await Client(User(1), document).open(), await Client(User(2), document).open()
    await other.edit(lambda doc: add_paragraph(doc, "a", "留下"))
    await asyncio.gather(other.saved(), poisoner.saved())
    for one in hub().rooms[document].connections:
        if one.user_id == 1:
            one.user_id = BEYOND_64_BITS
    await poisoner.edit(lambda doc: add_paragraph(doc, "b", "毒"))
    await poisoner.until(lambda: poisoner.closed == CloseCode.MALFORMED)
    await other.until(lambda: other.closed == CloseCode.RESTART)
    again = await Client(User(2), document).open()
    await again.until(lambda: texts(again.doc) == ["种子", "留下"])


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the loop stores by itself in SQLite only")
@pytest.mark.django_db(transaction=True)
async def test_the_loop_waits_for_no_lock() -> None:
    """While somebody else writes, the thread waits and everything else goes on."""
    other = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer = Writer()
    stored = writer.append([Entry("note:1", 1, b"\x00\x00")])
    for _ in range(3):  # the loop goes on
        await asyncio.wait([stored], timeout=0.05)
    assert not stored.done()
    other.execute("COMMIT")
    assert (await asyncio.wait_for(stored, 20))[0]
    other.close()
    await writer.close()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the loop stores by itself in SQLite only")
@pytest.mark.parametrize("in_loop", [True, False])
@pytest.mark.django_db(transaction=True)
async def test_loop_and_thread_store_the_same(monkeypatch: pytest.MonkeyPatch, in_loop: bool) -> None:
    monkeypatch.setattr(limits, "COMMIT_IN_LOOP_SECONDS", 10.0 if in_loop else 0.0)
    writer = Writer()
    entries = [Entry("note:1", number, bytes((0, 0))) for number in range(3)]
    ids = await asyncio.wait_for(writer.append(entries), 20)
    await writer.close()
    rows = await asyncio.to_thread(lambda: list(DocumentUpdate.objects.values_list("id", "user_id", "hot")))
    assert rows == [(row_id, number, True) for number, row_id in enumerate(ids)]
