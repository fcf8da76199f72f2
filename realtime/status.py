"""How the live core of this process is: figures of the moment, and whether it can do its work."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from . import metrics
from .hub import hubs


@dataclass(frozen=True)
class Figure:
    name: str
    meaning: str
    value: float


def figures() -> list[Figure]:
    """What is open and what waits, over all event loops of the process."""
    found = hubs()
    rooms = [room for hub in found for room in list(hub.rooms.values())]
    connections = [connection for room in rooms for connection in list(room.connections)]
    backlogs = [hub.writer.backlog() for hub in found]
    return [
        Figure("rooms", "Open documents", len(rooms)),
        Figure("connections", "Open connections", len(connections)),
        Figure(
            "connections_behind",
            "Connections that cannot keep up",
            sum(bool(one.behind_since) for one in connections),
        ),
        Figure(
            "received_bytes", "Bytes received and not checked yet", sum(room.waiting_bytes for room in rooms)
        ),
        Figure("log_waiting", "Rows that wait to be stored", sum(rows for rows, _ in backlogs)),
        Figure(
            "log_waiting_seconds",
            "How long the oldest of them has waited",
            max((seconds for _, seconds in backlogs), default=0),
        ),
        Figure(
            "topic_sockets",
            "Open connections without a document",
            sum(len(hub.topics.sockets) for hub in found),
        ),
        Figure("topics", "Topics that somebody follows", sum(len(hub.topics.topics) for hub in found)),
        Figure("log_failing", "1 while the log cannot be written", any(hub.writer.failing for hub in found)),
        Figure(
            "relay_down", "1 while Redis does not answer", any(hub.relay and hub.relay.down for hub in found)
        ),
        Figure("draining", "1 while the process says goodbye", any(hub.draining for hub in found)),
    ]


def troubles() -> list[str]:
    """Why this process should get no new people: words for the proxy, empty when all is well.

    Redis alone is no reason: without it other processes' edits arrive a second later.
    """
    words = {"log_failing": "log cannot be written", "draining": "going down"}
    return [words[figure.name] for figure in figures() if figure.name in words and figure.value]


class _Moment(Collector):
    def collect(self) -> Iterator[Metric]:
        for figure in figures():
            yield GaugeMetricFamily(f"realtime_{figure.name}", figure.meaning, value=figure.value)


metrics.registry.register(_Moment())


def exposition() -> bytes:
    """All of it as Prometheus reads it."""
    return generate_latest(metrics.registry)
