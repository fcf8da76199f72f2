"""Forged updates: any structs one likes, in correct encoding, for tests of what a hostile client may send."""

import random

from realtime.protocol import sized, varuint
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
