from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from foundation.accounts import operations
from foundation.accounts.errors import SignInRefused, TooManyTries
from foundation.accounts.forms import SignInForm


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page. Who is signed in already goes on to where they wanted."""
    if request.user.is_authenticated:
        return redirect(_wanted(request))
    form = SignInForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.sign_in(request=request, **form.cleaned_data)
        except SignInRefused as refusal:
            form.add_error("password", refusal.message)
            status = 429 if isinstance(refusal, TooManyTries) else 200
        else:
            return redirect(_wanted(request))
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "accounts/login.html", context, status=status)


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    operations.sign_out(request=request)
    return redirect("login")


def _wanted(request: HttpRequest) -> str:
    """Where they were going, if that is one of our own pages; else 今日."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours and wanted.startswith("/") else resolve_url("today")
