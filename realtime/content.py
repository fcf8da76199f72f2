"""Whether an update holds only what a kind's schema knows. Pure.

An editor whose schema lacks an element deletes it from the shared document, so nothing of the kind may get in.
Roots other than the governed one are nobody's business here: they are stored and left alone.
"""

from typing import Any

from .kinds import DocumentKind
from .shape import NOWHERE, Container, Examined, Place
from .update import Content, Struct, TypeRef


def allowed(kind: DocumentKind, examined: Examined) -> bool:
    """Whether every new struct under the kind's fragment is in its schema, and none anywhere is a document itself:
    what holds one is never freed by pycrdt, so that each copy of it that was ever made stays in the memory."""
    return all(
        struct.content != Content.DOC
        and (_in_schema(kind, examined, struct, place) or examined.root(place.parent) != kind.fragment)
        for struct, place in examined.placed
    )


def _in_schema(kind: DocumentKind, examined: Examined, struct: Struct, place: Place) -> bool:
    value: Any = struct.value
    if struct.content in (Content.GC, Content.DELETED) or place.parent == NOWHERE:
        return True
    around = examined.container(place.parent) if isinstance(place.parent, tuple) else ROOT
    if around is None:
        return False
    if struct.content == Content.STRING:
        return around.type == TypeRef.XML_TEXT and not place.key
    if struct.content == Content.FORMAT:
        return around.type == TypeRef.XML_TEXT and kind.allows_mark(value[0])
    if struct.content == Content.TYPE:
        reference, name = value
        if around.type not in (TypeRef.XML_ELEMENT, TypeRef.XML_FRAGMENT) or place.key:
            return False
        if reference == TypeRef.XML_TEXT:
            return kind.allows_text(around.name)
        return reference == TypeRef.XML_ELEMENT and kind.allows_element(name, around.name)
    if struct.content == Content.ANY:
        is_attribute = around.type == TypeRef.XML_ELEMENT and bool(place.key)
        return is_attribute and kind.allows_attribute(around.name, place.key, value[-1])
    return False


ROOT = Container(TypeRef.XML_FRAGMENT, "")
