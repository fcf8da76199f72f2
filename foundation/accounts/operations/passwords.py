"""Choosing a password: by one's own old one, or by a code or link that opens the account once."""

from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts import effects, throttle
from foundation.accounts.errors import WrongCode, WrongPassword
from foundation.accounts.models import OneTimeCode, User
from foundation.accounts.operations import sessions, signing_in
from foundation.accounts.operations.people import tidy_username
from foundation.accounts.operations.signing_in import Step
from foundation.accounts.secrets import digest, tidy_code

OPENED = "one_time_code"


@dataclass(frozen=True)
class Opened:
    """Whose account a right code or link opens, and what for."""

    person: User
    purpose: OneTimeCode.Purpose


# ---- by a code or a link -----------------------------------------------------------------------------


def open_by_code(*, request: HttpRequest, username: str, code: str) -> Opened:
    """The code is right; it is used up when the password is chosen."""
    username = tidy_username(username)
    attempt = signing_in.attempt_of(request, username, kind="code")
    tries = signing_in.count(attempt)
    person = User.objects.filter(username=username, is_active=True).first()
    row = _valid(digest("code", person.pk, tidy_code(code))) if person else None
    if row is None:
        raise WrongCode(
            _("手机号、工号或码不对，或者码已经用过、过期了。还能试 %d 次。要新的，找学校管理员。")
            % tries.left
        )
    throttle.forget(attempt)
    return _opened(request, row)


def open_by_link(*, request: HttpRequest, token: str) -> Opened:
    """Opening the link uses up nothing: mail programs open links by themselves."""
    row = _valid(digest("link", token))
    if row is None:
        raise WrongCode(_("这个链接已经用过或者过期了。要新的，请重新申请，或找学校管理员。"))
    return _opened(request, row)


def opened(request: HttpRequest) -> Opened:
    """What this browser opened before; asked again at every step, since a code may be replaced meanwhile."""
    row = _valid(request.session.get(OPENED, ""))
    if row is None:
        raise WrongCode(_("码已经用过或过期了，请重新填。"))
    return Opened(row.person, OneTimeCode.Purpose(row.purpose))


def choose_password(*, request: HttpRequest, password: str, own_computer: bool) -> Step:
    """The account is open: its first or new password, everything signed in before ends, and in."""
    found = opened(request)
    validate_password(password, found.person)
    with transaction.atomic():
        used, _rows = OneTimeCode.objects.filter(digest=request.session.pop(OPENED)).delete()
        if not used:
            raise WrongCode(_("码已经用过或过期了，请重新填。"))
        activation = not found.person.is_activated
        _set_password(found.person, password)
        sessions.end_sessions(person=found.person)
        act = "person.activated" if activation else "person.password_changed"
        effects.tell_account_act(found.person, act, way="code")
    return signing_in.admit(request=request, user=found.person, own_computer=own_computer)


def _valid(mark: str) -> OneTimeCode | None:
    rows = OneTimeCode.objects.filter(digest=mark, expires_at__gt=timezone.now(), person__is_active=True)
    return rows.select_related("person").first()


def _opened(request: HttpRequest, row: OneTimeCode) -> Opened:
    if request.user.is_authenticated:
        signing_in.sign_out(request=request)
    request.session.cycle_key()
    request.session[OPENED] = row.digest
    return Opened(row.person, OneTimeCode.Purpose(row.purpose))


# ---- by the old one ----------------------------------------------------------------------------------


def change_password(*, request: HttpRequest, person: User, old: str, new: str) -> None:
    """Everywhere else the person is signed out."""
    attempt = signing_in.attempt_of(request, person.username)
    tries = signing_in.count(attempt)
    if not person.check_password(old):
        raise WrongPassword(_("现在的密码不对，还能试 %d 次。") % tries.left)
    throttle.forget(attempt)
    validate_password(new, person)
    with transaction.atomic():
        _set_password(person, new)
        sessions.end_sessions(person=person, but_for=request.session.session_key or "")
        effects.tell_account_act(person, "person.password_changed", way="own")
    sessions.renew_key(request, person)


def _set_password(person: User, password: str) -> None:
    person.set_password(password)
    person.activated_at = person.activated_at or timezone.now()
    person.save(update_fields=["password", "activated_at"])
    OneTimeCode.objects.filter(person=person).delete()
