"""Forgotten passwords, by mail: a link to the address on file, and the same answer for everyone who asks."""

from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from foundation.accounts.models import OneTimeCode, User
from foundation.accounts.operations import signing_in
from foundation.accounts.operations.people import issue_link, tidy_username

Purpose = OneTimeCode.Purpose


def ask_for_reset(*, request: HttpRequest, username: str) -> None:
    """Whether there is such an account shows neither in the answer nor in its time: a job does the rest."""
    from foundation.accounts.tasks import mail_reset_link

    username = tidy_username(username)
    signing_in.count(signing_in.attempt_of(request, username, kind="reset-mail"))
    mail_reset_link(username, request.build_absolute_uri("/"))


def send_reset_link(username: str, base: str) -> None:
    person = User.objects.filter(username=username, is_active=True).exclude(email="").first()
    if person is None:
        return
    purpose = Purpose.RESET if person.is_activated else Purpose.ACTIVATION
    send_link(person=person, purpose=purpose, base=base, actor=person)


def send_link(*, person: User, purpose: Purpose, base: str, actor: User | None) -> None:
    """Anyone's: a school may rather send links than print slips."""
    minutes = settings.RESET_LINK_MINUTES if purpose == Purpose.RESET else None
    token = issue_link(person=person, purpose=purpose, actor=actor, minutes=minutes)
    link = urljoin(base, reverse("open-link", args=[token]))
    subject, text = _words(person, purpose, link)
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
