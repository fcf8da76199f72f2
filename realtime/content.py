"""Whether an update holds only what a kind's schema knows. Pure.

An editor whose schema lacks an element deletes it from the shared document, so nothing of the kind may get in.
Roots other than the governed one are nobody's business here: they are stored and left alone.
"""

from typing import Any

from .kinds import DocumentKind
from .shape import Shape
from .update import Content, Id, Struct, TypeRef, Update


def allowed(kind: DocumentKind, shape: Shape, update: Update, fresh: list[Struct]) -> bool:
    """Whether every new struct under the kind's fragment is in its schema."""
    places = {(struct.client, struct.clock): struct for struct in update.structs}
    return all(
        _in_schema(kind, shape, struct, places) or _root(shape, struct, places, update) != kind.fragment
        for struct in fresh
    )


def _in_schema(kind: DocumentKind, shape: Shape, struct: Struct, places: dict[Id, Struct]) -> bool:
    value: Any = struct.value
    if struct.content in (Content.STRING, Content.GC, Content.DELETED):
        return True
    if struct.content == Content.TYPE:
        reference, name = value
        return (
            kind.allows_element(name) if reference == TypeRef.XML_ELEMENT else reference == TypeRef.XML_TEXT
        )
    if struct.content == Content.FORMAT:
        return kind.allows_mark(value[0])
    if struct.content == Content.ANY:
        element, key = _attribute(shape, struct, places)
        return kind.allows_attribute(element, key, value[-1])
    return False


def _attribute(shape: Shape, struct: Struct, places: dict[Id, Struct]) -> tuple[str, str]:
    """Which element's attribute it sets. A second value names neither: it only follows the value before it."""
    while struct.parent is None and struct.origin in places:
        struct = places[struct.origin]
    if struct.parent is None and struct.origin is not None:
        return shape.element(struct.origin), shape.keys.get(struct.origin, "")
    key = struct.key or ""
    if not isinstance(struct.parent, tuple):
        return "", key
    if struct.parent in places:
        value: Any = places[struct.parent].value
        return (value[1] if isinstance(value, tuple) else ""), key
    container = shape.containers.get(struct.parent)
    return (container.name if container else ""), key


def _root(shape: Shape, struct: Struct, places: dict[Id, Struct], update: Update) -> str:
    for _ in range(len(places) + 1):
        if isinstance(struct.parent, str):
            return struct.parent
        needed = struct.parent or struct.origin or struct.right
        if needed is None:
            return ""
        if needed[1] < shape.clocks.get(needed[0], 0):
            return shape.root(needed)
        inside = next(
            (
                other
                for other in update.structs
                if other.client == needed[0] and other.clock <= needed[1] < other.end
            ),
            None,
        )
        if inside is None:
            return ""
        struct = inside
    return ""
