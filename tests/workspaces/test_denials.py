"""Who may do what: role × unit × act, in full and by hand.

What is refused changes nothing and is in the audit trail as refused.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from foundation.accounts.models import User
from foundation.ledger.acts import ACTS
from foundation.ledger.models import AuditEntry
from lessons.models import LessonPlan
from lessons.workspace.models import Exemplar
from lessons.workspace.operations import choose_exemplar, remove_exemplar
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.policies import Unit
from teaching_centres.roles import Role
from teaching_centres.workspace import operations
from teaching_centres.workspace.audiences import Audience
from teaching_centres.workspace.models import Expertise, SupportTicket
from tests import factories
from tests.workspaces.conftest import World, everything

pytestmark = pytest.mark.django_db

ROLES_IN = {
    "school": ("teacher", "group_leader", "administrator"),
    "region": ("researcher", "administrator", "inspector"),
}
SCHOOLS = ("village", "town", "point", "school of the next county", "school far away")
REGIONS = ("county", "next county", "county far away", "prefecture", "other prefecture", "province")
PLACEMENTS = [
    *(f"{unit} {role}" for unit in SCHOOLS for role in ROLES_IN["school"]),
    *(f"{unit} {role}" for unit in REGIONS for role in ROLES_IN["region"]),
]

# what is acted on belongs to the village school and its county: who may, by hand
ABOVE = ("county", "prefecture", "province")
GRADERS = {f"{unit} administrator" for unit in ABOVE} | {"operator"}
CHOOSERS = {f"{unit} researcher" for unit in ABOVE}
CENTRE = GRADERS | CHOOSERS
VILLAGE_LEADS = {"village group_leader", "village administrator"}
VILLAGE = VILLAGE_LEADS | {"village teacher"}
BOTH_LEAD = VILLAGE_LEADS | {"town group_leader", "town administrator"}


def people_of(world: World) -> dict[str, User]:
    """Every role in every unit, the operator, and somebody without a role."""
    tree = world.tree
    units: dict[str, Unit] = {
        "village": world.village,
        "town": world.town,
        "point": tree.point,
        "school of the next county": tree.sibling_county_school,
        "school far away": tree.far_school,
        "county": tree.county,
        "next county": tree.sibling_county,
        "county far away": tree.far_county,
        "prefecture": tree.prefecture,
        "other prefecture": tree.other_prefecture,
        "province": tree.province,
    }
    people = {
        name: factories.make_member(units[name.rsplit(" ", 1)[0]], name.rsplit(" ", 1)[1])
        for name in PLACEMENTS
    }
    return people | {"operator": factories.make_superuser(), "nobody": factories.make_user()}


@dataclass(frozen=True)
class ToDo:
    """`prepare` makes what is acted on; `act` does it."""

    name: str
    allowed: set[str]
    prepare: Callable[[World, dict[str, User]], Any]
    act: Callable[[Any, World, User], Any]
    audited_as: str


def handed_in(world: World, _people: dict[str, User]) -> Any:
    part = world.part(world.task())
    operations.hand_in(receiver=part, text="交了", actor=world.village_leader)
    return part


def taken(world: World, people: dict[str, User]) -> SupportTicket:
    ticket = world.ticket()
    until = world.today + timedelta(days=3)
    return operations.take_ticket(
        ticket=ticket, assigned_to=world.researcher, until=until, actor=world.researcher
    )


def answered(world: World, people: dict[str, User]) -> SupportTicket:
    return operations.answer_ticket(ticket=taken(world, people), text="来看课", actor=world.researcher)


def graded(world: World, _people: dict[str, User]) -> Expertise:
    return operations.grant_expertise(
        person=world.town_teacher,
        grade="backbone",
        region=world.county,
        subject="语文",
        starts=world.today,
        actor=world.administrator,
    )


def grant(_row: Any, world: World, actor: User) -> Any:
    return operations.grant_expertise(
        person=world.village_teacher,
        grade="backbone",
        region=world.county,
        subject="数学",
        starts=world.today,
        actor=actor,
    )


def log(row: Any, world: World, actor: User) -> Any:
    return operations.log_activity(
        pairing=row, day=world.today, kind="prepared", title="备课", giver="town", people=2, actor=actor
    )


def shared_plan(world: World, people: dict[str, User]) -> LessonPlan:
    return factories.make_plan(world.village_teacher, reach=LessonPlan.Reach.COUNTY)


def exemplar(world: World, people: dict[str, User]) -> Exemplar:
    return choose(shared_plan(world, people), world, world.researcher)


def choose(plan: LessonPlan, world: World, actor: User) -> Exemplar:
    return choose_exemplar(centre=world.centre, plan=plan, reason="写得实在", actor=actor)


Later = timedelta(days=3)
TO_DO = [
    ToDo("give a task", CENTRE, lambda w, p: None, lambda r, w, a: w.task(actor=a), "task.given"),
    ToDo(
        "withdraw a task",
        CENTRE,
        lambda w, p: w.task(),
        lambda r, w, a: operations.withdraw_task(task=r, because="错", actor=a),
        "task.withdrawn",
    ),
    ToDo(
        "begin a task",
        VILLAGE_LEADS,
        lambda w, p: w.part(w.task()),
        lambda r, w, a: operations.begin_task(receiver=r, actor=a),
        "task.handed_in",
    ),
    ToDo(
        "hand in",
        VILLAGE_LEADS,
        lambda w, p: w.part(w.task()),
        lambda r, w, a: operations.hand_in(receiver=r, text="交", actor=a),
        "task.handed_in",
    ),
    ToDo(
        "accept",
        CENTRE,
        handed_in,
        lambda r, w, a: operations.judge(receiver=r, verdict="accepted", actor=a),
        "task.judged",
    ),
    ToDo(
        "return",
        CENTRE,
        handed_in,
        lambda r, w, a: operations.judge(receiver=r, verdict="returned", reason="改", actor=a),
        "task.judged",
    ),
    ToDo("send a notice", CENTRE, lambda w, p: None, lambda r, w, a: w.circular(actor=a), "circular.sent"),
    ToDo(
        "remind of a notice",
        CENTRE,
        lambda w, p: w.circular(),
        lambda r, w, a: operations.remind_unread(circular=r, actor=a),
        "circular.reminded",
    ),
    ToDo(
        "withdraw a notice",
        CENTRE,
        lambda w, p: w.circular(),
        lambda r, w, a: operations.withdraw_circular(circular=r, because="错", actor=a),
        "circular.withdrawn",
    ),
    ToDo("grant a grade", GRADERS, lambda w, p: None, grant, "expertise.granted"),
    ToDo(
        "end a grade",
        GRADERS,
        graded,
        lambda r, w, a: operations.end_expertise(expertise=r, on=w.today, actor=a),
        "expertise.ended",
    ),
    ToDo(
        "list a school", CENTRE, lambda w, p: None, lambda r, w, a: w.weak_school(actor=a), "support.listed"
    ),
    ToDo(
        "take a school off the list",
        CENTRE,
        lambda w, p: w.weak_school(),
        lambda r, w, a: operations.unlist_school(row=r, actor=a),
        "support.unlisted",
    ),
    ToDo(
        "ask for help",
        VILLAGE | CENTRE,
        lambda w, p: None,
        lambda r, w, a: w.ticket(actor=a),
        "ticket.opened",
    ),
    ToDo(
        "give a ticket to someone",
        CENTRE,
        lambda w, p: w.ticket(),
        lambda r, w, a: operations.take_ticket(
            ticket=r, assigned_to=w.researcher, until=w.today + Later, actor=a
        ),
        "ticket.moved",
    ),
    ToDo(
        "answer a ticket",
        CENTRE,
        taken,
        lambda r, w, a: operations.answer_ticket(ticket=r, text="来", actor=a),
        "ticket.moved",
    ),
    ToDo(
        "close a ticket",
        VILLAGE_LEADS | CENTRE,
        answered,
        lambda r, w, a: operations.close_ticket(ticket=r, actor=a),
        "ticket.moved",
    ),
    ToDo(
        "reopen a ticket",
        VILLAGE_LEADS | CENTRE,
        answered,
        lambda r, w, a: operations.reopen_ticket(ticket=r, text="还差", actor=a),
        "ticket.moved",
    ),
    ToDo(
        "write on a ticket",
        VILLAGE_LEADS | CENTRE,
        lambda w, p: w.ticket(),
        lambda r, w, a: operations.write_message(ticket=r, text="好", actor=a),
        "ticket.moved",
    ),
    ToDo(
        "pair two schools", CENTRE, lambda w, p: None, lambda r, w, a: w.pairing(actor=a), "pairing.started"
    ),
    ToDo(
        "end a pairing",
        CENTRE,
        lambda w, p: w.pairing(),
        lambda r, w, a: operations.end_pairing(pairing=r, on=w.today, actor=a),
        "pairing.changed",
    ),
    ToDo(
        "write the plan of a pairing",
        BOTH_LEAD | CENTRE,
        lambda w, p: w.pairing(),
        lambda r, w, a: operations.change_plan(pairing=r, plan="一起备课", actor=a),
        "pairing.changed",
    ),
    ToDo("log what a pair did", BOTH_LEAD | CENTRE, lambda w, p: w.pairing(), log, "pairing.activity"),
    ToDo(
        "register a visit",
        BOTH_LEAD | CENTRE,
        lambda w, p: None,
        lambda r, w, a: w.visit(actor=a),
        "visit.registered",
    ),
    ToDo(
        "confirm a visit",
        VILLAGE_LEADS,
        lambda w, p: w.visit(),
        lambda r, w, a: operations.decide_visit(visit=r, state="confirmed", actor=a),
        "visit.decided",
    ),
    ToDo(
        "refuse a visit",
        VILLAGE_LEADS,
        lambda w, p: w.visit(),
        lambda r, w, a: operations.decide_visit(visit=r, state="refused", reason="没来", actor=a),
        "visit.decided",
    ),
    ToDo(
        "measure the line",
        VILLAGE,
        lambda w, p: None,
        lambda r, w, a: operations.measure(
            school=w.village, kind="click", down_kbit=900, latency_ms=80, actor=a
        ),
        "line.measured",
    ),
    ToDo("choose an exemplar", CHOOSERS, shared_plan, choose, "exemplar.chosen"),
    ToDo(
        "take an exemplar back",
        CHOOSERS,
        exemplar,
        lambda r, w, a: remove_exemplar(exemplar=r, actor=a),
        "exemplar.removed",
    ),
]


@pytest.mark.parametrize("to_do", TO_DO, ids=[to_do.name for to_do in TO_DO])
def test_who_may_and_a_refusal_changes_nothing(world: World, to_do: ToDo) -> None:
    people = people_of(world)
    row = to_do.prepare(world, people)
    before = everything()
    for name, person in people.items():
        entries = AuditEntry.objects.count()
        if row is not None:
            row.refresh_from_db()
        if name in to_do.allowed:
            point = transaction.savepoint()
            to_do.act(row, world, person)
            assert everything() != before, name
            transaction.savepoint_rollback(point)
        else:
            with pytest.raises(Denied) as denied:
                to_do.act(row, world, person)
            assert denied.value.reason, name
            assert everything() == before, name
            last = AuditEntry.objects.order_by("pk").last()
            assert AuditEntry.objects.count() == entries + 1, name
            assert (last.act, last.allowed, last.actor_id) == (to_do.audited_as, False, person.pk), name


KINDS_OF_ACT = (
    "task",
    "circular",
    "expertise",
    "support",
    "ticket",
    "pairing",
    "visit",
    "line",
    "exemplar",
)


def test_the_matrix_is_whole(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    people = people_of(world)
    assert all(to_do.allowed <= set(people) for to_do in TO_DO)
    assert len({to_do.name for to_do in TO_DO}) == len(TO_DO)
    of_workspaces = {act for act in ACTS if act.split(".")[0] in KINDS_OF_ACT}
    assert {to_do.audited_as for to_do in TO_DO} == of_workspaces - {
        "visit.exported"
    }  # a file, see test_views
    cells = len(TO_DO) * len(people)
    allowed = sum(len(to_do.allowed) for to_do in TO_DO)
    with capsys.disabled():
        sys.stdout.write(
            f"\nacts in the workspaces: {cells} cells (role × unit × act), "
            f"{allowed} allowed, {cells - allowed} refused\n"
        )


def test_whoever_was_given_a_ticket_answers_it(world: World) -> None:
    graded(world, {})
    ticket = world.ticket()
    operations.take_ticket(
        ticket=ticket, assigned_to=world.town_teacher, until=world.today, actor=world.researcher
    )
    operations.answer_ticket(ticket=ticket, text="周四来上一节", actor=world.town_teacher)
    assert ticket.state == SupportTicket.State.ANSWERED
    with pytest.raises(Denied):
        operations.close_ticket(ticket=ticket, actor=world.town_teacher)


def test_whoever_asked_closes_and_reopens(world: World) -> None:
    ticket = answered(world, {})
    operations.reopen_ticket(ticket=ticket, text="还是不会", actor=world.village_teacher)
    assert (ticket.state, ticket.reopened) == (SupportTicket.State.TAKEN, 1)
    operations.answer_ticket(ticket=ticket, text="再来一次", actor=world.researcher)
    operations.close_ticket(ticket=ticket, actor=world.village_teacher)
    assert ticket.state == SupportTicket.State.CLOSED


def test_a_point_without_leaders_is_led_by_its_central_school(world: World) -> None:
    point = world.tree.point
    row = operations.measure(
        school=point, kind="click", down_kbit=500, latency_ms=90, actor=world.village_leader
    )
    assert row.school == point
    ticket = world.ticket(school=point, actor=world.village_leader)
    assert not ticket.opened_by_centre


def test_an_empty_audience_is_no_audience(world: World) -> None:
    before = everything()
    with pytest.raises(NotPossible):
        world.task(audience=Audience())
    with pytest.raises(NotPossible):
        world.task(due=timezone.localdate() - timedelta(days=1))
    with pytest.raises(NotPossible):
        world.circular(roles=[Role.INSPECTOR])
    assert everything() == before
