"""Notices downwards, with receipts by unit and by person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from teaching_centres.models import Region, School, TeachingCentre
from teaching_centres.policies import Unit
from teaching_centres.queries import PersonCard, person_cards
from teaching_centres.workspace.models import Circular, CircularReceipt
from teaching_centres.workspace.queries.common import Listing, UnitCard, page_of, unit_card
from teaching_centres.workspace.seams import Link, links_for


@dataclass(frozen=True)
class CircularLine:
    id: int
    title: str
    centre: str
    audience: str
    sent_at: datetime
    withdrawn: bool
    read: int = 0
    total: int = 0
    unread_by_me: bool = False
    is_demo: bool = False


@dataclass(frozen=True)
class Receipts:
    """19 人里 16 人看了；12 个单位里 9 个单位有人看了."""

    people: int
    people_read: int
    units: int
    units_read: int

    @property
    def unread(self) -> int:
        return self.people - self.people_read

    @property
    def percent(self) -> int:
        return round(100 * self.people_read / self.people) if self.people else 0


@dataclass(frozen=True)
class UnitReceipts:
    unit: UnitCard
    people: int
    read: int

    @property
    def percent(self) -> int:
        return round(100 * self.read / self.people) if self.people else 0


@dataclass(frozen=True)
class PersonReceipt:
    person: PersonCard
    read_at: datetime | None


@dataclass(frozen=True)
class CircularView:
    circular: Circular
    centre: TeachingCentre
    links: list[Link]


def circular_view(user: User, circular: Circular) -> CircularView:
    return CircularView(circular, circular.centre, links_for(user, [circular.links])[0])


def sent_page(centre: TeachingCentre, number: str | int = 1, size: int = 20) -> Listing[CircularLine]:
    counted = Circular.objects.filter(centre=centre).annotate(
        people=Count("receipts"), read=Count("receipts", filter=Q(receipts__read_at__isnull=False))
    )
    page = page_of(counted.select_related("centre").order_by("-sent_at", "-pk"), number, size)
    lines = [
        CircularLine(
            row.pk,
            row.title,
            row.centre.name,
            row.audience,
            row.sent_at,
            row.is_withdrawn,
            read=row.read,
            total=row.people,
            is_demo=row.is_demo,
        )
        for row in page.object_list
    ]
    return Listing(lines, page)


def received_by(user: User) -> QuerySet[CircularReceipt]:
    """What this person was sent: unread first, then the newest."""
    rows = CircularReceipt.objects.filter(user=user).select_related("circular__centre")
    return rows.order_by(F("read_at").desc(nulls_first=True), "-circular__sent_at", "-pk")


def received_lines(rows: Iterable[CircularReceipt]) -> list[CircularLine]:
    return [
        CircularLine(
            row.circular.pk,
            row.circular.title,
            row.circular.centre.name,
            row.circular.audience,
            row.circular.sent_at,
            row.circular.is_withdrawn,
            unread_by_me=row.read_at is None and not row.circular.is_withdrawn,
            is_demo=row.circular.is_demo,
        )
        for row in rows
    ]


# ---- receipts --------------------------------------------------------------------------------------------
def receipts_of(rows: QuerySet[CircularReceipt]) -> Receipts:
    """`rows`: all of a notice's, or those that someone sees (`visible_to`)."""
    read = Q(read_at__isnull=False)
    found = rows.aggregate(
        people=Count("pk"),
        people_read=Count("pk", filter=read),
        schools=Count("school", distinct=True),
        schools_read=Count("school", filter=read, distinct=True),
        regions=Count("region", distinct=True),
        regions_read=Count("region", filter=read, distinct=True),
    )
    return Receipts(
        people=found["people"],
        people_read=found["people_read"],
        units=found["schools"] + found["regions"],
        units_read=found["schools_read"] + found["regions_read"],
    )


def units_page(
    rows: QuerySet[CircularReceipt], *, only_unread: bool = False, number: str | int = 1
) -> Listing[UnitReceipts]:
    """By unit, in the order of places."""
    read = Count("pk", filter=Q(read_at__isnull=False))
    place = Coalesce("school__county__path", "region__path")
    by_unit = rows.values("school_id", "region_id", "school__name").annotate(
        place=place, people=Count("pk"), read=read
    )
    if only_unread:
        by_unit = by_unit.filter(read=0)
    page = page_of(by_unit.order_by("place", "school__name", "school_id"), number)
    return Listing(_unit_lines(list(page.object_list)), page)


def _unit_lines(rows: list[dict[str, int]]) -> list[UnitReceipts]:
    schools = School.objects.select_related("county").in_bulk([row["school_id"] for row in rows])
    regions = Region.objects.in_bulk([row["region_id"] for row in rows])
    lines = []
    for row in rows:
        unit = schools[row["school_id"]] if row["school_id"] else regions[row["region_id"]]
        lines.append(UnitReceipts(unit_card(unit), row["people"], row["read"]))
    return lines


def people_page(rows: QuerySet[CircularReceipt], unit: Unit, number: str | int = 1) -> Listing[PersonReceipt]:
    """The people of one unit, those who have not read it first."""
    name = "school" if isinstance(unit, School) else "region"
    mine = rows.filter(**{name: unit}).order_by(F("read_at").asc(nulls_first=True), "user__name_key", "pk")
    page = page_of(mine, number)
    cards = person_cards({row.user_id for row in page.object_list})
    return Listing([PersonReceipt(cards[row.user_id], row.read_at) for row in page.object_list], page)


def words_of(receipts: Receipts) -> str:
    return _("%(people)s 人里 %(read)s 人看了；%(units)s 个单位里 %(units_read)s 个有人看了") % {
        "people": receipts.people,
        "read": receipts.people_read,
        "units": receipts.units,
        "units_read": receipts.units_read,
    }
