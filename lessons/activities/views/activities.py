"""Activities: the list, the call, the page with its stages, who takes part, what someone answers."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts.models import User
from foundation.api.problems import Problem
from foundation.catalogue.models import Subject
from lessons.activities import audience, forms, operations, queries
from lessons.activities.models import ActivityMember, AgendaItem, PrepActivity
from lessons.activities.policies import Act, Part, hosting_units, require, require_host
from lessons.activities.views.common import called_in, person, pressed, with_activity
from lessons.errors import NotPossible
from lessons.queries import templates_for
from lessons.variants.queries import differences
from teaching_centres.queries import person_cards

READ = ["GET", "HEAD", "POST"]
TABS: tuple[queries.Tab, ...] = ("mine", "led", "all")


@require_safe
def activity_list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    hosts = bool(hosting_units(user))
    tab: queries.Tab = next((tab for tab in TABS if tab == request.GET.get("tab")), "mine")
    filters = forms.filters_from(request.GET)
    try:
        page = queries.activity_page(user, tab, filters, request.GET.get("cursor"))
    except Problem:  # a cursor from nowhere: begin at the beginning
        page = queries.activity_page(user, tab, filters)
    names = {"mine": _("我参加的"), "led": _("我发起的"), "all": _("全部看得到的")}
    rest = request.GET.copy()
    rest.pop("cursor", None)
    context = {
        "tab": tab,
        "tabs": [{"value": value, "name": names[value], "here": value == tab} for value in TABS],
        "page": page,
        "filters": filters,
        "subjects": Subject.objects.all(),
        "grades": [(grade, queries.grade_name(grade)) for grade in range(1, 10)],
        "states": PrepActivity.State.choices,
        "more": f"?{rest.urlencode()}&cursor={page.next}" if page.next else "",
        "export": rest.urlencode(),
        "hosts": hosts,
    }
    part = bool(request.htmx)  # type: ignore[attr-defined]
    template = "lessons/activities/partials/rows.html" if part else "lessons/activities/list.html"
    return render(request, template, context)


# ---- the call --------------------------------------------------------------------------------------------


@require_http_methods(READ)
def activity_create(request: HttpRequest) -> HttpResponse:
    user = person(request)
    units = hosting_units(user)
    require_host(user, next(iter(units), None))
    templates = templates_for(user)
    form = forms.ActivityForm(
        request.POST or None,
        units=units,
        templates=templates,
        initial={**forms.usual_days(), "template": templates[0] if templates else None},
    )
    if request.method == "POST" and form.is_valid():
        activity = operations.draft(actor=user, unit=form.cleaned_data["of"], facts=form.facts)
        return redirect("activity-people", activity.pk)
    given = request.POST or (request.GET if "subject" in request.GET else queries.usual_group(user))
    return _form(request, form, forms.group_choices(given), None)


@require_safe
def group_fields(request: HttpRequest) -> HttpResponse:
    """The selects that depend on each other, for htmx."""
    choices = forms.group_choices(request.GET, units="unit" in request.GET)
    return render(request, "lessons/activities/partials/group_fields.html", {"choices": choices})


@require_http_methods(READ)
@with_activity
def activity_change(request: HttpRequest, activity: PrepActivity, parts: frozenset[Part]) -> HttpResponse:
    user = person(request)
    require(user, Act.CHANGE, activity)
    templates = templates_for(user)
    if activity.template is not None and activity.template not in templates:
        templates.append(activity.template)
    form = forms.ActivityForm(
        request.POST or None,
        units=[activity.unit_of_leader],
        templates=templates,
        initial=forms.initial_of(activity),
    )
    if request.method == "POST" and form.is_valid():
        return pressed(
            request,
            lambda: operations.change(actor=user, activity=activity, facts=form.facts),
            _("改好了。"),
            "activity",
            activity.pk,
        )
    given = request.POST or (request.GET if "subject" in request.GET else forms.group_of(activity))
    return _form(request, form, forms.group_choices(given), activity)


def _form(
    request: HttpRequest, form: forms.ActivityForm, choices: list[Any], activity: PrepActivity | None
) -> HttpResponse:
    context = {
        "form": form,
        "choices": choices,
        "activity": activity,
        "units": [(key, str(unit)) for key, unit in form.units.items()],
    }
    return render(request, "lessons/activities/form.html", context, status=422 if form.errors else 200)


# ---- the page --------------------------------------------------------------------------------------------


@require_safe
@with_activity
def activity_page(request: HttpRequest, activity: PrepActivity, parts: frozenset[Part]) -> HttpResponse:
    user = person(request)
    view = queries.activity_view(user, activity, parts)
    plan = queries.plan_link(user, activity)
    ways = differences(activity.plan, [item.block for item in view.agenda]) if plan and activity.plan else {}
    context = {
        "activity": view,
        "people": queries.people_of(user, activity, request.GET.get("page", 1)),
        "plan": plan,
        "agenda": [(item, ways.get(item.block)) for item in view.agenda],
    }
    return render(request, "lessons/activities/activity.html", context)


MOVES = {
    "open": (operations.open_activity, _("发起了，大家会收到消息。")),
    "hand_in": (operations.hand_in, _("初稿交了，集研开始，大家会收到消息。")),
    "settle": (operations.settle, _("定稿了，共案发给了参加的老师。")),
    "start_own": (operations.start_own, _("进入个案阶段了。")),
    "step_back": (operations.step_back, _("退回上一阶段了，写的都在。")),
    "close": (operations.close, _("活动结束了。")),
    "reopen": (operations.reopen, _("重新打开了。")),
}


@require_POST
@with_activity
def activity_move(request: HttpRequest, activity: PrepActivity, parts: frozenset[Part]) -> HttpResponse:
    move = MOVES.get(request.POST.get("do", ""))
    if move is None:
        return redirect("activity", activity.pk)
    operation, done = move
    user = person(request)
    return pressed(
        request, lambda: operation(actor=user, activity=activity), str(done), "activity", activity.pk
    )


@require_POST
@with_activity
def activity_discard(request: HttpRequest, activity: PrepActivity, parts: frozenset[Part]) -> HttpResponse:
    operations.discard(actor=person(request), activity=activity)
    messages.success(request, _("草稿删掉了。"))
    return redirect("activity-list")


ANSWERED = {
    Act.RECEIVE: _("接收了。下一步：做你的个案。"),
    Act.DECLINE: _("记下了，发起人会看到原因。"),
    Act.TAKE_LEAVE: _("请好假了，发起人会看到原因。"),
}


@require_POST
@with_activity
def activity_answer(request: HttpRequest, activity: PrepActivity, parts: frozenset[Part]) -> HttpResponse:
    form = forms.ReasonForm(request.POST)
    act = next((act for act in ANSWERED if act == request.POST.get("do")), None)
    if act is None or not form.is_valid():
        return redirect("activity", activity.pk)
    return pressed(
        request,
        lambda: operations.answer(
            actor=person(request), activity=activity, act=act, reason=form.cleaned_data["reason"]
        ),
        str(ANSWERED[act]),
        "activity",
        activity.pk,
    )


@require_POST
@with_activity
def activity_own(request: HttpRequest, activity: PrepActivity, parts: frozenset[Part]) -> HttpResponse:
    """做我的个案: to one's own version, which is made when there is none yet."""
    try:
        plan = operations.make_own(actor=person(request), activity=activity)
    except NotPossible as refusal:
        messages.error(request, refusal.reason)
        return redirect("activity", activity.pk)
    return redirect("plan-editor", plan.pk)


# ---- who takes part ----------------------------------------------------------------------------------------


@require_http_methods(READ)
@with_activity
def activity_people(request: HttpRequest, activity: PrepActivity, parts: frozenset[Part]) -> HttpResponse:
    """Call people and schools; POST calls one of those found."""
    user = person(request)
    require(user, Act.INVITE, activity)
    if request.method == "POST":
        try:
            called, name = called_in(request, str(activity.subject))
            added = operations.call(actor=user, activity=activity, called=called)
        except NotPossible as refusal:
            messages.error(request, refusal.reason)
        else:
            words = _("请了%(name)s，新加 %(count)d 人。") if added else _("%(name)s已经请过了。")
            messages.success(request, words % {"name": name, "count": added})
        return redirect("activity-people", activity.pk)
    text = request.GET.get("q", "").strip()[:40]
    there = set(activity.members.values_list("user_id", flat=True)) | {activity.lead_preparer_id}
    found = audience.find(user, text, there) if text else None
    context = {"activity": activity, "text": text, "found": found, "words": queries.words_of(activity)}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "lessons/activities/partials/found.html", context)
    context |= {
        "lead": person_cards([activity.lead_preparer_id])[activity.lead_preparer_id],
        "people": queries.people_of(user, activity, request.GET.get("page", 1)),
        "me": user.pk,
    }
    return render(request, "lessons/activities/people.html", context)


@require_POST
@with_activity
def activity_person(
    request: HttpRequest, activity: PrepActivity, parts: frozenset[Part], member_id: int
) -> HttpResponse:
    """Make a member the lead preparer, or take them out."""
    user = person(request)
    member = get_object_or_404(ActivityMember.objects.select_related("user"), pk=member_id, activity=activity)
    if request.POST.get("do") == "appoint":
        done = _("现在由%(name)s主备。") % {"name": member.user.name}
        act = lambda: operations.appoint(actor=user, activity=activity, person=member.user)  # noqa: E731
    else:
        done = _("不再请%(name)s。") % {"name": member.user.name}
        act = lambda: operations.uncall(actor=user, activity=activity, member=member)  # noqa: E731
    return pressed(request, act, done, "activity-people", activity.pk)


@require_POST
@with_activity
def activity_lead(request: HttpRequest, activity: PrepActivity, parts: frozenset[Part]) -> HttpResponse:
    """我自己主备."""
    user: User = person(request)
    return pressed(
        request,
        lambda: operations.appoint(actor=user, activity=activity, person=user),
        _("现在由你主备。"),
        "activity-people",
        activity.pk,
    )


# ---- the agenda --------------------------------------------------------------------------------------------


@require_POST
@with_activity
def agenda_raise(request: HttpRequest, activity: PrepActivity, parts: frozenset[Part]) -> HttpResponse:
    form = forms.AgendaForm(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    return pressed(
        request,
        lambda: operations.raise_item(actor=person(request), activity=activity, text=text),
        _("加进议题了。"),
        "activity",
        activity.pk,
    )


@require_POST
@with_activity
def agenda_finish(
    request: HttpRequest, activity: PrepActivity, parts: frozenset[Part], item_id: int
) -> HttpResponse:
    item = get_object_or_404(AgendaItem.objects.select_related("activity"), pk=item_id, activity=activity)
    return pressed(
        request,
        lambda: operations.finish_item(actor=person(request), item=item),
        _("标成“议过”了。"),
        "activity",
        activity.pk,
    )
