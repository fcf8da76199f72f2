"""What activities bring to someone's calendar: the ends of the stages that concern them."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.notices.calendar import Appointment
from lessons.activities import stages
from lessons.activities.models import ActivityMember, PrepActivity, TermPlanRow
from lessons.activities.queries import standings_of


def appointments_of(user: User, first: date, last: date) -> Iterator[Appointment]:
    """Days of open activities, and first drafts that a term plan expects. The key stays when a day moves."""
    member = ActivityMember.objects.filter(activity=OuterRef("pk"), user=user)
    near = Q(own_versions_due__gte=first) & Q(first_draft_due__lte=last)
    mine = PrepActivity.objects.filter(
        Q(lead_preparer=user) | Exists(member), near, state=PrepActivity.State.OPEN
    )
    activities = list(mine.order_by("first_draft_due", "pk"))
    standings = standings_of(user, activities)
    for activity in activities:
        for key, day, what in stages.days_of(activity, standings[activity.pk].parts):
            if first <= day <= last:
                summary = _("%(what)s：%(theme)s") % {"what": what, "theme": activity.theme}
                yield Appointment(f"activity:{activity.pk}:{key}", day, day, summary)
    rows = TermPlanRow.objects.filter(
        lead_preparer=user, activity=None, first_draft_due__range=(first, last)
    ).select_related("unit")
    for row in rows.order_by("first_draft_due", "pk"):
        assert row.first_draft_due is not None
        summary = _("%(what)s：%(theme)s") % {"what": _("初稿期限"), "theme": row}
        yield Appointment(f"term-plan:{row.pk}", row.first_draft_due, row.first_draft_due, summary)
