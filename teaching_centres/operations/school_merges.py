"""One school goes into another on a day (学校合并): people, points, prep point; the past stays where it was."""

import logging
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger.audit import audited
from teaching_centres import effects
from teaching_centres.errors import NotPossible, TeachingCentresError
from teaching_centres.models import Membership, PrepPoint, School, SchoolMerge
from teaching_centres.operations.common import about_unit, day, people_reaching, require_redraw
from teaching_centres.operations.memberships import EndedAs, end, grant
from teaching_centres.operations.schools import close, open_point, why_no_prep_point
from teaching_centres.roles import Role

logger = logging.getLogger(__name__)
CARRIED = (Role.TEACHER, Role.GROUP_LEADER)
"""Who administered the school that is gone does not thereby administer the other one."""


def merge_schools(*, school: School, into: School, on: date, actor: User | None) -> SchoolMerge:
    """`on` is the first day in the other school. Until then it is only decided, and can be taken back."""
    details = {"into_id": into.pk, "on": day(on)}
    with audited("school.merge_decided", **about_unit(school, actor, **details)):
        require_redraw(actor, school)
        require_redraw(actor, into)
        _refuse_wrong_merge(school, into, on)
        merge = SchoolMerge.objects.create(school=school, into=into, on=on, decided_by=actor)
        if on <= timezone.localdate():
            carry_out(merge)
    return merge


def withdraw_merge(*, merge: SchoolMerge, actor: User | None) -> None:
    details = {"into_id": merge.into_id, "on": day(merge.on)}
    with audited("school.merge_withdrawn", **about_unit(merge.school, actor, **details)):
        require_redraw(actor, merge.school)
        if merge.done_at is not None:
            raise NotPossible(_("已经合并了，不能取消。"))
        merge.delete()


def carry_out_due() -> int:
    """Those whose day has come; each for itself. Returns how many were carried out."""
    done = 0
    for merge in SchoolMerge.objects.filter(done_at__isnull=True, on__lte=timezone.localdate()):
        try:
            carry_out(merge)
            done += 1
        except TeachingCentresError as error:
            logger.warning("school merge %s was not carried out: %s", merge.pk, type(error).__name__)
    return done


def carry_out(merge: SchoolMerge) -> None:
    actor = merge.decided_by
    schools = School.objects.select_related("county")
    school, into = schools.get(pk=merge.school_id), schools.get(pk=merge.into_id)
    details = {"into_id": into.pk, "on": day(merge.on)}
    with audited("school.merged", **about_unit(school, actor, **details)) as entry:
        if not SchoolMerge.objects.select_for_update().filter(pk=merge.pk, done_at__isnull=True).exists():
            return
        _refuse_closed(school, into, merge.on)
        entry.details["count"] = _merge(school, into, merge.on, actor)
        merge.done_at = timezone.now()
        merge.save(update_fields=["done_at"])


def _merge(school: School, into: School, on: date, actor: User | None) -> int:
    concerned = people_reaching(school) | people_reaching(into)
    School.objects.filter(parent=school).update(parent=into)
    closes_point = PrepPoint.objects.open(on).filter(school=school).exists()
    staying = Q(ends__isnull=True) | Q(ends__gte=on)
    rows = list(school.memberships.filter(staying, role__in=CARRIED).select_related("user"))
    carried = [
        (row.user, row.role, row.subject, max(row.starts, on), row.ends)
        for row in rows
        if not _is_there(row, into, max(row.starts, on))
    ]
    for row in school.memberships.filter(starts__gte=on).select_related("user"):
        end(row, on - timedelta(days=1), actor)
    close(school, on - timedelta(days=1), actor, ended_as=EndedAs.MERGED)
    for user, role, subject, starts, ends in carried:
        grant(user, role, into, subject, starts, ends, actor)
    School.objects.filter(Q(pk=school.pk) | Q(merged_into=school)).update(merged_into=into)
    has_point = PrepPoint.objects.open(on).filter(school=into).exists()
    if closes_point and not has_point and not why_no_prep_point(into):
        open_point(into, on, actor)
    effects.memberships_changed(concerned)
    return len({user.pk for user, *_rest in carried})


def _is_there(row: Membership, into: School, starts: date) -> bool:
    """Already the same in the other school, at the same time."""
    same = into.memberships.filter(user_id=row.user_id, role=row.role, subject=row.subject)
    same = same.filter(Q(ends__isnull=True) | Q(ends__gte=starts))
    return (same if row.ends is None else same.filter(starts__lte=row.ends)).exists()


def _refuse_wrong_merge(school: School, into: School, on: date) -> None:
    if school.pk == into.pk:
        raise NotPossible(_("要并入另一所学校。"))
    if into.parent_id is not None and into.parent_id != school.pk and school.points.open().exists():
        raise NotPossible(_("“%(school)s”有教学点，不能并入教学点。") % {"school": school})
    if into.parent_id == school.pk:
        raise NotPossible(_("“%(school)s”是它的中心校，不能反过来并入。") % {"school": school})
    if SchoolMerge.objects.filter(done_at__isnull=True, school__in=(school, into)).exists():
        raise NotPossible(_("这两所学校里有一所已经定了要合并。先取消那一次。"))
    _refuse_closed(school, into, on)
    if school.points.open().exists() and school.county_id != into.county_id:
        raise NotPossible(_("两所学校不在同一个县（市、区），请先把教学点改归本县的中心校。"))


def _refuse_closed(school: School, into: School, on: date) -> None:
    if school.closed is not None:
        raise NotPossible(_("“%(school)s”已经撤并。") % {"school": school})
    if into.closed is not None:
        raise NotPossible(_("“%(school)s”已经撤并或将要撤并。") % {"school": into})
    if school.opened is not None and school.opened >= on:
        raise NotPossible(_("合并的日期早于建校。"))
