"""范例 of a centre, 教案 of a school by subject and week."""

from datetime import date
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.catalogue.models import Subject
from lessons.errors import PlanNotFound
from lessons.models import LessonPlan
from lessons.queries import plan_for
from lessons.workspace import operations, queries
from lessons.workspace.models import Exemplar
from teaching_centres.models import School, TeachingCentre
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.policies import may, require
from teaching_centres.workspace.views.common import (
    act_in_centre,
    page_in_centre,
    page_in_school,
    person,
    pressed,
    with_centre,
    with_school,
)

GRADES = [(number, "一二三四五六七八九"[number - 1] + "年级") for number in range(1, 10)]


class ChooseForm(forms.Form):
    plan = forms.UUIDField(error_messages={"required": gettext_lazy("选一份教案。")})
    reason = forms.CharField(
        max_length=300, error_messages={"required": gettext_lazy("写一句好在哪里，别人才知道学什么。")}
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@require_safe
@with_centre
def exemplars(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    user = person(request)
    filters = queries.ExemplarFilters(
        _number(request.GET.get("subject", "")), _number(request.GET.get("grade", ""))
    )
    listing = queries.exemplars_page(
        queries.exemplars_of(user, centre, filters), user, request.GET.get("page", 1)
    )
    return page_in_centre(
        request,
        centre,
        "exemplars",
        "lessons/workspace/exemplars.html",
        page=listing.page,
        lines=listing.lines,
        filters=filters,
        subjects=Subject.objects.filter(textbooks__isnull=False).distinct(),
        grades=GRADES,
        may_choose=bool(may(user, Act.CHOOSE, centre.region)),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@act_in_centre(Act.CHOOSE, entry="exemplar.chosen")
def choose(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    """Plans shared with the region, to choose from. POST chooses one."""
    user = person(request)
    if request.method == "POST":
        form = ChooseForm(request.POST)
        return pressed(
            request,
            form,
            lambda: operations.choose_exemplar(
                centre=centre,
                plan=_plan(request, form.cleaned_data["plan"]),
                reason=form.cleaned_data["reason"],
                actor=user,
            ),
            _("选为范例了，主人会收到消息。"),
            reverse("centre-exemplars", args=[centre.pk]),
        )
    text = request.GET.get("q", "").strip()[:40]
    return page_in_centre(
        request,
        centre,
        "exemplars",
        "lessons/workspace/exemplar_new.html",
        text=text,
        plans=queries.may_be_chosen(user, centre, text),
    )


def _plan(request: HttpRequest, plan_id: UUID) -> LessonPlan:
    try:
        return plan_for(person(request), plan_id)
    except PlanNotFound:
        raise Http404 from None


@require_POST
@act_in_centre(Act.CHOOSE, entry="exemplar.removed")
def remove(request: HttpRequest, centre: TeachingCentre, exemplar_id: int) -> HttpResponse:
    rows = Exemplar.objects.visible_to(person(request)).select_related("centre__region", "plan")
    row = get_object_or_404(rows, pk=exemplar_id, centre=centre)
    return pressed(
        request,
        forms.Form({}),
        lambda: operations.remove_exemplar(exemplar=row, actor=person(request)),
        _("不再是范例了，教案还在原处。"),
        reverse("centre-exemplars", args=[centre.pk]),
    )


@require_safe
@with_school
def school_plans(request: HttpRequest, school: School) -> HttpResponse:
    user = person(request)
    require(user, Act.LOOK, school)
    figures = queries.school_plans(school, _day(request.GET.get("week", "")))
    listing = queries.readable_in_week(user, school, figures.week, request.GET.get("page", 1))
    return page_in_school(
        request,
        school,
        "plans",
        "lessons/workspace/school_plans.html",
        plans=figures,
        page=listing.page,
        lines=listing.lines,
        readable=listing.page.paginator.count,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
