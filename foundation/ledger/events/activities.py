"""Preparation activities, term plans and records: the subject is the activity, the plan of the term, the record."""

from dataclasses import dataclass
from uuid import UUID

from foundation.ledger.events.event import LedgerEvent


@dataclass(frozen=True, kw_only=True)
class ActivityEvent(LedgerEvent):
    subject_kind = "prep-activity"


@dataclass(frozen=True, kw_only=True)
class ActivityDrafted(ActivityEvent):
    kind = "activity.drafted"
    catalogue_subject_id: int
    grade: int
    from_term_plan: bool


@dataclass(frozen=True, kw_only=True)
class ActivityChanged(ActivityEvent):
    """`what`: the names of the fields, with commas between."""

    kind = "activity.changed"
    what: str


@dataclass(frozen=True, kw_only=True)
class ActivityDiscarded(ActivityEvent):
    """A draft that nobody but its leader saw."""

    kind = "activity.discarded"


@dataclass(frozen=True, kw_only=True)
class ActivityPeopleChanged(ActivityEvent):
    kind = "activity.people_changed"
    added: int
    removed: int


@dataclass(frozen=True, kw_only=True)
class ActivityOpened(ActivityEvent):
    kind = "activity.opened"
    plan_id: UUID
    members: int
    schools: int


@dataclass(frozen=True, kw_only=True)
class ActivityMoved(ActivityEvent):
    """To another stage, closed, or open again."""

    kind = "activity.moved"
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ActivityAnswered(ActivityEvent):
    """A member received the shared plan, declined it, or is on leave."""

    kind = "activity.answered"
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class AgendaRaised(ActivityEvent):
    kind = "activity.agenda_raised"
    item_id: int


@dataclass(frozen=True, kw_only=True)
class AgendaDone(ActivityEvent):
    kind = "activity.agenda_done"
    item_id: int


@dataclass(frozen=True, kw_only=True)
class TermPlanned(LedgerEvent):
    """The subject is the term plan; `what` is made, rows, people, imported or removed."""

    kind = "term_plan.changed"
    subject_kind = "term-plan"
    what: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class RecordEvent(LedgerEvent):
    subject_kind = "record"


@dataclass(frozen=True, kw_only=True)
class RecordSigned(RecordEvent):
    kind = "record.signed"
    revision: int


@dataclass(frozen=True, kw_only=True)
class RecordReopened(RecordEvent):
    kind = "record.reopened"
    revision: int


@dataclass(frozen=True, kw_only=True)
class RecordTaskTicked(RecordEvent):
    """A task of the record was done, or turned out not to be."""

    kind = "record.task_ticked"
    task_id: int
    done: bool
