"""Tell people something: under the bell, and by mail as each of them wants it."""

from collections.abc import Iterable, Mapping

from django.core import signing
from django.db import transaction
from django.utils import timezone

from foundation.accounts.models import User
from foundation.notices.kinds import Channel, kind_of, kinds
from foundation.notices.models import MailSettings, Notice, Preference

MAIL_OF = {Channel.MAIL: Notice.Mail.NOW, Channel.DIGEST: Notice.Mail.DIGEST}
STOPPING = signing.Signer(salt="notices.stop")


@transaction.atomic
def notify(*, recipients: Iterable[User | int], kind: str, text: str, path: str = "") -> int:
    """Tell each recipient, but not again who has the same line unread. Returns how many were told."""
    ids = {recipient if isinstance(recipient, int) else recipient.pk for recipient in recipients}
    line = {"kind": kind, "text": text[:300], "path": path}
    told_already = Notice.objects.filter(recipient_id__in=ids, read_at__isnull=True, **line)
    ids -= set(told_already.values_list("recipient_id", flat=True))
    wanted = _channels(ids, kind)
    rows = [
        Notice(recipient_id=pk, mail=MAIL_OF.get(wanted[pk], Notice.Mail.NO), **line)
        for pk in sorted(ids)
        if wanted[pk] != Channel.OFF
    ]
    Notice.objects.bulk_create(rows)
    if any(row.mail == Notice.Mail.NOW for row in rows):
        transaction.on_commit(_deliver_soon, robust=True)
    return len(rows)


def _channels(ids: Iterable[int], kind: str) -> dict[int, Channel]:
    declared = kind_of(kind)
    chosen = Preference.objects.filter(user_id__in=ids, kind=declared.name).values_list("user_id", "channel")
    return dict.fromkeys(ids, declared.default) | {pk: Channel(channel) for pk, channel in chosen}


def _deliver_soon() -> None:
    from foundation.notices import tasks

    tasks.deliver()


def mark_read(*, actor: User, notice_id: int | None = None) -> int:
    """Mark one of the actor's own notices, or all of them, as read."""
    notices = Notice.objects.filter(recipient=actor, read_at__isnull=True)
    if notice_id is not None:
        notices = notices.filter(pk=notice_id)
    return notices.update(read_at=timezone.now())


# ---- what someone wants to hear of, and how -----------------------------------------------------------
@transaction.atomic
def set_preferences(*, actor: User, channels: Mapping[str, Channel], digest_hour: int, stopped: bool) -> None:
    """For the kinds that are named; what equals its default is not kept."""
    defaults = {kind.name: kind.default for kind in kinds()}
    Preference.objects.filter(user=actor, kind__in=channels).delete()
    Preference.objects.bulk_create(
        Preference(user=actor, kind=name, channel=channel)
        for name, channel in channels.items()
        if channel != defaults.get(name)
    )
    MailSettings.objects.update_or_create(
        user=actor, defaults={"digest_hour": digest_hour, "stopped": stopped}
    )


def stop_token(settings: MailSettings) -> str:
    """For the link in a letter: random, and signed so that it cannot be made from a copy of the database."""
    return STOPPING.sign(settings.key)


def stop_mail(*, token: str) -> bool:
    """No more letters to whoever got this one. False where the link is none of ours."""
    try:
        key = STOPPING.unsign(token)
    except signing.BadSignature:
        return False
    return MailSettings.objects.filter(key=key).update(stopped=True) > 0
