"""The hub: all open rooms of one event loop, the writer they share, the threads they ask, and the other processes."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from . import limits, log_watch, metrics, sessions
from .connections import Connection
from .intake import Lost
from .kinds import AccessDecision, parse_document
from .log_watch import LogWatch
from .protocol import CloseCode
from .relay import Relay
from .room import Room
from .threads import Threads
from .topic_stream import Topics
from .writer import Writer

logger = logging.getLogger(__name__)


class Hub:
    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.rooms: dict[str, Room] = {}
        self.writer = Writer()
        self.draining = False
        self.access_changes = 0  # whoever was decided on before the latest is decided on again before joining
        self.watch = LogWatch()
        self._threads = Threads(4, "rooms")
        self._tasks: set[asyncio.Future[Any]] = set()
        self.relay = Relay(self._take_message, self._recovered) if settings.REDIS_URL else None
        self.topics = Topics(self.relay)
        self._life = [
            asyncio.create_task(self._every(limits.QUIET_SECONDS / 2, self._signs_of_life)),
            asyncio.create_task(self._every(limits.WATCH_SECONDS, self._look_into_the_log)),
            asyncio.create_task(self._every(limits.WATCH_SECONDS, self.topics.look)),
            asyncio.create_task(self._every(limits.JUDGE_SECONDS, self.judge_again)),
        ]

    # ---- rooms --------------------------------------------------------------------------------------------

    async def room(self, document: str) -> Room:
        """The open room of a document, loaded if need be. Raises UnknownKind or ValueError."""
        while True:
            room = self.rooms.get(document) or await self._load(document)
            await room.loaded.wait()
            if self.rooms.get(document) is room:
                return room  # and not one that could not be loaded by whoever asked first

    async def _load(self, document: str) -> Room:
        room = self.rooms[document] = Room(self, document, *parse_document(document))
        if self.relay:
            self.relay.follow(document)
        try:
            await room.load()
        except BaseException:
            self._forget(room)
            room.loaded.set()
            raise
        room.say_hello()
        return room

    def _forget(self, room: Room) -> None:
        if self.rooms.get(room.document) is room:
            del self.rooms[room.document]
            if self.relay:
                self.relay.unfollow(room.document)

    async def decide(self, document: str, user_id: int) -> AccessDecision:
        """What this person may do. Raises UnknownKind or ValueError."""
        kind, document_id = parse_document(document)
        ask = partial(kind.access, user_id=user_id, document_id=document_id)
        decision: AccessDecision = await self.in_thread(ask)
        return decision

    def evict(self, room: Room) -> None:
        """Close a room that has been empty for long enough."""
        long_enough = time.monotonic() - room.empty_since >= limits.IDLE_SECONDS - 0.1
        if room.idle and long_enough and self.rooms.get(room.document) is room:
            self._forget(room)
            self.keep(room.close())

    def abandon(self, room: Room) -> None:
        """Drop a room whose document went wrong; its connections come back to one read from the log."""
        self._forget(room)
        room.stop_timers()
        for connection in list(room.connections):
            connection.close(CloseCode.RESTART)

    def bring_back(self, document: str, lost: Lost) -> None:
        if not self.draining:
            self.keep(self.until_answered(partial(self._bring_back, document, lost)))

    async def _bring_back(self, document: str, lost: Lost) -> None:
        room = await self.room(document)
        await room.bring_back(lost)
        room.close_if_empty()

    async def drain(self) -> None:
        """Before the process stops: everyone told to come back, everything stored."""
        self.draining = True
        for task in self._life:
            task.cancel()
        rooms = list(self.rooms.values())
        for room in rooms:
            for connection in list(room.connections):
                connection.close(CloseCode.RESTART)
        self.topics.say_goodbye()
        for room in rooms:
            await room.close()
        self.rooms.clear()
        while self._tasks:
            await asyncio.wait(set(self._tasks))
        await self.writer.close()
        await self.topics.close()
        if self.relay:
            await self.relay.close()
        await self._threads.close()
        _hubs.pop(self.loop, None)

    # ---- work beside the loop -------------------------------------------------------------------------------

    async def in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        return await self._threads.run(function, *args)

    def background(self, function: Callable[[Any], None] | Callable[[], None], *args: Any) -> None:
        self.keep(self._guarded(function, *args))

    def keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Let it run; a drain waits for it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def until_answered(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do it, again and again while the database does not answer; not when the process is going down."""
        while True:
            try:
                return await work()
            except DatabaseError as error:
                logger.error("the database does not answer: %s", type(error).__name__)
                if self.draining:
                    return None
                await asyncio.sleep(limits.RETRY_SECONDS)

    async def _guarded(self, function: Callable[..., Any], *args: Any) -> None:
        try:
            await self.in_thread(function, *args)
        except Exception:  # an app's hook must never take a room down with it
            logger.exception("background work of a room failed")

    async def _every(self, seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            due = self.loop.time() + seconds
            await asyncio.sleep(seconds)
            metrics.loop_late_seconds.observe(max(self.loop.time() - due, 0))
            try:
                await work()
            except DatabaseError as error:
                logger.error("the database does not answer: %s", type(error).__name__)
            except Exception:
                logger.exception("regular work of the rooms failed")

    async def _signs_of_life(self) -> None:
        for room in list(self.rooms.values()):
            room.sign_of_life()
        self.topics.sign_of_life()

    # ---- other processes --------------------------------------------------------------------------------------

    def _take_message(self, document: str | None, header: dict[str, Any], payload: bytes) -> None:
        if header["kind"] == "access":
            self.close_connections(header["subject"], header["people"])
        elif header["kind"] == "event" and document is not None:
            self.topics.take_message(document, header, payload)
        elif document is not None and (room := self.rooms.get(document)) is not None:
            room.take_message(header, payload)

    def _recovered(self) -> None:
        """Redis is back: what was said meanwhile was not heard."""
        for room in list(self.rooms.values()):
            room.say_hello()
        self.keep(self._look_into_the_log())
        self.keep(self.topics.look())
        self.keep(self.judge_again())

    async def _look_into_the_log(self) -> None:
        if self.relay and self.relay.down:
            await self.judge_again()  # nobody can tell of changed rights meanwhile
        if self.rooms:
            for document, row_ids in self.watch.sort_out(
                await self.in_thread(log_watch.read, self.watch.after)
            ).items():
                room = self.rooms.get(document)
                if room is not None:
                    await self._catch_up(room, row_ids)

    async def _catch_up(self, room: Room, row_ids: list[int]) -> None:
        try:
            await room.catch_up(row_ids)
        except DatabaseError as error:
            self.watch.put_back(room.document, row_ids)
            logger.error("the database does not answer: %s", type(error).__name__)

    # ---- rights in motion ---------------------------------------------------------------------------------------

    def close_connections(self, subject: str | None, people: list[int] | None) -> None:
        """They come back and are judged again: of these people (None: everyone), in a document (None: in all)."""
        self.access_changes += 1
        self.topics.access_changed(subject, people)
        for room in [room for name, room in self.rooms.items() if subject in (None, name)]:
            for connection in list(room.connections):
                if people is None or connection.user_id in people:
                    connection.close(CloseCode.ACCESS_CHANGED)

    async def judge_again(self) -> None:
        """Rights end by the calendar too, sessions expire, and a message about a change may have been lost."""
        everyone = [(room, connection) for room in self.rooms.values() for connection in room.connections]
        alive = await self.in_thread(sessions.living, {one.session_key for _, one in everyone})
        for room, connection in everyone:
            if connection.session_key and connection.session_key not in alive:
                connection.close(CloseCode.NOT_SIGNED_IN)
            elif not connection.closed and not await self._still_right(room, connection):
                connection.close(CloseCode.ACCESS_CHANGED)
        await self.topics.judge_again()

    async def _still_right(self, room: Room, connection: Connection) -> bool:
        decision = await self.decide(room.document, connection.user_id)
        return decision.access == connection.granted


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


def hubs() -> list[Hub]:
    """Those of this process. Any thread may ask."""
    return list(_hubs.values())


def in_every_loop(function: Callable[[Hub], None]) -> None:
    """Run something on every hub of this process, each on its own loop. Any thread may call it."""
    for loop, found in list(_hubs.items()):
        if not loop.is_closed():
            loop.call_soon_threadsafe(function, found)
