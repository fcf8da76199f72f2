"""The durable log of topics: number and store events, read a page, clean. All functions block; call them in threads.

Numbers are given under the lock of the topic's counter row, which is held until the publisher commits. So within a
topic the order of numbers is the order of commits, and no number is left out: whoever sees event n sees all before
it, and "after n" is a safe place to read on from. (The ids of the document log come from a sequence, which promises
neither: see log_watch.)
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from . import limits
from .models import TopicCounter, TopicEvent
from .store import ROWS_TOGETHER

_COUNTERS = TopicCounter._meta.db_table
_EVENTS = TopicEvent._meta.db_table
_NUMBER = f"INSERT INTO {_COUNTERS} (topic, newest, cleaned) VALUES"
_NUMBER_ON = f"ON CONFLICT (topic) DO UPDATE SET newest = {_COUNTERS}.newest + excluded.newest"
_INSERT = f"INSERT INTO {_EVENTS} (topic, number, kind, data, audience, actor_id, at) VALUES"
# one statement, so that the counter and the events are of the same moment
_READ = f"""
    SELECT c.newest, c.cleaned, e.number, e.kind, e.data, e.audience, e.actor_id, e.at
    FROM {_COUNTERS} c LEFT JOIN (
        SELECT * FROM {_EVENTS} WHERE topic = %s AND number > %s {{audience}} ORDER BY number LIMIT %s
    ) e ON e.topic = c.topic
    WHERE c.topic = %s ORDER BY e.number
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event to store; `data` is JSON text."""

    topic: str
    kind: str
    data: str
    audience: str = ""
    actor_id: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A stored event; `text` is the JSON that its audience gets."""

    number: int
    audience: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """The next events after a cursor. `through`: whoever has this page has all that concerns them up to there.

    newest: the topic's newest number; reset: the cursor is of a time that is kept no longer, or never was.
    """

    events: list[Event]
    through: int
    newest: int
    reset: bool = False


def append(entries: Sequence[Entry]) -> list[Event]:
    """Store events in the caller's transaction; topics are locked in the order of their names, so that publishers
    of several topics wait for one another without a deadlock."""
    counts = sorted(Counter(entry.topic for entry in entries).items())
    numbers: dict[str, count[int]] = {}
    for start in range(0, len(counts), ROWS_TOGETHER):
        numbers |= _take_numbers(counts[start : start + ROWS_TOGETHER])
    numbered = [(entry, next(numbers[entry.topic])) for entry in entries]
    at = timezone.now()
    _insert(numbered, at)
    return [
        Event(number, entry.audience, _text(number, entry.kind, entry.data, entry.actor_id, at))
        for entry, number in numbered
    ]


def _insert(numbered: list[tuple[Entry, int]], at: datetime) -> None:
    column = connection.ops.adapt_datetimefield_value(at)
    rows = [
        (entry.topic, number, entry.kind, entry.data, entry.audience, entry.actor_id, column)
        for entry, number in numbered
    ]
    for start in range(0, len(rows), ROWS_TOGETHER):
        _execute(_INSERT, rows[start : start + ROWS_TOGETHER])


def _take_numbers(counts: list[tuple[str, int]]) -> "dict[str, count[int]]":
    """The numbers that follow in each topic; its row stays locked until the transaction ends."""
    rows = _execute(
        _NUMBER, [(topic, taken, 0) for topic, taken in counts], f"{_NUMBER_ON} RETURNING topic, newest"
    )
    taken = dict(counts)
    return {topic: count(newest - taken[topic] + 1) for topic, newest in rows}


def _execute(start: str, rows: Sequence[tuple[Any, ...]], end: str = "") -> list[tuple[Any, ...]]:
    row = f"({', '.join(['%s'] * len(rows[0]))})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"{start} {', '.join([row] * len(rows))} {end}", [value for one in rows for value in one]
        )
        return cursor.fetchall() if end else []


def _text(number: int, kind: str, data: str, actor_id: int | None, at: datetime) -> str:
    actor = "null" if actor_id is None else str(actor_id)
    moment = at.isoformat(timespec="milliseconds")
    return f'{{"number":{number},"kind":{json.dumps(kind)},"data":{data},"actor":{actor},"at":"{moment}"}}'


def read(topic: str, after: int, labels: Iterable[str] | None) -> Page:
    """What someone with these labels (None: everything) gets next, as much as fits one frame. One query."""
    wanted = [] if labels is None else ["", *labels]
    audience = f"AND audience IN ({', '.join(['%s'] * len(wanted))})" if wanted else ""
    with connection.cursor() as cursor:
        cursor.execute(
            _READ.format(audience=audience), [topic, after, *wanted, limits.TOPIC_FRAME_EVENTS, topic]
        )
        rows = cursor.fetchall()
    newest, cleaned = rows[0][:2] if rows else (0, 0)
    if not cleaned <= after <= newest:
        return Page([], newest, newest, reset=True)
    found = [
        Event(number, audience, _text(number, kind, data, actor_id, _moment(at)))
        for _, _, number, kind, data, audience, actor_id, at in rows
        if number is not None
    ]
    events = found[: fitting(found)]
    whole = len(events) == len(found) < limits.TOPIC_FRAME_EVENTS
    return Page(events, newest if whole else events[-1].number, newest)


def _moment(at: Any) -> datetime:
    """A time as the database gives it outside of Django's models: SQLite as text without a zone."""
    if isinstance(at, str):
        at = parse_datetime(at)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def fitting(events: Sequence[Event]) -> int:
    """How many of these events fit one frame; at least one."""
    size = 0
    for place, event in enumerate(events[: limits.TOPIC_FRAME_EVENTS]):
        size += len(event.text.encode())
        if place and size > limits.TOPIC_FRAME_BYTES:
            return place
    return min(len(events), limits.TOPIC_FRAME_EVENTS)


def newest(topic: str) -> int:
    return TopicCounter.objects.filter(pk=topic).values_list("newest", flat=True).first() or 0


def newest_of(topics: Sequence[str]) -> dict[str, int]:
    """The newest number of each topic that has any event."""
    found: dict[str, int] = {}
    for start in range(0, len(topics), ROWS_TOGETHER):
        rows = TopicCounter.objects.filter(pk__in=topics[start : start + ROWS_TOGETHER])
        found |= dict(rows.values_list("topic", "newest"))
    return found


def clean(kind: str, before: datetime) -> int:
    """Delete the events of one kind's topics that are older; returns how many. Whoever was away for longer is told."""
    old = TopicEvent.objects.filter(topic__startswith=f"{kind}:", at__lt=before)
    return sum(_clean_topic(topic, before) for topic in old.values_list("topic", flat=True).distinct())


def _clean_topic(topic: str, before: datetime) -> int:
    with transaction.atomic():
        counter = TopicCounter.objects.select_for_update().get(pk=topic)
        events = TopicEvent.objects.filter(topic=topic)
        first_kept = events.filter(at__gte=before).aggregate(first=Min("number"))["first"]
        counter.cleaned = counter.newest if first_kept is None else first_kept - 1
        counter.save(update_fields=["cleaned"])
        deleted, _ = events.filter(number__lte=counter.cleaned).delete()
    return deleted
