from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from prep_platform.running.page import page
from teaching_centres.errors import Denied
from teaching_centres.policies import may_watch_platform


def _require_right(request: HttpRequest) -> None:
    decision = may_watch_platform(request.user)
    if not decision:
        raise Denied(decision.reason)


@never_cache
@require_safe
def running(request: HttpRequest) -> HttpResponse:
    """The page; asked for a part of it, only what changes."""
    _require_right(request)
    part = request.headers.get("HX-Request")
    template = "running/partials/now.html" if part else "running/page.html"
    return render(request, template, {"page": page(), "now": timezone.now()})


@never_cache
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """docs/operators.md, as it came with this version."""
    _require_right(request)
    text = (settings.BASE_DIR / "docs" / "operators.md").read_text(encoding="utf-8")
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
