"""学期和作息: when terms begin, which days are off or moved, when the bell rings."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from foundation.accounts.models import User
from teaching_centres.calendar import forms, listing, operations, policies
from teaching_centres.calendar.models import DaysChanged, Term
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.models import Region, School
from teaching_centres.numbers import id_in
from teaching_centres.policies import Unit
from teaching_centres.queries import current_region, current_school
from teaching_centres.views.accounts import actor_of

READ = ["GET", "HEAD", "POST"]


@require_safe
def own(request: HttpRequest) -> HttpResponse:
    unit = current_school(actor_of(request)) or current_region(actor_of(request))
    if unit is None:
        raise Denied(_("你现在没有任职。请联系学校管理员。"))
    return redirect(listing.address_of(unit))


@require_http_methods(READ)
def of_region(request: HttpRequest, region_id: int) -> HttpResponse:
    return _page(request, get_object_or_404(Region, pk=region_id))


@require_http_methods(READ)
def of_school(request: HttpRequest, school_id: int) -> HttpResponse:
    return _page(request, get_object_or_404(School.objects.select_related("county"), pk=school_id))


def _page(request: HttpRequest, unit: Unit) -> HttpResponse:
    user = actor_of(request)
    if not policies.may_see_calendar(user, unit):
        raise Http404
    today = timezone.localdate()
    bound: dict[str, Any] = {}
    if request.method == "POST":
        act = ACTS.get(request.POST.get("do", ""))
        if act is None:
            raise Http404
        done = act(request, user, unit, bound)
        if done:
            messages.success(request, done)
            return redirect(listing.address_of(unit))
    page = listing.calendar_page(unit, today)
    context = {
        "page": page,
        "may_change": bool(policies.may_change_calendar(user, unit)),
        "term_form": bound.get("term") or forms.TermForm(year=_school_year(today)),
        "days_form": bound.get("days") or forms.DaysForm(),
        "periods_error": bound.get("periods", ""),
        "since": request.POST.get("since") or today.isoformat(),
        "rows": _rows(request, page) if bound.get("periods") else listing.rows_of_periods(page.times),
    }
    refused = any(bound.values())
    return render(request, "teaching_centres/calendar/calendar.html", context, status=422 if refused else 200)


def _school_year(day: date) -> int:
    return day.year if day.month >= 8 else day.year - 1


def _rows(request: HttpRequest, page: listing.CalendarPage) -> list[tuple[int, str, str]]:
    given = zip(request.POST.getlist("starts"), request.POST.getlist("ends"), strict=False)
    return [(number, starts, ends) for number, (starts, ends) in enumerate(given, start=1)]


# ---- what the page's forms do: a sentence when done, "" when refused ----------------------------------
Act = Callable[[HttpRequest, User, Unit, dict[str, Any]], str]


def _set_term(request: HttpRequest, user: User, unit: Unit, bound: dict[str, Any]) -> str:
    if not isinstance(unit, Region):
        raise Http404
    form = bound["term"] = forms.TermForm(request.POST, year=_school_year(timezone.localdate()))
    if form.is_valid():
        try:
            operations.set_term(actor=user, region=unit, **form.cleaned_data)
        except NotPossible as refusal:
            form.add_error("starts", refusal.reason)
        else:
            return _("学期设好了，下级单位没有另设的都按这个。")
    return ""


def _remove_term(request: HttpRequest, user: User, unit: Unit, bound: dict[str, Any]) -> str:
    term = get_object_or_404(Term, pk=_id(request), region=unit.pk if isinstance(unit, Region) else None)
    operations.remove_term(actor=user, term=term)
    return _("删去了，现在按上级的。")


def _change_days(request: HttpRequest, user: User, unit: Unit, bound: dict[str, Any]) -> str:
    form = bound["days"] = forms.DaysForm(request.POST)
    if form.is_valid():
        try:
            operations.change_days(actor=user, unit=unit, **form.cleaned_data)
        except NotPossible as refusal:
            form.add_error("starts", refusal.reason)
        else:
            return _("记下了，课表和日历跟着变。")
    return ""


def _remove_days(request: HttpRequest, user: User, unit: Unit, bound: dict[str, Any]) -> str:
    days = get_object_or_404(DaysChanged, pk=_id(request), **listing.of_unit(unit))
    operations.remove_changed_days(actor=user, days=days)
    return _("删去了。")


def _set_periods(request: HttpRequest, user: User, unit: Unit, bound: dict[str, Any]) -> str:
    try:
        since = forms.day_from(request.POST.get("since", ""), timezone.localdate())
        operations.set_periods(actor=user, unit=unit, since=since, times=forms.times_from(request.POST))
    except NotPossible as refusal:
        bound["periods"] = refusal.reason
        return ""
    return _("作息时间存好了。")


def _remove_periods(request: HttpRequest, user: User, unit: Unit, bound: dict[str, Any]) -> str:
    since = forms.day_from(request.POST.get("since", ""), date.min)
    operations.remove_periods(actor=user, unit=unit, since=since)
    return _("删去了，现在按上级的。")


def _id(request: HttpRequest) -> int:
    found = id_in(request.POST.get("id", ""))
    if found is None:
        raise Http404
    return found


ACTS: dict[str, Act] = {
    "term": _set_term,
    "remove_term": _remove_term,
    "days": _change_days,
    "remove_days": _remove_days,
    "periods": _set_periods,
    "remove_periods": _remove_periods,
}
