"""Reads for the roster's pages: people and schools of the units someone manages, one person, one school."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from teaching_centres import policies
from teaching_centres.models import FormerSchoolName, Leave, Membership, Region, School, SchoolMerge
from teaching_centres.operations.schools import why_no_prep_point
from teaching_centres.people_accounts import NEVER_IN, managed_people, name_of, unit_named
from teaching_centres.policies import Decision, Unit
from teaching_centres.queries import PersonCard, person_cards
from teaching_centres.roles import Role, Verb
from teaching_centres.scopes import main_first, scopes

PAGE_SIZE = 30


@dataclass(frozen=True)
class PeopleFilters:
    text: str = ""
    unit: str = ""
    """"school-12" or "region-3"."""
    role: str = ""
    subject: str = ""
    state: str = ""

    @property
    def any(self) -> bool:
        return bool(self.text or self.unit or self.role or self.subject or self.state)


def people_states() -> dict[str, str]:
    return {
        "": _("在任"),
        "new": _("还没开通"),
        "leave": _("离岗中"),
        "left": _("已离开"),
        "all": _("所有人"),
    }


@dataclass(frozen=True)
class PersonRow:
    id: int
    card: PersonCard
    username: str
    held: list[str]
    leave: str
    is_new: bool
    left: str
    """How and when the last membership here ended; empty while one goes on."""


@dataclass(frozen=True)
class PeoplePage:
    rows: list[PersonRow]
    page: Page[User]
    unit: Unit | None
    subjects: list[str]
    total: int


def people_page(user: User, filters: PeopleFilters, *, number: str | int = 1) -> PeoplePage:
    unit = unit_named(user, filters.unit)
    people = _filtered(user, filters, unit).order_by("name_key", "pk")
    page = Paginator(people, PAGE_SIZE).get_page(number)
    managed = Membership.objects.visible_to(user, Verb.MANAGE)
    subjects = managed.exclude(subject="").order_by("subject").values_list("subject", flat=True).distinct()
    return PeoplePage(
        rows=_person_rows(user, list(page.object_list)),
        page=page,
        unit=unit,
        subjects=list(subjects[:60]),
        total=page.paginator.count,
    )


def _filtered(user: User, filters: PeopleFilters, unit: Unit | None) -> QuerySet[User]:
    people = managed_people(user)
    held = Membership.objects.visible_to(user, Verb.MANAGE).filter(user=OuterRef("pk"))
    if isinstance(unit, School):
        held = held.filter(school=unit)
    elif isinstance(unit, Region):
        held = held.filter(Q(region=unit) | Q(school__county=unit))
    if filters.role in Role.values:
        held = held.filter(role=filters.role)
    if filters.subject:
        held = held.filter(subject=filters.subject)
    going_on = Exists(held.filter(_not_ended(), user__is_active=True))
    if filters.state == "left":
        people = people.filter(Exists(held)).exclude(going_on)
    elif filters.state == "all":
        people = people.filter(Exists(held))
    else:
        people = people.filter(going_on)
    if filters.state == "new":
        people = people.filter(NEVER_IN)
    if filters.state == "leave":
        people = people.filter(Exists(leaves_now().filter(user=OuterRef("pk"))))
    if filters.text:
        named = Q(name__icontains=filters.text) | Q(username__startswith=filters.text)
        people = people.filter(named)
    return people


def _not_ended() -> Q:
    """Current, or yet to begin: both are on the roster."""
    today = timezone.localdate()
    return (Q(ends__isnull=True) | Q(ends__gte=today)) & (
        Q(school__closed__isnull=True) | Q(school__closed__gte=today)
    )


def leaves_now() -> QuerySet[Leave]:
    today = timezone.localdate()
    return Leave.objects.filter(Q(ends__isnull=True) | Q(ends__gte=today), starts__lte=today)


def _person_rows(user: User, people: list[User]) -> list[PersonRow]:
    ids = [person.pk for person in people]
    cards = person_cards(ids)
    held: dict[int, list[Membership]] = {pk: [] for pk in ids}
    rows = Membership.objects.visible_to(user, Verb.MANAGE).filter(user_id__in=ids)
    for membership in rows.select_related("school", "region", "user"):
        held[membership.user_id].append(membership)
    away = {leave.user_id: leave for leave in leaves_now().filter(user_id__in=ids)}
    return [
        PersonRow(
            id=person.pk,
            card=cards[person.pk],
            username=person.username,
            held=_held_lines(held[person.pk]),
            leave=leave_line(away[person.pk]) if person.pk in away else "",
            is_new=not person.is_activated and person.is_active,
            left=_left_line(held[person.pk]),
        )
        for person in people
    ]


def _held_lines(held: Iterable[Membership]) -> list[str]:
    going_on = sorted((row for row in held if not row.has_ended()), key=main_first)
    return [_held_line(row) for row in going_on]


def _held_line(row: Membership) -> str:
    parts = [str(row.unit), str(row.get_role_display())]
    if row.subject:
        parts.append(row.subject)
    return " · ".join(parts)


def _left_line(held: list[Membership]) -> str:
    if not held or any(not row.has_ended() for row in held):
        return ""
    last = max(held, key=lambda row: row.ends or date.min)
    how = last.get_ended_as_display() or _("离任")
    return _("%(unit)s，%(day)s %(how)s") % {"unit": last.unit, "day": last.ends, "how": how}


def leave_line(leave: Leave) -> str:
    until = _("到 %s") % leave.ends if leave.ends else _("还没定哪天回来")
    return f"{leave.get_kind_display()}，{until}"


# ---- one person ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class HeldRow:
    membership: Membership
    unit: str
    unit_value: str
    """For the address of a school's page; empty where it is not managed here."""
    state: str
    """current, coming or ended."""
    how: str
    may_manage: Decision


@dataclass(frozen=True)
class PersonPage:
    person: User
    card: PersonCard
    held: list[HeldRow]
    leaves: list[Leave]
    absorbed: list[str]
    """The numbers of accounts that were the same person."""
    may_manage: Decision
    may_keep_record: Decision
    is_new: bool

    @property
    def going_on(self) -> bool:
        return any(row.state != "ended" for row in self.held)


def person_page(user: User, person: User) -> PersonPage:
    rows = person.memberships.select_related("school__county", "region__parent", "user").order_by(
        "-starts", "-pk"
    )
    return PersonPage(
        person=person,
        card=person_cards([person.pk])[person.pk],
        held=[held_row(user, row) for row in rows],
        leaves=list(person.leaves.all()),
        absorbed=[merge.absorbed.username for merge in person.absorbed.select_related("absorbed")],
        may_manage=policies.may_manage_person(user, person),
        may_keep_record=policies.may_keep_record_of(user, person),
        is_new=not person.is_activated,
    )


def held_row(user: User, row: Membership) -> HeldRow:
    decision = policies.allowed(user, Verb.MANAGE, row.unit)
    state = "ended" if row.has_ended() else "current" if row.starts <= timezone.localdate() else "coming"
    return HeldRow(
        membership=row,
        unit=str(row.unit),
        unit_value=name_of(row.unit) if decision else "",
        state=state,
        how=str(row.get_ended_as_display()) if row.ended_as else "",
        may_manage=decision,
    )


# ---- schools -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class SchoolFilters:
    text: str = ""
    county: int | None = None
    kind: str = ""
    state: str = ""

    @property
    def any(self) -> bool:
        return bool(self.text or self.county or self.kind or self.state)


@dataclass(frozen=True)
class SchoolRow:
    school: School
    people: int
    not_activated: int
    has_point: bool


@dataclass(frozen=True)
class SchoolsPage:
    rows: list[SchoolRow]
    page: Page[School]
    counties: list[Region]
    may_add: bool


def schools_page(user: User, filters: SchoolFilters, *, number: str | int = 1) -> SchoolsPage:
    managed = School.objects.visible_to(user, Verb.MANAGE)
    rows = managed.select_related("county", "parent", "prep_point")
    if filters.state == "closed":
        rows = rows.filter(closed__lt=timezone.localdate())
    elif filters.state != "all":
        rows = rows.open()
    if filters.county:
        rows = rows.filter(county_id=filters.county)
    if filters.kind in School.Kind.values:
        rows = rows.filter(kind=filters.kind)
    if filters.text:
        former = FormerSchoolName.objects.filter(school=OuterRef("pk"), name__icontains=filters.text)
        rows = rows.filter(Q(name__icontains=filters.text) | Exists(former))
    page = Paginator(rows.order_by("county__path", "name", "pk"), PAGE_SIZE).get_page(number)
    schools = list(page.object_list)
    return SchoolsPage(
        rows=_school_rows(schools),
        page=page,
        counties=counties_of(user),
        may_add=bool(scopes(user, Verb.MANAGE).region_paths),
    )


def counties_of(user: User) -> list[Region]:
    """Where this person may set up schools."""
    regions = Region.objects.visible_to(user, Verb.MANAGE)
    return list(regions.exclude(level=Region.Level.PROVINCE).order_by("path"))


def _school_rows(schools: list[School]) -> list[SchoolRow]:
    current = Membership.objects.current().filter(school__in=schools).order_by()
    counted = current.values("school_id")
    people = dict(counted.annotate(n=Count("user", distinct=True)).values_list("school_id", "n"))
    never = Q(user__activated_at__isnull=True, user__password__startswith="!")
    new = dict(counted.filter(never).annotate(n=Count("user", distinct=True)).values_list("school_id", "n"))
    return [
        SchoolRow(
            school=school,
            people=people.get(school.pk, 0),
            not_activated=new.get(school.pk, 0),
            has_point=_has_point(school),
        )
        for school in schools
    ]


def _has_point(school: School) -> bool:
    point: Any = getattr(school, "prep_point", None)
    return point is not None and point.closed is None


@dataclass(frozen=True)
class SchoolPage:
    school: School
    row: SchoolRow
    points: list[School]
    former_names: list[FormerSchoolName]
    absorbed: list[SchoolMerge]
    ahead: SchoolMerge | None
    went_into: SchoolMerge | None
    may_redraw: Decision
    may_have_point: bool


def school_page(user: User, school: School) -> SchoolPage:
    merges = SchoolMerge.objects.select_related("school", "into")
    return SchoolPage(
        school=school,
        row=_school_rows([school])[0],
        points=list(school.points.open().order_by("name")),
        former_names=list(school.former_names.all()),
        absorbed=list(merges.filter(into=school, done_at__isnull=False)),
        ahead=merges.filter(school=school, done_at__isnull=True).first(),
        went_into=merges.filter(school=school, done_at__isnull=False).first(),
        may_redraw=policies.may_redraw(user, school),
        may_have_point=not why_no_prep_point(school),
    )


# ---- the roster as a table -----------------------------------------------------------------------------
def as_table(user: User) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Everything that goes on, as the rows of the form that the import reads."""
    schools = (
        School.objects.visible_to(user, Verb.MANAGE).open().select_related("county", "parent", "prep_point")
    )
    held = Membership.objects.visible_to(user, Verb.MANAGE).filter(_not_ended(), user__is_active=True)
    people = held.select_related("user", "school__county", "region").order_by(
        "school__county__path", "school__name", "user__name", "pk"
    )
    may_redraw = bool(scopes(user, Verb.MANAGE).region_paths)
    return (
        [_school_values(school) for school in schools.order_by("county__path", "name")] if may_redraw else [],
        [_held_values(row) for row in people],
    )


def _school_values(school: School) -> dict[str, Any]:
    return {
        "county": school.county.name,
        "name": school.name,
        "kind": school.get_kind_display(),
        "urban_class": school.get_urban_class_display(),
        "parent": school.parent.name if school.parent else None,
        "is_rural_central": "是" if school.is_rural_central else "否",
        "prep_point": "是" if _has_point(school) else None,
        "opened": school.opened,
    }


def _held_values(row: Membership) -> dict[str, Any]:
    return {
        "username": row.user.username,
        "name": row.user.name,
        "county": row.school.county.name if row.school else None,
        "unit": str(row.unit),
        "role": row.get_role_display(),
        "subject": row.subject or None,
        "starts": row.starts,
        "ends": row.ends,
    }
