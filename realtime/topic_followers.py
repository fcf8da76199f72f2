"""Who follows what, where each stands, and what is said to them and to other processes."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

from . import limits, protocol
from .connections import Connection
from .topic_log import Event

CHANNEL = "topic:"  # before a topic's name where the relay has a document's

Labels = frozenset[str]


@dataclass(eq=False, slots=True)
class Cursor:
    """Where one follower stands in one topic: everything up to `through` was handed over that concerns it.

    told: the number up to which it was told so; what it may not see is passed over without a word.
    """

    through: int = 0
    told: int = 0
    labels: Labels = frozenset()
    live: bool = False
    owed: bool = False  # the client has asked: it gets a page even if there is nothing new
    behind: bool = False  # the line could not keep up; goes on when it is free


class Pace:
    """How soon a connection may have its next page."""

    def __init__(self) -> None:
        self._until = 0.0

    def wait(self) -> float:
        now, each = time.monotonic(), 1 / limits.TOPIC_PAGES_PER_SECOND
        self._until = max(self._until, now) + each
        return max(0.0, self._until - now - limits.TOPIC_PAGES_AT_ONCE * each)


@dataclass(eq=False, slots=True)
class Peer:
    """A connection that follows topics. asked: those of which it waits for a page; serving: the one that is read."""

    connection: Connection
    cursors: dict[str, Cursor] = field(default_factory=dict)
    asked: dict[str, None] = field(default_factory=dict)
    serving: str = ""
    pace: Pace = field(default_factory=Pace)
    task: "asyncio.Task[None] | None" = None


@dataclass(eq=False, slots=True)
class Topic:
    """A topic that somebody here follows.

    through: up to here the live followers have it (None until it was read once); fresh: the next events, which wait
    for the tick; heard: the newest number that anything told of.
    """

    name: str
    followers: dict[Peer, Cursor] = field(default_factory=dict)
    through: int | None = None
    fresh: list[Event] = field(default_factory=list)
    heard: int = 0
    reading: bool = False
    timer: asyncio.TimerHandle | None = None
    rest_until: float = 0.0

    @property
    def newest(self) -> int:
        return (self.through or 0) + len(self.fresh)


def concerns(event: Event, cursor: Cursor) -> bool:
    return event.number > cursor.through and (not event.audience or event.audience in cursor.labels)


def events_frame(topic: str, events: list[Event], after: int, through: int, *, more: bool = False) -> bytes:
    texts = ",".join(event.text for event in events)
    return protocol.topic(
        f'{{"type":"events","topic":"{topic}","events":[{texts}],'
        f'"after":{after},"through":{through},"more":{json.dumps(more)}}}'
    )


def message(topic: str, events: list[Event]) -> tuple[str, dict[str, Any], bytes]:
    """What tells other processes of events: the relay's channel, header and payload."""
    payload = json.dumps([(event.number, event.audience, event.text) for event in events]).encode()
    header = {"kind": "event", "newest": events[-1].number}
    return CHANNEL + topic, header, payload if len(payload) <= limits.RELAY_BYTES else b""
