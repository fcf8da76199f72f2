"""Reads for the pages of one's own account."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from foundation.accounts.addresses import network_of
from foundation.accounts.models import DeletionRequest, RecoveryCode, SignedInSession, User
from foundation.accounts.operations import second_factor


@dataclass(frozen=True)
class Account:
    name: str
    username: str
    email: str
    has_password: bool
    has_second_factor: bool
    needs_second_factor: bool
    recovery_codes: int
    deletion: DeletionRequest | None


@dataclass(frozen=True)
class SessionLine:
    id: int
    device: str
    here: bool
    """This very session."""
    own_computer: bool
    same_network: bool
    began_at: datetime
    seen_at: datetime


def account_of(person: User) -> Account:
    has_second_factor = second_factor.is_set(person)
    return Account(
        name=person.name,
        username=person.username,
        email=person.email,
        has_password=person.has_usable_password(),
        has_second_factor=has_second_factor,
        needs_second_factor=second_factor.is_required(person),
        recovery_codes=RecoveryCode.objects.filter(person=person).count() if has_second_factor else 0,
        deletion=DeletionRequest.objects.filter(person=person).first(),
    )


def sessions_of(request: HttpRequest) -> list[SessionLine]:
    """Where this person is signed in, here first, then the last used. Ended ones are gone."""
    assert isinstance(request.user, User)
    here, network = request.session.session_key, network_of(request)
    rows = SignedInSession.objects.alive().filter(person=request.user).order_by("-seen_at")
    lines = [
        SessionLine(
            id=row.pk,
            device=translated_device(row.device),
            here=row.session_key == here,
            own_computer=row.own_computer,
            same_network=row.network == network,
            began_at=row.began_at,
            seen_at=row.seen_at,
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: not line.here)


def translated_device(device: str) -> str:
    return " · ".join(_(part) for part in device.split(" · "))
