"""Reads for the pages of reviewing: plain data, a fixed number of queries however long a list is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.catalogue.models import Subject
from lessons.errors import PlanNotFound
from lessons.models import LessonPlan, PlanVersion
from lessons.queries import facts_line
from lessons.reviewing import policies
from lessons.reviewing.models import (
    EarlierReview,
    Likeness,
    OpinionPhrase,
    Recommendation,
    RecommendationStep,
    Review,
    Similarity,
    Submission,
)
from lessons.reviewing.recommending import next_centre
from lessons.versions import label
from teaching_centres.calendar.models import term_name
from teaching_centres.models import School
from teaching_centres.policies import allowed
from teaching_centres.queries import PersonCard, person_cards
from teaching_centres.roles import Verb
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
    likeness: "LikenessFigure | None"
    is_demo: bool


@dataclass(frozen=True)
class LikenessFigure:
    state: str
    percent: int = 0
    known: int = 0
    unknown: int = 0
    """Percent each, of the letters written."""


def review_page(user: User, filters: Filters, number: str | int = 1) -> Listing[SubmissionRow]:
    rows = in_state(user, queue(user, filters), filters.state)
    page = page_of(_with_facts(rows), number, PAGE_SIZE)
    return Listing(_rows(user, page.object_list), page)


def own_page(user: User, number: str | int = 1) -> Listing[SubmissionRow]:
    """What this person handed in, the last first."""
    rows = Submission.objects.filter(plan__owner_id=user.pk).exclude(plan__state=LessonPlan.State.DELETED)
    page = page_of(_with_facts(rows.order_by("-id")), number, PAGE_SIZE)
    return Listing(_rows(user, page.object_list), page)


def _with_facts(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    return rows.select_related(
        "plan__textbook__subject", "plan__unit", "school__county", "region", "version", "version__similarity"
    ).defer("plan__first_content", "version__state")


def _rows(user: User, rows: Iterable[Submission]) -> list[SubmissionRow]:
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


def figure_of(found: Similarity | None) -> LikenessFigure | None:
    if found is None:
        return None
    if found.state != Similarity.State.DONE:
        return LikenessFigure(found.state)
    known, unknown = (_percent(part, found.characters) for part in (found.known, found.unknown))
    return LikenessFigure(
        found.state, _percent(found.known + found.unknown, found.characters), known, unknown
    )


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


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
    rows = _with_facts(Submission.objects.filter(pk=submission_id)).select_related(
        "plan__region", "plan__school", "plan__owner"
    )
    submission = rows.first()
    if submission is None:
        raise PlanNotFound
    policies.require_see(user, submission)
    return submission


def current_submission(plan: LessonPlan) -> Submission | None:
    rows = Submission.objects.filter(plan=plan, ended_at__isnull=True)
    return _with_facts(rows).select_related("plan__region", "plan__owner").first()


def phrases_of(user: User) -> list[OpinionPhrase]:
    return list(OpinionPhrase.objects.filter(user=user))


# ---- reviews ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ReviewLine:
    id: int
    plan_id: UUID
    title: str
    version_id: int
    version: str
    reviewer: PersonCard
    mine: bool
    level: str
    rank: int
    opinion: str
    revision: int
    given_at: datetime
    earlier: list[EarlierReview]
    reply: str
    replied_by: PersonCard | None
    replied_at: datetime | None
    may_reply: bool

    @property
    def id_text(self) -> str:
        return str(self.id)


def reviews_of(user: User, plan: LessonPlan) -> list[ReviewLine]:
    """All on the plan, whatever the version, the last first."""
    return review_lines(user, Review.objects.visible_to(user).filter(plan=plan))


def given_page(user: User, number: str | int = 1) -> Listing[ReviewLine]:
    """What this person said of others' plans: one's own words stay one's own to read."""
    page = page_of(Review.objects.filter(reviewer=user), number, PAGE_SIZE)
    return Listing(review_lines(user, page.object_list), page)


def review_lines(user: User, rows: Iterable[Review]) -> list[ReviewLine]:
    assert isinstance(rows, QuerySet)
    found = list(
        rows.select_related("plan", "version")
        .defer("plan__first_content", "version__state")
        .prefetch_related(Prefetch("earlier"))
    )
    people = person_cards({pk for row in found for pk in (row.reviewer_id, row.replied_by_id) if pk})
    return [
        ReviewLine(
            id=row.pk,
            plan_id=row.plan_id,
            title=row.plan.title or _("还没有课题"),
            version_id=row.version_id,
            version=label(row.version),
            reviewer=people[row.reviewer_id],
            mine=row.reviewer_id == user.pk,
            level=row.level,
            rank=row.rank,
            opinion=row.opinion,
            revision=row.revision,
            given_at=row.given_at,
            earlier=list(row.earlier.all()),
            reply=row.reply,
            replied_by=people.get(row.replied_by_id or 0),
            replied_at=row.replied_at,
            may_reply=row.plan.owner_id == user.pk and row.replied_at is None,
        )
        for row in found
    ]


# ---- recommendations -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class StepLine:
    id: int
    centre: str
    state: str
    state_name: str
    by: PersonCard
    at: datetime
    reason: str
    decided_by: PersonCard | None
    decided_at: datetime | None
    decision: str
    may_decide: bool

    @property
    def id_text(self) -> str:
        return str(self.id)


@dataclass(frozen=True)
class Chain:
    """How far a handed-in version has come, and what this person may do about it."""

    consent: str
    consent_name: str
    steps: list[StepLine]
    next_centre: str
    """Where this person may put it forward to; empty: nowhere."""

    @property
    def top(self) -> str:
        """The highest centre that accepted it."""
        return next((step.centre for step in reversed(self.steps) if step.state == "accepted"), "")


def chain_of(user: User, submission: Submission) -> Chain | None:
    recommendation = (
        Recommendation.objects.visible_to(user)
        .filter(submission=submission)
        .select_related("submission__plan__region", "submission__school__county", "submission__region")
        .first()
    )
    if recommendation is None:
        return None
    steps = list(recommendation.steps.select_related("centre__region"))
    people = person_cards({pk for step in steps for pk in (step.put_forward_by_id, step.decided_by_id) if pk})
    for step in steps:
        step.recommendation = recommendation
    above = next_centre(recommendation)
    forward = above is not None and bool(allowed(user, Verb.REVIEW, steps[-1].centre.region))
    forward = forward and bool(policies.may_review(user, submission))
    return Chain(
        consent=recommendation.consent,
        consent_name=str(recommendation.get_consent_display()),
        steps=[_step(user, step, people) for step in steps],
        next_centre=str(above) if forward else "",
    )


def _step(user: User, step: RecommendationStep, people: dict[int, PersonCard]) -> StepLine:
    return StepLine(
        id=step.pk,
        centre=str(step.centre),
        state=step.state,
        state_name=str(step.get_state_display()),
        by=people[step.put_forward_by_id],
        at=step.put_forward_at,
        reason=step.reason,
        decided_by=people.get(step.decided_by_id or 0),
        decided_at=step.decided_at,
        decision=step.decision,
        may_decide=bool(policies.may_decide(user, step)),
    )


@dataclass(frozen=True)
class WaitingStep:
    submission: SubmissionRow
    step: StepLine


def waiting_page(user: User, number: str | int = 1) -> Listing[WaitingStep]:
    """What was recommended to the centres where this person decides, the longest waiting first."""
    rows = RecommendationStep.objects.waiting_for(user).select_related("centre__region", "recommendation")
    page = page_of(rows, number, PAGE_SIZE)
    steps = list(page.object_list)
    ids = [step.recommendation.submission_id for step in steps]
    submissions = {row.pk: row for row in _with_facts(Submission.objects.filter(pk__in=ids))}
    lines = {row.id: row for row in _rows(user, submissions.values())}
    people = person_cards({step.put_forward_by_id for step in steps})
    for step in steps:
        step.recommendation.submission = submissions[step.recommendation.submission_id]
    return Listing(
        [WaitingStep(lines[step.recommendation.submission_id], _step(user, step, people)) for step in steps],
        page,
    )


# ---- likeness --------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class LikenessLine:
    """One earlier plan. Who may not read it sees how much is shared, and not whose it is."""

    source: str
    source_name: str
    known: bool
    percent: int
    title: str
    owner: PersonCard | None
    version: str
    at: datetime
    path_id: UUID | None
    """To open it; only for those who may read the plan itself."""
    passages: list[list[str]]


@dataclass(frozen=True)
class LikenessReport:
    figure: LikenessFigure
    characters: int
    compared_with: int
    lines: list[LikenessLine]
    note: str
    noted_at: datetime | None


def likeness_of(user: User, submission: Submission) -> LikenessReport | None:
    found = Similarity.objects.filter(version=submission.version_id).first()
    figure = figure_of(found)
    if found is None or figure is None:
        return None
    rows = list(
        Likeness.objects.filter(similarity=found)
        .select_related("version__plan")
        .defer("version__state", "version__plan__first_content")
    )
    ids = {row.version.plan_id for row in rows}
    readable = set(LessonPlan.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    handed_in = Submission.objects.reviewable_by(user).filter(version__in=[row.version_id for row in rows])
    reviewed = set(handed_in.values_list("version_id", flat=True))
    people = person_cards({row.version.plan.owner_id for row in rows})
    return LikenessReport(
        figure=figure,
        characters=found.characters,
        compared_with=found.compared_with,
        lines=[
            _likeness(
                row,
                found,
                people,
                reads=row.version.plan_id in readable,
                shown=row.version.plan_id in readable or row.version_id in reviewed,
            )
            for row in rows
        ],
        note=found.note,
        noted_at=found.noted_at,
    )


def _likeness(
    row: Likeness, found: Similarity, people: dict[int, PersonCard], *, reads: bool, shown: bool
) -> LikenessLine:
    version: PlanVersion = row.version
    return LikenessLine(
        source=row.source,
        source_name=str(row.get_source_display()),
        known=row.source != Likeness.Source.UNKNOWN,
        percent=_percent(row.characters, found.characters),
        title=version.plan.title if shown else "",
        owner=people[version.plan.owner_id] if shown else None,
        version=label(version) if shown else "",
        at=version.created_at,
        path_id=version.plan_id if reads else None,
        passages=[[here, there if shown else ""] for here, there in row.passages],
    )
