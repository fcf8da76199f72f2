"""Writing the network: what each operation does, records and announces, and what it refuses."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from foundation.accounts.models import User
from foundation.ledger.models import Event
from teaching_centres import effects, operations
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.models import Membership, PrepPoint, Region, School, TeachingCentre
from teaching_centres.policies import allowed
from teaching_centres.roles import Role, Verb
from tests import factories
from tests.factories import Tree

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def tree(db: None) -> Tree:
    return factories.make_region_tree()


@pytest.fixture
def county_administrator(tree: Tree) -> User:
    return factories.make_administrator(tree.county)


@pytest.fixture
def told() -> Iterator[list[int]]:
    """Whom the hook heard of."""
    heard: list[int] = []
    effects.on_membership_changed(heard.append)
    yield heard
    effects._hooks.remove(heard.append)


def kinds() -> list[str]:
    return list(Event.objects.exclude(kind="region.changed").order_by("pk").values_list("kind", flat=True))


# ---- memberships -------------------------------------------------------------------------------------
def test_granting_gives_rights_at_once_and_is_recorded(
    tree: Tree, county_administrator: User, told: list[int], django_capture_on_commit_callbacks
) -> None:
    teacher = factories.make_user()
    assert not allowed(teacher, Verb.EDIT, tree.school)
    with django_capture_on_commit_callbacks(execute=True):
        row = operations.grant_membership(
            user=teacher, role=Role.TEACHER, unit=tree.school, subject="语文", actor=county_administrator
        )
    assert allowed(teacher, Verb.EDIT, tree.school)
    assert (row.school, row.region, row.starts, row.ends) == (tree.school, None, timezone.localdate(), None)
    event = Event.objects.get(kind="membership.started")
    assert (event.actor, event.role, event.region_id) == (
        county_administrator,
        "administrator",
        tree.county.pk,
    )
    assert event.data == {
        "user_id": teacher.pk,
        "role": "teacher",
        "school_id": tree.school.pk,
        "region_id": None,
    }
    assert told == [teacher.pk]


def test_nobody_is_told_when_the_change_is_rolled_back(tree: Tree, told: list[int]) -> None:
    operations.grant_membership(user=factories.make_user(), role=Role.TEACHER, unit=tree.school, actor=None)
    assert told == []  # the test's transaction never commits


@pytest.mark.parametrize("unit", ["sibling_county_school", "far_school", "prefecture", "sibling_county"])
def test_an_administrator_grants_nothing_outside(tree: Tree, county_administrator: User, unit: str) -> None:
    target = getattr(tree, unit)
    role = Role.TEACHER if isinstance(target, School) else Role.RESEARCHER
    with pytest.raises(Denied) as denial:
        operations.grant_membership(
            user=factories.make_user(), role=role, unit=target, actor=county_administrator
        )
    assert denial.value.reason == f"“{target}”不在你的任职范围内。"
    assert Membership.objects.count() == 1
    assert kinds() == []


def test_a_teacher_grants_nothing(tree: Tree) -> None:
    teacher = factories.make_teacher(tree.school)
    with pytest.raises(Denied):
        operations.grant_membership(user=teacher, role=Role.ADMINISTRATOR, unit=tree.school, actor=teacher)
    assert Membership.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "unit"),
    [("teacher", "county"), ("group_leader", "county"), ("researcher", "school"), ("inspector", "school")],
)
def test_a_role_is_held_in_its_kind_of_unit_only(tree: Tree, role: str, unit: str) -> None:
    with pytest.raises(NotPossible):
        operations.grant_membership(
            user=factories.make_user(), role=role, unit=getattr(tree, unit), actor=None
        )
    assert not Membership.objects.exists()


def test_the_same_role_twice_at_one_time_is_refused(tree: Tree) -> None:
    teacher = factories.make_user()
    today = timezone.localdate()
    operations.grant_membership(
        user=teacher, role=Role.TEACHER, unit=tree.school, ends=today + 9 * DAY, actor=None
    )
    with pytest.raises(NotPossible):
        operations.grant_membership(
            user=teacher, role=Role.TEACHER, unit=tree.school, starts=today + 9 * DAY, actor=None
        )
    operations.grant_membership(
        user=teacher, role=Role.TEACHER, unit=tree.school, starts=today + 10 * DAY, actor=None
    )
    assert teacher.memberships.count() == 2


def test_an_ended_membership_counts_through_its_last_day(tree: Tree, county_administrator: User) -> None:
    teacher = factories.make_teacher(tree.school)
    row = teacher.memberships.get()
    operations.end_membership(membership=row, actor=county_administrator)
    assert row.ends == timezone.localdate()
    assert allowed(User.objects.get(pk=teacher.pk), Verb.EDIT, tree.school)
    assert kinds() == ["membership.ended"]


def test_one_that_has_not_begun_is_taken_back(tree: Tree, county_administrator: User) -> None:
    teacher = factories.make_user()
    row = factories.make_membership(teacher, tree.school, starts=timezone.localdate() + DAY)
    operations.end_membership(membership=row, actor=county_administrator)
    assert not teacher.memberships.exists()
    assert kinds() == ["membership.ended"]


def test_ending_twice_is_refused(tree: Tree) -> None:
    row = factories.make_membership(factories.make_user(), tree.school, ends=timezone.localdate() - DAY)
    with pytest.raises(NotPossible):
        operations.end_membership(membership=row, actor=None)


def test_prolonging_and_its_overlaps(tree: Tree, county_administrator: User) -> None:
    teacher, today = factories.make_user(), timezone.localdate()
    first = factories.make_membership(teacher, tree.school, ends=today - 5 * DAY)
    factories.make_membership(teacher, tree.school, starts=today)
    with pytest.raises(NotPossible):
        operations.change_end(membership=first, ends=None, actor=county_administrator)
    operations.change_end(membership=first, ends=today - DAY, actor=county_administrator)
    first.refresh_from_db()
    assert first.ends == today - DAY


def test_a_transfer_leaves_no_gap_and_no_overlap(tree: Tree) -> None:
    actor = factories.make_administrator(tree.province)
    teacher = factories.make_teacher(tree.school)
    old = teacher.memberships.get()
    day = timezone.localdate()
    new = operations.transfer_membership(membership=old, unit=tree.far_school, on=day, actor=actor)
    old.refresh_from_db()
    assert (old.ends, new.starts, new.role) == (day - DAY, day, "teacher")
    teacher = User.objects.get(pk=teacher.pk)
    assert not allowed(teacher, Verb.SEE, tree.school)
    assert allowed(teacher, Verb.SEE, tree.far_school)


def test_a_transfer_needs_both_ends(tree: Tree, county_administrator: User) -> None:
    teacher = factories.make_teacher(tree.school)
    row = teacher.memberships.get()
    with pytest.raises(Denied):
        operations.transfer_membership(membership=row, unit=tree.far_school, actor=county_administrator)
    row.refresh_from_db()
    assert row.ends is None
    assert teacher.memberships.count() == 1
    far = factories.make_administrator(tree.far_county)
    with pytest.raises(Denied):
        operations.transfer_membership(membership=row, unit=tree.far_school, actor=far)
    row.refresh_from_db()
    assert row.ends is None
    assert teacher.memberships.count() == 1


def test_the_admin_opens_for_administrators_and_closes_behind_them(tree: Tree) -> None:
    person = factories.make_user()
    row = operations.grant_membership(user=person, role=Role.ADMINISTRATOR, unit=tree.school, actor=None)
    assert person.is_staff
    operations.end_membership(membership=row, on=timezone.localdate() - DAY, actor=None)
    person.refresh_from_db()
    assert not person.is_staff


def test_a_closed_account_has_no_rights_and_open_documents_are_judged_again(
    tree: Tree, county_administrator: User, told: list[int], django_capture_on_commit_callbacks
) -> None:
    teacher = factories.make_teacher(tree.school)
    with django_capture_on_commit_callbacks(execute=True):
        operations.set_active(person=teacher, active=False, actor=county_administrator)
    assert not allowed(teacher, Verb.SEE, tree.school)
    assert told == [teacher.pk]


def test_an_account_with_a_role_elsewhere_is_not_closed_from_here(
    tree: Tree, county_administrator: User
) -> None:
    person = factories.make_teacher(tree.school)
    factories.make_membership(person, tree.province, Role.ADMINISTRATOR)
    with pytest.raises(Denied):
        operations.set_active(person=person, active=False, actor=county_administrator)
    person.refresh_from_db()
    assert person.is_active


# ---- days --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("now", "counts"),
    [
        ("2026-03-31T15:59:59+00:00", True),  # 23:59:59 on the last day in Shanghai
        ("2026-03-31T16:00:00+00:00", False),  # 0:00 the day after; still 31 March in UTC
    ],
)
def test_the_last_day_ends_at_midnight_in_shanghai(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, now: str, counts: bool
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime.fromisoformat(now))
    teacher = factories.make_user()
    factories.make_membership(teacher, tree.school, starts=date(2026, 3, 31), ends=date(2026, 3, 31))
    assert bool(allowed(teacher, Verb.EDIT, tree.school)) is counts
    assert School.objects.visible_to(teacher).exists() is counts


@pytest.mark.parametrize(
    ("now", "counts"),
    [("2026-03-31T15:59:59+00:00", False), ("2026-03-31T16:00:00+00:00", True)],
)
def test_the_first_day_begins_at_midnight_in_shanghai(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, now: str, counts: bool
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime.fromisoformat(now))
    teacher = factories.make_user()
    factories.make_membership(teacher, tree.school, starts=date(2026, 4, 1))
    assert bool(allowed(teacher, Verb.EDIT, tree.school)) is counts


def test_rights_read_yesterday_do_not_outlive_midnight(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = factories.make_user()
    factories.make_membership(teacher, tree.school, starts=date(2026, 3, 1), ends=date(2026, 3, 31))
    monkeypatch.setattr(timezone, "now", lambda: datetime.fromisoformat("2026-03-31T12:00:00+00:00"))
    assert allowed(teacher, Verb.EDIT, tree.school)
    monkeypatch.setattr(timezone, "now", lambda: datetime.fromisoformat("2026-03-31T18:00:00+00:00"))
    assert not allowed(teacher, Verb.EDIT, tree.school)


# ---- schools -----------------------------------------------------------------------------------------
def test_a_county_administrator_opens_a_school(tree: Tree, county_administrator: User) -> None:
    school = operations.create_school(
        county=tree.county, name="新校", kind="primary", urban_class="town", actor=county_administrator
    )
    assert school.county == tree.county
    assert kinds() == ["school.opened"]


@pytest.mark.parametrize("where", ["sibling_county", "far_county"])
def test_not_in_another_county(tree: Tree, county_administrator: User, where: str) -> None:
    before = School.objects.count()
    with pytest.raises(Denied):
        operations.create_school(
            county=getattr(tree, where),
            name="新校",
            kind="primary",
            urban_class="town",
            actor=county_administrator,
        )
    assert School.objects.count() == before
    assert kinds() == []


def test_a_school_administrator_does_not_redraw_the_school(tree: Tree) -> None:
    actor = factories.make_administrator(tree.school)
    with pytest.raises(Denied):
        operations.close_school(school=tree.school, on=timezone.localdate(), actor=actor)
    with pytest.raises(Denied):
        operations.open_prep_point(school=tree.school, actor=actor)
    tree.school.refresh_from_db()
    assert tree.school.closed is None
    assert not PrepPoint.objects.exists()


def test_two_schools_of_one_county_do_not_share_a_name(tree: Tree) -> None:
    with pytest.raises(NotPossible):
        operations.create_school(
            county=tree.county, name=tree.school.name, kind="primary", urban_class="town", actor=None
        )


def test_a_point_of_a_point_is_refused(tree: Tree) -> None:
    with pytest.raises(NotPossible):
        operations.create_school(
            county=tree.county,
            name="更小的点",
            kind="teaching_point",
            urban_class="village",
            parent=tree.point,
            actor=None,
        )


def test_closing_ends_memberships_and_the_prep_point_with_the_last_day(
    tree: Tree, county_administrator: User, told: list[int], django_capture_on_commit_callbacks
) -> None:
    school = tree.same_county_school
    teacher, today = factories.make_teacher(school), timezone.localdate()
    point = factories.make_prep_point(school)
    with django_capture_on_commit_callbacks(execute=True):
        operations.close_school(school=school, on=today, actor=county_administrator)
    point.refresh_from_db()
    assert (school.closed, point.closed, teacher.memberships.get().ends) == (today, today, today)
    assert kinds() == ["prep_point.closed", "membership.ended", "school.closed"]
    assert set(told) == {teacher.pk, county_administrator.pk}


def test_a_central_school_with_points_is_not_closed(tree: Tree) -> None:
    with pytest.raises(NotPossible):
        operations.close_school(school=tree.school, on=timezone.localdate(), actor=None)
    tree.school.refresh_from_db()
    assert tree.school.closed is None


def test_reopening_after_a_mistake(tree: Tree, county_administrator: User) -> None:
    operations.close_school(school=tree.far_school, on=timezone.localdate() - DAY, actor=None)
    with pytest.raises(Denied):
        operations.reopen_school(school=tree.far_school, actor=county_administrator)
    operations.reopen_school(school=tree.far_school, actor=factories.make_administrator(tree.far_county))
    assert not tree.far_school.is_closed()


def test_a_school_that_moves_is_reached_from_its_new_county(tree: Tree) -> None:
    actor = factories.make_administrator(tree.prefecture)
    school = tree.same_county_school
    operations.change_school(
        school=school,
        county=tree.sibling_county,
        name=school.name,
        kind=school.kind,
        urban_class=school.urban_class,
        is_rural_central=False,
        parent=None,
        opened=None,
        actor=actor,
    )
    researcher = factories.make_member(tree.sibling_county, Role.RESEARCHER)
    school.refresh_from_db()
    assert allowed(researcher, Verb.REVIEW, school)


# ---- prep points -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "urban_class", "central", "may"),
    [
        ("primary", "village", True, True),
        ("primary", "village", False, False),
        ("primary", "town", False, True),
        ("primary", "city", False, True),
        ("junior", "village", False, True),
        ("nine_year", "village", False, True),
        ("special", "town", False, True),
        ("teaching_point", "village", False, False),
        ("teaching_point", "town", False, False),
        ("teaching_point", "village", True, False),
    ],
)
def test_prep_points_only_at_rural_central_schools_and_above(
    tree: Tree, kind: str, urban_class: str, central: bool, may: bool
) -> None:
    school = factories.make_school(tree.county, kind=kind, urban_class=urban_class, is_rural_central=central)
    if may:
        operations.open_prep_point(school=school, actor=None)
        assert kinds() == ["prep_point.opened"]
        return
    with pytest.raises(NotPossible) as refusal:
        operations.open_prep_point(school=school, actor=None)
    assert "备课点" in refusal.value.reason
    assert not PrepPoint.objects.exists()


def test_a_prep_point_closes_and_opens_again(tree: Tree, county_administrator: User) -> None:
    point = operations.open_prep_point(school=tree.school, actor=county_administrator)
    with pytest.raises(NotPossible):
        operations.open_prep_point(school=tree.school, actor=county_administrator)
    operations.close_prep_point(prep_point=point, actor=county_administrator)
    with pytest.raises(NotPossible):
        operations.close_prep_point(prep_point=point, actor=county_administrator)
    again = operations.open_prep_point(school=tree.school, actor=county_administrator)
    assert (again.pk, again.closed) == (point.pk, None)


# ---- regions -----------------------------------------------------------------------------------------
def test_moving_a_region_takes_everything_below_along(
    tree: Tree, told: list[int], django_capture_on_commit_callbacks
) -> None:
    """As 公主岭市 in 2020: from then on the other prefecture reaches it, the former one no longer."""
    old = factories.make_member(tree.prefecture, Role.RESEARCHER)
    new = factories.make_member(tree.other_prefecture, Role.RESEARCHER)
    teacher = factories.make_teacher(tree.school)
    actor = factories.make_administrator(tree.province)
    with django_capture_on_commit_callbacks(execute=True):
        operations.move_region(region=tree.county, parent=tree.other_prefecture, actor=actor)
    school = School.objects.select_related("county").get(pk=tree.school.pk)
    assert school.county.path == f"{tree.other_prefecture.path}{tree.county.pk}/"
    assert allowed(User.objects.get(pk=new.pk), Verb.REVIEW, school)
    assert not allowed(User.objects.get(pk=old.pk), Verb.REVIEW, school)
    assert {old.pk, new.pk, teacher.pk, actor.pk} <= set(told)


def test_moving_a_prefecture_moves_the_paths_of_its_counties(tree: Tree) -> None:
    other_province = factories.make_province("另一省")
    operations.move_region(region=tree.prefecture, parent=other_province, actor=None)
    tree.county.refresh_from_db()
    assert tree.county.path == f"{other_province.path}{tree.prefecture.pk}/{tree.county.pk}/"


def test_a_region_is_redrawn_from_above_only(tree: Tree, county_administrator: User) -> None:
    with pytest.raises(Denied):
        operations.change_region(region=tree.county, name="改名", kind="", actor=county_administrator)
    with pytest.raises(Denied):
        operations.move_region(region=tree.county, parent=tree.other_prefecture, actor=county_administrator)
    prefecture_administrator = factories.make_administrator(tree.prefecture)
    with pytest.raises(Denied):
        operations.move_region(
            region=tree.county, parent=tree.other_prefecture, actor=prefecture_administrator
        )
    tree.county.refresh_from_db()
    assert (tree.county.name, tree.county.parent) == ("甲一县", tree.prefecture)
    operations.change_region(region=tree.county, name="改名", kind="县", actor=prefecture_administrator)
    assert Region.objects.get(pk=tree.county.pk).name == "改名"


def test_levels_follow_one_another(tree: Tree) -> None:
    for level, parent in (
        ("county", tree.province),
        ("prefecture", tree.county),
        ("province", tree.province),
    ):
        with pytest.raises(NotPossible):
            operations.add_region(own_id="x", name="x", level=level, parent=parent, actor=None)
    assert not Region.objects.filter(own_id="x").exists()


def test_a_centre_is_set_up_by_its_own_administrator(tree: Tree, county_administrator: User) -> None:
    operations.open_centre(region=tree.county, name="备课中心", actor=county_administrator)
    with pytest.raises(Denied):
        operations.open_centre(region=tree.prefecture, name="备课中心", actor=county_administrator)
    assert TeachingCentre.objects.count() == 1
