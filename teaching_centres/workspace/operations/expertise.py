"""Grades: granted by the administrators of the level, ended, never deleted."""

from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.audit import audited
from teaching_centres.models import Membership, Region
from teaching_centres.operations.common import about_person, day
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.models import Expertise
from teaching_centres.workspace.operations.common import record_event, refuse_if
from teaching_centres.workspace.policies import require
from teaching_centres.workspace.queries.expertise import grades_of


def grant_expertise(
    *,
    person: User,
    grade: str,
    region: Region,
    subject: str,
    starts: date,
    ends: date | None = None,
    is_demo: bool = False,
    actor: User,
) -> Expertise:
    details = {"grade": str(grade), "region_id": region.pk}
    with audited("expertise.granted", **about_person(person, region, actor, **details)) as entry:
        require(actor, Act.GRADE, region)
        _refuse_wrong(person, grade, region, subject, starts, ends)
        row = Expertise.objects.create(
            user=person,
            grade=grade,
            region=region,
            subject=subject,
            starts=starts,
            ends=ends,
            granted_by=actor,
            is_demo=is_demo,
        )
        entry.details["expertise_id"] = row.pk
        _record(events.ExpertiseGranted, row, actor)
    return row


def end_expertise(*, expertise: Expertise, on: date, actor: User) -> Expertise:
    """`on` is its last day. It stays in the person's history."""
    row = expertise
    details = {"expertise_id": row.pk, "grade": row.grade, "region_id": row.region_id, "ends": day(on)}
    with audited("expertise.ended", **about_person(row.user, row.region, actor, **details)):
        require(actor, Act.GRADE, row.region)
        refuse_if(on < row.starts, _("结束日期早于开始日期。"))
        refuse_if(row.ends is not None and row.ends < timezone.localdate(), _("这项称号已经结束。"))
        row.ends = on
        row.save(update_fields=["ends"])
        _record(events.ExpertiseEnded, row, actor)
    return row


def _refuse_wrong(
    person: User, grade: str, region: Region, subject: str, starts: date, ends: date | None
) -> None:
    refuse_if(ends is not None and ends < starts, _("结束日期早于开始日期。"))
    refuse_if(grade not in grades_of(region), _("特级教师由省里评定，请由省管理员登记。"))
    below = Q(region__path__startswith=region.path) | Q(school__county__path__startswith=region.path)
    belongs = Membership.objects.current().filter(below, user=person).exists()
    refuse_if(not belongs, _("这个人现在不在“%(region)s”任职。") % {"region": region})
    same = Expertise.objects.filter(user=person, grade=grade, region=region, subject=subject)
    overlap = same.filter(Q(ends__isnull=True) | Q(ends__gte=starts))
    if ends is not None:
        overlap = overlap.filter(starts__lte=ends)
    refuse_if(overlap.exists(), _("这段时间已经登记过这项称号。"))


def _record(
    kind: type[events.ExpertiseGranted] | type[events.ExpertiseEnded], row: Expertise, actor: User
) -> None:
    event = kind(subject_id=row.pk, user_id=row.user_id, grade=str(row.grade), region_id=row.region_id)
    record_event(event, actor)
