from typing import Any

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.operations import tidy_username


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("手机号或工号"),
        max_length=64,
        error_messages={"required": _("请填手机号或工号。")},
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "autocomplete": "username",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
    )
    password = forms.CharField(
        label=_("密码"),
        strip=False,
        max_length=256,
        error_messages={"required": _("请填密码。")},
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "current-password"}),
    )
    own_computer = forms.BooleanField(label=_("这是我自己的电脑，30 天内不用再登"), required=False)


class TidyUsername:
    """What is stored is what the sign-in looks for."""

    cleaned_data: dict[str, Any]

    def clean_username(self) -> str:
        return tidy_username(self.cleaned_data["username"])


class PersonAddForm(TidyUsername, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["username", "name"]


class PersonChangeForm(TidyUsername, UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"
