"""The wire: y-websocket frames in lib0 encoding, and three messages of our own. Pure: bytes in, plain data out.

Every frame starts with a message type (varuint). Sources: the y-protocols PROTOCOL.md (sync and awareness)
and lib0's encoding module (varuint: seven bits a byte, low bits first).

    0 sync        varuint step: 0 step1 (state vector) | 1 step2 (update) | 2 update, then the bytes with their length
    1 awareness   bytes: varuint count, then (varuint client, varuint clock, JSON string) for each
    3 queryAwareness   no body, client to server
    16 durable    server to client: varuint n, state vector. Of the frames with content (step2 and update) that
                  this connection sent, the first n are stored durably. The count is needed because a deletion
                  does not show in a state vector.
    17 status     server to client, first on every connection: JSON {"access", "reason", "user"}
    18 topic      both: JSON. A client says {"type": "follow", "topic", "after"} or {"type": "unfollow", "topic"};
                  the server {"type": "events", "topic", "events", "after", "through", "more"},
                  {"type": "reset", "topic"} or {"type": "refused", "topic", "reason"}

A stock y-websocket client ignores 16, 17 and 18.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

MAX_AWARENESS_ENTRIES = 1000  # a stock client repeats what it hears of everybody else
MAX_VARUINT = 2**53 - 1  # JavaScript's largest exact integer, which lib0 never exceeds
MAX_TOPIC_REQUEST = 1000  # bytes: the name of a topic and a number
_TOPIC = re.compile(r"[a-z][a-z-]{0,39}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Message(IntEnum):
    SYNC = 0
    AWARENESS = 1
    QUERY_AWARENESS = 3
    DURABLE = 16
    STATUS = 17
    TOPIC = 18


class Step(IntEnum):
    STEP1 = 0
    STEP2 = 1
    UPDATE = 2


class CloseCode(IntEnum):
    """Why the server closed a connection; the page decides by it whether to come back."""

    MALFORMED = 4400
    NOT_SIGNED_IN = 4401
    NO_RIGHT = 4403
    NO_DOCUMENT = 4404
    TOO_SLOW = 4408
    DELETED = 4410
    TOO_LARGE = 4413
    UNEXPECTED = 4420
    FOREIGN_CLIENT_ID = 4421
    NOT_IN_SCHEMA = 4422
    ACCESS_CHANGED = 4423
    TOO_MANY = 4429
    RESTART = 4503  # not the registered 1012, which daphne refuses to send


class TopicRefusal(StrEnum):
    """Why a topic is not followed; the connection stays."""

    NO_RIGHT = "no-right"
    UNKNOWN = "unknown"  # no such kind of topic: the page is newer than the server
    TOO_MANY = "too-many"


class Malformed(ValueError):
    """Bytes that are not what they claim to be."""


class Reader:
    """Reads lib0-encoded values from bytes; raises Malformed at the first that cannot be one."""

    __slots__ = ("data", "end", "position")

    def __init__(self, data: bytes, position: int = 0) -> None:
        self.data = data
        self.position = position
        self.end = len(data)

    def varuint(self) -> int:
        data, position = self.data, self.position
        try:
            byte = data[position]
            if byte < 0x80:
                self.position = position + 1
                return byte
            number, shift = byte & 0x7F, 7
            while True:
                position += 1
                byte = data[position]
                number |= (byte & 0x7F) << shift
                if byte < 0x80:
                    break
                shift += 7
                if shift > 56:
                    raise Malformed("number too long")
        except IndexError:
            raise Malformed("number cut off") from None
        if number > MAX_VARUINT:
            raise Malformed("number too large")
        self.position = position + 1
        return number

    def take(self, length: int) -> bytes:
        if length > self.end - self.position:
            raise Malformed("value cut off")
        self.position += length
        return self.data[self.position - length : self.position]

    def bytes(self) -> bytes:
        length = self.varuint()
        start = self.position
        if length > self.end - start:
            raise Malformed("bytes cut off")
        self.position = start + length
        return self.data[start : self.position]

    def string(self) -> str:
        try:
            return self.bytes().decode()
        except UnicodeDecodeError:
            raise Malformed("text is not UTF-8") from None

    def byte(self) -> int:
        if self.position >= self.end:
            raise Malformed("byte missing")
        self.position += 1
        return self.data[self.position - 1]

    @property
    def finished(self) -> bool:
        return self.position == self.end


def varuint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(0x80 | number & 0x7F)
        number >>= 7
    out.append(number)
    return bytes(out)


def sized(data: bytes) -> bytes:
    return varuint(len(data)) + data


@dataclass(frozen=True, slots=True)
class Sync:
    step: Step
    payload: bytes


@dataclass(frozen=True, slots=True)
class AwarenessEntry:
    client: int
    clock: int
    state: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Awareness:
    entries: tuple[AwarenessEntry, ...]


@dataclass(frozen=True, slots=True)
class QueryAwareness:
    pass


@dataclass(frozen=True, slots=True)
class Follow:
    """`after`: the number of the last event that the client knows."""

    topic: str
    after: int


@dataclass(frozen=True, slots=True)
class Unfollow:
    topic: str


class Unexpected(Malformed):
    """A message type or step that a client never sends."""


def read_frame(frame: bytes) -> Sync | Awareness | QueryAwareness | Follow | Unfollow:
    """What a client sent. Raises Malformed, or Unexpected for a type that is not a client's to send."""
    reader = Reader(frame)
    message = reader.varuint()
    if message == Message.SYNC:
        step = reader.varuint()
        if step > Step.UPDATE:
            raise Unexpected("unknown sync step")
        payload = reader.bytes()
        _expect_end(reader)
        return Sync(Step(step), payload)
    if message == Message.AWARENESS:
        entries = Reader(reader.bytes())
        _expect_end(reader)
        return Awareness(tuple(_awareness_entries(entries)))
    if message == Message.QUERY_AWARENESS:
        _expect_end(reader)
        return QueryAwareness()
    if message == Message.TOPIC:
        body = reader.bytes()
        _expect_end(reader)
        return _topic_request(body)
    raise Unexpected("unknown message type")


def _expect_end(reader: Reader) -> None:
    if not reader.finished:
        raise Malformed("bytes left over")


def _awareness_entries(reader: Reader) -> Iterable[AwarenessEntry]:
    count = reader.varuint()
    if count > MAX_AWARENESS_ENTRIES:
        raise Malformed("too many entries")
    for _ in range(count):
        client, clock, text = reader.varuint(), reader.varuint(), reader.string()
        try:
            state = json.loads(text)
        except (ValueError, RecursionError):
            raise Malformed("awareness is not JSON") from None
        if state is not None and not isinstance(state, dict):
            raise Malformed("awareness is not an object")
        yield AwarenessEntry(client, clock, state)
    _expect_end(reader)


def _topic_request(body: bytes) -> Follow | Unfollow:
    if len(body) > MAX_TOPIC_REQUEST:
        raise Malformed("topic request too long")
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("topic request is not JSON") from None
    if not isinstance(request, dict) or not is_topic(request.get("topic")):
        raise Malformed("names no topic")
    topic, after = request["topic"], request.get("after")
    if request.get("type") == "unfollow":
        return Unfollow(topic)
    if request.get("type") != "follow" or type(after) is not int or not 0 <= after <= MAX_VARUINT:
        raise Malformed("topic request that asks for nothing")
    return Follow(topic, after)


def is_topic(name: Any) -> bool:
    """Whether this is "<kind>:<uuid>", the one way in which a topic is written."""
    return isinstance(name, str) and _TOPIC.fullmatch(name) is not None


def read_state_vector(data: bytes) -> dict[int, int]:
    reader = Reader(data)
    vector = {}
    for _ in range(reader.varuint()):
        client = reader.varuint()
        vector[client] = reader.varuint()
    _expect_end(reader)
    return vector


def state_vector(clocks: dict[int, int]) -> bytes:
    return varuint(len(clocks)) + b"".join(
        varuint(client) + varuint(clock) for client, clock in clocks.items()
    )


def sync(step: Step, payload: bytes) -> bytes:
    return bytes((Message.SYNC, step)) + sized(payload)


def awareness_state(state: dict[str, Any] | None) -> bytes:
    """One state as JSON. Raises Malformed for what browsers could not read (NaN, numbers beyond range)."""
    try:
        return json.dumps(state, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(
            errors="replace"
        )
    except (ValueError, RecursionError):
        raise Malformed("awareness is not JSON") from None


def awareness(entries: Iterable[tuple[int, int, bytes]]) -> bytes:
    """A frame of (client, clock, state as JSON)."""
    parts = [varuint(client) + varuint(clock) + sized(state) for client, clock, state in entries]
    return bytes((Message.AWARENESS,)) + sized(varuint(len(parts)) + b"".join(parts))


def durable(frames: int, clocks: dict[int, int]) -> bytes:
    return bytes((Message.DURABLE,)) + varuint(frames) + sized(state_vector(clocks))


def status(access: str, reason: str, user: dict[str, Any]) -> bytes:
    body = json.dumps({"access": access, "reason": reason, "user": user}, ensure_ascii=False)
    return bytes((Message.STATUS,)) + sized(body.encode())


def topic(body: dict[str, Any] | str) -> bytes:
    """A message about a topic: a dictionary, or the JSON text of one."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return bytes((Message.TOPIC,)) + sized(text.encode())
