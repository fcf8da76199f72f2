"""The second factor: a time-based code of an app on the phone (RFC 6238), and recovery codes beside it."""

import time
from datetime import UTC, datetime

import pyotp
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from foundation.accounts import effects
from foundation.accounts.errors import WrongCode
from foundation.accounts.models import RecoveryCode, SecondFactor, User
from foundation.accounts.secrets import (
    RECOVERY_DIGITS,
    decrypt,
    digest,
    encrypt,
    new_code,
    tidy_code,
)
from foundation.accounts.secrets import grouped as grouped

ISSUER = "同步备课"
PERIOD = 30
RECOVERY_CODES = 10
OFFER = "second_factor_on_offer"


def is_set(person: User) -> bool:
    return SecondFactor.objects.filter(person=person).exists()


def is_required(person: User) -> bool:
    """Administrators are those who may enter the admin: `is_staff` follows their memberships."""
    match settings.SECOND_FACTOR_REQUIRED:
        case "everyone":
            return True
        case "administrators":
            return person.is_staff or person.is_superuser
    return False


# ---- setting up --------------------------------------------------------------------------------------


def secret_on_offer(request: HttpRequest) -> str:
    """The secret that the page shows. It stays the same until it is confirmed, however often it is opened."""
    secret = request.session.get(OFFER)
    if secret is None:
        secret = request.session[OFFER] = pyotp.random_base32()
    return secret


def withdraw_offer(request: HttpRequest) -> None:
    request.session.pop(OFFER, None)


def address_of(person: User, secret: str) -> str:
    """What the QR code says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.username, issuer_name=ISSUER)


@transaction.atomic
def set_up(*, person: User, secret: str, code: str) -> list[str]:
    """The first code proves that the app has the secret. Returns the recovery codes, shown this once."""
    step = _step_of(secret, tidy_code(code))
    if step is None:
        raise WrongCode(_("验证码不对。看看手机的时间准不准，再填应用里此刻显示的六位数。"))
    SecondFactor.objects.update_or_create(
        person=person, defaults={"secret": encrypt(secret), "last_step": step}
    )
    codes = new_recovery_codes(person)
    effects.tell_account_act(person, "person.second_factor_set")
    return codes


@transaction.atomic
def remove(*, person: User) -> bool:
    """The next sign-in needs the password alone, or sets up anew. Was there anything to remove?"""
    RecoveryCode.objects.filter(person=person).delete()
    deleted, _rows = SecondFactor.objects.filter(person=person).delete()
    return deleted > 0


def new_recovery_codes(person: User) -> list[str]:
    """Instead of those before. Shown this once."""
    codes = [new_code(RECOVERY_DIGITS) for _number in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(person=person).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(person=person, digest=_mark(person, code)) for code in codes
    )
    return codes


# ---- showing it --------------------------------------------------------------------------------------


def accept(person: User, typed: str) -> bool:
    """Right, and not used before. A recovery code is used up by it."""
    code = tidy_code(typed)
    return _accept_recovery_code(person, code) if len(code) == RECOVERY_DIGITS else _accept_app(person, code)


def _accept_app(person: User, code: str) -> bool:
    factor = SecondFactor.objects.filter(person=person).first()
    secret = decrypt(factor.secret) if factor else None
    step = _step_of(secret, code) if secret else None
    if step is None:
        return False
    fresh = SecondFactor.objects.filter(person=person, last_step__lt=step)
    return fresh.update(last_step=step) == 1


@transaction.atomic
def _accept_recovery_code(person: User, code: str) -> bool:
    deleted, _rows = RecoveryCode.objects.filter(person=person, digest=_mark(person, code)).delete()
    if deleted:
        left = RecoveryCode.objects.filter(person=person).count()
        effects.tell_account_act(person, "person.recovery_code_used", left=left)
    return deleted > 0


def _step_of(secret: str, code: str) -> int | None:
    """Which half minute this code belongs to: now, the one before or the one after; phones run a little off."""
    now = int(time.time()) // PERIOD
    for step in (now, now - 1, now + 1):
        if pyotp.TOTP(secret).verify(code, for_time=datetime.fromtimestamp(step * PERIOD, UTC)):
            return step
    return None


def _mark(person: User, code: str) -> str:
    return digest("recovery", person.pk, code)
