"""A room's memory for rescues: states from before a removal, and which copy stands for which lost character."""

import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from . import limits, store
from .rescue import Copy, characters, rescue
from .shape import Run
from .update import Content, Id, Ranges, read_update, write_deletes

MAX_COPIES = 1000  # a person deletes what was just brought back, not what came back a thousand characters ago


@dataclass(slots=True)
class _Grave:
    """A state from just before containers were deleted, for characters that are still on their way to them."""

    state: bytes
    until: float


@dataclass(frozen=True, slots=True)
class Rescued:
    payload: bytes
    user_id: int | None
    client: int
    runs: tuple[Run, ...]


class Rescuer:
    def __init__(self, *, fragment: str, text_block: str, owner_of: Callable[[int], int | None]) -> None:
        self._fragment = fragment
        self._text_block = text_block
        self._owner_of = owner_of
        self._graves: deque[_Grave] = deque(maxlen=limits.GRAVES)
        self._copies: deque[Copy] = deque(maxlen=MAX_COPIES)
        self._clients: dict[int | None, int] = {}  # user → client id under which their characters come back

    def remember(self, state: bytes) -> None:
        """Keep the state from just before containers are deleted."""
        self._graves.append(_Grave(state, time.monotonic() + limits.GRAVE_SECONDS))

    def remembers(self, struct_id: Id) -> bool:
        """Whether a kept state still shows this struct."""
        client, clock = struct_id
        return any(
            struct.client == client
            and struct.clock <= clock < struct.end
            and struct.content in (Content.STRING, Content.TYPE)
            for grave in self._graves
            for struct in read_update(grave.state).structs
        )

    def bring_back(
        self,
        *,
        payload: bytes,
        lost: list[Run],
        before: bytes | None,
        now: Callable[[], bytes],
    ) -> list[Rescued]:
        """Updates that bring back what `payload` made disappear, one for each author.

        before: the state before `payload`, when it deleted containers; None when characters arrived too late.
        now: the state with `payload` and the rescues so far.
        """
        alive = before if before is not None else self._exhumed(payload, lost)
        text = characters(alive if alive is not None else payload, lost)
        found: list[Rescued] = []
        for user_id in sorted({self._owner_of(run.client) for run, _ in text}, key=str):
            client = self._clients.setdefault(user_id, random.getrandbits(32))
            theirs = [(run, piece) for run, piece in text if self._owner_of(run.client) == user_id]
            brought = rescue(
                alive=alive or store.EMPTY_UPDATE,
                now=store.merge([now(), *(earlier.payload for earlier in found)]),
                lost=theirs,
                fragment=self._fragment,
                text_block=self._text_block,
                client_id=client,
            )
            if brought is not None:
                self._copies.extend(brought.copies)
                runs = tuple(copy.source for copy in brought.copies)
                found.append(Rescued(brought.update, user_id, client, runs))
        return found

    def _exhumed(self, payload: bytes, lost: list[Run]) -> bytes | None:
        """The newest state in which the container of late characters still lived, with these characters in it."""
        now = time.monotonic()
        while self._graves and self._graves[0].until < now:
            self._graves.popleft()
        for grave in reversed(self._graves):
            state = store.merge([grave.state, payload])
            if characters(state, lost):
                grave.state = state
                return state
        return None

    def follow_deletions(self, deletes: Ranges) -> bytes | None:
        """When its author deletes a character that lives on as a copy, the copy goes too."""
        doomed: Ranges = {}
        for copy in self._copies:
            for clock, length in deletes.get(copy.source.client, []):
                low = max(clock, copy.source.clock)
                high = min(clock + length, copy.source.clock + copy.source.length)
                if low < high:
                    doomed.setdefault(copy.client, []).append(
                        (copy.clock + low - copy.source.clock, high - low)
                    )
        return write_deletes(doomed) if doomed else None
