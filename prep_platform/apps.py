"""Wiring between apps that do not know one another."""

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

if TYPE_CHECKING:
    from foundation.accounts.models import User


class PrepPlatformConfig(AppConfig):
    name = "prep_platform"
    verbose_name = "同步备课"

    def ready(self) -> None:
        from foundation.accounts import effects

        effects.signed_in.append(record_sign_in)
        effects.signed_out.append(close_connections)
        effects.account_acts.append(audit_account_act)
        effects.account_acts.append(tell_administrators)


def record_sign_in(user: "User", own_computer: bool) -> None:
    from foundation.ledger.events import SignedIn
    from foundation.ledger.operations import record
    from teaching_centres.queries import place_of

    event = SignedIn(subject_id=user.pk, own_computer=own_computer)
    record(event, actor=user, place=place_of(user))


def close_connections(user: "User") -> None:
    """All of them: those of other browsers come back at once, with their own session."""
    from realtime import access

    access.person_changed(user.pk)


def audit_account_act(person: "User", act: str, details: dict[str, Any]) -> None:
    """What people do to their own accounts stands beside what administrators do to them."""
    from foundation.ledger.audit import PERSON, audit
    from teaching_centres.queries import place_of

    place = place_of(person)
    audit(act=act, actor=person, subject_kind=PERSON, subject_id=person.pk, place=place, details=details)


def tell_administrators(person: "User", act: str, details: dict[str, Any]) -> None:
    """Someone wants to leave: whoever is in charge of them hears of it, and of a change of mind."""
    from django.urls import reverse
    from django.utils.translation import gettext as _

    from foundation.notices.operations import notify
    from teaching_centres.people_accounts import administrators_in_charge

    texts = {
        "person.deletion_asked": _("%s申请注销帐号，到期请办理"),
        "person.deletion_withdrawn": _("%s撤回了注销申请"),
    }
    if act in texts:
        notify(
            recipients=administrators_in_charge(person),
            kind="account.deletion",
            text=texts[act] % person.name,
            path=reverse("person-account", args=[person.pk]),
        )
