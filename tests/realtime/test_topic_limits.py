"""Limits of topics, and what hostile clients send."""

import time
from typing import Any

import pytest

from realtime import limits, protocol, topic_followers
from realtime.kinds import Access
from realtime.protocol import CloseCode

from .followers import EVERYONE, BoardKind, Follower, beside, following, new_topic, pin, request
from .support import NoteKind, User, new_document

live = pytest.mark.usefixtures("live")


# ---- limits and hostile frames ------------------------------------------------------------------------------


@live
async def test_one_connection_follows_so_many_topics_and_no_more(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "TOPICS_PER_CONNECTION", 3)
    board_kind.labels = {1: EVERYONE}
    page = await Follower(User(1)).open()
    some = [new_topic() for _ in range(4)]
    for topic in some:
        await page.follow(topic, 0)
        await page.up_to_date(topic)
    assert page.refused == {some[3]: "too-many"}
    await page.unfollow(some[0])
    page.refused.clear()
    await page.follow(some[3], 0)
    await page.up_to_date(some[3])
    assert page.current >= {some[3]}


@live
async def test_one_person_cannot_flood_the_topics_with_sockets(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CONNECTIONS_PER_PERSON", 2)
    pages = [await Follower(User(1)).open() for _ in range(3)]
    await pages[2].until(lambda: pages[2].closed is not None)
    assert pages[2].closed == CloseCode.TOO_MANY
    assert (await Follower(User(2)).open()).closed is None


@live
async def test_who_asks_again_and_again_is_served_at_a_pace(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "TOPIC_PAGES_AT_ONCE", 5)
    monkeypatch.setattr(limits, "TOPIC_PAGES_PER_SECOND", 1)
    board_kind.labels = {1: EVERYONE, 2: EVERYONE}
    some = [new_topic() for _ in range(3)]
    started = time.monotonic()
    greedy = await Follower(User(1)).open()
    for _ in range(300):
        for topic in some:
            await greedy.follow(topic, 0)
    await following(2, some[0])
    await greedy.up_to_date(some[0])
    assert len(board_kind.judged) <= 5 + 1 + 1 + (time.monotonic() - started)


def test_the_pace_lets_some_through_at_once_and_then_as_many_as_time_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "TOPIC_PAGES_AT_ONCE", 3)
    monkeypatch.setattr(limits, "TOPIC_PAGES_PER_SECOND", 10)
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    pace = topic_followers.Pace()
    assert [round(pace.wait(), 3) for _ in range(5)] == [0, 0, 0, 0.1, 0.2]
    now += 10
    assert [round(pace.wait(), 3) for _ in range(4)] == [0, 0, 0, 0.1]


TOPIC = "board:00000000-0000-0000-0000-000000000001"
MALFORMED = [
    b"\x12",
    b"\x12\x05{}",
    b"\x12\x00",
    protocol.topic("not JSON"),
    protocol.topic("[]"),
    protocol.topic("null"),
    protocol.topic("[" * 900),
    request(type="follow"),
    request(type="follow", topic=TOPIC),
    request(type="follow", topic=TOPIC, after="1"),
    request(type="follow", topic=TOPIC, after=True),
    request(type="follow", topic=TOPIC, after=1.5),
    request(type="follow", topic=TOPIC, after=-1),
    request(type="follow", topic=TOPIC, after=2**53),
    request(type="follow", topic=TOPIC, after=None),
    request(type="follow", topic=TOPIC.upper(), after=0),
    request(type="follow", topic=TOPIC + "\n", after=0),
    request(type="follow", topic="board:' OR 1=1 --", after=0),
    request(type="follow", topic={"a": 1}, after=0),
    request(type="follow", topic="x" * 500, after=0),
    request(type="events", topic=TOPIC, events=[], through=0),
    request(type="follow", topic=TOPIC, after=0, padding="x" * 1000),
    request(type="follow", topic=TOPIC, after=0) + b"x",
    b"\x12" + protocol.sized(b'{"type":"follow","topic":"\xff"}'),
]


@live
async def test_malformed_requests_close_their_connection_and_no_other(
    kind: NoteKind, board_kind: BoardKind
) -> None:
    kind.rights = dict.fromkeys(range(1, 3), Access.WRITE)
    board_kind.labels = {1: EVERYONE}
    topic, document = new_topic(), new_document()
    anna = await following(1, topic)
    for frame in MALFORMED:
        for path in ("/ws/topics/", f"/ws/docs/{document.replace(':', '/')}"):
            hostile = await Follower(User(2), path).open()
            await hostile.raw(frame)
            await hostile.until(lambda hostile=hostile: hostile.closed is not None)
            assert hostile.closed == CloseCode.MALFORMED, frame
            await hostile.leave()
    assert len(board_kind.judged) == 1
    await beside(pin, topic, "甲")
    await anna.until(lambda: anna.names(topic) == ["甲"])


@live
@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (protocol.sync(protocol.Step.STEP1, b"\0"), CloseCode.UNEXPECTED),
        (bytes((protocol.Message.QUERY_AWARENESS,)), CloseCode.UNEXPECTED),
        (protocol.awareness([]), CloseCode.UNEXPECTED),
        (b"\x63\x00", CloseCode.UNEXPECTED),
        (None, CloseCode.UNEXPECTED),
        (bytes(limits.READER_FRAME_BYTES + 1), CloseCode.TOO_LARGE),
        (bytes(limits.FRAME_BYTES + 1), CloseCode.TOO_LARGE),
    ],
)
async def test_a_socket_for_topics_takes_nothing_else(frame: bytes | None, code: CloseCode) -> None:
    page = await Follower(User(1)).open()
    await page.raw(frame)
    await page.until(lambda: page.closed is not None)
    assert page.closed == code


@live
@pytest.mark.parametrize(
    "path",
    ["/ws/", "/ws/nothing/", "/", "/ws/docs/note/no-uuid/", f"/ws/docs/note/{'-' * 36}/", "/ws/topics/x"],
)
async def test_an_address_that_does_not_exist_says_so(path: str) -> None:
    page = await Follower(User(1), path).open()
    await page.until(lambda: page.closed is not None)
    assert page.closed == CloseCode.NO_DOCUMENT


@live
async def test_logs_name_no_topic_and_no_person(
    board_kind: BoardKind, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("DEBUG", logger="realtime")

    def audiences(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(board_kind, "audiences", audiences)
    topic = new_topic()
    page = await following(4_711, topic)
    await page.raw(b"\x12")
    await page.until(lambda: page.closed is not None)
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert "4711" not in caplog.text.replace(",", "")
    assert topic.partition(":")[2] not in caplog.text
