"""Activities in lists, and the words for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.api import paging
from lessons.activities import stages
from lessons.activities.models import ActivityMember, PrepActivity, TermPlan
from lessons.activities.policies import ActivityNotFound, Part, parts_of
from lessons.activities.queries.figures import Numbers, numbers_of, standings_of
from lessons.activities.stages import Expected
from lessons.models import LessonPlan
from teaching_centres.queries import PersonCard, person_cards

PAGE_SIZE = 20
Tab = Literal["mine", "led", "all"]
State = PrepActivity.State
Stage = PrepActivity.Stage


@dataclass(frozen=True)
class Filters:
    text: str = ""
    subject_id: int | None = None
    grade: int | None = None
    state: str = ""

    @property
    def any(self) -> bool:
        return bool(self.text or self.subject_id or self.grade or self.state)


@dataclass(frozen=True)
class ActivityRow:
    id: UUID
    theme: str
    facts: str
    kind: str
    leader: PersonCard
    lead: PersonCard
    state: str
    stage: str
    words: str
    """State and stage as one word: 草稿, 集研, 已结束."""
    due: date | None
    overdue: bool
    numbers: Numbers
    expected: list[Expected]
    is_demo: bool


@dataclass(frozen=True)
class ActivityPage:
    rows: list[ActivityRow]
    next: str | None


def activity_for(user: User, activity_id: UUID) -> tuple[PrepActivity, frozenset[Part]]:
    """The activity and what this person is in it. Raises ActivityNotFound."""
    activity = with_facts(PrepActivity.objects.filter(pk=activity_id)).first()
    parts = parts_of(user, activity) if activity else frozenset()
    if activity is None or not parts:
        raise ActivityNotFound
    return activity, parts


def with_facts(rows: QuerySet[PrepActivity]) -> QuerySet[PrepActivity]:
    return rows.select_related(
        "leader", "lead_preparer", "subject", "textbook__subject", "unit", "school__county", "region",
        "plan", "settled_version", "template",
    ).defer("plan__first_content", "settled_version__state", "template__body")  # fmt: skip


def activity_page(user: User, tab: Tab, filters: Filters, cursor: str | None = None) -> ActivityPage:
    rows = with_facts(filtered(of_tab(user, tab), filters))
    page = paging.page(rows, order=("-created_at", "id"), cursor=cursor, limit=PAGE_SIZE)
    return ActivityPage(rows_of(user, page.items), page.next)


def of_tab(user: User, tab: Tab) -> QuerySet[PrepActivity]:
    rows = PrepActivity.objects.visible_to(user)
    if tab == "led":
        return rows.filter(leader=user)
    if tab == "mine":
        member = ActivityMember.objects.filter(activity=OuterRef("pk"), user=user)
        return rows.exclude(state=State.DRAFT).filter(Q(lead_preparer=user) | Exists(member))
    return rows


def filtered(rows: QuerySet[PrepActivity], filters: Filters) -> QuerySet[PrepActivity]:
    if filters.text:
        rows = rows.filter(Q(theme__icontains=filters.text) | Q(lesson__icontains=filters.text))
    if filters.subject_id:
        rows = rows.filter(subject_id=filters.subject_id)
    if filters.grade:
        rows = rows.filter(grade=filters.grade)
    return rows.filter(state=filters.state) if filters.state else rows


def rows_of(user: User, activities: Iterable[PrepActivity]) -> list[ActivityRow]:
    activities = list(activities)
    numbers = numbers_of(activities)
    standings = standings_of(user, activities)
    people = person_cards({pk for row in activities for pk in (row.leader_id, row.lead_preparer_id)})
    today = timezone.localdate()
    return [
        ActivityRow(
            id=row.pk,
            theme=row.theme,
            facts=facts_line(row),
            kind=row.get_kind_display(),
            leader=people[row.leader_id],
            lead=people[row.lead_preparer_id],
            state=row.state,
            stage=row.stage,
            words=words_of(row),
            due=(due := stages.due_now(row)),
            overdue=due is not None and due < today,
            numbers=numbers[row.pk],
            expected=list(stages.expected_of(row, standings[row.pk])),
            is_demo=row.is_demo,
        )
        for row in activities
    ]


def words_of(activity: PrepActivity) -> str:
    return str(Stage(activity.stage).label if activity.state == State.OPEN else State(activity.state).label)


def facts_line(activity: PrepActivity) -> str:
    """语文 · 三年级 · 第六单元 …"""
    parts = [str(activity.subject), grade_name(activity.grade)]
    if activity.unit is not None:
        parts.append(
            _("第%(number)s单元 %(title)s") % {"number": activity.unit.number, "title": activity.unit.title}
        )
    if activity.lesson and activity.lesson != activity.theme:
        parts.append(_("《%(title)s》") % {"title": activity.lesson})
    return " · ".join(parts)


def grade_name(grade: int) -> str:
    numerals = "一二三四五六七八九"
    return _("%(grade)s年级") % {"grade": numerals[grade - 1] if grade <= len(numerals) else grade}


@dataclass(frozen=True)
class ActivityLink:
    id: UUID
    theme: str
    words: str


def activity_of(user: User, plan: LessonPlan) -> ActivityLink | None:
    """The activity whose shared plan this is, for who may see it."""
    found = PrepActivity.objects.visible_to(user).filter(plan=plan).first()
    return ActivityLink(found.pk, found.theme, words_of(found)) if found else None


def usual_group(user: User) -> dict[str, str]:
    """What this person led or prepared last: the likeliest subject, grade and book for the next call."""
    activity = PrepActivity.objects.filter(leader=user).order_by("-created_at").first()
    term_plan = TermPlan.objects.filter(leader=user).order_by("-created_at").first()
    led: list[PrepActivity | TermPlan] = [row for row in (activity, term_plan) if row is not None]
    if led:
        last = max(led, key=lambda row: row.created_at)
        book, place = last.textbook_id, (last.school_stage, last.subject_id, last.grade)
    else:
        plan = LessonPlan.objects.filter(owner=user).exclude(textbook=None).order_by("-created_at").first()
        if plan is None or plan.textbook is None:
            return {}
        book, place = plan.textbook_id, (plan.textbook.stage, plan.textbook.subject_id, plan.textbook.grade)
    names = ("school_stage", "subject", "grade")
    return {**dict(zip(names, map(str, place), strict=True)), "textbook": str(book or "")}
