"""What several pages show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from teaching_centres.models import Region, School
from teaching_centres.policies import Unit

PAGE_SIZE = 50
Line = TypeVar("Line")


@dataclass(frozen=True)
class UnitCard:
    """A unit as rows show it. `school_id` when it is a school, whose page may be linked."""

    name: str
    county: str = ""
    side: str = ""
    school_id: int | None = None
    value: str = ""
    closed: bool = False


def unit_card(unit: Unit) -> UnitCard:
    if isinstance(unit, School):
        value = f"school:{unit.pk}"
        return UnitCard(unit.name, unit.county.name, unit.side, unit.pk, value, unit.is_closed())
    return UnitCard(f"{unit.name}备课中心", "", "", None, f"region:{unit.pk}")


@dataclass(frozen=True)
class Share:
    """One part of a whole, as the bar and its table show it."""

    key: str
    label: str
    count: int
    total: int

    @property
    def percent(self) -> str:
        """For a width: enough digits that the parts fill the bar."""
        return f"{100 * self.count / self.total:.4g}" if self.total else "0"

    @property
    def rounded(self) -> int:
        return round(100 * self.count / self.total) if self.total else 0


def shares(choices: Iterable[tuple[str, Any]], counts: Mapping[str, int]) -> list[Share]:
    total = sum(counts.values())
    return [Share(key, str(label), counts.get(key, 0), total) for key, label in choices]


@dataclass(frozen=True)
class Listing(Generic[Line]):
    """One page of a list: its lines, and the page for its numbers."""

    lines: list[Line]
    page: Page[Any]


def page_of(rows: QuerySet[Any] | list[Any], number: str | int, size: int = PAGE_SIZE) -> Page[Any]:
    """A page that is not there becomes the nearest one."""
    return Paginator(rows, size).get_page(number)


def counties_below(region: Region) -> list[Region]:
    """What a centre's lists can be narrowed to: the regions under it; a county has none."""
    return list(Region.objects.below(region).exclude(pk=region.pk).order_by("path"))
