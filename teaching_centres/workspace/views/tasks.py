"""Tasks: of a centre, of a school, one of them, one unit's part of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts.models import User
from teaching_centres.models import School, TeachingCentre
from teaching_centres.workspace import forms, operations, policies, seams
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.models import Task, TaskAnswer, TaskReceiver
from teaching_centres.workspace.operations.tasks import MAY_BEGIN, MAY_HAND_IN, path_of, path_of_receiver
from teaching_centres.workspace.policies import may, require
from teaching_centres.workspace.queries import tasks as queries
from teaching_centres.workspace.queries.common import page_of, unit_card
from teaching_centres.workspace.views.audiences import audience_context
from teaching_centres.workspace.views.common import (
    act_in_centre,
    carried_out,
    done,
    page_in_centre,
    page_in_school,
    person,
    posted,
    pressed,
    values_of,
    with_centre,
    with_school,
)

State = TaskReceiver.State


@require_safe
@with_centre
def centre_tasks(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    """What the centre gave, and what it was given itself from above."""
    require(person(request), Act.LEAD, centre.region)
    listing = queries.given_page(centre, request.GET.get("page", 1))
    received = page_of(queries.received_by(centre.region), request.GET.get("received", 1), 10)
    return page_in_centre(
        request,
        centre,
        "tasks",
        "tasks",
        page=listing.page,
        lines=listing.lines,
        received=queries.received_lines(received.object_list),
        received_page=received,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@act_in_centre(Act.LEAD, entry="task.given")
def give(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    user = person(request)
    form = forms.TaskForm(posted(request), initial={"schools": True})
    if request.method == "POST":
        given: list[Task] = []
        if carried_out(form, lambda: given.append(_give(user, centre, form))):
            receivers = given[0].receivers.count()
            text = _("布置好了，%(n)s 个单位收到。") % {"n": receivers}
            return done(request, text, path_of(given[0]))
    return page_in_centre(
        request,
        centre,
        "tasks",
        "task_new",
        status=422 if form.errors else 200,
        form=form,
        choices=_choices(user, form),
        **audience_context(centre, form, with_point=True),
    )


def _give(user: User, centre: TeachingCentre, form: forms.TaskForm) -> Task:
    read = form.cleaned_data
    return operations.give_task(
        centre=centre,
        title=read["title"],
        expected=read["expected"],
        due=read["due"],
        audience=form.audience(with_point=True),
        links=read["links"],
        once=read["once"],
        actor=user,
    )


def _choices(user: User, form: Any) -> list[dict[str, Any]]:
    """What may be attached, with what is ticked."""
    ticked = set(values_of(form, "links"))
    return [{"link": link, "ticked": link.value in ticked} for link in seams.link_choices(user)]


def _task(request: HttpRequest, task_id: int) -> Task:
    rows = Task.objects.visible_to(person(request)).select_related("centre__region__parent")
    return get_object_or_404(rows, pk=task_id)


@require_safe
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """For the centre, how it stands; whoever has one part of it only goes there."""
    user = person(request)
    found = _task(request, task_id)
    leads = bool(may(user, Act.LEAD, found.centre.region))
    if not leads:
        mine = list(TaskReceiver.objects.visible_to(user).filter(task=found).order_by("pk")[:2])
        if len(mine) == 1:
            return redirect("workspace-task-receiver", task_id=found.pk, receiver_id=mine[0].pk)
        return _parts(request, found)
    filters = queries.ReceiverFilters(
        state=request.GET.get("state", "") if request.GET.get("state") in State.values else "",
        text=request.GET.get("q", "").strip()[:40],
    )
    listing = queries.receivers_page(found, filters, request.GET.get("page", 1))
    return page_in_centre(
        request,
        found.centre,
        "tasks",
        "task",
        view=queries.task_view(user, found, with_states=True),
        page=listing.page,
        lines=listing.lines,
        filters=filters,
        states=State.choices,
    )


def _parts(request: HttpRequest, found: Task) -> HttpResponse:
    """Several of one's units have it: choose."""
    rows = TaskReceiver.objects.visible_to(person(request)).filter(task=found)
    page = page_of(
        rows.select_related("task__centre", "school__county", "region"), request.GET.get("page", 1)
    )
    return page_in_centre(
        request,
        found.centre,
        "overview",
        "task_parts",
        task=found,
        page=page,
        lines=queries.received_lines(page.object_list),
    )


@require_POST
def withdraw(request: HttpRequest, task_id: int) -> HttpResponse:
    found = _task(request, task_id)
    form = forms.WithdrawForm(request.POST)
    return pressed(
        request,
        form,
        lambda: operations.withdraw_task(
            task=found, because=form.cleaned_data["because"], actor=person(request)
        ),
        _("撤回了，收到的单位都会知道。"),
        path_of(found),
    )


# ---- one unit's part ---------------------------------------------------------------------------------------
def _receiver(request: HttpRequest, task_id: int, receiver_id: int) -> TaskReceiver:
    rows = TaskReceiver.objects.visible_to(person(request)).select_related(
        "task__centre__region__parent", "school__county__parent", "region"
    )
    return get_object_or_404(rows, pk=receiver_id, task_id=task_id)


@require_http_methods(["GET", "HEAD", "POST"])
def receiver(request: HttpRequest, task_id: int, receiver_id: int) -> HttpResponse:
    """What is asked of one unit, what it handed in, what the centre said. POST hands in."""
    user = person(request)
    row = _receiver(request, task_id, receiver_id)
    form = forms.AnswerForm(posted(request))
    if request.method == "POST":
        if carried_out(
            form,
            lambda: operations.hand_in(
                receiver=row, text=form.cleaned_data["text"], links=form.cleaned_data["links"], actor=user
            ),
        ):
            return done(request, _("交上去了，备课中心会看。"), path_of_receiver(row))
    else:
        operations.look_at_task(receiver=row, actor=user)
    answers = bool(may(user, Act.ANSWER, row.unit))
    judges = bool(may(user, Act.LEAD, row.task.centre.region))
    open_now = not row.task.is_withdrawn
    context = {
        "view": queries.task_view(user, row.task, with_states=False),
        "receiver": row,
        "unit": unit_card(row.unit),
        "overdue": row.task.is_overdue() and row.state in TaskReceiver.OUTSTANDING,
        "answers": queries.answers_of(user, row),
        "form": form,
        "may_answer": answers and open_now and row.state in MAY_HAND_IN,
        "may_begin": answers and open_now and row.state in MAY_BEGIN,
        "may_accept": judges and open_now and row.state == State.HANDED_IN,
        "may_return": judges and open_now and row.state in (State.HANDED_IN, State.DONE),
        "judges": judges,
        "choices": _choices(user, form) if answers else [],
    }
    status = 422 if form.errors else 200
    if judges or row.school is None:
        return page_in_centre(request, row.task.centre, "tasks", "task_receiver", status, **context)
    return page_in_school(request, row.school, "tasks", "task_receiver", status, **context)


@require_POST
def begin(request: HttpRequest, task_id: int, receiver_id: int) -> HttpResponse:
    row = _receiver(request, task_id, receiver_id)
    return pressed(
        request,
        forms.WordsForm({}),
        lambda: operations.begin_task(receiver=row, actor=person(request)),
        _("记下了：进行中。"),
        path_of_receiver(row),
    )


@require_POST
def judge(request: HttpRequest, task_id: int, receiver_id: int) -> HttpResponse:
    row = _receiver(request, task_id, receiver_id)
    form = forms.VerdictForm(request.POST)
    accepted = request.POST.get("verdict") == TaskAnswer.Verdict.ACCEPTED
    return pressed(
        request,
        form,
        lambda: operations.judge(receiver=row, actor=person(request), **_verdict(form)),
        _("通过了。") if accepted else _("退回了，对方会看到原因。"),
        path_of_receiver(row),
    )


def _verdict(form: forms.VerdictForm) -> dict[str, Any]:
    read = dict(form.cleaned_data)
    return {"answer_id": read.pop("answer"), **read}


# ---- a school's ------------------------------------------------------------------------------------------
@require_safe
@with_school
def school_tasks(request: HttpRequest, school: School) -> HttpResponse:
    user = person(request)
    policies.require(user, Act.FOLLOW, school)
    page = page_of(queries.received_by(school), request.GET.get("page", 1), 20)
    return page_in_school(
        request,
        school,
        "tasks",
        "school_tasks",
        page=page,
        lines=queries.received_lines(page.object_list),
        may_answer=bool(may(user, Act.ANSWER, school)),
        back=reverse("school", args=[school.pk]),
    )
