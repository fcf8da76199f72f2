"""The list of weak schools, and tickets."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.utils import timezone

from foundation.accounts.models import User
from teaching_centres.models import School, TeachingCentre
from teaching_centres.queries import PersonCard, person_cards
from teaching_centres.workspace.models import SupportTicket, TicketMessage, WeakSchool
from teaching_centres.workspace.queries.common import Listing, UnitCard, page_of, unit_card
from teaching_centres.workspace.queries.helpers import helpers_for

State = SupportTicket.State


@dataclass(frozen=True)
class TicketLine:
    id: int
    unit: UnitCard
    subject: str
    need: str
    urgent: bool
    state: str
    label: str
    opened_at: datetime
    by_centre: bool
    assigned_to: PersonCard | None
    until: date | None
    overdue: bool
    reopened: int


@dataclass(frozen=True)
class MessageLine:
    by: PersonCard
    at: datetime
    text: str
    state: str


@dataclass(frozen=True)
class WeakLine:
    id: int
    unit: UnitCard
    reason: str
    starts: date
    ends: date | None
    current: bool
    waiting: int
    """Its tickets that nobody has answered yet."""


@dataclass(frozen=True)
class TicketFilters:
    state: str = ""
    overdue: bool = False

    @property
    def any(self) -> bool:
        return bool(self.state or self.overdue)


def tickets_page(
    rows: QuerySet[SupportTicket], filters: TicketFilters = TicketFilters(), number: str | int = 1
) -> Listing[TicketLine]:
    """Overdue first, then what waits for someone, urgent before the rest."""
    if filters.state:
        rows = rows.filter(state=filters.state)
    if filters.overdue:
        rows = rows.overdue()  # type: ignore[attr-defined]
    order = [State.OPEN, State.TAKEN, State.ANSWERED, State.CLOSED]
    stage = Case(*[When(state=state, then=Value(place)) for place, state in enumerate(order)])
    urgent = Case(When(urgency=SupportTicket.Urgency.URGENT, then=Value(0)), default=Value(1))
    late = Case(
        When(state__in=SupportTicket.WAITING, until__lt=timezone.localdate(), then=Value(0)), default=Value(1)
    )
    ordered = rows.select_related("school__county").order_by(late, stage, urgent, "-opened_at", "-pk")
    page = page_of(ordered, number)
    return Listing(ticket_lines(page.object_list), page)


def ticket_lines(rows: Iterable[SupportTicket]) -> list[TicketLine]:
    rows = list(rows)
    cards = person_cards({row.assigned_to_id for row in rows if row.assigned_to_id})
    return [
        TicketLine(
            id=row.pk,
            unit=unit_card(row.school),
            subject=row.subject,
            need=row.need,
            urgent=row.urgency == SupportTicket.Urgency.URGENT,
            state=row.state,
            label=str(State(row.state).label),
            opened_at=row.opened_at,
            by_centre=row.opened_by_centre,
            assigned_to=cards.get(row.assigned_to_id or 0),
            until=row.until,
            overdue=row.is_overdue(),
            reopened=row.reopened,
        )
        for row in rows
    ]


def ticket_counts(rows: QuerySet[SupportTicket]) -> dict[str, int]:
    counts: dict[str, int] = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    return {**counts, "overdue": rows.overdue().count()}  # type: ignore[attr-defined]


def messages_of(ticket: SupportTicket) -> list[MessageLine]:
    rows = list(TicketMessage.objects.filter(ticket=ticket))
    cards = person_cards({row.by_id for row in rows})
    return [
        MessageLine(cards[row.by_id], row.at, row.text, str(State(row.state).label) if row.state else "")
        for row in rows
    ]


def helper_choices(ticket: SupportTicket) -> list[PersonCard]:
    ids = list(helpers_for(ticket).order_by("name_key", "pk").values_list("pk", flat=True))
    cards = person_cards(ids)
    return [cards[pk] for pk in ids]


def weak_page(
    user: User, centre: TeachingCentre, *, past: bool = False, number: str | int = 1
) -> Listing[WeakLine]:
    """By county and name: no order that could be read as a ranking."""
    rows = WeakSchool.objects.visible_to(user).filter(centre=centre)
    rows = rows if past else rows.current()
    page = page_of(
        rows.select_related("school__county").order_by("school__county__path", "school__name"), number
    )
    return Listing(weak_lines(page.object_list), page)


def weak_lines(rows: Iterable[WeakSchool]) -> list[WeakLine]:
    rows = list(rows)
    waiting = SupportTicket.objects.filter(
        school_id__in=[row.school_id for row in rows], state__in=SupportTicket.WAITING
    )
    counts = dict(waiting.order_by().values_list("school_id").annotate(Count("pk")))
    return [
        WeakLine(
            row.pk,
            unit_card(row.school),
            row.reason,
            row.starts,
            row.ends,
            row.is_current(),
            counts.get(row.school_id, 0),
        )
        for row in rows
    ]


def listed_now(user: User, school: School) -> list[WeakSchool]:
    """Why this school is on a list, for those who lead it."""
    return list(WeakSchool.objects.visible_to(user).current().filter(school=school).select_related("centre"))


def tickets_of_school(user: User, school: School) -> QuerySet[SupportTicket]:
    return SupportTicket.objects.visible_to(user).filter(school=school)


def tickets_of_centre(user: User, centre: TeachingCentre) -> QuerySet[SupportTicket]:
    """Those of every school below: a prefecture sees what its counties are doing."""
    below = Q(school__county__path__startswith=centre.region.path)
    return SupportTicket.objects.visible_to(user).filter(below)
