"""Accounts (the subject is the person), memberships, schools, workspaces of centres and prep points (the row)."""

from dataclasses import dataclass

from foundation.ledger.events.event import LedgerEvent


@dataclass(frozen=True, kw_only=True)
class SignedIn(LedgerEvent):
    kind = "account.signed_in"
    subject_kind = "user"
    own_computer: bool


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
