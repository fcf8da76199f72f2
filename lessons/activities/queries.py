"""Reads for the pages of activities: plain data, a fixed number of queries however many take part."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.api import paging
from lessons.activities import stages
from lessons.activities.models import ActivityMember, AgendaItem, PrepActivity, TermPlan
from lessons.activities.policies import Act, ActivityNotFound, Part, may, parts_of
from lessons.activities.stages import Expected, Standing, Step
from lessons.models import LessonPlan
from lessons.policies import rights
from lessons.versions import label
from realtime.kinds import Access
from teaching_centres.models import School
from teaching_centres.queries import PersonCard, Side, person_cards, side_of

PAGE_SIZE = 20
SCHOOLS_ON_PAGE = 20
Tab = Literal["mine", "led", "all"]
State = PrepActivity.State
Stage = PrepActivity.Stage
MemberState = ActivityMember.State


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
class Numbers:
    """How many take part, and how far they came."""

    members: int = 0
    received: int = 0
    declined: int = 0
    on_leave: int = 0
    own: int = 0
    reflected: int = 0


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


# ---- figures -------------------------------------------------------------------------------------------


def numbers_of(activities: Iterable[PrepActivity]) -> dict[UUID, Numbers]:
    """Two queries: what was answered, and the own versions of those who take part."""
    plans = {row.pk: row.plan_id for row in activities}
    states = Q(state=MemberState.RECEIVED), Q(state=MemberState.DECLINED), Q(state=MemberState.ON_LEAVE)
    counted = (
        ActivityMember.objects.filter(activity__in=plans)
        .values("activity_id")
        .order_by("activity_id")
        .annotate(
            members=Count("pk"),
            received=Count("pk", filter=states[0]),
            declined=Count("pk", filter=states[1]),
            on_leave=Count("pk", filter=states[2]),
        )
    )
    answers = {row.pop("activity_id"): row for row in counted}
    own: dict[UUID, set[int]] = {}
    reflected: dict[UUID, set[int]] = {}
    for plan_id, owner_id, outline in own_versions(plans.values()):
        own.setdefault(plan_id, set()).add(owner_id)
        if outline.get("reflected"):
            reflected.setdefault(plan_id, set()).add(owner_id)
    return {
        pk: Numbers(
            **answers.get(pk, {}),
            own=len(own.get(plan_id, ())) if plan_id else 0,
            reflected=len(reflected.get(plan_id, ())) if plan_id else 0,
        )
        for pk, plan_id in plans.items()
    }


def own_versions(plan_ids: Iterable[UUID | None]) -> Iterable[tuple[UUID, int, dict[str, object]]]:
    """Shared plan, owner and outline of each own version that is in use."""
    wanted = [pk for pk in plan_ids if pk]
    kept = LessonPlan.objects.filter(fork__upstream__in=wanted).exclude(state=LessonPlan.State.DELETED)
    return kept.values_list("fork__upstream_id", "owner_id", "outline") if wanted else ()


def standings_of(user: User, activities: Iterable[PrepActivity]) -> dict[UUID, Standing]:
    """Two queries: what this person is in each, but for reviewing."""
    activities = list(activities)
    answered = dict(
        ActivityMember.objects.filter(activity__in=activities, user=user).values_list("activity_id", "state")
    )
    mine = LessonPlan.objects.filter(
        owner=user, fork__upstream__in=[row.plan_id for row in activities if row.plan_id]
    ).exclude(state=LessonPlan.State.DELETED)
    own = dict(mine.values_list("fork__upstream_id", "outline")) if activities else {}
    return {
        row.pk: _standing(user, row, answered.get(row.pk, ""), own.get(row.plan_id) if row.plan_id else None)
        for row in activities
    }


def _standing(user: User, activity: PrepActivity, state: str, outline: dict[str, object] | None) -> Standing:
    parts = set()
    if activity.leader_id == user.pk:
        parts.add(Part.LEADER)
    if activity.lead_preparer_id == user.pk:
        parts.add(Part.LEAD_PREPARER)
    if state:
        parts.add(Part.MEMBER)
    return Standing(frozenset(parts), state, outline is not None, bool(outline and outline.get("reflected")))


# ---- one activity --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MemberLine:
    id: int
    person: PersonCard
    state: str
    words: str
    reason: str
    own_id: UUID | None
    """Of the own version, where the reader may open it."""
    has_own: bool
    reflected: bool


@dataclass
class SchoolGroup:
    name: str
    side: Side
    people: list[MemberLine] = field(default_factory=list)

    @property
    def received(self) -> int:
        return sum(1 for line in self.people if line.state == MemberState.RECEIVED)

    @property
    def own(self) -> int:
        return sum(1 for line in self.people if line.has_own)

    @property
    def reflected(self) -> int:
        return sum(1 for line in self.people if line.reflected)


@dataclass(frozen=True)
class SideNumbers:
    """Town or village: how many take part, and how many of them came how far."""

    side: Side
    members: int
    received: int
    own: int


@dataclass(frozen=True)
class AgendaLine:
    id: int
    text: str
    by: PersonCard
    at: datetime
    done: bool
    may_finish: bool
    block: str


@dataclass(frozen=True)
class ActivityView:
    id: UUID
    theme: str
    facts: str
    kind: str
    requirements: str
    state: str
    stage: str
    words: str
    is_demo: bool
    leader: PersonCard
    lead: PersonCard
    place: str
    days: list[tuple[str, date | None]]
    opened_at: datetime | None
    closed_at: datetime | None
    steps: list[Step]
    plan_id: UUID | None
    settled: str
    settled_version_id: int | None
    settled_at: datetime | None
    numbers: Numbers
    acts: dict[str, bool]
    """By the name of the act: may this person do it now?"""
    expected: list[Expected]
    me: MemberLine | None
    agenda: list[AgendaLine]


def activity_view(user: User, activity: PrepActivity, parts: frozenset[Part]) -> ActivityView:
    items = list(AgendaItem.objects.filter(activity=activity).order_by("state", "id"))
    people = person_cards(
        {activity.leader_id, activity.lead_preparer_id, user.pk, *(item.raised_by_id for item in items)}
    )
    standing = standings_of(user, [activity])[activity.pk]
    me = activity.members.filter(user=user).first() if Part.MEMBER in parts else None
    today = timezone.localdate()
    version = activity.settled_version
    return ActivityView(
        id=activity.pk,
        theme=activity.theme,
        facts=facts_line(activity),
        kind=activity.get_kind_display(),
        requirements=activity.requirements,
        state=activity.state,
        stage=activity.stage,
        words=words_of(activity),
        is_demo=activity.is_demo,
        leader=people[activity.leader_id],
        lead=people[activity.lead_preparer_id],
        place=str(activity.unit_of_leader),
        days=[
            (_("初稿期限"), activity.first_draft_due),
            (_("集研开始"), activity.study_starts),
            (_("集研结束"), activity.study_ends),
            (_("个案期限"), activity.own_versions_due),
        ],
        opened_at=activity.opens_at,
        closed_at=activity.closed_at,
        steps=stages.steps_of(activity, people[activity.lead_preparer_id].name, today),
        plan_id=activity.plan_id,
        settled=label(version) if version else "",
        settled_version_id=version.pk if version else None,
        settled_at=activity.settled_at,
        numbers=numbers_of([activity])[activity.pk],
        acts={act.value: bool(may(act, parts, activity)) for act in Act},
        expected=list(stages.expected_of(activity, standing)),
        me=_line(me, people[user.pk], _own_of(user, activity), True) if me else None,
        agenda=[_agenda_line(user, activity, item, people, parts) for item in items],
    )


def _agenda_line(
    user: User,
    activity: PrepActivity,
    item: AgendaItem,
    people: dict[int, PersonCard],
    parts: frozenset[Part],
) -> AgendaLine:
    concerned = user.pk in (item.raised_by_id, activity.leader_id, activity.lead_preparer_id)
    open_ = item.state == AgendaItem.State.OPEN
    return AgendaLine(
        id=item.pk,
        text=item.text,
        by=people[item.raised_by_id],
        at=item.raised_at,
        done=not open_,
        may_finish=open_ and concerned and bool(may(Act.RAISE, parts, activity)),
        block=item.block,
    )


def _own_of(user: User, activity: PrepActivity) -> LessonPlan | None:
    if activity.plan_id is None:
        return None
    mine = LessonPlan.objects.filter(owner=user, fork__upstream=activity.plan_id)
    return mine.exclude(state=LessonPlan.State.DELETED).defer("first_content").first()


def _line(member: ActivityMember, card: PersonCard, own: LessonPlan | None, may_open: bool) -> MemberLine:
    return MemberLine(
        id=member.pk,
        person=card,
        state=member.state,
        words=member.get_state_display(),
        reason=member.reason,
        own_id=own.pk if own is not None and may_open else None,
        has_own=own is not None,
        reflected=bool(own is not None and own.outline.get("reflected")),
    )


@dataclass(frozen=True)
class PlanLink:
    """The shared plan, as far as this person may open it."""

    id: UUID
    title: str
    may_write: bool
    may_comment: bool
    edited_at: datetime
    characters: int
    missing: list[str]


def plan_link(user: User, activity: PrepActivity) -> PlanLink | None:
    if activity.plan_id is None:
        return None
    plan = LessonPlan.objects.select_related("region").defer("first_content").get(pk=activity.plan_id)
    found = rights(user, plan)
    if not found.read:
        return None
    return PlanLink(
        id=plan.pk,
        title=plan.title or _("还没有课题"),
        may_write=found.write,
        may_comment=found.access >= Access.COMMENT,
        edited_at=plan.edited_at,
        characters=int(plan.outline.get("characters", 0)),
        missing=list(plan.outline.get("missing", [])),
    )


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


# ---- who takes part, by school ---------------------------------------------------------------------------


@dataclass(frozen=True)
class People:
    groups: list[SchoolGroup]
    page: Page[SchoolGroup]
    sides: list[SideNumbers]
    schools: int


def people_of(user: User, activity: PrepActivity, number: str | int = 1) -> People:
    """By school, village and town marked. Own versions are opened only by those who may read them."""
    groups = groups_of(user, activity, sees_reasons(user, activity))
    page = Paginator(groups, SCHOOLS_ON_PAGE).get_page(number)
    return People(list(page.object_list), page, _sides(groups), len(groups))


def sees_reasons(user: User, activity: PrepActivity) -> bool:
    """Why someone is on leave or declines concerns those who run the activity."""
    return user.pk in (activity.leader_id, activity.lead_preparer_id)


def groups_of(user: User, activity: PrepActivity, with_reasons: bool) -> list[SchoolGroup]:
    """Six queries, however many take part."""
    members = list(activity.members.select_related("school").order_by("id"))
    cards = person_cards({member.user_id for member in members})
    own: dict[int, LessonPlan] = {}
    readable: set[UUID] = set()
    if activity.plan_id is not None:
        made = LessonPlan.objects.filter(fork__upstream=activity.plan_id)
        kept = made.exclude(state=LessonPlan.State.DELETED).defer("first_content")
        own = {plan.owner_id: plan for plan in kept}
        ids = LessonPlan.objects.visible_to(user).filter(fork__upstream=activity.plan_id)
        readable = set(ids.values_list("pk", flat=True)) if own else set()
    groups: dict[tuple[str, str], SchoolGroup] = {}
    for member in members:
        card = cards[member.user_id]
        plan = own.get(member.user_id)
        name, side = _school_of(member, card)
        group = groups.setdefault((name, side), SchoolGroup(name, side))
        if not with_reasons:
            member.reason = ""
        group.people.append(_line(member, card, plan, plan is not None and plan.pk in readable))
    return sorted(groups.values(), key=lambda group: (group.side != "village", group.name))


def _school_of(member: ActivityMember, card: PersonCard) -> tuple[str, Side]:
    school: School | None = member.school
    return (school.name, side_of(school)) if school else (card.unit_name or _("没有任职"), card.side)


def _sides(groups: list[SchoolGroup]) -> list[SideNumbers]:
    found = []
    sides: tuple[Side, Side] = ("town", "village")
    for side in sides:
        here = [group for group in groups if group.side == side]
        if here:
            found.append(
                SideNumbers(
                    side,
                    sum(len(group.people) for group in here),
                    sum(group.received for group in here),
                    sum(group.own for group in here),
                )
            )
    return found
