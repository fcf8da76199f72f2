"""Single sign-on with one OpenID Connect provider (统一身份认证), on django-allauth.

allauth brings the code flow with PKCE and a state that is bound to the session and used once. On top of it every
ID token must be signed by the provider, for us, not expired, and carry the nonce of this very attempt.
Off unless OIDC_ISSUER is set; docs/operators.md describes the settings.
"""

from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts import effects
from foundation.accounts.errors import AccountClosed, NotPossible, SignInRefused
from foundation.accounts.models import User
from foundation.accounts.operations.people import create_person, tidy_username
from foundation.accounts.secrets import digest

PROVIDER = "oidc"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
REQUIRED = ["iss", "sub", "aud", "exp", "iat", "nonce"]
CLOCKS_APART = 60
TIMEOUT = 10


def is_on() -> bool:
    return bool(settings.OIDC_ISSUER)


def provider_name() -> str:
    """What the button says; empty when there is no single sign-on."""
    return settings.OIDC_NAME if is_on() else ""


def no_success() -> str:
    return _("用%s登录没有成功，请再试一次。一直不行，先用密码登录。") % provider_name()


def provider_origin() -> str:
    """For the content security policy: our forms may lead there."""
    issuer = urlsplit(settings.OIDC_ISSUER)
    return f"{issuer.scheme}://{issuer.netloc}" if is_on() else ""


# ---- whose account it is -----------------------------------------------------------------------------


@transaction.atomic
def person_of(subject: str, claims: dict[str, Any]) -> User:
    """The linked account; else the one that the configured claim names; else, if the settings say so, a new one."""
    linked = SocialAccount.objects.filter(provider=PROVIDER, uid=subject).select_related("user").first()
    person = linked.user if linked else _matched(subject, claims)
    if not person.is_active:
        raise AccountClosed(_("这个帐号已经停用。要继续用，请找学校管理员。"))
    return person


@transaction.atomic
def link(*, person: User, subject: str) -> None:
    """Only someone who is signed in links their own account."""
    if SocialAccount.objects.filter(provider=PROVIDER, uid=subject).exclude(user=person).exists():
        raise NotPossible(_("这个%s帐号已经关联了另一个人。") % provider_name())
    if SocialAccount.objects.filter(provider=PROVIDER, user=person).exclude(uid=subject).exists():
        raise NotPossible(_("你已经关联了另一个%s帐号，先取消那一个。") % provider_name())
    _link(person, subject)


@transaction.atomic
def unlink(*, person: User) -> None:
    if not person.has_usable_password():
        raise NotPossible(_("你还没有密码，取消关联就进不来了。请先找学校管理员要一个重设码，设好密码。"))
    deleted, _rows = SocialAccount.objects.filter(provider=PROVIDER, user=person).delete()
    if deleted:
        effects.tell_account_act(person, "person.unlinked")


def is_linked(person: User) -> bool:
    return SocialAccount.objects.filter(provider=PROVIDER, user=person).exists()


def _matched(subject: str, claims: dict[str, Any]) -> User:
    claim = settings.OIDC_MATCH_CLAIM
    username = tidy_username(str(claims.get(claim) or "")) if claim else ""
    person = User.objects.filter(username=username).first() if username else None
    if person is None and username and settings.OIDC_CREATE:
        person = create_person(username=username, name=str(claims.get("name") or username)[:64])
        effects.tell_account_act(person, "person.created")
    if person is None or is_linked(person):
        raise SignInRefused(
            _("%s没有对应这里的帐号。先用密码登录，在“我的帐号”里关联；没有帐号，找学校管理员。")
            % provider_name()
        )
    _link(person, subject)
    return person


def _link(person: User, subject: str) -> None:
    """Nothing that the provider tells about the person is kept."""
    _account, created = SocialAccount.objects.get_or_create(provider=PROVIDER, uid=subject, user=person)
    if person.activated_at is None:
        person.activated_at = timezone.now()
        person.save(update_fields=["activated_at"])
    if created:
        effects.tell_account_act(person, "person.linked")


# ---- tokens ------------------------------------------------------------------------------------------


class NonceClient(OAuth2Client):
    def get_redirect_url(self, authorization_url: str, scope: Any, extra_params: dict[str, Any]) -> str:
        return super().get_redirect_url(
            authorization_url, scope, {**extra_params, "nonce": nonce_of(self.state)}
        )


def nonce_of(state: str) -> str:
    """The state is random, bound to the session and used once; so is what follows from it."""
    return digest("oidc-nonce", state)


class CheckedAdapter(OpenIDConnectOAuth2Adapter):
    client_class = NonceClient

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        claims = self._checked(str(kwargs["response"].get("id_token") or ""), app.client_id)
        userinfo = self._fetch_user_info(token.token) if "userinfo_endpoint" in self.openid_config else {}
        if userinfo and userinfo.get("sub") != claims["sub"]:
            raise OAuth2Error("userinfo is about somebody else")
        return self.get_provider().sociallogin_from_response(request, {"userinfo": {**userinfo, **claims}})

    def _checked(self, id_token: str, client_id: str) -> dict[str, Any]:
        """OpenID Connect Core 3.1.3.7, the signature always included."""
        if self.openid_config["issuer"] != settings.OIDC_ISSUER:
            raise OAuth2Error("the provider calls itself otherwise than OIDC_ISSUER")
        try:
            keys = jwt.PyJWKClient(self.openid_config["jwks_uri"], timeout=TIMEOUT)
            claims = jwt.decode(
                id_token,
                keys.get_signing_key_from_jwt(id_token).key,
                algorithms=ALGORITHMS,
                audience=client_id,
                issuer=settings.OIDC_ISSUER,
                leeway=CLOCKS_APART,
                options={"require": REQUIRED},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"ID token: {error}") from error
        if claims["nonce"] != nonce_of(self.request.GET.get("state", "")):
            raise OAuth2Error("ID token: the nonce of another attempt")
        if claims.get("azp", client_id) != client_id:
            raise OAuth2Error("ID token: issued to another client")
        return claims


# ---- how allauth finds it ----------------------------------------------------------------------------


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """The provider with checked tokens; what comes of a login is decided by our own view, never by allauth."""

    def get_provider(self, request: HttpRequest, provider: Any, client_id: str | None = None) -> Any:
        found = super().get_provider(request, provider, client_id)
        found.oauth2_adapter_class = CheckedAdapter
        return found

    def get_requests_session(self) -> requests.Session:
        session = TimedSession()
        session.headers["Accept"] = "application/json"
        return session

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        from foundation.accounts.views.single_sign_on import come_back

        raise ImmediateHttpResponse(come_back(request, sociallogin))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        if error == AuthError.CANCELLED:
            messages.info(request, _("没有用%s登录。") % provider_name())
        else:
            messages.error(
                request, _("用%s登录没有成功，请再试一次。一直不行，先用密码登录。") % provider_name()
            )
        raise ImmediateHttpResponse(redirect("account" if request.user.is_authenticated else "login"))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class TimedSession(requests.Session):
    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", TIMEOUT)
        return super().request(*args, **kwargs)
