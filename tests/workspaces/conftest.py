from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from foundation.accounts.models import User
from foundation.ledger.models import Event
from foundation.notices.models import Notice
from lessons.workspace.models import Exemplar
from teaching_centres.models import Region, School, TeachingCentre
from teaching_centres.roles import Role
from teaching_centres.workspace import operations
from teaching_centres.workspace.audiences import Audience
from teaching_centres.workspace.models import Pairing, SupportTicket, Task, TaskReceiver, Visit, WeakSchool
from tests import factories
from tests.factories import Tree


@dataclass
class World:
    """A county with its centre, a town and a village school with prep points, and people who run them."""

    tree: Tree
    centre: TeachingCentre
    town: School
    village: School
    researcher: User
    administrator: User
    town_leader: User
    village_leader: User
    town_teacher: User
    village_teacher: User
    outsider: User
    today: date = field(default_factory=timezone.localdate)

    @property
    def county(self) -> Region:
        return self.tree.county

    def task(self, **fields) -> Task:
        values = {
            "centre": self.centre,
            "title": "交一份个案",
            "expected": "每校一份",
            "due": self.today + timedelta(days=7),
            "audience": Audience(schools=True),
            "actor": self.researcher,
        }
        return operations.give_task(**(values | fields))

    def part(self, task: Task, school: School | None = None) -> TaskReceiver:
        rows = TaskReceiver.objects.select_related("task__centre__region", "school__county", "region")
        return rows.get(task=task, school=school or self.village)

    def circular(self, **fields):
        values = {
            "centre": self.centre,
            "title": "开会",
            "text": "周三下午",
            "audience": Audience(schools=True, with_point=False),
            "roles": [Role.TEACHER, Role.GROUP_LEADER],
            "actor": self.researcher,
        }
        return operations.send_circular(**(values | fields))

    def ticket(self, **fields) -> SupportTicket:
        values = {"school": self.village, "need": "想看一节习作课", "actor": self.village_teacher}
        opened = operations.open_ticket(**(values | fields))
        return SupportTicket.objects.select_related("school__county", "centre__region").get(pk=opened.pk)

    def weak_school(self, **fields) -> WeakSchool:
        values = {
            "centre": self.centre,
            "school": self.village,
            "reason": "语文缺老师",
            "actor": self.researcher,
        }
        return operations.list_school(**(values | fields))

    def pairing(self, **fields) -> Pairing:
        values = {
            "town": self.town,
            "village": self.village,
            "starts": self.today - timedelta(days=60),
            "actor": self.researcher,
        }
        return operations.start_pairing(**(values | fields))

    def visit(self, **fields) -> Visit:
        values = {
            "kind": Visit.Kind.SENT,
            "person": self.town_teacher,
            "origin": self.town,
            "to_school": self.village,
            "starts": self.today - timedelta(days=3),
            "ends": self.today - timedelta(days=3),
            "subject": "语文",
            "hours": 2,
            "actor": self.town_leader,
        }
        return operations.register_visit(**(values | fields))


@pytest.fixture
def world(db: None) -> World:
    return make_workspace_world()


def make_workspace_world() -> World:
    tree = factories.make_region_tree()
    village, town = tree.school, tree.same_county_school
    for school in (village, town):
        factories.make_prep_point(school)
    centre = factories.make_centre(tree.county)
    factories.make_centre(tree.prefecture)
    leader = Role.GROUP_LEADER
    return World(
        tree=tree,
        centre=centre,
        town=town,
        village=village,
        researcher=factories.make_member(tree.county, Role.RESEARCHER, name="县教研员"),
        administrator=factories.make_administrator(tree.county, name="县管理员"),
        town_leader=factories.make_member(town, leader, name="城里组长"),
        village_leader=factories.make_member(village, leader, name="乡里组长"),
        town_teacher=factories.make_teacher(town, name="城里老师"),
        village_teacher=factories.make_teacher(village, name="乡里老师"),
        outsider=factories.make_teacher(tree.far_school, name="外县老师"),
    )


def everything() -> dict[str, list[Any]]:
    """All rows of the workspaces, and what follows from an act elsewhere."""
    models: list[Any] = [
        model
        for model in apps.get_app_config("teaching_centres").get_models()
        if model.__module__.startswith("teaching_centres.workspace")
    ]
    assert len(models) > 10
    models += [Exemplar, Notice, Event]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
