"""The list of weak schools, and tickets: opened, taken, answered, closed, opened again."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.audit import audited
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.models import Region, School, TeachingCentre
from teaching_centres.operations.common import about_unit
from teaching_centres.queries import centre_of
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.audiences import leaders_of
from teaching_centres.workspace.models import SupportTicket, TicketMessage, WeakSchool
from teaching_centres.workspace.operations.common import (
    create_once,
    record_event,
    refuse_if,
    sent_already,
    tell,
)
from teaching_centres.workspace.policies import (
    may,
    may_answer_ticket,
    may_close_ticket,
    may_see_ticket,
    require,
    require_decision,
)
from teaching_centres.workspace.queries.helpers import may_be_given

State = SupportTicket.State


# ---- the list ----------------------------------------------------------------------------------------
def list_school(
    *,
    centre: TeachingCentre,
    school: School,
    reason: str,
    starts: date | None = None,
    ends: date | None = None,
    is_demo: bool = False,
    actor: User,
) -> WeakSchool:
    starts = starts or timezone.localdate()
    region_id = centre.region_id
    with audited("support.listed", **about_unit(school, actor, region_id=region_id)) as entry:
        require(actor, Act.LEAD, centre.region)
        _refuse_elsewhere(centre.region, school)
        refuse_if(school.is_closed(), _("“%(school)s”已经撤并。") % {"school": school})
        refuse_if(ends is not None and ends < starts, _("结束日期早于开始日期。"))
        listed = WeakSchool.objects.current().filter(centre=centre, school=school)
        refuse_if(listed.exists(), _("“%(school)s”已经在名单里。") % {"school": school})
        row = WeakSchool.objects.create(
            centre=centre,
            school=school,
            reason=reason,
            starts=starts,
            ends=ends,
            listed_by=actor,
            is_demo=is_demo,
        )
        entry.details["weak_school_id"] = row.pk
        event = events.WeakSchoolListed(subject_id=school.pk, subject_label=school.name, region_id=region_id)
        record_event(event, actor)
    return row


def unlist_school(*, row: WeakSchool, actor: User) -> WeakSchool:
    """Today is its last day on the list; what was tried stays on record."""
    region_id = row.centre.region_id
    details = {"weak_school_id": row.pk, "region_id": region_id}
    with audited("support.unlisted", **about_unit(row.school, actor, **details)):
        require(actor, Act.LEAD, row.centre.region)
        today = timezone.localdate()
        refuse_if(row.ends is not None and row.ends < today, _("已经结束了。"))
        row.ends = max(today, row.starts)
        row.save(update_fields=["ends"])
        event = events.WeakSchoolUnlisted(
            subject_id=row.school_id, subject_label=row.school.name, region_id=region_id
        )
        record_event(event, actor)
    return row


# ---- tickets -----------------------------------------------------------------------------------------
def open_ticket(
    *,
    school: School,
    need: str,
    subject: str = "",
    urgency: str = SupportTicket.Urgency.NORMAL,
    is_demo: bool = False,
    once: UUID | None = None,
    actor: User,
) -> SupportTicket:
    """Asked by the school's own people, or opened for it by whoever leads it from the centre. One form asks once."""
    before = sent_already(SupportTicket, once, opened_by=actor)
    if before is not None:
        return before
    with audited("ticket.opened", **about_unit(school, actor)) as entry:
        by_school = may(actor, Act.ASK, school)
        if not by_school and not may(actor, Act.LEAD, school):
            raise Denied(by_school.reason)
        centre = centre_of(school.county)
        if centre is None:
            raise NotPossible(_("“%(region)s”还没有备课中心，请先联系县管理员。") % {"region": school.county})
        ticket = create_once(
            SupportTicket,
            school=school,
            centre=centre,
            subject=subject,
            need=need,
            urgency=urgency,
            opened_by=actor,
            opened_by_centre=not by_school,
            is_demo=is_demo,
            once=once,
        )
        entry.details["ticket_id"] = ticket.pk
        event = events.TicketOpened(subject_id=ticket.pk, school_id=school.pk, by_centre=not by_school)
        record_event(event, actor)
        if by_school:
            urgent = urgency == SupportTicket.Urgency.URGENT
            text = _("%(school)s求助（急）") if urgent else _("%(school)s求助")
            _tell(leaders_of(centre.region), ticket, text % {"school": school}, actor)
        else:
            _tell(leaders_of(school), ticket, _("备课中心为你校提出了一件帮扶"), actor)
    return ticket


def take_ticket(
    *, ticket: SupportTicket, assigned_to: User, until: date, text: str = "", actor: User
) -> SupportTicket:
    """Given to someone, until a day. Giving it on to someone else is the same act."""
    with audited("ticket.moved", **_about(ticket, State.TAKEN, actor)):
        require(actor, Act.LEAD, ticket.school.county)
        refuse_if(ticket.state in (State.ANSWERED, State.CLOSED), _("这件求助已经答复，先重开再交给人办。"))
        refuse_if(until < timezone.localdate(), _("办到哪天，请选今天或以后。"))
        refuse_if(
            not may_be_given(ticket, assigned_to),
            _("请从名单里选：本级和上级的教研员、管理员，或本地的骨干。"),
        )
        ticket.assigned_to, ticket.until, ticket.reminded_on = assigned_to, until, None
        _move(ticket, State.TAKEN, text, actor, "assigned_to", "until", "reminded_on")
        until_text = _("%(month)s月%(day)s日") % {"month": until.month, "day": until.day}
        words = {"school": ticket.school, "until": until_text}
        _tell([assigned_to.pk], ticket, _("请你帮%(school)s，%(until)s前办") % words, actor)
        _tell([ticket.opened_by_id], ticket, _("求助有人接了，%(until)s前办") % words, actor)
    return ticket


def answer_ticket(*, ticket: SupportTicket, text: str, actor: User) -> SupportTicket:
    with audited("ticket.moved", **_about(ticket, State.ANSWERED, actor)):
        require_decision(may_answer_ticket(actor, ticket))
        refuse_if(ticket.state not in SupportTicket.WAITING, _("这件求助已经答复过，要补充就留言。"))
        refuse_if(not text.strip(), _("写上怎样帮的，对方才看得到。"))
        fields = []
        if ticket.assigned_to_id is None:
            ticket.assigned_to, fields = actor, ["assigned_to"]
        _move(ticket, State.ANSWERED, text, actor, *fields)
        people = {ticket.opened_by_id, *leaders_of(ticket.school)}
        _tell(people, ticket, _("求助有了答复，请看看管不管用"), actor)
    return ticket


def close_ticket(*, ticket: SupportTicket, text: str = "", actor: User) -> SupportTicket:
    with audited("ticket.moved", **_about(ticket, State.CLOSED, actor)):
        require_decision(may_close_ticket(actor, ticket))
        refuse_if(ticket.state == State.CLOSED, _("这件求助已经办结。"))
        _move(ticket, State.CLOSED, text, actor)
        people = {ticket.opened_by_id, *([ticket.assigned_to_id] if ticket.assigned_to_id else [])}
        _tell(people, ticket, _("%(school)s的求助办结了") % {"school": ticket.school}, actor)
    return ticket


def reopen_ticket(*, ticket: SupportTicket, text: str, actor: User) -> SupportTicket:
    """The help did not help: it goes back to whoever had it, or to nobody yet."""
    back_to = State.TAKEN if ticket.assigned_to_id else State.OPEN
    with audited("ticket.moved", **_about(ticket, back_to, actor)):
        require_decision(may_close_ticket(actor, ticket))
        refuse_if(ticket.state in SupportTicket.WAITING, _("这件求助还在办。"))
        refuse_if(not text.strip(), _("写上还差什么，再重开。"))
        ticket.reopened += 1
        _move(ticket, back_to, text, actor, "reopened")
        people = {ticket.assigned_to_id} if ticket.assigned_to_id else set(leaders_of(ticket.centre.region))
        _tell(people, ticket, _("%(school)s的求助重开了") % {"school": ticket.school}, actor)
    return ticket


def write_message(*, ticket: SupportTicket, text: str, actor: User) -> TicketMessage:
    """A word between, for everyone who sees the ticket. The state stays."""
    with audited("ticket.moved", **_about(ticket, ticket.state, actor)):
        if not may_see_ticket(actor, ticket):
            require(actor, Act.LEAD, ticket.school)
        refuse_if(not text.strip(), _("写点什么再发。"))
        refuse_if(ticket.state == State.CLOSED, _("这件求助已经办结，要接着说就先重开。"))
        message = TicketMessage.objects.create(ticket=ticket, by=actor, text=text.strip())
        people = {ticket.opened_by_id, *([ticket.assigned_to_id] if ticket.assigned_to_id else [])}
        _tell(people, ticket, _("%(school)s的求助有新留言") % {"school": ticket.school}, actor)
    return message


def remind_overdue(today: date | None = None) -> int:
    """Once, on the day after: whoever was given a ticket, and the centre."""
    today = today or timezone.localdate()
    late = SupportTicket.objects.overdue(today).filter(reminded_on__isnull=True)
    return sum(_remind(ticket, today) for ticket in late.select_related("school", "centre__region"))


@transaction.atomic
def _remind(ticket: SupportTicket, today: date) -> int:
    fresh = SupportTicket.objects.filter(pk=ticket.pk, reminded_on__isnull=True)
    if not fresh.update(reminded_on=today):
        return 0
    people = {*leaders_of(ticket.centre.region), *([ticket.assigned_to_id] if ticket.assigned_to_id else [])}
    text = _("%(school)s的求助过期了，还没有答复") % {"school": ticket.school}
    return tell(people, kind="ticket.due", text=text, path=path_of(ticket))


def path_of(ticket: SupportTicket) -> str:
    return reverse("workspace-ticket", args=[ticket.pk])


def _about(ticket: SupportTicket, state: str, actor: User) -> dict[str, Any]:
    return about_unit(ticket.school, actor, ticket_id=ticket.pk, state=str(state))


def _move(ticket: SupportTicket, state: str, text: str, actor: User, *fields: str) -> None:
    """Two people at once: the second finds that the state is another one by now."""
    before = ticket.state
    rows = SupportTicket.objects.filter(pk=ticket.pk, state=before)
    values = {name: getattr(ticket, name) for name in fields}
    changed = rows.update(state=state, changed_at=timezone.now(), **values)
    refuse_if(not changed, _("这件求助的状态刚刚变过，请刷新再看。"))
    ticket.state = state
    TicketMessage.objects.create(ticket=ticket, by=actor, text=text.strip(), state=state)
    event = events.TicketMoved(
        subject_id=ticket.pk, school_id=ticket.school_id, before=str(before), after=str(state)
    )
    record_event(event, actor)


def _tell(people: Iterable[int], ticket: SupportTicket, text: str, actor: User) -> None:
    tell(people, kind="ticket", text=text, path=path_of(ticket), but=actor)


def _refuse_elsewhere(region: Region, school: School) -> None:
    within = school.county.path.startswith(region.path)
    refuse_if(not within, _("“%(school)s”不在“%(region)s”。") % {"school": school, "region": region})
