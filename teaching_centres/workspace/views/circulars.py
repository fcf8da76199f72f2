"""Notices downwards: sent, opened, who has read them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts.models import User
from teaching_centres.models import Region, School, TeachingCentre
from teaching_centres.numbers import id_in
from teaching_centres.policies import Unit
from teaching_centres.workspace import forms, operations, seams
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.models import Circular, CircularReceipt
from teaching_centres.workspace.operations.circulars import path_of
from teaching_centres.workspace.policies import may, require
from teaching_centres.workspace.queries import circulars as queries
from teaching_centres.workspace.queries.common import Listing, page_of, unit_card
from teaching_centres.workspace.views.audiences import audience_context
from teaching_centres.workspace.views.common import (
    act_in_centre,
    carried_out,
    done,
    page_in_centre,
    person,
    posted,
    pressed,
    values_of,
    with_centre,
)

USUAL_ROLES = ["administrator", "group_leader", "researcher"]


@require_safe
@with_centre
def centre_circulars(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    require(person(request), Act.LEAD, centre.region)
    listing = queries.sent_page(centre, request.GET.get("page", 1))
    return page_in_centre(request, centre, "circulars", "circulars", page=listing.page, lines=listing.lines)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What I was sent, from every centre above me."""
    page = page_of(queries.received_by(person(request)), request.GET.get("page", 1), 20)
    context = {"page": page, "lines": queries.received_lines(page.object_list)}
    return render(request, "teaching_centres/my_circulars.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@act_in_centre(Act.LEAD, entry="circular.sent")
def send(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    user = person(request)
    form = forms.CircularForm(posted(request), initial={"schools": True, "roles": USUAL_ROLES})
    if request.method == "POST":
        sent: list[Circular] = []
        if carried_out(form, lambda: sent.append(_send(user, centre, form))):
            text = _("发出去了，%(n)s 人会收到。") % {"n": sent[0].receipts.count()}
            return done(request, text, path_of(sent[0]))
    ticked = set(values_of(form, "links"))
    return page_in_centre(
        request,
        centre,
        "circulars",
        "circular_new",
        status=422 if form.errors else 200,
        form=form,
        choices=[{"link": link, "ticked": link.value in ticked} for link in seams.link_choices(user)],
        **audience_context(centre, form, with_point=False),
    )


def _send(user: User, centre: TeachingCentre, form: forms.CircularForm) -> Circular:
    read = form.cleaned_data
    return operations.send_circular(
        centre=centre,
        title=read["title"],
        text=read["text"],
        audience=form.audience(with_point=False),
        roles=read["roles"],
        links=read["links"],
        once=read["once"],
        actor=user,
    )


def _circular(request: HttpRequest, circular_id: int) -> Circular:
    rows = Circular.objects.visible_to(person(request)).select_related("centre__region__parent")
    return get_object_or_404(rows, pk=circular_id)


@require_safe
def circular(request: HttpRequest, circular_id: int) -> HttpResponse:
    """Opened by whoever it was sent to, it counts as read."""
    user = person(request)
    found = _circular(request, circular_id)
    operations.read_circular(circular=found, actor=user)
    seen = CircularReceipt.objects.visible_to(user).filter(circular=found)
    leads = bool(may(user, Act.LEAD, found.centre.region))
    receipts = queries.receipts_of(seen)
    context: dict[str, Any] = {
        "view": queries.circular_view(user, found),
        "receipts": receipts,
        "words": queries.words_of(receipts),
        "leads": leads,
        "sees_others": leads or receipts.people > 1,
    }
    return page_in_centre(request, found.centre, "circulars", "circular", **context)


@require_safe
def receipts(request: HttpRequest, circular_id: int) -> HttpResponse:
    """By unit; with ?unit=school:3, the people of one."""
    found = _circular(request, circular_id)
    rows = CircularReceipt.objects.visible_to(person(request)).filter(circular=found)
    unit = _unit(request.GET.get("unit", ""))
    number = request.GET.get("page", 1)
    only_unread = request.GET.get("unread") == "1"
    if unit is not None:
        listing: Listing[Any] = queries.people_page(rows, unit, number)
    else:
        listing = queries.units_page(rows, only_unread=only_unread, number=number)
    all_receipts = queries.receipts_of(rows)
    return page_in_centre(
        request,
        found.centre,
        "circulars",
        "receipts",
        view=queries.circular_view(person(request), found),
        receipts=all_receipts,
        words=queries.words_of(all_receipts),
        page=listing.page,
        lines=listing.lines,
        unit=unit_card(unit) if unit else None,
        only_unread=only_unread,
    )


def _unit(value: str) -> Unit | None:
    kind, _separator, number = value.partition(":")
    pk = id_in(number) or 0
    if kind == "school":
        return School.objects.select_related("county").filter(pk=pk).first()
    return Region.objects.filter(pk=pk).first() if kind == "region" else None


@require_POST
def remind(request: HttpRequest, circular_id: int) -> HttpResponse:
    found = _circular(request, circular_id)
    unread = queries.receipts_of(found.receipts.all()).unread
    return pressed(
        request,
        forms.WordsForm({}),
        lambda: operations.remind_unread(circular=found, actor=person(request)),
        _("提醒了没看的 %(n)s 人。") % {"n": unread},
        path_of(found),
    )


@require_POST
def withdraw(request: HttpRequest, circular_id: int) -> HttpResponse:
    found = _circular(request, circular_id)
    form = forms.WithdrawForm(request.POST)
    return pressed(
        request,
        form,
        lambda: operations.withdraw_circular(
            circular=found, because=form.cleaned_data["because"], actor=person(request)
        ),
        _("撤回了。"),
        path_of(found),
    )
