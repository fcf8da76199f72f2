"""The sign-in page, its second step, and the way out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from foundation.accounts import operations, single_sign_on
from foundation.accounts.errors import SignInRefused, WaitedTooLong
from foundation.accounts.forms import SecondFactorForm, SetUpForm, SignInForm
from foundation.accounts.operations import second_factor, sessions
from foundation.accounts.qr import picture_of
from foundation.accounts.secrets import grouped
from foundation.accounts.views.common import asked, go_on, kept_wanted, status_of, wanted


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Who is signed in already goes on to where they wanted."""
    if request.user.is_authenticated:
        return redirect(wanted(request))
    form = SignInForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            return go_on(request, operations.sign_in(request=request, **form.cleaned_data))
        except SignInRefused as refusal:
            form.add_error("password", refusal.message)
            status = status_of(refusal)
    context = {"form": form, "next": asked(request), "single_sign_on": single_sign_on.provider_name()}
    return render(request, "accounts/login.html", context, status=status)


@login_not_required
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """The password was right; now the code of the app."""
    form = SecondFactorForm(request.POST if request.method == "POST" else None)
    status = 200
    try:
        operations.person_waiting(request)
        if request.method == "POST" and form.is_valid():
            operations.show_second_factor(request=request, code=form.cleaned_data["code"])
            return redirect(kept_wanted(request))
    except WaitedTooLong as refusal:
        return _start_again(request, refusal)
    except SignInRefused as refusal:
        form.add_error("code", refusal.message)
        status = status_of(refusal)
    return render(request, "accounts/second_step.html", {"form": form}, status=status)


@login_not_required
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up_step(request: HttpRequest) -> HttpResponse:
    """The password was right, and this person has to have a second factor: set it up, then go on."""
    form = SetUpForm(request.POST if request.method == "POST" else None)
    try:
        person = operations.person_waiting(request)
        if request.method == "POST" and form.is_valid():
            codes = operations.set_up_second_factor(request=request, code=form.cleaned_data["code"])
            context = {"codes": [grouped(code) for code in codes], "next": kept_wanted(request)}
            return render(request, "accounts/recovery_codes.html", context)
    except WaitedTooLong as refusal:
        return _start_again(request, refusal)
    except SignInRefused as refusal:
        form.add_error("code", refusal.message)
    secret = second_factor.secret_on_offer(request)
    qr = picture_of(second_factor.address_of(person, secret))
    return render(request, "accounts/set_up_step.html", {"form": form, "qr": qr, "secret": secret})


def _start_again(request: HttpRequest, refusal: WaitedTooLong) -> HttpResponse:
    messages.warning(request, refusal.message)
    return redirect("login")


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Idle too long on a shared computer, or by the button."""
    shared = request.session.get(sessions.OWN) is False
    operations.sign_out(request=request)
    if request.POST.get("idle"):
        messages.info(request, _("这台电脑很久没有人动，已经退出登录。"))
    response = redirect("login")
    if shared:
        response.headers["Clear-Site-Data"] = '"cache"'
    return response
