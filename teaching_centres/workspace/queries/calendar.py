"""What is coming: due dates, visits, deadlines of tickets, and what apps above bring; a month of a centre."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from teaching_centres.models import School, TeachingCentre
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.models import Pairing, PairingActivity, SupportTicket, Task, Visit
from teaching_centres.workspace.policies import may
from teaching_centres.workspace.queries.exchange import own_visits, visits_in, visits_of
from teaching_centres.workspace.queries.pairing import pairings_in, pairings_of
from teaching_centres.workspace.queries.support import tickets_of_centre, tickets_of_school
from teaching_centres.workspace.queries.tasks import received_by
from teaching_centres.workspace.seams import CalendarDate, calendar_dates

MONDAY_FIRST = Calendar(firstweekday=0)
SHOWN_IN_A_CELL = 3
MOST_OF_A_KIND = 300


@dataclass(frozen=True)
class Day:
    day: date
    dates: list[CalendarDate]
    in_month: bool
    today: bool

    @property
    def first(self) -> list[CalendarDate]:
        return self.dates[:SHOWN_IN_A_CELL]

    @property
    def more(self) -> int:
        return max(len(self.dates) - SHOWN_IN_A_CELL, 0)


@dataclass(frozen=True)
class Month:
    first: date
    weeks: list[list[Day]]
    before: date
    after: date

    @property
    def days_with_dates(self) -> list[Day]:
        return [day for week in self.weeks for day in week if day.in_month and day.dates]


def month_of(user: User, centre: TeachingCentre, first: date) -> Month:
    weeks = MONDAY_FIRST.monthdatescalendar(first.year, first.month)
    dates = dates_between(user, centre, weeks[0][0], weeks[-1][-1])
    by_day: dict[date, list[CalendarDate]] = defaultdict(list)
    for each in dates:
        for day in _days(each, weeks[0][0], weeks[-1][-1]):
            by_day[day].append(each)
    today = timezone.localdate()
    return Month(
        first=first,
        weeks=[
            [Day(day, by_day[day], day.month == first.month, day == today) for day in week] for week in weeks
        ],
        before=(first - timedelta(days=1)).replace(day=1),
        after=(first + timedelta(days=31)).replace(day=1),
    )


def _days(each: CalendarDate, first: date, last: date) -> Iterator[date]:
    """A long stay is written where it begins and where it ends."""
    ends = {each.day, each.last}
    yield from sorted(day for day in ends if first <= day <= last)


def dates_between(user: User, centre: TeachingCentre, first: date, last: date) -> list[CalendarDate]:
    due = Task.objects.visible_to(user).filter(centre=centre, due__range=(first, last))
    path = reverse("centre-visits", args=[centre.pk]) if may(user, Act.LOOK, centre.region) else ""
    own: list[CalendarDate] = [
        *(_task(task, reverse("workspace-task", args=[task.pk])) for task in _some_tasks(due)),
        *_visits(visits_in(user, centre.region), path, first, last),
        *_activities(pairings_in(user, centre.region), first, last),
        *_tickets(tickets_of_centre(user, centre), first, last),
    ]
    brought = [each for contribute in calendar_dates for each in contribute(user, centre, first, last)]
    return _in_order([*own, *brought])


def dates_at_school(user: User, school: School, first: date, last: date) -> list[CalendarDate]:
    """What a school has before it, as far as this person follows it, and where this person goes to teach."""
    waiting = received_by(school, outstanding=True).filter(task__due__range=(first, last))
    tasks = waiting[:MOST_OF_A_KIND] if may(user, Act.FOLLOW, school) else []
    path = reverse("school-visits", args=[school.pk]) if may(user, Act.LOOK, school) else ""
    return _in_order(
        [
            *(
                _task(row.task, reverse("workspace-task-receiver", args=[row.task_id, row.pk]))
                for row in tasks
            ),
            *_visits(visits_of(user, school) | own_visits(user), path, first, last),
            *_activities(pairings_of(user, school), first, last),
            *_tickets(tickets_of_school(user, school), first, last),
        ]
    )


def _in_order(dates: list[CalendarDate]) -> list[CalendarDate]:
    return sorted(dates, key=lambda each: (each.day, each.kind, each.title))


def _some_tasks(rows: QuerySet[Task]) -> QuerySet[Task]:
    return rows.filter(withdrawn_at__isnull=True).order_by("due", "pk")[:MOST_OF_A_KIND]


def _task(task: Task, path: str) -> CalendarDate:
    return CalendarDate(task.due, _("任务到期"), task.title, path)


def _visits(rows: QuerySet[Visit], path: str, first: date, last: date) -> Iterable[CalendarDate]:
    rows = rows.filter(starts__lte=last, ends__gte=first).exclude(state=Visit.State.REFUSED)
    for visit in rows.select_related("to_school").order_by("starts", "pk")[:MOST_OF_A_KIND]:
        title = _("%(subject)s，到%(school)s") % {"subject": visit.subject, "school": visit.to_school}
        until = visit.ends if visit.ends != visit.starts else None
        yield CalendarDate(visit.starts, visit.get_kind_display(), title, path, until)


def _activities(pairings: QuerySet[Pairing], first: date, last: date) -> Iterable[CalendarDate]:
    rows = PairingActivity.objects.filter(pairing__in=pairings.values("pk"), day__range=(first, last))
    for row in rows.order_by("day", "pk")[:MOST_OF_A_KIND]:
        path = reverse("workspace-pairing", args=[row.pairing_id])
        yield CalendarDate(row.day, _("结对"), row.title, path)


def _tickets(rows: QuerySet[SupportTicket], first: date, last: date) -> Iterable[CalendarDate]:
    rows = rows.filter(until__range=(first, last), state__in=SupportTicket.WAITING)
    for row in rows.select_related("school").order_by("until", "pk")[:MOST_OF_A_KIND]:
        assert row.until is not None
        yield CalendarDate(
            row.until, _("求助到期"), str(row.school), reverse("workspace-ticket", args=[row.pk])
        )
