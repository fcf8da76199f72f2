"""Rights in motion: when they change, the sockets concerned are closed and judged again on their return."""

from collections.abc import Iterable

from .hub import Hub, in_every_loop
from .protocol import CloseCode


def changed(document: str, user_ids: Iterable[int] | None) -> None:
    """Close the connections of these people (None: of everyone) to a document. Call it on commit.

    An empty set of people is refused: it would look done and close nothing.
    """
    people = None if user_ids is None else frozenset(user_ids)
    if people is not None and not people:
        raise ValueError("nobody to judge again")

    def close(hub: Hub) -> None:
        room = hub.rooms.get(document)
        for connection in list(room.connections) if room else []:
            if people is None or connection.user_id in people:
                connection.close(CloseCode.ACCESS_CHANGED)

    in_every_loop(close)


def person_changed(user_id: int) -> None:
    """Close every connection of one person, whatever the document: a role ended, an account was closed."""

    def close(hub: Hub) -> None:
        for room in hub.rooms.values():
            for connection in list(room.connections):
                if connection.user_id == user_id:
                    connection.close(CloseCode.ACCESS_CHANGED)

    in_every_loop(close)
