"""The lists of records of a school or a centre, and the table that goes out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.catalogue.models import Subject
from foundation.office import tables
from foundation.records.models import Record, RecordTask
from lessons.activities.models import ActivityMember, PrepActivity
from lessons.records import policies
from lessons.records.source import ActivityRecords
from teaching_centres.calendar.days import TermDates
from teaching_centres.calendar.models import term_name
from teaching_centres.calendar.queries import calendar_of
from teaching_centres.models import Region
from teaching_centres.policies import Unit
from teaching_centres.queries import PersonCard, person_cards
from teaching_centres.workspace.queries.common import Listing, page_of

PAGE_SIZE = 20
EXPORT_LIMIT = 5000
ALL = "all"


@dataclass(frozen=True)
class Filters:
    """`term` is none when the unit has no terms, or all are wanted."""

    terms: tuple[TermDates, ...]
    term: TermDates | None
    subject_id: int | None

    @property
    def any(self) -> bool:
        return bool(self.term or self.subject_id)

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(term.code, term_name(term.code)) for term in reversed(self.terms)]


def filters_of(unit: Unit, term: str, subject: str) -> Filters:
    """The present term unless another is asked for."""
    calendar = calendar_of(unit)
    chosen = calendar.term(term) or calendar.term_near(timezone.localdate())
    number = int(subject) if subject.isascii() and subject.isdecimal() and len(subject) < 10 else None
    return Filters(calendar.terms, None if term == ALL else chosen, number)


def records_of(user: User, unit: Unit, filters: Filters) -> QuerySet[PrepActivity]:
    """Of activities that the unit held or its teachers were called to, as far as this person may see them."""
    rows = policies.visible_to(user).filter(_of(unit))
    if filters.subject_id:
        rows = rows.filter(subject_id=filters.subject_id)
    if filters.term:
        rows = rows.filter(opens_at__gte=_start(filters.term.starts))
        rows = rows.filter(opens_at__lt=_start(filters.term.ends + timedelta(days=1)))
    return rows.order_by("-opens_at", "pk")


def _of(unit: Unit) -> Q:
    if isinstance(unit, Region):
        called = ActivityMember.objects.filter(school__county__path__startswith=unit.path)
        return Q(region__path__startswith=unit.path) | Q(pk__in=called.values("activity"))
    here = Q(school=unit) | Q(school__parent=unit)
    return here | Q(pk__in=ActivityMember.objects.filter(here).values("activity"))


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def subjects_of(user: User, unit: Unit) -> QuerySet[Subject]:
    """To choose from: those in which there is a record at all."""
    anything = Filters((), None, None)
    return Subject.objects.filter(pk__in=records_of(user, unit, anything).order_by().values("subject"))


# ---- lines -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class RecordLine:
    theme: str
    subject: str
    grade: int
    host: PersonCard
    lead: PersonCard
    held_by: str
    opened_on: date | None
    closed_on: date | None
    people: int
    signed_at: datetime | None
    edited: bool
    """Somebody wrote in the draft."""
    open_tasks: int
    path: str

    @property
    def state(self) -> str:
        if self.signed_at:
            return _("已定稿")
        return _("写了一些，没签字") if self.edited else _("自动填好，没签字")


def records_page(rows: QuerySet[PrepActivity], number: str | int = 1) -> Listing[RecordLine]:
    page = page_of(rows, number, PAGE_SIZE)
    return Listing(lines_of(page.object_list), page)


def lines_of(rows: Iterable[PrepActivity] | QuerySet[PrepActivity]) -> list[RecordLine]:
    if isinstance(rows, QuerySet):
        rows = rows.select_related("subject", "school", "region")
    activities = list(rows)
    people = person_cards({pk for each in activities for pk in (each.leader_id, each.lead_preparer_id)})
    records = _records(each.pk for each in activities)
    tasks = _open_tasks(records.values())
    members = dict(
        ActivityMember.objects.filter(activity__in=activities).values_list("activity").annotate(Count("pk"))
    )
    return [
        RecordLine(
            theme=each.theme,
            subject=each.subject.name,
            grade=each.grade,
            host=people[each.leader_id],
            lead=people[each.lead_preparer_id],
            held_by=str(each.unit_of_leader),
            opened_on=timezone.localdate(each.opens_at) if each.opens_at else None,
            closed_on=timezone.localdate(each.closed_at) if each.closed_at else None,
            people=members.get(each.pk, 0) + len({each.leader_id, each.lead_preparer_id}),
            signed_at=_signed_at(records.get(each.pk)),
            edited=each.pk in records,
            open_tasks=tasks.get(records[each.pk].pk, 0) if each.pk in records else 0,
            path=reverse("record", args=[ActivityRecords.name, each.pk]),
        )
        for each in activities
    ]


def _records(ids: Iterable[UUID]) -> dict[UUID, Record]:
    rows = Record.objects.filter(kind=ActivityRecords.name, subject_id__in=[str(pk) for pk in ids])
    return {UUID(row.subject_id): row for row in rows}


def _open_tasks(records: Iterable[Record]) -> dict[UUID, int]:
    rows = RecordTask.objects.open().filter(record__in=list(records)).order_by()
    return dict(rows.values_list("record").annotate(Count("pk")))


def _signed_at(record: Record | None) -> datetime | None:
    return record.signed_at if record and record.is_signed else None


# ---- the table -------------------------------------------------------------------------------------------
SHEET = tables.Sheet(
    "records",
    "集备记录",
    (
        tables.Text("theme", "主题"),
        tables.Text("subject", "学科"),
        tables.Whole("grade", "年级"),
        tables.Text("held_by", "发起单位"),
        tables.Text("host", "主持人"),
        tables.Text("lead", "主备人"),
        tables.Text("lead_school", "主备人学校"),
        tables.Day("opened_on", "发起"),
        tables.Day("closed_on", "结束"),
        tables.Whole("people", "人数"),
        tables.Text("state", "记录"),
        tables.Day("signed_on", "定稿"),
        tables.Whole("open_tasks", "没做完的任务"),
    ),
)


def as_xlsx(rows: QuerySet[PrepActivity]) -> tuple[bytes, int]:
    """The table and how many records stand in it."""
    lines = lines_of(rows[:EXPORT_LIMIT])
    about = [f"集体备课活动记录，{timezone.localdate().isoformat()} 导出，{len(lines)} 份"]
    return tables.write([SHEET], {SHEET.key: [_row(line) for line in lines]}, about=about), len(lines)


def _row(line: RecordLine) -> dict[str, Any]:
    return {
        "theme": line.theme,
        "subject": line.subject,
        "grade": line.grade,
        "held_by": line.held_by,
        "host": line.host.name,
        "lead": line.lead.name,
        "lead_school": line.lead.unit_name,
        "opened_on": line.opened_on,
        "closed_on": line.closed_on,
        "people": line.people,
        "state": line.state,
        "signed_on": timezone.localdate(line.signed_at) if line.signed_at else None,
        "open_tasks": line.open_tasks,
    }
