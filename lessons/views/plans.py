"""The list, creating, the editor page, pictures, archive and delete."""

import logging
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts.models import User
from foundation.api.problems import Problem, answer
from foundation.catalogue.models import Subject
from foundation.files.errors import FileRefused
from lessons import forms, operations, planning, policies, queries, schema
from lessons.activities.queries import activity_of
from lessons.errors import Denied
from lessons.lineage.origins import has_lineage
from lessons.models import LessonPlan, PlanTemplate
from lessons.variants.policies import may_raise
from lessons.views.common import person, with_plan
from teaching_centres.calendar.queries import Lesson
from teaching_centres.queries import own_card

logger = logging.getLogger(__name__)


TABS: tuple[queries.Tab, ...] = ("mine", "shared", "unit", "recent", "bin")


@require_safe
def plan_list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    tab: queries.Tab = next((tab for tab in TABS if tab == request.GET.get("tab")), TABS[0])
    filters = forms.filters_from(request.GET)
    try:
        page = queries.plan_page(user, tab, filters, request.GET.get("cursor"))
    except Problem:  # a cursor from nowhere: begin at the beginning
        page = queries.plan_page(user, tab, filters)
    names = {
        "mine": _("我的"),
        "shared": _("请我的"),
        "unit": _("单位里公开的"),
        "recent": _("最近打开"),
        "bin": _("回收"),
    }
    rest = request.GET.copy()
    rest.pop("cursor", None)
    context = {
        "tab": tab,
        "tabs": [{"value": value, "name": names[value], "here": value == tab} for value in TABS],
        "page": page,
        "filters": filters,
        "subjects": Subject.objects.filter(textbooks__isnull=False).distinct(),
        "grades": forms.grades(),
        "more": f"?{rest.urlencode()}&cursor={page.next}" if page.next else "",
        "may_create": policies.may_create(user),
    }
    template = "lessons/partials/plan_rows.html" if request.htmx else "lessons/list.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_create(request: HttpRequest) -> HttpResponse:
    user = person(request)
    policies.require_create(user)
    templates = queries.templates_for(user)
    lesson = _lesson(request)
    if request.method == "POST":
        form = forms.PlanForm(request.POST, templates=templates)
        if form.is_valid():
            return _create(request, form, lesson)
        choices = forms.catalogue_choices(request.POST)
    else:
        form = forms.PlanForm(templates=templates, initial={"period": _("第 1 课时")})
        choices = forms.catalogue_choices(_books(request, lesson))
    chosen = str(form["template"].value() or (templates[0].pk if templates else ""))
    context = {
        "form": form,
        "choices": choices,
        "templates": [template_option(template, chosen) for template in templates],
        "lesson": lesson,
        "lesson_types": ["新授", "复习", "练习", "讲评", "实验", "活动"],
    }
    return render(request, "lessons/create.html", context, status=422 if form.errors else 200)


def _lesson(request: HttpRequest) -> Lesson | None:
    """The lesson of the timetable that the plan is for: `?lesson=2026-11-23-3`."""
    given = request.POST.get("lesson") or request.GET.get("lesson", "")
    day, _dash, period = given.rpartition("-")
    try:
        return planning.lesson_at(person(request), date.fromisoformat(day), int(period))
    except ValueError:
        return None


def _books(request: HttpRequest, lesson: Lesson | None) -> Any:
    """What was chosen on the page; else what fits the lesson; else what this person used last."""
    if "stage" in request.GET:
        return request.GET
    user = person(request)
    if lesson is None:
        return queries.usual_books(user)
    book = planning.book_for(user, lesson)
    return queries.books_at(book, None) if book else {}


def template_option(template: PlanTemplate, chosen: str) -> dict[str, Any]:
    return {
        "value": str(template.pk),
        "name": template.name,
        "unit": str(template.school or template.region),
        "sections": [section["title"] for section in template.body.get("sections", [])],
        "chosen": str(template.pk) == chosen,
    }


@transaction.atomic
def _create(request: HttpRequest, form: forms.PlanForm, lesson: Lesson | None) -> HttpResponse:
    user = person(request)
    given = form.cleaned_data
    header = {"period": given["period"], "lesson_type": given["lesson_type"], "lead_preparer": user.name}
    if lesson is not None:
        header |= {"taught_at": planning.taught_at(lesson), "taught_by": user.name}
    plan = operations.create_plan(
        actor=user,
        template=given["template"],
        title=given["title"],
        textbook=given["textbook"],
        unit=given["unit"],
        header=header,
    )
    if lesson is not None:
        day, period = lesson.origin
        planning.plan_lesson(actor=user, day=day, period=period, plan=plan)
    return redirect("plan-editor", plan_id=plan.pk)


@require_safe
def plan_create_books(request: HttpRequest) -> HttpResponse:
    """The dependent selects of the form, for htmx."""
    return render(request, "lessons/partials/books.html", {"choices": forms.catalogue_choices(request.GET)})


@require_safe
@ensure_csrf_cookie
@with_plan
def plan_editor(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    user = person(request)
    if plan.state == LessonPlan.State.DELETED:
        return render(request, "lessons/deleted.html", {"plan": plan})
    rights = _visit(user, plan)
    context = {
        "plan": queries.editor_plan(plan, rights),
        "plan_data": _plan_data(request, plan, rights),
        "activity": activity_of(user, plan),
    }
    return render(request, "lessons/editor.html", context)


def _visit(user: User, plan: LessonPlan) -> policies.Rights:
    """Remembered where anything can be stored; a full disk keeps nobody from reading what is there."""
    try:
        return operations.visit(actor=user, plan=plan)
    except DatabaseError as error:
        logger.error("a visit is not remembered: %s", type(error).__name__)
        return policies.require_read(user, plan)


def _plan_data(request: HttpRequest, plan: LessonPlan, rights: policies.Rights) -> dict[str, Any]:
    card = own_card(person(request))
    book = plan.textbook
    return {
        "id": str(plan.pk),
        "title": plan.title,
        "place": str(plan.school or plan.region),
        "owner": plan.owner.name,
        "socket": plan.socket,
        "schema": schema.SCHEMA_VERSION,
        "access": queries.access_word(rights),
        "reason": rights.reason,
        "canManage": rights.manage,
        "user": {
            "id": card.id,
            "name": card.name,
            "colour": card.colour,
            "school": card.unit_name,
            "side": card.side,
        },
        "facts": {
            "subject": str(book.subject) if book else "",
            "book": book.book if book else "",
            "edition": book.edition if book else "",
            "unit": queries.unit_line(plan),
        },
        "hints": queries.hints_of(plan),
        "nextVersion": queries.next_version_number(plan),
        "urls": {
            "list": reverse("plan-list"),
            "sharing": reverse("plan-sharing", args=[plan.pk]),
            "versions": reverse("plan-versions", args=[plan.pk]),
            "compare": reverse("plan-compare", args=[plan.pk]),
            "lineage": reverse("plan-lineage", args=[plan.pk]),
            "origins": reverse("plan-lineage-origins", args=[plan.pk]) if has_lineage(plan) else "",
            "book": reverse("plan-book", args=[plan.pk]),
            "word": reverse("plan-word", args=[plan.pk]),
            "upload": reverse("plan-upload", args=[plan.pk]),
            "nameVersion": reverse("plan-version-name", args=[plan.pk]),
            "agenda": reverse("plan-agenda", args=[plan.pk]) if may_raise(person(request), plan) else "",
            "threads": f"/api/v1/lesson-plans/{plan.pk}/threads",
            "file": reverse("file", args=["00000000-0000-0000-0000-000000000000"]).replace(
                "00000000-0000-0000-0000-000000000000", "{id}"
            ),
        },
    }


@require_http_methods(["GET", "HEAD", "POST"])
@with_plan
def plan_book(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    """Choose another book or unit for a plan."""
    rights = policies.require_write(person(request), plan)
    if request.method == "POST":
        form = forms.BookForm(request.POST)
        if form.is_valid():
            operations.change_book(actor=person(request), plan=plan, **form.cleaned_data)
            messages.success(request, _("教材和单元改好了。"))
            return redirect("plan-editor", plan_id=plan.pk)
        return answer(Problem(422))
    choices = forms.catalogue_choices(request.GET or queries.books_of(plan))
    return render(
        request, "lessons/book.html", {"plan": queries.editor_plan(plan, rights), "choices": choices}
    )


@require_POST
@with_plan
def plan_upload(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    """A picture for the plan; answers JSON, errors as problem documents with a sentence to show."""
    upload = request.FILES.get("file")
    if upload is None:
        return answer(Problem(422, _("没有收到图片。请重新选一张。")))
    try:
        file = operations.add_picture(actor=person(request), plan=plan, upload=upload)
    except FileRefused as refused:
        return answer(Problem(422, str(refused)))
    except Denied as denied:
        return answer(Problem(403, denied.reason))
    return JsonResponse({"file": str(file.pk), "width": file.width, "height": file.height}, status=201)


@require_POST
@with_plan
def plan_state(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    form = forms.StateForm(request.POST)
    if not form.is_valid():
        return answer(Problem(422))
    state = LessonPlan.State(form.cleaned_data["state"])
    operations.change_state(actor=person(request), plan=plan, state=state)
    done = {
        LessonPlan.State.ACTIVE: _("《%(title)s》恢复了，可以接着改。"),
        LessonPlan.State.ARCHIVED: _("《%(title)s》已归档，只能看。"),
        LessonPlan.State.DELETED: _("《%(title)s》删除了。内容都在“回收”里，随时可以恢复。"),
    }
    messages.success(request, done[state] % {"title": plan.title})
    return redirect("plan-list")
