"""What makes a password: length, and not being what everyone would try first."""

import re
from itertools import pairwise
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MIN_LENGTH = 10
# What many people here choose and the general list lacks: tried by every guesser, with digits or without.
COMMON_STEMS = frozenset(
    """
    a aa aaa abc abcd admin aini asdfgh beike changchun iloveyou jiaoan jiaoshi jilin laoshi mima nihao
    password qaz qwerty school teacher woaini woshishui wsx xuexiao zaq zhongguo zxcvbn
    """.split()  # noqa: SIM905
)


class LongEnough:
    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < MIN_LENGTH:
            raise ValidationError(
                _("密码至少 %d 个字，现在是 %d 个。一句自己记得住的话就很好。") % (MIN_LENGTH, len(password)),
                code="too_short",
            )

    def get_help_text(self) -> str:
        return _("至少 %d 个字，越长越好，不必凑大小写和符号。") % MIN_LENGTH


class NotCommon(CommonPasswordValidator):
    def validate(self, password: str, user: Any = None) -> None:
        if self._is_common(password.casefold().strip()):
            raise ValidationError(_("这个密码太多人用，一猜就中。换一个。"), code="too_common")

    def get_help_text(self) -> str:
        return _("不要用常见的密码。")

    def _is_common(self, password: str) -> bool:
        stem = re.sub(r"[\d\W_]+", "", password)
        letters_and_digits = re.sub(r"[\W_]+", "", password)
        return (
            password in self.passwords
            or letters_and_digits in self.passwords
            or stem in COMMON_STEMS
            or len(set(password)) < 4
            or _is_a_run(password)
            or _is_a_number_of_a_person(password)
        )


class NotAboutThePerson:
    """A guesser who knows whom the account belongs to tries these first."""

    def validate(self, password: str, user: Any = None) -> None:
        typed = password.casefold()
        for known in _words_about(user):
            if known in typed and len(typed) - len(known) < 8:
                raise ValidationError(
                    _("密码里不要用自己的手机号、工号、姓名或邮箱。"), code="about_the_person"
                )

    def get_help_text(self) -> str:
        return _("不要用自己的手机号、工号或姓名。")


def _words_about(user: Any) -> list[str]:
    values = [getattr(user, field, "") or "" for field in ("username", "name", "email")]
    values.append(values[2].partition("@")[0])
    return [value.casefold() for value in values if len(value) >= 2]


def _is_a_run(password: str) -> bool:
    """1234567890, 9876543210, abcdefghij."""
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    return steps in ({1}, {-1}) or password in "01234567890123456789"


def _is_a_number_of_a_person(password: str) -> bool:
    """A mobile number, an identity card's number, a date of birth twice: digits that others know."""
    return bool(re.fullmatch(r"1[3-9]\d{9}|\d{17}[\dx]|(19|20)\d{6}\d{0,4}", password))
