import hmac
import logging
from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db import Error, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from foundation.accounts.models import User
from prep_platform import errors
from prep_platform import today as days
from realtime import status

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    user, now = cast(User, request.user), timezone.localtime()
    return render(request, "today.html", {"today": days.today(user, now), "now": now})


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """For the proxy and the start script: the process answers and reaches its database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        logger.exception("The database does not answer")
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """For the proxy: whether new people should be sent to this process."""
    found = status.troubles()
    if found:
        return JsonResponse({"status": ", ".join(found)}, status=503)
    return health(request)


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus, with the token of the settings. Without one there is no such page."""
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Http404
    return HttpResponse(status.exposition(), content_type=CONTENT_TYPE_LATEST)


@login_not_required
@require_safe
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The admin has no sign-in of its own, so that there is one place where passwords can be tried."""
    if request.user.is_authenticated:
        return errors.denied(request, _("后台只开放给管理员。要是该让你进，请找上一级管理员。"))
    return redirect_to_login(request.GET.get("next", "/admin/"), "login")
