"""Reading a Yjs update (format v1): which structs it brings, under which client ids, and what it deletes. Pure.

Layout, after Yjs' own encoders (yjs/src/utils/encoding.js, UpdateEncoder.js, structs/*.js):

    update     varuint clients, then per client: varuint structs, varuint client, varuint clock, the structs; delete set
    struct     info byte; low five bits are the content, 0x80 an origin, 0x40 a right origin, 0x20 a parent key follow;
               without either origin the parent is named: varuint 1 + string (a root) or varuint 0 + id
    delete set varuint clients, then per client: varuint client, varuint ranges, each varuint clock, varuint length

Lengths count UTF-16 code units, as everywhere in Yjs.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from math import isfinite
from struct import unpack

from .protocol import Malformed, Reader, varuint

Id = tuple[int, int]  # client, clock
MAX_DEPTH = 32  # nesting of one "any" value
MAX_CLOCK = (
    2**31 - 1
)  # pycrdt keeps clocks and lengths in 32 bits: a larger one would mean another place there
MAX_STRUCTS = 200_000  # in what a client sends: a plan written for a year has a tenth of that


class Content(IntEnum):
    GC = 0
    DELETED = 1
    JSON = 2  # refused: pycrdt reads a string too many, and Yjs has not written it for years
    BINARY = 3
    STRING = 4
    EMBED = 5
    FORMAT = 6
    TYPE = 7
    ANY = 8
    DOC = 9
    SKIP = 10


class TypeRef(IntEnum):
    ARRAY = 0
    MAP = 1
    TEXT = 2
    XML_ELEMENT = 3
    XML_FRAGMENT = 4
    XML_HOOK = 5
    XML_TEXT = 6


class Struct:
    """One struct. `value` is the string, (type, element name), (mark key, value) or attribute value it carries."""

    __slots__ = (
        "client",
        "clock",
        "content",
        "key",
        "length",
        "origin",
        "parent",
        "right",
        "value",
    )

    def __init__(self, client: int, clock: int, length: int, content: int) -> None:
        self.client = client
        self.clock = clock
        self.length = length
        self.content = content
        self.origin: Id | None = None
        self.right: Id | None = None
        self.parent: Id | str | None = None  # an id, a root's name, or None: the same as the origin's
        self.key: str | None = None
        self.value: object = None

    @property
    def end(self) -> int:
        return self.clock + self.length


Ranges = dict[int, list[tuple[int, int]]]  # client → (clock, length)


@dataclass(slots=True)
class Update:
    structs: list[Struct] = field(default_factory=list)
    deletes: Ranges = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not self.structs and not self.deletes

    @property
    def clients(self) -> set[int]:
        return {struct.client for struct in self.structs}


def utf16_length(text: str) -> int:
    return len(text) if text.isascii() or max(text) <= "\uffff" else len(text.encode("utf-16-le")) // 2


def read_update(data: bytes, *, most_structs: int | None = None) -> Update:
    """Everything in an update. Raises Malformed. No limit for what is stored already: it must always be read."""
    reader = Reader(data)
    update = Update(_read_structs(reader, most_structs), _read_ranges(reader))
    if not reader.finished:
        raise Malformed("bytes left over")
    return update


def without_deletions(data: bytes) -> bytes:
    """The same update without its delete set (what it brings as deleted or collected already stays so)."""
    reader = Reader(data)
    _read_structs(reader)
    return data[: reader.position] + varuint(0)


def _read_structs(reader: Reader, most: int | None = None) -> list[Struct]:
    structs: list[Struct] = []
    listed: set[int] = set()
    for _ in range(reader.varuint()):
        count, client, clock = reader.varuint(), reader.varuint(), reader.varuint()
        if most is not None and len(structs) + count > most:
            raise Malformed("too many structs")
        if most is not None and client in listed:
            raise Malformed("a client listed twice")  # perhaps with two accounts of the same
        listed.add(client)
        for _ in range(count):
            struct = _read_struct(reader, client, clock)
            structs.append(struct)
            clock += struct.length
            if clock > MAX_CLOCK:
                raise Malformed("clock out of range")
    return structs


def _read_struct(reader: Reader, client: int, clock: int) -> Struct:
    info = reader.byte()
    content = info & 0x1F
    if info in (Content.GC, Content.SKIP):
        length = reader.varuint()
        if not length:
            raise Malformed("empty struct")
        return Struct(client, clock, length, content)
    struct = Struct(client, clock, 1, content)
    if info & 0x80:
        struct.origin = (reader.varuint(), reader.varuint())
    if info & 0x40:
        struct.right = (reader.varuint(), reader.varuint())
    if not info & 0xC0:
        named = reader.varuint()
        if named > 1:
            raise Malformed("unknown kind of parent")
        struct.parent = reader.string() if named else (reader.varuint(), reader.varuint())
        if info & 0x20:
            struct.key = reader.string()
    _read_content(reader, struct)
    return struct


def _read_content(reader: Reader, struct: Struct) -> None:
    content = struct.content
    if content == Content.STRING:
        text = reader.string()
        struct.value, struct.length = text, utf16_length(text)
    elif content == Content.DELETED:
        struct.length = reader.varuint()
    elif content == Content.FORMAT:
        struct.value = (reader.string(), reader.string())
    elif content == Content.TYPE:
        reference = reader.varuint()
        if reference > TypeRef.XML_TEXT or reference == TypeRef.XML_HOOK:
            raise Malformed("unknown type")
        named = reference == TypeRef.XML_ELEMENT
        struct.value = (TypeRef(reference), reader.string() if named else "")
    elif content == Content.ANY:
        struct.length = reader.varuint()
        struct.value = [_read_any(reader) for _ in range(struct.length)]
    elif content == Content.BINARY:
        reader.bytes()
    elif content == Content.EMBED:
        struct.value = reader.string()
    elif content == Content.DOC:
        reader.string()
        _read_any(reader)
    else:
        raise Malformed("unknown content")
    if not struct.length:
        raise Malformed("empty struct")


_NUMBERS = {124: ">f", 123: ">d", 122: ">q"}  # float32, float64, bigint


def _read_any(reader: Reader, depth: int = 0) -> object:
    """lib0's "any": a type byte counted down from 127, then the value."""
    if depth > MAX_DEPTH:
        raise Malformed("value nested too deeply")
    kind = reader.byte()
    if kind in (127, 126):
        return None
    if kind == 125:
        return _read_varint(reader)
    if kind in _NUMBERS:
        number = unpack(_NUMBERS[kind], reader.take(4 if kind == 124 else 8))[0]
        if not isfinite(number):
            raise Malformed("not a number")
        return number
    if kind in (121, 120):
        return kind == 120
    if kind == 119:
        return reader.string()
    if kind == 118:
        return {reader.string(): _read_any(reader, depth + 1) for _ in range(reader.varuint())}
    if kind == 117:
        return [_read_any(reader, depth + 1) for _ in range(reader.varuint())]
    if kind == 116:
        return reader.bytes()
    raise Malformed("unknown value")


def _read_varint(reader: Reader) -> int:
    """lib0's signed integer: the first byte holds a sign bit (0x40) and six bits of the number."""
    byte = reader.byte()
    sign = -1 if byte & 0x40 else 1
    number, shift = byte & 0x3F, 6
    while byte & 0x80:
        byte = reader.byte()
        number |= (byte & 0x7F) << shift
        shift += 7
        if shift > 63:
            raise Malformed("number too long")
    return sign * number


def _read_ranges(reader: Reader) -> Ranges:
    ranges: Ranges = {}
    for _ in range(reader.varuint()):
        client = reader.varuint()
        own = ranges.setdefault(client, [])
        for _ in range(reader.varuint()):
            clock, length = reader.varuint(), reader.varuint()
            if not length:
                raise Malformed("empty range")  # nothing is deleted, but pycrdt would cut there
            if clock + length > MAX_CLOCK:
                raise Malformed("clock out of range")
            own.append((clock, length))
    return {client: own for client, own in ranges.items() if own}


def write_deletes(ranges: Ranges) -> bytes:
    """An update that only deletes."""
    return varuint(0) + delete_set(ranges)


def delete_set(ranges: Ranges) -> bytes:
    parts = [varuint(len(ranges))]
    for client, own in ranges.items():
        parts += [varuint(client), varuint(len(own))]
        parts += [varuint(clock) + varuint(length) for clock, length in own]
    return b"".join(parts)
