"""The root of the API under /api/v1/: the session cookie, problem documents, each app's router."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from foundation.accounts.api import router as session_router
from foundation.api.auth import SessionAuth
from foundation.api.problems import Problem, answer
from lessons.api import router as lessons_router
from teaching_centres.errors import Denied

api = NinjaAPI(
    title="同步备课",
    version="1",
    description="Errors are problem documents (RFC 9457); lists are paged by cursor: {items, next}.",
    auth=SessionAuth(),
    docs_url=None,
    urls_namespace="api",
)
api.add_router("session", session_router)
api.add_router("lesson-plans", lessons_router)


@api.exception_handler(Problem)
def problem(request: HttpRequest, exception: Problem) -> HttpResponse:
    return answer(exception)


@api.exception_handler(Denied)
def denied(request: HttpRequest, exception: Denied) -> HttpResponse:
    return answer(Problem(403, str(exception.reason)))


@api.exception_handler(Http404)
def not_found(request: HttpRequest, exception: Http404) -> HttpResponse:
    return answer(Problem(404))


@api.exception_handler(AuthenticationError)
def not_signed_in(request: HttpRequest, exception: AuthenticationError) -> HttpResponse:
    return answer(Problem(401, _("先用 POST /api/v1/session 登录。")))


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, exception: HttpError) -> HttpResponse:
    return answer(Problem(exception.status_code))


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, exception: ValidationError) -> HttpResponse:
    errors = [
        {"at": ".".join(map(str, error["loc"])), "message": str(error["msg"])} for error in exception.errors
    ]
    return answer(Problem(422, errors=errors))
