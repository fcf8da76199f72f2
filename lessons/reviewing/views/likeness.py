"""How far a handed-in version resembles earlier plans: for its author and those who review it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lessons.reviewing import forms, operations, queries, similarity
from lessons.reviewing.models import Submission
from lessons.reviewing.views.common import Failed, carried_out, pressed, with_submission
from lessons.views.common import person


@require_safe
@with_submission
def likeness(request: HttpRequest, submission: Submission) -> HttpResponse:
    return _page(request, submission)


def _page(request: HttpRequest, submission: Submission, failed: Failed | None = None) -> HttpResponse:
    user = person(request)
    context = {
        "submission": submission,
        "title": submission.plan.title or _("还没有课题"),
        "is_author": submission.plan.owner_id == user.pk,
        "report": queries.likeness_of(user, submission),
        "too_short": similarity.TOO_SHORT,
        "failed": failed,
    }
    return render(request, "lessons/reviewing/likeness.html", context, status=422 if failed else 200)


@require_POST
@with_submission
def likeness_note(request: HttpRequest, submission: Submission) -> HttpResponse:
    form = forms.NoteForm(request.POST)
    failed = carried_out(
        form,
        "note",
        request.POST.get("text", ""),
        lambda: operations.explain_likeness(
            actor=person(request), submission=submission, text=form.cleaned_data["text"]
        ),
    )
    return _page(request, submission, failed) if failed else redirect("review-likeness", submission.pk)


@require_POST
@with_submission
def likeness_again(request: HttpRequest, submission: Submission) -> HttpResponse:
    return pressed(
        request,
        lambda: operations.compare_again(actor=person(request), submission=submission),
        _("正在重新比，过一会儿刷新。"),
        "review-likeness",
        submission.pk,
    )
