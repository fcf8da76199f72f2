"""One activity as its page shows it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.activities import stages
from lessons.activities.models import AgendaItem, PrepActivity
from lessons.activities.policies import Act, Part, may
from lessons.activities.queries.figures import Numbers, numbers_of, standings_of
from lessons.activities.queries.lists import facts_line, words_of
from lessons.activities.queries.people import MemberLine, line_of
from lessons.activities.stages import Expected, Step
from lessons.models import LessonPlan
from lessons.policies import rights
from lessons.versions import label
from realtime.kinds import Access
from teaching_centres.queries import PersonCard, person_cards


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
        me=line_of(me, people[user.pk], _own_of(user, activity), True) if me else None,
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
