"""Tasks as their giver and their receivers see them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from foundation.accounts.models import User
from teaching_centres.models import School, TeachingCentre
from teaching_centres.policies import Unit
from teaching_centres.queries import PersonCard, person_cards
from teaching_centres.workspace.acts import Act, rows_where
from teaching_centres.workspace.models import Task, TaskAnswer, TaskReceiver
from teaching_centres.workspace.models.common import UNIT
from teaching_centres.workspace.queries.common import Listing, Share, UnitCard, page_of, shares, unit_card
from teaching_centres.workspace.seams import Link, links_for

State = TaskReceiver.State


@dataclass(frozen=True)
class TaskLine:
    id: int
    title: str
    due: date
    overdue: bool
    withdrawn: bool
    audience: str
    given_at: datetime
    states: list[Share]
    is_demo: bool = False

    @property
    def total(self) -> int:
        return self.states[0].total

    @property
    def done(self) -> int:
        return _count(self.states, State.DONE)

    @property
    def waiting(self) -> int:
        """Handed in, and the centre has not judged it yet."""
        return _count(self.states, State.HANDED_IN)


@dataclass(frozen=True)
class ReceivedLine:
    receiver_id: int
    task_id: int
    title: str
    centre: str
    unit: UnitCard
    due: date
    overdue: bool
    withdrawn: bool
    state: str
    label: str
    outstanding: bool


@dataclass(frozen=True)
class AnswerLine:
    id: int
    text: str
    links: list[Link]
    by: PersonCard
    at: datetime
    verdict: str
    verdict_label: str
    reason: str
    judged_at: datetime | None


@dataclass(frozen=True)
class CountyLine:
    """One row of the table under the bar."""

    name: str
    states: list[Share]


@dataclass(frozen=True)
class TaskView:
    task: Task
    centre: TeachingCentre
    given_by: PersonCard
    links: list[Link]
    states: list[Share] = field(default_factory=list)
    counties: list[CountyLine] = field(default_factory=list)


def _count(states: Iterable[Share], state: str) -> int:
    return next(share.count for share in states if share.key == state)


# ---- what a centre gave --------------------------------------------------------------------------------
def given_page(centre: TeachingCentre, number: str | int = 1, size: int = 20) -> Listing[TaskLine]:
    """`lines` holds what the page shows. Three queries."""
    page = page_of(Task.objects.filter(centre=centre), number, size)
    return Listing(task_lines(page.object_list), page)


def task_lines(tasks: Iterable[Task]) -> list[TaskLine]:
    tasks = list(tasks)
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = TaskReceiver.objects.filter(task__in=tasks).values_list("task_id", "state").order_by()
    for task_id, state, count in rows.annotate(Count("pk")):
        counts[task_id][state] = count
    return [
        TaskLine(
            id=task.pk,
            title=task.title,
            due=task.due,
            overdue=task.is_overdue(),
            withdrawn=task.is_withdrawn,
            audience=task.audience,
            given_at=task.given_at,
            states=shares(State.choices, counts[task.pk]),
            is_demo=task.is_demo,
        )
        for task in tasks
    ]


def task_view(user: User, task: Task, *, with_states: bool) -> TaskView:
    view = TaskView(
        task=task,
        centre=task.centre,
        given_by=person_cards([task.given_by_id])[task.given_by_id],
        links=links_for(user, [task.links])[0],
    )
    if not with_states:
        return view
    by_county = _by_county(task)
    totals: dict[str, int] = defaultdict(int)
    for counts in by_county.values():
        for state, count in counts.items():
            totals[state] += count
    counties = [CountyLine(name, shares(State.choices, counts)) for name, counts in by_county.items()]
    return TaskView(task, view.centre, view.given_by, view.links, shares(State.choices, totals), counties)


def _by_county(task: Task) -> dict[str, dict[str, int]]:
    where = Coalesce("school__county__path", "region__path")
    name = Coalesce("school__county__name", "region__name")
    rows = task.receivers.annotate(where=where, county=name).order_by("where")
    found: dict[str, dict[str, int]] = {}
    for county, state, count in rows.values_list("county", "state").annotate(Count("pk")):
        found.setdefault(county, {})[state] = count
    return found


@dataclass(frozen=True)
class ReceiverLine:
    receiver: TaskReceiver
    unit: UnitCard
    outstanding: bool


@dataclass(frozen=True)
class ReceiverFilters:
    state: str = ""
    text: str = ""

    @property
    def any(self) -> bool:
        return bool(self.state or self.text)


def receivers_page(task: Task, filters: ReceiverFilters, number: str | int = 1) -> Listing[ReceiverLine]:
    """Those who wait for the centre first, then by place."""
    rows = task.receivers.select_related("school__county", "region")
    if filters.state:
        rows = rows.filter(state=filters.state)
    if filters.text:
        named = Q(school__name__icontains=filters.text) | Q(region__name__icontains=filters.text)
        rows = rows.filter(named | Q(school__county__name__icontains=filters.text))
    page = page_of(rows.order_by(*_order()), number)
    lines = [
        ReceiverLine(row, unit_card(row.unit), row.state in TaskReceiver.OUTSTANDING)
        for row in page.object_list
    ]
    return Listing(lines, page)


def _order() -> list[Any]:
    waiting = Case(When(state=State.HANDED_IN, then=Value(0)), default=Value(1))
    return [waiting, Coalesce("school__county__path", "region__path"), "school__name", "pk"]


# ---- what a unit received -------------------------------------------------------------------------------
def received_of(user: User) -> QuerySet[TaskReceiver]:
    """For the units whose tasks this person hands in."""
    return _received(TaskReceiver.objects.filter(rows_where(user, Act.ANSWER, UNIT)))


def received_by(unit: Unit, *, outstanding: bool = False) -> QuerySet[TaskReceiver]:
    rows = TaskReceiver.objects.outstanding() if outstanding else TaskReceiver.objects.all()
    return _received(rows.filter(**{"school" if isinstance(unit, School) else "region": unit}))


def _received(rows: QuerySet[TaskReceiver]) -> QuerySet[TaskReceiver]:
    """What is to be done first, by the day it is due; then the rest, the newest first."""
    done = ~Q(state__in=TaskReceiver.OUTSTANDING) | Q(task__withdrawn_at__isnull=False)
    rows = rows.select_related("task__centre", "school__county", "region")
    return rows.annotate(settled=Case(When(done, then=Value(1)), default=Value(0))).order_by(
        "settled", "task__due", "pk"
    )


def received_lines(rows: Iterable[TaskReceiver]) -> list[ReceivedLine]:
    return [
        ReceivedLine(
            receiver_id=row.pk,
            task_id=row.task_id,
            title=row.task.title,
            centre=row.task.centre.name,
            unit=unit_card(row.unit),
            due=row.task.due,
            overdue=row.task.is_overdue() and row.state in TaskReceiver.OUTSTANDING,
            withdrawn=row.task.is_withdrawn,
            state=row.state,
            label=str(State(row.state).label),
            outstanding=row.state in TaskReceiver.OUTSTANDING and not row.task.is_withdrawn,
        )
        for row in rows
    ]


def answers_of(user: User, receiver: TaskReceiver) -> list[AnswerLine]:
    rows = list(receiver.answers.all())
    people = person_cards({row.by_id for row in rows})
    links = links_for(user, [row.links for row in rows])
    return [
        AnswerLine(
            id=row.pk,
            text=row.text,
            links=attached,
            by=people[row.by_id],
            at=row.at,
            verdict=row.verdict,
            verdict_label=str(TaskAnswer.Verdict(row.verdict).label) if row.verdict else "",
            reason=row.reason,
            judged_at=row.judged_at,
        )
        for row, attached in zip(rows, links, strict=True)
    ]
