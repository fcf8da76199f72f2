"""What server code does with shared documents: read their durable state, change them live, drain at shutdown."""

import asyncio
import random
from collections.abc import Callable

import pycrdt
from django.db import transaction

from . import store
from .hub import Hub, _hubs, in_every_loop
from .store import DocumentState, Entry


def state(document: str) -> DocumentState:
    """The durable state of a document. Blocks; call it from a thread."""
    return store.load(document)


def change(
    document: str,
    fn: Callable[[pycrdt.Doc], None],
    *,
    actor_id: int | None,
    mode: str = "write",
) -> None:
    """Change a document by server code: stored in the caller's transaction, live for everyone on its commit.

    `fn` gets the document in its present durable state and changes it in place; concurrent typing merges.
    Blocks; call it from a thread.
    """
    with transaction.atomic():
        doc: pycrdt.Doc = pycrdt.Doc(client_id=random.getrandbits(32))
        doc.apply_update(store.load(document).state)
        changes: list[bytes] = []
        subscription = doc.observe(lambda event: changes.append(event.update))
        with doc.transaction():
            fn(doc)
        doc.unobserve(subscription)
        if not changes:
            return
        payload = pycrdt.merge_updates(*changes)
        [row_id] = store.append([Entry(document, actor_id, payload, {doc.client_id}, mode)])
        transaction.on_commit(lambda: _publish(document, payload, actor_id, row_id))


def _publish(document: str, payload: bytes, user_id: int | None, row_id: int) -> None:
    def take(hub: Hub) -> None:
        room = hub.rooms.get(document)
        if room is not None:
            room.absorb(payload, user_id, row_id)

    in_every_loop(take)


async def drain() -> None:
    """Drain the running loop's hub, if it has one: call it before the process stops."""
    found = _hubs.get(asyncio.get_running_loop())
    if found is not None:
        await found.drain()
