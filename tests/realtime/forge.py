"""Forged updates: any structs one likes, in correct encoding, for tests of what a hostile client may send."""

import json
import random
from typing import Any

from realtime.protocol import Message, Step, sized, state_vector, sync, topic, varuint
from realtime.update import Content, Id, Ranges, delete_set


def struct(
    content: int,
    body: bytes,
    *,
    origin: Id | None = None,
    right: Id | None = None,
    parent: Id | str = "default",
    key: str | None = None,
) -> bytes:
    info = content | (0x80 if origin else 0) | (0x40 if right else 0)
    parts = b""
    for identifier in (origin, right):
        if identifier:
            parts += varuint(identifier[0]) + varuint(identifier[1])
    if not origin and not right:
        if isinstance(parent, str):
            parts += varuint(1) + sized(parent.encode())
        else:
            parts += varuint(0) + varuint(parent[0]) + varuint(parent[1])
        if key is not None:
            info |= 0x20
            parts += sized(key.encode())
    return bytes([info]) + parts + body


def update(sections: dict[int, tuple[int, list[bytes]]], deletes: Ranges | None = None) -> bytes:
    """sections: client → (first clock, structs)."""
    out = varuint(len(sections))
    for client, (clock, structs) in sections.items():
        out += varuint(len(structs)) + varuint(client) + varuint(clock) + b"".join(structs)
    return out + delete_set(deletes or {})


def collected(length: int = 1) -> bytes:
    """What is gone with its container."""
    return bytes([Content.GC]) + varuint(length)


def text(value: str) -> tuple[int, bytes]:
    return Content.STRING, sized(value.encode())


def element(name: str) -> tuple[int, bytes]:
    return Content.TYPE, varuint(3) + sized(name.encode())


def xml_text() -> tuple[int, bytes]:
    return Content.TYPE, varuint(6)


def attribute(value: str) -> tuple[int, bytes]:
    return Content.ANY, varuint(1) + bytes([119]) + sized(value.encode())


def mark(key: str, value: str = "{}") -> tuple[int, bytes]:
    return Content.FORMAT, sized(key.encode()) + sized(value.encode())


def announced(count: int) -> list[bytes]:
    """Updates of a few bytes that announce many clients, and values of an attribute."""
    return [varuint(count), update({9: (0, [struct(*_value(bytes([118]) + varuint(count)))])})]


def nested_values(depth: int) -> bytes:
    """A list in a list in a list, as an attribute's value."""
    return update({9: (0, [struct(*_value(bytes([117, 1]) * depth + bytes([126])), key="id")])})


def nested_elements(depth: int, client: int = 9, clock: int = 0) -> bytes:
    inner = [struct(*element("list"), parent=(client, clock + level)) for level in range(depth - 1)]
    return update({client: (clock, [struct(*element("list")), *inner])})


def _value(encoded: bytes) -> tuple[int, bytes]:
    return Content.ANY, varuint(1) + encoded


def random_update(rng: random.Random, clocks: dict[int, int], client: int) -> bytes:
    """A well-formed update of random structs that stand anywhere, by `client`."""
    start = clocks.get(client, 0) + rng.choice([0, 0, 0, 0, 1, -1])
    start = max(start, 0)
    clock, structs = start, []

    def somewhere() -> Id:
        owner = rng.choice([*clocks, client])
        top = clock if owner == client else clocks[owner]
        return owner, rng.randrange(max(top, 1) + rng.choice([0, 0, 0, 2]))

    for _ in range(rng.randint(1, 5)):
        if rng.random() < 0.1:
            structs.append(collected())
            clock += 1
        content, body = rng.choice(
            [text("字"), text("ab😀"), element("paragraph"), xml_text(),
             attribute("x"), mark("bold"), mark("bold", "null"),
             (Content.DELETED, varuint(2)), (Content.BINARY, sized(b"xy")), (Content.EMBED, sized(b"{}")),
             (Content.JSON, varuint(1) + sized(b"1")), (Content.DOC, sized(b"guid") + bytes([126])),
             (Content.TYPE, varuint(1)), (Content.TYPE, varuint(2))]
        )  # fmt: skip
        places: list[Id | str] = ["default", "other", somewhere(), somewhere()]
        structs.append(
            struct(
                content,
                body,
                origin=somewhere() if rng.random() < 0.4 else None,
                right=somewhere() if rng.random() < 0.4 else None,
                parent=places[rng.randrange(4)],
                key=rng.choice([None, None, "id", "kind"]),
            )
        )
        clock += {Content.STRING: 1 if body == text("字")[1] else 4, Content.DELETED: 2}.get(
            Content(content), 1
        )
    deletes = {owner: [(at, rng.randint(1, 3))] for owner, at in [somewhere()]} if rng.random() < 0.4 else {}
    return update({client: (start, structs)}, deletes)


# ---- frames ----------------------------------------------------------------------------------------------------

READERS_TEXT = "读者写的"
_HUGE = [2**31, 2**32 - 1, 2**53 - 1, 2**53, 2**63, 2**70]


def hostile_frame(rng: random.Random, clocks: dict[int, int], client: int) -> bytes:
    """Anything that somebody might send to do harm: forged, cut, changed, out of range, nested, or noise."""
    make = rng.choice(_FRAMES)
    frame = make(rng, clocks, client)
    damage = rng.random()
    if damage < 0.15 and frame:
        return frame[: rng.randrange(len(frame))]
    if damage < 0.4 and frame:
        changed = bytearray(frame)
        for _ in range(rng.randint(1, 4)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        return bytes(changed)
    return frame


def _forged_update(rng: random.Random, clocks: dict[int, int], client: int) -> bytes:
    return sync(rng.choice([Step.STEP2, Step.UPDATE]), random_update(rng, clocks, client))


def _good_update(rng: random.Random, clocks: dict[int, int], client: int) -> bytes:
    """What a reader may not do: a whole paragraph, correctly written."""
    start = clocks.get(client, 0)
    structs = [
        struct(*element("paragraph")),
        struct(*xml_text(), parent=(client, start)),
        struct(*text(READERS_TEXT), parent=(client, start + 1)),
    ]
    return sync(Step.UPDATE, update({client: (start, structs)}))


def _held_back(rng: random.Random, clocks: dict[int, int], client: int) -> bytes:
    """Builds on what never comes."""
    return sync(
        Step.UPDATE, update({client: (clocks.get(client, 0) + rng.randint(1, 10**6), [struct(*text("字"))])})
    )


def _huge_numbers(rng: random.Random, clocks: dict[int, int], client: int) -> bytes:
    huge = rng.choice(_HUGE)
    kind = rng.randrange(5)
    if kind == 0:
        return sync(Step.UPDATE, update({huge: (rng.choice([0, huge]), [struct(*text("字"))])}))
    if kind == 1:
        return sync(Step.UPDATE, varuint(huge) + varuint(huge))
    if kind == 2:
        return sync(Step.STEP1, varuint(2) + varuint(huge) + varuint(huge) + varuint(1) + varuint(huge))
    if kind == 3:
        return sync(Step.UPDATE, update({}, {rng.choice([huge, *clocks]): [(0, huge), (huge, 1)]}))
    return bytes((Message.SYNC, Step.UPDATE)) + varuint(huge) + b"x"


def _bottomless(rng: random.Random, clocks: dict[int, int], client: int) -> bytes:
    """Few bytes that would take much memory, and values and containers without end."""
    depth = rng.choice([50, 200_000])
    payload = rng.choice(
        [
            *announced(rng.choice([2**16, 2**28])),
            nested_values(depth),
            nested_elements(min(depth, 5_000), client, clocks.get(client, 0)),
        ]
    )
    return sync(Step.UPDATE, payload)


def _awareness(rng: random.Random, clocks: dict[int, int], client: int) -> bytes:
    depth = rng.choice([1, 50, 100_000])
    state = rng.choice(
        [
            b'{"a":' * depth + b"1" + b"}" * depth,
            b"[" * depth,
            b"NaN",
            b'{"a":1e999}',
            b'"' + b"x" * 10_000 + b'"',
            b"{}",
        ]
    )
    owner = rng.choice([client, *clocks, *_HUGE])
    return bytes((Message.AWARENESS,)) + sized(
        varuint(1) + varuint(owner) + varuint(rng.choice([0, 1, *_HUGE])) + sized(state)
    )


def _state_vector(rng: random.Random, clocks: dict[int, int], client: int) -> bytes:
    pairs = {
        rng.choice([*clocks, rng.getrandbits(32)]): rng.getrandbits(20) for _ in range(rng.randint(0, 40))
    }
    return sync(Step.STEP1, state_vector(pairs))


def _noise(rng: random.Random, clocks: dict[int, int], client: int) -> bytes:
    return rng.randbytes(rng.choice([0, 1, 2, 30, 3000]))


def _any_type(rng: random.Random, clocks: dict[int, int], client: int) -> bytes:
    return bytes((rng.randrange(256), rng.randrange(4))) + sized(rng.randbytes(5))


def _topic(rng: random.Random, clocks: dict[int, int], client: int) -> bytes:
    depth = rng.choice([1, 20, 90_000])
    return topic(
        rng.choice(
            [
                topic_request(rng, rng.choice(_TOPICS)),
                topic_request(rng, rng.choice(_TOPICS)),
                "[" * depth,
                '{"topic":' * depth + "1" + "}" * depth,
                '{"type":"follow","topic":"' + "x" * rng.choice([10, 10_000]) + '","after":0}',
                "NaN",
                "null",
            ]
        )
    )


def topic_request(rng: random.Random, name: Any) -> str:
    """To follow a topic, or something like it."""
    after = rng.choice([0, 1, -1, 2**53 - 1, 2**53, 10**400, 1.5, True, None, "0", [], {"a": 1}])
    kind = rng.choice(["follow", "follow", "follow", "unfollow", "events", "reset", "", None])
    return json.dumps({"type": kind, "topic": name, "after": after})


_TOPICS: list[Any] = [
    "plan-board:00000000-0000-0000-0000-000000000000",
    "unheard-of:00000000-0000-0000-0000-000000000001",
    "PLAN-BOARD:00000000-0000-0000-0000-000000000000",
    "plan-board:' OR '1'='1",
    "plan-board:00000000-0000-0000-0000-000000000000\n",
    "\ud800",
    "",
    None,
    {"a": []},
]
_FRAMES = [
    _topic,
    _forged_update,
    _forged_update,
    _good_update,
    _held_back,
    _huge_numbers,
    _bottomless,
    _awareness,
    _state_vector,
    _noise,
    _any_type,
]
