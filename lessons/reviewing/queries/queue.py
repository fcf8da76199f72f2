"""What was handed in: the list, what narrows it, and where each plan stands in the batch."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.catalogue.models import Subject
from lessons.errors import PlanNotFound
from lessons.models import LessonPlan
from lessons.queries import facts_line
from lessons.reviewing import policies
from lessons.reviewing.models import OpinionPhrase, RecommendationStep, Review, Submission
from lessons.reviewing.queries.likeness import LikenessFigure, figure_of
from lessons.versions import label
from teaching_centres.calendar.models import term_name
from teaching_centres.models import School
from teaching_centres.queries import PersonCard, person_cards
from teaching_centres.workspace.queries.common import Listing, page_of

PAGE_SIZE = 30
SCHOOLS_OFFERED = 200
STATES = ("todo", "done", "all")


@dataclass(frozen=True)
class Filters:
    text: str = ""
    term: str = ""
    subject_id: int | None = None
    grade: int | None = None
    school_id: int | None = None
    state: str = "todo"

    @property
    def any(self) -> bool:
        return bool(self.text or self.term or self.subject_id or self.grade or self.school_id)

    @property
    def query(self) -> str:
        """As an address carries it on; what is usual is left out."""
        given = {
            "q": self.text,
            "term": self.term,
            "subject": self.subject_id,
            "grade": self.grade,
            "school": self.school_id,
            "state": self.state if self.state != "todo" else "",
        }
        return urlencode({name: value for name, value in given.items() if value})


# ---- the queue -------------------------------------------------------------------------------------------
def queue(user: User, filters: Filters) -> QuerySet[Submission]:
    """What this person may review, by everything but its state: the batch, in which reviewed plans keep their place."""
    rows = Submission.objects.reviewable_by(user)
    if filters.text:
        named = Q(plan__title__icontains=filters.text) | Q(plan__owner__name__icontains=filters.text)
        rows = rows.filter(named | Q(school__name__icontains=filters.text))
    if filters.term:
        rows = rows.filter(term=filters.term)
    if filters.subject_id:
        rows = rows.filter(plan__textbook__subject_id=filters.subject_id)
    if filters.grade:
        rows = rows.filter(plan__textbook__grade=filters.grade)
    return rows.filter(school_id=filters.school_id) if filters.school_id else rows


def in_state(user: User, rows: QuerySet[Submission], state: str) -> QuerySet[Submission]:
    mine = Exists(Review.objects.filter(version=OuterRef("version"), reviewer=user))
    if state == "todo":
        return rows.exclude(mine)
    return rows.filter(mine) if state == "done" else rows


@dataclass(frozen=True)
class SubmissionRow:
    """One plan in a list: for those who review it, or for its author."""

    id: int
    plan_id: UUID
    title: str
    facts: str
    owner: PersonCard
    unit: str
    version: str
    handed_in_at: datetime
    ended: str
    mine: str
    """The level that the reader gave; empty: none yet."""
    levels: list[str]
    """All that were given to this version, by whomever."""
    replied: bool
    recommended: str
    likeness: LikenessFigure | None
    is_demo: bool


def review_page(user: User, filters: Filters, number: str | int = 1) -> Listing[SubmissionRow]:
    rows = in_state(user, queue(user, filters), filters.state)
    page = page_of(with_facts(rows), number, PAGE_SIZE)
    return Listing(rows_of(user, page.object_list), page)


def own_page(user: User, number: str | int = 1) -> Listing[SubmissionRow]:
    """What this person handed in, the last first."""
    rows = Submission.objects.filter(plan__owner_id=user.pk).exclude(plan__state=LessonPlan.State.DELETED)
    page = page_of(with_facts(rows.order_by("-id")), number, PAGE_SIZE)
    return Listing(rows_of(user, page.object_list), page)


def with_facts(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    return rows.select_related(
        "plan__textbook__subject", "plan__unit", "school__county", "region", "version", "version__similarity"
    ).defer("plan__first_content", "version__state")


def rows_of(user: User, rows: Iterable[Submission]) -> list[SubmissionRow]:
    rows = list(rows)
    people = person_cards({row.plan.owner_id for row in rows})
    given: dict[int, list[Review]] = {}
    for review in Review.objects.filter(version__in=[row.version_id for row in rows]):
        given.setdefault(review.version_id, []).append(review)
    steps: dict[int, RecommendationStep] = {}
    for step in RecommendationStep.objects.filter(recommendation__submission__in=rows).select_related(
        "centre", "recommendation"
    ):
        steps[step.recommendation.submission_id] = step
    return [
        _row(user, row, people[row.plan.owner_id], given.get(row.version_id, []), steps.get(row.pk))
        for row in rows
    ]


def _row(
    user: User, row: Submission, owner: PersonCard, given: list[Review], step: RecommendationStep | None
) -> SubmissionRow:
    mine = next((review for review in given if review.reviewer_id == user.pk), None)
    return SubmissionRow(
        id=row.pk,
        plan_id=row.plan_id,
        title=row.plan.title or _("还没有课题"),
        facts=facts_line(row.plan),
        owner=owner,
        unit=str(row.unit),
        version=label(row.version),
        handed_in_at=row.handed_in_at,
        ended=row.get_ended_display() if row.ended else "",
        mine=mine.level if mine else "",
        levels=[review.level for review in given],
        replied=bool(mine and mine.replied_at),
        recommended=f"{step.centre} {step.get_state_display()}" if step else "",
        likeness=figure_of(getattr(row.version, "similarity", None)),
        is_demo=row.is_demo,
    )


@dataclass(frozen=True)
class Choices:
    """What the queue can be narrowed to."""

    terms: list[tuple[str, str]]
    subjects: list[Subject]
    schools: list[School]


def choices_for(user: User) -> Choices:
    rows = Submission.objects.reviewable_by(user)
    terms = rows.exclude(term="").order_by("-term").values_list("term", flat=True).distinct()
    subjects = Subject.objects.filter(pk__in=rows.values("plan__textbook__subject"))
    schools = School.objects.filter(pk__in=rows.values("school")).order_by("county__path", "name")
    return Choices(
        [(code, term_name(code)) for code in terms], list(subjects), list(schools[:SCHOOLS_OFFERED])
    )


# ---- the desk: one after the other -----------------------------------------------------------------------
@dataclass(frozen=True)
class Place:
    """Where one plan stands in the batch."""

    position: int
    total: int
    reviewed: int
    previous_id: int | None
    next_id: int | None
    todo_id: int | None
    """The next without a review of mine, after the last again from the first."""


def place_of(user: User, submission: Submission, filters: Filters) -> Place:
    rows = queue(user, filters)
    if not rows.filter(pk=submission.pk).exists():
        rows = Submission.objects.reviewable_by(user)
    todo = in_state(user, rows, "todo").exclude(pk=submission.pk)
    return Place(
        position=rows.filter(pk__lte=submission.pk).count(),
        total=rows.count(),
        reviewed=in_state(user, rows, "done").count(),
        previous_id=_id(rows.filter(pk__lt=submission.pk).order_by("-pk")),
        next_id=_id(rows.filter(pk__gt=submission.pk)),
        todo_id=_id(todo.filter(pk__gt=submission.pk)) or _id(todo),
    )


def _id(rows: QuerySet[Submission]) -> int | None:
    return rows.values_list("pk", flat=True).first()


def first_todo(user: User, filters: Filters) -> int | None:
    return _id(in_state(user, queue(user, filters), "todo"))


def submission_for(user: User, submission_id: int) -> Submission:
    """Raises PlanNotFound for what this person may not know of."""
    rows = with_facts(Submission.objects.filter(pk=submission_id)).select_related(
        "plan__region", "plan__school", "plan__owner"
    )
    submission = rows.first()
    if submission is None:
        raise PlanNotFound
    policies.require_see(user, submission)
    return submission


def current_submission(plan: LessonPlan) -> Submission | None:
    rows = Submission.objects.filter(plan=plan, ended_at__isnull=True)
    return with_facts(rows).select_related("plan__region", "plan__owner").first()


def phrases_of(user: User) -> list[OpinionPhrase]:
    return list(OpinionPhrase.objects.filter(user=user))
