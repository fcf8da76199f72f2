"""The lists of records of a centre and of a school, and their tables."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from foundation.ledger.audit import audited
from lessons.records import queries
from teaching_centres.models import School, TeachingCentre
from teaching_centres.operations.common import about_unit
from teaching_centres.policies import Unit
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.policies import require
from teaching_centres.workspace.views.common import (
    page_in_centre,
    page_in_school,
    person,
    with_centre,
    with_school,
)
from teaching_centres.workspace.views.visits import XLSX

TEMPLATE = "lessons/records/list.html"


@require_safe
@with_centre
def centre_records(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    export = reverse("centre-records-export", args=[centre.pk])
    context = _list(request, centre.region, export)
    return page_in_centre(request, centre, "records", TEMPLATE, **context)


@require_safe
@with_school
def school_records(request: HttpRequest, school: School) -> HttpResponse:
    require(person(request), Act.LOOK, school)
    export = reverse("school-records-export", args=[school.pk])
    return page_in_school(request, school, "records", TEMPLATE, **_list(request, school, export))


def _filters(request: HttpRequest, unit: Unit) -> queries.Filters:
    return queries.filters_of(unit, request.GET.get("term", ""), request.GET.get("subject", ""))


def _list(request: HttpRequest, unit: Unit, export: str) -> dict[str, Any]:
    user, filters = person(request), _filters(request, unit)
    listing = queries.records_page(queries.records_of(user, unit, filters), request.GET.get("page", 1))
    return {
        "page": listing.page,
        "lines": listing.lines,
        "filters": filters,
        "subjects": queries.subjects_of(user, unit),
        "export": export,
        "query": request.GET.urlencode(),
    }


@never_cache
@require_safe
@with_centre
def centre_export(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    return _export(request, centre.region)


@never_cache
@require_safe
@with_school
def school_export(request: HttpRequest, school: School) -> HttpResponse:
    require(person(request), Act.LOOK, school)
    return _export(request, school)


def _export(request: HttpRequest, unit: Unit) -> HttpResponse:
    user = person(request)
    with audited("record.exported", **about_unit(unit, user)) as entry:
        rows = queries.records_of(user, unit, _filters(request, unit))
        content, entry.details["rows"] = queries.as_xlsx(rows)
    response = HttpResponse(content, content_type=XLSX)
    name = f"records-{timezone.localdate():%Y%m%d}.xlsx"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
