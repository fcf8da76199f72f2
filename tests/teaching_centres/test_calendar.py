"""Which day is taught, as which other, in which week and at what hours; and who may set that."""

from datetime import date, time

import pytest

from foundation.accounts.models import User
from foundation.ledger.models import AuditEntry, Event
from teaching_centres.calendar import operations, policies
from teaching_centres.calendar.days import STANDARD_TIMES, Calendar, Times
from teaching_centres.calendar.models import DaysChanged, Period, Term
from teaching_centres.calendar.queries import calendar_of, calendars_of
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.policies import Unit
from tests.factories import Tree, make_administrator, make_member, make_region_tree, make_term

AUTUMN = {"code": "2026-1", "starts": date(2026, 9, 1), "ends": date(2027, 1, 15)}
NATIONAL_DAY = {"name": "国庆节", "starts": date(2026, 10, 1), "ends": date(2026, 10, 7)}


@pytest.fixture
def tree(db: None) -> Tree:
    return make_region_tree()


def off(unit: Unit, **fields: object) -> DaysChanged:
    return operations.change_days(actor=None, unit=unit, **(NATIONAL_DAY | fields))  # type: ignore[arg-type]


# ---- terms and weeks -----------------------------------------------------------------------------
def test_the_nearest_unit_that_says_when_the_term_begins_decides(tree: Tree) -> None:
    make_term(tree.province)
    make_term(tree.province, "2026-2", starts=date(2027, 3, 1), ends=date(2027, 7, 9))
    make_term(tree.county, starts=date(2026, 8, 24))
    near, far = calendars_of([tree.school, tree.far_school]).values()
    assert [term.starts for term in near.terms] == [date(2026, 8, 24), date(2027, 3, 1)]
    assert [term.starts for term in far.terms] == [date(2026, 9, 1), date(2027, 3, 1)]


def test_the_week_of_the_first_day_is_the_first_and_weeks_begin_on_monday(tree: Tree) -> None:
    make_term(tree.province)  # 1 September 2026 is a Tuesday
    [term] = calendar_of(tree.school).terms
    days = (date(2026, 9, 1), date(2026, 9, 6), date(2026, 9, 7), date(2026, 11, 23))
    assert [term.week(day) for day in days] == [1, 1, 2, 13]
    assert term.weeks == 20


def test_between_terms_the_coming_one_is_near_and_after_the_last_the_last(tree: Tree) -> None:
    make_term(tree.province)
    calendar = calendar_of(tree.school)
    assert calendar.term_on(date(2026, 8, 1)) is None
    for day in (date(2026, 8, 1), date(2026, 10, 1), date(2027, 2, 1)):
        near = calendar.term_near(day)
        assert near is not None
        assert near.code == "2026-1"
    assert Calendar().term_near(date(2026, 8, 1)) is None


# ---- days ----------------------------------------------------------------------------------------
def test_a_day_off_has_no_lessons_and_a_moved_day_those_of_another(tree: Tree) -> None:
    make_term(tree.province)
    off(tree.province)
    off(
        tree.province,
        name="补周三的课",
        starts=date(2026, 10, 10),
        ends=date(2026, 10, 10),
        taught_as=date(2026, 10, 7),
    )
    calendar = calendar_of(tree.school)
    assert calendar.taught_as(date(2026, 10, 1)) is None
    assert calendar.taught_as(date(2026, 10, 8)) == date(2026, 10, 8)
    assert calendar.taught_as(date(2026, 10, 10)) == date(2026, 10, 7)
    assert calendar.taught_as(date(2026, 8, 20)) is None  # before the term


def test_a_school_may_teach_on_a_day_that_is_off_above(tree: Tree) -> None:
    make_term(tree.province)
    off(tree.province)
    day = date(2026, 10, 5)
    off(tree.school, name="照常上课", starts=day, ends=day, taught_as=day)
    assert calendar_of(tree.school).taught_as(day) == day
    assert calendar_of(tree.same_county_school).taught_as(day) is None


def test_hours_come_from_the_nearest_unit_in_force_and_from_the_standard_without_any(tree: Tree) -> None:
    late = [Times(time(8, 30), time(9, 10)), Times(time(9, 20), time(10, 0))]
    winter = [Times(time(9, 0), time(9, 40))]
    operations.set_periods(actor=None, unit=tree.county, since=date(2026, 9, 1), times=late)
    operations.set_periods(actor=None, unit=tree.school, since=date(2026, 11, 1), times=winter)
    calendar = calendar_of(tree.school)
    assert calendar.times_on(date(2026, 8, 1)) == STANDARD_TIMES
    assert calendar.times_on(date(2026, 10, 1))[2] == late[1]
    assert calendar.times_on(date(2026, 11, 2)) == {1: winter[0]}
    assert calendar_of(tree.far_school).times_on(date(2026, 11, 2)) == STANDARD_TIMES


def test_the_calendars_of_many_units_cost_as_much_as_one(
    tree: Tree, django_assert_num_queries: object
) -> None:
    units = [tree.school, tree.same_county_school, tree.far_school, tree.county, tree.province]
    with django_assert_num_queries(3):  # type: ignore[operator]
        calendars_of(units)


# ---- writing -------------------------------------------------------------------------------------
def test_setting_a_term_again_changes_it_and_is_recorded(tree: Tree) -> None:
    administrator = make_administrator(tree.county)
    operations.set_term(actor=administrator, region=tree.county, **AUTUMN)
    operations.set_term(actor=administrator, region=tree.county, **(AUTUMN | {"ends": date(2027, 1, 22)}))
    assert Term.objects.get().ends == date(2027, 1, 22)
    assert [event.data["what"] for event in Event.objects.filter(kind="calendar.changed")] == ["term", "term"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"ends": date(2026, 8, 31)}, "开学以后"),
        ({"ends": date(2027, 6, 30)}, "200 天"),
        ({"starts": date(2027, 9, 1), "ends": date(2028, 1, 10)}, "之间"),
        ({"code": "2026-2", "starts": date(2027, 1, 15), "ends": date(2027, 7, 1)}, "重叠"),
    ],
)
def test_a_term_that_cannot_be_is_refused(tree: Tree, fields: dict[str, object], reason: str) -> None:
    make_term(tree.province)
    before = list(Term.objects.values())
    with pytest.raises(NotPossible, match=reason):
        operations.set_term(actor=None, region=tree.county, **(AUTUMN | fields))  # type: ignore[arg-type]
    assert list(Term.objects.values()) == before


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"ends": date(2026, 9, 30)}, "早于"),
        ({"ends": date(2026, 12, 30)}, "60 天"),
        ({"taught_as": date(2026, 9, 28)}, "一天填一次"),
        ({"starts": date(2026, 10, 6), "ends": date(2026, 10, 9)}, "已经有"),
    ],
)
def test_days_that_cannot_be_are_refused(tree: Tree, fields: dict[str, object], reason: str) -> None:
    off(tree.county)
    with pytest.raises(NotPossible, match=reason):
        off(tree.county, **fields)
    assert DaysChanged.objects.count() == 1


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ([], "1 到 12"),
        ([Times(time(8, 40), time(8, 0))], "第1节"),
        ([Times(time(8, 0), time(8, 40)), Times(time(8, 30), time(9, 10))], "第2节"),
    ],
)
def test_hours_that_cannot_be_are_refused(tree: Tree, times: list[Times], reason: str) -> None:
    with pytest.raises(NotPossible, match=reason):
        operations.set_periods(actor=None, unit=tree.school, since=date(2026, 9, 1), times=times)
    assert not Period.objects.exists()


# ---- who may -------------------------------------------------------------------------------------
def acts(actor: User, unit: Unit) -> list[object]:
    return [
        lambda: operations.change_days(actor=actor, unit=unit, **NATIONAL_DAY),  # type: ignore[arg-type]
        lambda: operations.set_periods(
            actor=actor, unit=unit, since=date(2026, 9, 1), times=[Times(time(8), time(9))]
        ),
    ]


@pytest.mark.parametrize("role", ["teacher", "group_leader", "researcher", "administrator", "inspector"])
@pytest.mark.parametrize("held", ["school", "county", "prefecture", "sibling_county"])
@pytest.mark.parametrize("asked", ["school", "county", "prefecture"])
def test_only_who_manages_a_unit_sets_its_calendar(tree: Tree, role: str, held: str, asked: str) -> None:
    if (held == "school") != (role in ("teacher", "group_leader")) and role != "administrator":
        pytest.skip("no such position")
    actor, unit = make_member(getattr(tree, held), role), getattr(tree, asked)
    order = ["school", "county", "prefecture"]
    below = held in order and order.index(asked) <= order.index(held)
    wanted = role == "administrator" and below
    assert bool(policies.may_change_calendar(actor, unit)) == wanted
    for act in acts(actor, unit):
        if wanted:
            act()  # type: ignore[operator]
        else:
            with pytest.raises(Denied):
                act()  # type: ignore[operator]
    assert DaysChanged.objects.exists() == Period.objects.exists() == wanted
    entries = AuditEntry.objects.filter(act__in=("days.changed", "periods.set"), subject_id=str(unit.pk))
    assert [(entry.act, entry.allowed, entry.actor_id) for entry in entries.order_by("pk")] == [
        ("days.changed", wanted, actor.pk),
        ("periods.set", wanted, actor.pk),
    ]
