"""Plans on paper: how one is to come out, the files, many at once, and what was ordered."""

from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts.models import User
from foundation.catalogue.models import Subject
from foundation.office.docx.filling import Unfillable
from lessons import comparison, forms, policies, queries
from lessons.errors import NotPossible
from lessons.models import LessonPlan, PaperJob, PlanVersion
from lessons.schema import VARIANT_SIDES
from lessons.views.common import person, with_plan
from lessons.word_out import exporting, form, orders, placeholders, templates
from lessons.word_out.exporting import Wanted
from lessons.word_out.jobs import percent_of

RECENT = 20


# ---- one plan ------------------------------------------------------------------------------------------
@require_safe
@with_plan
def plan_word(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    """How the plan is to come out."""
    user = person(request)
    exporting.require_export(user, plan)
    return render(request, "lessons/word/plan.html", _plan_context(request, plan))


def _plan_context(request: HttpRequest, plan: LessonPlan, trouble: str = "") -> dict[str, object]:
    user, version = person(request), _version(request, plan)
    content = exporting.content_of(plan, version)
    return {
        "plan": queries.editor_plan(plan, policies.rights(user, plan)),
        "version": comparison.version_row(version) if version else None,
        "choices": [
            {"template": each, "left_out": placeholders.left_out(content, each.asks_for)}
            for each in templates.usable(user)
        ],
        "chosen": request.GET.get("template") or request.POST.get("template", ""),
        "notes": (request.GET.get("notes") or request.POST.get("notes")) != "no",
        "has_sides": form.has_sides(content),
        "side": request.GET.get("side") or request.POST.get("side", ""),
        "can_make_pdf": orders.can_make_pdf(),
        "trouble": trouble,
    }


@never_cache
@require_safe
@with_plan
def plan_word_file(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    try:
        exported = exporting.export_plan(
            actor=person(request), plan=plan, version=_version(request, plan), wanted=_wanted(request)
        )
    except Unfillable as refused:
        return render(
            request,
            "lessons/word/plan.html",
            _plan_context(request, plan, refused.message.said(_)),
            status=422,
        )
    return download(exported)


def download(exported: exporting.Exported) -> HttpResponse:
    response = HttpResponse(exported.content, content_type=templates.DOCX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(exported.name, safe='')}"
    return response


@require_POST
@with_plan
def plan_pdf(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    job = orders.order_pdf(
        actor=person(request), plan=plan, version=_version(request, plan), wanted=_wanted(request)
    )
    return redirect("paper-job", job.pk)


def _version(request: HttpRequest, plan: LessonPlan) -> PlanVersion | None:
    given = request.GET.get("version") or request.POST.get("version") or ""
    if not given:
        return None
    return get_object_or_404(
        PlanVersion, plan=plan, pk=int(given) if given.isdecimal() and len(given) < 18 else 0
    )


def _wanted(request: HttpRequest) -> Wanted:
    given = request.GET if request.method in ("GET", "HEAD") else request.POST
    template = None
    if given.get("template"):
        template = templates.usable(person(request)).filter(pk=_uuid(given["template"])).first()
        if template is None:
            raise NotPossible(_("这个模板你不能用，或者已经停用。请另选一个。"))
    side = given.get("side", "")
    return Wanted(template, given.get("notes") != "no", side if side in VARIANT_SIDES else "")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


# ---- many plans ----------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def parcel_new(request: HttpRequest) -> HttpResponse:
    """Choose plans of a list; they come in one file with a page that names them."""
    user = person(request)
    if request.method == "POST":
        wanted_ids = [_uuid(each) for each in request.POST.getlist("plan")]
        found = LessonPlan.objects.visible_to(user).filter(pk__in=wanted_ids).select_related("region")
        by_id = {plan.pk: plan for plan in found}
        chosen = [by_id[pk] for pk in wanted_ids if pk in by_id]
        try:
            return redirect(
                "paper-job", orders.order_parcel(actor=user, plans=chosen, wanted=_wanted(request)).pk
            )
        except NotPossible as refused:
            messages.error(request, refused.reason)
    tab: queries.Tab = "unit" if request.GET.get("tab") == "unit" else "mine"
    filters = forms.filters_from(request.GET)
    context = {
        "tab": tab,
        "filters": filters,
        "rows": queries.rows_in(user, tab, filters, orders.MOST_PLANS),
        "most": orders.MOST_PLANS,
        "subjects": Subject.objects.filter(textbooks__isnull=False).distinct(),
        "grades": forms.grades(),
        "templates": templates.usable(user),
    }
    return render(request, "lessons/word/parcel_new.html", context)


# ---- what was ordered ----------------------------------------------------------------------------------
@never_cache
@require_safe
def paper_jobs(request: HttpRequest) -> HttpResponse:
    return render(request, "lessons/word/jobs.html", {"jobs": orders.jobs_of(person(request))[:RECENT]})


@never_cache
@require_safe
def paper_job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    return render(request, "lessons/word/job.html", _job_context(_own_job(person(request), job_id)))


@never_cache
@require_safe
def paper_job_state(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The part that asks again while the job works; when it is done, the page is loaded anew."""
    job = _own_job(person(request), job_id)
    if job.state not in PaperJob.UNFINISHED:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "lessons/word/progress.html", _job_context(job))


@never_cache
@require_safe
def paper_job_file(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    job = _own_job(person(request), job_id)
    if job.state != PaperJob.State.DONE or not default_storage.exists(job.storage_name):
        raise Http404
    return FileResponse(default_storage.open(job.storage_name), as_attachment=True, filename=job.name)


def _own_job(user: User, job_id: UUID) -> PaperJob:
    return get_object_or_404(orders.jobs_of(user), pk=job_id)


def _job_context(job: PaperJob) -> dict[str, object]:
    return {"job": job, "percent": percent_of(job.pk), "working": job.state in PaperJob.UNFINISHED}
