"""Opening an account by a code or a link, and asking for a link when the password is forgotten."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from foundation.accounts import operations
from foundation.accounts.errors import SignInRefused, TooManyTries, WrongCode
from foundation.accounts.forms import ForgottenForm, NewPasswordForm, OpenByCodeForm
from foundation.accounts.views.common import go_on, status_of


@login_not_required
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def open_by_code(request: HttpRequest) -> HttpResponse:
    form = OpenByCodeForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.open_by_code(request=request, **form.cleaned_data)
            return redirect("choose-password")
        except SignInRefused as refusal:
            form.add_error("code", refusal.message)
            status = status_of(refusal)
    return render(request, "accounts/open_by_code.html", {"form": form}, status=status)


@login_not_required
@never_cache
@require_safe
def open_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The token goes on in the session: it must not stay in the address, where the next page would tell it."""
    try:
        operations.open_by_link(request=request, token=token)
    except WrongCode as refusal:
        messages.error(request, refusal.message)
        return redirect("open-by-code")
    return redirect("choose-password")


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def choose_password(request: HttpRequest) -> HttpResponse:
    try:
        found = operations.opened(request)
        form = NewPasswordForm(request.POST if request.method == "POST" else None, person=found.person)
        if request.method == "POST" and form.is_valid():
            step = operations.choose_password(request=request, **form.cleaned_data)
            return go_on(request, step)
    except WrongCode as refusal:
        messages.error(request, refusal.message)
        return redirect("open-by-code")
    return render(request, "accounts/choose_password.html", {"form": form, "opened": found})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    form = ForgottenForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and settings.MAIL_IS_SENT and form.is_valid():
        try:
            operations.ask_for_reset(request=request, **form.cleaned_data)
        except TooManyTries as refusal:
            form.add_error("username", refusal.message)
            status = status_of(refusal)
        else:
            messages.success(
                request,
                _("如果这个帐号填过邮箱，信已经寄出，60 分钟内有效。没收到，请找学校管理员，当场就能重设。"),
            )
            return redirect("login")
    context = {"form": form, "mail_is_sent": settings.MAIL_IS_SENT}
    return render(request, "accounts/forgotten.html", context, status=status)
