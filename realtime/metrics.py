"""What an operator can count of the live core, in the form of Prometheus. Nothing here names a person or a document.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from prometheus_client import CollectorRegistry, Counter, Histogram

registry = CollectorRegistry()

_SECONDS = (
    0.001,
    0.002,
    0.005,
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    1,
    5,
)  # from a fast disk to what people notice

frames = Counter("realtime_frames", "Frames with content that were checked", registry=registry)
groups = Counter(
    "realtime_groups", "Groups of edits that were stored and passed on together", registry=registry
)
rows = Counter("realtime_log_rows", "Rows written to the durable log", registry=registry)
refused = Counter("realtime_refused", "Connections closed for what they sent", ["code"], registry=registry)
dropped = Counter("realtime_dropped", "Updates dropped: their sender may only read", registry=registry)
gaps = Counter(
    "realtime_gaps",
    "Updates that built on something missing (client), updates (log) or events (topic) that no message told of",
    ["found_in"],
    registry=registry,
)
rescues = Counter("realtime_rescues", "Stretches of text that were brought back", registry=registry)
topic_pages = Counter(
    "realtime_topic_pages", "Pages of topics sent to those who follow them anew", registry=registry
)
topic_events = Counter(
    "realtime_topic_events", "Events passed on to those who follow a topic here", registry=registry
)
commit_seconds = Histogram(
    "realtime_commit_seconds", "One group commit of the log", registry=registry, buckets=_SECONDS
)
group_seconds = Histogram(
    "realtime_group_seconds",
    "Time of the loop for one group: checking, applying, sending",
    registry=registry,
    buckets=_SECONDS,
)
loop_late_seconds = Histogram(
    "realtime_loop_late_seconds",
    "How late the loop came to its regular work, being busy with something else",
    registry=registry,
    buckets=_SECONDS,
)
