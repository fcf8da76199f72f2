"""Acts on other people's accounts: rights by place and role, each in the audit trail, done or refused.

What an account is lives in `foundation.accounts`; nobody here sees or sets a password.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts import operations as accounts
from foundation.accounts.models import DeletionRequest, OneTimeCode, User
from foundation.accounts.operations import second_factor
from foundation.ledger.audit import PERSON, audited
from foundation.ledger.events import NOWHERE, Place
from teaching_centres import policies
from teaching_centres.errors import NotPossible
from teaching_centres.models import School
from teaching_centres.operations.common import place_in
from teaching_centres.operations.memberships import rejudge
from teaching_centres.policies import Decision, Denied, Unit
from teaching_centres.queries import place_of
from teaching_centres.roles import Verb
from teaching_centres.scopes import main_first

Purpose = OneTimeCode.Purpose


# ---- codes and links -----------------------------------------------------------------------------------


def issue_code(*, person: User, actor: User | None) -> str:
    """What the person needs now: a code that opens the account, or one for a new password. Shown this once."""
    purpose = accounts.purpose_for(person)
    details = {"purpose": str(purpose), "way": "code"}
    with audited("person.code_issued", **_about(person, actor), details=details):
        _require(policies.may_let_in, actor, person)
        return accounts.issue_codes(people=[person], purpose=purpose, actor=actor)[person.pk]


def issue_codes(*, people: Sequence[User], unit: Unit, actor: User | None) -> dict[int, str]:
    """For a list of slips: one code each for people of the unit who have never been in. All, or none.

    `people` come from `queries.people_to_activate`, which brings their memberships along.
    """
    with audited(
        "person.codes_printed",
        actor=actor,
        subject_kind="school" if isinstance(unit, School) else "region",
        subject_id=unit.pk,
        subject_label=str(unit),
        place=place_in(unit, actor),
        details={"count": len(people)},
    ):
        if actor is not None:
            policies.require(actor, Verb.MANAGE, unit)
        for person in people:
            _require(policies.may_let_in, actor, person)
            if person.is_activated:
                raise NotPossible(_("%s的帐号已经开通，不用再发开通码。") % person.name)
        return accounts.issue_codes(people=people, purpose=Purpose.ACTIVATION, actor=actor)


def mail_link(*, person: User, base: str, actor: User | None) -> None:
    """The same by mail, to the address on file."""
    purpose = accounts.purpose_for(person)
    details = {"purpose": str(purpose), "way": "mail"}
    with audited("person.code_issued", **_about(person, actor), details=details):
        _require(policies.may_let_in, actor, person)
        if not person.email:
            raise NotPossible(_("%s没有填邮箱，改用一次性的码。") % person.name)
        if not settings.MAIL_IS_SENT:
            raise NotPossible(_("这个平台还没有接上邮件，改用一次性的码。"))
        accounts.send_link(person=person, base=base, actor=actor)


# ---- sessions, second factor, the account itself -------------------------------------------------------


def end_sessions(*, person: User, actor: User | None) -> int:
    """Everywhere: a stolen phone, a computer left open."""
    with audited("person.sessions_ended", **_about(person, actor)) as entry:
        _require(policies.may_manage_person, actor, person)
        entry.details["count"] = accounts.end_sessions(person=person)
    return entry.details["count"]


def remove_second_factor(*, person: User, actor: User | None) -> None:
    """The device is lost: the next sign-in needs the password alone, or sets up anew where it is required."""
    with audited("person.second_factor_removed", **_about(person, actor)):
        _require(policies.may_remove_second_factor, actor, person)
        if not second_factor.remove(person=person):
            raise NotPossible(_("%s没有设置二次验证。") % person.name)
        accounts.end_sessions(person=person)


def set_active(*, person: User, active: bool, actor: User | None) -> User:
    """Let someone sign in, or not any more. Open documents close at once."""
    with audited("person.reopened" if active else "person.closed", **_about(person, actor)):
        _require(policies.may_manage_person, actor, person)
        if person.deleted_at is not None:
            raise NotPossible(_("这个帐号已经注销。"))
        person.is_active = active
        person.save(update_fields=["is_active"])
        if not active:
            accounts.end_sessions(person=person)
        rejudge(person, actor)
    return person


# ---- leaving for good ----------------------------------------------------------------------------------


def delete_person(*, person: User, successor: User | None = None, actor: User | None) -> None:
    """Carries out someone's request once its time has come; the operator need not wait.

    The name goes, counts stay; lesson plans go to `successor`, else they stay under 已离开的教师.
    """
    details = {"plans_to": successor.pk if successor else None}
    with audited("person.deleted", **_about(person, actor), details=details):
        _require(policies.may_delete_person, actor, person)
        if successor is not None:
            _require(policies.may_manage_person, actor, successor)
        if actor is not None:
            _require_due(person)
        accounts.erase(person=person, successor=successor)


def _require_due(person: User) -> None:
    request = DeletionRequest.objects.filter(person=person).first()
    if request is None:
        raise NotPossible(_("%s没有申请注销。人走了、帐号还在的，先停用。") % person.name)
    if request.due_at > timezone.now():
        day = timezone.localdate(request.due_at)
        raise NotPossible(
            _("还没到时候：%(month)s月%(day)s日起才能办理，在那以前本人可以撤回。")
            % {"month": day.month, "day": day.day}
        )


# ---- where an act belongs in the trail -----------------------------------------------------------------


def place_about(person: User, actor: User | None) -> Place:
    """The person's main unit, or the one they were last in."""
    held = policies.decisive_memberships(person)
    if not held:
        return Place(role=place_of(actor).role) if actor else NOWHERE
    return place_in(min(held, key=main_first).unit, actor)


def _about(person: User, actor: User | None) -> dict[str, Any]:
    place = place_about(person, actor)
    return {"actor": actor, "subject_kind": PERSON, "subject_id": person.pk, "place": place}


def _require(policy: Callable[[User, User], Decision], actor: User | None, person: User) -> None:
    """`actor=None` is the operator at the command line."""
    decision = policy(actor, person) if actor is not None else policies.YES
    if not decision:
        raise Denied(decision.reason)
