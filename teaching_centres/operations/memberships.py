"""Dated memberships: granted, ended, transferred; and whether someone may sign in."""

from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.audit import audited
from teaching_centres import effects
from teaching_centres.errors import NotPossible
from teaching_centres.models import Membership, Region, School
from teaching_centres.operations.common import (
    about_person,
    day,
    record_membership,
    require_manage,
    unit_details,
)
from teaching_centres.policies import Unit
from teaching_centres.roles import Role, UnitKind, roles_in
from teaching_centres.scopes import forget

EndedAs = Membership.EndedAs


def grant_membership(
    *,
    user: User,
    role: str,
    unit: Unit,
    subject: str = "",
    starts: date | None = None,
    ends: date | None = None,
    actor: User | None,
) -> Membership:
    details = {"role": str(role), **unit_details(unit)}
    with audited("membership.granted", **about_person(user, unit, actor, **details)) as entry:
        require_manage(actor, unit)
        membership = grant(user, role, unit, subject, starts or timezone.localdate(), ends, actor)
        entry.details["membership_id"] = membership.pk
    return membership


def end_membership(
    *,
    membership: Membership,
    on: date | None = None,
    ended_as: str = EndedAs.LEFT,
    actor: User | None,
) -> Membership:
    """`on` is the last day that counts. One that has not begun by then is taken back altogether."""
    last = on or timezone.localdate()
    details = {**_details(membership), "ends": day(last), "ended_as": str(ended_as)}
    with audited("membership.ended", **about_person(membership.user, membership.unit, actor, **details)):
        require_manage(actor, membership.unit)
        _end(membership, last, ended_as, actor)
    return membership


def change_end(*, membership: Membership, ends: date | None, actor: User | None) -> Membership:
    """Another last day, or none: prolonged, shortened, or an ended one that goes on after all."""
    details = {"membership_id": membership.pk, "role": str(membership.role), "ends": day(ends)}
    with audited("membership.changed", **about_person(membership.user, membership.unit, actor, **details)):
        require_manage(actor, membership.unit)
        if ends != membership.ends:
            _change_end(membership, ends, actor)
    return membership


def transfer_membership(
    *, membership: Membership, unit: Unit, on: date | None = None, role: str = "", actor: User | None
) -> Membership:
    """The old one ends the day before `on`, the new one begins `on`. The actor manages both units."""
    first = on or timezone.localdate()
    details = {"membership_id": membership.pk, **unit_details(unit)}
    about = about_person(membership.user, membership.unit, actor, **details)
    with audited("membership.transferred", **about):
        require_manage(actor, membership.unit)
        require_manage(actor, unit)
        if unit == membership.unit:
            raise NotPossible(_("调动要换一个单位。"))
        _end(membership, first - timedelta(days=1), EndedAs.MOVED, actor)
        subject = membership.subject
        return grant(membership.user, role or membership.role, unit, subject, first, None, actor)


def grant(
    user: User,
    role: str,
    unit: Unit,
    subject: str,
    starts: date,
    ends: date | None,
    actor: User | None,
) -> Membership:
    refuse_wrong_membership(user=user, role=role, unit=unit, subject=subject, starts=starts, ends=ends)
    membership = Membership.objects.create(
        user=user,
        role=role,
        school=unit if isinstance(unit, School) else None,
        region=unit if isinstance(unit, Region) else None,
        subject=subject,
        starts=starts,
        ends=ends,
    )
    record_membership(events.MembershipStarted, membership, actor)
    rejudge(membership.user, actor)
    return membership


def _end(membership: Membership, on: date, ended_as: str, actor: User | None) -> None:
    if membership.has_ended():
        raise NotPossible(_("这项任职已经结束。"))
    end(membership, on, actor, ended_as=ended_as)


def _change_end(membership: Membership, ends: date | None, actor: User | None) -> None:
    refuse_wrong_membership(
        user=membership.user,
        role=membership.role,
        unit=membership.unit,
        subject=membership.subject,
        starts=membership.starts,
        ends=ends,
        except_for=membership,
    )
    membership.ends = ends
    membership.ended_as = "" if ends is None else membership.ended_as
    membership.save(update_fields=["ends", "ended_as"])
    record_membership(events.MembershipStarted if ends is None else events.MembershipEnded, membership, actor)
    rejudge(membership.user, actor)


def _details(membership: Membership) -> dict[str, int | str | None]:
    return {"membership_id": membership.pk, "role": str(membership.role), **unit_details(membership.unit)}


def end(membership: Membership, on: date, actor: User | None, *, ended_as: str = EndedAs.LEFT) -> None:
    """Without asking for a right: what ends with a school, or with another act that has asked."""
    record_membership(events.MembershipEnded, membership, actor)
    if membership.starts > on:
        membership.delete()
    else:
        membership.ends, membership.ended_as = on, ended_as
        membership.save(update_fields=["ends", "ended_as"])
    rejudge(membership.user, actor)


def rejudge(user: User, actor: User | None) -> None:
    """The roles of `user` changed: forget what was read, keep the admin's door in step, tell the others."""
    forget(user)
    if actor is not None and actor.pk == user.pk:
        forget(actor)
    _open_admin_door(user)
    effects.membership_changed(user.pk)


def _open_admin_door(user: User) -> None:
    """`is_staff` only opens the admin; what is behind it follows the current roles."""
    today = timezone.localdate()
    administers = user.memberships.filter(role=Role.ADMINISTRATOR)
    is_staff = user.is_superuser or administers.filter(Q(ends__isnull=True) | Q(ends__gte=today)).exists()
    if is_staff != user.is_staff:
        user.is_staff = is_staff
        user.save(update_fields=["is_staff"])


def refuse_wrong_membership(
    *,
    user: User,
    role: str,
    unit: Unit,
    subject: str,
    starts: date,
    ends: date | None,
    except_for: Membership | None = None,
) -> None:
    kind = UnitKind.SCHOOL if isinstance(unit, School) else UnitKind.REGION
    names = {"name": user.name, "role": Role(role).label, "unit": unit}
    if role not in roles_in(kind):
        raise NotPossible(_("%(role)s不能在“%(unit)s”任职。") % names)
    if ends is not None and ends < starts:
        raise NotPossible(_("结束日期早于开始日期。"))
    if isinstance(unit, School) and unit.is_closed(starts):
        raise NotPossible(_("“%(unit)s”已经撤并。") % names)
    if _same_role(user, role, unit, subject, starts, ends, except_for).exists():
        raise NotPossible(_("%(name)s这段时间已经是“%(unit)s”的%(role)s。") % names)


def _same_role(
    user: User,
    role: str,
    unit: Unit,
    subject: str,
    starts: date,
    ends: date | None,
    except_for: Membership | None,
) -> QuerySet[Membership]:
    """The same role in the same unit at an overlapping time."""
    rows = Membership.objects.filter(user_id=user.pk, role=role, subject=subject)
    rows = rows.filter(school=unit) if isinstance(unit, School) else rows.filter(region=unit)
    rows = rows.filter(Q(ends__isnull=True) | Q(ends__gte=starts))
    if ends is not None:
        rows = rows.filter(starts__lte=ends)
    return rows.exclude(pk=except_for.pk) if except_for else rows
