"""Rooms through the consumer: rights, order, acknowledgement, refusals, server changes, restarts."""

import asyncio
from collections.abc import Callable
from typing import Any

import pycrdt
import pytest
from django.db import OperationalError

from realtime import access, limits, protocol, rooms, store
from realtime.hub import hub
from realtime.kinds import Access
from realtime.models import ClientOwner, DocumentSnapshot, DocumentUpdate
from realtime.protocol import CloseCode, Step
from realtime.room import Room

from .support import Anonymous, Client, NoteKind, User, add_paragraph, fragment, new_document, texts

pytestmark = pytest.mark.usefixtures("live")


def paragraph(key: str, text: str) -> Callable[[pycrdt.Doc], Any]:
    return lambda doc: add_paragraph(doc, key, text)


def typed(index: int, offset: int, text: str) -> Callable[[pycrdt.Doc], None]:
    """Type into the paragraph at `index`, after `offset` characters."""

    def change(doc: pycrdt.Doc) -> None:
        content = fragment(doc).children[index].children[0]
        content.insert(len(str(content)[:offset].encode()), text, {})

    return change


def joined(index: int) -> Callable[[pycrdt.Doc], None]:
    """What an editor does on Backspace at the start of paragraph `index`."""

    def change(doc: pycrdt.Doc) -> None:
        children = fragment(doc).children
        text = str(children[index].children[0])
        del children[index]
        before = children[index - 1].children[0]
        before.insert(len(str(before).encode()), text, {})

    return change


def removed(index: int) -> Callable[[pycrdt.Doc], None]:
    def change(doc: pycrdt.Doc) -> None:
        del fragment(doc).children[index]

    return change


async def until_closed(document: str) -> None:
    """Until its room is closed."""
    async with asyncio.timeout(5):
        while document in hub().rooms:
            await asyncio.sleep(0)


async def stored_texts(document: str) -> list[str]:
    doc: pycrdt.Doc = pycrdt.Doc()
    state = await asyncio.to_thread(rooms.state, document)
    doc.apply_update(state.state)
    return texts(doc)


async def two_writers(kind: NoteKind) -> tuple[str, Client, Client]:
    kind.rights |= {1: Access.WRITE, 2: Access.WRITE}
    document = new_document()
    return document, await Client(User(1), document).open(), await Client(User(2), document).open()


# ---- together ------------------------------------------------------------------------------------------------


async def test_a_new_document_starts_from_its_seed_and_edits_reach_the_other(kind: NoteKind) -> None:
    _, anna, bo = await two_writers(kind)
    assert texts(anna.doc) == texts(bo.doc) == ["种子"]
    await anna.edit(paragraph("a", "甲"))
    await bo.until(lambda: texts(bo.doc) == ["种子", "甲"])
    await bo.edit(typed(1, 1, "乙"))
    await anna.until(lambda: texts(anna.doc) == ["种子", "甲乙"])


async def test_opening_at_the_same_moment_seeds_once(kind: NoteKind) -> None:
    kind.rights = {1: Access.WRITE, 2: Access.WRITE}
    document = new_document()
    anna, bo = await asyncio.gather(Client(User(1), document).open(), Client(User(2), document).open())
    assert texts(anna.doc) == texts(bo.doc) == ["种子"]
    assert await DocumentUpdate.objects.filter(document=document, mode="seed").acount() == 1


async def test_the_status_comes_first_and_names_the_right(kind: NoteKind) -> None:
    kind.rights = {1: Access.WRITE, 3: Access.READ}
    document = new_document()
    writer, reader = await Client(User(1), document).open(), await Client(User(3), document).open()
    assert writer.status is not None
    assert writer.status["access"] == "write"
    assert writer.status["user"]["name"] == "老师1"
    assert reader.status is not None
    assert reader.status["access"] == "read"


async def test_nothing_is_acknowledged_or_shown_before_it_is_stored(
    kind: NoteKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, anna, bo = await two_writers(kind)
    await asyncio.gather(anna.saved(), bo.saved())
    real, held = store.append, [True]

    def full_disk(entries: Any) -> list[int]:
        if held[0]:
            raise OperationalError("disk full")
        return real(entries)

    monkeypatch.setattr(store, "append", full_disk)
    monkeypatch.setattr(limits, "COMMIT_IN_LOOP_SECONDS", 0)
    monkeypatch.setattr(limits, "RETRY_SECONDS", 0.01)
    await anna.edit(paragraph("a", "甲"))
    await asyncio.to_thread(wait_until, lambda: hub_failing(document))
    assert bo.socket.quiet
    assert anna.socket.quiet
    assert await stored_texts(document) == ["种子"]
    held[0] = False
    await anna.saved()
    assert await stored_texts(document) == ["种子", "甲"]
    await bo.until(lambda: texts(bo.doc) == ["种子", "甲"])


def hub_failing(document: str) -> bool:
    from realtime.hub import _hubs

    return any(document in found.rooms and found.writer.failing for found in _hubs.values())


def wait_until(condition: Callable[[], bool]) -> None:
    import time

    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


async def test_what_was_acknowledged_is_there_after_a_restart(kind: NoteKind) -> None:
    document, anna, _ = await two_writers(kind)
    for number in range(5):
        await anna.edit(paragraph(f"k{number}", f"第{number}段"))
    await anna.saved()
    await rooms.drain()
    late = await Client(User(2), document).open()
    assert texts(late.doc) == ["种子", *(f"第{number}段" for number in range(5))]


async def test_a_deletion_is_acknowledged_too(kind: NoteKind) -> None:
    document, anna, _ = await two_writers(kind)
    await anna.edit(removed(0))
    await anna.saved()
    assert await stored_texts(document) == []


async def test_an_edit_made_offline_arrives_with_the_answer_to_the_servers_state(kind: NoteKind) -> None:
    document, anna, bo = await two_writers(kind)
    await anna.leave()
    anna.make(paragraph("a", "断线时写的"))
    back = Client(User(1), document)
    back.doc = anna.doc
    await back.open()
    await bo.until(lambda: "断线时写的" in texts(bo.doc))
    await back.saved()


async def test_a_gap_is_asked_for_and_closed(kind: NoteKind) -> None:
    _, anna, bo = await two_writers(kind)
    await anna.saved()
    anna.make(paragraph("a", "没有发出"))
    second = anna.make(paragraph("b", "发出了"))
    asked = anna.asked_again
    await anna.send_update(second)
    await anna.until(lambda: anna.asked_again == asked + 1)
    await bo.until(lambda: texts(bo.doc) == ["种子", "没有发出", "发出了"])
    await anna.saved()


async def test_the_log_knows_the_author_and_whose_a_client_id_is(kind: NoteKind) -> None:
    document, anna, bo = await two_writers(kind)
    await anna.edit(paragraph("a", "甲"))
    await bo.until(lambda: len(texts(bo.doc)) == 2)
    await bo.edit(typed(1, 1, "乙"))
    await asyncio.gather(anna.saved(), bo.saved())
    rows = [
        row async for row in DocumentUpdate.objects.filter(document=document, mode="write").order_by("id")
    ]
    assert [row.user_id for row in rows] == [1, 2]
    owners = {row.client: row.user_id async for row in ClientOwner.objects.filter(document=document)}
    assert owners == {anna.doc.client_id: 1, bo.doc.client_id: 2}


# ---- rights ---------------------------------------------------------------------------------------------------


async def test_without_sign_in_or_right_or_document_the_socket_closes_with_its_code(kind: NoteKind) -> None:
    document = new_document()
    kind.rights = {1: Access.WRITE}
    assert (await Client(Anonymous(), document).open()).closed == CloseCode.NOT_SIGNED_IN
    assert (await Client(User(9), document).open()).closed == CloseCode.NO_RIGHT
    kind.missing.add(kind_id(document))
    assert (await Client(User(1), document).open()).closed == CloseCode.NO_DOCUMENT
    unknown = document.replace("note:", "unheard-of:")
    assert (await Client(User(1), unknown).open()).closed == CloseCode.NO_DOCUMENT
    assert await DocumentUpdate.objects.acount() == 0


def kind_id(document: str) -> Any:
    from uuid import UUID

    return UUID(document.partition(":")[2])


@pytest.mark.parametrize("right", [Access.READ, Access.COMMENT, Access.SUGGEST])
async def test_frames_of_one_who_may_not_write_change_nothing(kind: NoteKind, right: Access) -> None:
    kind.rights = {1: Access.WRITE, 3: right}
    document = new_document()
    writer, reader = await Client(User(1), document).open(), await Client(User(3), document).open()
    await writer.saved()
    rows = await DocumentUpdate.objects.acount()
    whole = reader.make(paragraph("x", "偷写"))
    await reader.send_update(whole)
    await reader.send_update(reader.doc.get_update(), Step.STEP2)
    await reader.send_update(reader.make(removed(0)))
    await reader.raw(protocol.sync(Step.STEP1, b"\x00"))
    reader.synced = False
    await reader.until(lambda: reader.synced)
    assert reader.closed is None
    await writer.edit(paragraph("a", "甲"))
    await writer.saved()
    assert await stored_texts(document) == ["种子", "甲"]
    assert await DocumentUpdate.objects.acount() == rows + 1


async def test_an_editor_with_an_older_schema_only_reads(kind: NoteKind) -> None:
    kind.rights = {1: Access.WRITE}
    document = new_document()
    old = await Client(User(1), document, query="schema=1").open()
    assert old.status is not None
    assert (old.status["access"], old.status["reason"]) == ("read", "schema")
    new = await Client(User(1), document, query="schema=2").open()
    assert new.status is not None
    assert new.status["access"] == "write"


async def test_changed_rights_close_the_sockets_concerned_and_no_others(kind: NoteKind) -> None:
    document, anna, bo = await two_writers(kind)
    await asyncio.gather(anna.saved(), bo.saved())
    kind.rights[2] = Access.READ
    await asyncio.to_thread(access.changed, document, [2])
    await bo.until(lambda: bo.closed is not None)
    assert bo.closed == CloseCode.ACCESS_CHANGED
    back = await Client(User(2), document).open()
    assert back.status is not None
    assert back.status["access"] == "read"
    await anna.edit(paragraph("a", "甲"))
    await anna.saved()
    assert anna.closed is None


async def test_frames_after_a_revocation_change_nothing(kind: NoteKind) -> None:
    document, anna, bo = await two_writers(kind)
    await asyncio.gather(anna.saved(), bo.saved())
    update = bo.make(paragraph("x", "太晚了"))
    kind.rights[2] = Access.NONE
    access.changed(document, [2])
    await bo.until(lambda: bo.closed is not None)
    await bo.send_update(update)
    await anna.edit(paragraph("a", "甲"))
    await anna.saved()
    assert await stored_texts(document) == ["种子", "甲"]


@pytest.mark.parametrize("left", [Access.READ, Access.NONE])
async def test_rights_that_change_while_somebody_enters_are_decided_on_again(
    kind: NoteKind, monkeypatch: pytest.MonkeyPatch, left: Access
) -> None:
    document = new_document()
    kind.rights = {1: Access.WRITE}
    here = hub()
    open_room = here.room

    async def changed_meanwhile(name: str) -> Room:
        """The change comes after the decision, and before anybody is in the room whom it could close."""
        monkeypatch.setattr(here, "room", open_room)
        room = await open_room(name)
        kind.rights[1] = left
        access.changed(name, [1])
        await asyncio.sleep(0)  # the hub hears of it on its next turn
        return room

    monkeypatch.setattr(here, "room", changed_meanwhile)
    monkeypatch.setattr(limits, "IDLE_SECONDS", 0)
    anna = await Client(User(1), document).open()
    if left == Access.NONE:
        assert anna.closed == CloseCode.NO_RIGHT
        await until_closed(document)
    else:
        assert anna.status is not None
        assert anna.status["access"] == "read"


def test_an_empty_scope_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody"):
        access.changed("note:x", [])


# ---- hostile frames -----------------------------------------------------------------------------------------


async def test_a_bad_frame_closes_its_connection_and_no_other(kind: NoteKind) -> None:
    document, anna, bo = await two_writers(kind)
    cases = [
        (b"\x00\x02\x05ab", CloseCode.MALFORMED),
        (protocol.sync(Step.UPDATE, b"\x01\x01\x05\x00\xff\x00"), CloseCode.MALFORMED),
        (protocol.sync(Step.STEP1, b"\xff\xff"), CloseCode.MALFORMED),
        (b"\x63\x00", CloseCode.UNEXPECTED),
        (b"\x00" * (limits.FRAME_BYTES + 1), CloseCode.TOO_LARGE),
    ]
    for frame, code in cases:
        hostile = await Client(User(2), document).open()
        await hostile.raw(frame)
        await hostile.until(lambda hostile=hostile: hostile.closed is not None)
        assert hostile.closed == code, frame[:20]
    await anna.edit(paragraph("a", "甲"))
    await bo.until(lambda: texts(bo.doc) == ["种子", "甲"])


async def test_writing_under_someone_elses_client_id_is_refused(kind: NoteKind) -> None:
    document, anna, bo = await two_writers(kind)
    await anna.edit(paragraph("a", "甲"))
    await anna.saved()
    forged: pycrdt.Doc = pycrdt.Doc(client_id=anna.doc.client_id)
    forged.apply_update(anna.doc.get_update())
    before = forged.get_state()
    add_paragraph(forged, "x", "冒名")
    await bo.send_update(forged.get_update(before))
    await bo.until(lambda: bo.closed is not None)
    assert bo.closed == CloseCode.FOREIGN_CLIENT_ID
    assert await stored_texts(document) == ["种子", "甲"]


async def test_an_update_whose_past_is_held_back_for_ever_ends_the_connection(kind: NoteKind) -> None:
    document, anna, _ = await two_writers(kind)
    stranger: pycrdt.Doc = pycrdt.Doc()
    add_paragraph(stranger, "x", "甲")
    before = stranger.get_state()
    add_paragraph(stranger, "y", "乙")
    for _ in range(limits.GAPS_PER_CONNECTION + 1):
        await anna.raw(protocol.sync(Step.UPDATE, stranger.get_update(before)))
    await anna.until(lambda: anna.closed is not None)
    assert anna.closed == CloseCode.MALFORMED
    assert await stored_texts(document) == ["种子"]


async def element_named(client: Client, root: str, name: str) -> None:
    def change(doc: pycrdt.Doc) -> None:
        doc.get(root, type=pycrdt.XmlFragment).children.append(pycrdt.XmlElement(name))

    await client.edit(change)


async def test_an_unknown_element_is_refused_in_the_plan_and_left_alone_elsewhere(kind: NoteKind) -> None:
    document, anna, bo = await two_writers(kind)
    await element_named(anna, "notes-of-a-plugin", "script")
    await anna.saved()
    await bo.until(lambda: len(bo.doc.get("notes-of-a-plugin", type=pycrdt.XmlFragment).children) == 1)
    await element_named(bo, "default", "script")
    await bo.until(lambda: bo.closed is not None)
    assert bo.closed == CloseCode.NOT_IN_SCHEMA
    assert await stored_texts(document) == ["种子"]


@pytest.mark.parametrize(
    "change",
    [
        lambda doc: fragment(doc).children[0].attributes.__setitem__("onclick", "x"),
        lambda doc: fragment(doc).children[0].children[0].format(0, 3, {"blink": {}}),
        lambda doc: fragment(doc).children[0].children.append(pycrdt.XmlElement("iframe")),
        lambda doc: fragment(doc).children[0].children[0].insert_embed(0, {"x": 1}),
        lambda doc: doc.get("of-a-plugin", type=pycrdt.Map).__setitem__("x", pycrdt.Doc()),
        lambda doc: doc.get("of-a-plugin", type=pycrdt.Array).append(pycrdt.Doc()),
    ],
    ids=["attribute", "mark", "nested element", "embed", "document in a map", "document in a list"],
)
async def test_content_outside_the_schema_is_refused(
    kind: NoteKind, change: Callable[[pycrdt.Doc], None]
) -> None:
    document, anna, _ = await two_writers(kind)
    await anna.saved()
    await anna.edit(change)
    await anna.until(lambda: anna.closed is not None)
    assert anna.closed == CloseCode.NOT_IN_SCHEMA
    assert await DocumentUpdate.objects.filter(document=document).exclude(mode="seed").acount() == 0


async def test_content_in_the_schema_is_taken(kind: NoteKind) -> None:
    _, anna, bo = await two_writers(kind)

    def change(doc: pycrdt.Doc) -> None:
        block = fragment(doc).children[0]
        block.attributes["kind"] = "heading"
        block.attributes["kind"] = "bullet"
        block.children[0].format(0, 3, {"bold": {}})

    await anna.edit(change)
    await anna.edit(lambda doc: fragment(doc).children[0].attributes.__setitem__("kind", "body"))
    await anna.saved()
    await bo.until(lambda: fragment(bo.doc).children[0].attributes.get("kind") == "body")


async def test_one_person_cannot_flood_a_document_with_connections(
    kind: NoteKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CONNECTIONS_PER_PERSON", 2)
    document, anna, _ = await two_writers(kind)
    await Client(User(1), document).open()
    assert (await Client(User(1), document).open()).closed == CloseCode.TOO_MANY
    assert anna.closed is None


# ---- who is here ----------------------------------------------------------------------------------------------


def awareness(client: int, clock: int, state: str) -> bytes:
    return protocol.awareness([(client, clock, state.encode())])


async def test_awareness_carries_the_identity_that_the_server_knows(kind: NoteKind) -> None:
    _, anna, bo = await two_writers(kind)
    await anna.raw(awareness(anna.doc.client_id, 1, '{"user": {"name": "冒名"}, "cursor": 5}'))
    await bo.until(lambda: anna.doc.client_id in bo.awareness)
    state = bo.awareness[anna.doc.client_id]
    assert state["user"]["name"] == "老师1"
    assert state["cursor"] == 5


async def test_nobody_speaks_for_another_and_who_leaves_is_gone(kind: NoteKind) -> None:
    document, anna, bo = await two_writers(kind)
    await anna.raw(awareness(77, 1, '{"cursor": 1}'))
    await bo.until(lambda: 77 in bo.awareness)
    await bo.raw(awareness(77, 5, '{"cursor": 2}'))
    await bo.raw(awareness(78, 1, "{}"))
    await anna.until(lambda: 78 in anna.awareness)
    assert anna.awareness[77]["cursor"] == 1
    late = await Client(User(2), document).open()
    await late.until(lambda: {77, 78} <= late.awareness.keys())
    await anna.leave()
    await bo.until(lambda: bo.awareness[77] is None)


# ---- nothing lost when blocks are removed --------------------------------------------------------------------


async def test_typing_into_a_paragraph_that_is_joined_meanwhile_lands_in_the_joined_text(
    kind: NoteKind,
) -> None:
    document, anna, bo = await two_writers(kind)
    await anna.edit(paragraph("a", "春天来了，"))
    await anna.edit(paragraph("b", "树木抽出枝条。"))
    await bo.until(lambda: len(texts(bo.doc)) == 3)
    typing, join = bo.make(typed(2, 4, "新的")), anna.make(joined(2))
    await bo.send_update(typing)
    await bo.saved()
    await anna.send_update(join)
    expected = ["种子", "春天来了，树木抽出新的枝条。"]
    await anna.until(lambda: texts(anna.doc) == expected)
    await bo.until(lambda: texts(bo.doc) == expected)
    await anna.saved()
    assert await stored_texts(document) == expected


async def test_typing_on_in_a_paragraph_already_joined_elsewhere_lands_there_in_order(kind: NoteKind) -> None:
    _document, anna, bo = await two_writers(kind)
    await anna.edit(paragraph("a", "春天来了，"))
    await anna.edit(paragraph("b", "树木抽出枝条。"))
    await bo.until(lambda: len(texts(bo.doc)) == 3)
    await anna.edit(joined(2))
    await anna.saved()
    for offset, character in enumerate("新的"):
        await bo.send_update(bo.make(typed(2, 4 + offset, character)))
    expected = ["种子", "春天来了，树木抽出新的枝条。"]
    await anna.until(lambda: texts(anna.doc) == expected)
    await bo.until(lambda: texts(bo.doc) == expected)


async def test_typing_into_a_removed_paragraph_comes_back_as_a_paragraph_after_its_neighbour(
    kind: NoteKind,
) -> None:
    _, anna, bo = await two_writers(kind)
    for key, text in (("a", "一段"), ("b", "二段"), ("c", "三段")):
        await anna.edit(paragraph(key, text))
    await bo.until(lambda: len(texts(bo.doc)) == 4)
    typing = bo.make(typed(2, 2, "我正在写"))
    await anna.edit(removed(2))
    await bo.send_update(typing)
    expected = ["种子", "一段", "我正在写", "三段"]
    await anna.until(lambda: texts(anna.doc) == expected)
    await bo.until(lambda: texts(bo.doc) == expected)


async def test_typing_into_a_cell_of_a_removed_table_comes_back_outside_the_tables(kind: NoteKind) -> None:
    _, anna, bo = await two_writers(kind)

    def table(doc: pycrdt.Doc) -> None:
        outer = pycrdt.XmlElement("table")
        fragment(doc).children.append(outer)
        outer.attributes["id"] = "t"
        row, cell = pycrdt.XmlElement("tableRow"), pycrdt.XmlElement("tableCell")
        outer.children.append(row)
        row.children.append(cell)
        add_paragraph(doc, "cell", "格子", parent=cell)

    await anna.edit(table)
    await bo.until(lambda: texts(bo.doc) == ["种子", "格子"])

    def type_in_cell(doc: pycrdt.Doc) -> None:
        text = fragment(doc).children[1].children[0].children[0].children[0].children[0]
        text.insert(6, "里的字", {})

    typing = bo.make(type_in_cell)
    await anna.edit(removed(1))
    await bo.send_update(typing)
    await anna.until(lambda: texts(anna.doc) == ["种子", "里的字"])
    assert [child.tag for child in fragment(anna.doc).children] == ["paragraph", "paragraph"]


async def test_text_written_offline_into_a_paragraph_joined_long_ago_lands_where_it_belongs(
    kind: NoteKind,
) -> None:
    document, anna, bo = await two_writers(kind)
    for key, text in (("a", "春天来了，"), ("b", "树木抽出枝条。"), ("c", "第三段")):
        await anna.edit(paragraph(key, text))
    await bo.until(lambda: len(texts(bo.doc)) == 4)
    await bo.leave()
    bo.make(typed(2, 4, "新的"))
    bo.make(typed(2, 9, "绿得发亮。"))
    await anna.edit(joined(2))
    await anna.edit(paragraph("d", "后来"))
    await anna.saved()
    await rooms.drain()
    await asyncio.to_thread(store.compact, document)
    back = Client(User(2), document)
    back.doc = bo.doc
    await back.open()
    await back.until(
        lambda: texts(back.doc) == ["种子", "春天来了，树木抽出新的枝条。绿得发亮。", "第三段", "后来"]
    )
    await back.saved()
    assert await stored_texts(document) == texts(back.doc)


async def test_text_brought_back_belongs_to_its_author(kind: NoteKind) -> None:
    document, anna, bo = await two_writers(kind)
    await anna.edit(paragraph("a", "甲"))
    await bo.until(lambda: len(texts(bo.doc)) == 2)
    typing = bo.make(typed(1, 1, "乙"))
    await anna.edit(removed(1))
    await bo.send_update(typing)
    await bo.saved()
    await anna.until(lambda: "乙" in texts(anna.doc))
    row = await DocumentUpdate.objects.filter(document=document, mode="rescue").aget()
    assert row.user_id == 2
    assert {owner.user_id async for owner in ClientOwner.objects.filter(client__in=row.clients)} == {2}


async def test_deleting_a_character_that_was_brought_back_deletes_the_copy(kind: NoteKind) -> None:
    document, anna, bo = await two_writers(kind)
    await anna.edit(paragraph("a", "甲"))
    await bo.until(lambda: len(texts(bo.doc)) == 2)
    # an input method: letters are typed, then replaced by the word
    first = bo.make(typed(1, 1, "ni"))

    def replace(doc: pycrdt.Doc) -> None:
        text = fragment(doc).children[1].children[0]
        del text[3:5]
        text.insert(3, "你", {})

    second = bo.make(replace)
    await anna.edit(removed(1))
    await bo.send_update(first)
    await anna.until(lambda: "ni" in texts(anna.doc))
    await bo.send_update(second)
    await bo.saved()
    await anna.until(lambda: "你" in "".join(texts(anna.doc)))
    assert "".join(await stored_texts(document)) == "种子你"


async def test_text_that_its_author_deleted_with_the_block_does_not_come_back(kind: NoteKind) -> None:
    document, _anna, bo = await two_writers(kind)
    await bo.edit(paragraph("a", "甲"))
    await bo.edit(typed(1, 1, "乙"))
    await bo.edit(removed(1))
    await bo.saved()
    assert await stored_texts(document) == ["种子"]
    assert await DocumentUpdate.objects.filter(document=document, mode="rescue").acount() == 0


# ---- server code ----------------------------------------------------------------------------------------------


async def test_a_change_by_server_code_is_live_and_stored(kind: NoteKind) -> None:
    document, anna, bo = await two_writers(kind)
    await asyncio.to_thread(rooms.change, document, paragraph("s", "恢复"), actor_id=2)
    await anna.until(lambda: texts(anna.doc) == ["种子", "恢复"])
    await bo.until(lambda: texts(bo.doc) == ["种子", "恢复"])
    assert await stored_texts(document) == ["种子", "恢复"]
    row = await DocumentUpdate.objects.filter(document=document).order_by("-id").afirst()
    assert row is not None
    assert row.user_id == 2


async def test_a_change_rolled_back_is_never_shown(kind: NoteKind) -> None:
    from django.db import transaction

    document, anna, _ = await two_writers(kind)

    def undone() -> None:
        with transaction.atomic():
            rooms.change(document, paragraph("s", "不算数"), actor_id=1)
            transaction.set_rollback(True)

    await asyncio.to_thread(undone)
    await anna.edit(paragraph("a", "甲"))
    await anna.saved()
    assert await stored_texts(document) == ["种子", "甲"]


async def test_a_change_while_the_room_loads_is_not_missed(
    kind: NoteKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind.rights = {1: Access.WRITE}
    document = new_document()
    await asyncio.to_thread(rooms.change, document, paragraph("s0", "先"), actor_id=1)
    real = store.load_with_owners

    def slow(name: str) -> Any:
        found = real(name)
        rooms.change(document, paragraph("s1", "中途"), actor_id=1)
        return found

    monkeypatch.setattr(store, "load_with_owners", slow)
    anna = await Client(User(1), document).open()
    await anna.until(lambda: texts(anna.doc) == ["种子", "先", "中途"])


# ---- telling the app, keeping small ----------------------------------------------------------------------------


async def test_the_app_hears_of_stored_and_settled_work_with_its_editors(kind: NoteKind) -> None:
    document, anna, bo = await two_writers(kind)
    await anna.edit(paragraph("a", "甲"))
    await bo.edit(paragraph("b", "乙"))
    await asyncio.gather(anna.saved(), bo.saved())
    await rooms.drain()
    assert kind.stored_calls == [(kind_id(document), {1, 2})]
    assert kind.settled_calls == [(kind_id(document), {1, 2})]


async def test_the_app_hears_at_once_when_somebody_leaves(kind: NoteKind) -> None:
    document, anna, bo = await two_writers(kind)
    await anna.edit(paragraph("a", "甲"))
    await anna.saved()
    assert kind.stored_calls == []
    await bo.leave()
    await asyncio.to_thread(wait_until, lambda: kind.stored_calls == [(kind_id(document), {1})])


async def test_a_hook_that_fails_does_not_hurt_the_room(
    kind: NoteKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(kind, "stored", fail)
    monkeypatch.setattr(limits, "STORED_SECONDS", 0)
    document, anna, _ = await two_writers(kind)
    await anna.edit(paragraph("a", "甲"))
    await anna.saved()
    await anna.edit(paragraph("b", "乙"))
    await anna.saved()
    assert await stored_texts(document) == ["种子", "甲", "乙"]


async def test_compaction_keeps_the_text_and_the_history(kind: NoteKind) -> None:
    document, anna, _ = await two_writers(kind)
    for number in range(4):
        await anna.edit(paragraph(f"k{number}", f"{number}"))
        await anna.saved()
    rows = await DocumentUpdate.objects.filter(document=document).acount()
    await asyncio.to_thread(store.compact, document)
    await anna.edit(paragraph("z", "后来"))
    await anna.saved()
    assert await stored_texts(document) == ["种子", "0", "1", "2", "3", "后来"]
    assert await DocumentUpdate.objects.filter(document=document, hot=True).acount() == 1
    assert await DocumentUpdate.objects.filter(document=document).acount() == rows + 1
    assert await DocumentSnapshot.objects.acount() == 1


async def test_an_empty_room_is_closed_and_opens_again(
    kind: NoteKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "IDLE_SECONDS", 0)
    document, anna, bo = await two_writers(kind)
    await anna.edit(paragraph("a", "甲"))
    await anna.saved()
    await anna.leave()
    await bo.leave()
    await until_closed(document)
    again = await Client(User(1), document).open()
    assert texts(again.doc) == ["种子", "甲"]


async def test_drain_tells_everyone_to_come_back(kind: NoteKind) -> None:
    _, anna, _ = await two_writers(kind)
    await rooms.drain()
    await anna.until(lambda: anna.closed is not None)
    assert anna.closed == CloseCode.RESTART
