"""May this person do this, and if not, why? The pair of every `visible_to` in models."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from teaching_centres.errors import Denied as Denied
from teaching_centres.models import Membership, PrepPoint, Region, School, TeachingCentre
from teaching_centres.roles import SUPERUSER_VERBS, VERBS_ON_CLOSED, Role, Verb, verbs_of
from teaching_centres.scopes import standing

Unit = Region | School


@dataclass(frozen=True)
class Decision:
    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Decision(True)


def allowed(user: User | AnonymousUser, verb: Verb | str, unit: Unit) -> Decision:
    verb = Verb(verb)
    if not user.is_authenticated or not user.is_active:
        return Decision(False, _("请先登录。"))
    if user.is_superuser and verb in SUPERUSER_VERBS:
        return YES
    if not standing(user):
        return Decision(False, _("你现在没有任职。请联系学校管理员。"))
    reaching = [membership for membership in standing(user) if reaches(membership, unit)]
    if not reaching:
        return Decision(False, _("“%(unit)s”不在你的任职范围内。") % {"unit": unit})
    if not any(verb in verbs_of(membership.role, membership.unit_kind) for membership in reaching):
        return Decision(False, _("你在“%(unit)s”的角色不能%(verb)s。") % {"unit": unit, "verb": verb.label})
    if isinstance(unit, School) and unit.is_closed() and verb not in VERBS_ON_CLOSED:
        return Decision(False, _("“%(unit)s”已经撤并，只能查看。") % {"unit": unit})
    return YES


def require(user: User | AnonymousUser, verb: Verb | str, unit: Unit) -> None:
    decision = allowed(user, verb, unit)
    if not decision:
        raise Denied(decision.reason)


def may_redraw(user: User | AnonymousUser, unit: Unit) -> Decision:
    """Name, kind, place and closing of a unit are decided above it; its people and templates within it."""
    above = unit.county if isinstance(unit, School) else unit.parent
    if above is not None:
        return allowed(user, Verb.MANAGE, above)
    if user.is_active and user.is_superuser:
        return YES
    return Decision(False, _("省级节点由平台管理员设立和更改。"))


def reaches(membership: Membership, unit: Unit) -> bool:
    """Downwards only: a region to all below it, a school to itself, its teaching points and what merged into it."""
    if membership.region:
        return region_of(unit).path.startswith(membership.region.path)
    return isinstance(unit, School) and membership.school_id in (
        unit.pk,
        unit.parent_id,
        unit.merged_into_id,
    )


def region_of(unit: Unit) -> Region:
    return unit.county if isinstance(unit, School) else unit


def may_see(user: User | AnonymousUser, row: Region | School | TeachingCentre | PrepPoint) -> Decision:
    """Has this person anything to do with the row's unit? The pair of `visible_to(user)`."""
    unit = unit_of(row)
    decisions = [allowed(user, verb, unit) for verb in Verb]
    return next((decision for decision in decisions if decision), decisions[0])


def unit_of(row: Region | School | TeachingCentre | PrepPoint) -> Unit:
    if isinstance(row, TeachingCentre):
        return row.region
    return row.school if isinstance(row, PrepPoint) else row


def may_see_membership(user: User | AnonymousUser, membership: Membership) -> Decision:
    if user.is_authenticated and user.is_active and membership.user_id == user.pk:
        return YES
    managed = allowed(user, Verb.MANAGE, membership.unit)
    if managed or not membership.is_current():
        return managed
    return allowed(user, Verb.SEE, membership.unit)


def may_manage_person(user: User | AnonymousUser, person: User) -> Decision:
    """Change an account: only when everything the person holds, or last held, is managed by `user`.

    Otherwise an administrator could take over the account of someone with a higher role elsewhere.
    """
    if user.is_authenticated and user.is_active and user.is_superuser:
        return YES
    decisive = decisive_memberships(person)
    if person.is_superuser or not decisive:
        return Decision(False, _("这个帐号由平台管理员管理。"))
    for membership in decisive:
        decision = allowed(user, Verb.MANAGE, membership.unit)
        if not decision:
            return decision
    return YES


def may_keep_record_of(user: User | AnonymousUser, person: User) -> Decision:
    """Leave and the like, known where the person works: by whoever manages one of the units."""
    if user.is_authenticated and user.is_active and user.is_superuser:
        return YES
    held = decisive_memberships(person)
    if person.deleted_at is not None or not held:
        return Decision(False, _("这个帐号由平台管理员管理。"))
    decisions = [allowed(user, Verb.MANAGE, membership.unit) for membership in held]
    return next((decision for decision in decisions if decision), decisions[0])


def may_let_in(user: User | AnonymousUser, person: User) -> Decision:
    """Give a one-time code or link to someone else. One's own password is changed with the old one."""
    if user.pk == person.pk:
        return Decision(False, _("自己的密码在“我的帐号”里换。"))
    if person.deleted_at is not None:
        return Decision(False, _("这个帐号已经注销。"))
    if not person.is_active:
        return Decision(False, _("这个帐号已经停用，先恢复再发码。"))
    return may_manage_person(user, person)


def may_remove_second_factor(user: User | AnonymousUser, person: User) -> Decision:
    """A lost device: from the level above. An administrator's is not removed by a colleague beside them."""
    if user.pk == person.pk:
        return Decision(False, _("自己的二次验证在“我的帐号”里管理；手机丢了，请上一级管理员取消。"))
    decision = may_manage_person(user, person)
    if not decision:
        return decision
    for membership in decisive_memberships(person):
        above = may_redraw(user, membership.unit) if membership.role == Role.ADMINISTRATOR else YES
        if not above:
            return Decision(False, _("管理员的二次验证由上一级管理员取消。"))
    return YES


def may_delete_person(user: User | AnonymousUser, person: User) -> Decision:
    """Carry out someone's request, or delete whoever has left for good. Nobody deletes themselves alone."""
    if user.pk == person.pk:
        return Decision(False, _("自己的帐号在“我的帐号”里申请注销，由管理员办理。"))
    if person.deleted_at is not None:
        return Decision(False, _("这个帐号已经注销。"))
    return may_manage_person(user, person)


def may_watch_platform(user: User | AnonymousUser) -> Decision:
    """How the machines run: for the operator, and for whoever administers a whole province."""
    if user.is_active and user.is_superuser:
        return YES
    for membership in standing(user):
        at_the_top = membership.region is not None and membership.region.parent_id is None
        if at_the_top and Verb.MANAGE in verbs_of(membership.role, membership.unit_kind):
            return YES
    return Decision(False, _("运行状况只给平台管理员和省级管理员看。"))


def decisive_memberships(person: User) -> list[Membership]:
    """Those that have not ended; of someone who holds nothing any more, all that have."""
    rows = person.memberships.all()
    if "memberships" not in getattr(person, "_prefetched_objects_cache", {}):
        rows = rows.select_related("region__parent", "school__county")
    held = list(rows)
    return [membership for membership in held if not membership.has_ended()] or held
