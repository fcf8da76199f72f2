"""What holds for every request: the content security policy, the language, signing in, and denials."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.translation import gettext as _

from foundation.accounts import single_sign_on
from foundation.api.problems import PROBLEM, Problem, answer
from foundation.ledger.audit import refusals_outlive_rollback
from foundation.records.errors import Denied as RecordDenied
from prep_platform import errors
from prep_platform.encoding import is_utf8
from teaching_centres.errors import Denied

GetResponse = Callable[[HttpRequest], HttpResponse]


def _file_sources() -> str:
    """With S3 a picture's address leads on to the object server: the policy must name it."""
    options: dict[str, Any] = settings.STORAGES["default"].get("OPTIONS", {})
    endpoint = urlsplit(options.get("endpoint_url") or "")
    if endpoint.netloc:
        return f" {endpoint.scheme}://{endpoint.netloc}"
    if "bucket_name" in options:
        return f" https://s3.{options['region_name']}.amazonaws.com"
    return ""


def _socket_source(request: HttpRequest) -> str:
    """Older browsers (Safari before 15.4) do not count our own sockets as 'self'."""
    try:
        return f" {'wss' if request.is_secure() else 'ws'}://{request.get_host()}"
    except DisallowedHost:
        return ""


def content_security_policy(request: HttpRequest) -> str:
    """Own scripts and styles only, nothing inline."""
    return "; ".join(
        (
            "default-src 'self'",
            f"img-src 'self' data: blob:{_file_sources()}",
            # the editor sets style attributes on cursors and table columns
            "style-src 'self' 'unsafe-inline'",
            f"connect-src 'self'{_socket_source(request)}",
            "object-src 'none'",
            "base-uri 'self'",
            # a form that leads to the provider of single sign-on is redirected there
            f"form-action 'self' {single_sign_on.provider_origin()}".strip(),
            "frame-ancestors 'none'",
        )
    )


class ContentSecurityPolicyMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", content_security_policy(request))
        return response


class ChosenLanguageMiddleware:
    """Chinese, unless the person chose another language here (docs/decisions/0003-language.md).

    The browser's Accept-Language is not asked: many school computers run English systems.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class Utf8Middleware:
    """What says that it is in another encoding than UTF-8 is a bad request (see `encoding`)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        named = (request.content_params or {}).get("charset")
        if named is not None and not is_utf8(named):
            return errors.bad_request(request, reason=_("这里只收 UTF-8 编码的内容。"))
        if named is not None:
            request.encoding = "utf-8"  # by its other names Django would not take it in a form
        return self.get_response(request)


class ApiErrorsMiddleware:
    """Errors in the API that none of its views made (a method that is not there) are problem documents as well."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not errors.wants_problem(request):
            return response
        if response.headers.get("Content-Type") == PROBLEM:
            return response
        allowed = {"Allow": response.headers["Allow"]} if "Allow" in response.headers else {}
        return answer(Problem(response.status_code, headers=allowed))


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Every page wants a signed-in person unless its view says otherwise. The API answers 401 itself."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: Any,
        view_kwargs: Any,
    ) -> HttpResponseBase | None:
        if errors.wants_problem(request):
            return None
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is not None and request.headers.get("HX-Request"):
            # a part of a page cannot show the sign-in: the whole page goes there
            return HttpResponse(status=401, headers={"HX-Redirect": resolve_url(settings.LOGIN_URL)})
        return answer


class NoNullCharactersMiddleware:
    """PostgreSQL takes no such character, and no browser sends one in an address; forms refuse it themselves."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            return errors.bad_request(request)
        return self.get_response(request)


class DeniedMiddleware:
    """A policy said no: the page says so with its reason."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Denied | RecordDenied):
            return errors.denied(request, exception.reason)
        return None


class RefusalsAuditedMiddleware:
    """Administrative acts that were refused are in the audit trail, although their transaction was rolled back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with refusals_outlive_rollback():
            return self.get_response(request)
