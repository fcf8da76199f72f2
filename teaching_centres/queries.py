"""Reads: who someone is in the network, how far their roles reach, names for the pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger.events import NOWHERE, Place
from teaching_centres.models import (
    Membership,
    PersonMerge,
    PrepPoint,
    Region,
    RegionCode,
    School,
    TeachingCentre,
)
from teaching_centres.roles import Verb
from teaching_centres.scopes import Scopes as Scopes
from teaching_centres.scopes import main_first, standing
from teaching_centres.scopes import scopes as scopes

Side = Literal["town", "village", ""]


@dataclass(frozen=True)
class PersonCard:
    """A person as pages show them."""

    id: int
    name: str
    initial: str
    colour: int
    unit_name: str
    side: Side


@dataclass(frozen=True)
class Belonging:
    """Whose audience a person is: their units, and every region those lie in (this looks upwards).

    Roles say what someone may do in a unit; belonging says what was meant for them to read.
    """

    school_ids: tuple[int, ...] = ()
    region_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class SchoolChoice:
    id: int
    name: str
    county: str
    side: Side


# ---- the person ------------------------------------------------------------------------------------
def place_of(user: User | AnonymousUser) -> Place:
    """Where someone stands now, for the ledger: their main membership."""
    held = standing(user)
    if not held:
        return NOWHERE
    main = held[0]
    if main.school:
        return Place(
            role=main.role,
            school_id=main.school.pk,
            region_id=main.school.county_id,
            urban_class=main.school.urban_class,
        )
    return Place(role=main.role, region_id=main.region_id)


def current_school(user: User | AnonymousUser) -> School | None:
    held = standing(user)
    return held[0].school if held else None


def current_region(user: User | AnonymousUser) -> Region | None:
    """The county of the current school, or the region someone works for."""
    held = standing(user)
    if not held:
        return None
    return held[0].school.county if held[0].school else held[0].region


def belonging(user: User | AnonymousUser) -> Belonging:
    school_ids: set[int] = set()
    region_ids: set[int] = set()
    for membership in standing(user):
        region = membership.school.county if membership.school else membership.region
        assert region is not None
        region_ids |= {int(part) for part in region.path.strip("/").split("/")}
        if membership.school_id:
            school_ids.add(membership.school_id)
    return Belonging(tuple(sorted(school_ids)), tuple(sorted(region_ids)))


def own_card(user: User) -> PersonCard:
    """The card of someone whose rights were just asked for: no further query."""
    return _card(user, list(standing(user)))


def person_card(user_id: int) -> PersonCard:
    return person_cards([user_id])[user_id]


def person_cards(user_ids: Iterable[int]) -> dict[int, PersonCard]:
    """Cards of many people in two queries. Whoever is asked for is there; ids nobody has are not.

    An account that was absorbed by another of the same person is shown as the surviving one.
    """
    current = Membership.objects.current().select_related("school", "region")
    people = User.objects.filter(pk__in=set(user_ids)).select_related("merged_away")
    found = people.prefetch_related(Prefetch("memberships", queryset=current, to_attr="current_memberships"))
    cards, absorbed = {}, {}
    for person in found:
        merge = getattr(person, "merged_away", None)
        if merge is not None:
            absorbed[person.pk] = merge.survivor_id
        else:
            cards[person.pk] = _card(person, person.current_memberships)
    survivors = person_cards(absorbed.values()) if absorbed else {}
    return cards | {pk: survivors[survivor_id] for pk, survivor_id in absorbed.items()}


def surviving(user_ids: Iterable[int]) -> dict[int, int]:
    """For counting people from old records: each id with the one it leads to now."""
    ids = set(user_ids)
    merged = PersonMerge.objects.filter(absorbed_id__in=ids).values_list("absorbed_id", "survivor_id")
    return {pk: pk for pk in ids} | dict(merged)


def _card(person: User, current: list[Membership]) -> PersonCard:
    main = min(current, key=main_first, default=None)
    return PersonCard(
        id=person.pk,
        name=person.name,
        initial=person.name[:1],
        colour=person.colour,
        unit_name=unit_name(main) if main else "",
        side=side_of(main.school) if main else "",
    )


def unit_name(membership: Membership) -> str:
    return str(membership.unit)


def side_of(school: School | None) -> Side:
    if school is None:
        return ""
    return "village" if school.urban_class == School.UrbanClass.VILLAGE else "town"


# ---- units -----------------------------------------------------------------------------------------
def regions_below(region: Region) -> QuerySet[Region]:
    """The region itself, then everything under it."""
    return Region.objects.below(region).order_by("path")


def schools_below(region: Region) -> QuerySet[School]:
    return School.objects.below(region).select_related("county")


def people_below(region: Region) -> QuerySet[User]:
    """Everyone with a current membership in the region, or in a region or school under it."""
    within = Q(region__path__startswith=region.path) | Q(school__county__path__startswith=region.path)
    return User.objects.filter(pk__in=Membership.objects.current().filter(within).values("user_id"))


def regions_visible_to(user: User | AnonymousUser, *verbs: Verb) -> QuerySet[Region]:
    return Region.objects.visible_to(user, *verbs)


def schools_visible_to(user: User | AnonymousUser, *verbs: Verb) -> QuerySet[School]:
    return School.objects.visible_to(user, *verbs).select_related("county")


def prep_points_visible_to(user: User | AnonymousUser, *verbs: Verb) -> QuerySet[PrepPoint]:
    return PrepPoint.objects.visible_to(user, *verbs).select_related("school__county")


def centre_of(region: Region) -> TeachingCentre | None:
    """The nearest teaching centre: of the region itself or of the closest region above it."""
    ids = [int(part) for part in region.path.strip("/").split("/")]
    centres = {centre.region_id: centre for centre in TeachingCentre.objects.filter(region_id__in=ids)}
    return next((centres[pk] for pk in reversed(ids) if pk in centres), None)


def region_with_code(code: str, on: date) -> Region | None:
    """Whom a GB/T 2260 code meant on that day; 公主岭市 is 220381 before June 2020, 220184 since."""
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=on)
    not_over = Q(valid_until__isnull=True) | Q(valid_until__gte=on)
    found = RegionCode.objects.filter(begun, not_over, code=code).select_related("region").first()
    return found.region if found else None


def region_line(region: Region) -> str:
    """四平市 · 梨树县"""
    above = region.parent if region.level == Region.Level.COUNTY else None
    return (
        _("%(prefecture)s · %(county)s") % {"prefecture": above, "county": region} if above else str(region)
    )


# ---- the address book: names only, for everyone who belongs to the network ---------------------------
def find_people(user: User | AnonymousUser, text: str, *, limit: int = 10) -> list[PersonCard]:
    """Colleagues of the whole province by name or school, so that town and village can find each other."""
    text = text.strip()
    if not text or not standing(user):
        return []
    named = Q(user__name__icontains=text) | Q(school__name__icontains=text)
    rows = Membership.objects.current().filter(named).exclude(user_id=user.pk)
    ids = list(
        rows.order_by("user__name_key", "user_id").values_list("user_id", flat=True).distinct()[:limit]
    )
    cards = person_cards(ids)
    return [cards[pk] for pk in ids]


def find_schools(user: User | AnonymousUser, text: str, *, limit: int = 10) -> list[SchoolChoice]:
    text = text.strip()
    if not text or not standing(user):
        return []
    rows = School.objects.open().filter(Q(name__icontains=text) | Q(county__name__icontains=text))
    found = rows.select_related("county").order_by("name", "pk")[:limit]
    return [SchoolChoice(row.pk, row.name, row.county.name, side_of(row)) for row in found]
