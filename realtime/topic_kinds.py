"""Kinds of topic: how an app publishes to those whom it concerns without realtime knowing the app."""

from datetime import timedelta
from typing import Protocol
from uuid import UUID

from .kinds import UnknownKind
from .protocol import is_topic


class TopicKind(Protocol):
    """One kind of topic. `audiences` is called in worker threads and may use the database."""

    name: str
    #: how long its events can be caught up with; None: always
    keep: timedelta | None

    def audiences(self, *, user_id: int, topic_id: UUID) -> frozenset[str] | None:
        """Whose events this person gets besides those for everyone; None: may not follow at all."""


_kinds: dict[str, TopicKind] = {}


def register(kind: TopicKind) -> None:
    _kinds[kind.name] = kind


def registered() -> list[TopicKind]:
    return list(_kinds.values())


def parse_topic(topic: str) -> tuple[TopicKind, UUID]:
    """Split "<kind>:<uuid>"; raises UnknownKind or ValueError."""
    if not is_topic(topic):
        raise ValueError(f"not a topic: {topic}")
    name, _, identifier = topic.partition(":")
    if name not in _kinds:
        raise UnknownKind(name)
    return _kinds[name], UUID(identifier)
