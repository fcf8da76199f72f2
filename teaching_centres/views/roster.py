"""名册: the people of the units one manages, one person, and what may be done about them."""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from foundation.accounts.models import User
from teaching_centres import operations, policies
from teaching_centres.errors import NotPossible
from teaching_centres.models import Leave, Membership
from teaching_centres.people_accounts import managed_people
from teaching_centres.roles import Role, Verb
from teaching_centres.roster import forms, listing
from teaching_centres.roster.duplicates import find_duplicates
from teaching_centres.roster.listing import PeopleFilters
from teaching_centres.roster.sheets import SUBJECTS
from teaching_centres.views.accounts import require_manager

Form = django_forms.Form
READ = ["GET", "HEAD", "POST"]


@never_cache
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    user = require_manager(request)
    filters = PeopleFilters(
        text=request.GET.get("q", "").strip()[:60],
        unit=request.GET.get("unit", ""),
        role=request.GET.get("role", ""),
        subject=request.GET.get("subject", "")[:32],
        state=request.GET.get("state", ""),
    )
    context = {
        "people": listing.people_page(user, filters, number=request.GET.get("page", 1)),
        "filters": filters,
        "roles": Role.choices,
        "states": listing.people_states().items(),
        "tab": "people",
    }
    return render(request, "teaching_centres/roster/people.html", context)


@never_cache
@require_http_methods(READ)
def person_new(request: HttpRequest) -> HttpResponse:
    user = require_manager(request)
    form = forms.NewPersonForm(
        request.POST or None, actor=user, initial={"unit": request.GET.get("unit", "")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            person = operations.add_person(**form.cleaned_data, actor=user)
        except NotPossible as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("加上了%s。给他一个开通码，他自己设密码。") % person.name)
            return redirect("roster-person", person.pk)
    context = {"form": form, "subjects": SUBJECTS}
    return render(request, "teaching_centres/roster/person_new.html", context)


# ---- one person ----------------------------------------------------------------------------------------
@never_cache
@require_http_methods(READ)
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    user = require_manager(request)
    found = get_object_or_404(managed_people(user), pk=person_id)
    bound: dict[str, Form] = {}
    if request.method == "POST":
        name = request.POST.get("do", "")
        act = PERSON_ACTS.get(name)
        if act is None:
            raise Http404
        form = _person_forms(user, found, {name: request.POST})[name]
        if form.is_valid():
            try:
                messages.success(request, act(found, form.cleaned_data, user))
                return redirect("roster-person", person_id)
            except NotPossible as refusal:
                form.add_error(None, refusal.reason)
        bound[name] = form
    context = {
        "page": listing.person_page(user, found),
        "forms": {**_person_forms(user, found, {}), **bound},
        "open": next(iter(bound), ""),
        "subjects": SUBJECTS,
    }
    return render(request, "teaching_centres/roster/person.html", context)


def _person_forms(user: User, person: User, data: dict[str, Any]) -> dict[str, Form]:
    def make(form: Callable[..., Form], name: str, **options: Any) -> Form:
        return form(data.get(name), auto_id=f"{name}_%s", **options)

    facts = {"username": person.username, "name": person.name, "email": person.email}
    return {
        "add": make(forms.MembershipForm, "add", actor=user),
        "leave": make(forms.LeaveForm, "leave"),
        "retire": make(forms.RetireForm, "retire"),
        "change": make(forms.ChangePersonForm, "change", initial=facts),
    }


def _add(person: User, values: dict[str, Any], actor: User) -> str:
    row = operations.grant_membership(user=person, **values, actor=actor)
    return _("%(name)s现在是“%(unit)s”的%(role)s。") % {
        "name": person.name,
        "unit": row.unit,
        "role": row.get_role_display(),
    }


def _leave(person: User, values: dict[str, Any], actor: User) -> str:
    leave = operations.record_leave(person=person, **values, actor=actor)
    return _("%(name)s的%(kind)s记下了。") % {"name": person.name, "kind": leave.get_kind_display()}


def _retire(person: User, values: dict[str, Any], actor: User) -> str:
    operations.retire(person=person, on=values["on"], actor=actor)
    return _("%s退休记下了。任职到那天为止，教案都还在。") % person.name


def _change(person: User, values: dict[str, Any], actor: User) -> str:
    operations.change_person(person=person, **values, actor=actor)
    return _("改好了。")


PERSON_ACTS: dict[str, Callable[[User, dict[str, Any], User], str]] = {
    "add": _add,
    "leave": _leave,
    "retire": _retire,
    "change": _change,
}


# ---- one membership, one leave -------------------------------------------------------------------------
@never_cache
@require_http_methods(READ)
def membership(request: HttpRequest, membership_id: int) -> HttpResponse:
    user = require_manager(request)
    rows = Membership.objects.visible_to(user, Verb.MANAGE)
    found = get_object_or_404(
        rows.select_related("user", "school__county", "region__parent"), pk=membership_id
    )
    bound: dict[str, Form] = {}
    if request.method == "POST":
        name = request.POST.get("do", "")
        if name not in MEMBERSHIP_ACTS:
            raise Http404
        form = _membership_forms(user, found, {name: request.POST})[name]
        if form.is_valid():
            try:
                messages.success(request, MEMBERSHIP_ACTS[name](found, form.cleaned_data, user))
                return redirect("roster-person", found.user_id)
            except NotPossible as refusal:
                form.add_error(None, refusal.reason)
        bound[name] = form
    context = {
        "held": listing.held_row(user, found),
        "person": found.user,
        "forms": {**_membership_forms(user, found, {}), **bound},
        "open": next(iter(bound), ""),
    }
    return render(request, "teaching_centres/roster/membership.html", context)


def _membership_forms(user: User, row: Membership, data: dict[str, Any]) -> dict[str, Form]:
    return {
        "transfer": forms.TransferForm(data.get("transfer"), auto_id="transfer_%s", actor=user),
        "end": forms.EndForm(data.get("end"), auto_id="end_%s"),
        "prolong": forms.LeaveEndForm(data.get("prolong"), auto_id="prolong_%s", initial={"ends": row.ends}),
    }


def _transfer(row: Membership, values: dict[str, Any], actor: User) -> str:
    new = operations.transfer_membership(membership=row, **values, actor=actor)
    return _("%(name)s从 %(day)s 起在“%(unit)s”。原来的任职到前一天为止。") % {
        "name": row.user.name,
        "day": new.starts,
        "unit": new.unit,
    }


def _end(row: Membership, values: dict[str, Any], actor: User) -> str:
    operations.end_membership(membership=row, on=values["ends"], ended_as=values["ended_as"], actor=actor)
    return _("“%(unit)s”的任职到 %(day)s 为止。") % {"unit": row.unit, "day": values["ends"]}


def _prolong(row: Membership, values: dict[str, Any], actor: User) -> str:
    operations.change_end(membership=row, ends=values["ends"], actor=actor)
    return _("改好了。")


MEMBERSHIP_ACTS: dict[str, Callable[[Membership, dict[str, Any], User], str]] = {
    "transfer": _transfer,
    "end": _end,
    "prolong": _prolong,
}


@require_http_methods(["POST"])
def leave(request: HttpRequest, leave_id: int) -> HttpResponse:
    """Another last day, or it was a mistake."""
    user = require_manager(request)
    found = get_object_or_404(
        Leave.objects.filter(user__in=managed_people(user)).select_related("user"), pk=leave_id
    )
    form = forms.LeaveEndForm(request.POST)
    try:
        if request.POST.get("do") == "withdraw":
            operations.withdraw_leave(leave=found, actor=user)
            messages.success(request, _("这次离岗的登记取消了。"))
        elif form.is_valid():
            operations.change_leave(leave=found, ends=form.cleaned_data["ends"], actor=user)
            messages.success(request, _("改好了。"))
        else:
            messages.error(request, " ".join(str(error) for error in form.errors["ends"]))
    except NotPossible as refusal:
        messages.error(request, refusal.reason)
    return redirect("roster-person", found.user_id)


# ---- duplicates ----------------------------------------------------------------------------------------
@never_cache
@require_safe
def duplicates(request: HttpRequest) -> HttpResponse:
    user = require_manager(request)
    context = {"pairs": find_duplicates(user), "tab": "duplicates"}
    return render(request, "teaching_centres/roster/duplicates.html", context)


@never_cache
@require_safe
def find_pair(request: HttpRequest, person_id: int) -> HttpResponse:
    """Someone knows the other number: on to the page where the two are compared."""
    user = require_manager(request)
    one = get_object_or_404(managed_people(user), pk=person_id)
    number = request.GET.get("number", "").strip()
    other = managed_people(user).filter(username=number).exclude(pk=one.pk).first() if number else None
    if other is None:
        messages.error(request, _("你管的人里没有号码是“%s”的。") % number[:30])
        return redirect("roster-person", person_id)
    return redirect("roster-pair", one.pk, other.pk)


@never_cache
@require_http_methods(READ)
def pair(request: HttpRequest, one_id: int, other_id: int) -> HttpResponse:
    user = require_manager(request)
    people = managed_people(user)
    one, other = (get_object_or_404(people, pk=pk) for pk in (one_id, other_id))
    if one.pk == other.pk:
        raise Http404
    if request.method == "POST":
        answer = _settle(request, user, one, other)
        if answer is not None:
            return answer
    context = {
        "one": listing.person_page(user, one),
        "other": listing.person_page(user, other),
        "denied": _why_not(user, one, other),
    }
    return render(request, "teaching_centres/roster/pair.html", context)


def _why_not(user: User, one: User, other: User) -> str:
    decisions = [policies.may_manage_person(user, each) for each in (one, other)]
    return next((decision.reason for decision in decisions if not decision), "")


def _settle(request: HttpRequest, user: User, one: User, other: User) -> HttpResponse | None:
    try:
        if request.POST.get("do") == "apart":
            operations.tell_apart(one=one, other=other, actor=user)
            messages.success(request, _("记下了：是两个人。以后不再提示。"))
            return redirect("roster-duplicates")
        keep = request.POST.get("keep", "")
        if keep not in (str(one.pk), str(other.pk)):
            messages.error(request, _("请选留下哪个号码。"))
            return None
        survivor, absorbed = (one, other) if keep == str(one.pk) else (other, one)
        operations.merge_people(survivor=survivor, absorbed=absorbed, actor=user)
    except NotPossible as refusal:
        messages.error(request, refusal.reason)
        return None
    messages.success(
        request,
        _("并好了。%(name)s以后用 %(number)s 登录。") % {"name": survivor.name, "number": survivor.username},
    )
    return redirect("roster-person", survivor.pk)
