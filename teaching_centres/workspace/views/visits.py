"""交流: the register of a centre and of a school, registering, confirming, the table that goes out."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts.models import User
from foundation.ledger.audit import audited
from teaching_centres.models import Region, School, TeachingCentre
from teaching_centres.operations.common import about_unit
from teaching_centres.policies import Unit
from teaching_centres.workspace import forms, operations
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.models import Visit
from teaching_centres.workspace.policies import may, require
from teaching_centres.workspace.queries import exchange as queries
from teaching_centres.workspace.views.common import (
    act_in_centre,
    act_in_school,
    carried_out,
    done,
    page_in_centre,
    page_in_school,
    person,
    posted,
    pressed,
    subject_names,
    with_centre,
    with_school,
)
from teaching_centres.workspace.views.finding import found_people, found_schools

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@with_centre
def centre_visits(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    user = person(request)
    require(user, Act.LOOK, centre.region)
    context = _register(request, queries.visits_in(user, centre.region))
    leads = bool(may(user, Act.LEAD, centre.region))
    new = reverse("centre-visit-new", args=[centre.pk])
    export = reverse("centre-visits-export", args=[centre.pk])
    return page_in_centre(
        request, centre, "visits", "visits", may_register=leads, new=new, export=export, **context
    )


@require_safe
@with_school
def school_visits(request: HttpRequest, school: School) -> HttpResponse:
    user = person(request)
    require(user, Act.LOOK, school)
    context = _register(request, queries.visits_of(user, school))
    leads = bool(may(user, Act.LEAD, school))
    new = reverse("school-visit-new", args=[school.pk])
    export = reverse("school-visits-export", args=[school.pk])
    return page_in_school(
        request, school, "visits", "visits", may_register=leads, new=new, export=export, **context
    )


def _register(request: HttpRequest, rows: QuerySet[Visit]) -> dict[str, Any]:
    user = person(request)
    filters = forms.visit_filters(request.GET)
    rows = filters.apply(rows)
    listing = queries.visits_page(rows, request.GET.get("page", 1))
    here = [visit for visit in listing.page.object_list if may(user, Act.ANSWER, visit.to_school)]
    today = timezone.localdate()
    return {
        "page": listing.page,
        "lines": listing.lines,
        "filters": filters,
        "sums": queries.sums_by_kind(rows),
        "kinds": Visit.Kind.choices,
        "states": Visit.State.choices,
        "may_decide": {visit.pk for visit in here},
        "has_begun": {visit.pk for visit in here if visit.starts <= today},
        "query": request.GET.urlencode(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@act_in_centre(Act.LEAD, entry="visit.registered")
def centre_register(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    user = person(request)
    form = _form(request)
    back = reverse("centre-visits", args=[centre.pk])
    if request.method == "POST" and carried_out(form, lambda: _register_one(user, form)):
        return done(request, _("登记好了，等接收学校确认。"), back)
    return page_in_centre(
        request,
        centre,
        "visits",
        "visit_new",
        status=422 if form.errors else 200,
        back=back,
        **_new(request, centre.region, form),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@act_in_school(Act.LEAD, entry="visit.registered")
def school_register(request: HttpRequest, school: School) -> HttpResponse:
    user = person(request)
    form = _form(request)
    back = reverse("school-visits", args=[school.pk])
    if request.method == "POST" and carried_out(form, lambda: _register_one(user, form)):
        return done(request, _("登记好了，等接收学校确认。"), back)
    return page_in_school(
        request,
        school,
        "visits",
        "visit_new",
        status=422 if form.errors else 200,
        back=back,
        **_new(request, _province_of(school.county), form),
    )


def _province_of(region: Region) -> Region:
    """People come from anywhere in the network."""
    return Region.objects.get(pk=int(region.path.strip("/").split("/")[0]))


def _form(request: HttpRequest) -> forms.VisitForm:
    return forms.VisitForm(posted(request), initial=request.GET.dict())


def _new(request: HttpRequest, region: Region, form: forms.VisitForm) -> dict[str, Any]:
    return {
        "form": form,
        "people": found_people(request, region, "person"),
        "schools": found_schools(request, region, "to_school"),
        "subject_names": subject_names(),
    }


def _register_one(user: User, form: forms.VisitForm) -> None:
    read = form.cleaned_data
    held = read.pop("person")
    operations.register_visit(person=held.user, origin=held.unit, actor=user, **read)


@require_POST
def decide(request: HttpRequest, visit_id: int) -> HttpResponse:
    rows = Visit.objects.visible_to(person(request)).select_related("to_school__county")
    visit = get_object_or_404(rows, pk=visit_id)
    form = forms.DecisionForm(request.POST)
    confirmed = request.POST.get("state") == Visit.State.CONFIRMED
    return pressed(
        request,
        form,
        lambda: operations.decide_visit(visit=visit, actor=person(request), **form.cleaned_data),
        _("确认了。") if confirmed else _("记为不属实，登记的人会知道。"),
        reverse("school-visits", args=[visit.to_school_id]),
    )


# ---- the table -----------------------------------------------------------------------------------------
@never_cache
@require_safe
@with_centre
def centre_export(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    require(person(request), Act.LOOK, centre.region)
    return _export(request, centre.region, queries.visits_in(person(request), centre.region))


@never_cache
@require_safe
@with_school
def school_export(request: HttpRequest, school: School) -> HttpResponse:
    require(person(request), Act.LOOK, school)
    return _export(request, school, queries.visits_of(person(request), school))


def _export(request: HttpRequest, unit: Unit, rows: QuerySet[Visit]) -> HttpResponse:
    rows = forms.visit_filters(request.GET).apply(rows)
    count = min(rows.count(), queries.EXPORT_LIMIT)
    with audited("visit.exported", **about_unit(unit, person(request), rows=count)):
        content = queries.as_xlsx(rows)
    response = HttpResponse(content, content_type=XLSX)
    name = f"visits-{timezone.localdate():%Y%m%d}.xlsx"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
