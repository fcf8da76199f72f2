"""The relay at its edges; what it carries between processes is tested with processes, in test_cluster."""

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pytest

from realtime import access, rooms
from realtime.hub import hub
from realtime.relay import EVERYONE, Relay, _blocking_client, _this_process, packed

from .followers import beside

pytestmark = pytest.mark.pg


async def test_it_closes_at_whatever_moment() -> None:
    """A process that goes down must not wait for ever for a relay that is just asking Redis something."""
    for turns in range(100):
        relay = Relay(take=lambda document, header, payload: None, recovered=lambda: None)
        relay.follow("lesson-plan:1")
        relay.publish("lesson-plan:1", {"kind": "hello"})
        for _ in range(turns):
            await asyncio.sleep(0)
        await asyncio.wait_for(relay.close(), 30)


async def test_word_of_a_change_comes_once_to_the_process_that_sent_it(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told without Redis; what comes back from there is its own, and would close connections that came back."""
    heard: asyncio.Queue[str | None] = asyncio.Queue()
    relay = hub().relay
    assert relay is not None
    monkeypatch.setattr(hub(), "close_connections", lambda subject, people: heard.put_nowait(subject))
    while relay._pubsub is None:
        await asyncio.sleep(0.01)
    await beside(access.changed, "lesson-plan:1", [1])
    other = packed("another process", {"kind": "access", "subject": "the end", "people": None}, b"")
    await asyncio.to_thread(_blocking_client().publish, EVERYONE, other)
    assert [await heard.get(), await heard.get()] == ["lesson-plan:1", "the end"]
    await rooms.drain()


def test_a_fork_speaks_under_another_name() -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        assert pool.submit(_this_process).result() != _this_process()
