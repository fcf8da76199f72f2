"""Pictures inside plans: who may fetch one is who may see its plan."""

from uuid import UUID

from foundation.accounts.models import User
from lessons.models import LessonPlan
from lessons.policies import rights


def may_fetch(user: User, subject_id: UUID) -> bool:
    plan = LessonPlan.objects.select_related("region").filter(pk=subject_id).first()
    return plan is not None and rights(user, plan).read
