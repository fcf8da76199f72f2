"""Threads for what blocks: each keeps its own connection to the database, which is dear to open."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import InterfaceError, OperationalError, connection, connections


class Threads:
    def __init__(self, count: int, name: str) -> None:
        self._threads = [ThreadPoolExecutor(max_workers=1, thread_name_prefix=name) for _ in range(count)]
        self._waiting = [0] * count

    async def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Run it in the thread that has least to do."""
        number = self._waiting.index(min(self._waiting))
        self._waiting[number] += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads[number], with_connection, function, *args)
        finally:
            self._waiting[number] -= 1

    async def close(self) -> None:
        """Let everything finish, and leave no connection behind."""
        loop = asyncio.get_running_loop()
        for thread in self._threads:
            await loop.run_in_executor(thread, connections.close_all)
            thread.shutdown()


def with_connection(function: Callable[..., Any], *args: Any) -> Any:
    """Run it with this thread's connection; once more when only the connection was dead (a database restarted)."""
    try:
        return function(*args)
    except (OperationalError, InterfaceError):
        if connection.connection is None or connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        return function(*args)
