"""Tell people something: one line under the bell."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from foundation.accounts.models import User
from foundation.notices.models import Notice


@transaction.atomic
def notify(*, recipients: Iterable[User | int], kind: str, text: str, path: str = "") -> int:
    """Tell each recipient, but not again who has the same line unread. Returns how many were told."""
    ids = {recipient if isinstance(recipient, int) else recipient.pk for recipient in recipients}
    line = {"kind": kind, "text": text[:300], "path": path}
    told_already = Notice.objects.filter(recipient_id__in=ids, read_at__isnull=True, **line)
    ids -= set(told_already.values_list("recipient_id", flat=True))
    Notice.objects.bulk_create(Notice(recipient_id=pk, **line) for pk in sorted(ids))
    return len(ids)


def mark_read(*, actor: User, notice_id: int | None = None) -> int:
    """Mark one of the actor's own notices, or all of them, as read."""
    notices = Notice.objects.filter(recipient=actor, read_at__isnull=True)
    if notice_id is not None:
        notices = notices.filter(pk=notice_id)
    return notices.update(read_at=timezone.now())
