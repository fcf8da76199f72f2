from foundation.accounts.models import User
from lessons.activities.models import PrepActivity
from lessons.activities.policies import Act, may, parts_of
from lessons.models import LessonPlan


def may_raise(user: User, plan: LessonPlan) -> bool:
    """May this person put something of the plan on the agenda of its activity? Not where there is none."""
    activity = PrepActivity.objects.filter(plan=plan).select_related("school__county", "region").first()
    return activity is not None and bool(may(Act.RAISE, parts_of(user, activity), activity))
