"""What apps above bring into the workspaces; they register in `ready()` and are not imported here.

- `attachables`: what can be attached to a task, an answer or a notice (a lesson plan).
- `centre_sections`, `school_sections`: a page of their own and a block on the overview.
- `calendar_dates`: what stands in a centre's calendar.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from teaching_centres.errors import NotPossible
from teaching_centres.models import School, TeachingCentre

MOST_LINKS = 5


# ---- what can be attached ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Link:
    """Something attached, as it was called then. `path` is there for those who may open it."""

    kind: str
    id: str
    label: str
    path: str = ""

    @property
    def value(self) -> str:
        return f"{self.kind}:{self.id}"

    def stored(self) -> dict[str, str]:
        return {"kind": self.kind, "id": self.id, "label": self.label}


class Attachable(Protocol):
    kind: str

    def choices(self, user: User) -> list[Link]:
        """What this person may attach, the newest first."""

    def take(self, user: User, ids: list[str]) -> list[Link]:
        """These, if this person may attach them. Raises NotPossible with the reason."""

    def paths(self, user: User, ids: list[str]) -> dict[str, str]:
        """Where those are that this person may open; a fixed number of queries."""


attachables: dict[str, Attachable] = {}


def link_choices(user: User) -> list[Link]:
    return [link for attachable in attachables.values() for link in attachable.choices(user)]


def take_links(user: User, values: Iterable[str]) -> list[dict[str, str]]:
    """Parse "kind:id" values into what is stored."""
    wanted: dict[str, list[str]] = {}
    for value in dict.fromkeys(values):
        kind, _separator, number = value.partition(":")
        if kind not in attachables:
            raise NotPossible(_("附件认不出来，请重新选。"))
        wanted.setdefault(kind, []).append(number)
    if sum(map(len, wanted.values())) > MOST_LINKS:
        raise NotPossible(_("附件最多 %(most)s 份。") % {"most": MOST_LINKS})
    return [
        link.stored() for kind, numbers in wanted.items() for link in attachables[kind].take(user, numbers)
    ]


def links_for(user: User, stored: Iterable[Iterable[dict[str, str]]]) -> list[list[Link]]:
    """Several rows' attachments at once, with a path where this person may open one."""
    rows = [list(row) for row in stored]
    ids: dict[str, set[str]] = {}
    for row in rows:
        for each in row:
            ids.setdefault(each["kind"], set()).add(each["id"])
    paths = {
        (kind, number): path
        for kind, numbers in ids.items()
        if kind in attachables
        for number, path in attachables[kind].paths(user, sorted(numbers)).items()
    }
    return [[Link(**each, path=paths.get((each["kind"], each["id"]), "")) for each in row] for row in rows]


# ---- pages and blocks --------------------------------------------------------------------------------
@dataclass(frozen=True)
class Section:
    """A page that an app above hangs into a workspace, and its block on the overview."""

    key: str
    name: str | Promise
    address: str
    """The name of its address, which takes the id of the centre or school."""
    template: str
    block: Callable[[User, Any], dict[str, Any]]
    """What the block's template shows to this person."""


centre_sections: list[Section] = []
school_sections: list[Section] = []


def block_of(section: Section, user: User, place: TeachingCentre | School) -> dict[str, Any]:
    return {"section": section, "template": section.template, **section.block(user, place)}


# ---- the calendar --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class CalendarDate:
    day: date
    kind: str
    """What it is, in a word: 任务期限, 送教 …"""
    title: str
    path: str = ""
    until: date | None = None
    order: int = field(default=0, compare=False)

    @property
    def last(self) -> date:
        return self.until or self.day


Dates = Callable[[User, TeachingCentre, date, date], Iterable[CalendarDate]]
calendar_dates: list[Dates] = []
