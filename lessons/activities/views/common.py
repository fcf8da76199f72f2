"""What the views of activities share: who asks, which activity, and what is said when something is refused."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.activities.audience import Called, teachers_of
from lessons.activities.forms import CallForm
from lessons.activities.models import PrepActivity, TermPlan
from lessons.activities.policies import ActivityNotFound, Part
from lessons.activities.queries import activity_for
from lessons.activities.term_plan_queries import term_plan_for
from lessons.errors import NotPossible
from lessons.views.common import person as person
from teaching_centres.models import School

Arguments = ParamSpec("Arguments")


def with_activity(
    view: Callable[Concatenate[HttpRequest, PrepActivity, frozenset[Part], Arguments], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Gives the view the activity and what the person is in it; who may not know of it gets a 404."""

    @wraps(view)
    def wrapped(request: HttpRequest, activity_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            activity, parts = activity_for(person(request), activity_id)
            return view(request, activity, parts, *args, **kwargs)
        except ActivityNotFound:
            raise Http404 from None

    return wrapped


def with_term_plan(
    view: Callable[Concatenate[HttpRequest, TermPlan, Arguments], HttpResponse],
) -> Callable[..., HttpResponse]:
    @wraps(view)
    def wrapped(request: HttpRequest, term_plan_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, term_plan_for(person(request), term_plan_id), *args, **kwargs)
        except ActivityNotFound:
            raise Http404 from None

    return wrapped


def pressed(request: HttpRequest, act: Callable[[], Any], done: str, back: Any, *args: Any) -> HttpResponse:
    """Carries out what a button asks for, and says on the page how it went. Who may not is told by the 403 page."""
    try:
        act()
    except NotPossible as refusal:
        messages.error(request, refusal.reason)
    else:
        messages.success(request, done)
    return redirect(back, *args)


def called_in(request: HttpRequest, subject: str) -> tuple[Called, str]:
    """Who is called by a button of the finder, and their name for the answer. Raises NotPossible."""
    form = CallForm(request.POST)
    if not form.is_valid():
        raise NotPossible(_("请再选一次要请的人或学校。"))
    kind, _colon, number = form.cleaned_data["who"].partition(":")
    if kind == "user":
        found = User.objects.filter(pk=number, is_active=True).first()
        if found is None:
            raise NotPossible(_("这个帐号已停用，请换一位。"))
        return {found.pk: None}, found.name
    school = School.objects.filter(pk=number).first()
    if school is None:
        raise NotPossible(_("没有这所学校，请换一所。"))
    return teachers_of(school, subject), school.name
