"""What the pages of a workspace share: who asks, which place, its tabs; a refusal is said where it was made."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.catalogue.models import Subject
from foundation.ledger.audit import audit
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.models import School, TeachingCentre
from teaching_centres.operations.common import about_unit
from teaching_centres.policies import Unit
from teaching_centres.queries import region_line
from teaching_centres.workspace import policies, seams
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.policies import may

Arguments = ParamSpec("Arguments")


def person(request: HttpRequest) -> User:
    return cast(User, request.user)


@dataclass(frozen=True)
class Tab:
    name: str | Promise
    url: str
    here: bool


@dataclass(frozen=True)
class Place:
    """A centre or a school as the head of its pages shows it."""

    name: str
    line: str
    side: str
    url: str
    is_demo: bool
    is_centre: bool
    tabs: list[Tab]


# ---- the two kinds of places -----------------------------------------------------------------------------
CentreView = Callable[Concatenate[HttpRequest, TeachingCentre, Arguments], HttpResponse]
SchoolView = Callable[Concatenate[HttpRequest, School, Arguments], HttpResponse]


def with_centre(view: CentreView[Arguments]) -> Callable[..., HttpResponse]:
    """Gives the view the centre in place of its id, if this person may open it."""

    @wraps(view)
    def wrapped(request: HttpRequest, centre_id: int, *args: Any, **kwargs: Any) -> HttpResponse:
        centre = _centre(centre_id)
        policies.require_open(person(request), centre)
        return view(request, centre, *args, **kwargs)

    return wrapped


def with_school(view: SchoolView[Arguments]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def wrapped(request: HttpRequest, school_id: int, *args: Any, **kwargs: Any) -> HttpResponse:
        school = _school(school_id)
        policies.require_open(person(request), school)
        return view(request, school, *args, **kwargs)

    return wrapped


def act_in_centre(*acts: Act, entry: str) -> Callable[[CentreView[Arguments]], Callable[..., HttpResponse]]:
    """For a form that does something: one of `acts` opens it; whoever sends it without is entered as refused."""

    def decorate(view: CentreView[Arguments]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapped(request: HttpRequest, centre_id: int, *args: Any, **kwargs: Any) -> HttpResponse:
            centre = _centre(centre_id)
            _require_one(request, acts, centre.region, entry)
            return view(request, centre, *args, **kwargs)

        return wrapped

    return decorate


def act_in_school(*acts: Act, entry: str) -> Callable[[SchoolView[Arguments]], Callable[..., HttpResponse]]:
    def decorate(view: SchoolView[Arguments]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapped(request: HttpRequest, school_id: int, *args: Any, **kwargs: Any) -> HttpResponse:
            school = _school(school_id)
            _require_one(request, acts, school, entry)
            return view(request, school, *args, **kwargs)

        return wrapped

    return decorate


def _centre(centre_id: int) -> TeachingCentre:
    return get_object_or_404(TeachingCentre.objects.select_related("region__parent"), pk=centre_id)


def _school(school_id: int) -> School:
    rows = School.objects.select_related("county__parent", "parent", "prep_point")
    return get_object_or_404(rows, pk=school_id)


def _require_one(request: HttpRequest, acts: Iterable[Act], unit: Unit, entry: str) -> None:
    decisions = [may(person(request), act, unit) for act in acts]
    if any(decisions):
        return
    if request.method == "POST":
        audit(act=entry, allowed=False, **about_unit(unit, person(request)))
    raise Denied(decisions[0].reason)


def centre_place(user: User, centre: TeachingCentre, here: str) -> Place:
    leads = bool(may(user, Act.LEAD, centre.region))
    looks = leads or bool(may(user, Act.LOOK, centre.region))
    tabs = [
        ("overview", _("概况"), "centre", True),
        ("tasks", _("任务"), "centre-tasks", leads),
        ("circulars", _("通知"), "centre-circulars", leads),
        ("experts", _("骨干"), "centre-experts", True),
        *((each.key, each.name, each.address, True) for each in seams.centre_sections),
        ("calendar", _("日历"), "centre-calendar", True),
        ("support", _("帮扶"), "centre-support", leads),
        ("pairings", _("结对"), "centre-pairings", looks),
        ("visits", _("交流"), "centre-visits", looks),
        ("schools", _("学校"), "centre-schools", looks),
    ]
    return Place(
        name=centre.name,
        line=region_line(centre.region),
        side="",
        url=reverse("centre", args=[centre.pk]),
        is_demo=centre.is_demo,
        is_centre=True,
        tabs=_tabs(tabs, centre.pk, here),
    )


def school_place(user: User, school: School, here: str) -> Place:
    leads = bool(may(user, Act.LEAD, school))
    looks = bool(may(user, Act.LOOK, school))
    asks = leads or bool(may(user, Act.ASK, school))
    tabs = [
        ("overview", _("概况"), "school", True),
        ("tasks", _("任务"), "school-tasks", bool(may(user, Act.FOLLOW, school))),
        ("people", _("人员"), "school-people", True),
        *((each.key, each.name, each.address, looks) for each in seams.school_sections),
        ("line", _("线路"), "school-line", looks),
        ("pairing", _("结对"), "school-pairings", looks),
        ("help", _("求助"), "school-help", asks),
        ("visits", _("交流"), "school-visits", looks),
    ]
    return Place(
        name=school.name,
        line=region_line(school.county),
        side=school.side,
        url=reverse("school", args=[school.pk]),
        is_demo=school.is_demo,
        is_centre=False,
        tabs=_tabs(tabs, school.pk, here),
    )


def _tabs(tabs: Any, pk: int, here: str) -> list[Tab]:
    return [Tab(name, reverse(url, args=[pk]), key == here) for key, name, url, shown in tabs if shown]


def page_in_centre(
    request: HttpRequest, centre: TeachingCentre, here: str, name: str, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {"place": centre_place(person(request), centre, here), "centre": centre}
    return render(request, _template(name), context, status=status)


def page_in_school(
    request: HttpRequest, school: School, here: str, name: str, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {"place": school_place(person(request), school, here), "school": school}
    return render(request, _template(name), context, status=status)


def _template(name: str) -> str:
    """A page of ours by its short name, one of an app above by its whole one."""
    return name if "/" in name else f"teaching_centres/{name}.html"


# ---- what was sent -------------------------------------------------------------------------------------
def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to; none when its page is only looked at."""
    return request.POST if request.method == "POST" else None


def carried_out(form: forms.Form, act: Callable[[], Any]) -> bool:
    """Do it if the form is right. What nobody may do is said in the form, which keeps what was typed."""
    if not form.is_valid():
        return False
    try:
        act()
    except NotPossible as refused:
        form.add_error(None, refused.reason)
        return False
    return True


def done(request: HttpRequest, text: str, to: str) -> HttpResponse:
    messages.success(request, text)
    return HttpResponseRedirect(to)


def pressed(
    request: HttpRequest, form: forms.Form, act: Callable[[], Any], text: str, to: str
) -> HttpResponse:
    """A short form in a page of other things: what came of it is said at the top of that page."""
    if carried_out(form, act):
        messages.success(request, text)
    else:
        for error in dict.fromkeys(str(each) for errors in form.errors.values() for each in errors):
            messages.error(request, error)
    return HttpResponseRedirect(to)


def values_of(form: forms.Form, name: str) -> list[str]:
    """All that was sent under a name, before it is judged; else what the form begins with."""
    if not form.is_bound:
        return list(form.initial.get(name, ()))
    return form.data.getlist(name) if isinstance(form.data, QueryDict) else []


def subject_names() -> list[str]:
    return list(Subject.objects.values_list("name", flat=True))
