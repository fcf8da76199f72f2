"""The line of steps of an activity: what is expected of whom by when, and what waits for one person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils.translation import gettext as _

from lessons.activities.models import ActivityMember, PrepActivity
from lessons.activities.policies import Part

State = PrepActivity.State
Stage = PrepActivity.Stage
MemberState = ActivityMember.State


@dataclass(frozen=True)
class Step:
    name: str
    who: str
    state: Literal["done", "now", "ahead"]
    due: date | None
    overdue: bool = False


@dataclass(frozen=True)
class Expected:
    """Something that waits for one person. `what` says it in a line, `target` is where it is done."""

    what: str
    due: date | None
    target: Literal["plan", "own", "activity"]
    key: str


@dataclass(frozen=True)
class Standing:
    """Where one person stands in an activity."""

    parts: frozenset[Part]
    member_state: str = ""
    has_own: bool = False
    reflected: bool = False


def steps_of(activity: PrepActivity, lead_name: str, today: date) -> list[Step]:
    lines = (
        (_("初备"), _("%(name)s写初稿") % {"name": lead_name}, activity.first_draft_due),
        (_("集研"), _("大家看、改、批注"), activity.study_ends),
        (_("定稿"), _("%(name)s定稿，大家接收") % {"name": lead_name}, None),
        (_("个案"), _("各自做个案，上完课写反思"), activity.own_versions_due),
        (_("结束"), _("发起人结束活动"), None),
    )
    now = _position(activity)
    return [
        Step(
            name,
            who,
            "done" if place < now else "now" if place == now else "ahead",
            due,
            overdue=place == now and due is not None and due < today,
        )
        for place, (name, who, due) in enumerate(lines)
    ]


def _position(activity: PrepActivity) -> int:
    if activity.state == State.DRAFT:
        return -1
    return len(Stage) + 1 if activity.state == State.CLOSED else list(Stage).index(Stage(activity.stage))


def due_now(activity: PrepActivity) -> date | None:
    """By when the present stage is to be done."""
    if activity.state != State.OPEN:
        return None
    return {
        Stage.FIRST_DRAFT: activity.first_draft_due,
        Stage.STUDY: activity.study_ends,
        Stage.SETTLED: activity.own_versions_due,
        Stage.OWN_VERSIONS: activity.own_versions_due,
    }[Stage(activity.stage)]


def expected_of(activity: PrepActivity, standing: Standing) -> Iterator[Expected]:
    """What waits for this person now, the most urgent first."""
    if activity.state != State.OPEN:
        return
    stage = Stage(activity.stage)
    if Part.LEAD_PREPARER in standing.parts:
        if stage == Stage.FIRST_DRAFT:
            yield Expected(_("写初稿，写好交集研"), activity.first_draft_due, "plan", "first_draft")
        elif stage == Stage.STUDY:
            yield Expected(_("集研完了定稿"), activity.study_ends, "activity", "settle")
    if Part.MEMBER in standing.parts:
        yield from _of_member(activity, stage, standing)


def _of_member(activity: PrepActivity, stage: Stage, standing: Standing) -> Iterator[Expected]:
    if standing.member_state != MemberState.ON_LEAVE:
        if stage == Stage.FIRST_DRAFT:
            yield Expected(_("看要求，准备集研"), activity.study_starts, "activity", "prepare")
        elif stage == Stage.STUDY:
            yield Expected(_("参加集研：看、改、批注"), activity.study_ends, "plan", "study")
    if stage not in (Stage.SETTLED, Stage.OWN_VERSIONS) or standing.member_state == MemberState.DECLINED:
        return
    due = activity.own_versions_due
    if standing.has_own:
        if not standing.reflected:
            yield Expected(_("上完课写反思"), due, "own", "reflection")
    elif standing.member_state == MemberState.RECEIVED:
        yield Expected(_("做你的个案"), due, "activity", "own_version")
    else:
        yield Expected(_("接收共案"), due, "activity", "receive")


def days_of(activity: PrepActivity, parts: frozenset[Part]) -> Iterator[tuple[str, date, str]]:
    """The days of an activity that concern one person, ahead and behind: a key, the day and what it is."""
    if Part.LEAD_PREPARER in parts and activity.first_draft_due:
        yield "first_draft", activity.first_draft_due, _("初稿期限")
    if activity.study_starts:
        yield "study_starts", activity.study_starts, _("集研开始")
    if activity.study_ends:
        yield "study_ends", activity.study_ends, _("集研结束")
    if Part.MEMBER in parts and activity.own_versions_due:
        yield "own_versions", activity.own_versions_due, _("个案期限")
