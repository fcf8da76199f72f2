"""Links by mail that open an account once. A job makes and sends them: no page waits for a mail server."""

from functools import partial
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from foundation.accounts.models import OneTimeCode, User
from foundation.accounts.operations import signing_in
from foundation.accounts.operations.people import issue_link, tidy_username

Purpose = OneTimeCode.Purpose


def ask_for_reset(*, request: HttpRequest, username: str) -> None:
    """Whether there is such an account shows neither in the answer nor in its time: the job finds out."""
    from foundation.accounts import tasks

    username = tidy_username(username)
    signing_in.count(signing_in.attempt_of(request, username, kind="reset-mail"))
    tasks.mail_reset_link(username, request.build_absolute_uri("/"))


def send_link(*, person: User, base: str, actor: User | None) -> None:
    """For a new password, or to open the account; to the address on file, once the transaction is committed."""
    from foundation.accounts import tasks

    transaction.on_commit(partial(tasks.mail_link, person.pk, base, actor.pk if actor else None))


def purpose_for(person: User) -> Purpose:
    return Purpose.RESET if person.is_activated else Purpose.ACTIVATION


# ---- in the job --------------------------------------------------------------------------------------


def send_to_username(username: str, base: str) -> None:
    person = User.objects.filter(username=username).first()
    if person is not None:
        send_to_person(person, base, actor=person)


def send_to_person(person: User, base: str, *, actor: User | None) -> None:
    if not (person.is_active and person.email):
        return
    purpose = purpose_for(person)
    minutes = settings.RESET_LINK_MINUTES if purpose == Purpose.RESET else None
    token = issue_link(person=person, purpose=purpose, actor=actor, minutes=minutes)
    subject, text = _words(person, purpose, urljoin(base, reverse("open-link", args=[token])))
    send_mail(subject, text, None, [person.email])


def _words(person: User, purpose: Purpose, link: str) -> tuple[str, str]:
    values = {"name": person.name, "link": link, "minutes": settings.RESET_LINK_MINUTES}
    if purpose == Purpose.ACTIVATION:
        return _("开通同步备课帐号"), _(
            "%(name)s，你好：\n\n打开下面的链接，给自己设一个密码，就能开始备课：\n\n%(link)s\n\n"
            "链接只能用一次。不是你的帐号，不用理会这封信。\n"
        ) % values
    return _("重设同步备课密码"), _(
        "%(name)s，你好：\n\n打开下面的链接，换一个新密码：\n\n%(link)s\n\n"
        "链接 %(minutes)s 分钟内有效，只能用一次。不是你要换的，不用理会这封信，密码不会变。\n"
    ) % values
