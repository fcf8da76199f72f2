"""What one process says of itself: plain numbers, nothing about people or documents."""

import json
import os
import shutil
import socket
import subprocess
import time
import tomllib
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from functools import cache
from itertools import pairwise
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from prep_platform.running.counts import Counts, counts, percentile
from realtime.status import figures
from realtime.threads import with_connection

POINT_SECONDS = 30
POINTS = 120  # an hour
RATE_SECONDS = 60  # over which edits are counted
SPREAD_SECONDS = 300  # over which times are summed up: enough of them, and still "now"

Point = tuple[
    float, float, int, float | None
]  # when, edits a minute, connections, 99 % of commits within (s)


@dataclass(frozen=True)
class Report:
    """Every field has a default: while processes are replaced, an older one says less than a newer one."""

    name: str = ""
    version: str = ""
    started: float = 0.0
    rooms: int = 0
    connections: int = 0
    behind: int = 0
    edits: float = 0.0
    waiting: int = 0
    waiting_seconds: float = 0.0
    received_bytes: int = 0
    log_failing: bool = False
    relay_down: bool = False
    draining: bool = False
    commit_p50: float | None = None
    commit_p99: float | None = None
    tick_p50: float | None = None
    tick_p99: float | None = None
    late_p99: float | None = None
    gaps: int = 0
    gaps_lately: int = 0
    refused: int = 0
    refused_lately: int = 0
    memory: int | None = None
    machine_free: int | None = None
    machine_memory: int | None = None
    database_seconds: float | None = None
    redis_seconds: float | None = None
    disk_free: int = 0
    disk_size: int = 0
    points: tuple[Point, ...] = ()

    def as_json(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def read(text: str | bytes) -> Report:
    """Of another process, perhaps of another version: what is not known here is left out."""
    known = {field.name for field in fields(Report)}
    found = {name: value for name, value in json.loads(text).items() if name in known}
    found["points"] = tuple(tuple(point) for point in found.get("points", ()))
    return Report(**found)


# ---- the last hour -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Mark:
    at: float
    counts: Counts
    connections: int


class History:
    """Marks at regular times, an hour of them: memory that does not grow."""

    def __init__(self) -> None:
        self.started = time.time()
        self._marks: deque[_Mark] = deque([_Mark(self.started, counts(), 0)], maxlen=POINTS + 1)

    def note(self) -> None:
        self._marks.append(_Mark(time.time(), counts(), _figures()["connections"]))

    @property
    def due(self) -> bool:
        return time.time() - self._marks[-1].at >= POINT_SECONDS - 1

    def before(self, seconds: float) -> _Mark:
        """The latest mark that is at least so old; the oldest where none is."""
        marks = list(self._marks)
        old_enough = [mark for mark in marks if mark.at <= time.time() - seconds + 1]
        return (old_enough or marks[:1])[-1]

    def points(self) -> tuple[Point, ...]:
        marks = list(self._marks)
        return tuple(_point(earlier, later) for earlier, later in pairwise(marks))


def _point(earlier: _Mark, later: _Mark) -> Point:
    edits = _per_minute(later.counts.edits - earlier.counts.edits, later.at - earlier.at)
    slowest = percentile(earlier.counts.commit, later.counts.commit, 0.99)
    return round(later.at), edits, later.connections, None if slowest is None else round(slowest, 4)


def _per_minute(count: float, seconds: float) -> float:
    return round(60 * count / max(seconds, POINT_SECONDS), 1)


@cache
def history() -> History:
    return History()


# ---- now -------------------------------------------------------------------------------------------------
def take(name: str = "", *, redis_seconds: float | None = None) -> Report:
    """Blocks: it asks the database. Call it from a thread."""
    past, now, moment = history(), counts(), _figures()
    lately, hour = past.before(SPREAD_SECONDS).counts, past.before(POINT_SECONDS * POINTS).counts
    minute = past.before(RATE_SECONDS)
    disk = shutil.disk_usage(settings.DATA_DIR)

    return Report(
        name=name or own_name(),
        version=version(),
        started=past.started,
        rooms=moment["rooms"],
        connections=moment["connections"],
        behind=moment["connections_behind"],
        edits=_per_minute(now.edits - minute.counts.edits, max(time.time() - minute.at, RATE_SECONDS)),
        waiting=moment["log_waiting"],
        waiting_seconds=moment["log_waiting_seconds"],
        received_bytes=moment["received_bytes"],
        log_failing=bool(moment["log_failing"]),
        relay_down=bool(moment["relay_down"]),
        draining=bool(moment["draining"]),
        commit_p50=percentile(lately.commit, now.commit, 0.5),
        commit_p99=percentile(lately.commit, now.commit, 0.99),
        tick_p50=percentile(lately.tick, now.tick, 0.5),
        tick_p99=percentile(lately.tick, now.tick, 0.99),
        late_p99=percentile(lately.late, now.late, 0.99),
        gaps=int(now.gaps),
        gaps_lately=int(now.gaps - hour.gaps),
        refused=int(now.refused),
        refused_lately=int(now.refused - hour.refused),
        memory=_own_memory(),
        machine_free=_of_machine("MemAvailable"),
        machine_memory=_of_machine("MemTotal"),
        database_seconds=database_seconds(),
        redis_seconds=redis_seconds,
        disk_free=disk.free,
        disk_size=disk.total,
        points=past.points(),
    )


def _figures() -> dict[str, int]:
    return {figure.name: figure.value for figure in figures()}  # type: ignore[misc]


def database_seconds() -> float | None:
    started = time.perf_counter()
    try:
        with_connection(_ask)
    except DatabaseError:
        return None
    return time.perf_counter() - started


def _ask() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def own_name() -> str:
    """Of a process that nobody gave a port."""
    return f"{socket.gethostname()} #{os.getpid()}"


@cache
def version() -> str:
    """That of the project, and the commit where it runs from a clone. Read once: the code does not change either."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with suppress(OSError, subprocess.SubprocessError):
        command = ["git", "-C", str(settings.BASE_DIR), "rev-parse", "--short", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)
        return f"{project['version']} ({done.stdout.strip()})"
    return str(project["version"])


def _own_memory() -> int | None:
    """Bytes, on Linux."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return None


def _of_machine(name: str) -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return None
