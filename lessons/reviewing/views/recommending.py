"""Recommending from the desk, and deciding on what was recommended."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lessons.reviewing import forms, recommending
from lessons.reviewing.models import Recommendation, RecommendationStep, Submission
from lessons.reviewing.views.common import carried_out, with_submission
from lessons.reviewing.views.desk import page_of_desk, page_of_list
from lessons.views.common import person


@require_POST
@with_submission
def recommend(request: HttpRequest, submission: Submission) -> HttpResponse:
    form = forms.ReasonForm(request.POST)
    failed = carried_out(
        form,
        "recommend",
        request.POST.get("reason", ""),
        lambda: recommending.recommend(
            actor=person(request), submission=submission, reason=form.cleaned_data["reason"]
        ),
    )
    if failed:
        return page_of_desk(request, submission, failed=failed)
    messages.success(request, _("推荐了。作者同意以后，上面的备课中心会看到。"))
    return redirect("review-desk", submission.pk)


@require_POST
@with_submission
def put_forward(request: HttpRequest, submission: Submission) -> HttpResponse:
    recommendation = get_object_or_404(Recommendation, submission=submission)
    form = forms.ReasonForm(request.POST)
    failed = carried_out(
        form,
        "recommend",
        request.POST.get("reason", ""),
        lambda: recommending.put_forward(
            actor=person(request), recommendation=recommendation, reason=form.cleaned_data["reason"]
        ),
    )
    if failed:
        return page_of_desk(request, submission, failed=failed)
    messages.success(request, _("推荐到上一级了。"))
    return redirect("review-desk", submission.pk)


@require_POST
@with_submission
def decide(request: HttpRequest, submission: Submission, step_id: int) -> HttpResponse:
    """From the list of what was recommended, or from the desk."""
    rows = RecommendationStep.objects.select_related("centre__region", "recommendation__submission")
    step = get_object_or_404(rows, pk=step_id, recommendation__submission=submission)
    form = forms.DecisionForm(request.POST)
    from_list = request.POST.get("from") == "list"
    accepted = request.POST.get("answer") == "accepted"
    failed = carried_out(
        form,
        f"step-{step.pk}",
        request.POST.get("reason", ""),
        lambda: recommending.decide(
            actor=person(request), step=step, accepted=accepted, reason=form.cleaned_data["reason"]
        ),
    )
    if failed:
        step.refresh_from_db(fields=["state"])
        if step.state == RecommendationStep.State.WAITING:
            if from_list:
                return page_of_list(request, tab="recommended", failed=failed)
            return page_of_desk(request, submission, failed=failed)
        messages.error(request, failed.reason)  # its form is no longer there
    else:
        messages.success(
            request, _("接受了，成了这里的范例。") if accepted else _("没有接受，理由告诉了作者和推荐的人。")
        )
    if from_list:
        return redirect(reverse("review-list") + "?tab=recommended")
    return redirect("review-desk", submission.pk)
