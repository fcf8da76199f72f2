"""The week of a teacher: entered from a day on, with every other week, moved and substituted lessons."""

from datetime import date, timedelta

import pytest

from foundation.accounts.models import User
from foundation.ledger.models import AuditEntry, Event
from foundation.notices.models import Notice
from teaching_centres.calendar import policies
from teaching_centres.calendar.models import DaysChanged, LessonChange, TimetableEntry
from teaching_centres.calendar.queries import Content, cells_of, lessons_of, timetables_of
from teaching_centres.calendar.timetables import change_lesson, grade_of, restore_lesson, set_cells
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.roles import Role
from tests.factories import (
    Tree,
    make_administrator,
    make_entry,
    make_member,
    make_membership,
    make_region_tree,
    make_teacher,
    make_term,
)

MONDAY = date(2026, 11, 23)  # week 13: an odd one
CHINESE, MATHS = Content("语文", "三（2）班"), Content("数学", "三（2）班")
TERM = "2026-1"


@pytest.fixture
def tree(db: None) -> Tree:
    tree = make_region_tree()
    make_term(tree.province)
    return tree


@pytest.fixture
def teacher(tree: Tree) -> User:
    return make_teacher(tree.school, name="李永梅")


@pytest.fixture
def colleague(tree: Tree) -> User:
    return make_teacher(tree.school, name="王春燕")


def paint(teacher: User, cells: object, *, since: date = date(2026, 9, 1), **options: object) -> int:
    values = {
        "actor": teacher,
        "school": options.get("school") or teaching_school(teacher),
        "term": TERM,
    } | options
    return set_cells(teacher=teacher, since=since, cells=cells, **values)  # type: ignore[arg-type]


def teaching_school(teacher: User) -> object:
    return teacher.memberships.get(role="teacher").school


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def taught(user: User, day: date) -> list[tuple[int, str]]:
    return [(lesson.period, lesson.subject) for lesson in lessons_of(fresh(user), day, day) if lesson.taught]


# ---- the days of a timetable ----------------------------------------------------------------------
def test_lessons_come_with_their_hours_in_the_order_of_time(teacher: User) -> None:
    make_entry(teacher, 1, 3, subject="科学")
    make_entry(teacher, 1, 1)
    make_entry(teacher, 2, 1)
    first, second = lessons_of(teacher, MONDAY, MONDAY)
    assert (first.period, first.subject, first.state) == (1, "语文", "usual")
    assert first.starts is not None
    assert first.starts.isoformat() == "2026-11-23T08:00:00+08:00"
    assert (second.period, second.minutes) == (3, 40)


@pytest.mark.parametrize(("weeks", "taught_on"), [("odd", [1, 3]), ("even", [2, 4]), ("every", [1, 2, 3, 4])])
def test_every_other_week(teacher: User, weeks: str, taught_on: list[int]) -> None:
    make_entry(teacher, 1, 1, weeks=weeks)
    mondays = [MONDAY + timedelta(weeks=number) for number in range(4)]
    assert [number for number, day in enumerate(mondays, start=1) if taught(teacher, day)] == taught_on


def test_a_moved_day_is_taught_as_that_date_would_have_been(tree: Tree, teacher: User) -> None:
    wednesday, saturday = date(2026, 10, 7), date(2026, 10, 10)  # week 6: an even one
    make_entry(teacher, 3, 1, weeks="even")
    make_entry(teacher, 3, 2, weeks="odd", subject="数学")
    make_entry(teacher, 3, 3, until=date(2026, 10, 7), subject="科学")
    DaysChanged.objects.create(region=tree.province, name="国庆节", starts=date(2026, 10, 1), ends=wednesday)
    DaysChanged.objects.create(
        region=tree.province, name="调休", starts=saturday, ends=saturday, taught_as=wednesday
    )
    assert taught(teacher, wednesday) == []
    assert taught(teacher, saturday) == [(1, "语文"), (3, "科学")]


def test_nothing_is_taught_outside_the_term_or_where_one_is_no_teacher_any_more(teacher: User) -> None:
    make_entry(teacher, 1, 1)
    assert taught(teacher, MONDAY) == [(1, "语文")]
    assert taught(teacher, date(2027, 1, 18)) == []
    teacher.memberships.update(ends=date(2026, 11, 1), starts=date(2026, 1, 1))
    assert taught(teacher, MONDAY) == []


def test_the_cost_does_not_grow_with_days_schools_or_lessons(
    tree: Tree, teacher: User, django_assert_num_queries: object
) -> None:
    make_membership(teacher, tree.point)
    for weekday in range(1, 6):
        for period in range(1, 6):
            make_entry(teacher, weekday, period, school=tree.point if period == 5 else tree.school)
    person = fresh(teacher)
    assert person.memberships.exists()
    lessons_of(person, MONDAY, MONDAY)  # the standing of a person is read once
    with django_assert_num_queries(5):  # type: ignore[operator]
        assert len(lessons_of(person, MONDAY, MONDAY + timedelta(days=27))) == 100


# ---- entering -------------------------------------------------------------------------------------
def test_a_week_is_entered_and_entered_again_without_change(tree: Tree, teacher: User) -> None:
    cells = {
        (1, 1): [CHINESE],
        (1, 2): [Content("科学", "三（2）班", "odd"), Content("劳动", "三（2）班", "even")],
    }
    assert paint(teacher, cells) == 2
    assert cells_of(teacher, tree.school, TERM, MONDAY) == cells
    assert paint(teacher, cells) == 0
    assert TimetableEntry.objects.get(period=1).grade == 3
    assert Event.objects.filter(kind="timetable.changed").count() == 1


def test_a_change_in_mid_term_leaves_what_was_taught_before(tree: Tree, teacher: User) -> None:
    paint(teacher, {(1, 1): [CHINESE]})
    paint(teacher, {(1, 1): [MATHS]}, since=MONDAY)
    paint(teacher, {(1, 1): []}, since=date(2026, 12, 14))
    days = (date(2026, 11, 16), MONDAY, date(2026, 12, 7), date(2026, 12, 14))
    assert [taught(teacher, day) for day in days] == [[(1, "语文")], [(1, "数学")], [(1, "数学")], []]


def test_an_earlier_change_ends_where_a_later_one_begins(teacher: User) -> None:
    paint(teacher, {(1, 1): [MATHS]}, since=MONDAY)
    paint(teacher, {(1, 1): [CHINESE]}, since=date(2026, 9, 1))
    assert [taught(teacher, day) for day in (date(2026, 11, 16), MONDAY)] == [[(1, "语文")], [(1, "数学")]]


def test_what_was_entered_for_the_same_day_is_replaced(teacher: User) -> None:
    paint(teacher, {(1, 1): [CHINESE]})
    paint(teacher, {(1, 1): [MATHS]})
    assert [entry.subject for entry in TimetableEntry.objects.all()] == ["数学"]


def test_one_cannot_teach_in_two_schools_at_once(tree: Tree, teacher: User) -> None:
    make_membership(teacher, tree.point)
    make_entry(teacher, 1, 1, weeks="odd", school=tree.point)
    with pytest.raises(NotPossible, match="周一第1节已经有"):
        paint(teacher, {(1, 2): [MATHS], (1, 1): [CHINESE]}, school=tree.school)
    assert TimetableEntry.objects.count() == 1, "all or nothing"
    paint(teacher, {(1, 1): [Content("语文", "三1班", "even")]}, school=tree.school)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({(8, 1): [CHINESE]}, "没有这一格"),
        ({(1, 13): [CHINESE]}, "没有这一格"),
        ({(1, 1): [Content("", "三班")]}, "学科要填"),
        ({(1, 1): [Content("语" * 17, "三班")]}, "学科要填"),
        ({(1, 1): [CHINESE, MATHS]}, "最多一门"),
        ({(1, 1): [Content("语文", "", "thirds")]}, "单双周"),
    ],
)
def test_a_cell_that_cannot_be_is_refused(teacher: User, cells: object, reason: str) -> None:
    with pytest.raises(NotPossible, match=reason):
        paint(teacher, cells)
    assert not TimetableEntry.objects.exists()


def test_without_dates_of_the_term_nothing_is_entered(teacher: User) -> None:
    with pytest.raises(NotPossible, match="还没有设"):
        paint(teacher, {(1, 1): [CHINESE]}, term="2027-1")


@pytest.mark.parametrize(
    ("label", "grade"),
    [
        ("三（2）班", 3), ("三年级2班", 3), ("3.2班", 3), ("302", 3), ("3班", 3), ("初二3班", 8), ("九1", 9),
        ("一、二年级复式", 1), ("启智班", None), ("2026级", None), ("", None),
    ],
)  # fmt: skip
def test_the_grade_is_read_from_the_class(label: str, grade: int | None) -> None:
    assert grade_of(label) == grade


# ---- one lesson on one day --------------------------------------------------------------------------
def states(user: User, first: date = MONDAY, days: int = 7) -> list[tuple[date, int, str]]:
    found = lessons_of(fresh(user), first, first + timedelta(days=days - 1))
    return [(lesson.day, lesson.period, lesson.state) for lesson in found]


def test_a_lesson_is_taken_by_a_colleague_who_is_told(teacher: User, colleague: User) -> None:
    entry = make_entry(teacher, 1, 1)
    change_lesson(actor=teacher, entry=entry, day=MONDAY, substitute=colleague)
    assert states(teacher) == [(MONDAY, 1, "handed_over")]
    assert states(colleague) == [(MONDAY, 1, "substitute")]
    assert states(colleague, MONDAY + timedelta(days=7)) == []
    assert [(line.recipient_id, line.kind) for line in Notice.objects.all()] == [
        (colleague.pk, "timetable.substitute")
    ]


def test_a_moved_lesson_is_there_and_no_longer_here(teacher: User) -> None:
    entry = make_entry(teacher, 1, 1)
    friday = MONDAY + timedelta(days=4)
    change_lesson(actor=teacher, entry=entry, day=MONDAY, moved_to=friday, moved_period=4)
    assert states(teacher) == [(MONDAY, 1, "away"), (friday, 4, "moved")]
    assert states(teacher, friday, 1) == [(friday, 4, "moved")], "also when its own day was not asked for"
    [moved] = lessons_of(fresh(teacher), friday, friday)
    assert moved.origin == (MONDAY, 1)


def test_a_second_change_replaces_the_first_and_it_can_be_undone(teacher: User, colleague: User) -> None:
    entry = make_entry(teacher, 1, 1)
    change_lesson(actor=teacher, entry=entry, day=MONDAY, substitute=colleague)
    change_lesson(actor=teacher, entry=entry, day=MONDAY)
    assert states(teacher) == [(MONDAY, 1, "cancelled")]
    assert states(colleague) == []
    restore_lesson(actor=teacher, entry=entry, day=MONDAY)
    assert states(teacher) == [(MONDAY, 1, "usual")]


def test_what_cannot_be_changed_that_way_is_refused(tree: Tree, teacher: User, colleague: User) -> None:
    entry = make_entry(teacher, 1, 1)
    make_entry(teacher, 5, 4)
    make_entry(colleague, 1, 1)
    stranger = make_teacher(tree.far_school)
    friday, sunday = MONDAY + timedelta(days=4), date(2027, 2, 7)
    for options, reason in (
        ({"day": MONDAY + timedelta(days=1)}, "没有这节课"),
        ({"substitute": colleague}, "王春燕.*有课"),
        ({"substitute": stranger}, "不在这所学校"),
        ({"substitute": teacher}, "另一位"),
        ({"moved_to": friday, "moved_period": 4}, "有课"),
        ({"moved_to": friday}, "第几节"),
        ({"moved_to": sunday, "moved_period": 1}, "不上课"),
        ({"moved_to": MONDAY, "moved_period": 1}, "本来就在"),
    ):
        with pytest.raises(NotPossible, match=reason):
            change_lesson(actor=teacher, entry=entry, **({"day": MONDAY} | options))  # type: ignore[arg-type]
    assert not LessonChange.objects.exists()
    assert not Notice.objects.exists()


def test_the_teacher_is_told_when_the_school_changes_a_lesson(tree: Tree, teacher: User) -> None:
    entry = make_entry(teacher, 1, 1)
    change_lesson(actor=make_administrator(tree.school), entry=entry, day=MONDAY)
    assert [(line.recipient_id, line.kind) for line in Notice.objects.all()] == [
        (teacher.pk, "timetable.changed")
    ]


# ---- of a school --------------------------------------------------------------------------------------
def test_the_list_of_a_school_counts_every_other_week_as_half(
    tree: Tree, teacher: User, colleague: User, django_assert_num_queries: object
) -> None:
    make_entry(teacher, 1, 1)
    make_entry(teacher, 1, 2, weeks="odd")
    make_entry(teacher, 1, 2, weeks="even")
    make_entry(teacher, 1, 3, until=date(2026, 10, 1))
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = timetables_of(tree.school, TERM, MONDAY)
    assert {row.user.name: row.lessons for row in found} == {"李永梅": 2, "王春燕": 0}


# ---- who may: the pair of policy and rows ------------------------------------------------------------
def matrix(tree: Tree) -> list[tuple[User, str]]:
    units = {
        "school": tree.school,
        "same": tree.same_county_school,
        "county": tree.county,
        "far": tree.far_county,
    }
    found = [
        (make_member(unit, role), f"{role} {name}")
        for name, unit in units.items()
        for role in Role.values
        if (name in ("school", "same")) == (role in ("teacher", "group_leader")) or role == "administrator"
    ]
    return [*found, (make_administrator(tree.school, is_active=False), "closed account")]


def test_policy_rows_and_operations_agree_for_every_position(tree: Tree, teacher: User) -> None:
    entry = make_entry(teacher, 1, 1)
    managers = {"administrator school", "administrator county"}
    for user, position in [*matrix(tree), (teacher, "own")]:
        expected = position in managers or position == "own"
        sees = bool(policies.may_see_timetable(user, teacher, tree.school))
        rows = TimetableEntry.objects.visible_to(user).filter(pk=entry.pk).exists()
        may = bool(policies.may_change_timetable(user, teacher, tree.school))
        assert (sees, rows, may) == (expected, expected, expected), position
        if not expected:
            for act in (
                lambda user=user: paint(teacher, {(1, 1): [MATHS]}, actor=user, school=tree.school),
                lambda user=user: change_lesson(actor=user, entry=entry, day=MONDAY),
                lambda user=user: restore_lesson(actor=user, entry=entry, day=MONDAY),
            ):
                with pytest.raises(Denied):
                    act()
            refused = AuditEntry.objects.filter(actor_id=user.pk, allowed=False, subject_id=str(teacher.pk))
            assert sorted(refused.values_list("act", flat=True)) == [
                "lesson.changed",
                "lesson.changed",
                "timetable.changed",
            ], position
    assert TimetableEntry.objects.get() == entry
    assert not LessonChange.objects.exists()


def test_what_is_done_to_anothers_timetable_is_in_the_audit_trail(tree: Tree, teacher: User) -> None:
    administrator = make_administrator(tree.school)
    for actor in (teacher, administrator):
        paint(teacher, {(1, 1): [MATHS if actor is teacher else CHINESE]}, actor=actor, school=tree.school)
        entry = TimetableEntry.objects.in_force(MONDAY).get()
        change_lesson(actor=actor, entry=entry, day=MONDAY)
        restore_lesson(actor=actor, entry=entry, day=MONDAY)
    entries = AuditEntry.objects.filter(subject_id=str(teacher.pk), act__regex=r"^(timetable|lesson)\.")
    assert [(each.act, each.actor_id, each.details.get("state")) for each in entries.order_by("pk")] == [
        ("timetable.changed", administrator.pk, None),
        ("lesson.changed", administrator.pk, "off"),
        ("lesson.changed", administrator.pk, "as_usual"),
    ]


def test_who_does_not_teach_there_any_more_gets_no_timetable(tree: Tree, teacher: User) -> None:
    teacher.memberships.update(starts=date(2026, 1, 1), ends=date(2026, 11, 1))
    with pytest.raises(NotPossible, match="不能排课"):
        set_cells(
            actor=make_administrator(tree.school),
            teacher=fresh(teacher),
            school=tree.school,
            term=TERM,
            since=MONDAY,
            cells={(1, 1): [CHINESE]},
        )
    assert not TimetableEntry.objects.exists()
