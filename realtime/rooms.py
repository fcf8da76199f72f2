"""What server code does with shared documents: read their durable state, change them live, drain at shutdown."""

import asyncio
import random
from collections.abc import Callable

import pycrdt
from django.db import transaction

from . import store
from .hub import Hub, _hubs, in_every_loop
from .intake import Stored
from .merging import joined
from .relay import publish_from_thread
from .room import stored_message
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
        payload = joined(changes)
        [row_id] = store.append([Entry(document, actor_id, payload, {doc.client_id}, mode)])
        assert row_id is not None
        owners = {} if actor_id is None else {doc.client_id: actor_id}
        stored = Stored(payload, [row_id], owners, editors=set(owners.values()))
        transaction.on_commit(lambda: _publish(document, stored))


def _publish(document: str, stored: Stored) -> None:
    def take(hub: Hub) -> None:
        room = hub.rooms.get(document)
        if room is not None:
            room.absorb(stored)

    in_every_loop(take)
    message = stored_message(stored.payload, stored.row_ids, stored.owners, editors=stored.editors)
    publish_from_thread(document, *message)


async def drain() -> None:
    """Drain the running loop's hub, if it has one: call it before the process stops."""
    found = _hubs.get(asyncio.get_running_loop())
    if found is not None:
        await found.drain()
