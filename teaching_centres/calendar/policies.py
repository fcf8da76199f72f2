"""Whose calendar and whose timetable may this person see and change? `visible_to` is the row filter."""

from django.utils.translation import gettext as _

from foundation.accounts.models import User
from teaching_centres.calendar.queries import teaches_at
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.models import School
from teaching_centres.policies import YES, Decision, Unit, allowed, may_see
from teaching_centres.roles import Verb


def may_change_calendar(user: User, unit: Unit) -> Decision:
    """Terms, days off and the times of the periods: whoever manages the unit they are set for."""
    return allowed(user, Verb.MANAGE, unit)


def may_see_calendar(user: User, unit: Unit) -> Decision:
    """Whoever has anything to do with the unit, and whoever teaches under it."""
    return may_see(user, unit)


def may_see_timetable(user: User, teacher: User, school: School) -> Decision:
    if user.is_active and teacher.pk == user.pk:
        return YES
    return allowed(user, Verb.MANAGE, school)


def may_change_timetable(user: User, teacher: User, school: School) -> Decision:
    """One's own where one teaches now; everybody's where one manages the school."""
    if teacher.pk == user.pk and teaches_at(user, school):
        return YES
    return allowed(user, Verb.MANAGE, school)


def require_change_timetable(user: User, teacher: User, school: School) -> None:
    decision = may_change_timetable(user, teacher, school)
    if not decision:
        raise Denied(decision.reason)
    if not teaches_at(teacher, school):
        raise NotPossible(
            _("%(name)s现在不在“%(school)s”任教，不能排课。") % {"name": teacher.name, "school": school}
        )
