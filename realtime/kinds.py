"""Kinds of shared document: how an app puts its documents into rooms without realtime knowing the app."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol
from uuid import UUID


class Access(IntEnum):
    """What one connection may do; each level includes those below it."""

    NONE = 0
    READ = 10
    COMMENT = 20
    SUGGEST = 30
    WRITE = 40


@dataclass(frozen=True)
class AccessDecision:
    """`found` is False for a document that does not exist; `reason` is a word for the page ("archived", "schema").

    identity: the stamp that others see beside the cursor of whoever comes in: id, name, colour, school, side.
    """

    access: Access
    reason: str = ""
    found: bool = True
    deleted: bool = False
    identity: dict[str, Any] = field(default_factory=dict)


class DocumentKind(Protocol):
    """One kind of document. All methods are called in worker threads and may use the database."""

    name: str
    schema_version: int
    #: the root XmlFragment that the schema governs; other roots are stored and left alone
    fragment: str
    #: the element that holds plain text: rescued characters may come back in a new one
    text_block: str

    def access(self, *, user_id: int, document_id: UUID) -> AccessDecision: ...

    def allows_element(self, name: str, inside: str) -> bool:
        """`inside` is the name of the element around it, "" for the fragment itself."""

    def allows_text(self, inside: str) -> bool: ...

    def allows_mark(self, name: str) -> bool: ...

    def allows_attribute(self, element: str, name: str, value: Any) -> bool: ...

    def seed(self, document_id: UUID) -> bytes:
        """The first state as a Yjs update: the same bytes every time, so that a rebuilt room never doubles it."""

    def stored(self, *, document_id: UUID, state: bytes, editor_ids: set[int], through_id: int) -> None:
        """New content has become durable (called at most every few seconds)."""

    def settled(self, *, document_id: UUID, state: bytes, editor_ids: set[int], through_id: int) -> None:
        """A stretch of work ended: nobody wrote for a while, or everyone left."""


class UnknownKind(LookupError):
    """No app has registered this kind of document."""


_kinds: dict[str, DocumentKind] = {}


def register(kind: DocumentKind) -> None:
    _kinds[kind.name] = kind


def get(name: str) -> DocumentKind:
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(name) from None


def parse_document(document: str) -> tuple[DocumentKind, UUID]:
    """Split "<kind>:<uuid>"; raises UnknownKind or ValueError."""
    name, _, identifier = document.partition(":")
    return get(name), UUID(identifier)
