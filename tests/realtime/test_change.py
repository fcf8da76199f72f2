"""`rooms.change` from anywhere: a thread, another process, a transaction that fails, while people type."""

import asyncio
import os
import subprocess
import sys
from typing import Any

import pycrdt
import pytest
from django.conf import settings

from realtime import authors, rooms
from realtime.hub import hub
from realtime.kinds import Access
from realtime.models import ClientOwner, DocumentUpdate
from realtime.protocol import CloseCode
from tests.support.processes import BASE, this_database

from .followers import beside
from .support import Client, NoteKind, User, add_paragraph, fragment, new_document, texts

pytestmark = [
    pytest.mark.usefixtures("live"),
    pytest.mark.parametrize("way_in", ["consumer"], indirect=True),
]

ADDED = 8


async def two_writers(kind: NoteKind) -> tuple[str, Client, Client]:
    kind.rights = {1: Access.WRITE, 2: Access.WRITE}
    document = new_document()
    return document, await Client(User(1), document).open(), await Client(User(2), document).open()


def in_a_process(document: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "tests.realtime.client.change", document, *arguments]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "prep_platform.settings",
        "DATABASE_URL": this_database(),
        "DATA_DIR": str(settings.DATA_DIR),
    }
    done = subprocess.run(command, cwd=BASE, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def at_the_end_of(key: str, text: str) -> Any:
    def change(doc: pycrdt.Doc) -> None:
        block = next(child for child in fragment(doc).children if child.attributes.get("id") == key)
        content = block.children[0]
        content.insert(len(str(content).encode()), text)

    return change


async def test_a_process_without_rooms_changes_what_is_open_here(kind: NoteKind) -> None:
    document, anna, bo = await two_writers(kind)
    await asyncio.to_thread(in_a_process, document, "--add", "1")
    for client in (anna, bo):
        await client.until(lambda client=client: texts(client.doc) == ["种子", "别处 0"])
    row = await DocumentUpdate.objects.filter(document=document).order_by("-id").afirst()
    assert row.user_id == 9
    assert await ClientOwner.objects.filter(document=document, user_id=9).acount() == 1


async def test_a_document_that_nobody_has_opened_yet_can_be_changed(kind: NoteKind) -> None:
    kind.rights = {1: Access.WRITE}
    document = new_document()
    await asyncio.to_thread(in_a_process, document, "--add", "2")
    assert document not in hub().rooms
    anna = await Client(User(1), document).open()
    assert texts(anna.doc) == ["种子", "别处 0", "别处 1"]


async def test_changes_from_threads_and_processes_merge_with_what_people_type(kind: NoteKind) -> None:
    document, anna, bo = await two_writers(kind)
    for client, key in ((anna, "a"), (bo, "b")):
        await client.edit(lambda doc, key=key: add_paragraph(doc, key, ""))

    async def type_on(client: Client, key: str) -> None:
        for number in range(60):
            await client.edit(at_the_end_of(key, f"{number},"))
            await client.saved()

    async def change_from_a_thread(name: str) -> None:
        for number in range(ADDED):
            change = at_the_end_of("seed", f"{name}{number},")
            await beside(rooms.change, document, change, actor_id=9)

    await asyncio.gather(
        type_on(anna, "a"),
        type_on(bo, "b"),
        change_from_a_thread("甲"),
        change_from_a_thread("乙"),
        asyncio.to_thread(in_a_process, document, "--add", str(ADDED)),
    )
    typed = "".join(f"{number}," for number in range(60))
    elsewhere = [f"别处 {number}" for number in range(ADDED)]
    for client in (anna, bo):
        await client.until(
            lambda client=client: (
                {typed, *elsewhere} <= set(texts(client.doc)) and by_threads(client.doc) == 16
            )
        )
    assert texts(anna.doc) == texts(bo.doc)
    assert len(texts(anna.doc)) == 3 + ADDED
    for name in "甲乙":
        positions = [texts(anna.doc)[0].index(f"{name}{number},") for number in range(ADDED)]
        assert positions == sorted(positions)
    stored: pycrdt.Doc = pycrdt.Doc()
    stored.apply_update((await beside(rooms.state, document)).state)
    assert texts(stored) == texts(anna.doc)


def by_threads(doc: pycrdt.Doc) -> int:
    return texts(doc)[0].count(",")


@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "in another process"])
async def test_what_is_typed_into_a_block_that_server_code_removes_comes_back(
    kind: NoteKind, elsewhere: bool
) -> None:
    document, anna, bo = await two_writers(kind)
    await anna.edit(lambda doc: add_paragraph(doc, "a", "甲"))
    await bo.until(lambda: "甲" in texts(bo.doc))
    typing = bo.make(at_the_end_of("a", "别丢我"))
    if elsewhere:
        await asyncio.to_thread(in_a_process, document, "--remove", "a")
    else:
        await beside(rooms.change, document, removed("a"), actor_id=9)
    await bo.send_update(typing)
    await bo.saved()
    for client in (anna, bo):
        await client.until(lambda client=client: texts(client.doc) == ["种子", "别丢我"])


def removed(key: str) -> Any:
    def change(doc: pycrdt.Doc) -> None:
        children = fragment(doc).children
        index = next(n for n, child in enumerate(children) if child.attributes.get("id") == key)
        del children[index]

    return change


async def test_a_change_that_fails_changes_nothing(kind: NoteKind) -> None:
    document, anna, _ = await two_writers(kind)
    await anna.saved()
    rows = await DocumentUpdate.objects.acount()

    def half(doc: pycrdt.Doc) -> None:
        add_paragraph(doc, "x", "一半")
        raise RuntimeError("no place for the rest")

    with pytest.raises(RuntimeError, match="no place"):
        await beside(rooms.change, document, half, actor_id=9)
    assert await DocumentUpdate.objects.acount() == rows
    await anna.edit(lambda doc: add_paragraph(doc, "a", "甲"))
    await anna.saved()
    assert texts(anna.doc) == ["种子", "甲"]


async def test_a_change_that_changes_nothing_stores_nothing(kind: NoteKind) -> None:
    document, anna, _ = await two_writers(kind)
    await anna.saved()
    rows = await DocumentUpdate.objects.acount()
    await beside(rooms.change, document, lambda doc: None, actor_id=9)
    assert await DocumentUpdate.objects.acount() == rows


@pytest.mark.parametrize("where", ["change", "seed"])
async def test_nobody_becomes_the_author_of_what_the_server_wrote_for_no_person(
    kind: NoteKind, where: str
) -> None:
    document, anna, bo = await two_writers(kind)
    if where == "change":
        await beside(rooms.change, document, lambda doc: add_paragraph(doc, "s", "无主"), actor_id=None)
        await bo.until(lambda: "无主" in texts(bo.doc))
    row = await DocumentUpdate.objects.filter(document=document).order_by("-id").afirst()
    assert row.user_id is None
    [client] = row.clients
    before = texts(bo.doc)
    forger: pycrdt.Doc = pycrdt.Doc(client_id=client)
    forger.apply_update(bo.doc.get_update())
    known = forger.get_state()
    add_paragraph(forger, "x", "冒名")
    await bo.send_update(forger.get_update(known))
    await bo.until(lambda: bo.closed is not None)
    assert bo.closed == CloseCode.FOREIGN_CLIENT_ID
    assert await beside(authors.owners, document) == {}
    await anna.edit(lambda doc: add_paragraph(doc, "a", "甲"))
    await anna.saved()
    assert texts(anna.doc) == [*before, "甲"]
