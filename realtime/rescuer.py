"""A room's memory for rescues: states from before removals, and which copy stands for which lost character."""

import random
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pycrdt

from . import limits, store
from .protocol import read_state_vector
from .rescue import Copy, characters, rescue
from .shape import Run, without
from .update import Ranges, read_update, without_deletions, write_deletes

MAX_COPIES = 1000  # a person deletes what was just brought back, not what came back a thousand characters ago


@dataclass(slots=True)
class _Grave:
    """A state from just before containers were deleted, for characters that are still on their way to them."""

    state: bytes
    until: float


@dataclass(slots=True)
class _Found:
    """Lost characters, and a state in which they are still visible (None: nobody knows where they stood)."""

    alive: bytes | None
    text: list[tuple[Run, str]]


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
        self._past: _Grave | None = None
        self._copies: deque[Copy] = deque(maxlen=MAX_COPIES)
        self._clients: dict[int | None, int] = {}  # user → client id under which their characters come back

    def remember(self, state: bytes) -> None:
        """Keep the state from just before containers are deleted."""
        self._graves.append(_Grave(state, time.monotonic() + limits.GRAVE_SECONDS))

    def remember_past(self, state: bytes) -> None:
        """Keep a state read from the history; where a newer one shows a character too, that is preferred."""
        self._past = _Grave(state, time.monotonic() + limits.GRAVE_SECONDS)

    def knows_place(self, *, payload: bytes, late: list[Run], before: bytes) -> bool:
        """Whether all of these characters of `payload` are visible in what is kept."""
        missing = late
        for _, state in self._exhumed(payload, before):
            missing = without(missing, [run for run, _ in characters(state, missing)])
            if not missing:
                return True
        return False

    def bring_back(
        self,
        *,
        payload: bytes,
        lost: list[Run],
        before: bytes,
        now: Callable[[], bytes],
    ) -> list[Rescued]:
        """Updates that bring back what `payload` made disappear, one for each author and place of memory.

        before: the state before `payload`; now: the state with it.
        """
        rescued: list[Rescued] = []
        for found in self._find(payload, lost, before):
            for user_id in sorted({self._owner_of(run.client) for run, _ in found.text}, key=str):
                client = self._clients.setdefault(user_id, random.getrandbits(32))
                brought = rescue(
                    alive=found.alive,
                    now=store.merge([now(), *(earlier.payload for earlier in rescued)]),
                    lost=[(run, text) for run, text in found.text if self._owner_of(run.client) == user_id],
                    fragment=self._fragment,
                    text_block=self._text_block,
                    client_id=client,
                )
                self._copies.extend(brought.copies)
                runs = tuple(copy.source for copy in brought.copies)
                rescued.append(Rescued(brought.update, user_id, client, runs))
        return rescued

    def _find(self, payload: bytes, lost: list[Run], before: bytes) -> Iterator[_Found]:
        """The characters among the lost, each with the newest state that shows it."""
        missing = lost
        for grave, state in self._exhumed(payload, before):
            text = characters(state, missing)
            if text:
                # what is typed on after these characters will need them
                grave.state = state
                missing = without(missing, [run for run, _ in text])
                yield _Found(state, text)
            if not missing:
                return
        text = characters(payload, missing)
        if text:
            yield _Found(None, text)

    def _exhumed(self, payload: bytes, before: bytes) -> Iterator[tuple[_Grave, bytes]]:
        """The kept states, newest first, with everything written since but nothing of what stood there deleted.

        What another process was to bring back may be asked for late: then `before` itself is the last resort.
        """
        now = time.monotonic()
        while self._graves and self._graves[0].until < now:
            self._graves.popleft()
        if self._past is not None and self._past.until < now:
            self._past = None
        written, deletes = without_deletions(payload), read_update(payload).deletes
        for grave in [*reversed(self._graves), self._past, _Grave(before, now)]:
            if grave is not None:
                buried = pycrdt.get_state(grave.state)
                since = without_deletions(pycrdt.get_update(before, buried))
                parts = [grave.state, since, written, write_deletes(_after(buried, deletes))]
                yield grave, store.merge(parts)

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


def _after(buried: bytes, deletes: Ranges) -> Ranges:
    """Those of the deletions that concern what came after a state vector."""
    clocks = read_state_vector(buried)
    found: Ranges = {}
    for client, ranges in deletes.items():
        known = clocks.get(client, 0)
        later = [(max(clock, known), clock + length) for clock, length in ranges if clock + length > known]
        if later:
            found[client] = [(start, end - start) for start, end in later]
    return found
