"""The audit trail of the units someone manages: filtered, paged, exported. Names are read when it is shown."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from foundation.accounts.models import OneTimeCode, User
from foundation.ledger.acts import ACTS, DETAILS
from foundation.ledger.audit import PERSON
from foundation.ledger.models import AuditEntry
from foundation.office.tables import visible
from teaching_centres.models import Region, School
from teaching_centres.roles import Role, Verb
from teaching_centres.scopes import scopes
from teaching_centres.workspace.models import Circular, SupportTicket, Task, TaskAnswer, TaskReceiver, Visit

PAGE_SIZE = 50
EXPORT_LIMIT = 50_000
NOTHING = Q(pk__in=[])
WAYS = {"code": gettext_lazy("一次性的码"), "mail": gettext_lazy("邮件链接"), "own": gettext_lazy("自己换的")}
WORDS: dict[str, dict[Any, Any]] = {
    "state": {
        **dict(SupportTicket.State.choices),
        **dict(TaskReceiver.State.choices),
        **dict(Visit.State.choices),
        "off": gettext_lazy("停课"),
        "substitute": gettext_lazy("请人代"),
        "moved": gettext_lazy("调到别的时间"),
        "as_usual": gettext_lazy("照课表上"),
    },
    "verdict": {**dict(TaskAnswer.Verdict.choices), "declined": gettext_lazy("没有接受")},
    "kind": {"roster": gettext_lazy("名册")},
}
"""What the pages call the values that the trail keeps, by the detail's name."""
Named = dict[tuple[str, Any], str]
"""Detail and id: what it leads to."""
LEADS_TO: tuple[tuple[type[Model], str, tuple[str, ...]], ...] = (
    (School, "name", ("school_id", "into_id", "village_id")),
    (Region, "name", ("region_id", "parent_id")),
    (User, "name", ("absorbed_id", "other_id", "plans_to")),
    (Task, "title", ("task_id",)),
    (Circular, "title", ("circular_id",)),
)
CALLED: dict[str, str | Promise] = {
    "school_id": gettext_lazy("学校"),
    "into_id": gettext_lazy("并入"),
    "village_id": gettext_lazy("乡村学校"),
    "region_id": gettext_lazy("行政区"),
    "parent_id": gettext_lazy("上级"),
    "absorbed_id": gettext_lazy("并掉的帐号"),
    "other_id": gettext_lazy("另一个帐号"),
    "plans_to": gettext_lazy("教案交给"),
    "task_id": gettext_lazy("任务"),
    "circular_id": gettext_lazy("通知"),
}
"""What a detail is called with the name in place of the id."""


@dataclass(frozen=True)
class Filters:
    act: str = ""
    text: str = ""
    """A person's name or username, as actor or subject."""
    since: date | None = None
    until: date | None = None
    refused: bool = False

    @property
    def any(self) -> bool:
        return bool(self.act or self.text or self.since or self.until or self.refused)


@dataclass(frozen=True)
class Line:
    at: datetime
    actor: str
    role: str
    act: str
    subject: str
    unit: str
    details: str
    allowed: bool


@dataclass(frozen=True)
class Trail:
    lines: list[Line]
    page: Page[AuditEntry]


def trail(user: User, filters: Filters, *, number: str | int = 1) -> Trail:
    page = Paginator(entries(user, filters), PAGE_SIZE).get_page(number)
    return Trail(lines_of(page.object_list), page)


def entries(user: User, filters: Filters) -> QuerySet[AuditEntry]:
    """What concerned the units that `user` manages, newest first."""
    rows = AuditEntry.objects.filter(_visible_to(user)).order_by("-at", "-id")
    if filters.act in ACTS:
        rows = rows.filter(act=filters.act)
    if filters.refused:
        rows = rows.filter(allowed=False)
    if filters.since:
        rows = rows.filter(at__gte=_start_of(filters.since))
    if filters.until:
        rows = rows.filter(at__lt=_start_of(date.fromordinal(filters.until.toordinal() + 1)))
    if filters.text:
        named = User.objects.filter(Q(name__icontains=filters.text) | Q(username=filters.text))
        ids = list(named.values_list("pk", flat=True)[:1000])
        about = Q(subject_kind=PERSON, subject_id__in=[str(pk) for pk in ids])
        rows = rows.filter(Q(actor_id__in=ids) | about | Q(subject_label__icontains=filters.text))
    return rows


def _visible_to(user: User) -> Q:
    if user.is_active and user.is_superuser:
        return Q()
    where = scopes(user, Verb.MANAGE)
    found = NOTHING
    if where.region_paths:
        found |= Q(region_id__in=Region.objects.visible_to(user, Verb.MANAGE).values("pk"))
    if where.school_ids:
        found |= Q(school_id__in=where.school_ids)
    return found


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


# ---- in words ------------------------------------------------------------------------------------------
def lines_of(rows: Iterable[AuditEntry]) -> list[Line]:
    """A page in three more queries: the people, the schools, the regions."""
    rows = list(rows)
    subjects = {int(row.subject_id) for row in rows if _is_person(row)}
    people = User.objects.in_bulk({row.actor_id for row in rows if row.actor_id} | subjects)
    schools = School.objects.in_bulk({row.school_id for row in rows if row.school_id})
    regions = Region.objects.in_bulk({row.region_id for row in rows if row.region_id})
    roles = dict(Role.choices)
    named = _names_in_details(rows)

    def person(pk: int | None) -> str:
        if pk is None:
            return _("平台运维人员")
        return people[pk].name if pk in people else _("已离开的教师")

    return [
        Line(
            at=row.at,
            actor=person(row.actor_id),
            role=str(roles.get(row.role, "")),
            act=str(ACTS[row.act].label),
            subject=person(int(row.subject_id)) if _is_person(row) else row.subject_label,
            unit=str(schools.get(row.school_id or 0) or regions.get(row.region_id or 0) or ""),
            details="，".join(
                _detail(name, value, named)
                for name, value in row.details.items()
                if _tells(name, value, named)
            ),
            allowed=row.allowed,
        )
        for row in rows
    ]


def _tells(name: str, value: Any, named: Named) -> bool:
    """An id says something only by what it leads to; the trail itself keeps it."""
    return value not in ("", None) and (not name.endswith("_id") or (name, value) in named)


def _detail(name: str, value: Any, named: Named) -> str:
    if (name, value) in named:
        return f"{CALLED.get(name, DETAILS[name])} {named[name, value]}"
    words = {**dict(Role.choices), **dict(OneTimeCode.Purpose.choices), **WAYS, **WORDS.get(name, {})}
    return f"{DETAILS[name]} {words.get(value, value)}"


def _names_in_details(rows: list[AuditEntry]) -> Named:
    """What the ids in the details lead to, a query for each table that is needed."""
    found: Named = {}
    for model, column, names in LEADS_TO:
        wanted = {(name, row.details[name]) for row in rows for name in names if row.details.get(name)}
        ids = {int(pk) for _name, pk in wanted if str(pk).isdecimal()}
        if ids:
            words = dict(model._default_manager.filter(pk__in=ids).values_list("pk", column))
            found |= {(name, pk): words[int(pk)] for name, pk in wanted if words.get(_number(pk))}
    return found


def _number(value: Any) -> int | None:
    return int(value) if str(value).isdecimal() else None


def _is_person(row: AuditEntry) -> bool:
    return row.subject_kind == PERSON and row.subject_id.isdecimal()


# ---- tables --------------------------------------------------------------------------------------------
def head() -> list[str]:
    return [_("时间"), _("谁"), _("角色"), _("做了什么"), _("对谁或什么"), _("单位"), _("说明"), _("结果")]


def _cells(line: Line) -> list[str]:
    at = timezone.localtime(line.at).strftime("%Y-%m-%d %H:%M:%S")
    outcome = _("做了") if line.allowed else _("没有权限，没做成")
    return [at, line.actor, line.role, line.act, line.subject, line.unit, line.details, outcome]


def _all_cells(rows: QuerySet[AuditEntry]) -> Iterator[list[str]]:
    batch: list[AuditEntry] = []
    for row in rows[:EXPORT_LIMIT].iterator(chunk_size=1000):
        batch.append(row)
        if len(batch) == 1000:
            yield from map(_cells, lines_of(batch))
            batch = []
    yield from map(_cells, lines_of(batch))


def as_csv(rows: QuerySet[AuditEntry]) -> bytes:
    """Spreadsheets read a cell that begins with = as a formula: such cells get an apostrophe."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(head())
    for cells in _all_cells(rows):
        writer.writerow([f"'{cell}" if cell[:1] in {"=", "+", "-", "@"} else cell for cell in cells])
    return stream.getvalue().encode("utf-8-sig")


def as_xlsx(rows: QuerySet[AuditEntry]) -> bytes:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(_("操作记录"))
    for letter, width in zip("ABCDEFGH", (20, 12, 10, 18, 20, 24, 40, 18), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.append(head())
    for cells in _all_cells(rows):
        sheet.append([_text_cell(sheet, cell) for cell in cells])
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _text_cell(sheet: object, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=visible(text))
    cell.data_type = "s"  # a name that begins with = is a name
    return cell
