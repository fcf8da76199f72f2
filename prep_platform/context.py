"""What every page needs around its content: where one can go, who one is, what waits under the bell."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.accounts.operations.sessions import OWN
from foundation.notices.queries import unread_count
from teaching_centres.queries import PersonCard, own_card
from teaching_centres.workspace.queries.places import workplaces_of


@dataclass(frozen=True)
class Entry:
    """One way in the top bar, or on a phone in the bottom bar."""

    name: str
    url: str
    icon: str
    here: bool


# Korean is still partial: whoever sets the cookie gets it, the page does not offer it.
OFFERED_LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True)
class Rest:
    """How long a shared computer may rest; the server's own end comes after the page's."""

    idle_seconds: int
    warning_seconds: int

    @property
    def warning_minutes(self) -> int:
        return self.warning_seconds // 60


@dataclass(frozen=True)
class Shell:
    person: PersonCard | None = None
    rest: Rest | None = None
    unread: int = 0
    is_demo: bool = False
    entries: list[Entry] = field(default_factory=list)

    @property
    def languages(self) -> list[tuple[str, str]]:
        return [(code, name) for code, name in settings.LANGUAGES if code in OFFERED_LANGUAGES]

    @property
    def tabs(self) -> list[Entry]:
        """A phone has room for four ways and 我."""
        return self.entries[:4]

    @property
    def beyond_tabs(self) -> list[Entry]:
        """What the bottom bar has no room for stands behind 我."""
        return self.entries[4:]


def _entries(request: HttpRequest, user: User) -> list[Entry]:
    path = request.path
    today, plans, admin = reverse("today"), reverse("plan-list"), reverse("admin:index")
    entries = [
        Entry(_("今日"), today, "today", path == today),
        Entry(_("备课"), plans, "book", path.startswith(plans)),
    ]
    entries += _workplaces(path, user)
    if user.is_staff:
        roster, accounts = reverse("roster"), reverse("people-accounts")
        entries.append(Entry(_("名册"), roster, "list", path.startswith(roster)))
        entries.append(
            Entry(_("帐号"), accounts, "people", path.startswith(("/people/", "/audit/", "/running/")))
        )
        entries.append(Entry(_("后台"), admin, "gear", False))
    return entries


def _workplaces(path: str, user: User) -> list[Entry]:
    """The centre someone works for, the school someone works at."""
    found = workplaces_of(user)
    entries = []
    if found.centre_id:
        url = reverse("centre", args=[found.centre_id])
        entries.append(Entry(_("备课中心"), url, "people", path.startswith(url)))
    if found.school_id:
        url = reverse("school", args=[found.school_id])
        entries.append(Entry(_("备课点"), url, "school", path.startswith(url)))
    return entries


def _rest(request: HttpRequest) -> Rest | None:
    if request.session.get(OWN) is not False:
        return None
    idle = settings.SHARED_COMPUTER_IDLE_MINUTES * 60 - settings.SESSION_SEEN_EVERY_SECONDS
    return Rest(idle_seconds=idle, warning_seconds=settings.SHARED_COMPUTER_WARNING_SECONDS)


def build_shell(request: HttpRequest) -> Shell:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return Shell()
    return Shell(
        person=own_card(user),
        rest=_rest(request),
        unread=unread_count(user),
        is_demo=user.is_demo,
        entries=_entries(request, user),
    )


def page(request: HttpRequest) -> dict[str, Any]:
    # lazy: answers that are only a part of a page never ask
    return {"shell": SimpleLazyObject(lambda: build_shell(request))}
