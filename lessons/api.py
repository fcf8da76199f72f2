"""Lesson plans over the API."""

from typing import Literal
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema

from foundation.accounts.models import User
from foundation.api import paging
from lessons.discussion.api import router as discussion
from lessons.models import LessonPlan
from lessons.queries import access_of

router = Router(tags=["lesson-plans"])
router.add_router("/{uuid:plan_id}/threads", discussion)
ORDER = ("-edited_at", "id")


class PlanOut(Schema):
    id: UUID
    title: str
    access: Literal["read", "comment", "write"]
    socket: str


class PlanPageOut(Schema):
    items: list[PlanOut]
    next: str | None


@router.get("/", response=PlanPageOut, summary=_("我能看的教案"))
def list_plans(
    request: HttpRequest,
    cursor: str | None = None,
    limit: int = Query(paging.DEFAULT_LIMIT, ge=1, le=paging.MAX_LIMIT),
) -> PlanPageOut:
    """Every plan that I may see, the last edited first; the same as the lists on the pages."""
    user = _person(request)
    plans = LessonPlan.objects.visible_to(user).with_rights(user).defer("first_content", "outline")
    page = paging.page(plans, order=ORDER, cursor=cursor, limit=limit)
    return PlanPageOut(items=[_out(plan) for plan in page.items], next=page.next)


@router.get("/{uuid:plan_id}", response=PlanOut, summary=_("一份教案"))
def get_plan(request: HttpRequest, plan_id: UUID) -> PlanOut:
    user = _person(request)
    plan = LessonPlan.objects.visible_to(user).with_rights(user).filter(pk=plan_id).first()
    if plan is None:
        raise Http404
    return _out(plan)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _out(plan: LessonPlan) -> PlanOut:
    return PlanOut(id=plan.pk, title=plan.title, access=access_of(plan), socket=plan.socket)
