"""May this person review, see, decide? The pairs of the row filters in models.

Reviewing needs the author's act: handing in opens that one version to whoever reviews in the unit, and nothing
else. A draft that was not handed in is opened to no reviewer (docs/decisions/0017-review.md).
"""

from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.errors import Denied, PlanNotFound
from lessons.models import LessonPlan
from lessons.reviewing.models import Recommendation, RecommendationStep, Review, Submission
from teaching_centres.policies import Decision, allowed
from teaching_centres.roles import Verb


def may_review(user: User, submission: Submission) -> Decision:
    if submission.ended_at is not None or submission.plan.state == LessonPlan.State.DELETED:
        return Decision(False, _("作者已经收回，或者换了新的一版。"))
    if submission.plan.owner_id == user.pk:
        return Decision(False, _("自己的教案请别人批阅。"))
    return allowed(user, Verb.REVIEW, submission.unit)


def may_see(user: User, submission: Submission) -> bool:
    own = user.is_active and submission.plan.owner_id == user.pk
    return own or bool(may_review(user, submission))


def may_see_review(user: User, review: Review) -> bool:
    if not user.is_active:
        return False
    if user.pk in (review.reviewer_id, review.plan.owner_id):
        return True
    now = (
        Submission.objects.current()
        .filter(plan=review.plan)
        .select_related("plan", "school__county", "region")
    )
    return any(may_review(user, submission) for submission in now)


def may_decide(user: User, step: RecommendationStep) -> Decision:
    """Accept or decline: whoever reviews in the centre's region, and may read what was handed in."""
    recommendation = step.recommendation
    if step.state != RecommendationStep.State.WAITING:
        return Decision(False, _("这一步已经有了结果。"))
    if recommendation.consent != Recommendation.Consent.GIVEN:
        return Decision(False, _("作者还没有同意推荐。"))
    reads = may_review(user, recommendation.submission)
    return allowed(user, Verb.REVIEW, step.centre.region) if reads else reads


def require_see(user: User, submission: Submission) -> None:
    if not may_see(user, submission):
        raise PlanNotFound


def require_review(user: User, submission: Submission) -> None:
    """What someone may not even see does not exist for them."""
    require_see(user, submission)
    decision = may_review(user, submission)
    if not decision:
        raise Denied(decision.reason)


def require_author(user: User, plan: LessonPlan) -> None:
    if plan.owner_id != user.pk or not user.is_active:
        raise Denied(_("只有教案的主人能交上去、收回和回复。"))
