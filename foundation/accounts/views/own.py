"""我的帐号: one's own password, second factor and sessions."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts import operations, queries, single_sign_on
from foundation.accounts.errors import AccountsError, SignInRefused
from foundation.accounts.forms import ChangePasswordForm, SecondFactorForm, SetUpForm
from foundation.accounts.operations import second_factor
from foundation.accounts.qr import picture_of
from foundation.accounts.secrets import grouped
from foundation.accounts.views.common import person_of, status_of


@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    context = {
        "account": queries.account_of(person),
        "single_sign_on": single_sign_on.provider_name(),
        "is_linked": single_sign_on.is_on() and single_sign_on.is_linked(person),
        "sessions": queries.sessions_of(request),
    }
    return render(request, "accounts/account.html", context)


@never_cache
@sensitive_post_parameters("old", "new")
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    form = ChangePasswordForm(request.POST if request.method == "POST" else None, person=person)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_password(request=request, person=person, **form.cleaned_data)
        except SignInRefused as refusal:
            form.add_error("old", refusal.message)
            status = status_of(refusal)
        else:
            messages.success(request, _("密码换好了。别处的登录都已退出。"))
            return redirect("account")
    return render(request, "accounts/change_password.html", {"form": form}, status=status)


# ---- second factor -----------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    if second_factor.is_set(person):
        return redirect("account")
    form = SetUpForm(request.POST if request.method == "POST" else None)
    secret = second_factor.secret_on_offer(request)
    if request.method == "POST" and form.is_valid():
        try:
            codes = second_factor.set_up(person=person, secret=secret, code=form.cleaned_data["code"])
        except SignInRefused as refusal:
            form.add_error("code", refusal.message)
        else:
            second_factor.withdraw_offer(request)
            return _show(request, codes)
    qr = picture_of(second_factor.address_of(person, secret))
    return render(request, "accounts/set_up.html", {"form": form, "qr": qr, "secret": secret})


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def manage_second_factor(request: HttpRequest) -> HttpResponse:
    """New recovery codes, or no second factor any more; either needs a code of the app."""
    person = person_of(request)
    if not second_factor.is_set(person):
        return redirect("account-second-factor")
    form = SecondFactorForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        values = {"request": request, "person": person, "code": form.cleaned_data["code"]}
        try:
            if request.POST.get("do") == "renew":
                return _show(request, operations.renew_recovery_codes(**values))
            operations.remove_own_second_factor(**values)
        except AccountsError as refusal:
            form.add_error("code", refusal.message)
            status = status_of(refusal)
        else:
            messages.success(request, _("二次验证取消了。"))
            return redirect("account")
    context = {"form": form, "account": queries.account_of(person)}
    return render(request, "accounts/second_factor.html", context, status=status)


def _show(request: HttpRequest, codes: list[str]) -> HttpResponse:
    context = {"codes": [grouped(code) for code in codes], "next": resolve_url("account")}
    return render(request, "accounts/recovery_codes.html", context)


# ---- sessions ----------------------------------------------------------------------------------------


@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    ended = operations.end_sessions(person=person_of(request), only=session_id)
    if ended:
        messages.success(request, _("那里的登录已经退出。"))
    return redirect("account")


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    here = request.session.session_key or ""
    ended = operations.end_sessions(person=person_of(request), but_for=here)
    messages.success(
        request, ngettext("别处的 %d 个登录已经退出。", "别处的 %d 个登录已经退出。", ended) % ended
    )
    return redirect("account")


@require_POST
def alive(request: HttpRequest) -> HttpResponse:
    """Someone is at this computer: the middleware has moved the session's end."""
    return HttpResponse(status=204)
