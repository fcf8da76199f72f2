"""People in the roster: added, corrected, away for a time, retired, and two that were one."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts import operations as accounts
from foundation.accounts.models import User
from foundation.ledger.audit import PERSON, audited
from teaching_centres import policies
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.models import DifferentPeople, Leave, PersonMerge
from teaching_centres.operations.accounts import place_about
from teaching_centres.operations.common import about_person, day, place_in, require_manage, unit_details
from teaching_centres.operations.memberships import EndedAs, end, grant, rejudge
from teaching_centres.policies import Decision, Unit


def add_person(
    *,
    username: str,
    name: str,
    unit: Unit,
    role: str,
    subject: str = "",
    starts: date | None = None,
    actor: User | None,
) -> User:
    """An account without a password, and what the person holds from the first day."""
    about = {"actor": actor, "subject_kind": PERSON, "subject_id": "", "place": place_in(unit, actor)}
    with audited("person.created", **about) as entry:
        require_manage(actor, unit)
        _refuse_taken(username, actor)
        person = accounts.create_person(username=username, name=name)
        entry.subject_id = person.pk
        details = {"role": str(role), **unit_details(unit)}
        with audited("membership.granted", **about_person(person, unit, actor, **details)) as granted:
            membership = grant(person, role, unit, subject, starts or timezone.localdate(), None, actor)
            granted.details["membership_id"] = membership.pk
    return person


def change_person(*, person: User, username: str, name: str, email: str, actor: User | None) -> User:
    after = {
        "username": accounts.tidy_username(username),
        "name": accounts.tidy_name(name),
        "email": email.strip(),
    }
    changed = [key for key, value in after.items() if getattr(person, key) != value]
    details = {"fields": " ".join(changed)}
    with audited("person.changed", **_about(person, actor, **details)):
        _require(policies.may_manage_person, actor, person)
        if person.deleted_at is not None:
            raise NotPossible(_("这个帐号已经注销。"))
        if "username" in changed:
            _refuse_taken(after["username"], actor)
        for key in changed:
            setattr(person, key, after[key])
        if changed:
            person.save(update_fields=[*changed, "name_key"])
    return person


def _refuse_taken(username: str, actor: User | None) -> None:
    """Whose number it is, is said to those who have to do with the person; others learn only that it is taken."""
    other = User.objects.filter(username=accounts.tidy_username(username)).first()
    if other is None:
        return
    if actor is None or policies.may_keep_record_of(actor, other):
        said = _("这个手机号或工号已是%(name)s的帐号。是同一个人，就在他的页面上增加任职。")
        raise NotPossible(said % {"name": other.name})
    raise NotPossible(
        _(
            "这个手机号或工号已经有人用了，不在你管的单位。是同一个人，请他现在的学校办调动，或请上级管理员增加任职。"
        )
    )


# ---- away for a time -----------------------------------------------------------------------------------
def record_leave(
    *, person: User, kind: str, starts: date, ends: date | None = None, actor: User | None
) -> Leave:
    with audited("leave.recorded", **_about(person, actor, starts=day(starts), ends=day(ends))) as entry:
        _require(policies.may_keep_record_of, actor, person)
        _refuse_wrong_leave(person, starts, ends)
        leave = Leave.objects.create(user=person, kind=kind, starts=starts, ends=ends, recorded_by=actor)
        entry.details["leave_id"] = leave.pk
    return leave


def change_leave(*, leave: Leave, ends: date | None, actor: User | None) -> Leave:
    with audited("leave.changed", **_about(leave.user, actor, leave_id=leave.pk, ends=day(ends))):
        _require(policies.may_keep_record_of, actor, leave.user)
        _refuse_wrong_leave(leave.user, leave.starts, ends, except_for=leave)
        leave.ends = ends
        leave.save(update_fields=["ends"])
    return leave


def withdraw_leave(*, leave: Leave, actor: User | None) -> None:
    """It was a mistake."""
    with audited("leave.withdrawn", **_about(leave.user, actor, leave_id=leave.pk)):
        _require(policies.may_keep_record_of, actor, leave.user)
        leave.delete()


def _refuse_wrong_leave(
    person: User, starts: date, ends: date | None, except_for: Leave | None = None
) -> None:
    if ends is not None and ends < starts:
        raise NotPossible(_("结束日期早于开始日期。"))
    for other in person.leaves.all():
        if except_for is not None and other.pk == except_for.pk:
            continue
        if (other.ends is None or other.ends >= starts) and (ends is None or other.starts <= ends):
            raise NotPossible(
                _("和登记过的%(kind)s（%(starts)s 起）重叠。")
                % {"kind": other.get_kind_display(), "starts": other.starts}
            )


# ---- for good ------------------------------------------------------------------------------------------
def retire(*, person: User, on: date, actor: User | None) -> int:
    """`on` is the last day. Everything the person holds ends with it; the account, and the plans, stay."""
    with audited("person.retired", **_about(person, actor, on=day(on))) as entry:
        _require(policies.may_manage_person, actor, person)
        rows = person.memberships.select_related("user", "school__county", "region")
        held = [row for row in rows if not row.has_ended()]
        if not held:
            raise NotPossible(_("%s现在没有任职。") % person.name)
        for membership in held:
            end(membership, on, actor, ended_as=EndedAs.RETIRED)
        entry.details["count"] = len(held)
    return len(held)


# ---- two that were one ---------------------------------------------------------------------------------
def merge_people(*, survivor: User, absorbed: User, actor: User | None) -> int:
    """Everything of `absorbed` moves to `survivor`; returns how many rows moved. There is no way back."""
    with audited("person.merged", **_about(survivor, actor, absorbed_id=absorbed.pk)) as entry:
        for person in (survivor, absorbed):
            _require(policies.may_manage_person, actor, person)
        _refuse_wrong_merge(survivor, absorbed, actor)
        moved = accounts.absorb(survivor=survivor, absorbed=absorbed)
        PersonMerge.objects.create(absorbed=absorbed, survivor=survivor, by=actor)
        entry.details["rows"] = moved
        rejudge(survivor, actor)
        rejudge(absorbed, actor)
    return moved


def tell_apart(*, one: User, other: User, actor: User | None) -> None:
    """Somebody looked: they are two people. They are not offered again."""
    first, second = sorted((one, other), key=lambda person: person.pk)
    with audited("person.told_apart", **_about(first, actor, other_id=second.pk)):
        for person in (first, second):
            _require(policies.may_manage_person, actor, person)
        DifferentPeople.objects.get_or_create(one=first, other=second, defaults={"by": actor})


def _refuse_wrong_merge(survivor: User, absorbed: User, actor: User | None) -> None:
    if survivor.pk == absorbed.pk:
        raise NotPossible(_("要选两个帐号。"))
    if actor is not None and absorbed.pk == actor.pk:
        raise NotPossible(_("你现在用的帐号不能并掉。请把另一个并进来，或请上一级管理员办。"))
    for person in (survivor, absorbed):
        if person.deleted_at is not None or PersonMerge.objects.filter(absorbed=person).exists():
            raise NotPossible(_("%s的帐号已经注销或并掉了。") % person.name)
        if person.is_superuser:
            raise NotPossible(_("平台管理员的帐号不能合并。"))


# ---- shared --------------------------------------------------------------------------------------------
def _about(person: User, actor: User | None, **details: Any) -> dict[str, Any]:
    return {
        "actor": actor,
        "subject_kind": PERSON,
        "subject_id": person.pk,
        "place": place_about(person, actor),
        "details": details,
    }


def _require(policy: Callable[[User, User], Decision], actor: User | None, person: User) -> None:
    """`actor=None` is the operator at the command line."""
    decision = policy(actor, person) if actor is not None else policies.YES
    if not decision:
        raise Denied(decision.reason)
