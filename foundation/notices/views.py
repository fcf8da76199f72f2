from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from foundation.accounts.models import User
from foundation.notices import operations, queries
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
