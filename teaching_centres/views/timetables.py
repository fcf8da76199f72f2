"""课表: the week of a teacher as a grid, the teachers of a school, tables in and out, one lesson otherwise."""

from datetime import date
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts.models import User
from foundation.api.problems import Problem, answer
from foundation.ledger.audit import audited
from foundation.office.tables import Refused, refuse_size
from teaching_centres.calendar import forms, importing, policies, sheet, timetables, weeks
from teaching_centres.calendar.models import TimetableEntry
from teaching_centres.calendar.queries import calendar_of, teachers_of, teaching_schools, timetables_of
from teaching_centres.errors import Denied, NotPossible, TeachingCentresError
from teaching_centres.models import School
from teaching_centres.numbers import id_in
from teaching_centres.operations.common import about_unit
from teaching_centres.policies import allowed
from teaching_centres.roles import Verb
from teaching_centres.roster.sheets import SUBJECTS
from teaching_centres.views.accounts import actor_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE_SIZE = 50
READ = ["GET", "HEAD", "POST"]
LESSON_SUBJECTS = (*SUBJECTS, "劳动", "班会", "书法", "综合实践活动", "校本课程")


def _school(school_id: int) -> School:
    return get_object_or_404(School.objects.select_related("county"), pk=school_id)


def _managed(request: HttpRequest, school_id: int) -> School:
    school = _school(school_id)
    if not allowed(actor_of(request), Verb.MANAGE, school):
        raise Http404
    return school


def _person_at(request: HttpRequest, school_id: int, person_id: int) -> tuple[User, School]:
    school, person = _school(school_id), get_object_or_404(User, pk=person_id)
    if not policies.may_see_timetable(actor_of(request), person, school):
        raise Http404
    return person, school


# ---- the grid ------------------------------------------------------------------------------------
@ensure_csrf_cookie
@never_cache
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """One's own week, in the school that was asked for or the main one."""
    user = actor_of(request)
    schools = teaching_schools(user)
    if not schools:
        raise Denied(_("课表是任课教师的。你现在没有在学校任教。"))
    chosen = next((each for each in schools if str(each.pk) == request.GET.get("school")), schools[0])
    return _grid(request, user, chosen, schools)


@ensure_csrf_cookie
@never_cache
@require_safe
def of_person(request: HttpRequest, school_id: int, person_id: int) -> HttpResponse:
    person, school = _person_at(request, school_id, person_id)
    return _grid(request, person, school, [school])


def _grid(request: HttpRequest, teacher: User, school: School, schools: list[School]) -> HttpResponse:
    user, today = actor_of(request), timezone.localdate()
    calendar = calendar_of(school)
    term = calendar.term(request.GET.get("term", "")) or calendar.term_near(today)
    context: dict[str, Any] = {
        "teacher": teacher,
        "mine": teacher.pk == user.pk,
        "school": school,
        "schools": schools,
        "manages": bool(allowed(user, Verb.MANAGE, school)),
        "term": term,
        "subjects": LESSON_SUBJECTS,
    }
    if term is not None:
        since = forms.day_from(request.GET.get("since", ""), weeks.usual_since(teacher, school, term, today))
        since = min(max(since, term.starts), term.ends)
        week = weeks.week_of(teacher, school, calendar, term, since)
        url = reverse("timetable-cells", args=[school.pk, teacher.pk])
        may_change = bool(policies.may_change_timetable(user, teacher, school))
        context |= {
            "week": week,
            "terms": calendar.terms,
            "since": since,
            "from_start": since == term.starts,
            "may_change": may_change,
            "changes": weeks.coming_changes(teacher, today) if may_change else [],
            "coming": weeks.coming_lessons(teacher, school, calendar, today) if may_change else [],
            "data": {**week.data(), "url": url, "term": term.code, "since": since.isoformat()},
        }
    return render(request, "teaching_centres/calendar/timetable.html", context)


@require_POST
def cells(request: HttpRequest, school_id: int, person_id: int) -> HttpResponse:
    """Some cells from a day on; answers how many changed, refusals as problem documents with a sentence."""
    person, school = _person_at(request, school_id, person_id)
    try:
        term, since, given = forms.cells_from(request.body)
        changed = timetables.set_cells(
            actor=actor_of(request), teacher=person, school=school, term=term, since=since, cells=given
        )
    except TeachingCentresError as refusal:
        return answer(Problem(403 if isinstance(refusal, Denied) else 422, refusal.reason))
    return JsonResponse({"changed": changed})


@never_cache
@require_safe
def of_school(request: HttpRequest, school_id: int) -> HttpResponse:
    """Who has a timetable and who has none, for those who manage the school."""
    school, today = _managed(request, school_id), timezone.localdate()
    term = calendar_of(school).term_near(today)
    rows = timetables_of(school, term.code, max(today, term.starts)) if term else []
    context = {
        "school": school,
        "term": term,
        "rows": rows,
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page", 1)),
        "without": sum(1 for row in rows if not row.lessons),
    }
    return render(request, "teaching_centres/calendar/school.html", context)


# ---- tables out and in -----------------------------------------------------------------------------
@never_cache
@require_safe
def form_of_school(request: HttpRequest, school_id: int) -> HttpResponse:
    school = _managed(request, school_id)
    with audited("timetable.exported", **about_unit(school, actor_of(request))) as entry:
        content, entry.details["rows"] = importing.form_of_school(school, timezone.localdate())
    return _file(content, _("教师课表"))


@never_cache
@require_safe
def form_of_person(request: HttpRequest, school_id: int, person_id: int) -> HttpResponse:
    person, school = _person_at(request, school_id, person_id)
    return _file(importing.form_of_teacher(person, school, timezone.localdate()), _("课表"))


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}.xlsx')}"
    return response


@never_cache
@require_http_methods(READ)
def import_school(request: HttpRequest, school_id: int) -> HttpResponse:
    return _import(request, _managed(request, school_id), None)


@never_cache
@require_http_methods(READ)
def import_person(request: HttpRequest, school_id: int, person_id: int) -> HttpResponse:
    person, school = _person_at(request, school_id, person_id)
    return _import(request, school, person)


def _import(request: HttpRequest, school: School, person: User | None) -> HttpResponse:
    """First what the table says and what is wrong with it, at its cells; then, confirmed, all or nothing."""
    user, today = actor_of(request), timezone.localdate()
    term = calendar_of(school).term_near(today)
    back = _back(user, school, person)
    found: importing.Preview | None = None
    form = forms.TimetableUploadForm(request.POST or None, request.FILES or None)
    if term and request.method == "POST" and "confirm" in request.POST:
        return _confirm(request, school, back)
    if term and request.method == "POST" and form.is_valid():
        try:
            refuse_size(form.cleaned_data["file"].size)
            found = importing.preview(
                actor=user,
                school=school,
                person=person,
                term=term,
                since=form.cleaned_data["since"] or max(term.starts, today),
                table=sheet.read(form.cleaned_data["file"].read(), LESSON_SUBJECTS),
            )
        except Refused as refused:
            form.add_error("file", refused.message.said(_))
        except TeachingCentresError as refusal:
            form.add_error("file", refusal.reason)
    context = {"school": school, "person": person, "term": term, "form": form, "found": found, "back": back}
    wrong = bool(form.errors) or bool(found and found.troubles)
    return render(request, "teaching_centres/calendar/import.html", context, status=422 if wrong else 200)


def _confirm(request: HttpRequest, school: School, back: str) -> HttpResponse:
    try:
        count = importing.carry_out(actor=actor_of(request), school=school, sealed=request.POST["confirm"])
    except TeachingCentresError as refusal:
        messages.error(request, refusal.reason)
        return redirect(request.path)
    messages.success(request, _("导入了 %(count)s 位老师的课表。") % {"count": count})
    return redirect(back)


def _back(user: User, school: School, person: User | None) -> str:
    if person is None:
        return reverse("timetable-school", args=[school.pk])
    if person.pk == user.pk:
        return f"{reverse('timetable')}?school={school.pk}"
    return reverse("timetable-person", args=[school.pk, person.pk])


# ---- one lesson on one day ----------------------------------------------------------------------------
@require_safe
def lesson_go(request: HttpRequest) -> HttpResponse:
    """To the lesson that was chosen in the list: "12/2026-11-23"."""
    number, _slash, day = request.GET.get("lesson", "").partition("/")
    entry_id = id_in(number)
    if entry_id is None:
        raise Http404
    try:
        return redirect("lesson-change", entry_id=entry_id, day=date.fromisoformat(day))
    except ValueError:
        raise Http404 from None


@never_cache
@require_http_methods(READ)
def lesson(request: HttpRequest, entry_id: int, day: date) -> HttpResponse:
    """停课、代课、调课 of one lesson, and back."""
    user = actor_of(request)
    entry = get_object_or_404(
        TimetableEntry.objects.visible_to(user).select_related("teacher", "school__county"), pk=entry_id
    )
    change = entry.changes.select_related("substitute").filter(day=day).first()
    colleagues = User.objects.filter(pk__in=[each.pk for each in teachers_of(entry.school)])
    colleagues = colleagues.exclude(pk=entry.teacher_id).order_by("name_key", "pk")
    form = forms.LessonForm(request.POST or None, colleagues=colleagues, initial={"moved_to": day})
    back = _back(user, entry.school, entry.teacher)
    restores = request.POST.get("do") == "restore"
    if request.method == "POST" and (restores or form.is_valid()):
        try:
            if restores:
                timetables.restore_lesson(actor=user, entry=entry, day=day)
            else:
                timetables.change_lesson(actor=user, entry=entry, day=day, **form.change)
        except NotPossible as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("这节课照课表上。") if restores else _("改好了。"))
            return redirect(back)
    context = {"entry": entry, "day": day, "change": change, "form": form, "back": back}
    return render(
        request, "teaching_centres/calendar/lesson.html", context, status=422 if form.errors else 200
    )
