"""What the network brings to 今日: for administrators what is missing in their units, for inspectors figures."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from teaching_centres.calendar.days import Calendar
from teaching_centres.calendar.listing import address_of
from teaching_centres.calendar.models import TimetableEntry, term_name
from teaching_centres.calendar.queries import TEACHING_ROLES, calendars_of
from teaching_centres.models import Membership, PrepPoint, Region, School
from teaching_centres.policies import Unit
from teaching_centres.roles import Role
from teaching_centres.scopes import standing
from teaching_centres.today import Block, Contribution, Waiting

NAMED = 5


@dataclass(frozen=True)
class SchoolFigures:
    school: School
    term: str
    teachers: int
    with_timetable: int
    without: list[str]


@dataclass(frozen=True)
class RegionFigures:
    region: Region
    manages: bool
    town: int
    village: int
    points: int
    teachers: int
    without_administrator: list[School]
    without_administrator_count: int
    term: str
    with_timetable: int

    @property
    def schools(self) -> int:
        return self.town + self.village


def contribution(user: User, now: datetime) -> Contribution:
    """One card for each unit that is administered or inspected."""
    units: dict[Unit, bool] = {}
    for held in standing(user):
        if held.role in (Role.ADMINISTRATOR, Role.INSPECTOR):
            units[held.unit] = units.get(held.unit, False) or held.role == Role.ADMINISTRATOR
    calendars = calendars_of(units) if units else {}
    found = Contribution()
    for unit, manages in units.items():
        if manages and (line := _no_term(unit, calendars[unit], now.date())):
            found.waiting.append(line)
        if isinstance(unit, School):
            found.main.append(
                Block("teaching_centres/today/school.html", _school(unit, calendars[unit], now.date()))
            )
        else:
            figures = _region(unit, manages, calendars[unit], now.date())
            found.main.append(Block("teaching_centres/today/region.html", figures))
    return found


def _no_term(unit: Unit, calendar: Calendar, today: date) -> Waiting | None:
    term = calendar.term_near(today)
    if term is not None and term.ends >= today:
        return None
    return Waiting(
        icon="cal",
        title=_("学期的起止日期还没有设"),
        detail=_("没有它就没有课表和日历") if isinstance(unit, Region) else _("请县或市州的管理员设"),
        path=address_of(unit),
    )


def _school(school: School, calendar: Calendar, today: date) -> SchoolFigures:
    term = calendar.term_near(today)
    entries = TimetableEntry.objects.filter(
        teacher=OuterRef("pk"), school=school, term=term.code if term else ""
    )
    held = Membership.objects.current().filter(school=school, role__in=TEACHING_ROLES)
    people = User.objects.filter(pk__in=held.values("user_id")).annotate(has=Exists(entries))
    rows = list(people.order_by("name_key", "pk").values_list("name", "has"))
    return SchoolFigures(
        school=school,
        term=term_name(term.code) if term else "",
        teachers=len(rows),
        with_timetable=sum(1 for _name, has in rows if has),
        without=[name for name, has in rows if not has],
    )


def _region(region: Region, manages: bool, calendar: Calendar, today: date) -> RegionFigures:
    term = calendar.term_near(today)
    schools = School.objects.open().below(region)
    administrators = Membership.objects.current().filter(school=OuterRef("pk"), role=Role.ADMINISTRATOR)
    entries = TimetableEntry.objects.filter(school=OuterRef("pk"), term=term.code if term else "")
    village = Q(urban_class=School.UrbanClass.VILLAGE)
    counts = schools.annotate(has=Exists(entries), lacks=~Exists(administrators)).aggregate(
        all=Count("pk"),
        village=Count("pk", filter=village),
        timetable=Count("pk", filter=Q(has=True)),
        lacking=Count("pk", filter=Q(lacks=True)),
    )
    teachers = Membership.objects.current().filter(
        school__county__path__startswith=region.path, role__in=TEACHING_ROLES
    )
    lacking = schools.filter(~Exists(administrators)).order_by("name", "pk") if manages else schools.none()
    return RegionFigures(
        region=region,
        manages=manages,
        town=counts["all"] - counts["village"],
        village=counts["village"],
        points=PrepPoint.objects.open().filter(school__county__path__startswith=region.path).count(),
        teachers=teachers.values("user_id").distinct().count(),
        without_administrator=list(lacking[:NAMED]) if counts["lacking"] else [],
        without_administrator_count=counts["lacking"],
        term=term_name(term.code) if term else "",
        with_timetable=counts["timetable"],
    )
