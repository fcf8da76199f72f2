"""Who may do what in the roster: role × unit held × unit it is done in × act, compared with an expectation by hand.

What is refused changes nothing and stands in the audit trail as refused; what is done stands there as done.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from foundation.accounts.models import User
from foundation.ledger.audit import verify
from foundation.ledger.models import AuditEntry, Event
from teaching_centres import operations
from teaching_centres.errors import Denied
from teaching_centres.models import (
    DifferentPeople,
    Leave,
    Membership,
    PersonMerge,
    PrepPoint,
    Region,
    School,
    SchoolMerge,
)
from teaching_centres.roles import VERBS, Role, UnitKind
from teaching_centres.roster.checking import compare, read_file
from tests.factories import (
    Tree,
    make_member,
    make_prep_point,
    make_region_tree,
    make_school,
    make_superuser,
    make_teacher,
    make_user,
    make_village_school,
)
from tests.support.rosters import person as person_row
from tests.support.rosters import roster
from tests.support.rosters import school as school_row

# What an administrator of the unit reaches, written down once more, independently of paths and scopes.
REACHES: dict[str, set[str]] = {
    "school": {"school"},
    "county": {"county", "school", "same_county_school"},
    "sibling_county": {"sibling_county"},
}
REACHES["prefecture"] = REACHES["county"] | {"sibling_county", "prefecture"}
REACHES["province"] = REACHES["prefecture"] | {"far_county", "far_school", "province"}
HELD = ["school", "county", "sibling_county", "prefecture", "province"]
TARGETS = ["school", "same_county_school", "far_school"]
ABOVE = {"school": "county", "same_county_school": "county", "far_school": "far_county"}


@dataclass(frozen=True)
class Actor:
    role: Role | None
    unit: str
    is_superuser: bool = False

    def manages(self, unit: str) -> bool:
        if self.is_superuser:
            return True
        return self.role == Role.ADMINISTRATOR and unit in REACHES.get(self.unit, set())


@dataclass
class Place:
    """A school with everything an act could be done to, new for every cell."""

    school: School
    other: School
    third: School
    """About to go into the other one."""
    person: User
    namesake: User
    newcomer: str
    day: date = field(default_factory=timezone.localdate)

    @property
    def membership(self) -> Membership:
        return self.person.memberships.get(school=self.school)


def of_the_unit(actor: Actor, unit: str) -> bool:
    return actor.manages(unit)


def above_the_unit(actor: Actor, unit: str) -> bool:
    return actor.manages(ABOVE[unit])


@dataclass(frozen=True)
class Act:
    name: str
    entry: str
    do: Callable[[Place, User], Any]
    may: Callable[[Actor, str], bool] = of_the_unit


def change_school(place: Place, who: User) -> None:
    school = place.school
    operations.change_school(
        school=school,
        county=school.county,
        name=f"{school.name}改",
        kind=school.kind,
        urban_class=school.urban_class,
        is_rural_central=school.is_rural_central,
        parent=None,
        opened=None,
        actor=who,
    )


def create_school(place: Place, who: User) -> None:
    operations.create_school(
        county=place.school.county,
        name=f"新{place.newcomer}",
        kind="primary",
        urban_class="town",
        actor=who,
    )


def change_leave(place: Place, who: User) -> None:
    operations.change_leave(leave=place.person.leaves.get(), ends=place.day, actor=who)


def withdraw_merge(place: Place, who: User) -> None:
    operations.withdraw_merge(merge=place.third.merges.get(), actor=who)


ACTS = [
    Act(
        "add a person",
        "person.created",
        lambda place, who: operations.add_person(
            username=place.newcomer, name="新", unit=place.school, role=Role.TEACHER, actor=who
        ),
    ),
    Act(
        "grant",
        "membership.granted",
        lambda place, who: operations.grant_membership(
            user=place.person, role=Role.GROUP_LEADER, unit=place.school, actor=who
        ),
    ),
    Act(
        "end",
        "membership.ended",
        lambda place, who: operations.end_membership(membership=place.membership, actor=who),
    ),
    Act(
        "change the last day",
        "membership.changed",
        lambda place, who: operations.change_end(
            membership=place.membership, ends=place.day + timedelta(5), actor=who
        ),
    ),
    Act(
        "transfer",
        "membership.transferred",
        lambda place, who: operations.transfer_membership(
            membership=place.membership, unit=place.other, actor=who
        ),
        above_the_unit,
    ),
    Act(
        "change a person",
        "person.changed",
        lambda place, who: operations.change_person(
            person=place.person, username=place.newcomer, name="改", email="", actor=who
        ),
    ),
    Act(
        "record leave",
        "leave.recorded",
        lambda place, who: operations.record_leave(
            person=place.namesake, kind="leave", starts=place.day, actor=who
        ),
    ),
    Act("change leave", "leave.changed", change_leave),
    Act(
        "take leave back",
        "leave.withdrawn",
        lambda place, who: operations.withdraw_leave(leave=place.person.leaves.get(), actor=who),
    ),
    Act(
        "retire",
        "person.retired",
        lambda place, who: operations.retire(person=place.person, on=place.day, actor=who),
    ),
    Act(
        "merge people",
        "person.merged",
        lambda place, who: operations.merge_people(survivor=place.person, absorbed=place.namesake, actor=who),
    ),
    Act(
        "tell apart",
        "person.told_apart",
        lambda place, who: operations.tell_apart(one=place.person, other=place.namesake, actor=who),
    ),
    Act("set up a school", "school.opened", create_school, above_the_unit),
    Act("change a school", "school.changed", change_school, above_the_unit),
    Act(
        "close a school",
        "school.closed",
        lambda place, who: operations.close_school(school=place.school, on=place.day, actor=who),
        above_the_unit,
    ),
    Act(
        "merge schools",
        "school.merge_decided",
        lambda place, who: operations.merge_schools(
            school=place.school, into=place.other, on=place.day, actor=who
        ),
        above_the_unit,
    ),
    Act("take a merge back", "school.merge_withdrawn", withdraw_merge, above_the_unit),
    Act(
        "open a prep point",
        "prep_point.opened",
        lambda place, who: operations.open_prep_point(school=place.other, actor=who),
        above_the_unit,
    ),
    Act(
        "close a prep point",
        "prep_point.closed",
        lambda place, who: operations.close_prep_point(prep_point=place.school.prep_point, actor=who),
        above_the_unit,
    ),
]


def actors() -> list[Actor]:
    held = [
        (role, unit)
        for unit in HELD
        for role in Role
        if (role, UnitKind.SCHOOL if unit == "school" else UnitKind.REGION) in VERBS
    ]
    return [*(Actor(role, unit) for role, unit in held), Actor(None, ""), Actor(None, "", is_superuser=True)]


def make_actor(actor: Actor, tree: Tree) -> User:
    if actor.is_superuser:
        return make_superuser()
    if actor.role is None:
        return make_user()
    return make_member(getattr(tree, actor.unit), actor.role)


def make_place(unit: str, tree: Tree, number: int) -> Place:
    school = School.objects.select_related("county").get(pk=getattr(tree, unit).pk)
    make_prep_point(school)
    person, namesake = make_teacher(school, name="老师"), make_teacher(school, name="老师")
    Leave.objects.create(user=person, kind="leave", starts=timezone.localdate() - timedelta(days=9))
    other, third = make_village_school(school.county), make_school(school.county)
    SchoolMerge.objects.create(
        school=third, into=make_school(school.county), on=timezone.localdate() + timedelta(9)
    )
    return Place(school, other, third, person, namesake, f"n-{number}")


WATCHED = (School, PrepPoint, Membership, Leave, SchoolMerge, PersonMerge, DifferentPeople, Event)


def state() -> tuple[Any, ...]:
    people = list(User.objects.order_by("pk").values("username", "name", "email", "is_active", "is_staff"))
    return (people, *(list(model.objects.order_by("pk").values()) for model in WATCHED))


@pytest.mark.django_db
def test_the_matrix_of_acts_in_the_roster() -> None:
    tree = make_region_tree()
    tree = Tree(
        **{**vars(tree), "school": make_school(tree.county), "far_school": make_school(tree.far_county)}
    )
    cells, done = 0, 0
    for actor in actors():
        who = make_actor(actor, tree)
        for unit in TARGETS:
            for act in ACTS:
                cells += 1
                done += try_one(act, actor, User.objects.get(pk=who.pk), unit, tree, cells)
    print(f"\nmatrix of acts in the roster: {cells} cells (role × unit held × unit × act), {done} allowed")  # noqa: T201
    assert cells == len(actors()) * len(TARGETS) * len(ACTS)
    assert 0 < done < cells


def try_one(act: Act, actor: Actor, who: User, unit: str, tree: Tree, number: int) -> bool:
    """Everything is taken back afterwards, so that every cell begins with the same network."""
    label = f"{actor} {act.name} {unit}"
    expected = act.may(actor, unit)
    begin = transaction.savepoint()
    place = make_place(unit, tree, number)
    before, entries = state(), AuditEntry.objects.count()
    try:
        act.do(place, who)
        allowed = True
    except Denied:
        allowed = False
    assert allowed == expected, label
    assert (state() != before) == expected, label
    entered = AuditEntry.objects.order_by("pk")[entries:]
    assert {(entry.act, entry.allowed, entry.actor_id) for entry in entered} >= {
        (act.entry, expected, who.pk)
    }, label
    assert {entry.allowed for entry in entered} == {expected}, label
    assert verify() == [], label
    transaction.savepoint_rollback(begin)
    return allowed


ROWS: dict[str, Callable[[School], tuple[list[Any], list[Any]]]] = {
    "new school": lambda school: ([school_row("新学校", county=school.county.name)], []),
    "changed school": lambda school: (
        [school_row(school.name, county=school.county.name, urban_class="城区")],
        [],
    ),
    "new person": lambda school: ([], [person_row(7, school.name)]),
    "person ends": lambda school: (
        [],
        [person_row(1, school.name, name="老师", subject="", mark="离任", mark_on=timezone.localdate())],
    ),
    "new name": lambda school: ([], [person_row(1, school.name, name="另名", subject="")]),
    "county post": lambda school: ([], [person_row(7, school.county.name, role="督导", subject="")]),
}
NEEDS_COUNTY = {"new school", "changed school", "county post"}


@pytest.mark.django_db
def test_the_matrix_of_rows_in_an_import() -> None:
    """The same rights hold for the rows of a file: what is not allowed is said at the cell."""
    tree = make_region_tree()
    units = {
        "school": tree.school,
        "same_county_school": tree.same_county_school,
        "far_school": tree.far_school,
    }
    for name, school in units.items():
        School.objects.filter(pk=school.pk).update(name=f"学校{name}")
        school.refresh_from_db()
    Region.objects.filter(pk=tree.far_county.pk).update(name="远县")
    teachers = {name: make_teacher(school, name="老师") for name, school in units.items()}
    cells = 0
    for actor in actors():
        who = make_actor(actor, tree)
        for unit, school in units.items():
            User.objects.filter(username="13900000001").update(username=f"x-{cells}")
            User.objects.filter(pk=teachers[unit].pk).update(username="13900000001")
            for row, rows in ROWS.items():
                cells += 1
                school = School.objects.select_related("county").get(pk=school.pk)
                plan = compare(read_file(roster(*rows(school))), User.objects.get(pk=who.pk))
                where = ABOVE[unit] if row in NEEDS_COUNTY else unit
                assert (plan.denied == 0) == actor.manages(where), (actor, unit, row)
                assert bool(plan.troubles) == (plan.denied > 0), (actor, unit, row)
    print(f"\nmatrix of rows in an import: {cells} cells (role × unit held × unit × kind of row)")  # noqa: T201
    assert cells == len(actors()) * len(units) * len(ROWS)
