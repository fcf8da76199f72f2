"""Out to the provider of single sign-on and back: signing in, or linking one's own account."""

import logging
from collections.abc import Callable

import requests
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from foundation.accounts import operations, single_sign_on
from foundation.accounts.errors import AccountsError
from foundation.accounts.single_sign_on import PROVIDER, CheckedAdapter, SocialAccountAdapter
from foundation.accounts.views.common import go_on_to, keep_wanted, kept_wanted, person_of

logger = logging.getLogger(__name__)


def _go(request: HttpRequest, process: str) -> HttpResponse:
    if not single_sign_on.is_on():
        raise Http404
    provider = SocialAccountAdapter(request).get_provider(request, PROVIDER)
    return _reaching_the_provider(request, lambda: provider.redirect(request, process=process))


def _reaching_the_provider(request: HttpRequest, step: Callable[[], HttpResponse]) -> HttpResponse:
    """It may be down, or answer with something else than it should."""
    try:
        return step()
    except (requests.RequestException, LookupError, ValueError) as error:
        logger.warning("single sign-on: %s", type(error).__name__)
        messages.error(request, single_sign_on.no_success())
        return redirect("account" if request.user.is_authenticated else "login")


@login_not_required
@never_cache
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    keep_wanted(request)
    return _go(request, AuthProcess.LOGIN)


@never_cache
@require_POST
def link(request: HttpRequest) -> HttpResponse:
    return _go(request, AuthProcess.CONNECT)


@never_cache
@require_POST
def unlink(request: HttpRequest) -> HttpResponse:
    try:
        single_sign_on.unlink(person=person_of(request))
        messages.success(request, _("关联取消了。"))
    except AccountsError as refusal:
        messages.error(request, refusal.message)
    return redirect("account")


@login_not_required
@never_cache
@require_safe
def back(request: HttpRequest, provider_id: str) -> HttpResponse:
    if not single_sign_on.is_on() or provider_id != PROVIDER:
        raise Http404
    view = OAuth2CallbackView.adapter_view(CheckedAdapter(request, provider_id))
    return _reaching_the_provider(request, lambda: view(request))


def come_back(request: HttpRequest, login: SocialLogin) -> HttpResponse:
    """The provider has said, and we have checked, who this is."""
    subject, claims = login.account.uid, login.account.extra_data["userinfo"]
    linking = login.state.get("process") == AuthProcess.CONNECT
    try:
        if linking and request.user.is_authenticated:
            single_sign_on.link(person=person_of(request), subject=subject)
            messages.success(request, _("关联好了，下次可以用%s登录。") % single_sign_on.provider_name())
            return redirect("account")
        goes_to = kept_wanted(request)
        person = single_sign_on.person_of(subject, claims)
        step = operations.admit(request=request, user=person, own_computer=False)
        return go_on_to(request, step, goes_to)
    except AccountsError as refusal:
        messages.error(request, refusal.message)
        return redirect("account" if linking else "login")
