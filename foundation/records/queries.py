"""Reads of records, as plain dataclasses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger.models import AuditEntry
from foundation.records.form import (
    CURRENT_FORM,
    FORMS,
    Body,
    Cell,
    Field,
    Names,
    Row,
    Value,
    body_of,
    digest,
    field_of,
    ids_in,
    text_of,
)
from foundation.records.models import Record, RecordEdit, RecordRevision, RecordTask, RecordTaskQuerySet
from foundation.records.opened import Opened


def names_of(*contents: Any, ids: Iterable[int] = ()) -> dict[int, str]:
    """The names of everyone in these, as they are called now, in one query."""
    wanted = set(ids).union(*(ids_in(content) for content in contents))
    return dict(User.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


# ---- a draft: what the source says, and what was edited by hand --------------------------------------------
@dataclass(frozen=True)
class DraftField:
    field: Field
    automatic: Value
    newest: RecordEdit | None

    @property
    def by_hand(self) -> bool:
        return self.newest is not None and self.newest.value is not None

    @property
    def value(self) -> Value:
        return self.newest.value if self.newest and self.newest.value is not None else self.automatic

    @property
    def seen(self) -> int:
        """What a form remembers, so that saving it finds whether somebody else was there first."""
        return self.newest.pk if self.newest else 0

    @property
    def source_changed(self) -> bool:
        """Since somebody edited it by hand."""
        return self.by_hand and self.newest is not None and self.newest.automatic != digest(self.automatic)


@dataclass(frozen=True)
class Draft:
    fields: dict[str, DraftField]

    @cached_property
    def body(self) -> Body:
        return {key: each.value for key, each in self.fields.items()}

    @cached_property
    def digest(self) -> str:
        return digest(self.body)


def draft_of(opened: Opened) -> Draft:
    automatic = body_of(opened.kind.assemble(opened.subject))
    newest = _newest_edits(opened.record)
    return Draft(
        {
            field.key: DraftField(field, automatic[field.key], newest.get(field.key))
            for field in FORMS[CURRENT_FORM]
        }
    )


def _newest_edits(record: Record | None) -> dict[str, RecordEdit]:
    if record is None:
        return {}
    newest = RecordEdit.objects.filter(record=record).order_by().values("field").annotate(newest=Max("pk"))
    return {edit.field: edit for edit in RecordEdit.objects.filter(pk__in=newest.values("newest"))}


# ---- as pages show it ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ShownQuestion:
    question: str
    viewpoints: list[str]
    consensus: str


@dataclass(frozen=True)
class Shown:
    """A field with its value in words."""

    field: Field
    rows: list[list[str]]
    questions: list[ShownQuestion]
    draft: DraftField | None = None
    automatic: "Shown | None" = None
    """What the source says now, where that is another text."""
    edited_by: str = ""
    edited_at: datetime | None = None

    @property
    def text(self) -> str:
        """Of a field that is one text or a list of names."""
        return "、".join(row[0] for row in self.rows) if self.field.many else "".join(map("".join, self.rows))

    @property
    def labelled(self) -> list[list[tuple[str, str]]]:
        labels = [str(column.label) for column in self.field.shown]
        return [list(zip(labels, row, strict=True)) for row in self.rows]


def shown_body(body: Body, names: Names, form: int = CURRENT_FORM) -> list[Shown]:
    return [shown_value(field, body.get(field.key, []), names) for field in FORMS[form]]


def shown_value(field: Field, value: Value, names: Names, **more: Any) -> Shown:
    rows = [[text_of(row.get(column.key), column.cell, names) for column in field.shown] for row in value]
    questions = [_question(row, names) for row in value] if field.is_discussion else []
    return Shown(field, rows, questions, **more)


def _question(row: Row, names: Names) -> ShownQuestion:
    said = text_of(row["viewpoints"], Cell.VIEWPOINTS, names)
    return ShownQuestion(row["question"], said.splitlines(), row["consensus"])


def shown_draft(draft: Draft) -> list[Shown]:
    edits = [each.newest for each in draft.fields.values() if each.newest]
    names = names_of(
        draft.body, [each.automatic for each in draft.fields.values()], ids=[edit.by_id for edit in edits]
    )
    return [_shown_field(each, names) for each in draft.fields.values()]


def _shown_field(each: DraftField, names: Names) -> Shown:
    newest = each.newest
    source = shown_value(each.field, each.automatic, names) if each.by_hand else None
    by_hand = newest is not None and each.by_hand
    return shown_value(
        each.field,
        each.value,
        names,
        draft=each,
        automatic=source,
        edited_by=names.get(newest.by_id, "") if by_hand and newest else "",
        edited_at=newest.at if by_hand and newest else None,
    )


# ---- what was signed -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class RevisionLine:
    number: int
    signed_by: str
    signed_at: datetime
    newest: bool


@dataclass(frozen=True)
class SignedRecord:
    revision: RecordRevision
    fields: list[Shown]
    signed_by: str
    intact: bool
    """Does the content still have the hash it was signed with, and the audit trail the same?"""


def revision_lines(record: Record | None) -> list[RevisionLine]:
    """The newest first."""
    if record is None:
        return []
    rows = list(record.revisions.order_by("-number").select_related("signed_by").defer("body"))
    return [RevisionLine(row.number, row.signed_by.name, row.signed_at, row is rows[0]) for row in rows]


def signed_record(revision: RecordRevision) -> SignedRecord:
    names = names_of(revision.body, ids=[revision.signed_by_id])
    return SignedRecord(
        revision,
        shown_body(revision.body, names, revision.form),
        names.get(revision.signed_by_id, ""),
        not what_is_wrong([revision]),
    )


def newest_revision(record: Record) -> RecordRevision:
    return record.revisions.order_by("-number")[0]


def hash_of(revision: RecordRevision, before: str) -> str:
    """Of everything in it, and of the revision before: none can be altered, exchanged or put between."""
    return digest(
        {
            "record": str(revision.record_id),
            "number": revision.number,
            "form": revision.form,
            "subject_label": revision.subject_label,
            "body": revision.body,
            "signed_by": revision.signed_by_id,
            "signed_at": revision.signed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "before": before,
        }
    )


def what_is_wrong(revisions: Iterable[RecordRevision]) -> dict[int, str]:
    """Of these, by id, those that are not as they were signed. Three queries for any number."""
    revisions = list(revisions)
    records = {str(revision.record_id) for revision in revisions}
    entries = AuditEntry.objects.filter(act="record.signed", subject_kind="record", subject_id__in=records)
    entered = {
        (entry.subject_id, entry.details["revision"]): entry.details["sha256"]
        for entry in entries.filter(allowed=True)
        if "revision" in entry.details
    }
    all_of_them = RecordRevision.objects.filter(record_id__in=records)
    hashes = {
        (str(pk), number): sha for pk, number, sha in all_of_them.values_list("record", "number", "sha256")
    }
    wrong = {}
    for revision in revisions:
        key = str(revision.record_id)
        if revision.sha256 != hash_of(revision, hashes.get((key, revision.number - 1), "")):
            wrong[revision.pk] = _("内容与签字时的校验值不符：签字以后被改过。")
        elif entered.get((key, revision.number)) != revision.sha256:
            wrong[revision.pk] = _("校验值与操作记录里的不符：签字以后被改过。")
    return wrong


# ---- tasks -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class TaskLine:
    id: int
    text: str
    person: str
    due: date | None
    done_at: datetime | None
    overdue: bool
    may_tick: bool


def task_lines(opened: Opened, today: date) -> list[TaskLine]:
    """What is still to be done first, by day."""
    if opened.record is None:
        return []
    rows = list(opened.record.tasks.filter(withdrawn_at__isnull=True).by_due().select_related("person"))
    return [
        _task_line(row, today, may_tick=opened.rights.sign or row.person_id == opened.user.pk)
        for row in sorted(rows, key=lambda row: row.done_at is not None)
    ]


def _task_line(row: RecordTask, today: date, *, may_tick: bool) -> TaskLine:
    overdue = row.done_at is None and row.due is not None and row.due < today
    person = row.person.name if row.person else row.person_name
    return TaskLine(row.pk, row.text, person, row.due, row.done_at, overdue, may_tick)


def tasks_of(user: User) -> RecordTaskQuerySet:
    """What someone has still to do."""
    return RecordTask.objects.open().filter(person=user).select_related("record").by_due()


# ---- what was written before ------------------------------------------------------------------------------
@dataclass(frozen=True)
class EarlierEdit:
    by: str
    at: datetime
    shown: Shown | None
    """None: back to what the source says."""


EARLIER_READ = 300


def earlier_edits(record: Record | None) -> dict[str, list[EarlierEdit]]:
    """By field, the newest first."""
    if record is None:
        return {}
    edits = list(record.edits.order_by("-pk").select_related("by")[:EARLIER_READ])
    names = names_of([edit.value for edit in edits])
    found: dict[str, list[EarlierEdit]] = {}
    for edit in edits:
        field = field_of(edit.field)
        if field is not None:
            shown = shown_value(field, edit.value, names) if edit.value is not None else None
            found.setdefault(edit.field, []).append(EarlierEdit(edit.by.name, edit.at, shown))
    return found
