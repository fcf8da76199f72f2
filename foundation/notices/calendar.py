"""The calendar of a person, for whatever program they use: what each app contributes, as iCalendar.

An app registers a contributor from `AppConfig.ready`. The keys of its appointments stay the same for the same
appointment: the ids in the feed come from them, so that a program changes what it has instead of doubling it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from foundation.accounts.models import User
from foundation.notices.models import CalendarFeed, new_key

DAYS_BEFORE, DAYS_AHEAD = 30, 200


@dataclass(frozen=True)
class Appointment:
    """Moments, or days of which the last one counts as well. Cancelled ones stay, so that they are taken out."""

    key: str
    starts: datetime | date
    ends: datetime | date
    summary: str
    location: str = ""
    changed_at: datetime | None = None
    cancelled: bool = False
    sequence: int = 0


Contributor = Callable[[User, date, date], Iterable[Appointment]]
_contributors: list[Contributor] = []


def register(contributor: Contributor) -> None:
    if contributor not in _contributors:
        _contributors.append(contributor)


# ---- the secret address ------------------------------------------------------------------------------
def digest_of(token: str) -> str:
    """The token is 256 random bits: a plain digest does not lead back to it."""
    return sha256(token.encode()).hexdigest()


@transaction.atomic
def make_address(*, actor: User) -> str:
    """A new secret, shown this once; an earlier one stops working. Returns the token."""
    token = new_key()
    CalendarFeed.objects.update_or_create(user=actor, defaults={"digest": digest_of(token)})
    return token


def revoke_address(*, actor: User) -> None:
    CalendarFeed.objects.filter(user=actor).delete()


def feed_at(token: str) -> CalendarFeed | None:
    found = CalendarFeed.objects.filter(digest=digest_of(token), user__is_active=True)
    return found.select_related("user").first()


# ---- the feed ----------------------------------------------------------------------------------------
def render(feed: CalendarFeed, today: date) -> bytes:
    first, last = today - timedelta(days=DAYS_BEFORE), today + timedelta(days=DAYS_AHEAD)
    calendar = Calendar()
    calendar.add("prodid", "-//prep-platform//calendar//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("同步备课"))
    calendar.add("x-wr-timezone", settings.TIME_ZONE)
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", timedelta(hours=6))
    for contributor in _contributors:
        for appointment in contributor(feed.user, first, last):
            calendar.add_component(_event(feed, appointment))
    calendar.add_missing_timezones(first_date=first, last_date=last)
    return calendar.to_ical()


def _event(feed: CalendarFeed, appointment: Appointment) -> Event:
    event = Event()
    stamp = appointment.changed_at or feed.made_at
    event.add("uid", str(uuid5(feed.key, appointment.key)))
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("sequence", appointment.sequence)
    event.add("summary", appointment.summary)
    event.add("dtstart", _moment(appointment.starts))
    event.add("dtend", _end(appointment.ends))
    event.add("status", "CANCELLED" if appointment.cancelled else "CONFIRMED")
    if appointment.location:
        event.add("location", appointment.location)
    if not isinstance(appointment.starts, datetime):
        event.add("transp", "TRANSPARENT")
    return event


def _moment(moment: datetime | date) -> datetime | date:
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)) if isinstance(moment, datetime) else moment


def _end(moment: datetime | date) -> datetime | date:
    """The end of days is the day after the last."""
    return _moment(moment) if isinstance(moment, datetime) else moment + timedelta(days=1)
