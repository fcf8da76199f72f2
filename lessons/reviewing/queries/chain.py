"""How far a plan was recommended, and what waits for whom."""

from dataclasses import dataclass
from datetime import datetime

from foundation.accounts.models import User
from lessons.reviewing import policies
from lessons.reviewing.models import Recommendation, RecommendationStep, Submission
from lessons.reviewing.queries.queue import PAGE_SIZE, SubmissionRow, rows_of, with_facts
from lessons.reviewing.recommending import next_centre
from teaching_centres.policies import allowed
from teaching_centres.queries import PersonCard, person_cards
from teaching_centres.roles import Verb
from teaching_centres.workspace.queries.common import Listing, page_of


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
    submissions = {row.pk: row for row in with_facts(Submission.objects.filter(pk__in=ids))}
    lines = {row.id: row for row in rows_of(user, submissions.values())}
    people = person_cards({step.put_forward_by_id for step in steps})
    for step in steps:
        step.recommendation.submission = submissions[step.recommendation.submission_id]
    return Listing(
        [WaitingStep(lines[step.recommendation.submission_id], _step(user, step, people)) for step in steps],
        page,
    )
