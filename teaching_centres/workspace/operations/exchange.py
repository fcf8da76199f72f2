"""The exchange register: registered by one side, confirmed by the school that received."""

from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.audit import audited
from teaching_centres.models import Membership, Region, School
from teaching_centres.operations.common import about_unit
from teaching_centres.policies import Unit
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.audiences import leaders_of
from teaching_centres.workspace.models import Visit
from teaching_centres.workspace.operations.common import record_event, refuse_if, tell
from teaching_centres.workspace.policies import may_register_visit, require, require_decision

State = Visit.State


def register_visit(
    *,
    kind: str,
    person: User,
    origin: Unit,
    to_school: School,
    starts: date,
    ends: date,
    subject: str,
    hours: int,
    note: str = "",
    is_demo: bool = False,
    actor: User,
) -> Visit:
    with audited("visit.registered", **about_unit(to_school, actor)) as entry:
        require_decision(may_register_visit(actor, origin, to_school))
        _refuse_wrong(person, origin, to_school, starts, ends)
        visit = Visit.objects.create(
            kind=kind,
            person=person,
            from_school=origin if isinstance(origin, School) else None,
            from_region=origin if isinstance(origin, Region) else None,
            to_school=to_school,
            starts=starts,
            ends=ends,
            subject=subject,
            hours=hours,
            note=note,
            registered_by=actor,
            is_demo=is_demo,
        )
        entry.details["visit_id"] = visit.pk
        _record(events.VisitRegistered, visit, actor)
        text = _("%(unit)s登记了到你校的%(kind)s，请确认") % _words(visit)
        tell(leaders_of(to_school), kind="visit", text=text, path=path_of(to_school), but=actor)
    return visit


def decide_visit(*, visit: Visit, state: str, reason: str = "", actor: User) -> Visit:
    """The receiving school says whether it was so. It can change its mind: the last word counts."""
    details = {"visit_id": visit.pk, "state": str(state)}
    with audited("visit.decided", **about_unit(visit.to_school, actor, **details)):
        require(actor, Act.ANSWER, visit.to_school)
        refuse_if(state == visit.state, _("已经是“%(state)s”了。") % {"state": visit.get_state_display()})
        refuse_if(state == State.REFUSED and not reason.strip(), _("写上哪里不属实。"))
        refuse_if(
            state == State.CONFIRMED and visit.starts > timezone.localdate(), _("还没开始，来了再确认。")
        )
        visit.state = state
        visit.refused_because = reason.strip() if state == State.REFUSED else ""
        visit.decided_by, visit.decided_at = actor, timezone.now()
        visit.save(update_fields=["state", "refused_because", "decided_by", "decided_at"])
        if state == State.CONFIRMED:
            _record(events.VisitConfirmed, visit, actor)
        else:
            text = _("%(school)s说登记的%(kind)s不属实，请核对") % _words(visit)
            tell([visit.registered_by_id], kind="visit", text=text, path=path_of(visit.to_school), but=actor)
    return visit


def _refuse_wrong(person: User, origin: Unit, to_school: School, starts: date, ends: date) -> None:
    refuse_if(ends < starts, _("结束日期早于开始日期。"))
    refuse_if(origin == to_school, _("派出和接收要是两个单位。"))
    refuse_if(to_school.is_closed(starts), _("“%(school)s”已经撤并。") % {"school": to_school})
    held = Membership.objects.filter(
        Q(ends__isnull=True) | Q(ends__gte=starts), user=person, starts__lte=ends
    )
    if isinstance(origin, School):
        held = held.filter(Q(school=origin) | Q(school__parent=origin))
    else:
        held = held.filter(region=origin)
    refuse_if(not held.exists(), _("这段时间，这个人不在“%(unit)s”任职。") % {"unit": origin})
    same = Visit.objects.filter(person=person, to_school=to_school, starts=starts, ends=ends)
    refuse_if(same.exclude(state=State.REFUSED).exists(), _("这次交流已经登记过。"))


def path_of(school: School) -> str:
    return reverse("school-visits", args=[school.pk])


def _words(visit: Visit) -> dict[str, object]:
    return {"unit": visit.origin, "kind": visit.get_kind_display(), "school": visit.to_school}


def _record(
    kind: type[events.VisitRegistered] | type[events.VisitConfirmed], visit: Visit, actor: User
) -> None:
    event = kind(
        subject_id=visit.pk, visit=str(visit.kind), to_school_id=visit.to_school_id, hours=visit.hours
    )
    record_event(event, actor)
