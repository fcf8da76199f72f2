"""Versions: the list, one of them, side by side, naming and going back."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from foundation.accounts.models import User
from lessons import comparison, forms, policies, queries, versions
from lessons.document import seed
from lessons.models import LessonPlan, PlanVersion
from lessons.views.common import person, with_plan
from realtime import rooms
from teaching_centres.queries import own_card


def _version(plan: LessonPlan, version_id: int) -> PlanVersion:
    return get_object_or_404(PlanVersion, plan=plan, pk=version_id)


@require_safe
@with_plan
def plan_versions(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    rights = policies.rights(person(request), plan)
    page = comparison.version_page(plan, request.GET.get("cursor"))
    context = {
        "plan": queries.editor_plan(plan, rights),
        "page": page,
        "more": f"?{urlencode({'cursor': page.next})}" if page.next else "",
    }
    return render(request, "lessons/versions.html", context)


@require_POST
@with_plan
def plan_version_name(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    """Name a version now: a form on the versions page, or the editor, which wants JSON."""
    form = forms.VersionForm(request.POST)
    name = form.cleaned_data["name"] if form.is_valid() else ""
    version = versions.name_version(actor=person(request), plan=plan, name=name)
    if "text/html" not in request.headers.get("Accept", ""):
        return JsonResponse(
            {"id": version.pk, "number": version.number, "label": versions.label(version)}, status=201
        )
    messages.success(request, _("定好了%(version)s。") % {"version": versions.label(version)})
    return redirect("plan-versions", plan_id=plan.pk)


@require_safe
@ensure_csrf_cookie
@with_plan
def plan_version(request: HttpRequest, plan: LessonPlan, version_id: int) -> HttpResponse:
    """One version, to read. The same script as the comparison renders it, with nothing on the other side."""
    version = _version(plan, version_id)
    rights = policies.rights(person(request), plan)
    context = {
        "plan": queries.editor_plan(plan, rights),
        "version": comparison.version_row(version),
        "compare_data": {**comparison.reading_data(plan, version), "reader": _reader(person(request))},
        "may_fork": version.number is not None and policies.may_create(person(request)),
    }
    return render(request, "lessons/version.html", context)


def _reader(user: User) -> dict[str, Any]:
    """Whose view it is, and which side's ways they see first."""
    return {"id": user.pk, "side": own_card(user).side}


@require_safe
@with_plan
def plan_version_state(request: HttpRequest, plan: LessonPlan, version_id: int) -> HttpResponse:
    return _binary(bytes(_version(plan, version_id).state))


@require_safe
@with_plan
def plan_edge_state(request: HttpRequest, plan: LessonPlan, edge: str) -> HttpResponse:
    """What is neither automatic nor named: "now", and "first", what the plan was created with."""
    if edge == "now":
        return _binary(rooms.state(plan.document).state)
    return _binary(seed(plan.first_content, document=plan.document))


def _binary(state: bytes) -> HttpResponse:
    return HttpResponse(
        state, content_type="application/octet-stream", headers={"Cache-Control": "private, no-cache"}
    )


@require_POST
@with_plan
def plan_version_restore(request: HttpRequest, plan: LessonPlan, version_id: int) -> HttpResponse:
    version = _version(plan, version_id)
    versions.restore_version(actor=person(request), plan=plan, version=version)
    at = date_format(timezone.localtime(version.created_at), "SHORT_DATETIME_FORMAT")
    messages.success(
        request,
        _("已恢复到%(version)s（%(at)s）。恢复前的样子也留成了一版。")
        % {"version": versions.label(version), "at": at},
    )
    return redirect("plan-editor", plan_id=plan.pk)


@require_safe
@ensure_csrf_cookie
@with_plan
def plan_compare(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    older, newer = _two(request, plan)
    data_url = reverse("plan-compare-data", args=[plan.pk])
    query = urlencode({"from": older.pk if older else "first", "to": newer.pk if newer else "now"})
    data = comparison.compare_data(plan, older, newer)
    context = {
        "plan": queries.editor_plan(plan, policies.rights(person(request), plan)),
        "from": data["from"],
        "to": data["to"],
        "versions": comparison.version_choices(plan),
        "compare_data": {**data, "data": f"{data_url}?{query}"},
    }
    return render(request, "lessons/compare.html", context)


@require_safe
@with_plan
def plan_compare_data(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    older, newer = _two(request, plan)
    return JsonResponse(comparison.compare_data(plan, older, newer))


def _two(request: HttpRequest, plan: LessonPlan) -> tuple[PlanVersion | None, PlanVersion | None]:
    """`from` and `to` are ids, or "first" and "now" (None); without `from` it is the last version that differs."""
    given: Any = request.GET
    newer = None if given.get("to", "now") == "now" else _version(plan, _id(given["to"]))
    if given.get("from") == "first":
        return None, newer
    if given.get("from"):
        return _version(plan, _id(given["from"])), newer
    if newer is None:
        return comparison.last_version_that_differs(plan), None
    return comparison.version_before(plan, newer), newer


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Http404
    return int(text)
