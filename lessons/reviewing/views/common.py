"""What the pages of reviewing share: which submission, and what was refused, said where it was sent from."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from lessons.errors import NotPossible, PlanNotFound
from lessons.reviewing.forms import first_error
from lessons.reviewing.models import Submission
from lessons.reviewing.queries import submission_for
from lessons.views.common import person
from teaching_centres.errors import NotPossible as NotPossibleHere

Arguments = ParamSpec("Arguments")
SubmissionView = Callable[Concatenate[HttpRequest, Submission, Arguments], HttpResponse]


@dataclass(frozen=True)
class Failed:
    """A form that was refused: the page shows it again with what was typed."""

    where: str
    text: str
    reason: str


def with_submission(view: SubmissionView[Arguments]) -> Callable[..., HttpResponse]:
    """Gives the view the submission in place of its id; who may not know of it gets a 404."""

    @wraps(view)
    def wrapped(request: HttpRequest, submission_id: int, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, submission_for(person(request), submission_id), *args, **kwargs)
        except PlanNotFound:
            raise Http404 from None

    return wrapped


def carried_out(form: forms.Form, where: str, text: str, act: Callable[[], Any]) -> Failed | None:
    """None where it was done. Who lacks the right is told on a page of its own."""
    if not form.is_valid():
        return Failed(where, text, first_error(form))
    try:
        act()
    except (NotPossible, NotPossibleHere) as refused:
        return Failed(where, text, refused.reason)
    return None


def pressed(request: HttpRequest, act: Callable[[], Any], text: str, *to: Any) -> HttpResponse:
    """A button without anything typed: what came of it is said at the top of the page."""
    failed = carried_out(forms.Form({}), "", "", act)
    if failed:
        messages.error(request, failed.reason)
    else:
        messages.success(request, text)
    return redirect(*to)
