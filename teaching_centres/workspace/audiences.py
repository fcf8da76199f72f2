"""Whom a centre's task or notice is for: units below it, by kind, county, side, or one by one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from teaching_centres.models import Membership, PrepPoint, Region, School, TeachingCentre
from teaching_centres.policies import Unit
from teaching_centres.roles import Role

Row = TypeVar("Row", Region, School)


@dataclass(frozen=True)
class Audience:
    """`picked` ("school:12", "region:3") narrows what the rest of it finds; empty, everyone found is meant."""

    centres: bool = False
    schools: bool = False
    county_ids: tuple[int, ...] = ()
    side: str = ""  # "town", "village" or both
    picked: tuple[str, ...] = ()
    with_point: bool = True
    """Only schools with an open prep point (tasks), or every open school (notices)."""


@dataclass(frozen=True)
class Units:
    regions: list[Region] = field(default_factory=list)
    schools: list[School] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.regions) + len(self.schools)

    def __iter__(self) -> Iterator[Unit]:
        yield from self.regions
        yield from self.schools


def value_of(unit: Unit) -> str:
    return f"{'school' if isinstance(unit, School) else 'region'}:{unit.pk}"


def units_of(centre: TeachingCentre, audience: Audience) -> Units:
    """Two queries. Never the centre itself, and nothing outside its region."""
    regions = _regions(centre, audience) if audience.centres else Region.objects.none()
    schools = _schools(centre, audience) if audience.schools else School.objects.none()
    return Units(
        _picked(list(regions.order_by("path")), audience),
        _picked(list(schools.select_related("county").order_by("county__path", "name")), audience),
    )


def _picked(rows: list[Row], audience: Audience) -> list[Row]:
    wanted = set(audience.picked)
    return [row for row in rows if value_of(row) in wanted] if wanted else rows


def _regions(centre: TeachingCentre, audience: Audience) -> QuerySet[Region]:
    below = Region.objects.below(centre.region).exclude(pk=centre.region_id).filter(centre__isnull=False)
    return below.filter(_in_counties(audience, "path")) if audience.county_ids else below


def _schools(centre: TeachingCentre, audience: Audience) -> QuerySet[School]:
    schools = School.objects.open().below(centre.region)
    if audience.with_point:
        schools = schools.filter(prep_point__in=PrepPoint.objects.open())
    if audience.county_ids:
        schools = schools.filter(_in_counties(audience, "county__path"))
    if audience.side == "village":
        schools = schools.filter(urban_class=School.UrbanClass.VILLAGE)
    elif audience.side == "town":
        schools = schools.exclude(urban_class=School.UrbanClass.VILLAGE)
    return schools


def _in_counties(audience: Audience, path: str) -> Q:
    chosen = Q(pk__in=[])
    for region_path in Region.objects.filter(pk__in=audience.county_ids).values_list("path", flat=True):
        chosen |= Q(**{f"{path}__startswith": region_path})
    return chosen


def line_of(centre: TeachingCentre, audience: Audience, units: Units) -> str:
    """How the audience is written beside what was sent: 梨树县：12 所乡村学校."""
    parts = []
    if units.regions:
        parts.append(_("%(n)s 个备课中心") % {"n": len(units.regions)})
    if units.schools:
        words = {"town": _("%(n)s 所城镇学校"), "village": _("%(n)s 所乡村学校")}
        parts.append(words.get(audience.side, _("%(n)s 所学校")) % {"n": len(units.schools)})
    return _("%(region)s：%(units)s") % {"region": centre.region, "units": _("、").join(parts)}


# ---- people in units ---------------------------------------------------------------------------------
def people_in(units: Units, roles: Iterable[str]) -> dict[int, tuple[int | None, int | None]]:
    """Everyone who holds one of the roles there now, with the (school, region) they are counted in.

    A school stands for its teaching points too; someone with several roles is counted once.
    """
    schools = [school.pk for school in units.schools]
    regions = [region.pk for region in units.regions]
    within = Q(school_id__in=schools) | Q(school__parent_id__in=schools) | Q(region_id__in=regions)
    held = (
        Membership.objects.current().filter(within, role__in=list(roles)).order_by("user_id", "starts", "pk")
    )
    people: dict[int, tuple[int | None, int | None]] = {}
    for user_id, school_id, region_id in held.values_list("user_id", "school_id", "region_id"):
        people.setdefault(user_id, (school_id, region_id))
    return people


LEADERS = (Role.GROUP_LEADER, Role.ADMINISTRATOR, Role.RESEARCHER)


def leaders_of(unit: Unit) -> list[int]:
    """Whoever hands in for a unit: group leaders and administrators of a school, a centre's own people."""
    held = Membership.objects.current().filter(role__in=LEADERS)
    if isinstance(unit, School):
        held = held.filter(school_id__in=[unit.pk, *([unit.parent_id] if unit.parent_id else [])])
    else:
        held = held.filter(region=unit)
    return sorted(set(held.values_list("user_id", flat=True)))
