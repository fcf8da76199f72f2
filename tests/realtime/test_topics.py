"""Topics through every way in: publishing, replay, audiences, what no message told of, cleaning."""

import asyncio
import contextlib
import io
import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from realtime import limits, topic_followers, topic_log, topics
from realtime.hub import hub
from realtime.kinds import Access, UnknownKind
from realtime.models import TopicCounter, TopicEvent

from .followers import EVERYONE, BoardKind, Follower, beside, following, new_topic, pin
from .support import Client, NoteKind, User, new_document, texts

live = pytest.mark.usefixtures("live")


# ---- publishing ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_events_are_numbered_from_one_in_each_topic(board_kind: BoardKind) -> None:
    one, other = new_topic(), new_topic()
    with transaction.atomic():
        assert [topics.publish(one, "pinned", {}) for _ in range(3)] == [1, 2, 3]
        assert topics.publish(other, "pinned", {}) == 1
    assert (topics.cursor(one), topics.cursor(other), topics.cursor(new_topic())) == (3, 1, 0)


@pytest.mark.django_db
def test_several_topics_at_once_keep_the_order_of_each(board_kind: BoardKind) -> None:
    one, other = new_topic(), new_topic()
    events = [topics.NewEvent(topic, "pinned", {"n": n}) for n, topic in enumerate([other, one, other, one])]
    with transaction.atomic():
        topics.publish(one, "pinned", {"n": -1})
        assert topics.publish_many(events) == [1, 2, 2, 3]
        assert topics.publish_many([]) == []
    rows = TopicEvent.objects.order_by("topic", "number")
    found = {
        topic: [json.loads(row.data)["n"] for row in rows if row.topic == topic] for topic in (one, other)
    }
    assert found == {one: [-1, 1, 3], other: [0, 2]}


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_nothing_is_published(board_kind: BoardKind) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        topics.publish(new_topic(), "pinned", {})
    assert TopicCounter.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("topic", "kind", "data", "audience", "error"),
    [
        ("unheard-of:00000000-0000-0000-0000-000000000001", "pinned", {}, "", UnknownKind),
        ("board:no-uuid", "pinned", {}, "", ValueError),
        ("board:0000000A-0000-0000-0000-000000000001", "pinned", {}, "", ValueError),
        ("", "", {}, "", ValueError),
        ("", "k" * 41, {}, "", ValueError),
        ("", "pinned", {}, "a" * 81, ValueError),
        ("", "pinned", {"text": "字" * 3_000}, "", topics.EventTooLarge),
        ("", "pinned", {"number": float("nan")}, "", ValueError),
        ("", "pinned", {"half of an emoji": "\ud83d"}, "", ValueError),
    ],
)
def test_what_cannot_be_an_event_is_refused_whole(
    board_kind: BoardKind, topic: str, kind: str, data: dict[str, Any], audience: str, error: type[Exception]
) -> None:
    good, bad = new_topic(), topic or new_topic()
    with pytest.raises(error), transaction.atomic():
        topics.publish_many([topics.NewEvent(good, "pinned", {}), topics.NewEvent(bad, kind, data, audience)])
    assert TopicCounter.objects.count() == TopicEvent.objects.count() == 0


@pytest.mark.django_db
def test_publishing_costs_two_queries_however_many_topics(
    board_kind: BoardKind, django_assert_num_queries: Any
) -> None:
    with transaction.atomic():
        with django_assert_num_queries(2):
            topics.publish(new_topic(), "pinned", {})
        with django_assert_num_queries(2):
            topics.publish_many([topics.NewEvent(new_topic(), "pinned", {}) for _ in range(300)])


@live
async def test_an_event_is_seen_on_commit_and_not_before(board_kind: BoardKind) -> None:
    board_kind.labels = {1: EVERYONE, 2: EVERYONE}
    topic = new_topic()
    anna = await following(1, topic)
    committed = asyncio.Event()
    loop = asyncio.get_running_loop()
    published = asyncio.Event()

    def slowly() -> None:
        with transaction.atomic():
            topics.publish(topic, "pinned", {"name": "甲"}, actor_id=7)
            loop.call_soon_threadsafe(published.set)
            asyncio.run_coroutine_threadsafe(committed.wait(), loop).result()

    work = asyncio.create_task(beside(slowly))
    await published.wait()
    bo = await following(2, topic)
    assert anna.socket.quiet
    assert bo.cursors == {topic: 0}
    committed.set()
    await work
    for page in (anna, bo):
        await page.until(lambda page=page: page.names(topic) == ["甲"])
    [event] = anna.events[topic]
    assert (event["number"], event["kind"], event["actor"]) == (1, "pinned", 7)
    assert abs(timezone.now() - datetime.fromisoformat(event["at"])) < timedelta(seconds=10)


@live
async def test_what_is_rolled_back_is_never_seen_and_leaves_no_gap(board_kind: BoardKind) -> None:
    board_kind.labels = {1: EVERYONE}
    topic = new_topic()
    anna = await following(1, topic)

    def work() -> None:
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            topics.publish(topic, "pinned", {"name": "不算数"})
            raise ZeroDivisionError
        with transaction.atomic():
            topics.publish(topic, "pinned", {"name": "甲"})
            with contextlib.suppress(ZeroDivisionError), transaction.atomic():
                topics.publish(topic, "pinned", {"name": "也不算数"})
                raise ZeroDivisionError
            topics.publish(topic, "pinned", {"name": "乙"})

    await beside(work)
    await anna.until(lambda: len(anna.names(topic)) == 2)
    assert [(event["number"], event["data"]["name"]) for event in anna.events[topic]] == [
        (1, "甲"),
        (2, "乙"),
    ]
    assert (await following(1, topic)).names(topic) == ["甲", "乙"]


# ---- replay -------------------------------------------------------------------------------------------------


@live
async def test_who_was_away_goes_on_from_every_cursor(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "TOPIC_FRAME_EVENTS", 3)
    board_kind.labels = {1: EVERYONE}
    topic = new_topic()
    await beside(pin, topic, *range(1, 11))
    page = await Follower(User(1)).open()
    for after in range(11):
        page.events.clear()
        await page.follow(topic, after)
        await page.up_to_date(topic)
        assert page.names(topic) == list(range(after + 1, 11))
        assert page.cursors[topic] == 10
    assert max(len(frame["events"]) for frame in page.frames) == 3


@live
async def test_frames_are_small_whatever_the_events(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "TOPIC_FRAME_BYTES", 5_000)
    board_kind.labels = {1: EVERYONE}
    topic = new_topic()
    long = [f"{n}" + "长" * (n * 20) for n in range(100)]
    anna = await following(1, topic)
    await beside(pin, topic, *long)
    bo = await following(1, topic)
    for page in (anna, bo):
        await page.until(lambda page=page: len(page.names(topic)) == 100)
        assert page.names(topic) == long
        for frame in page.frames:
            size = len(json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode())
            assert size < 5_300 or len(frame["events"]) == 1


@live
async def test_pages_follow_one_another_only_when_the_client_asks(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "TOPIC_FRAME_EVENTS", 10)
    board_kind.labels = {1: EVERYONE, 2: EVERYONE}
    topic = new_topic()
    await beside(pin, topic, *range(35))
    slow = await Follower(User(1)).open()
    slow.asks_for_more = False
    await slow.follow(topic, 0)
    await slow.until(lambda: topic in slow.events)
    quick = await following(2, topic)
    await beside(pin, topic, "新的")
    await quick.until(lambda: quick.names(topic)[-1] == "新的")
    assert slow.socket.quiet
    assert slow.names(topic) == list(range(10))
    assert slow.frames[-1]["more"] is True
    slow.asks_for_more = True
    await slow.follow(topic)
    await slow.up_to_date(topic)
    assert slow.names(topic) == [*range(35), "新的"]


@live
@pytest.mark.parametrize("way_in", ["direct"], indirect=True)
async def test_a_hundred_thousand_events_are_replayed_in_pages(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "TOPIC_PAGES_PER_SECOND", 10_000)
    board_kind.labels = {1: frozenset({"red"})}
    topic = new_topic()

    def fill() -> None:
        audiences = ["", "red", "blue", "green"]
        with transaction.atomic():
            for start in range(0, 100_000, 5_000):
                topic_log.append(
                    [
                        topic_log.Entry(topic, "pinned", f'{{"name":{n}}}', audiences[n % 4])
                        for n in range(start, start + 5_000)
                    ]
                )

    await beside(fill)
    page = await Follower(User(1)).open()
    await page.follow(topic, 0)
    await page.until(lambda: topic in page.current, timeout=60)
    assert page.names(topic) == [n for n in range(100_000) if n % 4 < 2]
    assert page.cursors[topic] == 100_000
    assert max(len(frame["events"]) for frame in page.frames) == limits.TOPIC_FRAME_EVENTS


@live
async def test_a_cursor_that_never_was_begins_anew(board_kind: BoardKind) -> None:
    board_kind.labels = {1: EVERYONE}
    topic, empty = new_topic(), new_topic()
    await beside(pin, topic, "甲")
    page = await Follower(User(1)).open()
    for name, after in ((topic, 2), (empty, 1)):
        await page.follow(name, after)
        await page.up_to_date(name)
        assert name in page.reset
    await page.follow(topic, 1)
    await page.until(lambda: topic in page.current)
    await beside(pin, topic, "乙")
    await page.until(lambda: page.names(topic) == ["乙"])


# ---- audiences ----------------------------------------------------------------------------------------------

LABELS = [EVERYONE, frozenset({"hosts"}), frozenset({"user:1"}), frozenset({"hosts", "user:1"})]
AUDIENCES = ["", "hosts", "user:1", "user:2"]


def may_see(labels: frozenset[str], audience: str) -> bool:
    return audience == "" or audience in labels


@live
async def test_everybody_gets_what_is_meant_for_them_live_and_later(board_kind: BoardKind) -> None:
    board_kind.labels = dict(enumerate(LABELS, start=1))
    topic = new_topic()
    pages = {number: await following(number, topic) for number in board_kind.labels}
    for audience in [*AUDIENCES, ""]:
        await beside(pin, topic, audience, audience=audience)
    for number, labels in board_kind.labels.items():
        expected = [audience for audience in [*AUDIENCES, ""] if may_see(labels, audience)]
        page = pages[number]
        await page.until(lambda page=page: page.cursors[topic] == 5)
        assert page.names(topic) == expected
        for after in range(6):
            late = await following(number, topic, after)
            assert late.names(topic) == [name for name in [*AUDIENCES, ""][after:] if may_see(labels, name)]
            assert late.cursors[topic] == 5


@live
async def test_who_may_not_follow_gets_nothing(board_kind: BoardKind) -> None:
    board_kind.labels = {1: EVERYONE}
    topic = new_topic()
    await beside(pin, topic, "甲")
    stranger = await following(9, topic)
    assert stranger.refused == {topic: "no-right"}
    unheard = topic.replace("board:", "unheard-of:")
    await stranger.follow(unheard, 0)
    await stranger.up_to_date(unheard)
    assert stranger.refused[unheard] == "unknown"
    anna = await following(1, topic)
    await beside(pin, topic, "乙")
    await anna.until(lambda: anna.names(topic) == ["甲", "乙"])
    assert stranger.socket.quiet
    assert len(stranger.frames) == 2


@live
async def test_a_kind_that_fails_lets_nobody_in_and_harms_no_other_topic(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    board_kind.labels = {1: EVERYONE}
    bad, good = new_topic(), new_topic()
    real = board_kind.audiences

    def audiences(*, user_id: int, topic_id: Any) -> frozenset[str] | None:
        if str(topic_id) in bad:
            raise RuntimeError
        return real(user_id=user_id, topic_id=topic_id)

    monkeypatch.setattr(board_kind, "audiences", audiences)
    page = await following(1, bad)
    assert page.refused == {bad: "no-right"}
    await page.follow(good, 0)
    await page.up_to_date(good)
    assert good in page.current


# ---- on the socket of a document ----------------------------------------------------------------------------


@live
async def test_topics_travel_on_the_socket_of_a_document(kind: NoteKind, board_kind: BoardKind) -> None:
    kind.rights, board_kind.labels = {1: Access.WRITE, 2: Access.READ}, {1: EVERYONE, 2: EVERYONE}
    document, topic = new_document(), new_topic()
    path = f"/ws/docs/{document.replace(':', '/')}"
    pages = [await Follower(User(number), path).open() for number in (1, 2)]
    for page in pages:
        await page.follow(topic, 0)
        await page.up_to_date(topic)
    await beside(pin, topic, "甲")
    for page in pages:
        await page.until(lambda page=page: page.names(topic) == ["甲"])
    stock = await Client(User(1), document).open()
    assert texts(stock.doc) == ["种子"]


@live
async def test_who_stops_following_gets_no_more_and_nothing_is_kept(board_kind: BoardKind) -> None:
    board_kind.labels = {1: EVERYONE}
    topic, other = new_topic(), new_topic()
    page = await following(1, topic)
    await page.follow(other, 0)
    await page.up_to_date(other)
    await page.unfollow(topic)
    await page.unfollow(new_topic())
    await page.follow(other)
    await page.up_to_date(other)
    await beside(pin, topic, "甲")
    await beside(pin, other, "乙")
    await page.until(lambda: page.names(other) == ["乙"])
    assert page.names(topic) == []
    assert hub().topics.topics.keys() == {other}
    await page.leave()
    await until(lambda: not hub().topics.topics)
    assert not hub().topics.sockets
    assert not hub().topics._peers


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


# ---- what no message told of --------------------------------------------------------------------------------


@pytest.fixture
def no_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub, which begins with the first page, does not look into the log by itself meanwhile."""
    monkeypatch.setattr(limits, "WATCH_SECONDS", 1_000)


@contextlib.contextmanager
def announcements_held(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, list[topic_log.Event]]]]:
    """What is published inside is told to nobody, but kept here."""
    told: list[dict[str, list[topic_log.Event]]] = []
    with monkeypatch.context() as held:
        held.setattr(topics, "_announce", told.append)
        yield told


@live
async def test_events_of_a_process_that_told_nobody_are_found(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch, no_looks: None
) -> None:
    board_kind.labels = {1: EVERYONE, 2: frozenset({"red"})}
    topic = new_topic()
    anna, bo = await following(1, topic), await following(2, topic)
    with announcements_held(monkeypatch):
        await beside(pin, topic, "甲", "乙")
        await beside(pin, topic, "红", audience="red")
    assert anna.socket.quiet
    await hub().topics.look()
    await anna.until(lambda: anna.names(topic) == ["甲", "乙"])
    await bo.until(lambda: bo.names(topic) == ["甲", "乙", "红"])


@live
async def test_events_of_one_moment_arrive_in_one_frame(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch, no_looks: None
) -> None:
    board_kind.labels = {1: EVERYONE}
    topic = new_topic()
    page = await following(1, topic)
    with announcements_held(monkeypatch) as told:
        for name in range(10):
            await beside(pin, topic, name)
    page.frames.clear()
    for by_topic in told:
        hub().topics.take(topic, by_topic[topic])
    await page.until(lambda: page.names(topic) == list(range(10)))
    assert len(page.frames) == 1


@live
async def test_a_message_that_would_be_too_large_only_says_that_there_is_more(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch, no_looks: None
) -> None:
    monkeypatch.setattr(limits, "RELAY_BYTES", 1_000)
    board_kind.labels = {1: EVERYONE}
    topic = new_topic()
    page = await following(1, topic)
    with announcements_held(monkeypatch) as told:
        await beside(pin, topic, "长" * 500)
    name, header, payload = topic_followers.message(topic, told[0][topic])
    assert payload == b""
    hub().topics.take_message(name, header, payload)
    await page.until(lambda: page.names(topic) == ["长" * 500])


@live
async def test_a_gap_is_read_from_the_log_and_nothing_comes_twice(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch, no_looks: None
) -> None:
    board_kind.labels = {1: EVERYONE}
    topic = new_topic()
    page = await following(1, topic)
    with announcements_held(monkeypatch) as told:
        for name in range(10):
            await beside(pin, topic, name)
    random.Random(5).shuffle(told)
    for by_topic in [*told, *told]:
        topics._announce(by_topic)
        await asyncio.sleep(0)
    await page.until(lambda: page.cursors[topic] == 10)
    await beside(pin, topic, "后来")
    await page.until(lambda: page.names(topic) == [*range(10), "后来"])


@live
async def test_a_look_costs_one_query_and_none_when_nobody_follows(board_kind: BoardKind) -> None:
    board_kind.labels = {1: EVERYONE}
    assert await queries_of(hub().topics.look) == 0
    page = await Follower(User(1)).open()
    for _ in range(20):
        topic = new_topic()
        await page.follow(topic, 0)
        await page.up_to_date(topic)
    assert await queries_of(hub().topics.look) == 1


async def queries_of(work: Any) -> int:
    """How many queries the topics' threads make for it."""
    here, counted = hub().topics, [0]
    real = here._threads.run

    def counting(function: Any, *args: Any) -> Any:
        with CaptureQueriesContext(connection) as captured:
            try:
                return function(*args)
            finally:
                counted[0] += len(captured)

    here._threads.run = lambda function, *args: real(counting, function, *args)  # type: ignore[method-assign]
    try:
        await work()
    finally:
        here._threads.run = real  # type: ignore[method-assign]
    return counted[0]


@live
async def test_to_follow_costs_one_query_beside_the_kinds_own(board_kind: BoardKind) -> None:
    board_kind.labels = {1: frozenset({"a", "b"})}
    topic = new_topic()
    await beside(pin, topic, *range(50))
    page = await Follower(User(1)).open()

    async def follow() -> None:
        await page.follow(topic, 0)
        await page.up_to_date(topic)

    assert await queries_of(follow) == 1
    assert len(page.names(topic)) == 50


@live
async def test_while_the_database_does_not_answer_a_page_waits(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    monkeypatch.setattr(limits, "RETRY_SECONDS", 0.01)
    board_kind.labels = {1: EVERYONE}
    topic = new_topic()
    await beside(pin, topic, "甲")
    real, failures = topic_log.read, [3]

    def read(*args: Any) -> Any:
        if failures[0]:
            failures[0] -= 1
            raise OperationalError
        return real(*args)

    monkeypatch.setattr(topic_log, "read", read)
    page = await following(1, topic)
    assert page.names(topic) == ["甲"]
    assert failures == [0]


# ---- cleaning -----------------------------------------------------------------------------------------------


def age(topic: str, through: int, days: int) -> None:
    TopicEvent.objects.filter(topic=topic, number__lte=through).update(
        at=timezone.now() - timedelta(days=days)
    )


@live
async def test_old_events_go_and_whoever_missed_them_loads_afresh(board_kind: BoardKind) -> None:
    board_kind.labels = {1: EVERYONE}
    topic, other = new_topic(), new_topic()
    here = await following(1, topic)
    await beside(pin, topic, *range(1, 11))
    await beside(pin, other, "新")
    await here.until(lambda: here.cursors[topic] == 10)
    await beside(age, topic, 4, 31)
    await beside(age, topic, 3, 40)
    assert await beside(topics.clean) == 4
    assert await beside(topics.clean) == 0
    for after in range(11):
        page = await following(1, topic, after)
        assert (topic in page.reset) == (after < 4)
        assert page.names(topic) == ([] if after < 4 else list(range(after + 1, 11)))
    await beside(pin, topic, 11)
    await here.until(lambda: here.names(topic) == list(range(1, 12)))
    assert (await following(1, other)).names(other) == ["新"]


@live
async def test_a_topic_that_was_cleaned_whole_goes_on_counting(board_kind: BoardKind) -> None:
    board_kind.labels = {1: EVERYONE}
    topic = new_topic()
    await beside(pin, topic, *range(1, 4))
    await beside(age, topic, 3, 31)
    said = io.StringIO()
    await beside(call_command, "clean_topics", stdout=said)
    assert "3" in said.getvalue()
    assert (await following(1, topic)).reset == {topic}
    page = await following(1, topic, 3)
    await beside(pin, topic, 4)
    await page.until(lambda: page.names(topic) == [4])
    assert page.cursors[topic] == 4


@pytest.mark.django_db
def test_a_kind_may_keep_its_events_for_good(board_kind: BoardKind) -> None:
    board_kind.keep = None
    topic = new_topic()
    pin(topic, "甲")
    age(topic, 1, 10_000)
    assert topics.clean() == 0


@live
async def test_events_cleaned_before_a_process_saw_them_begin_anew(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch, no_looks: None
) -> None:
    board_kind.labels = {1: EVERYONE}
    topic = new_topic()
    page = await following(1, topic)
    with announcements_held(monkeypatch):
        await beside(pin, topic, *range(3))
    await beside(age, topic, 2, 31)
    await beside(topics.clean)
    await hub().topics.look()
    await page.until(lambda: page.reset)
    assert page.names(topic) == []
