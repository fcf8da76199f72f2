"""The audit trail: every administrative act, done or refused, in chains that show any later change.

An entry's hash covers its own content and the hash of the one before it (docs/decisions/0009-audit-trail.md).
Each county has a chain of its own, so that an import in one holds nobody up in another.

`audited` is what an operation uses: the act, its entry, and the entry of a refusal, in one.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.ledger.acts import declared
from foundation.ledger.errors import NotInTransaction, UnknownAct
from foundation.ledger.events import NOWHERE, Place
from foundation.ledger.models import AuditEntry, AuditHead

PERSON = "user"
HASHED = (
    "chain",
    "number",
    "at",
    "act",
    "allowed",
    "actor_id",
    "role",
    "school_id",
    "region_id",
    "subject_kind",
    "subject_id",
    "subject_label",
    "details",
    "previous",
)


@dataclass
class Pending:
    """An entry to be. Inside `audited` the operation may still complete it."""

    act: str
    actor: User | None
    subject_kind: str
    subject_id: Any
    subject_label: str = ""
    place: Place = NOWHERE
    details: dict[str, Any] = field(default_factory=dict)
    allowed: bool = True
    at: datetime = field(default_factory=timezone.now)

    def check(self) -> None:
        if not declared(self.act, self.details):
            raise UnknownAct(f"{self.act} {sorted(self.details)}")

    @property
    def chain(self) -> str:
        return f"region-{self.place.region_id}" if self.place.region_id else "platform"


_acts: ContextVar[list[Pending] | None] = ContextVar("acts_of_this_transaction", default=None)
_refusals: ContextVar[list[Pending] | None] = ContextVar("refusals_of_this_request", default=None)


def audit(
    *,
    act: str,
    actor: User | None,
    subject_kind: str,
    subject_id: Any,
    subject_label: str = "",
    place: Place = NOWHERE,
    details: dict[str, Any] | None = None,
    allowed: bool = True,
) -> None:
    """One entry. `place` is the unit the act concerns, with the actor's role; nobody (`actor=None`) is the operator.

    An act is written in its own transaction; within `audited` a step that may fail alone is `audited` itself.
    A refusal is written although that transaction is rolled back: at the end of the request, or of the
    `audited` block around it.
    """
    pending = Pending(
        act=act,
        actor=actor,
        subject_kind=subject_kind,
        subject_id=subject_id,
        subject_label=subject_label,
        place=place,
        details=details or {},
        allowed=allowed,
    )
    _put(pending)


@contextmanager
def audited(act: str, **content: Any) -> Iterator[Pending]:
    """The transaction of an administrative act, which ends with its entry.

    A PermissionDenied that leaves the block is entered as a refusal. Entries are appended last, so that
    the chain is locked for a moment only.
    """
    pending = Pending(act, **content)
    with refusals_outlive_rollback():
        try:
            with _transaction_of_acts():
                yield pending
                _put(pending)
        except PermissionDenied:
            pending.allowed = False
            _put(pending)
            raise


@contextmanager
def refusals_outlive_rollback() -> Iterator[None]:
    """What is refused inside is written at the end, whatever became of the transactions inside."""
    if _refusals.get() is not None:
        yield
        return
    refusals: list[Pending] = []
    token = _refusals.set(refusals)
    try:
        yield
    finally:
        _refusals.reset(token)
        if refusals:
            with transaction.atomic(durable=True):
                append(refusals)


@contextmanager
def _transaction_of_acts() -> Iterator[None]:
    """Of nested ones the outermost appends. What an inner one rolled back is not appended."""
    acts = _acts.get()
    if acts is not None:
        known = len(acts)
        try:
            with transaction.atomic():
                yield
        except BaseException:
            del acts[known:]
            raise
        return
    acts = []
    token = _acts.set(acts)
    try:
        with transaction.atomic():
            yield
            append(acts)
    finally:
        _acts.reset(token)


def _put(pending: Pending) -> None:
    pending.check()
    waiting = _acts.get() if pending.allowed else _refusals.get()
    if waiting is not None:
        waiting.append(pending)
    elif pending.allowed:
        if not connection.in_atomic_block:
            raise NotInTransaction(pending.act)
        append([pending])
    else:
        with transaction.atomic(durable=True):
            append([pending])


# ---- the chain -----------------------------------------------------------------------------------


def append(entries: Iterable[Pending]) -> None:
    """Each entry goes to the end of its chain. The chains are locked in the order of their names."""
    by_chain: defaultdict[str, list[Pending]] = defaultdict(list)
    for pending in entries:
        by_chain[pending.chain].append(pending)
    for chain in sorted(by_chain):
        head = _locked_head(chain)
        rows = []
        for pending in by_chain[chain]:
            row = _row_after(head, pending)
            head.number, head.hash = row.number, row.hash
            rows.append(row)
        AuditEntry.objects.bulk_create(rows, batch_size=500)
        head.save(update_fields=["number", "hash"])


def _locked_head(chain: str) -> AuditHead:
    heads = AuditHead.objects.select_for_update()
    found = heads.filter(pk=chain).first()
    if found is None:
        AuditHead.objects.get_or_create(pk=chain)
        found = heads.get(pk=chain)
    return found


def _row_after(head: AuditHead, pending: Pending) -> AuditEntry:
    """People's names are not kept: a page reads them when it shows the entry."""
    row = AuditEntry(
        chain=head.chain,
        number=head.number + 1,
        at=pending.at,
        act=pending.act,
        allowed=pending.allowed,
        actor_id=pending.actor.pk if pending.actor else None,
        role=pending.place.role,
        school_id=pending.place.school_id,
        region_id=pending.place.region_id,
        subject_kind=pending.subject_kind,
        subject_id=str(pending.subject_id),
        subject_label="" if pending.subject_kind == PERSON else _tidy(pending.subject_label)[:200],
        details={
            name: _tidy(value) if isinstance(value, str) else value for name, value in pending.details.items()
        },
        previous=head.hash,
    )
    row.hash = hash_of(row)
    return row


def _tidy(text: str) -> str:
    """Without what a database would not give back as it was."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def hash_of(entry: AuditEntry) -> str:
    content = {name: getattr(entry, name) for name in HASHED}
    content["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


# ---- verifying -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Anchor:
    """How far a chain had come at some time. Kept elsewhere, it shows a chain written anew from within."""

    chain: str
    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.chain} {self.number} {self.hash}"


@dataclass(frozen=True)
class Break:
    """The first entry of a chain that is not as it was written, and what is wrong with it."""

    chain: str
    number: int
    reason: str | Promise

    def __str__(self) -> str:
        return f"{self.chain} {self.number} {self.reason}"


def heads() -> list[Anchor]:
    return [Anchor(head.chain, head.number, head.hash) for head in AuditHead.objects.order_by("chain")]


def verify(anchors: Iterable[Anchor] = ()) -> list[Break]:
    """Read every chain from its first entry: what breaks it first, per chain; nothing when all is as written."""
    ends = {head.chain: head for head in heads()}
    kept: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for anchor in anchors:
        kept[anchor.chain][anchor.number] = anchor.hash
    chains = set(AuditEntry.objects.order_by().values_list("chain", flat=True).distinct())
    found = (
        _first_break(chain, ends.get(chain), kept.get(chain, {})) for chain in sorted(chains | {*ends, *kept})
    )
    return [broken for broken in found if broken]


def _first_break(chain: str, end: Anchor | None, anchors: dict[int, str]) -> Break | None:
    number, last = 0, ""
    for entry in AuditEntry.objects.filter(chain=chain).order_by("number").iterator(chunk_size=1000):
        if entry.number != number + 1:
            return Break(chain, number + 1, _("缺了这一条"))
        if entry.hash != hash_of(entry):
            return Break(chain, entry.number, _("内容被改过"))
        if entry.previous != last:
            return Break(chain, entry.number, _("与前一条接不上"))
        if anchors.get(entry.number, entry.hash) != entry.hash:
            return Break(chain, entry.number, _("与另存的锚点不符"))
        number, last = entry.number, entry.hash
    if end is None or (end.number, end.hash) != (number, last):
        return Break(chain, number + 1, _("末尾与链头不符：删过或另加过"))
    if anchors and max(anchors) > number:
        return Break(chain, number + 1, _("末尾缺了：锚点记得更多"))
    return None
