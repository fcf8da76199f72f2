"""名册: the table in and out: an empty form, the present roster, an upload, its preview, its confirmation."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.ledger.audit import audit
from foundation.office import tables
from foundation.office.tables import Refused
from teaching_centres.errors import NotPossible
from teaching_centres.models import RosterImport
from teaching_centres.queries import place_of
from teaching_centres.roster import forms, imports, listing
from teaching_centres.roster.jobs import percent_of
from teaching_centres.roster.sheets import ABOUT, SHEETS
from teaching_centres.views.accounts import actor_of, require_manager

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LINES_ON_A_PAGE = 50
RECENT = 20


# ---- the table out -------------------------------------------------------------------------------------
@require_safe
def form(request: HttpRequest) -> HttpResponse:
    require_manager(request)
    return _file(tables.write(SHEETS, about=ABOUT), _("名册空表"))


@never_cache
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The present roster, to be changed and brought back. Names leave the platform: that is entered."""
    user = require_manager(request)
    schools, people = listing.as_table(user)
    content = tables.write(SHEETS, {"schools": schools, "people": people}, about=ABOUT)
    details = {"kind": "roster", "rows": len(schools) + len(people)}
    about: dict[str, Any] = {
        "actor": user,
        "subject_kind": "roster",
        "subject_id": "",
        "place": place_of(user),
    }
    with transaction.atomic():
        audit(act="roster.exported", details=details, **about)
    return _file(content, _("名册"))


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    day = timezone.localdate().isoformat()
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}-{day}.xlsx')}"
    return response


# ---- the table in --------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def uploads(request: HttpRequest) -> HttpResponse:
    user = require_manager(request)
    upload = forms.UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and upload.is_valid():
        file = upload.cleaned_data["file"]
        try:
            tables.refuse_size(file.size)
            found = imports.begin(actor=user, file_name=file.name or "", content=file.read())
            return redirect("roster-import", found.pk)
        except Refused as refused:
            upload.add_error("file", refused.message.said(_))
    context = {
        "form": upload,
        "recent": imports.imports_of(user)[:RECENT],
        "tab": "imports",
    }
    return render(request, "teaching_centres/roster/imports.html", context)


@never_cache
@require_safe
def upload(request: HttpRequest, import_id: UUID) -> HttpResponse:
    found = _own(request, import_id)
    return render(request, "teaching_centres/roster/import.html", _context(request, found))


@never_cache
@require_safe
def upload_state(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The part that asks again while a job works; when it is done, the page is loaded anew."""
    found = _own(request, import_id)
    if found.state not in RosterImport.WAITING_FOR_A_JOB:
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    return render(request, "teaching_centres/roster/partials/progress.html", _progress(found))


def _progress(found: RosterImport) -> dict[str, Any]:
    return {"found": found, "percent": percent_of(found.pk)}


def _context(request: HttpRequest, found: RosterImport) -> dict[str, Any]:
    draft = getattr(found, "draft", None)
    lines = draft.changes if draft else []
    kinds = request.GET.get("kind", "")
    chosen = [line for line in lines if not kinds or line["kind"] == kinds]
    return {
        **_progress(found),
        "working": found.state in RosterImport.WAITING_FOR_A_JOB,
        "reason": found.reason[0] and _(found.reason[0]) % found.reason[1] if found.reason else "",
        "troubles": [_said(row) for row in draft.troubles] if draft else [],
        "notes": [_said(row) for row in draft.notes] if draft else [],
        "page": Paginator(chosen, LINES_ON_A_PAGE).get_page(request.GET.get("page", 1)),
        "figures": _figures(found),
        "kind": kinds,
        "kinds": _kinds(lines),
        "renames": found.counts.get("rename_changed", 0),
        "tab": "imports",
    }


def _said(row: list[Any]) -> dict[str, str]:
    sheet, cell, text, values = row
    return {"sheet": sheet, "cell": cell, "message": _(text) % values}


def _figures(found: RosterImport) -> list[dict[str, Any]]:
    """One line for each kind of thing: new, changed, as it was."""
    words = (
        ("school", _("学校")),
        ("person", _("人员")),
        ("membership", _("任职")),
        ("leave", _("离岗")),
    )
    counts = found.counts
    lines = []
    for kind, word in words:
        changed = counts.get(f"{kind}_changed", 0) + (
            counts.get("rename_changed", 0) if kind == "person" else 0
        )
        line = {
            "kind": word,
            "new": counts.get(f"{kind}_new", 0),
            "changed": changed,
            "ended": counts.get(f"{kind}_ended", 0),
            "unchanged": counts.get(f"{kind}_unchanged", 0),
        }
        if any(value for key, value in line.items() if key != "kind"):
            lines.append(line)
    return lines


def _kinds(lines: list[dict[str, Any]]) -> list[tuple[str, str]]:
    words = {
        "school": _("学校"),
        "person": _("新的人"),
        "rename": _("改名"),
        "membership": _("任职"),
        "leave": _("离岗"),
    }
    present = {line["kind"] for line in lines}
    return [(kind, word) for kind, word in words.items() if kind in present]


# ---- decided -------------------------------------------------------------------------------------------
@require_POST
def confirm(request: HttpRequest, import_id: UUID) -> HttpResponse:
    found = _own(request, import_id)
    try:
        imports.confirm(
            roster_import=found, actor=actor_of(request), renames=request.POST.get("renames") == "on"
        )
    except NotPossible as refusal:
        messages.error(request, refusal.reason)
    return redirect("roster-import", import_id)


@require_POST
def drop(request: HttpRequest, import_id: UUID) -> HttpResponse:
    found = _own(request, import_id)
    try:
        imports.drop(roster_import=found, actor=actor_of(request))
    except NotPossible as refusal:
        messages.error(request, refusal.reason)
        return redirect("roster-import", import_id)
    messages.success(request, _("放弃了，什么都没有改。"))
    return redirect("roster-imports")


@require_POST
def again(request: HttpRequest, import_id: UUID) -> HttpResponse:
    found = _own(request, import_id)
    try:
        imports.read_again(roster_import=found, actor=actor_of(request))
    except NotPossible as refusal:
        messages.error(request, refusal.reason)
    return redirect("roster-import", import_id)


def _own(request: HttpRequest, import_id: UUID) -> RosterImport:
    """Only who began it sees it: names are in it."""
    user = require_manager(request)
    return get_object_or_404(imports.imports_of(user).select_related("draft"), pk=import_id)
