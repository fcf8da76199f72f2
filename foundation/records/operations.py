"""The only writers of records."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.audit import audited
from foundation.ledger.operations import record as enter
from foundation.notices.operations import notify
from foundation.records import queries
from foundation.records.errors import NotPossible
from foundation.records.form import NEEDED_TO_SIGN, Field, Row, Value, digest
from foundation.records.models import Record, RecordEdit, RecordRevision, RecordTask
from foundation.records.opened import Opened, require_task

SUBJECT = "record"


# ---- a draft ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Change:
    """What someone wrote into a field, and its newest edit when they opened it."""

    value: Value
    seen: int


@transaction.atomic
def write(*, opened: Opened, changes: Mapping[str, Change]) -> dict[str, RecordEdit]:
    """Keep what someone wrote, field by field; nothing for what stands there already.

    What somebody else wrote meanwhile is not written over: these fields come back, each with the other's edit.
    """
    draft, record = _held(opened)
    conflicts = {}
    for key, change in changes.items():
        found = draft.fields[key]
        if found.value == change.value and not found.source_changed:
            continue
        if found.seen != change.seen and found.newest is not None:
            conflicts[key] = found.newest
        else:
            _keep(record, found, change.value, opened.user)
    return conflicts


@transaction.atomic
def restore_automatic(*, opened: Opened, field: Field, seen: int) -> None:
    """What the source says counts again; what was written by hand stays among what was written before."""
    record, found = _held_by_hand(opened, field, seen)
    _keep(record, found, found.automatic, opened.user)


@transaction.atomic
def keep_by_hand(*, opened: Opened, field: Field, seen: int) -> None:
    """The source says something else by now, and what was written by hand stays all the same."""
    record, found = _held_by_hand(opened, field, seen)
    _keep(record, found, found.value, opened.user)


def _keep(record: Record, found: queries.DraftField, value: Value, actor: User) -> None:
    RecordEdit.objects.create(
        record=record,
        field=found.field.key,
        value=None if value == found.automatic else value,
        automatic=digest(found.automatic),
        by=actor,
    )


def _held_by_hand(opened: Opened, field: Field, seen: int) -> tuple[Record, queries.DraftField]:
    draft, record = _held(opened)
    found = draft.fields[field.key]
    if not found.by_hand:
        raise NotPossible(_("“%(field)s”现在就是自动填的。") % {"field": field.label})
    if found.seen != seen:
        raise NotPossible(_("“%(field)s”刚刚有人改过，先看一眼。") % {"field": field.label})
    return record, found


def _held(opened: Opened) -> tuple[queries.Draft, Record]:
    """The draft as it is now, with its row, which whoever writes next waits for."""
    opened.require_edit()
    record = _locked(opened)
    if record.is_signed:
        raise NotPossible(signed_already())
    return queries.draft_of(_with(opened, record)), record


def signed_already() -> str:
    return _("这份记录已经签字定稿。要改，请主持人先重开。")


def _locked(opened: Opened) -> Record:
    about = {"kind": opened.kind.name, "subject_id": opened.subject.id}
    Record.objects.get_or_create(**about, defaults={"subject_label": opened.subject.label[:200]})
    return Record.objects.select_for_update().get(**about)


def _with(opened: Opened, record: Record) -> Opened:
    return Opened(opened.user, opened.kind, opened.subject, opened.rights, record)


# ---- signing ---------------------------------------------------------------------------------------------
def sign(*, opened: Opened, seen: str) -> RecordRevision:
    """Freeze the record as the host saw it. `seen` is the digest of what was on the page."""
    with audited("record.signed", **_about(opened)) as entry:
        opened.require_sign()
        record = _locked(opened)
        entry.subject_id = record.pk
        if record.is_signed:
            raise NotPossible(_("这份记录已经签字定稿了。"))
        draft = queries.draft_of(_with(opened, record))
        if draft.digest != seen:
            raise NotPossible(_("记录刚刚有了变化，请再看一遍，然后签字。"))
        _refuse_gaps(draft)
        revision = _freeze(opened, record, draft)
        entry.details.update(revision=revision.number, sha256=revision.sha256)
        enter(
            events.RecordSigned(
                subject_id=record.pk, subject_label=record.subject_label, revision=revision.number
            ),
            actor=opened.user,
            place=opened.kind.stands(opened.user),
        )
        _give_tasks(record, revision, opened.user)
    return revision


def _refuse_gaps(draft: queries.Draft) -> None:
    gaps = [str(draft.fields[key].field.label) for key in NEEDED_TO_SIGN if not draft.body[key]]
    if gaps:
        raise NotPossible(_("签字前要填上：%(fields)s。") % {"fields": "、".join(gaps)})


def _freeze(opened: Opened, record: Record, draft: queries.Draft) -> RecordRevision:
    before = record.revisions.order_by("-number").first()
    revision = RecordRevision(
        record=record,
        number=before.number + 1 if before else 1,
        subject_label=opened.subject.label[:200],
        body=draft.body,
        signed_by=opened.user,
        signed_at=timezone.now(),
    )
    revision.sha256 = queries.hash_of(revision, before.sha256 if before else "")
    revision.save()
    record.state = Record.State.SIGNED
    record.subject_label = revision.subject_label
    record.signed_by, record.signed_at, record.reopened_because = opened.user, revision.signed_at, ""
    record.save(update_fields=["state", "subject_label", "signed_by", "signed_at", "reopened_because"])
    return revision


def reopen(*, opened: Opened, because: str) -> None:
    """A new revision may be signed; the one before stays readable, and its tasks stand until then."""
    with audited("record.reopened", **_about(opened)) as entry:
        opened.require_sign()
        if not because.strip():
            raise NotPossible(_("写上为什么重开，看记录的人会看到。"))
        record = _locked(opened)
        entry.subject_id = record.pk
        if not record.is_signed:
            raise NotPossible(_("这份记录还没有定稿，不用重开。"))
        record.state, record.reopened_because = Record.State.DRAFT, because.strip()[:300]
        record.save(update_fields=["state", "reopened_because"])
        number = queries.newest_revision(record).number
        entry.details.update(revision=number)
        enter(
            events.RecordReopened(subject_id=record.pk, subject_label=record.subject_label, revision=number),
            actor=opened.user,
            place=opened.kind.stands(opened.user),
        )


def _about(opened: Opened) -> dict[str, Any]:
    return {
        "actor": opened.user,
        "subject_kind": SUBJECT,
        "subject_id": opened.record.pk if opened.record else f"{opened.kind.name}:{opened.subject.id}"[:64],
        "subject_label": opened.subject.label,
        "place": opened.kind.concerns(opened.user, opened.subject),
    }


# ---- tasks -----------------------------------------------------------------------------------------------
def _give_tasks(record: Record, revision: RecordRevision, actor: User) -> None:
    """Those of the revision; whoever got one, or whose task changed, is told. Others are withdrawn."""
    rows = {row["key"]: row for row in revision.body["tasks"] if row["task"]}
    known = {task.key: task for task in record.tasks.select_for_update()}
    people = set(User.objects.filter(pk__in=_people_of(rows)).values_list("pk", flat=True))
    for key, row in rows.items():
        task, new = known.get(key) or RecordTask(record=record, key=key), key not in known
        if _take(task, row, people) or new:
            task.save()
            _tell_of(task, actor)
    for key in known.keys() - rows.keys():
        RecordTask.objects.filter(pk=known[key].pk, withdrawn_at__isnull=True).update(
            withdrawn_at=timezone.now()
        )


def _people_of(rows: dict[str, Row]) -> set[int]:
    return {row["person"]["user"] for row in rows.values() if row["person"] and "user" in row["person"]}


def _take(task: RecordTask, row: Row, people: set[int]) -> bool:
    """What the record says of the task. Did it change?"""
    person = row["person"] or {"name": ""}
    user_id = person["user"] if person.get("user") in people else None
    said = {
        "text": row["task"],
        "person_id": user_id,
        "person_name": "" if user_id else person.get("name", "")[:160],
        "due": date.fromisoformat(row["due"]) if row["due"] else None,
        "withdrawn_at": None,
    }
    changed = any(getattr(task, name) != value for name, value in said.items())
    if task.pk and changed and (task.person_id, task.text) != (user_id, row["task"]):
        task.done_at = task.done_by = None
    for name, value in said.items():
        setattr(task, name, value)
    task.changed_at = timezone.now()
    return changed


def _tell_of(task: RecordTask, actor: User) -> None:
    if task.person_id is None or task.person_id == actor.pk:
        return
    words = {"record": task.record.subject_label, "task": task.text}
    notify(
        recipients=[task.person_id],
        kind="record.task",
        text=_("“%(record)s”的记录里有你的任务：%(task)s") % words,
        path=path_of(task),
    )


def path_of(task: RecordTask) -> str:
    return reverse("record-task", args=[task.pk])


def tick_task(*, actor: User, task: RecordTask, done: bool) -> None:
    """By the person it was given to, or whoever signs the record."""
    with transaction.atomic():
        task = RecordTask.objects.select_for_update(of=("self",)).select_related("record").get(pk=task.pk)
        kind = require_task(actor, task)
        if task.withdrawn_at is not None:
            raise NotPossible(_("这项任务取消了，不用做。"))
        if (task.done_at is not None) == done:
            return
        task.done_at, task.done_by = (timezone.now(), actor) if done else (None, None)
        task.changed_at = timezone.now()
        task.save(update_fields=["done_at", "done_by", "changed_at"])
        enter(
            events.RecordTaskTicked(
                subject_id=task.record_id, subject_label=task.record.subject_label, task_id=task.pk, done=done
            ),
            actor=actor,
            place=kind.stands(actor),
        )
        host = task.record.signed_by_id
        if done and host is not None and host != actor.pk:
            words = {"record": task.record.subject_label, "task": task.text}
            notify(
                recipients=[host],
                kind="record.task_done",
                text=_("“%(record)s”的任务完成了：%(task)s") % words,
                path=path_of(task),
            )
