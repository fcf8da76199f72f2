"""What an activity lets someone do with its shared plan (共案), by part, state and stage; and the same as filters.

The leader and the lead preparer write as long as the activity is open. Members read the first draft, write
during the study, and comment on what was settled. Once it is closed all of them read.
"""

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from lessons.activities.models import ActivityMember, PrepActivity
from realtime.kinds import Access

if TYPE_CHECKING:
    from foundation.accounts.models import User
    from lessons.models import LessonPlan

MEMBERS = {
    PrepActivity.Stage.FIRST_DRAFT: Access.READ,
    PrepActivity.Stage.STUDY: Access.WRITE,
    PrepActivity.Stage.SETTLED: Access.COMMENT,
    PrepActivity.Stage.OWN_VERSIONS: Access.COMMENT,
}


def access_of(user: "User", plan: "LessonPlan") -> Access:
    activity = PrepActivity.objects.filter(plan=plan).first()
    if activity is None:
        return Access.NONE
    leads = user.pk in (activity.leader_id, activity.lead_preparer_id)
    if not leads and not ActivityMember.objects.filter(activity=activity, user=user).exists():
        return Access.NONE
    if activity.state == PrepActivity.State.CLOSED:
        return Access.READ
    return Access.WRITE if leads else MEMBERS[PrepActivity.Stage(activity.stage)]


def is_in_activity(user: "User", plan: str = "pk") -> Exists:
    """Rows whose plan this person may read because of an activity."""
    return Exists(PrepActivity.objects.filter(_leads(user) | _takes_part(user), plan=OuterRef(plan)))


def writes_in_activity(user: "User", plan: str = "pk") -> Exists:
    return _may_in_activity(Access.WRITE, user, plan)


def comments_in_activity(user: "User", plan: str = "pk") -> Exists:
    return _may_in_activity(Access.COMMENT, user, plan)


def _may_in_activity(least: Access, user: "User", plan: str) -> Exists:
    stages = [stage for stage, access in MEMBERS.items() if access >= least]
    running = PrepActivity.objects.filter(state=PrepActivity.State.OPEN, plan=OuterRef(plan))
    return Exists(running.filter(_leads(user) | Q(stage__in=stages) & _takes_part(user)))


def _leads(user: "User") -> Q:
    return Q(leader=user) | Q(lead_preparer=user)


def _takes_part(user: "User") -> Q:
    return Q(Exists(ActivityMember.objects.filter(activity=OuterRef("pk"), user=user)))
