"""Who may see the record of an activity. The row filter of the same rule is `visible_to`.

Whoever may see the activity sees its record; so does whoever reviews at a school whose teachers were called to it,
since for a village school that is its own collective preparation.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from foundation.accounts.models import User
from foundation.records.kinds import NO_RIGHTS, Rights
from lessons.activities.models import ActivityMember, PrepActivity
from lessons.activities.policies import Part, parts_of
from teaching_centres.roles import Verb
from teaching_centres.scopes import UnitLookups, unit_filter

THROUGH = UnitLookups(region_paths=("school__county__path",), school="school")


def rights(user: User, activity: PrepActivity) -> Rights:
    """The leader of the activity signs; the lead preparer writes as well."""
    if activity.state == PrepActivity.State.DRAFT:
        return NO_RIGHTS
    parts = parts_of(user, activity)
    if Part.LEADER in parts:
        return Rights(see=True, edit=True, sign=True)
    if parts:
        return Rights(see=True, edit=Part.LEAD_PREPARER in parts)
    through_a_school = _called_through(user).filter(activity=activity).exists()
    return Rights(see=True, open=False) if through_a_school else NO_RIGHTS


def visible_to(user: User) -> QuerySet[PrepActivity]:
    """The activities whose records this person may see."""
    if not user.is_active:
        return PrepActivity.objects.none()
    seen = Q(pk__in=PrepActivity.objects.visible_to(user).values("pk"))
    through = Exists(_called_through(user).filter(activity=OuterRef("pk")))
    return PrepActivity.objects.exclude(state=PrepActivity.State.DRAFT).filter(seen | through)


def _called_through(user: User) -> QuerySet[ActivityMember]:
    """Members from schools in which this person reviews."""
    reviewed = unit_filter(user, (Verb.REVIEW,), THROUGH) if user.is_active else Q(pk__in=[])
    return ActivityMember.objects.filter(reviewed).exclude(state=ActivityMember.State.DECLINED)
