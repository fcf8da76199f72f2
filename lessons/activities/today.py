"""What activities bring to 今日: what is expected of someone, and by when."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.activities import stages
from lessons.activities.models import ActivityMember, PrepActivity, TermPlanRow
from lessons.activities.queries import standings_of
from teaching_centres.today import Waiting

SHOWN = 8
READ_AT_ONCE = 60
"""Open activities of one person that are looked at, the nearest end first."""
DAYS_AHEAD = 14
ICONS = {"prepare": "people", "first_draft": "edit", "settle": "check", "study": "people",
         "receive": "download", "own_version": "edit", "reflection": "reflect"}  # fmt: skip


def waiting(user: User, today: date) -> list[Waiting]:
    """The most urgent first: by the day, what has none at the end."""
    lines = [*_of_activities(user, today), *_of_term_plans(user, today)]
    return [line for _day, line in sorted(lines, key=lambda each: each[0] or date.max)[:SHOWN]]


def _of_activities(user: User, today: date) -> list[tuple[date | None, Waiting]]:
    """Three queries, however many there are."""
    member = ActivityMember.objects.filter(activity=OuterRef("pk"), user=user)
    mine = PrepActivity.objects.filter(Q(lead_preparer=user) | Exists(member), state=PrepActivity.State.OPEN)
    activities = list(mine.order_by("own_versions_due", "pk")[:READ_AT_ONCE])
    if not activities:
        return []
    standings = standings_of(user, activities)
    return [
        (due := _due(expected, today), _line(activity, expected, due, today))
        for activity in activities
        for expected in stages.expected_of(activity, standings[activity.pk])
    ]


def _due(expected: stages.Expected, today: date) -> date | None:
    """Who waits for a first draft that is late is not late themselves."""
    waits_for_others = expected.key == "prepare" and expected.due is not None and expected.due < today
    return None if waits_for_others else expected.due


def _line(activity: PrepActivity, expected: stages.Expected, due: date | None, today: date) -> Waiting:
    return Waiting(
        icon=ICONS[expected.key],
        title=expected.what,
        detail=_detail(_("《%(theme)s》") % {"theme": activity.theme}, due, today),
        path=reverse("activity", args=[activity.pk]),
    )


def _of_term_plans(user: User, today: date) -> list[tuple[date | None, Waiting]]:
    """Lessons that someone is to prepare soon and that are no activity yet."""
    rows = TermPlanRow.objects.filter(
        lead_preparer=user, activity=None, first_draft_due__range=(today, today + timedelta(days=DAYS_AHEAD))
    ).select_related("unit", "term_plan__subject")
    return [
        (
            row.first_draft_due,
            Waiting(
                icon="cal",
                title=_("学期计划里你主备的课"),
                detail=_detail(str(row), row.first_draft_due, today),
                path=reverse("term-plan", args=[row.term_plan_id]),
            ),
        )
        for row in rows.order_by("first_draft_due", "pk")[:SHOWN]
    ]


def _detail(what: str, due: date | None, today: date) -> str:
    if due is None:
        return what
    words = {"what": what, "month": due.month, "day": due.day}
    if due < today:
        return _("%(what)s · %(month)s月%(day)s日到期，过了") % words
    return _("%(what)s · %(month)s月%(day)s日前") % words
