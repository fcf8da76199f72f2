"""Pairing of a town school and a village school, and what they did together."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.audit import audited
from teaching_centres.models import School
from teaching_centres.operations.common import about_unit
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.audiences import leaders_of
from teaching_centres.workspace.models import Pairing, PairingActivity
from teaching_centres.workspace.operations.common import record_event, refuse_if, tell
from teaching_centres.workspace.policies import (
    may_join_pairing,
    region_of_pairing,
    require,
    require_decision,
)


def start_pairing(
    *,
    town: School,
    village: School,
    plan: str = "",
    starts: date | None = None,
    ends: date | None = None,
    is_demo: bool = False,
    actor: User,
) -> Pairing:
    """Made by the centre that reaches both schools."""
    starts = starts or timezone.localdate()
    with audited("pairing.started", **about_unit(town, actor, village_id=village.pk)) as entry:
        require(actor, Act.LEAD, region_of_pairing(town, village))
        _refuse_wrong(town, village, starts, ends)
        pairing = Pairing.objects.create(
            town=town, village=village, plan=plan, starts=starts, ends=ends, made_by=actor, is_demo=is_demo
        )
        entry.details["pairing_id"] = pairing.pk
        record_event(events.PairingStarted(**_facts(pairing)), actor)
        for one, other in ((town, village), (village, town)):
            text = _("你校和%(school)s结对了") % {"school": other}
            tell(leaders_of(one), kind="pairing", text=text, path=path_of(pairing), but=actor)
    return pairing


def end_pairing(*, pairing: Pairing, on: date, actor: User) -> Pairing:
    with audited("pairing.changed", **about_unit(pairing.town, actor, pairing_id=pairing.pk)):
        require(actor, Act.LEAD, region_of_pairing(pairing.town, pairing.village))
        refuse_if(not pairing.is_current(), _("这项结对已经结束。"))
        refuse_if(on < pairing.starts, _("结束日期早于开始日期。"))
        pairing.ends = on
        pairing.save(update_fields=["ends"])
        record_event(events.PairingEnded(**_facts(pairing)), actor)
    return pairing


def change_plan(*, pairing: Pairing, plan: str, actor: User) -> Pairing:
    """Written by either school, or by the centre."""
    with audited("pairing.changed", **about_unit(pairing.town, actor, pairing_id=pairing.pk)):
        require_decision(may_join_pairing(actor, pairing))
        refuse_if(not pairing.is_current(), _("这项结对已经结束，计划不能再改。"))
        pairing.plan = plan
        pairing.save(update_fields=["plan"])
    return pairing


def log_activity(
    *,
    pairing: Pairing,
    day: date,
    kind: str,
    title: str,
    giver: str,
    people: int,
    hours: int | None = None,
    actor: User,
) -> PairingActivity:
    """What one school gave the other, on a day of the pairing that is not yet to come."""
    with audited("pairing.activity", **about_unit(pairing.town, actor, pairing_id=pairing.pk)) as entry:
        require_decision(may_join_pairing(actor, pairing))
        refuse_if(day > timezone.localdate(), _("还没到的日子先不登记，做了再记。"))
        within = pairing.starts <= day and (pairing.ends is None or day <= pairing.ends)
        refuse_if(not within, _("这一天不在结对的起止日期里。"))
        activity = PairingActivity.objects.create(
            pairing=pairing,
            day=day,
            kind=kind,
            title=title,
            giver=giver,
            people=people,
            hours=hours,
            logged_by=actor,
        )
        entry.details["activity_id"] = activity.pk
        event = events.PairingActivityHeld(
            **_facts(pairing), activity=str(kind), giver=str(giver), people=people
        )
        record_event(event, actor)
    return activity


def _refuse_wrong(town: School, village: School, starts: date, ends: date | None) -> None:
    refuse_if(town.pk == village.pk, _("结对要两所学校。"))
    refuse_if(town.side != "town", _("“%(school)s”不是城镇学校。") % {"school": town})
    refuse_if(village.side != "village", _("“%(school)s”不是乡村学校。") % {"school": village})
    for school in (town, village):
        refuse_if(school.is_closed(), _("“%(school)s”已经撤并。") % {"school": school})
    refuse_if(ends is not None and ends < starts, _("结束日期早于开始日期。"))
    same = Pairing.objects.filter(Q(ends__isnull=True) | Q(ends__gte=starts), town=town, village=village)
    refuse_if(same.exists(), _("这两所学校这段时间已经结对。"))


def path_of(pairing: Pairing) -> str:
    return reverse("workspace-pairing", args=[pairing.pk])


def _facts(pairing: Pairing) -> dict[str, Any]:
    return {"subject_id": pairing.pk, "town_id": pairing.town_id, "village_id": pairing.village_id}
