"""The one way into the ledger."""

import types
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from foundation.accounts.models import User
from foundation.ledger.errors import NotInTransaction, UnknownEvent
from foundation.ledger.events import CATALOGUE, LedgerEvent, Place
from foundation.ledger.models import Event


def record(event: LedgerEvent, *, actor: User | None, place: Place, key: str | None = None) -> Event:
    """Write `event` in the transaction of the act. The same key twice (per kind) leaves one row."""
    check(event)
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction(event.kind)
    row, _created = Event.objects.get_or_create(
        idempotency_key=_key(event, key), defaults=_columns(event, actor, place, timezone.now())
    )
    return row


def record_many(events: Iterable[LedgerEvent], *, actor: User | None, place: Place) -> int:
    """The same for the thousands of one act, such as an import: a statement for each thousand."""
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction("record_many")
    now, rows = timezone.now(), []
    for event in events:
        check(event)
        rows.append(Event(idempotency_key=_key(event, None), **_columns(event, actor, place, now)))
    Event.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def _key(event: LedgerEvent, key: str | None) -> str:
    return f"{event.kind}:{key or uuid4().hex}"


def _columns(event: LedgerEvent, actor: User | None, place: Place, at: datetime) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "at": at,
        "actor": actor,
        "role": place.role,
        "school_id": place.school_id,
        "region_id": place.region_id,
        "urban_class": place.urban_class,
        "subject_kind": event.subject_kind,
        "subject_id": str(event.subject_id),
        "subject_label": event.subject_label[:200],
        "data": {name: _plain(value) for name, value in event.data().items()},
    }


def check(event: LedgerEvent) -> None:
    """Refuse what the catalogue does not declare: an unknown kind, or a value of another type."""
    if CATALOGUE.get(getattr(event, "kind", "")) is not type(event):
        raise UnknownEvent(type(event).__name__)
    declared = _declared(event.kind)
    for field in fields(event):
        value = getattr(event, field.name)
        if type(value) not in _types(declared[field.name]):
            raise UnknownEvent(f"{event.kind}.{field.name}: {type(value).__name__}")


@cache
def _declared(kind: str) -> dict[str, Any]:
    return get_type_hints(CATALOGUE[kind])


def purge(*, before: datetime) -> int:
    """Delete rows that no longer have to be kept. Only `manage.py purge_ledger` calls this."""
    return Event.objects.filter(at__lt=before).purge()


def _types(declared: Any) -> tuple[type, ...]:
    if get_origin(declared) in (Union, types.UnionType):
        return get_args(declared)
    return (declared,)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value
