"""学期计划: the list, the table, the group, the spreadsheet in and out."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.forms import formset_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts.models import User
from foundation.catalogue.models import Unit
from foundation.office.tables import Refused, refuse_size
from lessons.activities import audience, forms, importing, term_plan_queries, term_plans
from lessons.activities.models import TermPlan, TermPlanMember, TermPlanRow
from lessons.activities.policies import hosting_units, require_host, require_term_plan
from lessons.activities.queries import usual_group
from lessons.activities.views.common import called_in, person, pressed, with_term_plan
from lessons.activities.views.exports import xlsx
from lessons.errors import NotPossible
from teaching_centres.calendar.queries import calendar_of
from teaching_centres.numbers import id_in

READ = ["GET", "HEAD", "POST"]
NEW_ROWS = 3


@require_safe
def term_plan_list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    lines, page = term_plan_queries.plan_page(user, request.GET.get("page", 1))
    context = {"lines": lines, "page": page, "hosts": bool(hosting_units(user))}
    return render(request, "lessons/activities/term_plans.html", context)


@require_http_methods(READ)
def term_plan_create(request: HttpRequest) -> HttpResponse:
    user = person(request)
    units = hosting_units(user)
    require_host(user, next(iter(units), None))
    terms = _terms(units[0])
    form = forms.TermPlanForm(request.POST or None, units=units, terms=terms)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        plan = term_plans.make(actor=user, unit=given.pop("of"), **given)
        messages.success(request, _("计划建好了。下一步：把组里的老师加进来，定谁主备、哪天交。"))
        return redirect("term-plan", plan.pk)
    chosen = request.POST or (request.GET if "subject" in request.GET else usual_group(user))
    context = {
        "form": form,
        "choices": forms.group_choices(chosen, units=False),
        "units": [(key, str(unit)) for key, unit in form.units.items()],
    }
    return render(
        request, "lessons/activities/term_plan_new.html", context, status=422 if form.errors else 200
    )


def _terms(unit: Any) -> list[str]:
    """The terms that the calendar of the unit has, the present one first; without a calendar those of this year."""
    calendar, today = calendar_of(unit), timezone.localdate()
    now = calendar.term_near(today)
    if now is not None:
        return [now.code, *(term.code for term in reversed(calendar.terms) if term.code != now.code)]
    year = today.year if today.month >= 8 else today.year - 1
    return [f"{year}-{1 if today.month >= 8 or today.month == 1 else 2}", f"{year}-2", f"{year + 1}-1"]


# ---- the table ---------------------------------------------------------------------------------------------


@require_http_methods(READ)
@with_term_plan
def term_plan(request: HttpRequest, plan: TermPlan) -> HttpResponse:
    """Whoever leads it edits the table in place; the others read it."""
    user = person(request)
    view = term_plan_queries.plan_view(user, plan, timezone.localdate())
    rows = _rows(request, plan) if view.may_change else None
    if request.method == "POST":
        require_term_plan(user, plan)
        assert rows is not None
        if rows.is_valid():
            try:
                return _saved(request, plan, rows)
            except NotPossible as refusal:
                messages.error(request, refusal.reason)
    context = {
        "plan": view,
        "rows": rows,
        "schedule": forms.ScheduleForm(initial={"first": timezone.localdate(), "weeks": 1, "in_turn": True}),
        "sheets": _sheet_rows(view, rows),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "lessons/activities/term_plan.html", context, status=status)


@transaction.atomic
def _saved(request: HttpRequest, plan: TermPlan, rows: forms.RowFormSet) -> HttpResponse:
    """The whole table; with the button of a row, that row then becomes a call with everything filled in."""
    user = person(request)
    term_plans.save_rows(actor=user, plan=plan, rows=rows.given, removed=rows.removed)
    number = id_in(request.POST.get("open", ""))
    if number is None:
        messages.success(request, _("存好了。"))
        return redirect("term-plan", plan.pk)
    row = get_object_or_404(
        TermPlanRow.objects.select_related("term_plan", "unit", "lead_preparer"), pk=number, term_plan=plan
    )
    activity = term_plans.draft_of(actor=user, row=row)
    messages.success(request, _("都按计划填好了。看一眼，就可以发起。"))
    return redirect("activity", activity.pk)


def _rows(request: HttpRequest, plan: TermPlan) -> forms.RowFormSet:
    factory = formset_factory(
        forms.RowForm, formset=forms.RowFormSet, extra=NEW_ROWS, max_num=term_plans.MOST_ROWS
    )
    there = plan.rows.filter(Q(activity=None)).order_by("position", "id")
    names = ("id", "unit", "lesson", "lead_preparer", *term_plans.DAYS)
    initial = [
        {name: getattr(row, f"{name}_id" if name in ("unit", "lead_preparer") else name) for name in names}
        for row in there
    ]
    members = TermPlanMember.objects.filter(term_plan=plan).values("user_id")
    leads = there.exclude(lead_preparer=None).values("lead_preparer_id")
    people = User.objects.filter(Q(pk__in=members) | Q(pk__in=leads)).order_by("name", "pk")
    units = Unit.objects.filter(textbook=plan.textbook_id).order_by("number")
    offered = {"units": {row.pk: row for row in units}, "people": {row.pk: row for row in people}}
    data = request.POST if request.method == "POST" else None
    rows = factory(data, initial=initial, prefix="rows", form_kwargs=offered)
    assert isinstance(rows, forms.RowFormSet)
    return rows


def _sheet_rows(view: term_plan_queries.PlanView, rows: forms.RowFormSet | None) -> list[dict[str, Any]]:
    """The lines in their order, each with its form where it may be changed; the empty ones at the end."""
    if rows is None:
        return [{"line": line} for line in view.rows]
    by_id = {form["id"].value(): form for form in rows.forms if form["id"].value()}
    known = {str(key): form for key, form in by_id.items()}
    found: list[dict[str, Any]] = [
        {"line": line, "form": known.pop(str(line.id), None)} for line in view.rows
    ]
    return found + [{"form": form} for form in rows.forms if not form["id"].value()]


@require_POST
@with_term_plan
def term_plan_units(request: HttpRequest, plan: TermPlan) -> HttpResponse:
    return pressed(
        request,
        lambda: term_plans.copy_units(actor=person(request), plan=plan),
        _("教材的单元都在表里了。"),
        "term-plan",
        plan.pk,
    )


@require_POST
@with_term_plan
def term_plan_schedule(request: HttpRequest, plan: TermPlan) -> HttpResponse:
    form = forms.ScheduleForm(request.POST)
    if not form.is_valid():
        require_term_plan(person(request), plan)
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("term-plan", plan.pk)
    return pressed(
        request,
        lambda: term_plans.schedule(actor=person(request), plan=plan, **form.cleaned_data),
        _("日期排好了，可以再一行一行改。"),
        "term-plan",
        plan.pk,
    )


@require_POST
@with_term_plan
def term_plan_remove(request: HttpRequest, plan: TermPlan) -> HttpResponse:
    term_plans.remove(actor=person(request), plan=plan)
    messages.success(request, _("计划删掉了，已经发起的活动还在。"))
    return redirect("term-plan-list")


# ---- the group -----------------------------------------------------------------------------------------------


@require_http_methods(READ)
@with_term_plan
def term_plan_people(request: HttpRequest, plan: TermPlan) -> HttpResponse:
    user = person(request)
    require_term_plan(user, plan)
    if request.method == "POST":
        try:
            called, name = called_in(request, str(plan.subject))
            added = term_plans.add_people(actor=user, plan=plan, called=called)
        except NotPossible as refusal:
            messages.error(request, refusal.reason)
        else:
            words = _("加了%(name)s，新加 %(count)d 人。") if added else _("%(name)s已经在组里。")
            messages.success(request, words % {"name": name, "count": added})
        return redirect("term-plan-people", plan.pk)
    text = request.GET.get("q", "").strip()[:40]
    there = set(plan.members.values_list("user_id", flat=True))
    context: dict[str, Any] = {
        "text": text,
        "found": audience.find(user, text, there) if text else None,
        "term_plan": plan,
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "lessons/activities/partials/found.html", context)
    context["plan"] = term_plan_queries.plan_view(user, plan, timezone.localdate())
    return render(request, "lessons/activities/term_plan_people.html", context)


@require_POST
@with_term_plan
def term_plan_person(request: HttpRequest, plan: TermPlan, member_id: int) -> HttpResponse:
    member = get_object_or_404(TermPlanMember.objects.select_related("user"), pk=member_id, term_plan=plan)
    return pressed(
        request,
        lambda: term_plans.remove_person(actor=person(request), plan=plan, member=member),
        _("%(name)s不在组里了。") % {"name": member.user.name},
        "term-plan-people",
        plan.pk,
    )


# ---- the spreadsheet ---------------------------------------------------------------------------------------


@never_cache
@require_safe
@with_term_plan
def term_plan_sheet(request: HttpRequest, plan: TermPlan) -> HttpResponse:
    return xlsx(importing.form_of(plan), f"{term_plan_queries.name_of(plan)}{_('学期计划')}")


@never_cache
@require_http_methods(READ)
@with_term_plan
def term_plan_import(request: HttpRequest, plan: TermPlan) -> HttpResponse:
    """First what the table says and what is wrong with it, at its cells; then, confirmed, all or nothing."""
    user = person(request)
    require_term_plan(user, plan)
    if request.method == "POST" and "confirm" in request.POST:
        return pressed(
            request,
            lambda: importing.carry_out(actor=user, plan=plan, sealed=request.POST["confirm"]),
            _("导入了。"),
            "term-plan",
            plan.pk,
        )
    form = forms.UploadForm(*(request.POST, request.FILES) if request.method == "POST" else ())
    found: importing.Preview | None = None
    if request.method == "POST" and form.is_valid():
        try:
            refuse_size(form.cleaned_data["file"].size)
            found = importing.preview(actor=user, plan=plan, content=form.cleaned_data["file"].read())
        except Refused as refused:
            form.add_error("file", refused.message.said(_))
    context = {
        "plan": term_plan_queries.plan_view(user, plan, timezone.localdate()),
        "form": form,
        "found": found,
    }
    wrong = bool(form.errors) or bool(found and found.troubles)
    return render(request, "lessons/activities/term_plan_import.html", context, status=422 if wrong else 200)
