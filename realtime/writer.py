"""Group commit: one writer thread stores the waiting entries of all rooms in one transaction."""

import asyncio
import logging
from dataclasses import dataclass

from django.db import DatabaseError

from . import limits, metrics, store
from .threads import Threads

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Waiting:
    entries: list[store.Entry]
    done: "asyncio.Future[list[int | None]]"


class Writer:
    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None
        self._thread = Threads(1, "document-log")
        self.failing = False

    def append(self, entries: list[store.Entry]) -> "asyncio.Future[list[int | None]]":
        """Store entries; the future holds what `store.append` gives once they are durable. It waits as long as it
        must."""
        done: asyncio.Future[list[int | None]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(entries, done))
        if self._task is None:
            self._task = asyncio.create_task(self._write())
        return done

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            ids = await self._store([entry for waiting in batch for entry in waiting.entries])
            for waiting in batch:
                count = len(waiting.entries)
                if not waiting.done.done():
                    waiting.done.set_result(ids[:count])
                ids = ids[count:]
        self._task = None

    async def _store(self, entries: list[store.Entry]) -> list[int | None]:
        while True:
            try:
                ids: list[int | None] = await self._thread.run(_append, entries)
            except DatabaseError as error:
                # a full disk or a database that restarts: nobody is told "saved", nothing is given up
                if not self.failing:
                    logger.error(
                        "document log cannot be written, will keep trying: %s",
                        type(error).__name__,
                    )
                self.failing = True
                await asyncio.sleep(limits.RETRY_SECONDS)
                continue
            if self.failing:
                logger.warning("document log can be written again")
            self.failing = False
            return ids

    async def close(self) -> None:
        """Everything that waits is stored; then the thread ends."""
        if self._task is not None:
            await asyncio.wait([self._task])
        await self._thread.close()


def _append(entries: list[store.Entry]) -> list[int | None]:
    with metrics.commit_seconds.time():
        return store.append(entries)
