"""Activities as spreadsheets."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lessons.activities import exporting, forms
from lessons.activities.models import PrepActivity
from lessons.activities.policies import Part
from lessons.activities.views.activities import TABS
from lessons.activities.views.common import person, with_activity

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@never_cache
@require_safe
def activity_export(request: HttpRequest) -> HttpResponse:
    tab = next((tab for tab in TABS if tab == request.GET.get("tab")), TABS[0])
    content = exporting.export_list(person(request), tab, forms.filters_from(request.GET))
    return xlsx(content, _("备课活动"))


@never_cache
@require_safe
@with_activity
def activity_people_export(
    request: HttpRequest, activity: PrepActivity, parts: frozenset[Part]
) -> HttpResponse:
    return xlsx(exporting.export_one(person(request), activity), activity.theme)


def xlsx(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}.xlsx', safe='')}"
    return response
