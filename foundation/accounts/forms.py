from typing import Any

from django import forms
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.operations import tidy_name, tidy_username, usernames_taken

USERNAME_INPUT = {
    "class": "input",
    "autocomplete": "username",
    "autocapitalize": "off",
    "spellcheck": "false",
}
CODE_INPUT = {"class": "input code-input", "inputmode": "numeric", "autocomplete": "one-time-code"}


def _username() -> forms.CharField:
    return forms.CharField(
        label=_("手机号或工号"),
        max_length=64,
        error_messages={"required": _("请填手机号或工号。")},
        widget=forms.TextInput(attrs=USERNAME_INPUT),
    )


def _password(label: Any, *, required: Any, autocomplete: str, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=256,
        help_text=help_text,
        error_messages={"required": required},
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": autocomplete}),
    )


def _code(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=40,
        help_text=help_text,
        error_messages={"required": _("请把码填上。")},
        widget=forms.TextInput(attrs=CODE_INPUT),
    )


def _own_computer() -> forms.BooleanField:
    return forms.BooleanField(label=_("这是我自己的电脑，30 天内不用再登"), required=False)


class SignInForm(forms.Form):
    username = _username()
    password = _password(_("密码"), required=_("请填密码。"), autocomplete="current-password")
    own_computer = _own_computer()


class SecondFactorForm(forms.Form):
    code = _code(_("验证码"), _("手机应用里此刻显示的六位数；手机不在身边，填一个 16 位恢复码"))


class SetUpForm(forms.Form):
    code = _code(_("应用显示的六位数"))


class OpenByCodeForm(forms.Form):
    username = _username()
    code = _code(_("开通码或重设码"), _("12 位数字，学校管理员给的；空格可以不填"))


class ForgottenForm(forms.Form):
    username = _username()


class NewPasswordForm(forms.Form):
    """One field that can be shown beats two that must agree."""

    password = _password(
        _("新密码"),
        required=_("请填新密码。"),
        autocomplete="new-password",
        help_text=_("至少 10 个字，越长越好，不必凑大小写和符号"),
    )
    own_computer = _own_computer()

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        return _valid_password(self.cleaned_data["password"], self.person)


class ChangePasswordForm(forms.Form):
    old = _password(_("现在的密码"), required=_("请填现在的密码。"), autocomplete="current-password")
    new = _password(
        _("新密码"),
        required=_("请填新密码。"),
        autocomplete="new-password",
        help_text=_("至少 10 个字，越长越好，不必凑大小写和符号"),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_new(self) -> str:
        return _valid_password(self.cleaned_data["new"], self.person)


def _valid_password(password: str, person: User) -> str:
    """One remedy at a time: the first rule that is broken says what to do."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise ValidationError(error.messages[0]) from None
    return password


# ---- in the admin ------------------------------------------------------------------------------------


class TidyUsername:
    """What is stored is what the sign-in looks for."""

    cleaned_data: dict[str, Any]
    instance: User

    def clean_username(self) -> str:
        username = tidy_username(self.cleaned_data["username"])
        if username != self.instance.username and usernames_taken([username]):
            raise ValidationError(_("已经有人用了这个手机号或工号。"))
        return username

    def clean_name(self) -> str:
        return tidy_name(self.cleaned_data["name"])


class PersonAddForm(TidyUsername, forms.ModelForm):
    """An account without a password: a one-time code opens it."""

    class Meta:
        model = User
        fields = ["username", "name", "email"]

    def save(self, commit: bool = True) -> User:
        person = super().save(commit=False)
        person.set_unusable_password()
        if commit:
            person.save()
        return person


class PersonChangeForm(TidyUsername, UserChangeForm):
    password = None  # type: ignore[assignment]

    class Meta:
        model = User
        fields = "__all__"
