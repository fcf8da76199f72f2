"""Notices downwards: sent, read, reminded of, withdrawn."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.audit import audited
from teaching_centres.models import TeachingCentre
from teaching_centres.operations.common import about_unit
from teaching_centres.workspace import seams
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.audiences import Audience, line_of, people_in, units_of
from teaching_centres.workspace.models import Circular, CircularReceipt
from teaching_centres.workspace.operations.common import (
    create_once,
    record_event,
    refuse_if,
    sent_already,
    tell,
)
from teaching_centres.workspace.policies import require


def send_circular(
    *,
    centre: TeachingCentre,
    title: str,
    text: str,
    audience: Audience,
    roles: Iterable[str],
    links: Iterable[str] = (),
    is_demo: bool = False,
    once: UUID | None = None,
    actor: User,
) -> Circular:
    """Those who hold one of the roles there today are the ones whose receipts are counted. One form sends once."""
    before = sent_already(Circular, once, sent_by=actor)
    if before is not None:
        return before
    with audited("circular.sent", **about_unit(centre.region, actor)) as entry:
        require(actor, Act.LEAD, centre.region)
        units = units_of(centre, audience)
        people = people_in(units, roles)
        people.pop(actor.pk, None)
        refuse_if(not people, _("这样选，没有人会收到。请放宽一点。"))
        circular = create_once(
            Circular,
            centre=centre,
            title=title,
            text=text,
            links=seams.take_links(actor, links),
            audience=line_of(centre, audience, units),
            sent_by=actor,
            is_demo=is_demo,
            once=once,
        )
        receipts = (
            CircularReceipt(circular=circular, user_id=user_id, school_id=school_id, region_id=region_id)
            for user_id, (school_id, region_id) in people.items()
        )
        CircularReceipt.objects.bulk_create(receipts, batch_size=1000)
        entry.details.update(circular_id=circular.pk, people=len(people))
        record_event(
            events.CircularSent(subject_id=circular.pk, subject_label=title, people=len(people)), actor
        )
        line = _("%(centre)s的通知：%(title)s") % {"centre": centre, "title": title}
        tell(people, kind="circular", text=line, path=path_of(circular))
    return circular


@transaction.atomic
def read_circular(*, circular: Circular, actor: User) -> None:
    """Whoever it was sent to has it open: that is the receipt."""
    mine = CircularReceipt.objects.filter(circular=circular, user=actor, read_at__isnull=True)
    if mine.update(read_at=timezone.now()):
        event = events.CircularRead(subject_id=circular.pk, subject_label=circular.title)
        record_event(event, actor, key=f"{circular.pk}:{actor.pk}")


def remind_unread(*, circular: Circular, actor: User) -> int:
    """Once a day: those who have not read it get another line under their bell."""
    region = circular.centre.region
    with audited("circular.reminded", **about_unit(region, actor, circular_id=circular.pk)) as entry:
        require(actor, Act.LEAD, region)
        refuse_if(circular.is_withdrawn, _("这条通知已经撤回。"))
        today = timezone.localdate()
        refuse_if(circular.reminded_on == today, _("今天提醒过了，明天可以再提醒。"))
        unread = circular.receipts.filter(read_at__isnull=True).values_list("user_id", flat=True)
        refuse_if(not unread, _("都看过了，不用提醒。"))
        day = _("%(month)s月%(day)s日") % {"month": today.month, "day": today.day}
        line = _("请看通知：%(title)s（%(day)s提醒）") % {"title": circular.title, "day": day}
        told = tell(unread, kind="circular", text=line, path=path_of(circular))
        circular.reminded_on = today
        circular.save(update_fields=["reminded_on"])
        entry.details["people"] = told
    return told


def withdraw_circular(*, circular: Circular, because: str, actor: User) -> Circular:
    """What was sent stays on record; readers see that it was taken back and why, not the text."""
    region = circular.centre.region
    with audited("circular.withdrawn", **about_unit(region, actor, circular_id=circular.pk)):
        require(actor, Act.LEAD, region)
        refuse_if(circular.is_withdrawn, _("这条通知已经撤回。"))
        circular.withdrawn_at, circular.withdrawn_because = timezone.now(), because
        circular.save(update_fields=["withdrawn_at", "withdrawn_because"])
        event = events.CircularWithdrawn(subject_id=circular.pk, subject_label=circular.title)
        record_event(event, actor)
        line = _("通知撤回了：%(title)s") % {"title": circular.title}
        people = circular.receipts.values_list("user_id", flat=True)
        tell(people, kind="circular", text=line, path=path_of(circular), but=actor)
    return circular


def path_of(circular: Circular) -> str:
    return reverse("workspace-circular", args=[circular.pk])
