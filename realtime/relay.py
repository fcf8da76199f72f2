"""Between processes: what one has stored, shown or revoked reaches the others at once.

Redis carries the messages and is taken for lossy: whatever it drops is found in the log within a second
(`log_watch`), and rights are judged again now and then. Without REDIS_URL there is one process and no relay.

A message is one line of JSON, a line break, and a payload. Channels: `rooms:<document>` for what happens in a
document, `rooms:topic:<topic>` for events, `rooms` for what concerns everyone.
"""

import asyncio
import contextlib
import json
import logging
import os
import secrets
from collections import deque
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import redis
import redis.asyncio
from django.conf import settings
from redis.exceptions import RedisError

from . import limits

logger = logging.getLogger(__name__)

EVERYONE = "rooms"
_HERE = secrets.token_hex(8)


def channel(document: str) -> str:
    return f"rooms:{document}"


def packed(process: str, header: dict[str, Any], payload: bytes) -> bytes:
    """`process` names the hub that speaks, or the process whose code outside of rooms does."""
    return json.dumps({"from": process, **header}, separators=(",", ":")).encode() + b"\n" + payload


def unpacked(message: bytes) -> tuple[dict[str, Any], bytes]:
    header, _, payload = message.partition(b"\n")
    return json.loads(header), payload


class Relay:
    """One connection that listens and one that speaks, shared by all rooms of a hub.

    take: gets (document or None, header, payload) of what other processes sent; recovered: called when the line to
    Redis is there again after it was not.
    """

    def __init__(
        self, take: Callable[[str | None, dict[str, Any], bytes], None], recovered: Callable[[], None]
    ) -> None:
        self.down = False
        self._process = secrets.token_hex(8)
        self._take = take
        self._recovered = recovered
        self._redis = redis.asyncio.from_url(
            settings.REDIS_URL, socket_connect_timeout=5, health_check_interval=10
        )
        self._wanted: set[str] = {EVERYONE}
        self._pubsub: Any = None
        self._outbox: deque[tuple[str, bytes]] = deque(maxlen=limits.RELAY_MESSAGES)
        self._something_to_say = asyncio.Event()
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._speak())]

    def follow(self, document: str) -> None:
        self._wanted.add(channel(document))
        self._tell_redis("subscribe", channel(document))

    def unfollow(self, document: str) -> None:
        self._wanted.discard(channel(document))
        self._tell_redis("unsubscribe", channel(document))

    def _tell_redis(self, command: str, name: str) -> None:
        if self._pubsub is not None:
            self._tasks.append(asyncio.create_task(self._command(self._pubsub, command, name)))
            self._tasks = [task for task in self._tasks if not task.done()]

    async def _command(self, pubsub: Any, command: str, name: str) -> None:
        with contextlib.suppress(
            RedisError, OSError
        ):  # the listener notices, and asks for all again when it is back
            await getattr(pubsub, command)(name)

    def publish(self, document: str | None, header: dict[str, Any], payload: bytes = b"") -> None:
        """Nothing blocks and nothing fails: what cannot be sent is dropped, and found in the log."""
        self._outbox.append(
            (channel(document) if document else EVERYONE, packed(self._process, header, payload))
        )
        self._something_to_say.set()

    async def _speak(self) -> None:
        while True:
            await self._something_to_say.wait()
            self._something_to_say.clear()
            while self._outbox:
                batch = [self._outbox.popleft() for _ in range(min(len(self._outbox), 100))]
                pipeline = self._redis.pipeline(transaction=False)
                for name, message in batch:
                    pipeline.publish(name, message)
                try:
                    await pipeline.execute()
                except (RedisError, OSError) as error:
                    self._note_down(error)
                    self._outbox.clear()

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(*self._wanted)
                    self._pubsub = pubsub
                    self._note_up()
                    await self._read(pubsub)
            except (RedisError, OSError) as error:
                self._pubsub = None
                self._note_down(error)
                await asyncio.sleep(limits.RETRY_SECONDS)

    async def _read(self, pubsub: Any) -> None:
        while True:
            message = await pubsub.get_message(timeout=5)
            if message is None or message["type"] != "message":
                continue
            header, payload = unpacked(message["data"])
            if header["from"] in (self._process, _this_process()):
                continue
            name = message["channel"].decode()
            document = name.removeprefix("rooms:") if name != EVERYONE else None
            try:
                self._take(document, header, payload)
            except Exception:  # one message must not stop the others
                logger.exception("a message about %s could not be taken", document)

    def _note_down(self, error: Exception) -> None:
        if not self.down:
            logger.error("relay: Redis does not answer (%s); the log is read instead", type(error).__name__)
        self.down = True

    def _note_up(self) -> None:
        if self.down:
            logger.warning("relay: Redis answers again")
            self.down = False
            self._recovered()

    async def close(self) -> None:
        """Say what is left to be said, then hang up."""
        for _ in range(50):
            if not self._outbox or self.down:
                break
            await asyncio.sleep(0.01)
        while left := [task for task in self._tasks if not task.done()]:
            for task in left:
                task.cancel()  # more than once, because the client library may swallow one
            await asyncio.wait(left, timeout=0.2)
        await self._redis.aclose()


def _this_process() -> str:
    """What speaks under this name has told the hubs of this process already. A fork is another process."""
    return f"{_HERE}-{os.getpid()}"


@cache
def _blocking_client() -> "redis.Redis":
    return redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2)


def publish_from_thread(document: str | None, header: dict[str, Any], payload: bytes = b"") -> None:
    """For code outside the rooms' loop, also of processes that have no rooms: to all others, the hubs of this one are
    told by `in_every_loop`. Never fails."""
    publish_all_from_thread([(document, header, payload)])


def publish_all_from_thread(messages: Iterable[tuple[str | None, dict[str, Any], bytes]]) -> None:
    if not settings.REDIS_URL:
        return
    pipeline = _blocking_client().pipeline(transaction=False)
    for document, header, payload in messages:
        pipeline.publish(
            channel(document) if document else EVERYONE, packed(_this_process(), header, payload)
        )
    try:
        pipeline.execute()
    except RedisError as error:
        logger.error("relay: a message was not sent (%s)", type(error).__name__)
