"""What the pages before and after the sign-in share."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from foundation.accounts.errors import AccountsError, TooManyTries
from foundation.accounts.models import User
from foundation.accounts.operations import Step

NEXT = "next"


def person_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def wanted(request: HttpRequest) -> str:
    """Where they were going, if that is one of our own pages; else 今日."""
    address = asked(request)
    ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if ours and address.startswith("/") else resolve_url("today")


def asked(request: HttpRequest) -> str:
    return request.POST.get(NEXT) or request.GET.get(NEXT, "")


def keep_wanted(request: HttpRequest) -> None:
    """For the steps in between, which are other addresses."""
    request.session[NEXT] = wanted(request)


def go_on(request: HttpRequest, step: Step) -> HttpResponse:
    """After a right password or code."""
    return go_on_to(request, step, wanted(request))


def go_on_to(request: HttpRequest, step: Step, address: str) -> HttpResponse:
    if step is Step.DONE:
        return redirect(address)
    request.session[NEXT] = address
    return redirect("second-factor" if step is Step.SECOND_FACTOR else "second-factor-set-up")


def kept_wanted(request: HttpRequest) -> str:
    return request.session.pop(NEXT, None) or resolve_url("today")


def status_of(refusal: AccountsError) -> int:
    return 429 if isinstance(refusal, TooManyTries) else 200
