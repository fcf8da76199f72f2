"""What is under someone's bell."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator

from foundation.accounts.models import User
from foundation.notices.kinds import Channel, kinds
from foundation.notices.models import CalendarFeed, MailSettings, Notice, Preference

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
    page: Page[Notice]
    """For the page numbers."""


def unread_count(user: User) -> int:
    return Notice.objects.filter(recipient=user, read_at__isnull=True).count()


def unread(user: User, *, besides: Collection[str] = (), limit: int) -> list[NoticeLine]:
    """The newest unread ones, but for those of some kinds."""
    rows = Notice.objects.filter(recipient=user, read_at__isnull=True).exclude(kind__in=besides)
    return [_line(row) for row in rows.order_by("-id")[:limit]]


def page(user: User, *, number: str | int = 1) -> NoticePage:
    """One page of a person's notices, newest first; a page that is not there becomes the nearest one."""
    rows = Paginator(Notice.objects.filter(recipient=user).order_by("-id"), PAGE_SIZE).get_page(number)
    return NoticePage([_line(row) for row in rows.object_list], rows)


def _line(row: Notice) -> NoticeLine:
    return NoticeLine(row.pk, row.text, bool(row.path), row.created_at, row.read_at is None)


# ---- settings ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Settings:
    channels: dict[str, Channel]
    digest_hour: int
    stopped: bool
    feed_made_at: datetime | None


def settings_of(user: User) -> Settings:
    chosen = dict(Preference.objects.filter(user=user).values_list("kind", "channel"))
    mail = MailSettings.objects.filter(user=user).first() or MailSettings(user=user)
    feed = CalendarFeed.objects.filter(user=user).first()
    return Settings(
        channels={kind.name: Channel(chosen.get(kind.name, kind.default)) for kind in kinds()},
        digest_hour=mail.digest_hour,
        stopped=mail.stopped,
        feed_made_at=feed.made_at if feed else None,
    )
