"""How many take part and how far they came; where one person stands in each activity."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from foundation.accounts.models import User
from lessons.activities.models import ActivityMember, PrepActivity
from lessons.activities.policies import Part
from lessons.activities.stages import Standing
from lessons.models import LessonPlan

MemberState = ActivityMember.State


@dataclass(frozen=True)
class Numbers:
    """How many take part, and how far they came."""

    members: int = 0
    received: int = 0
    declined: int = 0
    on_leave: int = 0
    own: int = 0
    reflected: int = 0


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
