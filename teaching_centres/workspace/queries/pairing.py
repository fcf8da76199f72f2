"""Pairings, and what each side gave the other."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page
from django.db.models import Count, F, Q, QuerySet, Sum

from foundation.accounts.models import User
from teaching_centres.models import Region, School
from teaching_centres.workspace.models import Pairing, PairingActivity
from teaching_centres.workspace.queries.common import Listing, UnitCard, page_of, unit_card

Side = PairingActivity.Side


@dataclass(frozen=True)
class Given:
    """What one school gave the other."""

    times: int = 0
    people: int = 0
    hours: int = 0


@dataclass(frozen=True)
class PairingLine:
    id: int
    town: UnitCard
    village: UnitCard
    starts: date
    ends: date | None
    current: bool
    by_town: Given
    by_village: Given
    is_demo: bool = False

    @property
    def times(self) -> int:
        return self.by_town.times + self.by_village.times

    @property
    def town_percent(self) -> str:
        return f"{100 * self.by_town.times / self.times:.4g}" if self.times else "0"

    @property
    def village_percent(self) -> str:
        return f"{100 * self.by_village.times / self.times:.4g}" if self.times else "0"

    @property
    def both_ways(self) -> bool:
        return bool(self.by_town.times and self.by_village.times)


def pairings_in(user: User, region: Region) -> QuerySet[Pairing]:
    within = Q(town__county__path__startswith=region.path) | Q(village__county__path__startswith=region.path)
    return Pairing.objects.visible_to(user).filter(within)


def pairings_of(user: User, school: School) -> QuerySet[Pairing]:
    return Pairing.objects.visible_to(user).filter(Q(town=school) | Q(village=school))


def pairings_page(rows: QuerySet[Pairing], number: str | int = 1, size: int = 20) -> Listing[PairingLine]:
    """Those that go on first."""
    ordered = rows.select_related("town__county", "village__county").order_by(
        F("ends").desc(nulls_first=True), "-starts", "pk"
    )
    page = page_of(ordered, number, size)
    return Listing(pairing_lines(page.object_list), page)


def pairing_lines(rows: Iterable[Pairing]) -> list[PairingLine]:
    rows = list(rows)
    given = _given(rows)
    return [
        PairingLine(
            id=row.pk,
            town=unit_card(row.town),
            village=unit_card(row.village),
            starts=row.starts,
            ends=row.ends,
            current=row.is_current(),
            by_town=given.get((row.pk, Side.TOWN), Given()),
            by_village=given.get((row.pk, Side.VILLAGE), Given()),
            is_demo=row.is_demo,
        )
        for row in rows
    ]


def _given(rows: list[Pairing]) -> dict[tuple[int, str], Given]:
    sums = PairingActivity.objects.filter(pairing__in=rows).order_by().values_list("pairing_id", "giver")
    counted = sums.annotate(Count("pk"), Sum("people"), Sum("hours"))
    return {
        (pairing_id, giver): Given(times, people or 0, hours or 0)
        for pairing_id, giver, times, people, hours in counted
    }


def activities_page(pairing: Pairing, number: str | int = 1) -> Page[Any]:
    return page_of(pairing.activities.all(), number, 20)
