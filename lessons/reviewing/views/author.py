"""The author's page of a plan: hand in, take back, what reviewers said, replies, how far it was recommended."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lessons.comparison import VersionRow, version_choices
from lessons.errors import Denied
from lessons.models import LessonPlan, PlanVersion
from lessons.policies import rights
from lessons.queries import editor_plan, next_version_number
from lessons.reviewing import forms, operations, queries, recommending
from lessons.reviewing.models import Recommendation, Review, Submission
from lessons.reviewing.views.common import Failed, carried_out, pressed
from lessons.versions import label
from lessons.views.common import person, with_plan
from teaching_centres.queries import current_region, current_school


@require_safe
def plan_reviews(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Whoever reviews the plan goes on to the desk, whether or not the plan itself is open to them."""
    submission = Submission.objects.reviewable_by(person(request)).filter(plan=plan_id).first()
    if submission is not None:
        return redirect("review-desk", submission_id=submission.pk)
    return _own(request, plan_id=plan_id)


@with_plan
def _own(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    return page_of_plan(request, plan)


def page_of_plan(request: HttpRequest, plan: LessonPlan, failed: Failed | None = None) -> HttpResponse:
    user = person(request)
    if plan.owner_id != user.pk:
        raise Denied(_("批阅只给教案的主人和批阅的人看。"))
    submission = queries.current_submission(plan)
    context: dict[str, Any] = {
        "plan": editor_plan(plan, rights(user, plan)),
        "submission": submission,
        "handed_in": label(submission.version) if submission else "",
        "changed_since": submission is not None and plan.derived_through_id > submission.version.through_id,
        "unit": current_school(user) or current_region(user),
        "in_school": current_school(user) is not None,
        "next_version": next_version_number(plan),
        "versions": _named(plan),
        "reviews": queries.reviews_of(user, plan),
        "chain": queries.chain_of(user, submission) if submission else None,
        "likeness": queries.figure_of(getattr(submission.version, "similarity", None))
        if submission
        else None,
        "failed": failed,
    }
    return render(request, "lessons/reviewing/plan.html", context, status=422 if failed else 200)


def _named(plan: LessonPlan) -> list[VersionRow]:
    return [row for row in version_choices(plan) if row.number is not None]


@require_POST
@with_plan
def hand_in(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    chosen = request.POST.get("version", "now")
    version = None
    if chosen != "now":
        if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 18):
            raise Http404
        version = get_object_or_404(PlanVersion, plan=plan, pk=chosen)
    return pressed(
        request,
        lambda: operations.hand_in(actor=person(request), plan=plan, version=version),
        _("交上去了。有了批阅，铃会告诉你。"),
        "plan-reviews",
        plan.pk,
    )


@require_POST
@with_plan
def take_back(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    return pressed(
        request,
        lambda: operations.take_back(actor=person(request), plan=plan),
        _("收回来了。批阅的人不能再打开，写过的批阅还在。"),
        "plan-reviews",
        plan.pk,
    )


@require_POST
@with_plan
def reply(request: HttpRequest, plan: LessonPlan, review_id: int) -> HttpResponse:
    review = get_object_or_404(Review, plan=plan, pk=review_id)
    form = forms.ReplyForm(request.POST)
    failed = carried_out(
        form,
        f"reply-{review.pk}",
        request.POST.get("text", ""),
        lambda: operations.reply(
            actor=person(request),
            review=review,
            text=form.cleaned_data["text"],
            revision=form.cleaned_data["revision"],
        ),
    )
    return page_of_plan(request, plan, failed) if failed else redirect("plan-reviews", plan.pk)


@require_POST
@with_plan
def recommendation_answer(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    recommendation = get_object_or_404(
        Recommendation.objects.select_related("submission"),
        submission__plan=plan,
        submission__ended_at__isnull=True,
    )
    agreed = request.POST.get("answer") == "agree"
    text = _("同意了。有了结果，铃会告诉你。") if agreed else _("好，不推荐。教案还是只有原来的人能看。")
    return pressed(
        request,
        lambda: recommending.answer_recommendation(
            actor=person(request), recommendation=recommendation, agreed=agreed
        ),
        text,
        "plan-reviews",
        plan.pk,
    )
