"""What the workspaces bring to 今日: the days ahead where someone works, and tasks that are overdue."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.notices.calendar import Appointment
from teaching_centres.models import TeachingCentre
from teaching_centres.scopes import standing
from teaching_centres.today import Block, Contribution, Waiting
from teaching_centres.workspace.models import TaskReceiver, Visit
from teaching_centres.workspace.queries.calendar import dates_at_school, dates_between
from teaching_centres.workspace.queries.exchange import own_visits
from teaching_centres.workspace.queries.places import Workplaces, workplaces_of
from teaching_centres.workspace.queries.tasks import received_of
from teaching_centres.workspace.seams import CalendarDate

DAYS_AHEAD = 14
SHOWN = 6
OVERDUE_SHOWN = 3
LONG_STAY = timedelta(days=14)


@dataclass(frozen=True)
class Coming:
    dates: list[CalendarDate]
    more: int
    path: str
    """Where all of it stands."""


def contribution(user: User, now: datetime) -> Contribution:
    today = now.date()
    found = Contribution(waiting=_overdue(user, today))
    places = workplaces_of(user)
    dates = _dates(user, places, today, today + timedelta(days=DAYS_AHEAD))
    if dates:
        coming = Coming(dates[:SHOWN], max(len(dates) - SHOWN, 0), _path(places))
        found.side.append(Block("teaching_centres/today/coming.html", coming))
    return found


def _dates(user: User, places: Workplaces, first: date, last: date) -> list[CalendarDate]:
    """Each once, by day; of a long stay the end, once it has begun."""
    dates: list[CalendarDate] = []
    school = next((held.school for held in standing(user) if held.school), None)
    if school is not None:
        dates += dates_at_school(user, school, first, last)
    if places.centre_id:
        centre = TeachingCentre.objects.select_related("region").get(pk=places.centre_id)
        dates += dates_between(user, centre, first, last)
    once = {(each.day, each.kind, each.title): each for each in dates}
    ahead = [each for each in once.values() if each.day >= first or each.last <= last]
    return sorted(ahead, key=lambda each: (max(each.day, first), each.kind, each.title))


def _path(places: Workplaces) -> str:
    if places.centre_id:
        return reverse("centre-calendar", args=[places.centre_id])
    return reverse("school", args=[places.school_id])


def _overdue(user: User, today: date) -> list[Waiting]:
    rows = _to_hand_in(user).filter(task__due__lt=today)
    return [
        Waiting(
            icon="clock",
            title=_("任务过期了，还没交"),
            detail=_("《%(title)s》· %(unit)s") % {"title": row.task.title, "unit": row.unit},
            path=reverse("workspace-task-receiver", args=[row.task_id, row.pk]),
        )
        for row in rows[:OVERDUE_SHOWN]
    ]


def _to_hand_in(user: User) -> QuerySet[TaskReceiver]:
    return received_of(user).filter(state__in=TaskReceiver.OUTSTANDING, task__withdrawn_at__isnull=True)


def appointments_of(user: User, first: date, last: date) -> list[Appointment]:
    """In one's own calendar: where one goes to teach for some days, and what one's unit has to hand in."""
    rows = own_visits(user).filter(starts__lte=last, ends__gte=first)
    visits = [
        Appointment(
            key=f"visit:{visit.pk}",
            starts=visit.starts,
            ends=visit.ends,
            summary=f"{visit.get_kind_display()} {visit.subject}",
            location=str(visit.to_school),
            changed_at=visit.decided_at or visit.registered_at,
            cancelled=visit.state == Visit.State.REFUSED,
            sequence=0 if visit.state == Visit.State.REGISTERED else 1,
        )
        for visit in rows.select_related("to_school").order_by("starts", "pk")
        if visit.ends - visit.starts <= LONG_STAY
    ]
    due = _to_hand_in(user).filter(task__due__range=(first, last))
    return visits + [
        Appointment(
            key=f"task:{row.pk}",
            starts=row.task.due,
            ends=row.task.due,
            summary=_("任务到期：%(title)s") % {"title": row.task.title},
            location=str(row.unit),
            changed_at=row.changed_at,
        )
        for row in due
    ]
