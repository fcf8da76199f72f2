"""Signing in, in one or two steps, and out.

`admit` is the door behind every way in (password, code, single sign-on): whoever needs a second factor waits
in front of it, not signed in, until that is shown or set up.
"""

import math
import time
from enum import StrEnum
from typing import NoReturn

from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from foundation.accounts import browsers, effects, throttle
from foundation.accounts.addresses import address_of
from foundation.accounts.errors import AccountClosed, TooManyTries, WaitedTooLong, WrongCode, WrongPassword
from foundation.accounts.models import User
from foundation.accounts.operations import second_factor, sessions
from foundation.accounts.operations.people import tidy_username

WAITING = "waiting_for_second_factor"


class Step(StrEnum):
    """What comes after a right password."""

    DONE = "done"
    SECOND_FACTOR = "second_factor"
    SET_UP = "set_up"


# ---- the first step ----------------------------------------------------------------------------------


def sign_in(*, request: HttpRequest, username: str, password: str, own_computer: bool = False) -> Step:
    """The slow comparison of passwords stays outside the transaction, which on SQLite holds up every writer."""
    username = tidy_username(username)
    attempt = attempt_of(request, username)
    tries = count(attempt)
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        _refuse(username, password, tries)
    throttle.forget(attempt)
    return admit(request=request, user=user, own_computer=own_computer)


def admit(*, request: HttpRequest, user: User, own_computer: bool) -> Step:
    """This is the person; let them in, or let them wait for the second factor."""
    if second_factor.is_set(user):
        step = Step.SECOND_FACTOR
    elif second_factor.is_required(user):
        step = Step.SET_UP
    else:
        let_in(request, user, own_computer)
        return Step.DONE
    request.session.flush()
    request.session[WAITING] = {"person": user.pk, "own": own_computer, "since": time.time()}
    return step


@transaction.atomic
def let_in(request: HttpRequest, user: User, own_computer: bool) -> None:
    sessions.begin(request=request, user=user, own_computer=own_computer)
    for effect in effects.signed_in:
        effect(user, own_computer)


# ---- the second step ---------------------------------------------------------------------------------


def person_waiting(request: HttpRequest) -> User:
    waiting = request.session.get(WAITING)
    if not waiting or time.time() - waiting["since"] > settings.SECOND_FACTOR_WAIT_SECONDS:
        request.session.pop(WAITING, None)
        raise WaitedTooLong(_("隔得太久了，请重新登录。"))
    user = User.objects.filter(pk=waiting["person"], is_active=True).first()
    if user is None:
        raise WaitedTooLong(_("请重新登录。"))
    return user


def show_second_factor(*, request: HttpRequest, code: str) -> User:
    """A code of the app, or one of the recovery codes."""
    user = person_waiting(request)
    check_second_factor(request=request, person=user, code=code)
    _let_in_who_waited(request, user)
    return user


def check_second_factor(*, request: HttpRequest, person: User, code: str) -> None:
    attempt = attempt_of(request, str(person.pk), kind="second-factor")
    tries = count(attempt)
    if not second_factor.accept(person, code):
        raise WrongCode(_("验证码不对，还能试 %d 次。用手机应用里此刻显示的六位数。") % tries.left)
    throttle.forget(attempt)


def set_up_second_factor(*, request: HttpRequest, code: str) -> list[str]:
    """Required, and not there yet: set up now, then signed in. Returns the recovery codes."""
    user = person_waiting(request)
    codes = second_factor.set_up(person=user, secret=second_factor.secret_on_offer(request), code=code)
    second_factor.withdraw_offer(request)
    _let_in_who_waited(request, user)
    return codes


def _let_in_who_waited(request: HttpRequest, user: User) -> None:
    own_computer = request.session.pop(WAITING)["own"]
    let_in(request, user, own_computer)


# ---- out ---------------------------------------------------------------------------------------------


def sign_out(*, request: HttpRequest) -> None:
    """End the session. What the person has open elsewhere in this browser ends with it (effects.signed_out)."""
    user = request.user
    if isinstance(user, User):
        sessions.forget(request)
    logout(request)
    if isinstance(user, User):
        for effect in effects.signed_out:
            effect(user)


# ---- tries -------------------------------------------------------------------------------------------


def attempt_of(request: HttpRequest, username: str, kind: str = "sign-in") -> throttle.Try:
    return throttle.Try(
        username=username,
        address=address_of(request),
        browser=browsers.id_if_known(request, username),
        kind=kind,
    )


def count(attempt: throttle.Try) -> throttle.Tries:
    tries = throttle.count_try(attempt)
    if tries.stopped:
        raise TooManyTries(_too_many_message(tries), seconds=tries.seconds)
    return tries


def _refuse(username: str, password: str, tries: throttle.Tries) -> NoReturn:
    closed = User.objects.filter(username=username, is_active=False).first()
    if closed is not None and closed.check_password(password):
        raise AccountClosed(_("这个帐号已经停用。要继续用，请找学校管理员。"))
    if tries.left == 0:
        raise WrongPassword(_wait_message(settings.SIGN_IN_WINDOW_SECONDS))
    raise WrongPassword(
        _("手机号、工号或密码不对，还能试 %d 次。忘了可以请学校管理员重设，当场就能用。") % tries.left
    )


def _too_many_message(tries: throttle.Tries) -> str:
    if tries.busy:
        return _("这个网络上输错的次数太多，登录要排队：请过几秒再试，或改用手机流量。")
    return _wait_message(tries.seconds)


def _wait_message(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    return _("试的次数多了，请 %d 分钟后再试。等不及可以请学校管理员重设密码。") % minutes
