"""What only a real socket shows: frames cut anywhere, fragments, pings, peers that do not read, closing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pycrdt
import pytest
import pytest_asyncio

from realtime import limits, protocol
from realtime.connections import Connection
from realtime.direct import DirectTransport
from realtime.hub import hub
from realtime.kinds import Access
from realtime.protocol import CloseCode, Step, read_state_vector

from .peer import Peer, frame
from .support import Client, NoteKind, User, add_paragraph, new_document, texts

pytestmark = [
    pytest.mark.usefixtures("live"),
    pytest.mark.parametrize("way_in", ["uvicorn", "direct"], indirect=True),
]


@pytest_asyncio.fixture
async def peer(kind: NoteKind, document: str) -> AsyncIterator[Peer]:
    made = await Peer().open(2, document)
    yield made
    made.done()


@pytest.fixture
def document(kind: NoteKind) -> str:
    kind.rights |= {1: Access.WRITE, 2: Access.WRITE, 3: Access.WRITE}
    return new_document()


def connection_of(document: str, user_id: int) -> Connection:
    return next(one for one in hub().rooms[document].connections if one.user_id == user_id)


def an_edit(text: str) -> bytes:
    doc: pycrdt.Doc = pycrdt.Doc()
    add_paragraph(doc, text, text)
    return protocol.sync(Step.UPDATE, doc.get_update())


async def test_the_room_writes_to_the_socket_only_in_the_direct_way(way_in: str, document: str) -> None:
    await Client(User(1), document).open()
    assert isinstance(connection_of(document, 1).transport, DirectTransport) == (way_in == "direct")


async def test_the_status_is_first_also_for_one_who_speaks_at_once(document: str) -> None:
    hasty = await Peer().open(3, document)
    hasty.writer.write(frame(protocol.sync(Step.STEP1, protocol.state_vector({}))))
    _, first = await hasty.message()
    hasty.done()
    assert first[0] == protocol.Message.STATUS


async def test_frames_may_be_cut_anywhere(document: str, peer: Peer) -> None:
    anna = await Client(User(1), document).open()
    for byte in frame(an_edit("甲")) + frame(an_edit("乙" * 200)):
        peer.writer.write(bytes((byte,)))
        await peer.writer.drain()
        await asyncio.sleep(0)
    await anna.until(lambda: set(texts(anna.doc)) == {"种子", "甲", "乙" * 200})


async def test_many_frames_may_come_at_once(document: str, peer: Peer) -> None:
    anna = await Client(User(1), document).open()
    peer.writer.write(b"".join(frame(an_edit(text)) for text in "甲乙丙丁戊"))
    await anna.until(lambda: set(texts(anna.doc)) == {"种子", *"甲乙丙丁戊"})
    await peer.until(0x2, protocol.durable(5, {})[:2])


async def test_a_message_in_fragments_is_one_message(document: str, peer: Peer) -> None:
    anna = await Client(User(1), document).open()
    edit = an_edit("甲")
    pieces = [frame(edit[:3], last=False), frame(edit[3:9], opcode=0, last=False)]
    peer.writer.write(b"".join(pieces) + frame(b"", opcode=0x9) + frame(edit[9:], opcode=0))
    await anna.until(lambda: set(texts(anna.doc)) == {"种子", "甲"})


async def test_a_ping_is_answered(document: str, peer: Peer) -> None:
    await peer.until(0x2)
    peer.writer.write(frame(b"there?", opcode=0x9))
    assert await peer.until(0xA) == b"there?"


async def test_text_closes_the_connection(document: str, peer: Peer) -> None:
    await peer.until(0x2)
    peer.writer.write(frame(b"hello", opcode=0x1))
    assert await peer.close_code() == CloseCode.UNEXPECTED


@pytest.mark.parametrize(
    ("bytes_sent", "code"),
    [
        (b"\x82\x05hello", 1002),  # a client has to mask
        (b"\xf2\x80\0\0\0\0", 1002),  # reserved bits
        (b"\x83\x80\0\0\0\0", 1002),  # an opcode that is none
        (b"\x82\xff" + (2**40).to_bytes(8, "big") + b"\0\0\0\0", 1009),
    ],
)
async def test_what_is_no_websocket_closes_the_connection(
    document: str, peer: Peer, bytes_sent: bytes, code: int
) -> None:
    anna = await Client(User(1), document).open()
    await peer.until(0x2)
    peer.writer.write(bytes_sent)
    assert await peer.close_code() == code
    await anna.edit(lambda doc: add_paragraph(doc, "a", "照常"))
    await anna.saved()


async def test_what_was_sent_just_before_hanging_up_is_taken(document: str, peer: Peer) -> None:
    anna = await Client(User(1), document).open()
    await peer.until(0x2)
    peer.writer.write(frame(an_edit("最后一句")) + frame((1000).to_bytes(2, "big"), opcode=0x8))
    await anna.until(lambda: set(texts(anna.doc)) == {"种子", "最后一句"})


async def test_who_does_not_read_gets_one_difference_and_holds_no_memory(
    document: str, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OUTBOX_BYTES", 100_000)
    anna = await Client(User(1), document).open()
    slow = await Peer().open(3, document)
    slow.writer.write(frame(protocol.sync(Step.STEP1, protocol.state_vector({}))))
    await slow.until(0x2)
    slow.pause()
    connection = connection_of(document, 3)
    number = 0
    while not connection.behind_since:
        number += 1
        await anna.edit(lambda doc, n=number: add_paragraph(doc, f"a{n}", f"{n} " + "长" * 20_000))
        await anna.saved()
        assert number < 500
    for extra in range(5):
        await anna.edit(lambda doc, n=extra: add_paragraph(doc, f"b{n}", f"后来 {n}" + "长" * 20_000))
    await anna.saved()
    assert waiting_bytes(connection) < 400_000
    slow.resume()
    doc: pycrdt.Doc = pycrdt.Doc()
    async with asyncio.timeout(20):
        while read_state_vector(doc.get_state()) != read_state_vector(anna.doc.get_state()):
            _, payload = await slow.message()
            with contextlib.suppress(protocol.Malformed):
                message = protocol.read_frame(payload)
                if isinstance(message, protocol.Sync) and message.step != Step.STEP1:
                    doc.apply_update(message.payload)
    assert texts(doc) == texts(anna.doc)
    slow.done()


def waiting_bytes(connection: Connection) -> int:
    transport = connection.transport
    if isinstance(transport, DirectTransport):
        return transport._protocol.transport.get_write_buffer_size()
    return transport._bytes  # type: ignore[attr-defined]


async def test_who_stays_behind_too_long_is_closed(
    document: str, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OUTBOX_BYTES", 10_000)
    monkeypatch.setattr(limits, "BEHIND_SECONDS", 0)
    anna = await Client(User(1), document).open()
    slow = await Peer().open(3, document)
    await slow.until(0x2)
    slow.pause()
    connection = connection_of(document, 3)
    number = 0
    while not connection.behind_since:
        number += 1
        await anna.edit(lambda doc, n=number: add_paragraph(doc, f"a{n}", "长" * 20_000))
        await anna.saved()
        assert number < 500
    hub().rooms[document].sign_of_life()
    assert connection.closed
    slow.resume()
    async with asyncio.timeout(10):
        with contextlib.suppress(asyncio.IncompleteReadError):
            assert await slow.close_code() == CloseCode.TOO_SLOW
    slow.done()
