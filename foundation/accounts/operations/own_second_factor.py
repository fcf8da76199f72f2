"""One's own second factor: whoever stands at an open session must still show it before it goes or is renewed."""

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from foundation.accounts import effects
from foundation.accounts.errors import NotPossible
from foundation.accounts.models import User
from foundation.accounts.operations import second_factor
from foundation.accounts.operations.signing_in import check_second_factor


def remove_own_second_factor(*, request: HttpRequest, person: User, code: str) -> None:
    if second_factor.is_required(person):
        raise NotPossible(_("管理员必须用二次验证，不能取消。换手机：请上一级管理员取消，再登录重新设置。"))
    check_second_factor(request=request, person=person, code=code)
    with transaction.atomic():
        second_factor.remove(person=person)
        effects.tell_account_act(person, "person.second_factor_removed")


def renew_recovery_codes(*, request: HttpRequest, person: User, code: str) -> list[str]:
    check_second_factor(request=request, person=person, code=code)
    with transaction.atomic():
        return second_factor.new_recovery_codes(person)
