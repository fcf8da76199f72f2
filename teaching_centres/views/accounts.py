"""Other people's accounts: who has been in, slips with codes, a new password, a lost phone, an open computer."""

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts.errors import NotPossible as AccountNotPossible
from foundation.accounts.models import User
from foundation.accounts.secrets import grouped
from teaching_centres import operations, people_accounts
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.people_accounts import Filters
from teaching_centres.policies import may_watch_platform
from teaching_centres.roles import Verb
from teaching_centres.scopes import scopes


def actor_of(request: HttpRequest) -> User:
    return cast(User, request.user)


def require_manager(request: HttpRequest) -> User:
    user = actor_of(request)
    if not scopes(user, Verb.MANAGE):
        raise Denied(_("这一页只给管理员用。"))
    return user


@never_cache
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    user = require_manager(request)
    filters = Filters(
        text=request.GET.get("q", "").strip()[:60],
        state=request.GET.get("state", ""),
        unit=request.GET.get("unit", ""),
    )
    context = {
        "accounts": people_accounts.account_page(user, filters, number=request.GET.get("page", 1)),
        "filters": filters,
        "states": people_accounts.state_words(),
        "may_watch": bool(may_watch_platform(user)),
    }
    return render(request, "teaching_centres/accounts.html", context)


@never_cache
@require_POST
def slips(request: HttpRequest) -> HttpResponse:
    """Codes for everyone of a unit who has never been in, on this page and nowhere else."""
    user = require_manager(request)
    unit = people_accounts.unit_named(user, request.POST.get("unit", ""))
    if unit is None:
        raise Http404
    newcomers = people_accounts.people_to_activate(user, unit)
    if not newcomers:
        messages.info(request, _("“%s”的人都已经开通了，没有要打印的。") % unit)
        return redirect("people-accounts")
    codes = operations.issue_codes(people=newcomers, unit=unit, actor=user)
    context = {
        "unit": unit,
        "slips": [(person, grouped(codes[person.pk])) for person in newcomers],
        "as_list": request.POST.get("as") == "list",
        "address": request.build_absolute_uri("/")[:-1],
    }
    return render(request, "teaching_centres/slips.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    user = require_manager(request)
    found = get_object_or_404(people_accounts.managed_people(user), pk=person_id)
    code = ""
    if request.method == "POST":
        act = ACTS.get(request.POST.get("do", ""))
        if act is None:
            raise Http404
        try:
            code = act(request, found, user)
        except (NotPossible, Denied) as refusal:
            messages.error(request, refusal.reason)
        except AccountNotPossible as refusal:
            messages.error(request, refusal.message)
        if not code:
            gone = not people_accounts.managed_people(user).filter(pk=person_id).exists()
            return redirect("people-accounts") if gone else redirect("person-account", person_id)
    context = {
        "account": people_accounts.person_account(user, found),
        "code": grouped(code),
    }
    return render(request, "teaching_centres/person_account.html", context)


def _issue_code(request: HttpRequest, person: User, actor: User) -> str:
    return operations.issue_code(person=person, actor=actor)


def _mail_link(request: HttpRequest, person: User, actor: User) -> str:
    operations.mail_link(person=person, base=request.build_absolute_uri("/"), actor=actor)
    messages.success(request, _("链接会寄到 %s。") % person.email)
    return ""


def _end_sessions(request: HttpRequest, person: User, actor: User) -> str:
    count = operations.end_sessions(person=person, actor=actor)
    messages.success(
        request, _("%(name)s的 %(count)d 个登录都已退出。") % {"name": person.name, "count": count}
    )
    return ""


def _remove_second_factor(request: HttpRequest, person: User, actor: User) -> str:
    operations.remove_second_factor(person=person, actor=actor)
    messages.success(
        request, _("%s的二次验证取消了。下次登录用密码，要求二次验证的会重新设置。") % person.name
    )
    return ""


def _close(request: HttpRequest, person: User, actor: User) -> str:
    operations.set_active(person=person, active=False, actor=actor)
    messages.success(request, _("%s的帐号停用了，教案都还在。") % person.name)
    return ""


def _reopen(request: HttpRequest, person: User, actor: User) -> str:
    operations.set_active(person=person, active=True, actor=actor)
    messages.success(request, _("%s的帐号恢复了。") % person.name)
    return ""


def _delete(request: HttpRequest, person: User, actor: User) -> str:
    successor, wanted = None, request.POST.get("plans_to", "").strip()
    if wanted:
        found = people_accounts.successors(actor, person, wanted)
        if not found:
            raise NotPossible(_("没有找到“%s”，或者这位老师不归你管。请填手机号或工号。") % wanted)
        successor = found[0]
    name = person.name
    operations.delete_person(person=person, successor=successor, actor=actor)
    messages.success(request, _("%s的帐号注销了。") % name)
    return ""


ACTS: dict[str, Callable[[HttpRequest, User, User], str]] = {
    "code": _issue_code,
    "mail": _mail_link,
    "end-sessions": _end_sessions,
    "remove-second-factor": _remove_second_factor,
    "close": _close,
    "reopen": _reopen,
    "delete": _delete,
}
