"""Lesson plans: the subject is the plan; of lineage the own version, or the shared plan for what is sent to it."""

from dataclasses import dataclass
from uuid import UUID

from foundation.ledger.events.event import LedgerEvent


@dataclass(frozen=True, kw_only=True)
class PlanEvent(LedgerEvent):
    subject_kind = "lesson-plan"


@dataclass(frozen=True, kw_only=True)
class PlanCreated(PlanEvent):
    kind = "plan.created"
    template_id: int | None = None
    textbook_id: int | None = None
    unit_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class PlanOpened(PlanEvent):
    """Once per person, plan and day: give `key=f"{plan.pk}:{user.pk}:{day}"`."""

    kind = "plan.opened"
    access: str


@dataclass(frozen=True, kw_only=True)
class PlanEdited(PlanEvent):
    """One person wrote in one stretch of work that ended with an automatic version."""

    kind = "plan.edited"
    version_id: int


@dataclass(frozen=True, kw_only=True)
class PlanInvited(PlanEvent):
    kind = "plan.invited"
    access: str
    user_id: int | None = None
    school_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class PlanInvitationChanged(PlanEvent):
    kind = "plan.invitation_changed"
    access: str
    user_id: int | None = None
    school_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class PlanInvitationWithdrawn(PlanEvent):
    kind = "plan.invitation_withdrawn"
    user_id: int | None = None
    school_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class PlanReachChanged(PlanEvent):
    kind = "plan.reach_changed"
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class PlanStateChanged(PlanEvent):
    """Archived, deleted or brought back."""

    kind = "plan.state_changed"
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class PlanFactsChanged(PlanEvent):
    """Another textbook or unit was chosen for the plan."""

    kind = "plan.facts_changed"
    textbook_id: int | None = None
    unit_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class VersionNamed(PlanEvent):
    kind = "plan.version_named"
    version_id: int
    number: int


@dataclass(frozen=True, kw_only=True)
class VersionRestored(PlanEvent):
    kind = "plan.version_restored"
    version_id: int


@dataclass(frozen=True, kw_only=True)
class ImageAdded(PlanEvent):
    kind = "plan.image_added"
    file_id: UUID
    size: int


@dataclass(frozen=True, kw_only=True)
class PlanForLesson(PlanEvent):
    """The plan was chosen for a lesson of the timetable."""

    kind = "plan.for_lesson"
    day: str
    period: int


@dataclass(frozen=True, kw_only=True)
class PlanForked(PlanEvent):
    kind = "plan.forked"
    upstream_id: UUID
    version_id: int


@dataclass(frozen=True, kw_only=True)
class OfferDecided(PlanEvent):
    """accept, merge, decline, later or undo; `change`: added, changed, deleted or moved."""

    kind = "plan.offer_decided"
    upstream_id: UUID
    act: str
    change: str


@dataclass(frozen=True, kw_only=True)
class ChangesExplained(PlanEvent):
    """Why parts were changed in a version: how many lines were written."""

    kind = "plan.changes_explained"
    version_id: int
    count: int


@dataclass(frozen=True, kw_only=True)
class ContributionSent(PlanEvent):
    kind = "plan.contribution_sent"
    contribution_id: int


@dataclass(frozen=True, kw_only=True)
class ContributionWithdrawn(PlanEvent):
    kind = "plan.contribution_withdrawn"
    contribution_id: int


@dataclass(frozen=True, kw_only=True)
class ContributionAnswered(PlanEvent):
    """accept, merge or decline."""

    kind = "plan.contribution_answered"
    contribution_id: int
    author_id: int
    answer: str


@dataclass(frozen=True, kw_only=True)
class PlanImported(PlanEvent):
    """The plan was made of a Word file, with so many pictures; so many things could not be carried."""

    kind = "plan.imported"
    pictures: int
    left_out: int


@dataclass(frozen=True, kw_only=True)
class ThreadOpened(PlanEvent):
    """Someone began a thread of comments, or asked a question, about the plan."""

    kind = "plan.thread_opened"
    thread_id: str
    thread_kind: str
    place: str


@dataclass(frozen=True, kw_only=True)
class CommentAdded(PlanEvent):
    """A reply, a viewpoint or a consensus in a thread."""

    kind = "plan.comment_added"
    thread_id: str
    comment_id: int
    comment_kind: str


@dataclass(frozen=True, kw_only=True)
class CommentChanged(PlanEvent):
    kind = "plan.comment_changed"
    thread_id: str
    comment_id: int


@dataclass(frozen=True, kw_only=True)
class CommentDeleted(PlanEvent):
    kind = "plan.comment_deleted"
    thread_id: str
    comment_id: int


@dataclass(frozen=True, kw_only=True)
class ThreadStateChanged(PlanEvent):
    """Settled, or taken up again."""

    kind = "plan.thread_state_changed"
    thread_id: str
    state: str


@dataclass(frozen=True, kw_only=True)
class PlanExported(PlanEvent):
    """Someone took a plan along: `form` is docx, pdf, or zip for one of many."""

    kind = "plan.exported"
    form: str
    version_id: int | None = None
    template_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class WordTemplateEvent(LedgerEvent):
    subject_kind = "word-template"
    region_id: int | None = None
    school_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class WordTemplateAdded(WordTemplateEvent):
    kind = "word_template.added"


@dataclass(frozen=True, kw_only=True)
class WordTemplateRetired(WordTemplateEvent):
    kind = "word_template.retired"


@dataclass(frozen=True, kw_only=True)
class WordTemplateBroughtBack(WordTemplateEvent):
    kind = "word_template.brought_back"
