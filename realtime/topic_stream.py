"""The topics of one event loop: who follows them here, and how events get to them.

A follower either is `live` and gets what is published, or gets one page from its cursor when it asks. A page that is
not the last says so, and the client asks for the next: however many events there are and however thin the line, one
page is on its way. Everything that breaks the stream (rights that changed, a line that could not keep up) ends `live`,
and a page from the cursor begins it anew, judged again.
"""

import asyncio
import json
import logging
from collections.abc import Coroutine, Iterable
from typing import Any

from django.db import DatabaseError

from . import limits, metrics, protocol, sessions, topic_log
from .connections import Connection, Refused
from .kinds import UnknownKind
from .protocol import CloseCode, Follow, Malformed, TopicRefusal, Unexpected, Unfollow
from .relay import Relay
from .threads import Threads
from .topic_followers import CHANNEL, Cursor, Labels, Peer, Topic, concerns, events_frame
from .topic_kinds import parse_topic
from .topic_log import Event, Page, fitting

logger = logging.getLogger(__name__)

JUDGED_TOGETHER = 200


class Topics:
    def __init__(self, relay: Relay | None) -> None:
        self.topics: dict[str, Topic] = {}
        self.sockets: set[Connection] = set()  # those that have no document
        self._peers: dict[Connection, Peer] = {}
        self._relay = relay
        self._loop = asyncio.get_running_loop()
        self._threads = Threads(2, "topics")
        self._tasks: set[asyncio.Task[None]] = set()

    # ---- connections ----------------------------------------------------------------------------------------

    def join(self, connection: Connection) -> None:
        """A socket for topics alone."""
        connection.follower = self
        self.sockets.add(connection)

    def leave(self, connection: Connection) -> None:
        connection.closed = True
        self.sockets.discard(connection)
        peer = self._peers.pop(connection, None)
        if peer is not None:
            for name in list(peer.cursors):
                self._unfollow(peer, name)
            if peer.task is not None:
                peer.task.cancel()

    def receive(self, connection: Connection, frame: bytes) -> None:
        """One frame of a socket for topics. Raises Refused when the connection has to end."""
        if len(frame) > limits.READER_FRAME_BYTES:
            raise Refused(CloseCode.TOO_LARGE, "frame too large")
        try:
            request = protocol.read_frame(frame)
        except Unexpected as error:
            raise Refused(CloseCode.UNEXPECTED, str(error)) from None
        except Malformed as error:
            raise Refused(CloseCode.MALFORMED, str(error)) from None
        if not isinstance(request, Follow | Unfollow):
            raise Refused(CloseCode.UNEXPECTED, "there is no document here")
        self.take_request(connection, request)

    def refuse(self, connection: Connection, refusal: Refused) -> None:
        metrics.refused.labels(refusal.code.name).inc()
        logger.info("closed a connection to topics: %s (%d)", refusal, refusal.code)
        connection.close(refusal.code)

    def fell_behind(self, connection: Connection) -> None:
        """Each topic notices with its next event."""

    def drained(self, connection: Connection) -> None:
        peer = self._peers.get(connection)
        if peer is None:
            return
        for name, cursor in peer.cursors.items():
            if cursor.behind:
                cursor.behind = False
                self._ask(peer, name)

    def sign_of_life(self) -> None:
        for connection in list(self.sockets):
            connection.sign_of_life()

    # ---- what followers ask for -------------------------------------------------------------------------------

    def take_request(self, connection: Connection, request: Follow | Unfollow) -> None:
        peer = self._peers.get(connection)
        if peer is None:
            peer = self._peers[connection] = Peer(connection)
        name = request.topic
        if isinstance(request, Unfollow):
            self._unfollow(peer, name)
        elif name in peer.cursors or self._may_begin(peer, name):
            cursor = self._cursor(peer, name)
            cursor.through = cursor.told = request.after
            cursor.owed, cursor.behind = True, False
            self._ask(peer, name)

    def _may_begin(self, peer: Peer, name: str) -> bool:
        try:
            parse_topic(name)
        except UnknownKind:
            self._refuse(peer, name, TopicRefusal.UNKNOWN)
            return False
        if len(peer.cursors) >= limits.TOPICS_PER_CONNECTION:
            self._refuse(peer, name, TopicRefusal.TOO_MANY)
            return False
        return True

    def _cursor(self, peer: Peer, name: str) -> Cursor:
        if name not in peer.cursors:
            topic = self.topics.get(name)
            if topic is None:
                topic = self.topics[name] = Topic(name)
                if self._relay:
                    self._relay.follow(CHANNEL + name)
            peer.cursors[name] = topic.followers[peer] = Cursor()
        return peer.cursors[name]

    def _unfollow(self, peer: Peer, name: str) -> None:
        peer.asked.pop(name, None)
        if peer.cursors.pop(name, None) is None:
            return
        topic = self.topics[name]
        del topic.followers[peer]
        if not topic.followers:
            del self.topics[name]
            if topic.timer is not None:
                topic.timer.cancel()
            if self._relay:
                self._relay.unfollow(CHANNEL + name)

    def _refuse(self, peer: Peer, name: str, reason: TopicRefusal) -> None:
        self._unfollow(peer, name)
        peer.connection.send(protocol.topic({"type": "refused", "topic": name, "reason": reason}))

    # ---- pages ------------------------------------------------------------------------------------------------

    def _ask(self, peer: Peer, name: str) -> None:
        """Have the follower judged again and sent the page after its cursor; until then it gets nothing."""
        peer.cursors[name].live = False
        peer.asked[name] = None
        if peer.task is None:
            peer.task = self._start(self._serve(peer))

    async def _serve(self, peer: Peer) -> None:
        """One page after the other: whatever one connection asks for, it keeps one thread busy."""
        try:
            while peer.asked:
                await asyncio.sleep(peer.pace.wait())
                peer.serving = next(iter(peer.asked), "")
                if peer.serving:
                    del peer.asked[peer.serving]
                    await self._serve_page(peer, peer.serving)
                    peer.serving = ""
        finally:
            peer.task = None

    async def _serve_page(self, peer: Peer, name: str) -> None:
        cursor, user_id = peer.cursors[name], peer.connection.user_id
        try:
            labels, page = await self._threads.run(_judge_and_read, user_id, name, cursor.through)
        except DatabaseError as error:
            logger.error("topics: the database does not answer: %s", type(error).__name__)
            await asyncio.sleep(limits.RETRY_SECONDS)
            if peer.cursors.get(name) is cursor:
                peer.asked[name] = None
            return
        if peer.cursors.get(name) is not cursor or name in peer.asked:
            return  # not wanted any more, or asked for anew: from elsewhere, or because rights have changed
        if peer.connection.behind_since:
            cursor.behind = True
        elif labels is None or page is None:
            self._refuse(peer, name, TopicRefusal.NO_RIGHT)
        else:
            self._hand_over(peer, self.topics[name], labels, page)

    def _hand_over(self, peer: Peer, topic: Topic, labels: Labels, page: Page) -> None:
        if topic.through is None:
            topic.through = page.newest
            self._go_on(topic)
        if page.reset:
            self._unfollow(peer, topic.name)
            peer.connection.send(protocol.topic({"type": "reset", "topic": topic.name}))
            return
        more = page.through < max(page.newest, topic.through)
        cursor = peer.cursors[topic.name]
        if cursor.owed or more or page.events:
            metrics.topic_pages.inc()
            peer.connection.send(events_frame(topic.name, page.events, cursor.told, page.through, more=more))
            cursor.told, cursor.owed = page.through, False
        cursor.through, cursor.labels, cursor.live = page.through, labels, not more

    # ---- what was published -------------------------------------------------------------------------------------

    def take(self, name: str, events: Iterable[Event], heard: int = 0) -> None:
        """Events that were committed, in any order; `heard`: there is one of this number."""
        topic = self.topics.get(name)
        if topic is None:
            return
        topic.heard = max(topic.heard, heard)
        for event in events:
            if topic.through is not None and not topic.reading and event.number == topic.newest + 1:
                topic.fresh.append(event)
            else:
                topic.heard = max(topic.heard, event.number)
        self._go_on(topic)

    def take_message(self, name: str, header: dict[str, Any], payload: bytes) -> None:
        """What another process published."""
        events = [Event(*fields) for fields in json.loads(payload)] if payload else []
        self.take(name.removeprefix(CHANNEL), events, header["newest"])

    async def look(self) -> None:
        """Is there anything that no message told of?"""
        names = [name for name, topic in self.topics.items() if topic.through is not None]
        if names:
            for name, newest in (await self._threads.run(topic_log.newest_of, names)).items():
                self.take(name, [], newest)

    def _go_on(self, topic: Topic) -> None:
        if topic.through is None or topic.reading:
            return
        if topic.fresh and topic.timer is None:
            wait = max(0.0, topic.rest_until - self._loop.time())
            topic.timer = self._loop.call_later(wait, self._pass_on, topic)
        if topic.heard > topic.newest:
            topic.reading = True
            self._start(self._read_on(topic))

    def _pass_on(self, topic: Topic) -> None:
        if topic.timer is not None:
            topic.timer.cancel()
            topic.timer = None
        while topic.fresh:
            count = fitting(topic.fresh)
            events, topic.fresh = topic.fresh[:count], topic.fresh[count:]
            self._deliver(topic, events, events[-1].number)
        topic.rest_until = self._loop.time() + limits.TOPIC_MILLISECONDS / 1000

    async def _read_on(self, topic: Topic) -> None:
        """Events are missing between those that are here and those that were told of: the log has them."""
        try:
            self._pass_on(topic)
            while topic.heard > (topic.through or 0) and self.topics.get(topic.name) is topic:
                metrics.gaps.labels("topic").inc()
                heard = topic.heard
                page = await self._threads.run(topic_log.read, topic.name, topic.through, None)
                if page.reset:
                    self._begin_anew(topic, page)
                else:
                    self._deliver(topic, page.events, page.through)
                if page.through >= page.newest and topic.heard == heard:
                    topic.heard = page.newest
        except DatabaseError as error:
            logger.error("topics: the database does not answer: %s", type(error).__name__)
        finally:
            topic.reading = False

    def _begin_anew(self, topic: Topic, page: Page) -> None:
        topic.through = page.newest
        for peer, cursor in list(topic.followers.items()):
            if cursor.live:
                self._ask(peer, topic.name)

    def _deliver(self, topic: Topic, events: list[Event], through: int) -> None:
        """To each live follower what concerns it; those who have the same labels share a frame."""
        frames: dict[tuple[Labels, int, int], bytes | None] = {}
        for peer, cursor in topic.followers.items():
            if not cursor.live or cursor.through >= through:
                continue
            if peer.connection.behind_since:
                cursor.live, cursor.behind = False, True
                continue
            key = cursor.labels, cursor.through, cursor.told
            if key not in frames:
                visible = [event for event in events if concerns(event, cursor)]
                frames[key] = events_frame(topic.name, visible, cursor.told, through) if visible else None
            frame = frames[key]
            if frame is not None:
                peer.connection.send(frame)
                cursor.told = through
            cursor.through = through
        topic.through = through
        metrics.topic_events.inc(len(events))

    # ---- rights in motion ---------------------------------------------------------------------------------------

    def access_changed(self, subject: str | None, people: list[int] | None) -> None:
        """Judge again what these people (None: everyone) follow. A change that names its people may concern any
        topic of theirs; one that names none concerns those of its subject. Without a subject sockets are closed."""
        if subject is None:
            for connection in list(self.sockets):
                if people is None or connection.user_id in people:
                    connection.close(CloseCode.ACCESS_CHANGED)
            return
        _, _, identifier = subject.partition(":")
        for connection, peer in self._peers.items():
            if people is None or connection.user_id in people:
                for name, cursor in peer.cursors.items():
                    concerned = people is not None or name.endswith(f":{identifier}")
                    if concerned and (cursor.live or peer.serving == name):
                        self._ask(peer, name)

    async def judge_again(self) -> None:
        """Rights and sessions end by the clock too."""
        alive = await self._threads.run(sessions.living, {one.session_key for one in self.sockets})
        for connection in list(self.sockets):
            if connection.session_key and connection.session_key not in alive:
                connection.close(CloseCode.NOT_SIGNED_IN)
        live = [
            (peer, name)
            for peer in self._peers.values()
            for name, cursor in peer.cursors.items()
            if cursor.live and not peer.connection.closed
        ]
        for start in range(0, len(live), JUDGED_TOGETHER):
            some = live[start : start + JUDGED_TOGETHER]
            wanted = {(peer.connection.user_id, name) for peer, name in some}
            labels = await self._threads.run(_judge_all, wanted)
            for peer, name in some:
                cursor = peer.cursors.get(name)
                if cursor and cursor.live and labels[peer.connection.user_id, name] != cursor.labels:
                    self._ask(peer, name)

    # ---- the end ------------------------------------------------------------------------------------------------

    def say_goodbye(self) -> None:
        for connection in list(self.sockets):
            connection.close(CloseCode.RESTART)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks))
        await self._threads.close()

    def _start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _labels(user_id: int, topic: str) -> Labels | None:
    kind, topic_id = parse_topic(topic)
    try:
        return kind.audiences(user_id=user_id, topic_id=topic_id)
    except DatabaseError:
        raise
    except Exception:  # an app's mistake must not let anybody in, nor end the stream of other topics
        logger.exception("who may follow a topic of kind %s could not be decided", kind.name)
        return None


def _judge_and_read(user_id: int, topic: str, after: int) -> tuple[Labels | None, Page | None]:
    labels = _labels(user_id, topic)
    return labels, None if labels is None else topic_log.read(topic, after, labels)


def _judge_all(wanted: set[tuple[int, str]]) -> dict[tuple[int, str], Labels | None]:
    return {(user_id, topic): _labels(user_id, topic) for user_id, topic in wanted}
