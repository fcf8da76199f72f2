"""Error answers for pages, parts of pages (htmx) and the API. They say nothing of what exists."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from foundation.api.problems import Problem, answer


def wants_problem(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def bad_request(
    request: HttpRequest, exception: Exception | None = None, *, reason: str = ""
) -> HttpResponse:
    """Without the request: what cannot be read would be read once more for the bars of a page."""
    if wants_problem(request):
        return answer(Problem(400, reason))
    name = "errors/part.html" if request.headers.get("HX-Request") else "errors/400.html"
    return HttpResponse(render_to_string(name, {"status": 400, "reason": reason}), status=400)


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403, "")


def denied(request: HttpRequest, reason: Any) -> HttpResponse:
    return _page(request, 403, str(reason))


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404, "")


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    if wants_problem(request):
        return answer(Problem(500))
    # without the request: what the bars of a page ask for may be what is broken
    return HttpResponse(render_to_string("errors/500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, 403, _("页面放得太久了。请刷新后再做一次；教案里写的都在。"))


def _page(request: HttpRequest, status: int, reason: str) -> HttpResponse:
    if wants_problem(request):
        return answer(Problem(status, reason))
    if request.headers.get("HX-Request"):
        return render(request, "errors/part.html", {"status": status, "reason": reason}, status=status)
    return render(request, f"errors/{status}.html", {"reason": reason}, status=status)
