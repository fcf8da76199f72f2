"""Updates of bytes that others sent, and several as one. Pure: no document, no database."""

from collections.abc import Sequence

import pycrdt

from .protocol import Malformed, state_vector
from .update import MAX_STRUCTS, Update, read_update

JOINED_TOGETHER = 32


def checked(payloads: list[bytes]) -> tuple[bytes, Update]:
    """Updates that somebody sent as one, in the bytes that pycrdt makes of them, and what those say. Raises Malformed.

    All is read here before pycrdt sees it: that makes room for as many things as a number announces, and calls
    itself for every value in a value, so that a few bytes could take the whole memory, or end the process. What it
    has written is read again: it may have understood other bytes in another way.
    """
    updates = [_read(payload) for payload in payloads]
    try:
        payload = joined(payloads)
    except BaseException as error:
        reraise_unless_from_pycrdt(error)
        raise Malformed("not a Yjs update") from None
    return payload, updates[0] if payloads == [payload] else _read(payload)


def _read(payload: bytes) -> Update:
    return read_update(payload, most_structs=MAX_STRUCTS)


def joined(updates: Sequence[bytes]) -> bytes:
    """Several updates as one, without a document. In stages: the time that pycrdt takes grows with the square of how
    many it gets at once, and somebody who comes back may bring a hundred thousand."""
    while len(updates) > JOINED_TOGETHER:
        updates = [
            pycrdt.merge_updates(*updates[start : start + JOINED_TOGETHER])
            for start in range(0, len(updates), JOINED_TOGETHER)
        ]
    return pycrdt.merge_updates(*updates)


def beyond(payload: bytes, clocks: dict[int, int]) -> tuple[bytes, Update]:
    """What an update brings beyond these clocks, and all that it deletes. Raises Malformed."""
    try:
        news = pycrdt.get_update(payload, state_vector(clocks))
    except BaseException as error:
        reraise_unless_from_pycrdt(error)
        raise Malformed("not a Yjs update") from None
    return news, read_update(news)


def reraise_unless_from_pycrdt(error: BaseException) -> None:
    """pycrdt raises ValueError and RuntimeError, and a panic of its own that is no Exception."""
    if not isinstance(error, ValueError | RuntimeError) and type(error).__name__ != "PanicException":
        raise error
