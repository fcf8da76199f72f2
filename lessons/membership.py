"""Someone's roles changed: whatever they have open is judged again."""

from datetime import timedelta

from django.utils import timezone

from lessons.models import LessonPlan, PlanVisit
from realtime import access

# A page that stayed open longer than this without a new visit has long been closed.
OPEN_AT_MOST = timedelta(days=3)


def judge_again(user_id: int) -> None:
    recently = timezone.now() - OPEN_AT_MOST
    for plan_id in PlanVisit.objects.filter(user_id=user_id, at__gte=recently).values_list("plan_id", flat=True):
        access.changed(LessonPlan(pk=plan_id).document, [user_id])
