"""The exchange register: rows, sums, and the table that goes out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from foundation.accounts.models import User
from foundation.office import tables
from teaching_centres.models import Region, School
from teaching_centres.queries import PersonCard, person_cards
from teaching_centres.workspace.models import Visit
from teaching_centres.workspace.queries.common import Listing, UnitCard, page_of, unit_card

EXPORT_LIMIT = 20_000


@dataclass(frozen=True)
class VisitLine:
    id: int
    kind: str
    person: PersonCard
    origin: UnitCard
    to_school: UnitCard
    starts: date
    ends: date
    subject: str
    hours: int
    note: str
    state: str
    label: str
    refused_because: str
    decided_at: datetime | None
    to_school_id: int


@dataclass(frozen=True)
class KindSum:
    label: str
    times: int
    people: int
    hours: int


@dataclass(frozen=True)
class VisitFilters:
    kind: str = ""
    state: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def any(self) -> bool:
        return bool(self.kind or self.state or self.since or self.until)

    def apply(self, rows: QuerySet[Visit]) -> QuerySet[Visit]:
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.state:
            rows = rows.filter(state=self.state)
        if self.since:
            rows = rows.filter(ends__gte=self.since)
        return rows.filter(starts__lte=self.until) if self.until else rows


def visits_in(user: User, region: Region) -> QuerySet[Visit]:
    path = region.path
    sent = Q(from_school__county__path__startswith=path) | Q(from_region__path__startswith=path)
    return Visit.objects.visible_to(user).filter(sent | Q(to_school__county__path__startswith=path))


def visits_of(user: User, school: School) -> QuerySet[Visit]:
    return Visit.objects.visible_to(user).filter(Q(from_school=school) | Q(to_school=school))


def own_visits(user: User) -> QuerySet[Visit]:
    return Visit.objects.visible_to(user).filter(person=user)


def visits_page(rows: QuerySet[Visit], number: str | int = 1) -> Listing[VisitLine]:
    page = page_of(with_units(rows), number)
    return Listing(visit_lines(page.object_list), page)


def with_units(rows: QuerySet[Visit]) -> QuerySet[Visit]:
    return rows.select_related("from_school__county", "from_region", "to_school__county")


def visit_lines(rows: Iterable[Visit]) -> list[VisitLine]:
    rows = list(rows)
    cards = person_cards({row.person_id for row in rows})
    return [
        VisitLine(
            id=row.pk,
            kind=str(Visit.Kind(row.kind).label),
            person=cards[row.person_id],
            origin=unit_card(row.origin),
            to_school=unit_card(row.to_school),
            starts=row.starts,
            ends=row.ends,
            subject=row.subject,
            hours=row.hours,
            note=row.note,
            state=row.state,
            label=str(Visit.State(row.state).label),
            refused_because=row.refused_because,
            decided_at=row.decided_at,
            to_school_id=row.to_school_id,
        )
        for row in rows
    ]


def sums_by_kind(rows: QuerySet[Visit]) -> list[KindSum]:
    """Of what the receiving school confirmed; the rest is not counted."""
    confirmed = rows.filter(state=Visit.State.CONFIRMED).order_by().values_list("kind")
    found = {
        kind: (times, people, hours)
        for kind, times, people, hours in confirmed.annotate(
            Count("pk"), Count("person", distinct=True), Sum("hours")
        )
    }
    return [KindSum(str(kind.label), *(found.get(kind.value, (0, 0, 0)))) for kind in Visit.Kind]


SHEET = tables.Sheet(
    "visits",
    "交流登记",
    (
        tables.Text("kind", "种类"),
        tables.Text("person", "教师"),
        tables.Text("origin", "派出单位"),
        tables.Text("origin_county", "派出县（市、区）"),
        tables.Text("to_school", "接收学校"),
        tables.Text("to_county", "接收县（市、区）"),
        tables.Text("side", "接收学校城乡"),
        tables.Day("starts", "起"),
        tables.Day("ends", "止"),
        tables.Text("subject", "学科"),
        tables.Whole("hours", "课时"),
        tables.Text("state", "状态"),
        tables.Text("note", "说明"),
    ),
)


def as_xlsx(rows: QuerySet[Visit]) -> bytes:
    lines = visit_lines(with_units(rows)[:EXPORT_LIMIT])
    about = [f"交流登记，{timezone.localdate().isoformat()} 导出，{len(lines)} 条"]
    return tables.write([SHEET], {SHEET.key: [_row(line) for line in lines]}, about=about)


def _row(line: VisitLine) -> dict[str, object]:
    return {
        "kind": line.kind,
        "person": line.person.name,
        "origin": line.origin.name,
        "origin_county": line.origin.county,
        "to_school": line.to_school.name,
        "to_county": line.to_school.county,
        "side": "乡村" if line.to_school.side == "village" else "城镇",
        "starts": line.starts,
        "ends": line.ends,
        "subject": line.subject,
        "hours": line.hours,
        "state": line.label,
        "note": line.note,
    }
