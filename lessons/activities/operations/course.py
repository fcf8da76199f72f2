"""From the call to the end: opening, the stages, closing."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from lessons import versions
from lessons.activities.models import PrepActivity
from lessons.activities.operations.common import (
    Stage,
    State,
    about,
    day_in_words,
    everyone_in,
    judge_again,
    locked,
    members_of,
    move,
    recorded,
    require_may_prepare,
    tell,
    tell_called,
    tell_lead,
)
from lessons.activities.policies import Act, require
from lessons.errors import NotPossible
from lessons.models import LessonPlan
from lessons.operations import create_plan

ORDER = (Stage.FIRST_DRAFT, Stage.STUDY, Stage.SETTLED, Stage.OWN_VERSIONS)


@transaction.atomic
def open_activity(*, actor: User, activity: PrepActivity) -> PrepActivity:
    """The shared plan is made, owned by the lead preparer, and everybody is told what is expected by when."""
    activity = locked(activity)
    require(actor, Act.OPEN, activity)
    require_may_prepare(activity.lead_preparer)
    members = list(activity.members.values_list("user_id", "school_id"))
    if not members:
        raise NotPossible(_("还没有请人。先请参加的老师或学校，再发起。"))
    if activity.first_draft_due and activity.first_draft_due < timezone.localdate():
        raise NotPossible(_("初稿的期限已经过了。先把时间改到今天以后，再发起。"))
    activity.plan = _shared_plan(actor, activity)
    activity.state, activity.opens_at = State.OPEN, timezone.now()
    activity.save(update_fields=["plan", "state", "opens_at"])
    schools = {school_id for _user, school_id in members if school_id}
    recorded(
        actor,
        events.ActivityOpened(
            **about(activity), plan_id=activity.plan.pk, members=len(members), schools=len(schools)
        ),
    )
    tell_lead(actor, activity)
    tell_called(actor, activity, [user_id for user_id, _school in members])
    return activity


def _shared_plan(actor: User, activity: PrepActivity) -> LessonPlan:
    if activity.template is None:
        raise NotPossible(_("先选共案用哪种教案格式，再发起。"))
    return create_plan(
        actor=actor,
        owner=activity.lead_preparer,
        template=activity.template,
        title=activity.lesson or activity.theme,
        textbook=activity.textbook,
        unit=activity.unit,
        header={"lead_preparer": activity.lead_preparer.name},
        is_demo=activity.is_demo,
    )


@transaction.atomic
def hand_in(*, actor: User, activity: PrepActivity) -> PrepActivity:
    """The first draft is there: the study begins, and everyone who takes part writes."""
    activity = locked(activity)
    require(actor, Act.HAND_IN, activity)
    move(actor, activity, Stage.STUDY)
    text = _("《%(theme)s》的初稿好了，来集研，%(day)s前看完、改完")
    tell(
        actor,
        activity,
        members_of(activity),
        text,
        kind="activity.turn",
        day=day_in_words(activity.study_ends),
    )
    return activity


@transaction.atomic
def settle(*, actor: User, activity: PrepActivity) -> PrepActivity:
    """The shared plan as it stands becomes a named version, which is sent to those who take part."""
    activity = locked(activity)
    require(actor, Act.SETTLE, activity)
    assert activity.plan is not None
    activity.settled_version = versions.name_version(actor=actor, plan=activity.plan, name=_("定稿"))
    activity.settled_at = timezone.now()
    activity.save(update_fields=["settled_version", "settled_at"])
    move(actor, activity, Stage.SETTLED)
    text = _("《%(theme)s》定稿了，接收后做你的个案")
    tell(actor, activity, members_of(activity), text, kind="activity.turn")
    return activity


@transaction.atomic
def start_own(*, actor: User, activity: PrepActivity) -> PrepActivity:
    activity = locked(activity)
    require(actor, Act.START_OWN, activity)
    move(actor, activity, Stage.OWN_VERSIONS)
    text = _("《%(theme)s》进入个案阶段，%(day)s前做好自己的一份")
    tell(
        actor,
        activity,
        members_of(activity),
        text,
        kind="activity.turn",
        day=day_in_words(activity.own_versions_due),
    )
    return activity


@transaction.atomic
def step_back(*, actor: User, activity: PrepActivity) -> PrepActivity:
    """One stage back: what was settled stays a version, and what was received stays with whom it is."""
    activity = locked(activity)
    require(actor, Act.STEP_BACK, activity)
    before = ORDER[ORDER.index(Stage(activity.stage)) - 1]
    move(actor, activity, before)
    text = _("%(name)s把《%(theme)s》退回“%(stage)s”阶段")
    tell(actor, activity, everyone_in(activity), text, stage=before.label)
    return activity


@transaction.atomic
def close(*, actor: User, activity: PrepActivity) -> PrepActivity:
    activity = locked(activity)
    require(actor, Act.CLOSE, activity)
    _change_state(actor, activity, State.CLOSED, timezone.now())
    tell(actor, activity, everyone_in(activity), _("《%(theme)s》结束了，共案以后只看不改"))
    return activity


@transaction.atomic
def reopen(*, actor: User, activity: PrepActivity) -> PrepActivity:
    activity = locked(activity)
    require(actor, Act.REOPEN, activity)
    _change_state(actor, activity, State.OPEN, None)
    tell(actor, activity, everyone_in(activity), _("%(name)s重新打开了《%(theme)s》"))
    return activity


def _change_state(actor: User, activity: PrepActivity, state: State, closed_at: Any) -> None:
    before, activity.state, activity.closed_at = activity.state, state, closed_at
    activity.save(update_fields=["state", "closed_at"])
    recorded(actor, events.ActivityMoved(**about(activity), before=str(before), after=str(state)))
    judge_again(activity)
