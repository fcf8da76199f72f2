from hashlib import sha256
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from foundation.accounts.models import User
from foundation.notices import calendar, forms, operations, queries
from foundation.notices.kinds import Channel
from foundation.notices.models import Notice


@require_GET
def notice_list(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    notices = queries.page(user, number=request.GET.get("page", 1))
    return render(request, "notices/list.html", {"notices": notices, "unread": queries.unread_count(user)})


@require_POST
def notice_open(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Read a notice and go where it points."""
    user = cast(User, request.user)
    notice = get_object_or_404(Notice, pk=notice_id, recipient=user)
    operations.mark_read(actor=user, notice_id=notice.pk)
    if notice.path.startswith("/") and url_has_allowed_host_and_scheme(notice.path, allowed_hosts=None):
        return HttpResponseRedirect(notice.path)
    return redirect("notice-list")


@require_POST
def notice_read_all(request: HttpRequest) -> HttpResponse:
    operations.mark_read(actor=cast(User, request.user))
    return redirect("notice-list")


# ---- 通知与日历 ---------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notice_settings(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = _form(request, user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        operations.set_preferences(actor=user, channels=form.channels, **form.mail)
        messages.success(request, _("存好了。"))
        return redirect("notice-settings")
    return _settings_page(request, form)


@never_cache
@require_POST
def calendar_address(request: HttpRequest) -> HttpResponse:
    """A new secret address, shown in this answer and never again; or none any more."""
    user = cast(User, request.user)
    if request.POST.get("do") == "revoke":
        calendar.revoke_address(actor=user)
        messages.success(request, _("日历地址作废了。"))
        return redirect("notice-settings")
    path = reverse("calendar-feed", args=[calendar.make_address(actor=user)])
    return _settings_page(request, _form(request, user, None), feed=request.build_absolute_uri(path))


def _form(request: HttpRequest, user: User, data: QueryDict | None) -> forms.PreferencesForm:
    known = queries.settings_of(user)
    by_mail = settings.MAIL_IS_SENT and bool(user.email)
    channels = {f"kind-{name}": _offered(channel, by_mail) for name, channel in known.channels.items()}
    initial = {"digest_hour": known.digest_hour, "letters": not known.stopped, **channels}
    return forms.PreferencesForm(data, by_mail=by_mail, known=known, initial=initial)


def _offered(channel: Channel, by_mail: bool) -> str:
    """A way by mail shows as the bell while no mail can come."""
    return channel if by_mail or channel in forms.WITHOUT_MAIL else Channel.BELL


def _settings_page(request: HttpRequest, form: forms.PreferencesForm, feed: str = "") -> HttpResponse:
    user = cast(User, request.user)
    context = {
        "form": form,
        "mail_is_sent": settings.MAIL_IS_SENT,
        "address": user.email,
        "feed_made_at": queries.settings_of(user).feed_made_at,
        "feed": feed,
    }
    return render(request, "notices/settings.html", context, status=422 if form.errors else 200)


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever has the address reads it: calendar programs cannot sign in."""
    feed = calendar.feed_at(token)
    if feed is None:
        raise Http404
    body = calendar.render(feed, timezone.localdate())
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)


@csrf_exempt  # mail programs stop letters by one request of their own (RFC 8058)
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    """No more letters. Asked first: programs that look into mail follow every link."""
    done = request.method == "POST" and operations.stop_mail(token=token)
    if request.method == "POST" and not done:
        raise Http404
    return render(request, "notices/mail_stop.html", {"done": done})
