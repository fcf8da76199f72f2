"""The hub: all open rooms of one event loop, the writer they share, and the threads they ask."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from django.db import close_old_connections, connections

from . import limits
from .kinds import Access, AccessDecision, DocumentKind, parse_document
from .protocol import CloseCode
from .room import Room
from .writer import Writer

logger = logging.getLogger(__name__)


class Hub:
    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.rooms: dict[str, Room] = {}
        self.writer = Writer()
        self.draining = False
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="rooms")
        self._tasks: set[asyncio.Future[Any]] = set()
        self._life = asyncio.create_task(self._signs_of_life())

    async def room(self, document: str) -> Room:
        """The open room of a document, loaded if need be. Raises UnknownKind or ValueError."""
        room = self.rooms.get(document)
        if room is None:
            room = self.rooms[document] = Room(self, document, *parse_document(document))
            try:
                await room.load()
            except BaseException:
                del self.rooms[document]
                room.loaded.set()
                raise
        await room.loaded.wait()
        return room

    async def decide(self, document: str, user_id: int) -> tuple[AccessDecision, dict[str, Any]]:
        """What this person may do, and the stamp that others see. Raises UnknownKind or ValueError."""
        kind, document_id = parse_document(document)
        return await self.in_thread(_decide, kind, user_id, document_id)

    def evict(self, room: Room) -> None:
        """Close a room that has been empty for long enough."""
        long_enough = time.monotonic() - room.empty_since >= limits.IDLE_SECONDS - 0.1
        if room.idle and long_enough and self.rooms.get(room.document) is room:
            del self.rooms[room.document]
            self._keep(asyncio.ensure_future(room.close()))

    def abandon(self, room: Room) -> None:
        """Drop a room whose document went wrong; its connections come back to one read from the log."""
        self.rooms.pop(room.document, None)
        for connection in list(room.connections):
            connection.close(CloseCode.RESTART)

    async def drain(self) -> None:
        """Before the process stops: everyone told to come back, everything stored."""
        self.draining = True
        self._life.cancel()
        rooms = list(self.rooms.values())
        for room in rooms:
            for connection in list(room.connections):
                connection.close(CloseCode.RESTART)
        for room in rooms:
            await room.close()
        self.rooms.clear()
        while self._tasks:
            await asyncio.wait(set(self._tasks))
        await self.writer.close()
        await self.loop.run_in_executor(None, self._threads.shutdown)
        _hubs.pop(self.loop, None)

    async def in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        return await self.loop.run_in_executor(self._threads, _with_connection, function, *args)

    def background(self, function: Callable[[Any], None] | Callable[[], None], *args: Any) -> None:
        self._keep(asyncio.ensure_future(self._guarded(function, *args)))

    def _keep(self, task: "asyncio.Future[Any]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, function: Callable[..., Any], *args: Any) -> None:
        try:
            await self.in_thread(function, *args)
        except Exception:  # an app's hook must never take a room down with it
            logger.exception("background work of a room failed")

    async def _signs_of_life(self) -> None:
        while True:
            await asyncio.sleep(limits.QUIET_SECONDS / 2)
            for room in list(self.rooms.values()):
                room.sign_of_life()


def _decide(kind: DocumentKind, user_id: int, document_id: UUID) -> tuple[AccessDecision, dict[str, Any]]:
    decision = kind.access(user_id=user_id, document_id=document_id)
    identity = (
        kind.identity(user_id=user_id, document_id=document_id) if decision.access > Access.NONE else {}
    )
    return decision, identity


def _with_connection(function: Callable[..., Any], *args: Any) -> Any:
    """Run database work in a thread of the pool, leaving no connection open behind it."""
    close_old_connections()
    try:
        return function(*args)
    finally:
        connections.close_all()


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


def in_every_loop(function: Callable[[Hub], None]) -> None:
    """Run something on every hub of this process, each on its own loop. Any thread may call it."""
    for loop, found in list(_hubs.items()):
        if not loop.is_closed():
            loop.call_soon_threadsafe(function, found)
