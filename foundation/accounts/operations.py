"""Signing in and out."""

import math
import unicodedata
from typing import NoReturn

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from foundation.accounts import effects, throttle
from foundation.accounts.errors import AccountClosed, TooManyTries, WrongPassword
from foundation.accounts.models import User


def sign_in(*, request: HttpRequest, username: str, password: str, own_computer: bool = False) -> User:
    """Sign a person in: a new session key; 30 days on their own computer, else until the browser closes.

    The slow comparison of passwords stays outside the transaction, which on SQLite holds up every writer.
    """
    username = tidy_username(username)
    address = _address(request)
    tries = throttle.count_try(username=username, address=address)
    if tries.stopped:
        raise TooManyTries(_too_many_message(tries.seconds), seconds=tries.seconds)
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        _refuse(username, password, tries)
    throttle.forget(username=username, address=address)
    _begin_session(request, user, own_computer)
    return user


@transaction.atomic
def _begin_session(request: HttpRequest, user: User, own_computer: bool) -> None:
    login(request, user)
    if own_computer:
        request.session.set_expiry(settings.OWN_COMPUTER_SESSION_SECONDS)
    for effect in effects.signed_in:
        effect(user, own_computer)


def sign_out(*, request: HttpRequest) -> None:
    """End the session. What the person has open elsewhere in this browser ends with it (effects.signed_out)."""
    user = request.user
    logout(request)
    if isinstance(user, User):
        for effect in effects.signed_out:
            effect(user)


def tidy_username(text: str) -> str:
    """People type full-width digits and stray spaces."""
    return "".join(unicodedata.normalize("NFKC", text).replace("\x00", "").split())


def _address(request: HttpRequest) -> str:
    """Whose try it is. Our own proxy, if there is one, adds the address at the end of its header."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def _refuse(username: str, password: str, tries: throttle.Tries) -> NoReturn:
    closed = User.objects.filter(username=username, is_active=False).first()
    if closed is not None and closed.check_password(password):
        raise AccountClosed(_("这个帐号已经停用。要继续用，请找学校管理员。"))
    if tries.left == 0:
        raise WrongPassword(_too_many_message(settings.SIGN_IN_WINDOW_SECONDS))
    raise WrongPassword(
        _("手机号、工号或密码不对，还能试 %d 次。忘了可以请学校管理员重设，当场就能用。") % tries.left
    )


def _too_many_message(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    return _("试的次数多了，请 %d 分钟后再试。等不及可以请学校管理员重设密码。") % minutes
