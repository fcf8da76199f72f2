"""看整周, and the plan for one lesson of it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lessons import planning, policies
from lessons.errors import PlanNotFound
from lessons.queries import plan_for
from lessons.today import days_of
from lessons.views.common import person
from teaching_centres.calendar.days import monday
from teaching_centres.calendar.queries import Lesson, lessons_of, teaching_schools
from teaching_centres.errors import Denied


@never_cache
@require_safe
def week(request: HttpRequest) -> HttpResponse:
    """Every lesson of a week with its plan."""
    user, now = person(request), timezone.localtime()
    if not teaching_schools(user):
        raise Denied(_("这一页是任课教师的。你现在没有在学校任教。"))
    first = monday(_day(request.GET.get("day", ""), now.date()))
    lessons = planning.with_plans(user, lessons_of(user, first, first + timedelta(days=6)), now)
    context = {
        "days": days_of(lessons, first, now.date()),
        "first": first,
        "last": first + timedelta(days=6),
        "before": first - timedelta(days=7),
        "after": first + timedelta(days=7),
        "this_week": first == monday(now.date()),
        "any": bool(lessons),
    }
    return render(request, "lessons/week.html", context)


def _day(text: str, fallback: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return fallback
    return day if 2000 <= day.year < 2100 else fallback


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lesson_plan(request: HttpRequest, day: date, period: int) -> HttpResponse:
    """Choose the plan for a lesson: one of the fitting ones, a new one, or none after all."""
    user = person(request)
    lesson = planning.lesson_at(user, day, period)
    if lesson is None:
        raise Http404
    if request.method == "POST":
        return _choose(request, lesson)
    [taught] = planning.with_plans(user, [lesson], timezone.localtime())
    context: dict[str, Any] = {
        "taught": taught,
        "lesson": lesson,
        "offered": planning.offered_for(user, lesson),
        "may_create": policies.may_create(user),
        "new": f"{reverse('plan-create')}?lesson={day.isoformat()}-{period}",
    }
    return render(request, "lessons/lesson.html", context)


def _choose(request: HttpRequest, lesson: Lesson) -> HttpResponse:
    user, (day, period) = person(request), lesson.origin
    if request.POST.get("do") == "none":
        planning.unplan_lesson(actor=user, day=day, period=period)
        messages.success(request, _("这节课现在没有教案。"))
        return redirect("lesson-plan", day=day, period=period)
    try:
        plan = plan_for(user, UUID(request.POST.get("plan", "")))
    except (PlanNotFound, ValueError):
        raise Http404 from None
    planning.plan_lesson(actor=user, day=day, period=period, plan=plan)
    messages.success(request, _("这节课用《%(title)s》。") % {"title": plan.title})
    return redirect("plan-editor", plan_id=plan.pk)
