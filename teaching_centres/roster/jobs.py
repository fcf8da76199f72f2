"""Jobs that read and write rosters. The state of an import stands on its row: a job run twice works once.

reading → wrong | ready → writing → done; ready → stale → read again; anything unexpected → failed.
"""

import logging
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop
from huey import crontab
from huey.contrib.djhuey import close_db, db_periodic_task, db_task, on_startup

from foundation.accounts.errors import NotPossible as AccountNotPossible
from foundation.ledger.audit import audit, refusals_outlive_rollback
from foundation.office.tables import Message, Refused, Tables, Trouble
from teaching_centres.errors import NotPossible
from teaching_centres.models import RosterDraft, RosterImport
from teaching_centres.roster.checking import (
    Progress,
    about,
    compare,
    one_at_a_time,
    read_file,
    write_plan,
)
from teaching_centres.roster.plan import Plan

logger = logging.getLogger(__name__)
State = RosterImport.State
UNEXPECTED = Message(gettext_noop("服务器没办成这一步，问题已经记下来了。过一会儿再传一次。"))
SHOWN = 1000
"""Troubles and notes kept for the page; all are counted."""
ABANDONED = timedelta(minutes=10)
"""A job that has not said anything for so long has died with its process."""
KEPT_WAITING = timedelta(days=7)
"""A preview that nobody confirmed: names are in it, so it does not stay."""


@db_task()
def read_roster(import_id: str) -> None:
    read_into_preview(UUID(import_id))


@db_task()
def write_roster(import_id: str) -> None:
    write_previewed(UUID(import_id))


@db_periodic_task(crontab(minute="*/5"))
def sweep_rosters() -> None:
    sweep()


@on_startup()
@close_db
def carry_on_rosters_after_a_start() -> None:
    """What the last process was doing when it died. Where others still work on it, the second finds it done."""
    sweep(abandoned=timedelta(0))


def enqueue(found: RosterImport) -> None:
    """The job that its state waits for, once the transaction is through."""
    watcher(found.pk)(0)
    job = read_roster if found.state == State.READING else write_roster
    transaction.on_commit(partial(job, str(found.pk)))


def read_into_preview(import_id: UUID) -> None:
    """May run again after a crash: it only replaces the preview."""
    found = (
        RosterImport.objects.filter(pk=import_id, state=State.READING)
        .select_related("actor", "draft")
        .first()
    )
    if found is None:
        return
    watch = watcher(import_id)
    try:
        read = read_file(bytes(found.draft.content), watch)
        watch(65)
        plan = compare(read, found.actor)
    except Refused as refused:
        _fail(import_id, State.READING, refused.message)
        return
    except Exception:
        logger.exception("roster import %s could not be read", import_id)
        _fail(import_id, State.READING, UNEXPECTED)
        return
    watch(95)
    with refusals_outlive_rollback(), transaction.atomic():
        current = locked(import_id)
        if current is None or current.state != State.READING:
            return
        if plan.denied:
            details = {"kind": "roster", "file_id": str(import_id), "rows": plan.denied}
            audit(act="roster.imported", allowed=False, **about(found.actor, import_id), details=details)
        _keep(current, plan)
    watch(100)


def _keep(found: RosterImport, plan: Plan) -> None:
    RosterDraft.objects.filter(pk=found.pk).update(
        troubles=[_stored(trouble) for trouble in plan.troubles[:SHOWN]],
        notes=[_stored(note) for note in plan.notes[:SHOWN]],
        changes=[] if plan.troubles else plan.lines(),
    )
    found.counts = {**plan.counts(), "troubles": len(plan.troubles), "notes": len(plan.notes)}
    found.digest = plan.digest()
    found.reason = []
    move(found, State.WRONG if plan.troubles else State.READY)


def write_previewed(import_id: UUID) -> None:
    """All or nothing, and once: the state turns to done in the transaction that writes."""
    found = (
        RosterImport.objects.filter(pk=import_id, state=State.WRITING)
        .select_related("actor", "draft")
        .first()
    )
    if found is None:
        return
    watch = watcher(import_id)
    try:
        read = read_file(bytes(found.draft.content), lambda percent: watch(percent // 3))
        with transaction.atomic():
            _write_previewed(found, read, watch)
    except Refused as refused:
        _fail(import_id, State.WRITING, refused.message)
    except (IntegrityError, AccountNotPossible, NotPossible):
        _turn_stale(import_id)
    except Exception:
        logger.exception("roster import %s was not written", import_id)
        _fail(import_id, State.WRITING, UNEXPECTED)
    watch(100)


def _write_previewed(found: RosterImport, read: Tables, watch: Progress) -> None:
    one_at_a_time()
    current = locked(found.pk)
    if current is None or current.state != State.WRITING:
        return
    plan = compare(read, found.actor)
    watch(40)
    if plan.troubles or plan.digest() != current.digest:
        move(current, State.STALE)
        return
    write_plan(plan, found.actor, found.pk, lambda percent: watch(40 + percent * 6 // 10))
    move(current, State.DONE)
    RosterDraft.objects.filter(pk=found.pk).delete()


def sweep(abandoned: timedelta = ABANDONED) -> None:
    """Carry on what died with its process; take away what nobody confirmed."""
    now = timezone.now()
    waiting = RosterImport.objects.filter(state__in=RosterImport.WAITING_FOR_A_JOB)
    for found in waiting.filter(touched_at__lte=now - abandoned):
        RosterImport.objects.filter(pk=found.pk).update(touched_at=now)
        enqueue(found)
    old = RosterImport.objects.filter(touched_at__lt=now - KEPT_WAITING).exclude(
        state__in=(State.WRITING, State.DONE, State.DROPPED)
    )
    for found in old:
        with transaction.atomic():
            RosterDraft.objects.filter(pk=found.pk).delete()
            move(found, State.DROPPED)


# ---- state ---------------------------------------------------------------------------------------------
def locked(import_id: UUID) -> RosterImport | None:
    return RosterImport.objects.select_for_update().filter(pk=import_id).first()


def move(found: RosterImport, state: str) -> None:
    found.state, found.touched_at = state, timezone.now()
    found.save(update_fields=["state", "touched_at", "counts", "digest", "reason"])


def _fail(import_id: UUID, expected: str, said: Message) -> None:
    with transaction.atomic():
        found = locked(import_id)
        if found is not None and found.state == expected:
            found.reason = stored_message(said)
            move(found, State.FAILED)
            RosterDraft.objects.filter(pk=import_id).delete()


def _turn_stale(import_id: UUID) -> None:
    with transaction.atomic():
        found = locked(import_id)
        if found is not None and found.state == State.WRITING:
            move(found, State.STALE)


def stored_message(said: Message) -> list[Any]:
    return [said.text, dict(said.values)]


def _stored(trouble: Trouble) -> list[Any]:
    return [trouble.sheet, trouble.cell, *stored_message(trouble.message)]


# ---- progress: seen while the transaction that makes it is still open -----------------------------------
def watcher(import_id: UUID) -> Progress:
    return lambda percent: cache.set(_key(import_id), percent, 3600)


def percent_of(import_id: UUID) -> int:
    return int(cache.get(_key(import_id)) or 0)


def _key(import_id: UUID) -> str:
    return f"roster-import:{import_id}"
