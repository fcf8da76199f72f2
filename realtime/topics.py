"""What server code does with topics: publish to them, know where a page's cursor starts, clean."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from . import limits, topic_log
from .hub import Hub, in_every_loop
from .relay import publish_all_from_thread
from .topic_followers import message
from .topic_kinds import parse_topic, registered
from .topic_log import Entry, Event


class EventTooLarge(ValueError):
    """More data than one event may carry."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """`data` is seen by whoever follows the topic and has the audience's label; "" is everyone who may follow."""

    topic: str
    kind: str
    data: dict[str, Any]
    audience: str = ""
    actor_id: int | None = None


def publish(
    topic: str, kind: str, data: dict[str, Any], *, audience: str = "", actor_id: int | None = None
) -> int:
    """Publish one event in the caller's transaction: its followers get it on commit. Returns its number.

    Other publishers of the topic wait for the end of the transaction: publish last. Blocks; call it from a thread.
    """
    [number] = publish_many([NewEvent(topic, kind, data, audience, actor_id)])
    return number


def publish_many(events: Sequence[NewEvent]) -> list[int]:
    """Publish to any number of topics at once. Who publishes to several in one transaction does it by one call:
    it locks them in a fixed order, so that two such transactions cannot wait for each other for ever."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "events are published in the transaction that they tell of"
        )
    stored = topic_log.append([_entry(event) for event in events])
    by_topic: dict[str, list[Event]] = {}
    for event, in_log in zip(events, stored, strict=True):
        by_topic.setdefault(event.topic, []).append(in_log)
    transaction.on_commit(lambda: _announce(by_topic))
    return [event.number for event in stored]


def _entry(event: NewEvent) -> Entry:
    parse_topic(event.topic)
    if not 0 < len(event.kind) <= 40 or len(event.audience) > 80:
        raise ValueError("an event's kind has at most 40 characters, its audience at most 80")
    data = json.dumps(event.data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if len(data.encode()) > limits.TOPIC_EVENT_BYTES:
        raise EventTooLarge(f"an event carries at most {limits.TOPIC_EVENT_BYTES} bytes")
    return Entry(event.topic, event.kind, data, event.audience, event.actor_id)


def _announce(by_topic: dict[str, list[Event]]) -> None:
    def take(hub: Hub) -> None:
        for topic, events in by_topic.items():
            hub.topics.take(topic, events)

    in_every_loop(take)
    publish_all_from_thread([message(topic, events) for topic, events in by_topic.items()])


def cursor(topic: str) -> int:
    """Where a page starts to follow that shows the state of this moment. Read it before the rows that it shows."""
    return topic_log.newest(topic)


def clean() -> int:
    """Delete the events that their kinds keep no longer; returns how many."""
    now = timezone.now()
    return sum(topic_log.clean(kind.name, now - kind.keep) for kind in registered() if kind.keep is not None)
