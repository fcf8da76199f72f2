"""名册: the schools one manages: set up, changed, closed, merged."""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts.models import User
from teaching_centres import operations
from teaching_centres.errors import NotPossible
from teaching_centres.models import School, SchoolMerge
from teaching_centres.numbers import id_in
from teaching_centres.roles import Verb
from teaching_centres.roster import forms, listing
from teaching_centres.roster.listing import SchoolFilters
from teaching_centres.views.accounts import require_manager

Form = django_forms.Form
READ = ["GET", "HEAD", "POST"]


@never_cache
@require_safe
def schools(request: HttpRequest) -> HttpResponse:
    user = require_manager(request)
    county = request.GET.get("county", "")
    filters = SchoolFilters(
        text=request.GET.get("q", "").strip()[:60],
        county=id_in(county),
        kind=request.GET.get("kind", ""),
        state=request.GET.get("state", ""),
    )
    context = {
        "schools": listing.schools_page(user, filters, number=request.GET.get("page", 1)),
        "filters": filters,
        "kinds": School.Kind.choices,
        "tab": "schools",
    }
    return render(request, "teaching_centres/roster/schools.html", context)


@never_cache
@require_http_methods(READ)
def school_new(request: HttpRequest) -> HttpResponse:
    user = require_manager(request)
    form = forms.SchoolForm(request.POST or None, actor=user)
    if request.method == "POST" and form.is_valid():
        try:
            school = operations.create_school(**form.cleaned_data, actor=user)
        except NotPossible as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("“%s”设立了。") % school.name)
            return redirect("roster-school", school.pk)
    return render(request, "teaching_centres/roster/school_new.html", {"form": form})


@never_cache
@require_http_methods(READ)
def school(request: HttpRequest, school_id: int) -> HttpResponse:
    user = require_manager(request)
    found = _school(user, school_id)
    bound: dict[str, Form] = {}
    if request.method == "POST":
        name = request.POST.get("do", "")
        if name not in ACTS or (name == "close_point" and not hasattr(found, "prep_point")):
            raise Http404
        form = _forms(user, found, {name: request.POST})[name]
        if form.is_valid():
            try:
                messages.success(request, ACTS[name](found, form.cleaned_data, user))
                return redirect("roster-school", school_id)
            except NotPossible as refusal:
                form.add_error(None, refusal.reason)
                found = _school(user, school_id)
        bound[name] = form
    context = {
        "page": listing.school_page(user, found),
        "forms": {**_forms(user, found, {}), **bound},
        "open": next(iter(bound), ""),
    }
    return render(request, "teaching_centres/roster/school.html", context)


def _school(user: User, school_id: int) -> School:
    rows = School.objects.visible_to(user, Verb.MANAGE)
    return get_object_or_404(
        rows.select_related("county", "parent", "prep_point", "merged_into"), pk=school_id
    )


def _forms(user: User, school: School, data: dict[str, Any]) -> dict[str, Form]:
    return {
        "change": forms.SchoolForm(data.get("change"), auto_id="change_%s", actor=user, school=school),
        "close": forms.CloseSchoolForm(data.get("close"), auto_id="close_%s"),
        "merge": forms.MergeSchoolForm(data.get("merge"), auto_id="merge_%s", actor=user, school=school),
        "reopen": django_forms.Form(data.get("reopen")),
        "open_point": forms.OpenPointForm(data.get("open_point"), auto_id="open_point_%s"),
        "close_point": forms.CloseSchoolForm(data.get("close_point"), auto_id="close_point_%s"),
    }


def _change(school: School, values: dict[str, Any], actor: User) -> str:
    operations.change_school(school=school, **values, actor=actor)
    return _("改好了。")


def _close(school: School, values: dict[str, Any], actor: User) -> str:
    operations.close_school(school=school, on=values["on"], actor=actor)
    return _("“%(school)s”到 %(day)s 为止。任职和备课点也到那天为止。") % {
        "school": school.name,
        "day": values["on"],
    }


def _reopen(school: School, values: dict[str, Any], actor: User) -> str:
    operations.reopen_school(school=school, actor=actor)
    return _("“%s”恢复了。原来的任职没有恢复，请重新登记。") % school.name


def _open_point(school: School, values: dict[str, Any], actor: User) -> str:
    operations.open_prep_point(school=school, on=values["on"], actor=actor)
    return _("备课点设立了。")


def _close_point(school: School, values: dict[str, Any], actor: User) -> str:
    operations.close_prep_point(prep_point=school.prep_point, on=values["on"], actor=actor)
    return _("备课点到 %s 为止。") % values["on"]


def _merge(school: School, values: dict[str, Any], actor: User) -> str:
    merge = operations.merge_schools(school=school, into=values["into"], on=values["on"], actor=actor)
    names = {"school": school.name, "into": merge.into.name, "day": merge.on}
    if merge.on > timezone.localdate():
        return _("定下了：%(day)s 起，“%(school)s”并入“%(into)s”。到那天自动办，之前可以取消。") % names
    return _("“%(school)s”并入“%(into)s”了。老师、教学点和备课点都已过去，以前的记录还在原校名下。") % names


ACTS: dict[str, Callable[[School, dict[str, Any], User], str]] = {
    "change": _change,
    "close": _close,
    "reopen": _reopen,
    "merge": _merge,
    "open_point": _open_point,
    "close_point": _close_point,
}


@require_POST
def merge_withdraw(request: HttpRequest, merge_id: int) -> HttpResponse:
    user = require_manager(request)
    rows = SchoolMerge.objects.filter(school__in=School.objects.visible_to(user, Verb.MANAGE))
    merge = get_object_or_404(rows.select_related("school__county", "into"), pk=merge_id)
    school_id = merge.school_id
    try:
        operations.withdraw_merge(merge=merge, actor=user)
        messages.success(request, _("合并取消了。"))
    except NotPossible as refusal:
        messages.error(request, refusal.reason)
    return redirect("roster-school", school_id)
