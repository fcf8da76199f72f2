"""What every page needs around its content: where one can go, who one is, what waits under the bell."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from foundation.notices.queries import unread_count
from teaching_centres.queries import PersonCard, person_card


@dataclass(frozen=True)
class Entry:
    """One way in the top bar, or on a phone in the bottom bar."""

    name: str
    url: str
    icon: str
    here: bool


@dataclass(frozen=True)
class Shell:
    home: str
    login_url: str
    logout_url: str
    notices_url: str
    person: PersonCard | None = None
    unread: int = 0
    is_demo: bool = False
    entries: list[Entry] = field(default_factory=list)

    @property
    def tabs(self) -> list[Entry]:
        return self.entries[:4]


def _entries(request: HttpRequest) -> list[Entry]:
    path = request.path
    today, plans, admin = reverse("today"), reverse("plan-list"), reverse("admin:index")
    entries = [
        Entry(_("今日"), today, "today", path == today),
        Entry(_("备课"), plans, "book", path.startswith(plans)),
    ]
    if request.user.is_staff:
        entries.append(Entry(_("后台"), admin, "gear", False))
    return entries


def build_shell(request: HttpRequest) -> Shell:
    ways = {
        "home": reverse("today"),
        "login_url": reverse("login"),
        "logout_url": reverse("logout"),
        "notices_url": reverse("notice-list"),
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Shell(**ways)
    return Shell(
        **ways,
        person=person_card(user.pk),
        unread=unread_count(user),
        is_demo=user.is_demo,
        entries=_entries(request),
    )


def page(request: HttpRequest) -> dict[str, Any]:
    # lazy: answers that are only a part of a page never ask
    return {"shell": SimpleLazyObject(lambda: build_shell(request))}
