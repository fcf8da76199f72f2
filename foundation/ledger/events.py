"""The catalogue of events: one frozen dataclass for everything that is recorded.

An event has a kind, a subject (kind, id and label, never a foreign key) and typed data: every further
field of its dataclass. A new event is one class and one line in CATALOGUE; a released kind is never
renamed, and its fields are never removed, because old rows stay.

No personal data and no text of a plan go into `data`: ids and counts only.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the actor stood at the time: kept with the record, so that moving rewrites no history."""

    role: str = ""
    school_id: int | None = None
    region_id: int | None = None
    urban_class: str = ""


NOWHERE = Place()


@dataclass(frozen=True, kw_only=True)
class LedgerEvent:
    kind: ClassVar[str]
    subject_kind: ClassVar[str]
    subject_id: UUID | int
    subject_label: str = ""

    def data(self) -> dict[str, Any]:
        base = {"subject_id", "subject_label"}
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in base}


# ---- accounts: the subject is the person ---------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SignedIn(LedgerEvent):
    kind = "account.signed_in"
    subject_kind = "user"
    own_computer: bool


# ---- teaching centres: the subject is the membership -----------------------------------------------


@dataclass(frozen=True, kw_only=True)
class MembershipStarted(LedgerEvent):
    kind = "membership.started"
    subject_kind = "membership"
    user_id: int
    role: str
    school_id: int | None = None
    region_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class MembershipEnded(LedgerEvent):
    kind = "membership.ended"
    subject_kind = "membership"
    user_id: int
    role: str
    school_id: int | None = None
    region_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class SchoolEvent(LedgerEvent):
    """The subject is the school, also when one of its prep points opens or closes."""

    subject_kind = "school"
    region_id: int


@dataclass(frozen=True, kw_only=True)
class SchoolOpened(SchoolEvent):
    kind = "school.opened"


@dataclass(frozen=True, kw_only=True)
class SchoolChanged(SchoolEvent):
    kind = "school.changed"


@dataclass(frozen=True, kw_only=True)
class SchoolClosed(SchoolEvent):
    kind = "school.closed"


@dataclass(frozen=True, kw_only=True)
class PrepPointOpened(SchoolEvent):
    kind = "prep_point.opened"


@dataclass(frozen=True, kw_only=True)
class PrepPointClosed(SchoolEvent):
    kind = "prep_point.closed"


@dataclass(frozen=True, kw_only=True)
class RegionChanged(LedgerEvent):
    """A region was added, renamed, moved, or got its teaching centre."""

    kind = "region.changed"
    subject_kind = "region"


# ---- workspaces of centres and prep points: the subject is the row ---------------------------------


@dataclass(frozen=True, kw_only=True)
class TaskGiven(LedgerEvent):
    kind = "task.given"
    subject_kind = "task"
    receivers: int


@dataclass(frozen=True, kw_only=True)
class TaskWithdrawn(LedgerEvent):
    kind = "task.withdrawn"
    subject_kind = "task"


@dataclass(frozen=True, kw_only=True)
class TaskHandedIn(LedgerEvent):
    kind = "task.handed_in"
    subject_kind = "task"
    school_id: int | None = None
    region_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class TaskJudged(LedgerEvent):
    """What was handed in was accepted or returned."""

    kind = "task.judged"
    subject_kind = "task"
    verdict: str
    school_id: int | None = None
    region_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class CircularSent(LedgerEvent):
    kind = "circular.sent"
    subject_kind = "circular"
    people: int


@dataclass(frozen=True, kw_only=True)
class CircularRead(LedgerEvent):
    kind = "circular.read"
    subject_kind = "circular"


@dataclass(frozen=True, kw_only=True)
class CircularWithdrawn(LedgerEvent):
    kind = "circular.withdrawn"
    subject_kind = "circular"


@dataclass(frozen=True, kw_only=True)
class ExpertiseEvent(LedgerEvent):
    subject_kind = "expertise"
    user_id: int
    grade: str
    region_id: int


@dataclass(frozen=True, kw_only=True)
class ExpertiseGranted(ExpertiseEvent):
    kind = "expertise.granted"


@dataclass(frozen=True, kw_only=True)
class ExpertiseEnded(ExpertiseEvent):
    kind = "expertise.ended"


@dataclass(frozen=True, kw_only=True)
class WeakSchoolListed(LedgerEvent):
    kind = "support.school_listed"
    subject_kind = "school"
    region_id: int


@dataclass(frozen=True, kw_only=True)
class WeakSchoolUnlisted(LedgerEvent):
    kind = "support.school_unlisted"
    subject_kind = "school"
    region_id: int


@dataclass(frozen=True, kw_only=True)
class TicketOpened(LedgerEvent):
    kind = "ticket.opened"
    subject_kind = "ticket"
    school_id: int
    by_centre: bool


@dataclass(frozen=True, kw_only=True)
class TicketMoved(LedgerEvent):
    """A request for help was taken, answered, closed or reopened."""

    kind = "ticket.moved"
    subject_kind = "ticket"
    school_id: int
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class PairingEvent(LedgerEvent):
    subject_kind = "pairing"
    town_id: int
    village_id: int


@dataclass(frozen=True, kw_only=True)
class PairingStarted(PairingEvent):
    kind = "pairing.started"


@dataclass(frozen=True, kw_only=True)
class PairingEnded(PairingEvent):
    kind = "pairing.ended"


@dataclass(frozen=True, kw_only=True)
class PairingActivityHeld(PairingEvent):
    kind = "pairing.activity_held"
    activity: str
    giver: str
    people: int


@dataclass(frozen=True, kw_only=True)
class VisitEvent(LedgerEvent):
    subject_kind = "visit"
    visit: str
    to_school_id: int
    hours: int


@dataclass(frozen=True, kw_only=True)
class VisitRegistered(VisitEvent):
    kind = "visit.registered"


@dataclass(frozen=True, kw_only=True)
class VisitConfirmed(VisitEvent):
    kind = "visit.confirmed"


@dataclass(frozen=True, kw_only=True)
class LineMeasured(LedgerEvent):
    """The subject is the school."""

    kind = "line.measured"
    subject_kind = "school"
    down_kbit: int | None = None


@dataclass(frozen=True, kw_only=True)
class ExemplarChosen(LedgerEvent):
    """The subject is the plan."""

    kind = "exemplar.chosen"
    subject_kind = "lesson-plan"
    region_id: int


@dataclass(frozen=True, kw_only=True)
class ExemplarRemoved(LedgerEvent):
    kind = "exemplar.removed"
    subject_kind = "lesson-plan"
    region_id: int


@dataclass(frozen=True, kw_only=True)
class CalendarChanged(LedgerEvent):
    """The subject is the unit; `what` is term, days or periods."""

    kind = "calendar.changed"
    subject_kind = "calendar"
    what: str
    region_id: int | None = None
    school_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class TimetableChanged(LedgerEvent):
    """The subject is the teacher."""

    kind = "timetable.changed"
    subject_kind = "timetable"
    school_id: int
    term: str
    cells: int
    imported: bool


@dataclass(frozen=True, kw_only=True)
class LessonChanged(LedgerEvent):
    """The subject is the entry of the timetable; `what` is off, substitute, moved or as_usual."""

    kind = "timetable.lesson_changed"
    subject_kind = "timetable-entry"
    teacher_id: int
    school_id: int
    day: str
    what: str


# ---- lesson plans: the subject is the plan ---------------------------------------------------------


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


# ---- preparation activities: the subject is the activity ---------------------------------------------


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


# ---- lineage: the subject is the own version, or the shared plan for what is sent to it ----------------


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


# ---- records of activities: the subject is the record ----------------------------------------------------


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


# ---- reviewing: the subject is the plan --------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PlanHandedIn(PlanEvent):
    kind = "plan.handed_in"
    version_id: int


@dataclass(frozen=True, kw_only=True)
class PlanTakenBack(PlanEvent):
    kind = "plan.taken_back"
    version_id: int


@dataclass(frozen=True, kw_only=True)
class PlanReviewed(PlanEvent):
    """`rank` is the place of the level among the `levels` that there were; 1 is the best."""

    kind = "plan.reviewed"
    version_id: int
    rank: int
    levels: int


@dataclass(frozen=True, kw_only=True)
class PlanReviewChanged(PlanReviewed):
    kind = "plan.review_changed"


@dataclass(frozen=True, kw_only=True)
class PlanReviewAnswered(PlanEvent):
    kind = "plan.review_answered"
    version_id: int


@dataclass(frozen=True, kw_only=True)
class PlanRecommended(PlanEvent):
    """Put forward to the centre of a region."""

    kind = "plan.recommended"
    version_id: int
    region_id: int


@dataclass(frozen=True, kw_only=True)
class PlanRecommendationAnswered(PlanEvent):
    """By its author."""

    kind = "plan.recommendation_answered"
    version_id: int
    agreed: bool


@dataclass(frozen=True, kw_only=True)
class PlanRecommendationDecided(PlanEvent):
    kind = "plan.recommendation_decided"
    version_id: int
    region_id: int
    accepted: bool


@dataclass(frozen=True, kw_only=True)
class SimilarityExplained(PlanEvent):
    """The author said where the likeness comes from."""

    kind = "plan.similarity_explained"
    version_id: int


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


# ---- plans on paper: the subject is the plan, or the form ----------------------------------------------


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


CATALOGUE: dict[str, type[LedgerEvent]] = {
    event.kind: event
    for event in (
        SignedIn,
        MembershipStarted,
        MembershipEnded,
        SchoolOpened,
        SchoolChanged,
        SchoolClosed,
        PrepPointOpened,
        PrepPointClosed,
        RegionChanged,
        TaskGiven,
        TaskWithdrawn,
        TaskHandedIn,
        TaskJudged,
        CircularSent,
        CircularRead,
        CircularWithdrawn,
        ExpertiseGranted,
        ExpertiseEnded,
        WeakSchoolListed,
        WeakSchoolUnlisted,
        TicketOpened,
        TicketMoved,
        PairingStarted,
        PairingEnded,
        PairingActivityHeld,
        VisitRegistered,
        VisitConfirmed,
        LineMeasured,
        ExemplarChosen,
        ExemplarRemoved,
        CalendarChanged,
        TimetableChanged,
        LessonChanged,
        PlanCreated,
        PlanOpened,
        PlanEdited,
        PlanInvited,
        PlanInvitationChanged,
        PlanInvitationWithdrawn,
        PlanReachChanged,
        PlanStateChanged,
        PlanFactsChanged,
        VersionNamed,
        VersionRestored,
        ImageAdded,
        PlanImported,
        PlanExported,
        WordTemplateAdded,
        WordTemplateRetired,
        WordTemplateBroughtBack,
        PlanForLesson,
        ActivityDrafted,
        ActivityChanged,
        ActivityDiscarded,
        ActivityPeopleChanged,
        ActivityOpened,
        ActivityMoved,
        ActivityAnswered,
        AgendaRaised,
        AgendaDone,
        TermPlanned,
        PlanForked,
        OfferDecided,
        ChangesExplained,
        ContributionSent,
        ContributionWithdrawn,
        ContributionAnswered,
        RecordSigned,
        RecordReopened,
        RecordTaskTicked,
        PlanHandedIn,
        PlanTakenBack,
        PlanReviewed,
        PlanReviewChanged,
        PlanReviewAnswered,
        PlanRecommended,
        PlanRecommendationAnswered,
        PlanRecommendationDecided,
        SimilarityExplained,
        ThreadOpened,
        CommentAdded,
        CommentChanged,
        CommentDeleted,
        ThreadStateChanged,
    )
}
