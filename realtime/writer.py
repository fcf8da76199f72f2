"""Group commit: the waiting entries of all rooms are stored in one transaction.

A thread does it, but where the database is a file of our own (SQLite) and its disk is quick, the loop stores small
groups itself: a hand-over to a thread and back costs more of the processor than such a commit.
"""

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue

from django.db import DatabaseError, DataError, IntegrityError, connection, connections

from . import limits, metrics, store
from .threads import with_connection

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Waiting:
    entries: list[store.Entry]
    done: "asyncio.Future[list[int | None]]"
    since: float


class Writer:
    def __init__(self) -> None:
        self.failing = False
        self._loop = asyncio.get_running_loop()
        self._waiting: list[_Waiting] = []
        self._group: list[_Waiting] = []  # being stored
        self._idle = asyncio.Event()
        self._idle.set()
        self._seconds = 0.0  # that a commit takes of late
        self._file = _OwnFile() if connection.vendor == "sqlite" else None
        self._thread = _Thread(self._stored)

    def append(self, entries: list[store.Entry]) -> "asyncio.Future[list[int | None]]":
        """Store entries; the future holds what `store.append` gives once they are durable. It waits as long as it
        must."""
        done: asyncio.Future[list[int | None]] = self._loop.create_future()
        self._waiting.append(_Waiting(entries, done, time.monotonic()))
        if self._idle.is_set():
            self._idle.clear()
            self._loop.call_soon(self._store)  # after what other rooms have ready now
        return done

    def backlog(self) -> tuple[int, float]:
        """Entries that are not stored yet, and the seconds that the oldest has waited. Any thread may ask."""
        waiting = [*self._group, *self._waiting]
        unstored = [one for one in waiting if not one.done.done()]
        age = time.monotonic() - min((one.since for one in unstored), default=time.monotonic())
        return sum(len(one.entries) for one in unstored), max(age, 0.0)

    def _store(self) -> None:
        self._group, self._waiting = self._waiting, []
        entries = self._entries()
        if self._file is not None and self._seconds < limits.COMMIT_IN_LOOP_SECONDS:
            started = time.perf_counter()
            ids = self._file.append(entries)
            if ids is not None:
                self._stored(ids, time.perf_counter() - started)
                return
        self._thread.take(entries)

    def _stored(self, ids: list[int | None] | None, seconds: float) -> None:
        """Without ids it did not go: a full disk or a database that restarts. Nobody is told "saved", nothing is
        given up."""
        self._seconds += (seconds - self._seconds) / 8
        if ids is None:
            self.failing = True
            self._loop.call_later(limits.RETRY_SECONDS, self._try_again)
            return
        if self.failing:
            logger.warning("document log can be written again")
            self.failing = False
        metrics.commit_seconds.observe(seconds)
        for waiting in self._group:
            count = len(waiting.entries)
            if not waiting.done.done():
                waiting.done.set_result(ids[:count])
            ids = ids[count:]
        if self._waiting:
            self._loop.call_soon(self._store)
        else:
            self._idle.set()

    def _try_again(self) -> None:
        self._thread.take(self._entries())

    def _entries(self) -> list[store.Entry]:
        return [entry for waiting in self._group for entry in waiting.entries]

    async def close(self) -> None:
        """Everything that waits is stored; then the thread ends."""
        await self._idle.wait()
        if self._file is not None:
            self._file.close()
        await self._thread.close()


class _Thread:
    """stored: called in the loop with the rows' ids (None: it failed) and the seconds it took."""

    def __init__(self, stored: Callable[[list[int | None] | None, float], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stored = stored
        self._groups: SimpleQueue[list[store.Entry] | None] = SimpleQueue()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="document-log", daemon=True)
        self._thread.start()

    def take(self, entries: list[store.Entry]) -> None:
        self._groups.put(entries)

    def _run(self) -> None:
        while (entries := self._groups.get()) is not None:
            started = time.perf_counter()
            ids = self._append(entries)
            self._loop.call_soon_threadsafe(self._stored, ids, time.perf_counter() - started)
        connections.close_all()

    def _append(self, entries: list[store.Entry]) -> list[int | None] | None:
        try:
            ids: list[int | None] = with_connection(store.append, entries)
        except Exception as error:
            if _may_pass(error):
                if not self._failing:
                    logger.error("document log cannot be written, will keep trying: %s", type(error).__name__)
                self._failing = True
                return None
            # something in it can never be stored; the others' work must be
            if len(entries) > 1:
                return self._append_singly(entries)
            logger.error("an update of %s is refused: %s", entries[0].document, type(error).__name__)
            return [store.REFUSED]
        self._failing = False
        return ids

    def _append_singly(self, entries: list[store.Entry]) -> list[int | None] | None:
        ids: list[int | None] = []
        for entry in entries:
            stored = self._append([entry])
            if stored is None:
                return None
            ids += stored
        return ids

    async def close(self) -> None:
        self._groups.put(None)
        await asyncio.to_thread(self._thread.join)


def _may_pass(error: Exception) -> bool:
    """Whether it is the database's trouble (away, full, read-only, damaged) and not that of what was to be stored."""
    if isinstance(error, DatabaseError):
        return not isinstance(error, DataError | IntegrityError)
    return isinstance(error, MemoryError)


class _OwnFile:
    """The loop's own connection to SQLite. It waits for nobody: where somebody else writes, the thread may wait."""

    def __init__(self) -> None:
        self._connection: sqlite3.Connection | None = None

    def append(self, entries: list[store.Entry]) -> list[int | None] | None:
        """The rows' ids; None when the thread has to do it."""
        if not store.is_plain(entries):
            return None
        try:
            if self._connection is None:
                self._connection = store.own_connection()
            return list(store.insert(self._connection, entries, "?"))
        except Exception:  # locked, full, or nothing that could be stored: the thread finds out
            return None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
