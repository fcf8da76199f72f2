"""What a member does: answers, makes an own version, raises what is to be talked about."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from lessons.activities.models import ActivityMember, AgendaItem, PrepActivity
from lessons.activities.operations.common import (
    MemberState,
    Stage,
    State,
    about,
    locked,
    move,
    recorded,
    tell,
)
from lessons.activities.policies import Act, require
from lessons.errors import Denied, NotPossible
from lessons.lineage.operations import fork
from lessons.models import LessonPlan

ANSWERS = {
    Act.RECEIVE: MemberState.RECEIVED,
    Act.DECLINE: MemberState.DECLINED,
    Act.TAKE_LEAVE: MemberState.ON_LEAVE,
}


@transaction.atomic
def answer(*, actor: User, activity: PrepActivity, act: Act, reason: str = "") -> ActivityMember:
    """Receive the shared plan, decline it, or be on leave during the study; the last two with a reason."""
    activity = locked(activity)
    require(actor, act, activity)
    state, reason = ANSWERS[act], reason.strip()[:200]
    if act != Act.RECEIVE and not reason:
        raise NotPossible(_("写一句原因，发起人好知道。"))
    member = ActivityMember.objects.select_for_update().get(activity=activity, user=actor)
    before = member.state
    member.state, member.reason = state, "" if act == Act.RECEIVE else reason
    member.answered_at = timezone.now()
    member.save(update_fields=["state", "reason", "answered_at"])
    recorded(actor, events.ActivityAnswered(**about(activity), before=str(before), after=str(state)))
    if act != Act.RECEIVE:
        leads = {activity.leader_id, activity.lead_preparer_id}
        text = _("%(name)s%(act)s：《%(theme)s》，%(reason)s")
        tell(actor, activity, leads, text, act=act.label, reason=reason)
    return member


@transaction.atomic
def make_own(*, actor: User, activity: PrepActivity) -> LessonPlan:
    """做我的个案: who makes an own version has received the shared plan. The first one begins the stage."""
    activity = locked(activity)
    require(actor, Act.MAKE_OWN, activity)
    assert activity.settled_version is not None
    own = fork(actor=actor, version=activity.settled_version)
    member = ActivityMember.objects.get(activity=activity, user=actor)
    if member.state != MemberState.RECEIVED:
        answer(actor=actor, activity=activity, act=Act.RECEIVE)
    if activity.state == State.OPEN and activity.stage == Stage.SETTLED:
        move(actor, activity, Stage.OWN_VERSIONS)
    return own


# ---- the agenda --------------------------------------------------------------------------------------------


@transaction.atomic
def raise_item(*, actor: User, activity: PrepActivity, text: str, block: str = "") -> AgendaItem:
    """Something the study is to talk about; `block` names the part of the plan it is about."""
    activity = locked(activity)
    require(actor, Act.RAISE, activity)
    text = " ".join(text.split())[:300]
    if not text:
        raise NotPossible(_("写一句要议什么。"))
    item = AgendaItem.objects.create(activity=activity, text=text, block=block[:64], raised_by=actor)
    recorded(actor, events.AgendaRaised(**about(activity), item_id=item.pk))
    return item


@transaction.atomic
def finish_item(*, actor: User, item: AgendaItem) -> AgendaItem:
    """Talked about: said by who raised it, the leader or the lead preparer."""
    activity = locked(item.activity)
    require(actor, Act.RAISE, activity)
    if actor.pk not in (item.raised_by_id, activity.leader_id, activity.lead_preparer_id):
        raise Denied(_("议题由提出的人、发起人或主备人标成“议过”。"))
    if item.state == AgendaItem.State.OPEN:
        item.state = AgendaItem.State.DONE
        item.save(update_fields=["state"])
        recorded(actor, events.AgendaDone(**about(activity), item_id=item.pk))
    return item
