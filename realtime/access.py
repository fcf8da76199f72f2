"""Rights in motion: when they change, the sockets concerned are closed and judged again on their return."""

from collections.abc import Iterable

from .hub import in_every_loop
from .relay import publish_from_thread


def changed(document: str, user_ids: Iterable[int] | None) -> None:
    """Close the connections of these people (None: of everyone) to a document, in every process. Call it on commit.

    An empty set of people is refused: it would look done and close nothing.
    """
    people = None if user_ids is None else sorted(set(user_ids))
    if people is not None and not people:
        raise ValueError("nobody to judge again")
    _close(document, people)


def person_changed(user_id: int) -> None:
    """Close every connection of one person, whatever the document: a role ended, an account was closed."""
    _close(None, [user_id])


def _close(document: str | None, people: list[int] | None) -> None:
    in_every_loop(lambda hub: hub.close_connections(document, people))
    publish_from_thread(document, {"kind": "access", "people": people})
