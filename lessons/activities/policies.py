"""May this person do this with this activity or term plan? The row filters of the same rules are `visible_to`."""

from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from lessons.activities.models import ActivityMember, PrepActivity, TermPlan
from lessons.errors import Denied, LessonsError, NotPossible
from teaching_centres.models import Region, School
from teaching_centres.policies import YES, Decision, allowed
from teaching_centres.roles import Verb, verbs_of
from teaching_centres.scopes import standing

State = PrepActivity.State
Stage = PrepActivity.Stage


class ActivityNotFound(LessonsError):
    """There is no such activity or term plan, or this person may not know of it."""


class Part(StrEnum):
    LEADER = "leader"
    LEAD_PREPARER = "lead_preparer"
    MEMBER = "member"
    REVIEWER = "reviewer"


class Act(models.TextChoices):
    CHANGE = "change", _("改活动")
    OPEN = "open", _("发起活动")
    DISCARD = "discard", _("删掉草稿")
    INVITE = "invite", _("请人参加")
    HAND_IN = "hand_in", _("交初稿")
    SETTLE = "settle", _("定稿")
    START_OWN = "start_own", _("转入个案阶段")
    STEP_BACK = "step_back", _("退回上一阶段")
    CLOSE = "close", _("结束活动")
    REOPEN = "reopen", _("重新打开活动")
    TAKE_LEAVE = "take_leave", _("请假")
    RECEIVE = "receive", _("接收共案")
    DECLINE = "decline", _("不接收共案")
    MAKE_OWN = "make_own", _("做个案")
    RAISE = "raise", _("提议题")


@dataclass(frozen=True)
class Rule:
    parts: frozenset[Part]
    states: frozenset[State]
    stages: frozenset[Stage] = frozenset(Stage)


LEADER, LEADS = frozenset({Part.LEADER}), frozenset({Part.LEADER, Part.LEAD_PREPARER})
MEMBER, TAKES_PART = frozenset({Part.MEMBER}), LEADS | {Part.MEMBER}
DRAFT, OPEN, CLOSED = frozenset({State.DRAFT}), frozenset({State.OPEN}), frozenset({State.CLOSED})
BEFORE_SETTLED = frozenset({Stage.FIRST_DRAFT, Stage.STUDY})
SETTLED = frozenset({Stage.SETTLED, Stage.OWN_VERSIONS})

RULES: dict[Act, Rule] = {
    Act.CHANGE: Rule(LEADER, DRAFT | OPEN),
    Act.OPEN: Rule(LEADER, DRAFT),
    Act.DISCARD: Rule(LEADER, DRAFT),
    Act.INVITE: Rule(LEADER, DRAFT | OPEN),
    Act.HAND_IN: Rule(LEADS, OPEN, frozenset({Stage.FIRST_DRAFT})),
    Act.SETTLE: Rule(LEADS, OPEN, frozenset({Stage.STUDY})),
    Act.START_OWN: Rule(LEADS, OPEN, frozenset({Stage.SETTLED})),
    Act.STEP_BACK: Rule(LEADER, OPEN, frozenset(Stage) - {Stage.FIRST_DRAFT}),
    Act.CLOSE: Rule(LEADER, OPEN),
    Act.REOPEN: Rule(LEADER, CLOSED),
    Act.TAKE_LEAVE: Rule(MEMBER, OPEN, BEFORE_SETTLED),
    Act.RECEIVE: Rule(MEMBER, OPEN | CLOSED, SETTLED),
    Act.DECLINE: Rule(MEMBER, OPEN, SETTLED),
    Act.MAKE_OWN: Rule(MEMBER, OPEN | CLOSED, SETTLED),
    Act.RAISE: Rule(TAKES_PART, OPEN, BEFORE_SETTLED),
}

WHO: dict[frozenset[Part], str | Promise] = {
    LEADER: _("发起人"),
    LEADS: _("发起人和主备人"),
    MEMBER: _("请来参加的老师"),
    TAKES_PART: _("参加活动的人"),
}


def parts_of(user: User, activity: PrepActivity) -> frozenset[Part]:
    """What this person is in the activity; nothing: they may not know of it."""
    if not user.is_active:
        return frozenset()
    parts = set()
    if activity.leader_id == user.pk:
        parts.add(Part.LEADER)
    if activity.state == State.DRAFT:
        return frozenset(parts)
    if activity.lead_preparer_id == user.pk:
        parts.add(Part.LEAD_PREPARER)
    if ActivityMember.objects.filter(activity=activity, user=user).exists():
        parts.add(Part.MEMBER)
    if allowed(user, Verb.REVIEW, activity.unit_of_leader):
        parts.add(Part.REVIEWER)
    return frozenset(parts)


def may_see(user: User, activity: PrepActivity) -> bool:
    return bool(parts_of(user, activity))


def may(act: Act, parts: frozenset[Part], activity: PrepActivity) -> Decision:
    rule = RULES[act]
    if not rule.parts & parts:
        return Decision(False, _now("只有%(who)s能%(act)s。") % {"who": WHO[rule.parts], "act": act.label})
    if activity.state not in rule.states:
        return Decision(False, _of_state(activity))
    if activity.stage not in rule.stages:
        needed = "、".join(str(stage.label) for stage in Stage if stage in rule.stages)
        now = Stage(activity.stage).label
        return Decision(
            False,
            _now("现在是“%(now)s”阶段，到“%(needed)s”时才能%(act)s。")
            % {"now": now, "needed": needed, "act": act.label},
        )
    return YES


def _of_state(activity: PrepActivity) -> str:
    if activity.state == State.DRAFT:
        return _now("活动还是草稿，先发起。")
    return _now("活动已经发起了。") if activity.state == State.OPEN else _now("活动已经结束。")


def require(user: User, act: Act, activity: PrepActivity) -> frozenset[Part]:
    parts = parts_of(user, activity)
    if not parts:
        raise ActivityNotFound
    if not RULES[act].parts & parts:
        raise Denied(may(act, parts, activity).reason)
    decision = may(act, parts, activity)
    if not decision:
        raise NotPossible(decision.reason)
    return parts


# ---- units and term plans ------------------------------------------------------------------------------


def hosting_units(user: User) -> list[School | Region]:
    """Where someone may call activities, the main one first."""
    units = [row.unit for row in standing(user) if Verb.HOST in verbs_of(row.role, row.unit_kind)]
    return list(dict.fromkeys(units))


def require_host(user: User, unit: School | Region | None) -> None:
    if unit is None or unit not in hosting_units(user):
        raise Denied(_now("发起活动要有备课组长或教研员的任职。请学校管理员在名册里登记。"))


def may_see_term_plan(user: User, plan: TermPlan) -> bool:
    if not user.is_active:
        return False
    return (
        plan.leader_id == user.pk
        or plan.rows.filter(lead_preparer=user).exists()
        or plan.members.filter(user=user).exists()
        or bool(allowed(user, Verb.REVIEW, plan.unit_of_leader))
    )


def require_term_plan(user: User, plan: TermPlan) -> None:
    """To change it."""
    if not may_see_term_plan(user, plan):
        raise ActivityNotFound
    if plan.leader_id != user.pk:
        raise Denied(
            _now("学期计划由定它的备课组长改。要调整，请和 %(name)s 说。") % {"name": plan.leader.name}
        )
