"""Letters: what was to be told at once, and the daily one. Jobs send them; what is due stands in the rows.

A letter is claimed before it is sent, so that it never goes out twice; when the mail server refuses it is due
again. It says what stands under the bell and leads to the page of notices, nothing more.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from foundation.accounts.models import User
from foundation.notices.models import DIGEST_HOUR, MailSettings, Notice
from foundation.notices.operations import stop_token

logger = logging.getLogger(__name__)

OLDEST = timedelta(days=3)
"""What could not be sent for so long is old news; it still stands under the bell."""
LONGEST_LETTER = 50


def deliver() -> int:
    """What was to be mailed at once. Returns how many letters went out."""
    return sum(_send(person, rows) for person, rows in _claim(Notice.Mail.NOW))


def send_digests(now: datetime) -> int:
    """The daily letters of those whose hour has come. Once a day, and none where there is nothing unread."""
    today, hour = timezone.localdate(now), timezone.localtime(now).hour
    waiting = _due(Notice.Mail.DIGEST).values("recipient_id")
    known = MailSettings.objects.filter(user_id__in=waiting)
    mine = set(known.values_list("user_id", flat=True))
    missing = set(waiting.values_list("recipient_id", flat=True).distinct()) - mine
    MailSettings.objects.bulk_create(
        (MailSettings(user_id=pk, digest_hour=DIGEST_HOUR) for pk in missing), ignore_conflicts=True
    )
    ready = known.filter(
        Q(last_digest_on__isnull=True) | Q(last_digest_on__lt=today), digest_hour__lte=hour, stopped=False
    )
    sent = 0
    for row in ready.order_by("pk"):
        first = ready.filter(pk=row.pk).update(last_digest_on=today)  # of two processes one is the first
        for person, rows in _claim(Notice.Mail.DIGEST, row.user_id) if first else ():
            delivered = _send(person, rows)
            if not delivered:
                MailSettings.objects.filter(pk=row.pk).update(last_digest_on=row.last_digest_on)
            sent += delivered
    return sent


def _due(mail: Notice.Mail) -> QuerySet[Notice]:
    return Notice.objects.filter(
        mail=mail,
        mailed_at__isnull=True,
        read_at__isnull=True,
        created_at__gte=timezone.now() - OLDEST,
        recipient__is_active=True,
    ).exclude(recipient__email="")


@transaction.atomic
def _claim(mail: Notice.Mail, person_id: int | None = None) -> list[tuple[User, list[Notice]]]:
    """By person; whoever asks at the same time finds the others only."""
    due = _due(mail).exclude(recipient__mail_settings__stopped=True)
    if person_id is not None:
        due = due.filter(recipient_id=person_id)
    locked = due.select_for_update(skip_locked=True, of=("self",)).select_related("recipient")
    rows = list(locked.order_by("recipient_id", "id"))
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=timezone.now())
    return [(person, list(group)) for person, group in groupby(rows, key=lambda row: row.recipient)]


def _send(person: User, rows: list[Notice]) -> int:
    try:
        letter(person, rows).send()
    except Exception as error:  # whatever a mail server says; its words may hold the address
        logger.warning("a letter could not be sent: %s", type(error).__name__)
        Notice.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=None)
        return 0
    return 1


def letter(person: User, rows: Iterable[Notice]) -> EmailMultiAlternatives:
    rows = list(rows)
    own, _created = MailSettings.objects.get_or_create(user=person)
    stop = urljoin(settings.SITE_URL, reverse("mail-stop", args=[stop_token(own)]))
    context = {
        "lines": [row.text for row in rows[:LONGEST_LETTER]],
        "more": max(len(rows) - LONGEST_LETTER, 0),
        "notices": urljoin(settings.SITE_URL, reverse("notice-list")),
        "settings": urljoin(settings.SITE_URL, reverse("notice-settings")),
        "stop": stop,
    }
    subject = ngettext("同步备课：%(count)d 条新消息", "同步备课：%(count)d 条新消息", len(rows)) % {
        "count": len(rows)
    }
    message = EmailMultiAlternatives(
        subject,
        render_to_string("notices/mail/notices.txt", context),
        to=[person.email],
        headers={
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string("notices/mail/notices.html", context), "text/html")
    return message
