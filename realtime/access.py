"""Rights in motion: when they change, the sockets concerned are closed and judged again on their return."""

from collections.abc import Iterable

from .hub import in_every_loop
from .relay import publish_from_thread


def changed(subject: str, user_ids: Iterable[int] | None) -> None:
    """Close the connections of these people (None: of everyone) to a document, in every process. Call it on commit.

    What these people follow is judged again, whatever the topic; with None, what anybody follows under the same id
    (a plan's comments with the plan). A topic may be named in place of a document: then no connection is closed.
    An empty set of people is refused: it would look done and close nothing.
    """
    people = None if user_ids is None else sorted(set(user_ids))
    if people is not None and not people:
        raise ValueError("nobody to judge again")
    _close(subject, people)


def person_changed(user_id: int) -> None:
    """Close every connection of one person, whatever the document: a role ended, an account was closed."""
    _close(None, [user_id])


def _close(subject: str | None, people: list[int] | None) -> None:
    in_every_loop(lambda hub: hub.close_connections(subject, people))
    publish_from_thread(None, {"kind": "access", "subject": subject, "people": people})
