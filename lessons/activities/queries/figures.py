"""How many take part and how far they came; where one person stands in each activity."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

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
    """One query. Whoever made an own version, wherever they pressed for it, has received what it was made from."""
    ids = [row.pk for row in activities]
    own = LessonPlan.objects.filter(fork__upstream=OuterRef("activity__plan"), owner=OuterRef("user"))
    own = own.exclude(state=LessonPlan.State.DELETED)
    members = ActivityMember.objects.filter(activity__in=ids).annotate(
        made=Exists(own), wrote=Exists(own.filter(outline__reflected=True))
    )
    counted = (
        members.values("activity_id")
        .order_by("activity_id")
        .annotate(
            members=Count("pk"),
            received=Count(
                "pk", filter=Q(state=MemberState.RECEIVED) | Q(state=MemberState.INVITED, made=True)
            ),
            declined=Count("pk", filter=Q(state=MemberState.DECLINED)),
            on_leave=Count("pk", filter=Q(state=MemberState.ON_LEAVE)),
            own=Count("pk", filter=Q(made=True)),
            reflected=Count("pk", filter=Q(wrote=True)),
        )
    )
    found = {row.pop("activity_id"): Numbers(**row) for row in counted}
    return {pk: found.get(pk, Numbers()) for pk in ids}


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
