"""Reads for the version pages: the list, and what the page needs to show two states side by side."""

import base64
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.api import paging
from foundation.api.problems import Problem
from lessons.document import read_state
from lessons.models import LessonPlan, PlanVersion
from lessons.versions import label
from realtime import authors, rooms
from teaching_centres.queries import PersonCard, person_cards

PAGE_SIZE = 30
LOOKED_AT = 5  # versions of either sort: of more than so many equal ones the newest would not help either


@dataclass(frozen=True)
class VersionRow:
    id: int
    number: int | None
    name: str
    label: str
    at: datetime
    characters: int
    change: int | None  # characters more or fewer than in the version before
    editors: list[PersonCard]
    named_by: PersonCard | None


@dataclass(frozen=True)
class VersionPage:
    rows: list[VersionRow]
    next: str | None


def version_page(plan: LessonPlan, cursor: str | None) -> VersionPage:
    rows = PlanVersion.objects.filter(plan=plan).defer("state").prefetch_related(_editors())
    try:
        page = paging.page(rows, order=("-id",), cursor=cursor, limit=PAGE_SIZE)
    except Problem:
        page = paging.page(rows, order=("-id",), limit=PAGE_SIZE)
    cards = person_cards(_people(page.items))
    older = [*page.items, None][1:]
    return VersionPage(
        [_row(version, before, cards) for version, before in zip(page.items, older, strict=False)], page.next
    )


def version_row(version: PlanVersion) -> VersionRow:
    return _row(version, None, person_cards(_people([version])))


def version_choices(plan: LessonPlan) -> list[VersionRow]:
    """The named versions and the newest automatic ones, to choose from."""
    rows = PlanVersion.objects.filter(plan=plan).defer("state").prefetch_related(_editors())
    found = [*rows.filter(number__isnull=False)[:50], *rows.filter(number__isnull=True)[:20]]
    cards = person_cards(_people(found))
    return [_row(version, None, cards) for version in sorted(found, key=lambda each: -each.pk)]


def version_before(plan: LessonPlan, version: PlanVersion) -> PlanVersion | None:
    return PlanVersion.objects.filter(plan=plan, pk__lt=version.pk).order_by("-id").first()


def last_version_that_differs(plan: LessonPlan) -> PlanVersion | None:
    """What is compared with now when nobody says what: the last named version, or else automatic one, that differs."""
    now = read_state(rooms.state(plan.document).state)
    newest = PlanVersion.objects.filter(plan=plan).order_by("-id")
    named, automatic = newest.exclude(number=None), newest.filter(number=None)
    for version in (*named[:LOOKED_AT], *automatic[:LOOKED_AT]):
        if read_state(bytes(version.state)) != now:
            return version
    return None


def _editors() -> Prefetch:
    return Prefetch("editors", queryset=User.objects.only("pk"))


def _people(versions: Iterable[PlanVersion]) -> set[int]:
    ids = {editor.pk for version in versions for editor in version.editors.all()}
    return ids | {version.created_by_id for version in versions if version.created_by_id}


def _row(version: PlanVersion, before: PlanVersion | None, cards: dict[int, PersonCard]) -> VersionRow:
    return VersionRow(
        id=version.pk,
        number=version.number,
        name=version.name,
        label=label(version),
        at=version.created_at,
        characters=version.characters,
        change=version.characters - before.characters if before else None,
        editors=[cards[editor.pk] for editor in version.editors.all()],
        named_by=cards.get(version.created_by_id or 0),
    )


# ---- for the script -----------------------------------------------------------------------------


def compare_data(plan: LessonPlan, older: PlanVersion | None, newer: PlanVersion | None) -> dict[str, Any]:
    """Both states and, for what lies between them, whose each Yjs client is and who deleted what."""
    owners = authors.owners(plan.document)
    after = older.through_id if older else 0
    through = newer.through_id if newer else rooms.state(plan.document).through_id
    deletions = authors.deletions(plan.document, after, through)
    people = person_cards({*owners.values(), *(user_id for user_id, _set in deletions)})
    return {
        "from": _side(plan, older) if older else _first(plan),
        "to": _side(plan, newer) if newer else _now(plan),
        "owners": {str(client): user_id for client, user_id in owners.items()},
        "people": {str(pk): asdict(card) for pk, card in people.items()},
        "deletions": [
            {"user": user_id, "deleteSet": base64.b64encode(delete_set).decode()}
            for user_id, delete_set in deletions
        ],
    }


def reading_data(plan: LessonPlan, version: PlanVersion) -> dict[str, Any]:
    """The same form with one side only."""
    return {"from": None, "to": _side(plan, version), "owners": {}, "people": {}, "deletions": []}


def _side(plan: LessonPlan, version: PlanVersion) -> dict[str, Any]:
    return {
        "id": version.pk,
        "label": label(version),
        "at": version.created_at.isoformat(),
        "state": reverse("plan-version-state", args=[plan.pk, version.pk]),
    }


def _now(plan: LessonPlan) -> dict[str, Any]:
    return {
        "id": "now",
        "label": _("现在"),
        "at": timezone.now().isoformat(),
        "state": reverse("plan-edge-state", args=[plan.pk, "now"]),
    }


def _first(plan: LessonPlan) -> dict[str, Any]:
    return {
        "id": "first",
        "label": _("刚建好时"),
        "at": plan.created_at.isoformat(),
        "state": reverse("plan-edge-state", args=[plan.pk, "first"]),
    }
