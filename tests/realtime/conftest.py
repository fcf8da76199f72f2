from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from realtime import rooms

from .support import NoteKind, register


@pytest.fixture
def kind() -> NoteKind:
    return register()


@pytest_asyncio.fixture
async def live(transactional_db: None) -> AsyncIterator[None]:
    """A hub on this test's loop, drained at the end."""
    yield
    await rooms.drain()
