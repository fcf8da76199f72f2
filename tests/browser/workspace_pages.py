"""The pages of the workspaces, entered in test_pages.py: with something of everything, and with nothing yet."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from foundation.accounts.models import User
from lessons.models import LessonPlan
from lessons.workspace.models import Exemplar
from lessons.workspace.operations import choose_exemplar
from teaching_centres.models import TeachingCentre
from teaching_centres.roles import Role
from teaching_centres.workspace import operations
from teaching_centres.workspace.audiences import Audience
from teaching_centres.workspace.models import (
    Circular,
    Expertise,
    LineMeasurement,
    Pairing,
    SupportTicket,
    Task,
    TaskReceiver,
    WeakSchool,
)
from teaching_centres.workspace.models import Visit as Exchange
from tests import factories
from tests.browser.part_visits import PartVisit, visit
from tests.workspaces.conftest import World, make_workspace_world


@dataclass(frozen=True)
class Workspace:
    """A county in which a lot goes on, and a prefecture in which nothing does yet."""

    world: World
    researcher: User
    administrator: User
    leader: User
    teacher: User
    above: User
    quiet: TeachingCentre
    task: Task
    part: TaskReceiver
    new_part: TaskReceiver
    circular: Circular
    ticket: SupportTicket
    pairing: Pairing
    visit: Exchange
    expertise: Expertise
    weak_school: WeakSchool
    exemplar: Exemplar


def make_workspace() -> Workspace:
    world = make_workspace_world()
    above = factories.make_member(world.tree.prefecture, Role.RESEARCHER, name="市教研员")
    plan = factories.make_plan(
        world.village_teacher,
        title="写观察日记",
        reach=LessonPlan.Reach.PREFECTURE,
        textbook=factories.make_textbook("数学"),
    )
    quiet = world.tree.prefecture.centre
    world.task(centre=quiet, audience=Audience(centres=True), title="报计划", actor=above)
    link = f"lesson-plan:{plan.pk}"
    task = world.task()
    part = world.part(task)
    operations.hand_in(receiver=part, text="改了第二环节", links=[link], actor=world.village_leader)
    operations.judge(receiver=part, verdict="returned", reason="说说为什么改", actor=world.researcher)
    operations.hand_in(receiver=part, text="先看实物", links=[link], actor=world.village_leader)
    circular = world.circular()
    operations.read_circular(circular=circular, actor=world.town_teacher)
    expertise = operations.grant_expertise(
        person=world.town_teacher,
        grade="backbone",
        region=world.county,
        subject="语文",
        starts=world.today - timedelta(days=400),
        actor=world.administrator,
    )
    ticket = world.ticket(urgency="urgent")
    operations.take_ticket(
        ticket=ticket,
        assigned_to=world.town_teacher,
        until=world.today,
        text="带上稿子",
        actor=world.researcher,
    )
    SupportTicket.objects.update(until=world.today - timedelta(days=1))
    pairing = world.pairing(plan="每月一起备一课")
    for giver in ("town", "village", "village"):
        operations.log_activity(
            pairing=pairing,
            day=world.today,
            kind="prepared",
            title="一起备《山行》",
            giver=giver,
            people=3,
            hours=2,
            actor=world.village_leader,
        )
    visit = world.visit(note="习作讲评课")
    world.visit(starts=world.today, ends=world.today + timedelta(days=30), kind="travelling", hours=16)
    for ago, kind, kbit in ((20, "idle", 900), (9, "outage", None), (3, "click", 2400)):
        LineMeasurement.objects.create(
            school=world.village,
            at=timezone.now() - timedelta(days=ago),
            kind=kind,
            down_kbit=kbit,
            latency_ms=90,
        )
    return Workspace(
        world=world,
        researcher=world.researcher,
        administrator=world.administrator,
        leader=world.village_leader,
        teacher=world.village_teacher,
        above=above,
        quiet=quiet,
        task=task,
        part=part,
        new_part=world.part(task, world.town),
        circular=circular,
        ticket=ticket,
        pairing=pairing,
        visit=visit,
        expertise=expertise,
        weak_school=world.weak_school(),
        exemplar=choose_exemplar(
            centre=world.centre, plan=plan, reason="句子是学生自己的", actor=world.researcher
        ),
    )


Id = Callable[[Workspace], Any]


def centre(workspace: Workspace) -> int:
    return workspace.world.centre.pk


def quiet(workspace: Workspace) -> int:
    return workspace.quiet.pk


def school(workspace: Workspace) -> int:
    return workspace.world.village.pk


def point(workspace: Workspace) -> int:
    return workspace.world.tree.point.pk


def task(workspace: Workspace) -> int:
    return workspace.task.pk


def part(workspace: Workspace) -> int:
    return workspace.part.pk


PAGES: dict[str, list[PartVisit]] = {
    "centre": [visit("researcher", centre), visit("teacher", centre), visit("above", quiet)],
    "centre-tasks": [visit("researcher", centre), visit("teacher", centre, status=403)],
    "centre-task-new": [visit("researcher", centre), visit("above", quiet)],
    "centre-circulars": [visit("researcher", centre), visit("above", quiet)],
    "centre-circular-new": [visit("researcher", centre)],
    "centre-experts": [visit("administrator", centre), visit("teacher", centre, query="?subject=体育")],
    "centre-expert-new": [visit("administrator", centre, query="?q_person=老师")],
    "centre-expert": [visit("administrator", centre, lambda each: each.world.town_teacher.pk)],
    "centre-exemplars": [visit("researcher", centre), visit("above", quiet)],
    "centre-exemplar-new": [visit("researcher", centre, query="?q=没有"), visit("above", quiet)],
    "centre-calendar": [visit("researcher", centre), visit("above", quiet, query="?month=2001-01")],
    "centre-support": [visit("researcher", centre), visit("researcher", centre, query="?state=closed")],
    "centre-weak-school-new": [visit("researcher", centre, query="?q_school=小学")],
    "centre-pairings": [visit("researcher", centre)],
    "centre-pairing-new": [visit("researcher", centre, query="?q_town=小学&q_village=没有")],
    "centre-visits": [visit("researcher", centre), visit("researcher", centre, query="?kind=support")],
    "centre-visit-new": [visit("researcher", centre)],
    "centre-schools": [visit("researcher", centre), visit("researcher", centre, query="?q=没有")],
    "workspace-task": [visit("researcher", task), visit("researcher", task, query="?state=done")],
    "workspace-task-receiver": [
        visit("researcher", task, part),
        visit("leader", task, part),
        visit("teacher", task, part),
    ],
    "my-circulars": [visit("teacher"), visit("researcher")],
    "workspace-circular": [
        visit("researcher", lambda each: each.circular.pk),
        visit("teacher", lambda each: each.circular.pk),
    ],
    "workspace-circular-receipts": [
        visit("researcher", lambda each: each.circular.pk),
        visit("researcher", lambda each: each.circular.pk, query="?unread=1"),
    ],
    "workspace-ticket": [
        visit("researcher", lambda each: each.ticket.pk),
        visit("teacher", lambda each: each.ticket.pk),
    ],
    "workspace-pairing": [
        visit("researcher", lambda each: each.pairing.pk),
        visit("leader", lambda each: each.pairing.pk),
    ],
    "school": [visit("leader", school), visit("teacher", point), visit("researcher", school)],
    "school-tasks": [visit("leader", school), visit("leader", point)],
    "school-people": [visit("teacher", school), visit("leader", point)],
    "school-line": [visit("teacher", school), visit("leader", point)],
    "school-pairings": [visit("teacher", school), visit("leader", point)],
    "school-help": [visit("teacher", school), visit("leader", point)],
    "school-visits": [visit("leader", school), visit("leader", point)],
    "school-visit-new": [visit("leader", school)],
    "school-plans": [visit("teacher", school), visit("leader", point, query="?week=2001-01-01")],
}
NOT_PAGES: dict[str, str] = {
    "centre-audience": "part of centre-task-new",
    "centre-expert-end": "takes a form",
    "centre-exemplar-end": "takes a form",
    "centre-weak-school-end": "takes a form",
    "centre-visits-export": "a table",
    "workspace-task-withdraw": "takes a form",
    "workspace-task-begin": "takes a form",
    "workspace-task-judge": "takes a form",
    "workspace-circular-remind": "takes a form",
    "workspace-circular-withdraw": "takes a form",
    "workspace-ticket-move": "takes a form",
    "workspace-pairing-plan": "takes a form",
    "workspace-pairing-end": "takes a form",
    "workspace-visit-decide": "takes a form",
    "workspace-find": "part of the forms that look for a person or a school",
    "school-line-measure": "takes a measurement, answers JSON",
    "school-visits-export": "a table",
}
VALUES: dict[str, Id] = {
    "centre_id": centre,
    "school_id": school,
    "task_id": task,
    "receiver_id": part,
    "circular_id": lambda each: each.circular.pk,
    "ticket_id": lambda each: each.ticket.pk,
    "pairing_id": lambda each: each.pairing.pk,
    "visit_id": lambda each: each.visit.pk,
    "expertise_id": lambda each: each.expertise.pk,
    "row_id": lambda each: each.weak_school.pk,
    "exemplar_id": lambda each: each.exemplar.pk,
}
