"""Reads for the pages of term plans."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.activities.models import PrepActivity, TermPlan, TermPlanMember
from lessons.activities.policies import ActivityNotFound, may_see_term_plan
from lessons.activities.queries import grade_name, words_of
from lessons.activities.term_plans import DAYS
from teaching_centres.calendar.models import term_name
from teaching_centres.queries import PersonCard, person_cards

PAGE_SIZE = 20


@dataclass(frozen=True)
class PlanLine:
    id: UUID
    name: str
    term: str
    leader: PersonCard
    rows: int
    with_lead: int
    opened: int
    people: int
    is_demo: bool


@dataclass(frozen=True)
class RowLine:
    """A row as it stands; once it is an activity, as the activity stands."""

    id: int
    unit: str
    lesson: str
    lead: PersonCard | None
    mine: bool
    days: list[date | None]
    activity_id: UUID | None
    activity: str
    """Where the activity stands, in a word."""
    overdue: bool

    @property
    def named_days(self) -> list[tuple[str, date | None]]:
        names = (_("初稿期限"), _("集研开始"), _("集研结束"), _("个案期限"))
        return list(zip(names, self.days, strict=True))


@dataclass(frozen=True)
class GroupMember:
    id: int
    person: PersonCard


@dataclass(frozen=True)
class PlanView:
    id: UUID
    name: str
    term: str
    book: str
    place: str
    leader: PersonCard
    may_change: bool
    rows: list[RowLine]
    people: list[GroupMember]
    is_demo: bool

    @property
    def undated(self) -> int:
        return sum(1 for row in self.rows if row.activity_id is None and row.days[0] is None)


def term_plan_for(user: User, plan_id: UUID) -> TermPlan:
    found = TermPlan.objects.filter(pk=plan_id).select_related(
        "leader", "subject", "textbook__subject", "school__county", "region"
    )
    plan = found.first()
    if plan is None or not may_see_term_plan(user, plan):
        raise ActivityNotFound
    return plan


def plan_page(user: User, number: str | int = 1) -> tuple[list[PlanLine], Page[TermPlan]]:
    rows = TermPlan.objects.visible_to(user).select_related("subject", "leader", "textbook__subject")
    page = Paginator(rows, PAGE_SIZE).get_page(number)
    plans = list(page.object_list)
    counted = {
        row["pk"]: row
        for row in TermPlan.objects.filter(pk__in=[plan.pk for plan in plans])
        .values("pk")
        .order_by()
        .annotate(
            total=Count("rows", distinct=True),
            with_lead=Count("rows", filter=Q(rows__lead_preparer__isnull=False), distinct=True),
            opened=Count("rows__activity", distinct=True),
            people=Count("members", distinct=True),
        )
    }
    cards = person_cards({plan.leader_id for plan in plans})
    lines = [
        PlanLine(
            id=plan.pk,
            name=name_of(plan),
            term=term_name(plan.term),
            leader=cards[plan.leader_id],
            rows=counted[plan.pk]["total"],
            with_lead=counted[plan.pk]["with_lead"],
            opened=counted[plan.pk]["opened"],
            people=counted[plan.pk]["people"],
            is_demo=plan.is_demo,
        )
        for plan in plans
    ]
    return lines, page


def name_of(plan: TermPlan) -> str:
    """三年级语文"""
    return _("%(grade)s%(subject)s") % {"grade": grade_name(plan.grade), "subject": plan.subject}


def plan_view(user: User, plan: TermPlan, today: date) -> PlanView:
    rows = list(plan.rows.select_related("unit").order_by("position", "id"))
    activities = {row.row_id: row for row in PrepActivity.objects.filter(row__term_plan=plan)}
    seen = set(PrepActivity.objects.visible_to(user).filter(row__term_plan=plan).values_list("pk", flat=True))
    members = list(TermPlanMember.objects.filter(term_plan=plan).order_by("id"))
    leads = {
        activities[row.pk].lead_preparer_id if row.pk in activities else row.lead_preparer_id for row in rows
    }
    cards = person_cards({plan.leader_id, *(m.user_id for m in members), *(pk for pk in leads if pk)})
    lines = []
    for row in rows:
        activity = activities.get(row.pk)
        if activity is not None and activity.pk not in seen:
            activity = None  # a draft is its leader's own affair
        source = activity or row
        lead = source.lead_preparer_id
        days = [getattr(source, name) for name in DAYS]
        lines.append(
            RowLine(
                id=row.pk,
                unit=str(row.unit or ""),
                lesson=row.lesson,
                lead=cards.get(lead or 0),
                mine=lead == user.pk,
                days=days,
                activity_id=activity.pk if activity else None,
                activity=words_of(activity) if activity else "",
                overdue=activity is None and days[0] is not None and days[0] < today,
            )
        )
    return PlanView(
        id=plan.pk,
        name=name_of(plan),
        term=term_name(plan.term),
        book=str(plan.textbook or ""),
        place=str(plan.unit_of_leader),
        leader=cards[plan.leader_id],
        may_change=plan.leader_id == user.pk,
        rows=lines,
        people=[GroupMember(member.pk, cards[member.user_id]) for member in members],
        is_demo=plan.is_demo,
    )
