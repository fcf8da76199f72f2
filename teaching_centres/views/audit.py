"""操作记录: the audit trail of the units one manages."""

from datetime import date

from django import forms
from django.contrib import messages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from foundation.ledger.acts import ACTS
from foundation.ledger.audit import audit
from teaching_centres import audit_trail
from teaching_centres.audit_trail import Filters
from teaching_centres.queries import place_of
from teaching_centres.views.accounts import require_manager

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


WITHIN = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2999, 12, 31))]
"""Days that a moment in our time zone can begin, and that have a next one."""


class FilterForm(forms.Form):
    act = forms.CharField(required=False, max_length=48)
    q = forms.CharField(required=False, max_length=60)
    since = forms.DateField(required=False, validators=WITHIN)
    until = forms.DateField(required=False, validators=WITHIN)
    refused = forms.BooleanField(required=False)


def _filters(values: dict[str, str]) -> Filters:
    """What cannot be read filters nothing."""
    form = FilterForm(values)
    form.is_valid()
    read = form.cleaned_data
    return Filters(
        act=read.get("act", ""),
        text=read.get("q", "").strip(),
        since=read.get("since"),
        until=read.get("until"),
        refused=read.get("refused", False),
    )


@never_cache
@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    user = require_manager(request)
    filters = _filters(request.GET.dict())
    context = {
        "trail": audit_trail.trail(user, filters, number=request.GET.get("page", 1)),
        "filters": filters,
        "acts": [(name, act.label) for name, act in ACTS.items()],
        "limit": audit_trail.EXPORT_LIMIT,
    }
    return render(request, "teaching_centres/audit.html", context)


@never_cache
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    user = require_manager(request)
    rows = audit_trail.entries(user, _filters(request.POST.dict()))
    count = rows.count()
    if count > audit_trail.EXPORT_LIMIT:
        text = _("有 %(count)d 条，一次最多导出 %(limit)d 条。请缩小时间范围，分几次导出。")
        messages.error(request, text % {"count": count, "limit": audit_trail.EXPORT_LIMIT})
        return redirect("audit-trail")
    is_csv = request.POST.get("as") == "csv"
    content = audit_trail.as_csv(rows) if is_csv else audit_trail.as_xlsx(rows)
    place = place_of(user)
    with transaction.atomic():
        audit(
            act="audit.exported",
            actor=user,
            subject_kind="school" if place.school_id else "region",
            subject_id=place.school_id or place.region_id or 0,
            place=place,
            details={"rows": count},
        )
    name = f"audit-{timezone.localdate():%Y%m%d}.{'csv' if is_csv else 'xlsx'}"
    response = HttpResponse(content, content_type="text/csv; charset=utf-8" if is_csv else XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
