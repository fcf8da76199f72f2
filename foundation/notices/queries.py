"""What is under someone's bell."""

from dataclasses import dataclass
from datetime import datetime

from foundation.accounts.models import User
from foundation.notices.models import Notice

PAGE_SIZE = 30


@dataclass(frozen=True)
class NoticeLine:
    id: int
    text: str
    has_path: bool
    created_at: datetime
    unread: bool


@dataclass(frozen=True)
class NoticePage:
    lines: list[NoticeLine]
    older: int | None
    """Give this as `before` for the next page; None on the last one."""


def unread_count(user: User) -> int:
    return Notice.objects.filter(recipient=user, read_at__isnull=True).count()


def page(user: User, *, before: int | None = None) -> NoticePage:
    """Newest first."""
    notices = Notice.objects.filter(recipient=user).order_by("-id")
    if before is not None:
        notices = notices.filter(pk__lt=before)
    rows = list(notices[: PAGE_SIZE + 1])
    lines = [
        NoticeLine(row.pk, row.text, bool(row.path), row.created_at, row.read_at is None) for row in rows
    ]
    more = len(lines) > PAGE_SIZE
    return NoticePage(lines[:PAGE_SIZE], lines[PAGE_SIZE - 1].id if more else None)
