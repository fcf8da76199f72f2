"""Recommending upward: school → county → prefecture → province. The author is asked once, before anyone above reads it.

A centre that accepts makes the plan its exemplar, and the plan is opened that far: this is what the author agrees to.
"""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.audit import audited
from foundation.ledger.operations import record
from foundation.notices.operations import notify
from lessons import operations as plans
from lessons.models import Exemplar, LessonPlan
from lessons.reviewing import policies
from lessons.reviewing.models import Recommendation, RecommendationStep, Submission
from lessons.workspace.operations import choose_exemplar
from lessons.workspace.queries import is_shared_with
from teaching_centres.errors import NotPossible
from teaching_centres.models import Membership, Region, TeachingCentre
from teaching_centres.operations.common import about_unit
from teaching_centres.policies import require
from teaching_centres.queries import place_of
from teaching_centres.roles import UnitKind, Verb, roles_in, verbs_of

State, Consent = RecommendationStep.State, Recommendation.Consent
REACH_OF = {depth: reach for reach, depth in LessonPlan.DEPTH_OF_REACH.items()}


# ---- whereto ---------------------------------------------------------------------------------------------
def centres_above(submission: Submission, after: TeachingCentre | None = None) -> list[TeachingCentre]:
    """The centres that a plan may still go to, the nearest first: those that its author and the plan both belong to."""
    start = submission.school.county if submission.school else submission.region
    assert start is not None
    home = submission.plan.region.path
    ids = [int(step) for step in start.path.strip("/").split("/")]
    centres = TeachingCentre.objects.filter(region_id__in=ids).select_related("region")
    found = [centre for centre in centres if home.startswith(centre.region.path)]
    if after is not None:
        found = [centre for centre in found if len(centre.region.path) < len(after.region.path)]
    return sorted(found, key=lambda centre: -len(centre.region.path))


def next_centre(recommendation: Recommendation) -> TeachingCentre | None:
    """Where it may be put forward to now; none while a step waits, after it was declined, or at the top."""
    last = recommendation.steps.select_related("centre__region").order_by("-id").first()
    if last is not None and last.state != State.ACCEPTED:
        return None
    return next(iter(centres_above(recommendation.submission, last.centre if last else None)), None)


# ---- recommending ----------------------------------------------------------------------------------------
@transaction.atomic
def recommend(*, actor: User, submission: Submission, reason: str) -> Recommendation:
    """Whoever reviews it where it was handed in. It goes on its way when the author has agreed."""
    submission = _locked(submission)
    policies.require_review(actor, submission)
    if Recommendation.objects.filter(submission=submission).exists():
        raise NotPossible(_("这一版已经有人推荐。"))
    centre = next(iter(centres_above(submission)), None)
    if centre is None:
        raise NotPossible(_("上面还没有备课中心，没有地方可推荐。"))
    recommendation = Recommendation.objects.create(submission=submission)
    _put_forward(actor, recommendation, centre, reason)
    notify(
        recipients=[submission.plan.owner_id],
        kind="recommendation.asked",
        text=_("有人想把《%(title)s》推荐到%(centre)s，等你同意")
        % {"title": submission.plan.title, "centre": centre},
        path=reverse("plan-reviews", args=[submission.plan_id]),
    )
    return recommendation


@transaction.atomic
def answer_recommendation(*, actor: User, recommendation: Recommendation, agreed: bool) -> None:
    """The author's consent: to be recommended, and that the plan is opened as far as it is accepted."""
    submission = _locked(recommendation.submission)
    policies.require_author(actor, submission.plan)
    recommendation = Recommendation.objects.select_for_update().get(pk=recommendation.pk)
    if submission.ended_at is not None:
        raise NotPossible(_("这一版已经收回，推荐也停了。"))
    if recommendation.consent == Consent.GIVEN:
        raise NotPossible(_("你已经同意了。不想再推荐，就把教案收回。"))
    recommendation.consent = Consent.GIVEN if agreed else Consent.REFUSED
    recommendation.consent_at = timezone.now()
    recommendation.save(update_fields=["consent", "consent_at"])
    _record(actor, submission, events.PlanRecommendationAnswered, agreed=agreed)
    step = recommendation.steps.select_related("centre__region").order_by("-id")[0]
    notify(
        recipients={step.put_forward_by_id} - {actor.pk},
        kind="recommendation.decided",
        text=(_("《%(title)s》的作者同意推荐") if agreed else _("《%(title)s》的作者不同意推荐"))
        % {"title": submission.plan.title},
        path=reverse("review-desk", args=[submission.pk]),
    )
    if agreed:
        _tell_centre(step, submission)


@transaction.atomic
def put_forward(*, actor: User, recommendation: Recommendation, reason: str) -> RecommendationStep:
    """From a centre that accepted it to the next above: whoever reviews in that centre's region."""
    submission = _locked(recommendation.submission)
    policies.require_review(actor, submission)
    centre = next_centre(recommendation)
    last = recommendation.steps.select_related("centre__region").order_by("-id").first()
    if centre is None or last is None:
        raise NotPossible(_("现在不能再往上推荐：上一步还没有结果，或者已经到顶。"))
    require(actor, Verb.REVIEW, last.centre.region)
    step = _put_forward(actor, recommendation, centre, reason)
    _tell_centre(step, submission)
    return step


def decide(*, actor: User, step: RecommendationStep, accepted: bool, reason: str) -> RecommendationStep:
    """Accepting makes it an exemplar of the centre, and opens the plan to the centre's region if it was not."""
    region = step.centre.region
    verdict = "accepted" if accepted else "declined"
    about = about_unit(region, actor, step_id=step.pk, verdict=verdict)
    with audited("recommendation.decided", **about):
        submission = _locked(step.recommendation.submission)
        step = _locked_step(step)
        policies.require_see(actor, submission)
        require(actor, Verb.REVIEW, region)
        decision = policies.may_decide(actor, step)
        if not decision:
            raise NotPossible(decision.reason)
        if not reason.strip():
            raise NotPossible(_("写一句理由，作者和推荐的人都看得到。"))
        step.state = State.ACCEPTED if accepted else State.DECLINED
        step.decided_by, step.decided_at, step.decision = actor, timezone.now(), reason.strip()
        if accepted:
            step.exemplar = _make_exemplar(actor, submission.plan, step)
        step.save(update_fields=["state", "decided_by", "decided_at", "decision", "exemplar"])
        _record(actor, submission, events.PlanRecommendationDecided, region_id=region.pk, accepted=accepted)
        _tell_decided(actor, step, submission)
    return step


def _make_exemplar(actor: User, plan: LessonPlan, step: RecommendationStep) -> Exemplar:
    centre = step.centre
    if plan.state != LessonPlan.State.ACTIVE:
        raise NotPossible(_("作者把这份教案归档了，现在不能选为范例。"))
    if not is_shared_with(plan, centre.region):
        plans.widen_reach(actor=actor, plan=plan, reach=_reach_of(centre.region))
    chosen = Exemplar.objects.current().filter(centre=centre, plan=plan).first()
    return chosen or choose_exemplar(centre=centre, plan=plan, reason=step.decision, actor=actor)


def _reach_of(region: Region) -> LessonPlan.Reach:
    return LessonPlan.Reach(REACH_OF[len(region.path.strip("/").split("/"))])


# ---- inside ----------------------------------------------------------------------------------------------
def _put_forward(
    actor: User, recommendation: Recommendation, centre: TeachingCentre, reason: str
) -> RecommendationStep:
    if not reason.strip():
        raise NotPossible(_("写一句好在哪里，上面的人才知道看什么。"))
    step = RecommendationStep.objects.create(
        recommendation=recommendation, centre=centre, put_forward_by=actor, reason=reason.strip()
    )
    _record(actor, recommendation.submission, events.PlanRecommended, region_id=centre.region_id)
    return step


def _locked(submission: Submission) -> Submission:
    rows = Submission.objects.select_for_update(of=("self",))
    return rows.select_related("plan__region", "school__county", "region").get(pk=submission.pk)


def _locked_step(step: RecommendationStep) -> RecommendationStep:
    rows = RecommendationStep.objects.select_for_update(of=("self",)).select_related(
        "centre__region",
        "recommendation__submission__plan",
        "recommendation__submission__school__county",
        "recommendation__submission__region",
    )
    return rows.get(pk=step.pk)


def _tell_centre(step: RecommendationStep, submission: Submission) -> None:
    roles = [role for role in roles_in(UnitKind.REGION) if Verb.REVIEW in verbs_of(role, UnitKind.REGION)]
    held = Membership.objects.current().filter(region=step.centre.region, role__in=roles)
    notify(
        recipients=set(held.values_list("user_id", flat=True)) - {submission.plan.owner_id},
        kind="recommendation.waiting",
        text=_("有推荐到%(centre)s的教案等你看") % {"centre": step.centre},
        path=reverse("review-list") + "?tab=recommended",
    )


def _tell_decided(actor: User, step: RecommendationStep, submission: Submission) -> None:
    accepted = step.state == State.ACCEPTED
    words = _("接受了推荐的《%(title)s》") if accepted else _("没有接受推荐的《%(title)s》")
    text = str(step.centre) + words % {"title": submission.plan.title}
    told = {step.put_forward_by_id} - {actor.pk, submission.plan.owner_id}
    notify(
        recipients=told,
        kind="recommendation.decided",
        text=text,
        path=reverse("review-desk", args=[submission.pk]),
    )
    if not accepted:  # that it was accepted, the author hears as an exemplar
        notify(
            recipients=[submission.plan.owner_id],
            kind="recommendation.decided",
            text=text,
            path=reverse("plan-reviews", args=[submission.plan_id]),
        )


def _record(actor: User, submission: Submission, kind: type[events.PlanEvent], **data: int | bool) -> None:
    plan = submission.plan
    event = kind(subject_id=plan.pk, subject_label=plan.title, version_id=submission.version_id, **data)  # type: ignore[call-arg]
    record(event, actor=actor, place=place_of(actor))
