"""The durable log: append in groups, read a document's state, compact. All functions block; call them in threads."""

import json
import logging
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pycrdt
from django.db import connection, transaction
from django.utils import timezone

from . import kinds
from .merging import reraise_unless_from_pycrdt
from .models import ClientOwner, DocumentSnapshot, DocumentUpdate, RescuedCharacter
from .protocol import state_vector
from .shape import Run, without
from .update import read_update

logger = logging.getLogger(__name__)

EMPTY_UPDATE = b"\x00\x00"
REFUSED = 0  # instead of a row's id: the database can never take this entry
ROWS_TOGETHER = 500  # rows of one statement: well below SQLite's limit of parameters
_INSERT = (
    f"INSERT INTO {DocumentUpdate._meta.db_table} (document, user_id, mode, clients, payload, at, hot) VALUES"
)
_CLAIM = f"INSERT INTO {RescuedCharacter._meta.db_table} (document, client, clock) VALUES"


@dataclass(slots=True)
class Entry:
    """One row to append: what one person wrote, and the client ids that now are theirs."""

    document: str
    user_id: int | None
    payload: bytes
    clients: set[int] = field(default_factory=set)
    mode: str = "write"
    rescues: tuple[Run, ...] = ()  # the lost characters that it brings back


@dataclass(frozen=True, slots=True)
class DocumentState:
    """A Yjs update of the whole document, and the id of the newest stored row in it."""

    state: bytes
    through_id: int


def append(entries: Iterable[Entry]) -> list[int | None]:
    """Store rows in one transaction: when this returns they are durable. Returns their ids.

    None for an entry that another process forestalled: it wrote under a client id that is someone else's now, or
    brought the same characters back.
    """
    entries = list(entries)
    if is_plain(entries):
        return list(_insert(entries))  # one statement is a transaction by itself
    with transaction.atomic():
        taken = [entry for entry in entries if _take_owners(entry) and _claim(entry)]
        ids: list[int] = []
        for start in range(0, len(taken), ROWS_TOGETHER):
            ids += _insert(taken[start : start + ROWS_TOGETHER])
    rows = iter(ids)
    stored = {id(entry) for entry in taken}
    return [next(rows) if id(entry) in stored else None for entry in entries]


def is_plain(entries: list[Entry]) -> bool:
    """Whether storing them is nothing but one INSERT."""
    return len(entries) <= ROWS_TOGETHER and not any(
        entry.rescues or (entry.clients and entry.user_id is not None) for entry in entries
    )


def _take_owners(entry: Entry) -> bool:
    """Whether the client ids of an entry belong to its author, who may become their owner by it."""
    if entry.user_id is None or not entry.clients:
        return True
    ClientOwner.objects.bulk_create(
        [
            ClientOwner(document=entry.document, client=client, user_id=entry.user_id, mode=entry.mode)
            for client in entry.clients
        ],
        ignore_conflicts=True,
    )
    others = ClientOwner.objects.filter(document=entry.document, client__in=entry.clients)
    return not others.exclude(user_id=entry.user_id).exists()


def _claim(entry: Entry) -> bool:
    """Whether nobody else has brought these characters back; if so, from now on nobody else will."""
    characters = [(run.client, run.clock + step) for run in entry.rescues for step in range(run.length)]
    if not characters:
        return True
    claimed: list[int] = []
    for start in range(0, len(characters), ROWS_TOGETHER):
        claimed += _claim_some(entry.document, characters[start : start + ROWS_TOGETHER])
    if len(claimed) == len(characters):
        return True
    for start in range(0, len(claimed), ROWS_TOGETHER):
        RescuedCharacter.objects.filter(pk__in=claimed[start : start + ROWS_TOGETHER]).delete()
    return False


def _claim_some(document: str, characters: list[tuple[int, int]]) -> list[int]:
    values = ",".join(["(%s, %s, %s)"] * len(characters))
    parameters = [value for client, clock in characters for value in (document, client, clock)]
    with connection.cursor() as cursor:
        cursor.execute(f"{_CLAIM} {values} ON CONFLICT DO NOTHING RETURNING id", parameters)
        return [row_id for (row_id,) in cursor.fetchall()]


def not_rescued(document: str, lost: list[Run]) -> list[Run]:
    """The parts of these runs that nobody has brought back."""
    rows = RescuedCharacter.objects.filter(document=document, client__in={run.client for run in lost})
    return without(lost, [Run(client, clock, 1) for client, clock in rows.values_list("client", "clock")])


def rows(row_ids: list[int]) -> list[DocumentUpdate]:
    """Rows of the log by id, oldest first."""
    return list(DocumentUpdate.objects.filter(pk__in=row_ids).order_by("id"))


def _insert(entries: list[Entry]) -> list[int]:
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return insert(connection.connection, entries, "?" if connection.vendor == "sqlite" else "%s")


def insert(database: Any, entries: list[Entry], mark: str) -> list[int]:
    """Past Django's cursor: this runs for every group of edits, and would take twice the processor's time.

    database: a sqlite3 or psycopg connection; mark: how a parameter is written in its SQL.
    """
    at = connection.ops.adapt_datetimefield_value(timezone.now())
    values = ",".join([f"({','.join([mark] * 7)})"] * len(entries))
    parameters: list[Any] = []
    for entry in entries:
        clients = json.dumps(sorted(entry.clients)) if entry.clients else "[]"
        parameters += (entry.document, entry.user_id, entry.mode, clients, entry.payload, at, True)
    rows = database.execute(f"{_INSERT} {values} RETURNING id", parameters).fetchall()
    return [row_id for (row_id,) in rows]


def own_connection() -> sqlite3.Connection:
    """A connection to SQLite that belongs to no thread of Django's, and waits for no lock."""
    name = str(connection.settings_dict["NAME"])
    database = sqlite3.connect(name, timeout=0, isolation_level=None, uri=True)
    database.executescript(connection.settings_dict["OPTIONS"]["init_command"])
    return database


def load(document: str) -> DocumentState:
    """A document's present state; a document never written to is seeded first (deterministically, so twice is once)."""
    # rows first: a compaction in between only puts them into the snapshot as well
    rows = list(
        DocumentUpdate.objects.filter(document=document, hot=True).order_by("id").values_list("id", "payload")
    )
    snapshot = DocumentSnapshot.objects.filter(pk=document).first()
    if snapshot is None and not rows:
        rows = [_seed(document)]
    parts = [bytes(snapshot.state)] if snapshot else []
    parts += [bytes(payload) for _, payload in rows]
    newest = rows[-1][0] if rows else _newest_id(document)
    return DocumentState(merge(parts), newest)


def load_with_owners(document: str) -> tuple[DocumentState, dict[int, int]]:
    """The state and whose client ids are in it. Rows first: an owner stored in between is one too many, not too few."""
    return load(document), owners(document)


def _seed(document: str) -> tuple[int, bytes]:
    kind, identifier = kinds.parse_document(document)
    payload = kind.seed(identifier)
    clients = read_update(payload).clients
    [row_id] = _insert([Entry(document, None, payload, clients, mode="seed")])
    return row_id, payload


def _newest_id(document: str) -> int:
    newest = (
        DocumentUpdate.objects.filter(document=document).order_by("-id").values_list("id", flat=True).first()
    )
    return newest or 0


def merge(updates: list[bytes]) -> bytes:
    """Several updates as one. Goes through a document, so that the result is compact and in integrated form."""
    if not updates:
        return EMPTY_UPDATE
    if len(updates) == 1:
        return updates[0]
    try:
        return _applied(updates)
    except BaseException as error:
        reraise_unless_from_pycrdt(error)
    # One row that cannot be applied must not take the document with it: leave it out, loudly.
    readable: list[bytes] = []
    for number, update in enumerate(updates):
        try:
            _applied([*readable, update])
            readable.append(update)
        except BaseException as error:
            reraise_unless_from_pycrdt(error)
            logger.error("update %d of %d cannot be applied and is left out", number + 1, len(updates))
    return _applied(readable)


def _applied(updates: list[bytes]) -> bytes:
    doc: pycrdt.Doc = pycrdt.Doc()
    with doc.transaction():
        for update in updates:
            doc.apply_update(update)
    return doc.get_update(state_vector({}))


def owners(document: str) -> dict[int, int]:
    """Whose each Yjs client id of a document is."""
    return dict(ClientOwner.objects.filter(document=document).values_list("client", "user_id"))


def compact(document: str) -> None:
    """Merge the hot updates into the snapshot. Writers go on meanwhile; their rows stay hot."""
    kind, _ = kinds.parse_document(document)
    with transaction.atomic():
        DocumentSnapshot.objects.get_or_create(
            pk=document,
            defaults={
                "state": EMPTY_UPDATE,
                "schema_version": kind.schema_version,
                "at": timezone.now(),
            },
        )
        snapshot = DocumentSnapshot.objects.select_for_update().get(pk=document)
        rows = list(DocumentUpdate.objects.filter(document=document, hot=True).order_by("id"))
        snapshot.state = merge([bytes(snapshot.state), *(bytes(row.payload) for row in rows)])
        snapshot.schema_version = kind.schema_version
        snapshot.at = timezone.now()
        snapshot.save()
        DocumentUpdate.objects.filter(pk__in=[row.pk for row in rows]).update(hot=False)
