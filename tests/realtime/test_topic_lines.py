"""Topics on bad lines: who does not read, who is cut off at any moment, who hears nothing for long."""

import asyncio
import contextlib
import json
import random

import pytest
from django.db import transaction

from realtime import access, limits, protocol, topics
from realtime.connections import Connection
from realtime.direct import DirectTransport
from realtime.hub import hub
from realtime.kinds import Access
from realtime.models import TopicEvent
from realtime.protocol import CloseCode

from .followers import EVERYONE, BoardKind, Follower, beside, new_topic, pin
from .peer import Peer, frame
from .support import NoteKind, User, new_document

pytestmark = pytest.mark.usefixtures("live")
on_real_lines = pytest.mark.parametrize("way_in", ["uvicorn", "direct"], indirect=True)


class StuckLine:
    """A line for a `Follower` that can be made to stand still."""

    def __init__(self, user_id: int, document: str = "") -> None:
        self._user_id, self._document = user_id, document
        self.peer = Peer()

    async def open(self) -> None:
        await self.peer.open(self._user_id, self._document)

    async def send(self, payload: bytes) -> None:
        self.peer.writer.write(frame(payload))

    async def receive(self) -> bytes | int:
        opcode, payload = await self.peer.message()
        return int.from_bytes(payload[:2], "big") if opcode == 0x8 else payload

    async def close(self) -> None:
        self.peer.done()


def connection_of(user_id: int) -> Connection:
    [found] = [one for one in hub().topics._peers if one.user_id == user_id]
    return found


def waiting_bytes(connection: Connection) -> int:
    transport = connection.transport
    if isinstance(transport, DirectTransport):
        return transport._protocol.transport.get_write_buffer_size()
    return transport._bytes  # type: ignore[attr-defined]


@pytest.fixture
def small_outbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "OUTBOX_BYTES", 100_000)
    monkeypatch.setattr(limits, "TOPIC_MILLISECONDS", 0)


async def stuck_follower(topic: str) -> Follower:
    """Person 2 follows, and from now on reads nothing."""
    slow = await Follower(None, socket=StuckLine(2)).open()
    await slow.follow(topic, 0)
    await slow.up_to_date(topic)
    slow.socket.peer.pause()
    return slow


async def until_behind(connection: Connection, topic: str) -> int:
    """Publish until the line cannot keep up; returns how many events there are then."""
    for number in range(500):
        if connection.behind_since:
            return number
        await beside(pin, topic, f"{number}" + "长" * 2_000)
        await asyncio.sleep(0)
    raise AssertionError("never behind")


@on_real_lines
@pytest.mark.parametrize("beside_a_document", [False, True])
async def test_who_does_not_read_goes_on_from_where_it_was_and_holds_no_memory(
    kind: NoteKind, board_kind: BoardKind, small_outbox: None, beside_a_document: bool
) -> None:
    kind.rights, board_kind.labels = {2: Access.WRITE}, {1: EVERYONE, 2: EVERYONE}
    topic = new_topic()
    quick = await Follower(User(1)).open()
    slow = await Follower(None, socket=StuckLine(2, new_document() if beside_a_document else "")).open()
    for page in (quick, slow):
        await page.follow(topic, 0)
        await page.up_to_date(topic)
    slow.socket.peer.pause()
    connection = connection_of(2)
    count = await until_behind(connection, topic)
    for number in range(50):
        await beside(pin, topic, f"后来 {number}" + "长" * 2_000)
    await quick.until(lambda: quick.cursors[topic] == count + 50)
    assert waiting_bytes(connection) < 300_000
    slow.socket.peer.resume()
    await slow.until(lambda: slow.cursors[topic] == count + 50, timeout=20)
    assert slow.names(topic) == quick.names(topic)
    await beside(pin, topic, "完")
    await slow.until(lambda: slow.names(topic)[-1] == "完")
    await slow.leave()


@on_real_lines
async def test_who_lost_the_right_while_behind_gets_no_more(
    board_kind: BoardKind, small_outbox: None
) -> None:
    board_kind.labels = {2: EVERYONE}
    topic = new_topic()
    slow = await stuck_follower(topic)
    await until_behind(connection_of(2), topic)
    board_kind.labels.clear()
    await asyncio.to_thread(access.changed, topic, [2])
    await beside(pin, topic, "秘密")
    slow.socket.peer.resume()
    await slow.until(lambda: slow.refused, timeout=20)
    assert slow.refused == {topic: "no-right"}
    assert "秘密" not in slow.names(topic)
    await slow.leave()


@on_real_lines
async def test_who_stays_behind_too_long_is_closed(
    board_kind: BoardKind, small_outbox: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BEHIND_SECONDS", 0)
    board_kind.labels = {2: EVERYONE}
    topic = new_topic()
    slow = await stuck_follower(topic)
    connection = connection_of(2)
    await until_behind(connection, topic)
    hub().topics.sign_of_life()
    assert connection.closed
    slow.socket.peer.resume()
    with contextlib.suppress(asyncio.IncompleteReadError):
        await slow.until(lambda: slow.closed is not None, timeout=20)
        assert slow.closed == CloseCode.TOO_SLOW
    await slow.leave()


async def test_a_quiet_line_hears_something_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "QUIET_SECONDS", 0)
    page = await Follower(User(1)).open()
    async with asyncio.timeout(5):
        while not hub().topics.sockets:
            await asyncio.sleep(0)
    hub().topics.sign_of_life()
    assert await page.socket.receive() == protocol.durable(0, {})


LABELS = {1: EVERYONE, 2: frozenset({"hosts"}), 3: frozenset({"hosts", "user:3"})}
AUDIENCES = ["", "", "hosts", "user:3"]


def publish_at_random(rng: random.Random, some: list[str], name: str, count: int) -> None:
    """As several operations at once do: to one topic or two, for these or those, and now and then in vain."""
    for number in range(count):
        chosen = rng.sample(some, rng.choice([1, 1, 2]))
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            topics.publish_many(
                [
                    topics.NewEvent(topic, "pinned", {"name": f"{name}{number}"}, rng.choice(AUDIENCES))
                    for topic in chosen
                ]
            )
            if rng.random() < 0.2:
                raise ZeroDivisionError


Expected = dict[str, list[tuple[str, str]]]  # of each topic, what was published and for whom


def published(some: list[str]) -> Expected:
    rows = TopicEvent.objects.filter(topic__in=some).order_by("number")
    return {
        topic: [(json.loads(row.data)["name"], row.audience) for row in rows if row.topic == topic]
        for topic in some
    }


def has_all(page: Follower, labels: frozenset[str], expected: Expected) -> bool:
    return bool(expected) and all(
        page.names(topic) == [name for name, audience in events if not audience or audience in labels]
        for topic, events in expected.items()
    )


async def cut_at_random(rng: random.Random, page: Follower, user_id: int, expected: Expected) -> None:
    """Reads, is cut off and comes back, or is judged again, until it has everything."""
    while not has_all(page, LABELS[user_id], expected):
        for _ in range(rng.randrange(50)):
            if page.socket.quiet:
                await asyncio.sleep(0)
            else:
                await page.step()
        if rng.random() < 0.4:
            await asyncio.to_thread(access.changed, rng.choice(list(page.cursors)), [user_id])
        else:
            await page.come_back(User(user_id))


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_cuts_the_line_nothing_is_missed_and_nothing_comes_twice(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr(limits, "TOPIC_FRAME_EVENTS", rng.choice([2, 7, 500]))
    monkeypatch.setattr(limits, "TOPIC_MILLISECONDS", rng.choice([0, 5]))
    board_kind.labels = dict(LABELS)
    some = [new_topic(), new_topic()]
    pages = {number: await Follower(User(number)).open() for number in LABELS}
    for page in pages.values():
        for topic in some:
            await page.follow(topic, 0)
    expected: Expected = {}

    async def write() -> None:
        await asyncio.gather(
            *(beside(publish_at_random, random.Random(f"{seed}{name}"), some, name, 40) for name in "甲乙丙")
        )
        expected.update(await beside(published, some))

    async with asyncio.timeout(60):
        await asyncio.gather(write(), *(cut_at_random(rng, page, n, expected) for n, page in pages.items()))
    assert sum(len(events) for events in expected.values()) > 100
    for number, page in pages.items():
        late = await Follower(User(number)).open()
        for topic in some:
            await late.follow(topic, 0)
            await late.up_to_date(topic)
        assert late.events == page.events
