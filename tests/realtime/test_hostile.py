"""Forged frames: whatever a client sends, the room goes on, and what it holds is what the log holds."""

import asyncio
import contextlib
import random
from uuid import uuid4

import pycrdt
import pytest

from realtime import merging, protocol, rooms
from realtime.hub import hub
from realtime.kinds import Access
from realtime.models import DocumentUpdate
from realtime.protocol import CloseCode, Malformed, Step, read_state_vector
from realtime.shape import MAX_NESTING, NOWHERE, Shape
from realtime.update import Content, read_update

from . import forge
from .support import Client, NoteKind, User, add_paragraph, new_document, texts


@pytest.mark.usefixtures("live")
@pytest.mark.parametrize("seed", range(4))
async def test_random_frames_harm_nobody(kind: NoteKind, seed: int) -> None:
    kind.rights = {1: Access.WRITE, 2: Access.WRITE, 3: Access.READ}
    document = new_document()
    anna = await Client(User(1), document).open()
    rng = random.Random(seed)
    hostile = await Client(User(2), document).open()
    reader = await Client(User(3), document).open()
    for number in range(150):
        clocks = dict(hub().rooms[document].intake.shape.clocks)
        frame = protocol.sync(
            rng.choice([Step.STEP2, Step.UPDATE]), forge.random_update(rng, clocks, 1000 + seed)
        )
        if rng.random() < 0.3:
            damaged = bytearray(frame)
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            frame = bytes(damaged)
        await hostile.raw(frame)
        await reader.raw(frame)
        if number % 10 == 0:
            await anna.edit(lambda doc, number=number: add_paragraph(doc, f"a{number}", f"第{number}段"))
            await anna.saved()
        for name in ("hostile", "reader"):
            client, person = (hostile, 2) if name == "hostile" else (reader, 3)
            while client.closed is None and not client.socket.quiet:
                await client._one()
            if client.closed is not None:
                assert client.closed in set(CloseCode)
                fresh = await Client(User(person), document).open()
                hostile, reader = (fresh, reader) if name == "hostile" else (hostile, fresh)
    assert anna.closed is None
    await hostile.leave()  # after that nothing of theirs is on its way any more
    await reader.leave()
    await anna.edit(lambda doc: add_paragraph(doc, "end", "结束"))
    await anna.saved()
    room = hub().rooms[document]
    stored: pycrdt.Doc = pycrdt.Doc()
    stored.apply_update((await asyncio.to_thread(rooms.state, document)).state)
    assert (
        read_state_vector(stored.get_state())
        == read_state_vector(room.doc.get_state())
        == room.intake.shape.clocks
    )
    assert texts(stored) == texts(room.doc)
    assert "结束" in texts(stored)


@pytest.mark.parametrize(
    "payload",
    [
        # a circle: a text in an element that stands in the text
        forge.update(
            {9: (0, [forge.struct(*forge.xml_text(), parent=(9, 1)), forge.struct(*forge.text("字"), parent=(9, 0))])}
        ),
        # a parent that is a string
        forge.update({9: (0, [forge.struct(*forge.text("字")), forge.struct(*forge.text("字"), parent=(9, 0))])}),
        # half of an emoji
        forge.update({9: (0, [forge.struct(*forge.text("😀"))])}, {9: [(1, 1)]}),
        forge.update({9: (0, [forge.struct(*forge.text("😀")), forge.struct(*forge.text("字"), origin=(9, 0))])}),
    ],
    ids=["circle", "parent without children", "half deleted", "half split"],
)  # fmt: skip
def test_what_would_break_documents_is_not_taken(payload: bytes) -> None:
    shape = Shape()
    update = read_update(payload)
    with contextlib.suppress(Malformed):
        assert shape.examine(update).lacking


@pytest.mark.parametrize("seed", range(6))
def test_the_shape_keeps_the_documents_clocks_whatever_is_applied(seed: int) -> None:
    rng = random.Random(seed)
    doc: pycrdt.Doc = pycrdt.Doc(client_id=5)
    for index in range(3):
        add_paragraph(doc, f"k{index}", "你好😀x")
    shape = Shape()
    shape.add(read_update(doc.get_update()))
    taken = 0
    for _ in range(300):
        payload = forge.random_update(rng, shape.clocks, rng.choice([7, 8, 9]))
        try:
            update = read_update(payload)
            if shape.examine(update).lacking:
                continue
            pycrdt.merge_updates(payload)
        except ValueError:
            continue
        doc.apply_update(payload)
        shape.add(update)
        taken += 1
        assert read_state_vector(doc.get_state()) == shape.clocks
    again: pycrdt.Doc = pycrdt.Doc()
    again.apply_update(doc.get_update())
    assert read_state_vector(again.get_state()) == shape.clocks
    assert taken > 30


@pytest.mark.parametrize(
    "payload",
    [
        # an element that Yjs reads in another way than pycrdt
        forge.update({9: (0, [forge.struct(7, protocol.varuint(5) + protocol.sized(b""), parent="x")])}),
        # clocks and lengths that pycrdt would cut to 32 bits
        forge.update({9: (2**32, [forge.struct(*forge.element("paragraph"))])}),
        forge.update({9: (0, [bytes([0]) + protocol.varuint(2**32)])}),
        forge.update({}, {9: [(0, 2**32)]}),
        # a deletion of nothing, at which pycrdt cuts, be it within a character
        forge.update({}, {9: [(1, 0)]}),
        # a list of JSON texts, of which pycrdt reads one more than there are
        forge.update({9: (0, [forge.struct(Content.JSON, protocol.varuint(1) + protocol.sized(b"1"))])}),
        # a number that is none
        forge.update({9: (0, [forge.struct(8, protocol.varuint(1) + b"\x7b" + b"\x7f\xf8" + bytes(6), key="level")])}),
    ],
    ids=["hook", "clock", "length", "deletion", "nothing deleted", "JSON", "not a number"],
)  # fmt: skip
def test_what_two_readers_might_read_differently_is_refused(payload: bytes) -> None:
    with pytest.raises(Malformed):
        read_update(payload)


@pytest.mark.parametrize("left_is_gone", [True, False])
@pytest.mark.parametrize("made", [forge.element("script"), forge.text("字"), forge.attribute("x")])
def test_nothing_stands_between_what_is_gone_and_what_is_there(
    made: tuple[int, bytes], left_is_gone: bool
) -> None:
    """Yjs drops it, pycrdt puts it into the document: past the schema, or so that the document opens no more."""
    shape = Shape()
    shape.add(read_update(forge.update({8: (0, [forge.struct(*forge.element("paragraph"))])})))
    gone, there = (9, 0), (8, 0)
    between = forge.struct(
        *made, origin=gone if left_is_gone else there, right=there if left_is_gone else gone
    )
    with pytest.raises(Malformed, match="neighbours"):
        shape.examine(read_update(forge.update({9: (0, [forge.collected(), between])})))
    shape.add(read_update(forge.update({9: (0, [forge.collected()])})))
    with pytest.raises(Malformed, match="neighbours"):
        shape.examine(read_update(forge.update({9: (1, [between])})))


def test_what_is_there_is_not_gone_because_somebody_sends_it_again_as_deleted() -> None:
    shape = Shape()
    shape.add(read_update(forge.update({8: (0, [forge.struct(*forge.text("字"))])})))
    deleted = forge.struct(Content.DELETED, protocol.varuint(2))
    shape.add(read_update(forge.update({8: (0, [deleted])})))
    assert [shape.deleted(8, 0), shape.deleted(8, 1)] == [False, True]
    inside = forge.struct(*forge.text("字"), parent=(8, 0))
    with pytest.raises(Malformed, match="holds nothing"):
        shape.examine(read_update(forge.update({9: (0, [inside])})))


def test_what_is_sent_again_with_more_goes_on_where_it_began_and_is_what_it_was() -> None:
    shape = Shape()
    blocks = [forge.struct(*forge.element("paragraph")) for _ in range(2)]
    written = forge.struct(*forge.text("一"), parent=(8, 0))
    shape.add(read_update(forge.update({8: (0, blocks), 9: (0, [written])})))
    for parent, taken in [((8, 0), True), ((8, 1), False)]:
        more = read_update(forge.update({9: (0, [forge.struct(*forge.text("一二"), parent=parent)])}))
        with contextlib.nullcontext() if taken else pytest.raises(Malformed, match="elsewhere"):
            assert not shape.examine(more).lacking
    again = forge.struct(*forge.element("paragraph"), parent=(8, 0))
    inside = forge.struct(*forge.text("字"), parent=(9, 0))
    with pytest.raises(Malformed, match="holds nothing"):
        shape.examine(read_update(forge.update({9: (0, [again, inside])})))


def test_what_stood_between_two_that_are_gone_is_gone_too() -> None:
    shape = Shape()
    element, text = forge.struct(*forge.element("paragraph")), forge.struct(*forge.text("字"), parent=(8, 0))
    shape.add(read_update(forge.update({8: (0, [element, text])}, {8: [(0, 2)]})))
    between = forge.struct(*forge.text("字"), origin=(9, 0), right=(8, 1))
    examined = shape.examine(read_update(forge.update({9: (0, [forge.collected(), between])})))
    assert not examined.lacking
    assert {place.parent for _, place in examined.placed} == {NOWHERE}


@pytest.mark.parametrize(
    "payload",
    [*forge.announced(2**28), forge.nested_values(200_000), b"\x00" + protocol.varuint(2**28)],
    ids=["clients", "values in a map", "values in values", "deletions"],
)
def test_what_would_take_the_memory_or_the_process_is_refused_before_pycrdt_sees_it(
    payload: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    monkeypatch.setattr(pycrdt, "merge_updates", lambda *updates: seen.extend(updates))
    for payloads in ([payload], [forge.update({}), payload]):
        with pytest.raises(Malformed):
            merging.checked(payloads)
    assert seen == []


def test_containers_are_nested_as_deep_as_lists_are_but_not_without_end() -> None:
    assert not Shape().examine(read_update(forge.nested_elements(MAX_NESTING))).lacking
    with pytest.raises(Malformed, match="nested"):
        Shape().examine(read_update(forge.nested_elements(MAX_NESTING + 1)))
    shape = Shape()
    shape.add(read_update(forge.nested_elements(MAX_NESTING)))
    one_more = forge.struct(*forge.element("list"), parent=(9, MAX_NESTING - 1))
    with pytest.raises(Malformed, match="nested"):
        shape.examine(read_update(forge.update({8: (0, [one_more])})))


@pytest.mark.usefixtures("live")
async def test_who_sends_what_would_end_the_process_ends_only_the_own_connection(kind: NoteKind) -> None:
    kind.rights = {1: Access.WRITE, 2: Access.WRITE}
    document = new_document()
    anna, hostile = await Client(User(1), document).open(), await Client(User(2), document).open()
    await hostile.raw(protocol.sync(Step.UPDATE, forge.nested_values(200_000)))
    await hostile.until(lambda: hostile.closed is not None)
    assert hostile.closed == CloseCode.MALFORMED
    await anna.edit(lambda doc: add_paragraph(doc, "a", "甲"))
    await anna.saved()
    assert "甲" in texts(hub().rooms[document].doc)


def test_a_chain_of_clients_is_placed_whatever_its_order() -> None:
    """Each names the next: looked at again only when what it waits for is there."""
    count = 3_000
    sections = {
        client: (0, [forge.struct(*forge.text("字"), origin=(client - 1, 0) if client > 1 else None)])
        for client in range(count, 0, -1)
    }
    examined = Shape().examine(read_update(forge.update(sections)))
    assert not examined.lacking
    assert len(examined.placed) == count


@pytest.mark.usefixtures("live")
async def test_another_account_of_what_is_there_goes_nowhere(kind: NoteKind) -> None:
    """Merged with the first account, as what comes together is, it would take its place for whoever is there."""
    kind.rights = {1: Access.WRITE, 2: Access.WRITE}
    document = new_document()
    anna, hostile = await Client(User(1), document).open(), await Client(User(2), document).open()
    await anna.edit(lambda doc: add_paragraph(doc, "a", "甲写的"))
    await anna.saved()
    [section] = read_update(anna.doc.get_update()).clients - read_update(NoteKind().seed(uuid4())).clients
    forged = [forge.struct(*forge.element("table")) for _ in range(2)]
    own = forge.struct(*forge.element("paragraph"))
    await hostile.send_update(forge.update({section: (0, forged), 77: (0, [own])}))
    await hostile.saved()
    rows = await asyncio.to_thread(lambda: list(DocumentUpdate.objects.filter(document=document)))
    assert [read_update(bytes(row.payload)).clients for row in rows if row.user_id == 2] == [{77}]
    together: pycrdt.Doc = pycrdt.Doc()
    together.apply_update(pycrdt.merge_updates(*(bytes(row.payload) for row in rows)))
    assert "甲写的" in texts(together)


def test_one_client_is_not_listed_twice_in_an_update() -> None:
    section = forge.update({9: (0, [forge.struct(*forge.element("paragraph"))])})
    twice = protocol.varuint(2) + section[1:-1] + section[1:-1] + section[-1:]
    with pytest.raises(Malformed, match="twice"):
        merging.checked([twice])


@pytest.mark.usefixtures("live")
async def test_large_frames_of_a_reader_end_the_connection(kind: NoteKind) -> None:
    kind.rights = {1: Access.WRITE, 3: Access.READ}
    document = new_document()
    anna, reader = await Client(User(1), document).open(), await Client(User(3), document).open()
    await reader.raw(protocol.sync(Step.UPDATE, bytes(200_000)))
    await reader.until(lambda: reader.closed is not None)
    assert reader.closed == CloseCode.TOO_LARGE
    await anna.edit(lambda doc: add_paragraph(doc, "a", "照常"))
    await anna.saved()


@pytest.mark.usefixtures("live")
async def test_an_awareness_clock_at_the_end_of_all_numbers_is_not_passed_on(kind: NoteKind) -> None:
    """When its owner leaves, the server counts one further: others could not read that."""
    kind.rights = {1: Access.WRITE, 2: Access.WRITE}
    document = new_document()
    anna, hostile = await Client(User(1), document).open(), await Client(User(2), document).open()
    await hostile.raw(protocol.awareness([(77, protocol.MAX_VARUINT, b"{}")]))
    await hostile.until(lambda: hostile.closed is not None)
    assert hostile.closed == CloseCode.MALFORMED
    await anna.edit(lambda doc: add_paragraph(doc, "a", "照常"))
    await anna.saved()
    assert 77 not in anna.awareness


@pytest.mark.usefixtures("live")
async def test_awareness_of_a_crowd_in_one_frame_ends_the_connection(kind: NoteKind) -> None:
    kind.rights = {1: Access.WRITE}
    anna = await Client(User(1), new_document()).open()
    entries = b"\0\0\x02{}" * 2_000
    await anna.raw(bytes((protocol.Message.AWARENESS,)) + protocol.sized(protocol.varuint(2_000) + entries))
    await anna.until(lambda: anna.closed is not None)
    assert anna.closed == CloseCode.MALFORMED
