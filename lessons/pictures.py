"""Pictures inside plans: who may fetch one is who may see its plan, or reviews what was handed in of it."""

from uuid import UUID

from foundation.accounts.models import User
from lessons.models import LessonPlan, Submission
from lessons.policies import rights


def may_fetch(user: User, subject_id: UUID) -> bool:
    plan = LessonPlan.objects.select_related("region").filter(pk=subject_id).first()
    if plan is None:
        return False
    return rights(user, plan).read or Submission.objects.reviewable_by(user).filter(plan=plan).exists()
