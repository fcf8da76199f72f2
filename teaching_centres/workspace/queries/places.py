"""The places themselves: the centres and schools someone has a workspace in, people by subject."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from teaching_centres.models import Membership, PrepPoint, Region, School, TeachingCentre
from teaching_centres.queries import PersonCard, belonging, person_cards
from teaching_centres.roles import Role
from teaching_centres.scopes import standing
from teaching_centres.workspace.queries.common import Listing, page_of
from teaching_centres.workspace.queries.expertise import current_grades

WITHOUT_SUBJECT_LAST = Case(When(subject="", then=Value(1)), default=Value(0))


@dataclass(frozen=True)
class Workplaces:
    """Where the bar leads: the centre someone works for, the school someone works at."""

    centre_id: int | None = None
    school_id: int | None = None


@dataclass(frozen=True)
class PersonLine:
    person: PersonCard
    roles: list[str]
    grades: list[str]


@dataclass(frozen=True)
class SubjectPeople:
    subject: str
    count: int
    people: list[PersonLine]
    """Those of this page."""


def workplaces_of(user: User) -> Workplaces:
    """At most one query."""
    held = standing(user)
    school_id = next((row.school_id for row in held if row.school_id), None)
    region = next((row.region for row in held if row.region), None)
    if region is None:
        return Workplaces(school_id=school_id)
    centres = {centre.region_id: centre.pk for centre in _centres_above(region)}
    ids = [int(part) for part in reversed(region.path.strip("/").split("/"))]
    return Workplaces(next((centres[pk] for pk in ids if pk in centres), None), school_id)


def _centres_above(region: Region) -> list[TeachingCentre]:
    ids = [int(part) for part in region.path.strip("/").split("/")]
    return list(TeachingCentre.objects.filter(region_id__in=ids).select_related("region"))


def centres_serving(user: User) -> list[TeachingCentre]:
    """The centres of everything someone belongs to, the nearest first: their notices and exemplars."""
    rows = TeachingCentre.objects.filter(region_id__in=belonging(user).region_ids).select_related("region")
    return sorted(rows, key=lambda centre: -len(centre.region.path))


def centres_around(centre: TeachingCentre) -> list[TeachingCentre]:
    """Those above it, from the top."""
    rows = [row for row in _centres_above(centre.region) if row.pk != centre.pk]
    order = centre.region.path.strip("/").split("/")
    return sorted(rows, key=lambda row: order.index(str(row.region_id)))


def centres_below(region: Region) -> list[TeachingCentre]:
    """The next ones down."""
    rows = TeachingCentre.objects.filter(region__parent=region).select_related("region")
    return list(rows.order_by("region__path"))


@dataclass(frozen=True)
class SchoolLine:
    school: School
    has_point: bool


def schools_page(region: Region, text: str = "", number: str | int = 1) -> Listing[SchoolLine]:
    rows = School.objects.open().below(region).select_related("county").order_by("county__path", "name", "pk")
    if text:
        rows = rows.filter(name__icontains=text)
    page = page_of(rows, number)
    points = set(
        PrepPoint.objects.open().filter(school__in=page.object_list).values_list("school_id", flat=True)
    )
    lines = [SchoolLine(school, school.pk in points) for school in page.object_list]
    return Listing(lines, page)


def subjects_of_people(school: School) -> list[tuple[str, int]]:
    """Each subject and how many people; those without one last. One query."""
    rows = _serving(school).values_list("subject").annotate(Count("user_id", distinct=True))
    return [(_said(subject), count) for subject, count in rows.order_by(WITHOUT_SUBJECT_LAST, "subject")]


def people_page(school: School, number: str | int = 1) -> Listing[SubjectPeople]:
    """The school's own and its teaching points' people by subject; whoever holds several roles has one line."""
    people = _serving(school).values_list("subject", "user_id").distinct()
    page = page_of(people.order_by(WITHOUT_SUBJECT_LAST, "subject", "user__name_key", "user_id"), number)
    shown = list(page.object_list)
    cards = person_cards({user_id for _subject, user_id in shown})
    grades = current_grades(cards)
    roles: dict[tuple[str, int], list[str]] = defaultdict(list)
    for row in _serving(school).filter(user_id__in=cards):
        roles[row.subject, row.user_id].append(str(Role(row.role).label))
    found: dict[str, list[PersonLine]] = defaultdict(list)
    for subject, user_id in shown:
        line = PersonLine(cards[user_id], roles[subject, user_id], grades.get(user_id, []))
        found[_said(subject)].append(line)
    counts = dict(subjects_of_people(school))
    return Listing([SubjectPeople(subject, counts[subject], found[subject]) for subject in found], page)


def _said(subject: str) -> str:
    return subject or _("没有填学科")


def _serving(school: School) -> QuerySet[Membership]:
    within = Q(school=school) | Q(school__in=school.points.open())
    return Membership.objects.current().filter(within)


def centres_serving_school(school: School) -> list[TeachingCentre]:
    """The centre that looks after a school first, then those above it."""
    return sorted(_centres_above(school.county), key=lambda centre: -len(centre.region.path))
