"""帮扶: the list of schools under care, and tickets."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts.models import User
from teaching_centres.models import School, TeachingCentre
from teaching_centres.workspace import forms, operations
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.models import SupportTicket, WeakSchool
from teaching_centres.workspace.operations.support import path_of
from teaching_centres.workspace.policies import may, may_answer_ticket, may_close_ticket, require
from teaching_centres.workspace.queries import support as queries
from teaching_centres.workspace.queries.common import unit_card
from teaching_centres.workspace.views.common import (
    act_in_centre,
    act_in_school,
    carried_out,
    done,
    page_in_centre,
    page_in_school,
    person,
    posted,
    pressed,
    subject_names,
    with_centre,
)
from teaching_centres.workspace.views.finding import found_schools

State = SupportTicket.State


@require_safe
@with_centre
def centre_support(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    user = person(request)
    require(user, Act.LEAD, centre.region)
    state = request.GET.get("state", "")
    filters = queries.TicketFilters(state=state if state in State.values else "", overdue=state == "overdue")
    tickets = queries.tickets_of_centre(user, centre)
    listing = queries.tickets_page(tickets, filters, request.GET.get("page", 1))
    weak = queries.weak_page(
        user, centre, past=request.GET.get("past") == "1", number=request.GET.get("list", 1)
    )
    return page_in_centre(
        request,
        centre,
        "support",
        "support",
        page=listing.page,
        lines=listing.lines,
        filters=filters,
        counts=queries.ticket_counts(tickets),
        states=State.choices,
        weak=weak,
        weak_lines=weak.lines,
        past=request.GET.get("past") == "1",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@act_in_centre(Act.LEAD, entry="support.listed")
def list_school(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    user = person(request)
    form = forms.WeakSchoolForm(posted(request), initial=request.GET.dict())
    if request.method == "POST" and carried_out(
        form, lambda: operations.list_school(centre=centre, actor=user, **form.cleaned_data)
    ):
        return done(request, _("列入名单了，只有这所学校和上级看得到。"), _support(centre))
    return page_in_centre(
        request,
        centre,
        "support",
        "weak_school_new",
        status=422 if form.errors else 200,
        form=form,
        schools=found_schools(request, centre.region, "school"),
    )


@require_POST
@act_in_centre(Act.LEAD, entry="support.unlisted")
def unlist_school(request: HttpRequest, centre: TeachingCentre, row_id: int) -> HttpResponse:
    rows = WeakSchool.objects.visible_to(person(request)).select_related("school__county", "centre__region")
    row = get_object_or_404(rows, pk=row_id, centre=centre)
    return pressed(
        request,
        forms.WordsForm({}),
        lambda: operations.unlist_school(row=row, actor=person(request)),
        _("今天起不在名单里了，以前的都留着。"),
        _support(centre),
    )


def _support(centre: TeachingCentre) -> str:
    return reverse("centre-support", args=[centre.pk])


# ---- a school's requests -----------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@act_in_school(Act.ASK, Act.LEAD, entry="ticket.opened")
def school_help(request: HttpRequest, school: School) -> HttpResponse:
    """What the school asked for; POST asks."""
    user = person(request)
    form = forms.TicketForm(posted(request), initial={"urgency": SupportTicket.Urgency.NORMAL})
    if request.method == "POST":
        opened: list[SupportTicket] = []
        if carried_out(
            form,
            lambda: opened.append(operations.open_ticket(school=school, actor=user, **form.cleaned_data)),
        ):
            return done(request, _("备课中心收到了，有人接会告诉你。"), path_of(opened[0]))
    listing = queries.tickets_page(queries.tickets_of_school(user, school), number=request.GET.get("page", 1))
    return page_in_school(
        request,
        school,
        "help",
        "school_help",
        status=422 if form.errors else 200,
        form=form,
        page=listing.page,
        lines=listing.lines,
        subject_names=subject_names(),
        listed=queries.listed_now(user, school),
    )


# ---- one ticket --------------------------------------------------------------------------------------------
def _ticket(request: HttpRequest, ticket_id: int) -> SupportTicket:
    rows = SupportTicket.objects.visible_to(person(request))
    rows = rows.select_related("school__county__parent", "centre__region__parent")
    return get_object_or_404(rows, pk=ticket_id)


@require_safe
def ticket(request: HttpRequest, ticket_id: int) -> HttpResponse:
    user = person(request)
    row = _ticket(request, ticket_id)
    waiting = row.state in SupportTicket.WAITING
    leads = bool(may(user, Act.LEAD, row.school.county))
    closes = bool(may_close_ticket(user, row))
    context: dict[str, Any] = {
        "ticket": row,
        "line": queries.ticket_lines([row])[0],
        "unit": unit_card(row.school),
        "messages_of": queries.messages_of(row),
        "may_take": leads and waiting,
        "helpers": queries.helper_choices(row) if leads and waiting else [],
        "may_answer": waiting and bool(may_answer_ticket(user, row)),
        "may_close": closes and row.state != State.CLOSED,
        "may_reopen": closes and not waiting,
        "may_write": row.state != State.CLOSED,
    }
    if leads:
        return page_in_centre(request, row.centre, "support", "ticket", **context)
    return page_in_school(request, row.school, "help", "ticket", **context)


Move = Callable[[SupportTicket, dict[str, Any], User], Any]
MOVES: dict[str, tuple[type[Form], Move]] = {
    "take": (
        forms.TakeForm,
        lambda row, read, user: operations.take_ticket(
            ticket=row,
            assigned_to=get_object_or_404(User, pk=read["assigned_to"]),
            until=read["until"],
            text=read["text"],
            actor=user,
        ),
    ),
    "answer": (
        forms.WordsForm,
        lambda row, read, user: operations.answer_ticket(ticket=row, text=read["text"], actor=user),
    ),
    "close": (
        forms.WordsForm,
        lambda row, read, user: operations.close_ticket(ticket=row, text=read["text"], actor=user),
    ),
    "reopen": (
        forms.WordsForm,
        lambda row, read, user: operations.reopen_ticket(ticket=row, text=read["text"], actor=user),
    ),
    "say": (
        forms.WordsForm,
        lambda row, read, user: operations.write_message(ticket=row, text=read["text"], actor=user),
    ),
}


@require_POST
def move(request: HttpRequest, ticket_id: int) -> HttpResponse:
    row = _ticket(request, ticket_id)
    act = request.POST.get("act", "")
    if act not in MOVES:
        raise Http404
    words = {
        "take": _("交给人办了。"),
        "answer": _("答复发出去了。"),
        "close": _("办结了。"),
        "reopen": _("重开了。"),
        "say": _("留言发出去了。"),
    }
    form_class, carry_out = MOVES[act]
    form = form_class(request.POST)
    return pressed(
        request, form, lambda: carry_out(row, form.cleaned_data, person(request)), words[act], path_of(row)
    )
