"""People with grades: by subject and county, and one person's history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from teaching_centres.models import Membership, Region
from teaching_centres.queries import PersonCard, person_cards
from teaching_centres.workspace.models import Expertise
from teaching_centres.workspace.queries.common import Listing, page_of

Grade = Expertise.Grade
HIGHEST_FIRST = (Grade.SPECIAL, Grade.LEADER, Grade.BACKBONE)


@dataclass(frozen=True)
class GradeLine:
    id: int
    person: PersonCard
    grade: str
    label: str
    """省级骨干教师; 特级教师 without a level."""
    subject: str
    starts: date
    ends: date | None
    current: bool
    region_id: int
    region: str


@dataclass(frozen=True)
class ExpertFilters:
    subject: str = ""
    grade: str = ""
    county_id: int | None = None
    past: bool = False

    @property
    def any(self) -> bool:
        return bool(self.subject or self.grade or self.county_id or self.past)


def grades_of(region: Region) -> list[Grade]:
    """What this level grants: 特级教师 is a matter of the province alone."""
    provincial = region.level == Region.Level.PROVINCE
    return [grade for grade in HIGHEST_FIRST if provincial or grade != Grade.SPECIAL]


def grade_label(row: Expertise) -> str:
    if row.grade == Grade.SPECIAL:
        return str(Grade.SPECIAL.label)
    words = {
        Region.Level.PROVINCE: _("省级%(grade)s"),
        Region.Level.PREFECTURE: _("市级%(grade)s"),
        Region.Level.COUNTY: _("县级%(grade)s"),
    }
    return words[Region.Level(row.region.level)] % {"grade": Grade(row.grade).label}


def experts_in(region: Region, filters: ExpertFilters = ExpertFilters()) -> QuerySet[Expertise]:
    """Grades of those who serve in the region now, whoever granted them."""
    where = region.path
    if filters.county_id:
        county = Region.objects.below(region).filter(pk=filters.county_id).first()
        where = county.path if county else where
    within = Q(school__county__path__startswith=where) | Q(region__path__startswith=where)
    serving = Membership.objects.current().filter(within).values("user_id")
    rows = Expertise.objects.filter(user_id__in=serving)
    rows = rows if filters.past else rows.current()
    if filters.subject:
        rows = rows.filter(subject=filters.subject)
    return rows.filter(grade=filters.grade) if filters.grade else rows


def experts_page(region: Region, filters: ExpertFilters, number: str | int = 1) -> Listing[GradeLine]:
    rank = Case(*[When(grade=grade, then=Value(place)) for place, grade in enumerate(HIGHEST_FIRST)])
    rows = experts_in(region, filters).select_related("region")
    page = page_of(rows.order_by("subject", rank, "user__name_key", "pk"), number)
    return Listing(grade_lines(page.object_list), page)


def grade_lines(rows: Iterable[Expertise]) -> list[GradeLine]:
    rows = list(rows)
    cards = person_cards({row.user_id for row in rows})
    return [
        GradeLine(
            id=row.pk,
            person=cards[row.user_id],
            grade=row.grade,
            label=grade_label(row),
            subject=row.subject,
            starts=row.starts,
            ends=row.ends,
            current=row.is_current(),
            region_id=row.region_id,
            region=row.region.name,
        )
        for row in rows
    ]


def history_of(person: User) -> list[GradeLine]:
    return grade_lines(Expertise.objects.filter(user=person).select_related("region"))


def subjects_with_experts(region: Region) -> list[tuple[str, int]]:
    """Subject and how many people, for the overview and the filter."""
    rows = experts_in(region).order_by("subject").values_list("subject")
    return list(rows.annotate(Count("user_id", distinct=True)))


def current_grades(user_ids: Iterable[int]) -> dict[int, list[str]]:
    """What to write beside a name."""
    found: dict[int, list[str]] = {}
    rows = Expertise.objects.current().filter(user_id__in=set(user_ids)).select_related("region")
    for row in rows:
        found.setdefault(row.user_id, []).append(grade_label(row))
    return found
