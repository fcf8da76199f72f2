"""城乡结对: lists, one pairing, its plan and what was done."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from teaching_centres.models import School, TeachingCentre
from teaching_centres.policies import Unit
from teaching_centres.queries import centre_of
from teaching_centres.workspace import forms, operations
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.models import Pairing
from teaching_centres.workspace.operations.pairing import path_of
from teaching_centres.workspace.policies import may, may_join_pairing, region_of_pairing, require
from teaching_centres.workspace.queries import pairing as queries
from teaching_centres.workspace.views.common import (
    act_in_centre,
    carried_out,
    done,
    page_in_centre,
    page_in_school,
    person,
    posted,
    pressed,
    with_centre,
    with_school,
)
from teaching_centres.workspace.views.finding import found_schools


@require_safe
@with_centre
def centre_pairings(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    user = person(request)
    require(user, Act.LOOK, centre.region)
    listing = queries.pairings_page(queries.pairings_in(user, centre.region), request.GET.get("page", 1))
    return page_in_centre(
        request,
        centre,
        "pairings",
        "pairings",
        page=listing.page,
        lines=listing.lines,
        may_start=bool(may(user, Act.LEAD, centre.region)),
    )


@require_safe
@with_school
def school_pairings(request: HttpRequest, school: School) -> HttpResponse:
    user = person(request)
    require(user, Act.LOOK, school)
    listing = queries.pairings_page(queries.pairings_of(user, school), request.GET.get("page", 1))
    return page_in_school(
        request, school, "pairing", "school_pairings", page=listing.page, lines=listing.lines
    )


@require_http_methods(["GET", "HEAD", "POST"])
@act_in_centre(Act.LEAD, entry="pairing.started")
def start(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    user = person(request)
    form = forms.PairingForm(posted(request), initial=request.GET.dict() or None)
    made: list[Pairing] = []
    if request.method == "POST" and carried_out(
        form, lambda: made.append(operations.start_pairing(actor=user, **form.cleaned_data))
    ):
        return done(request, _("结对好了，两所学校都会知道。"), path_of(made[0]))
    return page_in_centre(
        request,
        centre,
        "pairings",
        "pairing_new",
        status=422 if form.errors else 200,
        form=form,
        towns=found_schools(request, centre.region, "town", "town"),
        villages=found_schools(request, centre.region, "village", "village"),
    )


def _pairing(request: HttpRequest, pairing_id: int) -> Pairing:
    rows = Pairing.objects.visible_to(person(request))
    rows = rows.select_related("town__county__parent", "village__county__parent")
    return get_object_or_404(rows, pk=pairing_id)


@require_http_methods(["GET", "HEAD", "POST"])
def pairing(request: HttpRequest, pairing_id: int) -> HttpResponse:
    """The plan, what each gave the other. POST logs an activity."""
    user = person(request)
    row = _pairing(request, pairing_id)
    form = forms.ActivityForm(posted(request))
    if request.method == "POST" and carried_out(
        form, lambda: operations.log_activity(pairing=row, actor=user, **form.cleaned_data)
    ):
        return done(request, _("登记好了。"), path_of(row))
    page = queries.activities_page(row, request.GET.get("page", 1))
    context = {
        "pairing": row,
        "line": queries.pairing_lines([row])[0],
        "page": page,
        "form": form,
        "plan_form": forms.PlanForm(initial={"plan": row.plan}),
        "may_log": bool(may_join_pairing(user, row)),
        "may_plan": row.is_current() and bool(may_join_pairing(user, row)),
        "may_end": row.is_current() and bool(may(user, Act.LEAD, region_of_pairing(row.town, row.village))),
    }
    return _page_beside(request, row, context, 422 if form.errors else 200)


def _page_beside(request: HttpRequest, row: Pairing, context: dict[str, object], status: int) -> HttpResponse:
    """Under the head of one's own school, or of the centre."""
    user = person(request)
    own: Unit | None = next(
        (school for school in (row.town, row.village) if may(user, Act.MEASURE, school)), None
    )
    centre = centre_of(row.village.county)
    if own is None and centre is not None:
        return page_in_centre(request, centre, "pairings", "pairing", status, **context)
    school = own if isinstance(own, School) else row.village
    return page_in_school(request, school, "pairing", "pairing", status, **context)


@require_POST
def plan(request: HttpRequest, pairing_id: int) -> HttpResponse:
    row = _pairing(request, pairing_id)
    form = forms.PlanForm(request.POST)
    return pressed(
        request,
        form,
        lambda: operations.change_plan(pairing=row, plan=form.cleaned_data["plan"], actor=person(request)),
        _("计划存好了。"),
        path_of(row),
    )


@require_POST
def end(request: HttpRequest, pairing_id: int) -> HttpResponse:
    row = _pairing(request, pairing_id)
    form = forms.EndForm(request.POST)
    return pressed(
        request,
        form,
        lambda: operations.end_pairing(pairing=row, on=form.cleaned_data["on"], actor=person(request)),
        _("结束了，做过的都留着。"),
        path_of(row),
    )
