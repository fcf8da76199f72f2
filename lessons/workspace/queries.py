"""Reads for the pages that plans have in the workspaces."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.models import LessonPlan
from lessons.queries import PlanRow, rows_of
from lessons.reading import unit_at
from lessons.workspace.models import Exemplar
from teaching_centres.models import Region, School, TeachingCentre
from teaching_centres.queries import PersonCard, person_cards
from teaching_centres.workspace.queries.common import Listing, page_of

WEEKS = 6
MOST_COUNTED = 5000
FOUND_AT_ONCE = 20


# ---- exemplars -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ExemplarLine:
    id: int
    plan: PlanRow
    reason: str
    chosen_by: PersonCard
    chosen_at: datetime
    is_demo: bool


@dataclass(frozen=True)
class ExemplarFilters:
    subject_id: int | None = None
    grade: int | None = None

    @property
    def any(self) -> bool:
        return bool(self.subject_id or self.grade)


def shared_with(region: Region) -> Q:
    """Plans whose reach is the region, or a region around it."""
    found = Q(pk__in=[])
    for reach, depth in LessonPlan.DEPTH_OF_REACH.items():
        around = unit_at(region.path, depth)
        if around:
            found |= Q(reach=reach, region__path__startswith=around)
    return found & Q(state=LessonPlan.State.ACTIVE)


def is_shared_with(plan: LessonPlan, region: Region) -> bool:
    return LessonPlan.objects.filter(shared_with(region), pk=plan.pk).exists()


def exemplars_of(user: User, centre: TeachingCentre, filters: ExemplarFilters) -> QuerySet[Exemplar]:
    """Of the centre, while their plans are still shared with it."""
    still = LessonPlan.objects.filter(shared_with(centre.region))
    rows = Exemplar.objects.visible_to(user).current().filter(centre=centre, plan__in=still.values("pk"))
    if filters.subject_id:
        rows = rows.filter(plan__textbook__subject_id=filters.subject_id)
    return rows.filter(plan__textbook__grade=filters.grade) if filters.grade else rows


def exemplars_page(rows: QuerySet[Exemplar], user: User, number: str | int = 1) -> Listing[ExemplarLine]:
    page = page_of(rows, number, 20)
    return Listing(exemplar_lines(page.object_list, user), page)


def exemplar_lines(rows: Iterable[Exemplar], user: User) -> list[ExemplarLine]:
    rows = list(rows)
    plans = {row.id: row for row in _plan_rows(user, {row.plan_id for row in rows})}
    people = person_cards({row.chosen_by_id for row in rows})
    return [
        ExemplarLine(
            row.pk, plans[row.plan_id], row.reason, people[row.chosen_by_id], row.chosen_at, row.is_demo
        )
        for row in rows
    ]


def may_be_chosen(user: User, centre: TeachingCentre, text: str) -> list[PlanRow]:
    """Plans shared with the region whose title, author or school has the text, and which are no exemplar yet."""
    plans = LessonPlan.objects.visible_to(user).filter(shared_with(centre.region))
    chosen = Exemplar.objects.current().filter(centre=centre)
    plans = plans.exclude(pk__in=chosen.values("plan"))
    if text:
        named = Q(title__icontains=text) | Q(owner__name__icontains=text)
        plans = plans.filter(named | Q(school__name__icontains=text))
    ids = list(plans.order_by("-edited_at").values_list("pk", flat=True)[:FOUND_AT_ONCE])
    return _plan_rows(user, ids)


def _plan_rows(user: User, ids: Iterable[Any]) -> list[PlanRow]:
    plans = LessonPlan.objects.filter(pk__in=list(ids)).with_rights(user)
    facts = plans.select_related("region", "owner", "school", "textbook__subject", "unit")
    return rows_of(user, facts.defer("first_content"))


# ---- a school's plans by subject and week ------------------------------------------------------------------
@dataclass(frozen=True)
class Week:
    monday: date

    @property
    def value(self) -> str:
        return self.monday.isoformat()

    @property
    def label(self) -> str:
        last = self.monday + timedelta(days=6)
        return _("%(month)s月%(day)s日–%(last_month)s月%(last_day)s日") % {
            "month": self.monday.month,
            "day": self.monday.day,
            "last_month": last.month,
            "last_day": last.day,
        }

    @property
    def span(self) -> tuple[datetime, datetime]:
        start = timezone.make_aware(datetime.combine(self.monday, time()))
        return start, start + timedelta(days=7)


@dataclass(frozen=True)
class Cell:
    week: Week
    count: int
    here: bool

    @property
    def squares(self) -> range:
        return range(min(self.count, 12))


@dataclass(frozen=True)
class SubjectWeeks:
    subject: str
    cells: list[Cell]


@dataclass(frozen=True)
class SchoolPlans:
    weeks: list[Week]
    week: Week
    subjects: list[SubjectWeeks]
    total: int
    """Of the chosen week: drafts too, as a number."""


def week_of(day: date) -> Week:
    return Week(day - timedelta(days=day.weekday()))


def school_plans(school: School, wanted: date | None = None) -> SchoolPlans:
    """How many plans were worked on, counted by the week of their last change. Figures only, two queries."""
    this_week = week_of(timezone.localdate())
    # this week first: it is what a phone has room for
    weeks = [Week(this_week.monday - timedelta(weeks=back)) for back in range(WEEKS)]
    chosen = week_of(wanted) if wanted else this_week
    chosen = chosen if chosen in weeks else this_week
    rows = plans_of(school).filter(edited_at__gte=weeks[-1].span[0]).order_by("-edited_at")
    counts: dict[str, dict[Week, int]] = {}
    for edited_at, subject in rows.values_list("edited_at", "textbook__subject__name")[:MOST_COUNTED]:
        week = week_of(timezone.localdate(edited_at))
        by_week = counts.setdefault(subject or "", {})
        by_week[week] = by_week.get(week, 0) + 1
    subjects = [
        SubjectWeeks(
            subject or _("没有选教材"),
            [Cell(week, by_week.get(week, 0), week == chosen) for week in weeks],
        )
        for subject, by_week in sorted(counts.items(), key=lambda item: (not item[0], item[0]))
    ]
    total = sum(by_week.get(chosen, 0) for by_week in counts.values())
    return SchoolPlans(weeks, chosen, subjects, total)


def plans_of(school: School) -> QuerySet[LessonPlan]:
    """The school's and its teaching points'."""
    within = Q(school=school) | Q(school__parent=school)
    return LessonPlan.objects.filter(within).exclude(state=LessonPlan.State.DELETED)


def readable_in_week(user: User, school: School, week: Week, number: str | int = 1) -> Listing[PlanRow]:
    """Those of the week that this person may read."""
    start, end = week.span
    mine = LessonPlan.objects.visible_to(user).filter(pk__in=plans_of(school).values("pk"))
    plans = mine.filter(edited_at__gte=start, edited_at__lt=end)
    page = page_of(
        plans.order_by("textbook__subject__position", "-edited_at", "pk").values_list("pk", flat=True),
        number,
        20,
    )
    rows = {row.id: row for row in _plan_rows(user, page.object_list)}
    return Listing([rows[pk] for pk in page.object_list if pk in rows], page)
