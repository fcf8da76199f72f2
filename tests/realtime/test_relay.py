"""The relay at its edges; what it carries between processes is tested with processes, in test_cluster."""

import asyncio

import pytest

from realtime.relay import Relay

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
