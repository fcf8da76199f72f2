"""Every right, in full: role × unit it is held in × state × unit asked about × verb.

The expectation is written out here by hand, so that a change of the table in roles.py is seen.
Policy (one object) and `visible_to` (rows) must both equal it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from foundation.accounts.models import User
from teaching_centres.models import Membership, PrepPoint, Region, School, TeachingCentre
from teaching_centres.policies import Unit, allowed, may_see, may_see_membership
from teaching_centres.roles import VERBS, Role, UnitKind, Verb, roles_in
from tests import factories
from tests.factories import Tree

pytestmark = pytest.mark.django_db

VERBS_BY_HAND = {
    ("teacher", "school"): "see comment suggest edit",
    ("group_leader", "school"): "see comment suggest edit host review",
    ("researcher", "region"): "see comment suggest edit host review inspect",
    ("administrator", "school"): "manage inspect",
    ("administrator", "region"): "manage inspect",
    ("inspector", "region"): "inspect",
}
COUNTY = {"county", "school", "same_county_school", "point", "closed_school"}
PREFECTURE = COUNTY | {"prefecture", "sibling_county", "sibling_county_school"}
REACH_BY_HAND = {
    "school": {"school", "point"},
    "county": COUNTY,
    "prefecture": PREFECTURE,
    "province": PREFECTURE | {"province", "other_prefecture", "far_county", "far_school"},
}
STATES_THAT_COUNT = {"current", "first day", "last day"}
STATES = (*sorted(STATES_THAT_COUNT), "ended", "not yet begun", "inactive person", "school closed")


@dataclass(frozen=True)
class Placement:
    role: str
    unit: str  # a name in the network below

    @property
    def kind(self) -> str:
        return "school" if self.unit == "school" else "region"


PLACEMENTS = [
    Placement(role, unit)
    for role, kind in VERBS_BY_HAND
    for unit in (["school"] if kind == "school" else ["county", "prefecture", "province"])
]


@dataclass(frozen=True)
class Network:
    units: dict[str, Unit]

    def name(self, row: Unit) -> str:
        return next(name for name, unit in self.units.items() if unit == row)


@pytest.fixture
def network(db: None) -> Network:
    tree = factories.make_region_tree()
    units: dict[str, Unit] = {name: getattr(tree, name) for name in Tree.__dataclass_fields__}
    yesterday = timezone.localdate() - timedelta(days=1)
    units["closed_school"] = factories.make_school(tree.county, closed=yesterday)
    for unit in units.values():
        if isinstance(unit, School):
            factories.make_prep_point(unit)
        else:
            factories.make_centre(unit)
    return Network(units)


def days_of(state: str) -> tuple[date, date | None]:
    today = timezone.localdate()
    day = timedelta(days=1)
    return {
        "first day": (today, None),
        "last day": (today - 9 * day, today),
        "ended": (today - 9 * day, today - day),
        "not yet begun": (today + day, None),
    }.get(state, (today - 9 * day, None))


@contextmanager
def person_in(network: Network, placement: Placement, state: str) -> Iterator[User]:
    starts, ends = days_of(state)
    user = factories.make_user(is_active=state != "inactive person")
    factories.make_membership(user, network.units[placement.unit], placement.role, starts=starts, ends=ends)
    if state == "school closed":
        yesterday = timezone.localdate() - timedelta(days=1)
        School.objects.filter(pk=network.units["school"].pk).update(closed=yesterday)
    for unit in network.units.values():
        unit.refresh_from_db()
    yield User.objects.get(pk=user.pk)
    user.delete()
    School.objects.filter(pk=network.units["school"].pk).update(closed=None)


def expected(placement: Placement, state: str, unit: str, verb: str) -> bool:
    own_school_closed = state == "school closed"
    counts = state in STATES_THAT_COUNT or (own_school_closed and placement.kind == "region")
    if not counts or unit not in REACH_BY_HAND[placement.unit]:
        return False
    closed = {"closed_school", "school"} if own_school_closed else {"closed_school"}
    if unit in closed and verb in {"comment", "suggest", "edit", "host", "review"}:
        return False
    return verb in VERBS_BY_HAND[placement.role, placement.kind].split()


def rows_by_filter(network: Network, user: User, *verbs: Verb) -> set[str]:
    regions = {network.name(row) for row in Region.objects.visible_to(user, *verbs)}
    return regions | {network.name(row) for row in School.objects.visible_to(user, *verbs)}


def test_policy_and_row_filter_equal_the_table(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    checked = 0
    wrong: list[str] = []
    for placement in PLACEMENTS:
        for state in STATES:
            with person_in(network, placement, state) as user:
                for verb in Verb:
                    visible = rows_by_filter(network, user, verb)
                    for name, unit in network.units.items():
                        wanted = expected(placement, state, name, verb.value)
                        found = (bool(allowed(user, verb, unit)), name in visible)
                        if found != (wanted, wanted):
                            wrong.append(f"{placement} {state} {name} {verb}: {wanted=} {found=}")
                        checked += 1
    assert wrong == []
    assert checked == len(PLACEMENTS) * len(STATES) * len(network.units) * len(Verb) == 8064
    with capsys.disabled():
        sys.stdout.write(f"\nrights matrix: {checked} cells (role × unit held × state × unit asked × verb)\n")


def test_what_someone_has_to_do_with_is_the_union_of_the_verbs(network: Network) -> None:
    """`visible_to(user)` without a verb, on all four kinds of rows, against `may_see`."""
    checked = 0
    for placement in PLACEMENTS:
        for state in STATES:
            with person_in(network, placement, state) as user:
                by_hand = {
                    name
                    for name in network.units
                    if any(expected(placement, state, name, verb.value) for verb in Verb)
                }
                assert rows_by_filter(network, user) == by_hand
                assert {network.name(row.region) for row in TeachingCentre.objects.visible_to(user)} | {
                    network.name(row.school) for row in PrepPoint.objects.visible_to(user)
                } == by_hand
                for name, unit in network.units.items():
                    row = unit.prep_point if isinstance(unit, School) else unit.centre
                    assert bool(may_see(user, unit)) == bool(may_see(user, row)) == (name in by_hand)
                    checked += 1
    assert checked == len(PLACEMENTS) * len(STATES) * len(network.units)


def test_membership_rows_and_policy_agree(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    """Own ones; colleagues' current ones where one sees the work; all of them where one manages."""
    rows: dict[int, tuple[str, bool]] = {}
    for name, unit in network.units.items():
        role = Role.TEACHER if isinstance(unit, School) else Role.RESEARCHER
        for state in ("first day", "last day", "ended", "not yet begun", "inactive person"):
            starts, ends = days_of(state)
            holder = factories.make_user(is_active=state != "inactive person")
            row = factories.make_membership(holder, unit, role, starts=starts, ends=ends)
            rows[row.pk] = (name, state in STATES_THAT_COUNT and name != "closed_school")
    checked = 0
    for placement in PLACEMENTS:
        for state in STATES:
            with person_in(network, placement, state) as user:
                visible = set(Membership.objects.visible_to(user).values_list("pk", flat=True))
                for row in Membership.objects.select_related("user", "region", "school__county"):
                    where, current = rows.get(row.pk, ("", False))
                    if where:
                        manages = expected(placement, state, where, "manage")
                        colleague = current and not (state == "school closed" and where == "school")
                        wanted = manages or (colleague and expected(placement, state, where, "see"))
                    else:
                        wanted = row.user_id == user.pk and user.is_active
                    assert bool(may_see_membership(user, row)) == wanted, (placement, state, where)
                    assert (row.pk in visible) == wanted, (placement, state, where)
                    checked += 1
    with capsys.disabled():
        sys.stdout.write(f"\nmembership matrix: {checked} cells (viewer × state × membership)\n")


def test_the_table_itself() -> None:
    in_code = {(str(role), str(kind)): {str(verb) for verb in verbs} for (role, kind), verbs in VERBS.items()}
    assert in_code == {pair: set(verbs.split()) for pair, verbs in VERBS_BY_HAND.items()}
    assert set(roles_in(UnitKind.SCHOOL)) == {Role.TEACHER, Role.GROUP_LEADER, Role.ADMINISTRATOR}
    assert set(roles_in(UnitKind.REGION)) == {Role.RESEARCHER, Role.ADMINISTRATOR, Role.INSPECTOR}


@pytest.mark.parametrize("verb", list(Verb))
def test_a_superuser_manages_everywhere_and_reads_nothing(network: Network, verb: Verb) -> None:
    user = factories.make_superuser()
    wanted = set(network.units) if verb == Verb.MANAGE else set()
    assert rows_by_filter(network, user, verb) == wanted
    assert {name for name, unit in network.units.items() if allowed(user, verb, unit)} == wanted


@pytest.mark.parametrize("verb", list(Verb))
def test_nobody_without_a_role_may_do_anything(network: Network, verb: Verb) -> None:
    inactive_superuser = factories.make_user(is_superuser=True, is_active=False)
    for user in (AnonymousUser(), factories.make_user(), inactive_superuser):
        assert not any(allowed(user, verb, unit) for unit in network.units.values())
        assert not Region.objects.visible_to(user, verb).exists()
        assert not School.objects.visible_to(user, verb).exists()
        assert not Membership.objects.visible_to(user).exists()


def test_two_roles_add_up_and_do_not_leak_into_each_other(network: Network) -> None:
    """A teacher of one school who administers another does not manage the first, nor read in the second."""
    user = factories.make_user()
    factories.make_membership(user, network.units["school"], Role.TEACHER)
    factories.make_membership(user, network.units["far_school"], Role.ADMINISTRATOR)
    assert rows_by_filter(network, user, Verb.EDIT) == {"school", "point"}
    assert rows_by_filter(network, user, Verb.MANAGE) == {"far_school"}
    assert not allowed(user, Verb.MANAGE, network.units["school"])
    assert not allowed(user, Verb.SEE, network.units["far_school"])


@pytest.mark.parametrize(
    ("role", "unit", "verb", "reason"),
    [
        ("", "school", "see", "你现在没有任职。请联系学校管理员。"),
        ("teacher", "far_school", "see", "“{unit}”不在你的任职范围内。"),
        ("teacher", "school", "manage", "你在“{unit}”的角色不能管理单位和人员。"),
        ("researcher", "closed_school", "edit", "“{unit}”已经撤并，只能查看。"),
    ],
)
def test_a_denial_says_why(network: Network, role: str, unit: str, verb: str, reason: str) -> None:
    user = factories.make_user()
    if role:
        factories.make_membership(user, network.units["county" if role == "researcher" else "school"], role)
    decision = allowed(user, verb, network.units[unit])
    assert decision.reason == reason.format(unit=network.units[unit])


def test_someone_not_signed_in_is_asked_to_sign_in(network: Network) -> None:
    assert allowed(AnonymousUser(), Verb.SEE, network.units["school"]).reason == "请先登录。"
