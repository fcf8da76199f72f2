"""Every serving process says now and then how it is; where there is Redis, all of them hear of it.

A report is one small key that expires by itself. A process that stops takes its key away; one that was killed leaves
it behind for a while, so that its silence is seen. The age of a report is read from what is left of its time, so
the clocks of two machines need not agree.
"""

import logging
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
from django.conf import settings
from django.db import connections
from redis.exceptions import RedisError

from prep_platform.running import report
from prep_platform.running.report import Report

logger = logging.getLogger(__name__)

BEAT_SECONDS = 10
SILENT_SECONDS = 45  # several beats, on a machine that is very busy
KEPT_SECONDS = 600
NAMES = "running"


@dataclass(frozen=True)
class Seen:
    report: Report
    silent_seconds: float = 0.0

    @property
    def silent(self) -> bool:
        return self.silent_seconds > SILENT_SECONDS


@dataclass(frozen=True)
class Everyone:
    """own: the name of the process that asked. redis: None where it is not used, else whether it answered."""

    processes: list[Seen]
    own: str
    redis: bool | None


# ---- this process ----------------------------------------------------------------------------------------
class Pulse(threading.Thread):
    def __init__(self, port: int) -> None:
        super().__init__(name="pulse", daemon=True)
        self.report_name = f"{socket.gethostname()}:{port}"
        self._stopping = threading.Event()

    def run(self) -> None:
        report.history()
        while not self._stopping.is_set():
            try:
                self._beat()
            except Exception:  # whoever looks on must not disturb the work
                logger.exception("this process could not say how it is")
            self._stopping.wait(BEAT_SECONDS)
        connections.close_all()

    def _beat(self) -> None:
        past = report.history()
        if past.due:
            past.note()
        if settings.REDIS_URL:
            found = report.take(self.report_name, redis_seconds=_redis_seconds())
            with suppress(RedisError):  # the relay says so in the log; the page shows who could not be heard
                _say(found)

    def stop(self) -> None:
        """Everybody may know that it went on purpose."""
        self._stopping.set()
        self.join(timeout=5)
        if settings.REDIS_URL:
            try:
                _client(settings.REDIS_URL).delete(_key(self.report_name))
            except RedisError:
                logger.warning("a report of this process stays in Redis until it expires")


_own: Pulse | None = None


def start(port: int) -> None:
    global _own
    _own = Pulse(port)
    _own.start()


def stop() -> None:
    global _own
    if _own is not None:
        _own.stop()
        _own = None


# ---- all of them -------------------------------------------------------------------------------------------
def everyone() -> Everyone:
    """The process that is asked, as it is now, and what the others said last, in the order of their names."""
    name = _own.report_name if _own is not None else report.own_name()
    if not settings.REDIS_URL:
        return Everyone([Seen(report.take(name))], name, redis=None)
    own = Seen(report.take(name, redis_seconds=_redis_seconds()))
    try:
        others = [seen for seen in _heard() if seen.report.name != name]
    except RedisError:
        return Everyone([own], name, redis=False)
    return Everyone(sorted([own, *others], key=lambda seen: seen.report.name), name, redis=True)


def _heard() -> list[Seen]:
    client = _client(settings.REDIS_URL)
    names = [name.decode() for name in client.smembers(NAMES)]
    pipeline = client.pipeline(transaction=False)
    for name in names:
        pipeline.get(_key(name))
        pipeline.pttl(_key(name))
    answers = pipeline.execute()
    found = []
    for name, text, left in zip(names, answers[::2], answers[1::2], strict=True):
        if text is None:
            client.srem(NAMES, name)
        else:
            found.append(Seen(report.read(text), max(KEPT_SECONDS - left / 1000, 0)))
    return found


def _say(found: Report) -> None:
    pipeline = _client(settings.REDIS_URL).pipeline()
    pipeline.set(_key(found.name), found.as_json(), ex=KEPT_SECONDS)
    pipeline.sadd(NAMES, found.name)
    pipeline.execute()


def _key(name: str) -> str:
    return f"{NAMES}:{name}"


@cache
def _client(url: str) -> Any:
    return redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)


def _redis_seconds() -> float | None:
    started = time.perf_counter()
    try:
        _client(settings.REDIS_URL).ping()
    except RedisError:
        return None
    return time.perf_counter() - started
