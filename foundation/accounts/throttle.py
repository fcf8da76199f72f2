"""Guessing passwords is slowed down per person, hardly ever per address.

A whole school shares one address: what counts is who fails where. Three counters of tries that have not
succeeded, from the narrow to the wide; a try that the narrow one stops does not reach the wide ones.
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

    @property
    def stopped(self) -> bool:
        return self.seconds > 0


def count_try(*, username: str, address: str) -> Tries:
    """Count a try before the password is looked at, so that many tries at once do not slip through."""
    left = 0
    for position, (key, limit) in enumerate(_counters(username, address)):
        count = _increase(key)
        if count > limit:
            return Tries(left=0, seconds=_seconds_left(key))
        if position == 0:
            left = limit - count
    return Tries(left=left, seconds=0)


def forget(*, username: str, address: str) -> None:
    """The person got in: their failures are forgotten, the address is given its try back."""
    here, everywhere, whole_address = (key for key, _limit in _counters(username, address))
    cache.delete_many([here, everywhere])
    with suppress(ValueError):  # the window has ended meanwhile
        cache.decr(whole_address)


def _counters(username: str, address: str) -> list[tuple[str, int]]:
    who = hashlib.sha256(username.casefold().encode()).hexdigest()[:32]
    where = hashlib.sha256(address.encode()).hexdigest()[:32]
    return [
        (f"sign-in:{who}:{where}", settings.SIGN_IN_TRIES_PER_PERSON_AND_ADDRESS),
        (f"sign-in:{who}", settings.SIGN_IN_TRIES_PER_PERSON),
        (f"sign-in:at:{where}", settings.SIGN_IN_TRIES_PER_ADDRESS),
    ]


def _increase(key: str) -> int:
    window = settings.SIGN_IN_WINDOW_SECONDS
    if cache.add(key, 0, window):
        cache.set(f"{key}:until", time.time() + window, window)
    try:
        return int(cache.incr(key))
    except ValueError:  # expired between the two calls
        cache.set(key, 1, window)
        return 1


def _seconds_left(key: str) -> int:
    until = cache.get(f"{key}:until") or time.time() + settings.SIGN_IN_WINDOW_SECONDS
    return max(1, round(until - time.time()))
