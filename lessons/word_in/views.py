"""从 Word 导入: choose files, look at what was read, make plans of them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lessons import policies, queries
from lessons.errors import NotPossible
from lessons.forms import catalogue_choices
from lessons.models import PlanTemplate, WordImport
from lessons.views.common import person
from lessons.views.plans import template_option
from lessons.word_in import operations
from lessons.word_in.forms import PlansForm, UploadForm
from lessons.word_in.operations import Given, Wanted
from lessons.word_in.preview import html_of, left, preview_of, reason_of

State = WordImport.State
RECENT = 10


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def uploads(request: HttpRequest) -> HttpResponse:
    user = person(request)
    policies.require_create(user)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        files = [Given(each.name or "", each.read()) for each in form.cleaned_data["word_files"]]
        return redirect("word-in-batch", operations.begin(actor=user, files=files))
    recent = operations.imports_of(user).filter(state__in=(State.READING, State.READY, State.DONE))
    context = {"form": form, "recent": recent.defer("content", "document")[:RECENT]}
    return render(request, "lessons/word_in/upload.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: HttpRequest, batch: UUID) -> HttpResponse:
    user = person(request)
    policies.require_create(user)
    imports = _batch(request, batch)
    ready = [each for each in imports if each.state == State.READY]
    templates = queries.templates_for(user)
    form = None
    if request.method == "POST":
        form = PlansForm(request.POST, templates=templates, imports=ready)
        if form.is_valid():
            made = _make(request, form)
            if made is not None:
                return made
            return redirect("word-in-batch", batch)
    context = _context(request, batch, imports, templates, form)
    return render(request, "lessons/word_in/batch.html", context, status=422 if form and form.errors else 200)


def _make(request: HttpRequest, form: PlansForm) -> HttpResponse | None:
    given = form.cleaned_data
    wanted = [Wanted(each.pk, title) for each, title in form.titles().items()]
    try:
        plans = operations.make_plans(
            actor=person(request),
            wanted=wanted,
            template=given["template"],
            textbook=given["textbook"],
            unit=given["unit"],
        )
    except NotPossible as refusal:
        messages.error(request, refusal.reason)
        return None
    left_out = sum(len(each.left_out) for each in form.titles())
    if left_out:
        messages.info(request, _("有 %d 处没有带过来，列在“从 Word 导入”里，7 天内看得到。") % left_out)
    if len(plans) == 1:
        return redirect("plan-editor", plans[0].pk)
    said = ngettext("建成了 %d 份教案。", "建成了 %d 份教案。", len(plans)) % len(plans)
    messages.success(request, said)
    return None


@never_cache
@require_safe
def batch_state(request: HttpRequest, batch: UUID) -> HttpResponse:
    """The part that asks again while files are read; when all are, the page is loaded anew."""
    imports = _batch(request, batch)
    if not any(each.state == State.READING for each in imports):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "lessons/word_in/partials/progress.html", _progress(batch, imports))


@never_cache
@require_safe
def preview(request: HttpRequest, batch: UUID, import_id: UUID) -> HttpResponse:
    """All of the text of one file, as it was read."""
    found = get_object_or_404(
        operations.imports_of(person(request)).defer("content"), pk=import_id, batch=batch, state=State.READY
    )
    context = {
        "found": found,
        "batch": batch,
        "sections": html_of(found),
        "left_out": [left(row) for row in found.left_out],
    }
    return render(request, "lessons/word_in/preview.html", context)


@require_POST
def drop(request: HttpRequest, batch: UUID) -> HttpResponse:
    _batch(request, batch)
    operations.drop(actor=person(request), batch=batch)
    messages.success(request, _("不导了，传上来的文件已经删除。"))
    return redirect("plan-list")


def _batch(request: HttpRequest, batch: UUID) -> list[WordImport]:
    """One's own files of a batch, in their order; somebody else's are not there."""
    found = operations.imports_of(person(request)).filter(batch=batch).exclude(state=State.DROPPED)
    imports = list(found.select_related("plan").defer("content", "plan__first_content").order_by("position"))
    if not imports:
        raise Http404
    return imports


def _progress(batch: UUID, imports: list[WordImport]) -> dict[str, Any]:
    read = sum(each.state != State.READING for each in imports)
    return {
        "batch": batch,
        "read": read,
        "count": len(imports),
        "working": read < len(imports),
        "percent": 100 * read // len(imports),
    }


def _context(
    request: HttpRequest,
    batch: UUID,
    imports: list[WordImport],
    templates: list[PlanTemplate],
    form: PlansForm | None,
) -> dict[str, Any]:
    given = request.POST if form is not None else request.GET if "stage" in request.GET else None
    chosen = str(
        (form.data.get("template") if form is not None else "") or (templates[0].pk if templates else "")
    )
    return {
        **_progress(batch, imports),
        "form": form,
        "files": [_file(each, form) for each in imports],
        "ready": sum(each.state == State.READY for each in imports),
        "done": sum(each.state == State.DONE for each in imports),
        "choices": catalogue_choices(given if given is not None else queries.usual_books(person(request))),
        "templates": [template_option(template, chosen) for template in templates],
    }


def _file(found: WordImport, form: PlansForm | None) -> dict[str, Any]:
    if found.state != State.READY:
        left_out = [left(row) for row in found.left_out]
        return {"found": found, "reason": reason_of(found), "left_out": left_out}
    read = preview_of(found)
    name = f"title-{found.pk}"
    return {
        "found": found,
        "preview": read,
        "left_out": read.left_out,
        "title": form.data.get(name, "") if form is not None else read.title,
        "wanted": f"wanted-{found.pk}" in form.data if form is not None else bool(read.sections),
        "errors": form.errors.get(name) if form is not None else None,
    }
