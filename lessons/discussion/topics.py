"""The discussion of a plan as a topic: what has changed reaches every open page at once."""

from datetime import timedelta
from uuid import UUID

from foundation.accounts.models import User
from lessons.discussion.models import Thread
from lessons.models import LessonPlan
from lessons.policies import rights
from realtime import topics


class PlanComments:
    name = "plan-comments"
    keep: timedelta | None = timedelta(days=30)

    def audiences(self, *, user_id: int, topic_id: UUID) -> frozenset[str] | None:
        """Whoever may read the plan."""
        user = User.objects.filter(pk=user_id).first()
        plan = LessonPlan.objects.select_related("region").filter(pk=topic_id).first()
        return frozenset() if user and plan and rights(user, plan).read else None


def topic_of(plan: LessonPlan) -> str:
    return f"{PlanComments.name}:{plan.pk}"


def publish(thread: Thread, *, actor_id: int) -> None:
    """Last in the transaction. What pages need to draw the thread in the text; what was said they fetch."""
    data = {
        "id": thread.pk,
        "number": thread.number,
        "kind": thread.kind,
        "state": thread.state,
        "place": thread.place,
        "block": thread.block_id,
    }
    topics.publish(topic_of(thread.plan), "thread", data, actor_id=actor_id)
