"""Guessing is slowed down per person, hardly ever per address.

A whole school shares one address: what counts is who fails where. Three counters of tries that have not
succeeded, from the narrow to the wide; a try that the narrow one stops does not reach the wide ones.

A browser in which this person was signed in before (`browsers`) is counted by itself: neither a guesser
elsewhere nor one at the same address can keep the person out of it. An address with too many failures is not
closed: those who come from it in unknown browsers go on one after the other, at the pace of a slow lane.
"""

import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache


@dataclass(frozen=True)
class Tries:
    left: int
    """How many more tries this person has here after this one."""
    seconds: int
    """How long until they may go on, when none was left for this one. Else 0."""
    busy: bool = False
    """It is the address that is slow, not the person who has used up their tries."""

    @property
    def stopped(self) -> bool:
        return self.seconds > 0


@dataclass(frozen=True)
class Try:
    """Who tries where. `browser` is the id of one that knows this person, else empty."""

    username: str
    address: str
    browser: str = ""
    kind: str = "sign-in"

    @property
    def _who(self) -> str:
        return _short(self.username.casefold())

    @property
    def here(self) -> str:
        place = f"browser:{_short(self.browser)}" if self.browser else _short(self.address)
        return f"{self.kind}:{self._who}:{place}"

    @property
    def everywhere(self) -> str:
        return f"{self.kind}:{self._who}"

    @property
    def whole_address(self) -> str:
        return f"{self.kind}:at:{_short(self.address)}"


def count_try(attempt: Try) -> Tries:
    """Count a try before anything is looked at, so that many tries at once do not slip through."""
    here = _increase(attempt.here)
    left = settings.SIGN_IN_TRIES_PER_PERSON_AND_ADDRESS - here
    if left < 0:
        return Tries(left=0, seconds=_seconds_left(attempt.here))
    if attempt.browser:
        return Tries(left=left, seconds=0)
    if _increase(attempt.everywhere) > settings.SIGN_IN_TRIES_PER_PERSON:
        return Tries(left=0, seconds=_seconds_left(attempt.everywhere))
    if _increase(attempt.whole_address) > settings.SIGN_IN_TRIES_PER_ADDRESS and not _slow_lane(attempt):
        _take_back(attempt.here, attempt.everywhere, attempt.whole_address)
        return Tries(left=left, seconds=settings.SIGN_IN_SLOW_LANE_SECONDS, busy=True)
    return Tries(left=left, seconds=0)


def forget(attempt: Try) -> None:
    """The person got in: their failures are forgotten, the address is given its try back."""
    cache.delete_many([attempt.here, attempt.everywhere])
    if not attempt.browser:
        _take_back(attempt.whole_address)


def _slow_lane(attempt: Try) -> bool:
    """One try from an overfull address every few seconds."""
    return cache.add(f"{attempt.whole_address}:lane", 1, settings.SIGN_IN_SLOW_LANE_SECONDS)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _increase(key: str) -> int:
    window = settings.SIGN_IN_WINDOW_SECONDS
    if cache.add(key, 0, window):
        cache.set(f"{key}:until", time.time() + window, window)
    try:
        return int(cache.incr(key))
    except ValueError:  # expired between the two calls
        cache.set(key, 1, window)
        return 1


def _take_back(*keys: str) -> None:
    for key in keys:
        with suppress(ValueError):  # the window has ended meanwhile
            cache.decr(key)


def _seconds_left(key: str) -> int:
    until = cache.get(f"{key}:until") or time.time() + settings.SIGN_IN_WINDOW_SECONDS
    return max(1, round(until - time.time()))
