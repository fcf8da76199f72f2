"""What the views of plans share: who asks, which plan, and a plan that is not there is a 404."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from foundation.accounts.models import User
from lessons.errors import PlanNotFound
from lessons.models import LessonPlan
from lessons.queries import plan_for

Arguments = ParamSpec("Arguments")


def person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def with_plan(
    view: Callable[Concatenate[HttpRequest, LessonPlan, Arguments], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Gives the view the plan in place of its id; who may not know of it gets a 404."""

    @wraps(view)
    def wrapped(request: HttpRequest, plan_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, plan_for(person(request), plan_id), *args, **kwargs)
        except PlanNotFound:
            raise Http404 from None

    return wrapped
