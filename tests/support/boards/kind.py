from datetime import timedelta
from uuid import UUID

from lessons.collaboration import LessonPlanKind
from realtime.kinds import Access


class PlanBoard:
    """Whoever may read the plan follows its board; who may write gets what is meant for writers."""

    name = "plan-board"
    keep: timedelta | None = None

    def audiences(self, *, user_id: int, topic_id: UUID) -> frozenset[str] | None:
        access = LessonPlanKind().access(user_id=user_id, document_id=topic_id).access
        if access < Access.READ:
            return None
        return frozenset({"writers"} if access >= Access.WRITE else ())
