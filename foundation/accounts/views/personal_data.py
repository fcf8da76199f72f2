"""个人资料: what is kept about me and why, all of it to take along, and leaving for good."""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from foundation.accounts import effects, operations, personal_data, queries
from foundation.accounts.errors import AccountsError
from foundation.accounts.views.common import person_of


@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    context = {
        "kinds": personal_data.kinds(),
        "account": queries.account_of(person_of(request)),
        "wait_days": settings.DELETION_WAIT_DAYS,
    }
    return render(request, "accounts/personal_data.html", context)


@never_cache
@require_POST
def export(request: HttpRequest) -> FileResponse:
    person = person_of(request)
    with transaction.atomic():
        effects.tell_account_act(person, "person.exported")
    name = f"my-data-{timezone.localdate():%Y%m%d}.zip"
    return FileResponse(personal_data.export(person), as_attachment=True, filename=name)


@never_cache
@require_POST
def ask_deletion(request: HttpRequest) -> HttpResponse:
    try:
        asked = operations.ask_deletion(person=person_of(request))
        day = timezone.localdate(asked.due_at)
        messages.success(
            request,
            _("收到了。%(month)s月%(day)s日起由管理员办理，在那以前随时可以撤回。")
            % {"month": day.month, "day": day.day},
        )
    except AccountsError as refusal:
        messages.error(request, refusal.message)
    return redirect("personal-data")


@never_cache
@require_POST
def withdraw_deletion(request: HttpRequest) -> HttpResponse:
    operations.withdraw_deletion(person=person_of(request))
    messages.success(request, _("撤回了，帐号照旧。"))
    return redirect("personal-data")
