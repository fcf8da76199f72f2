"""A kind of topic for tests, and the page that follows one."""

import asyncio
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from realtime import protocol, topics
from realtime.protocol import Message, Reader

from .support import Client, Network, User

Labels = frozenset[str]
EVERYONE: Labels = frozenset()


class BoardKind:
    """Boards on which anything may be pinned; whom they let in is what the test says."""

    name = "board"
    keep: timedelta | None = timedelta(days=30)

    def __init__(self) -> None:
        self.labels: dict[int, Labels] = {}
        self.judged: list[str] = []  # topics, as often as somebody was judged

    def audiences(self, *, user_id: int, topic_id: UUID) -> Labels | None:
        self.judged.append(f"board:{topic_id}")
        return self.labels.get(user_id)


def new_topic() -> str:
    return f"board:{uuid.uuid4()}"


def pin(topic: str, *names: Any, audience: str = "", actor_id: int | None = None) -> None:
    """Publish an event for each name, in one transaction."""
    with transaction.atomic():
        for name in names:
            topics.publish(topic, "pinned", {"name": name}, audience=audience, actor_id=actor_id)


async def beside(function: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """Run what uses the database in a thread that leaves no connection behind."""

    def run() -> Any:
        try:
            return function(*args, **named)
        finally:
            connections.close_all()

    return await asyncio.to_thread(run)


def request(**body: Any) -> bytes:
    return protocol.topic(body)


class Follower:
    """A page that follows topics: it keeps its place in each and asks for more. What it gets twice fails the test."""

    def __init__(self, user: Any, path: str = "/ws/topics/", socket: Network | None = None) -> None:
        self._path = path
        self.socket = socket or Client.socket_class(user, path, "")
        self.cursors: dict[str, int] = {}
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.current: set[str] = set()  # topics of which everything has arrived that there was
        self.refused: dict[str, str] = {}
        self.reset: set[str] = set()
        self.frames: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.asks_for_more = True

    async def open(self) -> "Follower":
        await self.socket.open()
        return self

    async def raw(self, frame: bytes | None) -> None:
        await self.socket.send(frame)

    async def follow(self, topic: str, after: int | None = None) -> None:
        """From where it was, unless told from where."""
        if after is not None:
            self.cursors[topic] = after
        self.current.discard(topic)
        await self.raw(request(type="follow", topic=topic, after=self.cursors.setdefault(topic, 0)))

    async def unfollow(self, topic: str) -> None:
        await self.raw(request(type="unfollow", topic=topic))

    async def up_to_date(self, topic: str) -> "Follower":
        await self.until(
            lambda: topic in self.current | self.reset | self.refused.keys() or self.closed is not None
        )
        return self

    async def until(self, condition: Callable[[], Any], timeout: float = 5) -> None:
        async with asyncio.timeout(timeout):
            while not condition():
                await self.step()

    async def step(self) -> None:
        assert self.closed is None, f"closed with {self.closed}"
        got = await self.socket.receive()
        if isinstance(got, int):
            self.closed = got
        else:
            await self._take(got)

    async def _take(self, frame: bytes) -> None:
        reader = Reader(frame)
        if reader.varuint() != Message.TOPIC:
            return
        body = json.loads(reader.string())
        assert reader.finished
        self.frames.append(body)
        topic = body["topic"]
        if body["type"] == "refused":
            self.refused[topic] = body["reason"]
        elif body["type"] == "reset":
            self.reset.add(topic)
        else:
            assert body["after"] == self.cursors[topic], "begins somewhere else"
            await self._take_events(topic, body["events"], body["through"], body["more"])

    async def _take_events(self, topic: str, events: list[dict[str, Any]], through: int, more: bool) -> None:
        for event in events:
            assert event["number"] > self.cursors[topic], "came twice, or out of order"
            self.cursors[topic] = event["number"]
        assert through >= self.cursors[topic]
        self.cursors[topic] = through
        self.events.setdefault(topic, []).extend(events)
        if not more:
            self.current.add(topic)
        elif self.asks_for_more:
            await self.follow(topic)

    def names(self, topic: str) -> list[Any]:
        return [event["data"]["name"] for event in self.events.get(topic, [])]

    async def come_back(self, user: Any) -> None:
        """The line is cut, whatever was on its way; the page goes on from its cursors on another."""
        if isinstance(self.socket, Network):
            self.socket.abort()
        else:
            await self.socket.close()
        self.socket = Client.socket_class(user, self._path, "")
        await self.open()
        for topic in self.cursors:
            await self.follow(topic)

    async def leave(self) -> None:
        await self.socket.close()


async def following(user_id: int, topic: str, after: int = 0) -> Follower:
    """A page that follows and has everything there is."""
    made = await Follower(User(user_id)).open()
    await made.follow(topic, after)
    return await made.up_to_date(topic)
