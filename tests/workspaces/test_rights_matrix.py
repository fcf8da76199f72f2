"""Every right in the workspaces: role × unit it is held in × state × act × unit asked about, by hand.

Then, for every kind of row, the filter (`visible_to`) against the check of one row, for everybody.
"""

import sys
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from teaching_centres.models import School
from teaching_centres.roles import Role
from teaching_centres.workspace import policies
from teaching_centres.workspace.acts import Act, rows_where
from teaching_centres.workspace.models import (
    Circular,
    CircularReceipt,
    Expertise,
    LineMeasurement,
    Pairing,
    SupportTicket,
    Task,
    TaskReceiver,
    Visit,
    WeakSchool,
)
from teaching_centres.workspace.models.common import UNIT
from teaching_centres.workspace.policies import may
from tests import factories
from tests.teaching_centres.test_rights_matrix import (
    PLACEMENTS,
    REACH_BY_HAND,
    STATES,
    STATES_THAT_COUNT,
    Network,
    Placement,
    person_in,
)
from tests.teaching_centres.test_rights_matrix import network as network  # the fixture

pytestmark = pytest.mark.django_db

LEADERS = {"group_leader", "researcher", "administrator"}
STAFF = LEADERS | {"teacher"}
WHO = {
    "lead": LEADERS,
    "choose": {"group_leader", "researcher"},
    "grade": {"administrator"},
    "follow": STAFF,
    "look": STAFF | {"inspector"},
    "answer": LEADERS,
    "ask": STAFF,
    "measure": STAFF,
}
ON_CLOSED = {  # from the regions above only
    "lead": {"administrator"},
    "grade": {"administrator"},
    "follow": {"researcher", "administrator"},
    "look": {"researcher", "administrator", "inspector"},
}
WITHIN = {"answer", "ask", "measure"}


def expected(placement: Placement, state: str, act: str, unit: str) -> bool:
    own_school_closed = state == "school closed"
    counts = state in STATES_THAT_COUNT or (own_school_closed and placement.kind == "region")
    if not counts or unit not in REACH_BY_HAND[placement.unit]:
        return False
    if act in WITHIN and not (unit == placement.unit or (placement.unit == "school" and unit == "point")):
        return False
    closed = {"closed_school", "school"} if own_school_closed else {"closed_school"}
    return placement.role in (ON_CLOSED.get(act, set()) if unit in closed else WHO[act])


@pytest.fixture
def a_task_for_everyone(network: Network) -> Task:
    task = Task.objects.create(
        centre=network.units["province"].centre,
        title="任务",
        expected="做",
        due=timezone.localdate(),
        audience="",
        given_by=factories.make_user(),
    )
    for unit in network.units.values():
        kind = "school" if isinstance(unit, School) else "region"
        TaskReceiver.objects.create(task=task, **{kind: unit})
    return task


def test_every_act_everywhere(
    network: Network, a_task_for_everyone: Task, capsys: pytest.CaptureFixture[str]
) -> None:
    checked = 0
    wrong: list[str] = []
    for placement in PLACEMENTS:
        for state in STATES:
            with person_in(network, placement, state) as user:
                for act in Act:
                    rows = TaskReceiver.objects.filter(rows_where(user, act, UNIT))
                    visible = {network.name(row.unit) for row in rows.select_related("school", "region")}
                    for name, unit in network.units.items():
                        wanted = expected(placement, state, act.value, name)
                        found = (bool(may(user, act, unit)), name in visible)
                        if found != (wanted, wanted):
                            wrong.append(f"{placement} {state} {act.value} {name}: {wanted=} {found=}")
                        checked += 1
    assert wrong == []
    assert checked == len(PLACEMENTS) * len(STATES) * len(Act) * len(network.units)
    with capsys.disabled():
        sys.stdout.write(
            f"\nworkspace rights: {checked} cells (role × unit held × state × act × unit asked)\n"
        )


def test_nobody_without_a_role_may_do_anything(network: Network, a_task_for_everyone: Task) -> None:
    for user in (AnonymousUser(), factories.make_user(), factories.make_user(is_active=False)):
        for act in Act:
            assert not any(may(user, act, unit) for unit in network.units.values())
            assert not TaskReceiver.objects.filter(rows_where(user, act, UNIT)).exists()


# ---- rows ------------------------------------------------------------------------------------------------
def make_rows(network: Network) -> None:
    """One row of every kind for every unit it can belong to."""
    units, today = network.units, timezone.localdate()
    somebody = factories.make_user()
    schools = {name: unit for name, unit in units.items() if isinstance(unit, School)}
    for name, unit in units.items():
        if name not in schools:
            by_centre = {"centre": unit.centre, "audience": ""}
            task = Task.objects.create(**by_centre, title="任务", expected="做", due=today, given_by=somebody)
            circular = Circular.objects.create(**by_centre, title="通知", text="内容", sent_by=somebody)
            for each in units.values():
                kind = "school" if isinstance(each, School) else "region"
                if each != unit and (name == "county" or each == units["school"]):
                    TaskReceiver.objects.create(task=task, **{kind: each})
                    CircularReceipt.objects.create(
                        circular=circular, user=factories.make_user(), **{kind: each}
                    )
            Expertise.objects.create(
                user=somebody, grade="backbone", region=unit, subject="语文", starts=today
            )
    for name, school in schools.items():
        centre = units["far_county" if name == "far_school" else "county"].centre
        WeakSchool.objects.create(school=school, centre=centre, reason="缺", listed_by=somebody)
        SupportTicket.objects.create(school=school, centre=centre, need="要", opened_by=somebody)
        LineMeasurement.objects.create(school=school, at=timezone.now(), kind="click", down_kbit=5)
        other = schools["far_school" if name == "school" else "school"]
        Pairing.objects.create(town=school, village=other, made_by=somebody)
        origin = (
            {"from_region": units["far_county"]}
            if name == "school"
            else {"from_school": schools["far_school"]}
        )
        if name != "far_school":
            Visit.objects.create(
                **origin,
                kind="sent",
                person=somebody,
                to_school=school,
                starts=today,
                ends=today,
                subject="语文",
                hours=1,
                registered_by=somebody,
            )


ROWS: list[tuple[Any, Any, tuple[str, ...]]] = [
    (Task, policies.may_see_task, ("centre__region",)),
    (TaskReceiver, policies.may_see_receiver, ("task__centre__region", "school__county", "region")),
    (Circular, policies.may_see_circular, ("centre__region",)),
    (CircularReceipt, policies.may_see_receipt, ("circular__centre__region", "school__county", "region")),
    (Expertise, policies.may_see_expertise, ()),
    (WeakSchool, policies.may_see_weak_school, ("school__county",)),
    (SupportTicket, policies.may_see_ticket, ("school__county",)),
    (Pairing, policies.may_see_pairing, ("town__county", "village__county")),
    (Visit, policies.may_see_visit, ("from_school__county", "from_region", "to_school__county")),
    (LineMeasurement, policies.may_see_measurement, ("school__county",)),
]


@pytest.mark.parametrize(("model", "check", "related"), ROWS, ids=[row[0].__name__ for row in ROWS])
def test_rows_and_policy_agree(network: Network, model, check, related, capsys) -> None:
    make_rows(network)
    checked = seen = 0
    for placement in PLACEMENTS:
        for state in ("current", "ended", "inactive person", "school closed"):
            with person_in(network, placement, state) as user:
                visible = set(model.objects.visible_to(user).values_list("pk", flat=True))
                for row in model.objects.select_related(*related):
                    assert bool(check(user, row)) == (row.pk in visible), (placement, state, row)
                    checked += 1
                seen += len(visible)
    assert 0 < seen < checked
    with capsys.disabled():
        sys.stdout.write(f"\n{model.__name__}: {checked} pairs of row and person\n")


@pytest.mark.parametrize(
    ("model", "field", "check"),
    [
        (SupportTicket, "opened_by", policies.may_see_ticket),
        (SupportTicket, "assigned_to", policies.may_see_ticket),
        (Visit, "person", policies.may_see_visit),
        (CircularReceipt, "user", policies.may_see_receipt),
    ],
)
def test_whom_a_row_concerns_sees_it_while_they_serve(network: Network, model, field, check) -> None:
    make_rows(network)
    row = model.objects.order_by("pk")[0]
    person = factories.make_user()
    setattr(row, field, person)
    row.save()
    assert not check(person, row)
    assert not model.objects.visible_to(person).exists()
    person = factories.make_teacher(factories.make_school())
    setattr(row, field, person)
    row.save()
    assert check(person, row)
    assert list(model.objects.visible_to(person)) == [row]


def test_inspectors_see_neither_tasks_nor_tickets_nor_the_list(network: Network) -> None:
    make_rows(network)
    inspector = factories.make_member(network.units["province"], Role.INSPECTOR)
    for model in (Task, TaskReceiver, Circular, CircularReceipt, SupportTicket, WeakSchool):
        assert not model.objects.visible_to(inspector).exists()
    for seen in (Pairing, Visit, LineMeasurement):
        assert seen.objects.visible_to(inspector).count() == seen.objects.count() > 0


def test_another_school_sees_nothing_of_who_is_weak(network: Network) -> None:
    make_rows(network)
    for role in (Role.TEACHER, Role.GROUP_LEADER, Role.ADMINISTRATOR):
        user = factories.make_member(network.units["same_county_school"], role)
        seen = WeakSchool.objects.visible_to(user).exclude(school=network.units["same_county_school"])
        assert not seen.exists()


def test_a_centre_is_opened_by_those_below_it_and_those_above(network: Network) -> None:
    centre = network.units["county"].centre
    for unit, opens in {"school": True, "prefecture": True, "sibling_county_school": False}.items():
        role = Role.TEACHER if isinstance(network.units[unit], School) else Role.RESEARCHER
        user = factories.make_member(network.units[unit], role)
        assert bool(policies.may_open_centre(user, centre)) is opens
    late = factories.make_user()
    yesterday = timezone.localdate() - timedelta(days=1)
    factories.make_membership(late, network.units["school"], Role.TEACHER, ends=yesterday)
    assert not policies.may_open_centre(late, centre)
