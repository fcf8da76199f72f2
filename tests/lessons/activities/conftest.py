from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.accounts.models import User
from foundation.catalogue.models import Subject
from lessons.activities import operations
from lessons.activities.models import PrepActivity
from lessons.models import PlanTemplate
from teaching_centres.roles import Role
from tests.factories import PASSWORD, Tree, make_member, make_region_tree, make_teacher, make_template


@dataclass(frozen=True)
class Group:
    """A group leader, who prepares first, two who take part, one of them in a village of another county."""

    tree: Tree
    template: PlanTemplate
    subject: Subject
    leader: User
    lead: User
    member: User
    village: User
    researcher: User
    outsider: User


@pytest.fixture
def group(db: None) -> Group:
    tree = make_region_tree()
    return Group(
        tree=tree,
        template=make_template(tree.province),
        subject=Subject.objects.get_or_create(name="语文")[0],
        leader=make_member(tree.school, Role.GROUP_LEADER, name="周组长", password=PASSWORD),
        lead=make_teacher(tree.same_county_school, name="王主备", password=PASSWORD),
        member=make_teacher(tree.same_county_school, name="孙参备", password=PASSWORD),
        village=make_teacher(tree.sibling_county_school, name="李村校", password=PASSWORD),
        researcher=make_member(tree.county, Role.RESEARCHER, name="何教研", password=PASSWORD),
        outsider=make_teacher(tree.far_school, name="赵局外", password=PASSWORD),
    )


def facts_of(group: Group, **changed: object) -> operations.Facts:
    today = timezone.localdate()
    values: dict[str, object] = {
        "theme": "读出景色的美",
        "subject": group.subject,
        "school_stage": "primary",
        "grade": 3,
        "lesson": "美丽的小兴安岭",
        "template": group.template,
        "first_draft_due": today + timedelta(days=3),
        "study_starts": today + timedelta(days=4),
        "study_ends": today + timedelta(days=8),
        "own_versions_due": today + timedelta(days=11),
    }
    return operations.Facts(**(values | changed))  # type: ignore[arg-type]


@pytest.fixture
def draft(group: Group) -> PrepActivity:
    return operations.draft(
        actor=group.leader,
        unit=group.tree.school,
        facts=facts_of(group),
        lead_preparer=group.lead,
        called={group.member.pk: group.tree.same_county_school.pk, group.village.pk: None},
    )


@pytest.fixture
def opened(group: Group, draft: PrepActivity) -> PrepActivity:
    return operations.open_activity(actor=group.leader, activity=draft)


def at(group: Group, activity: PrepActivity, stage: str) -> PrepActivity:
    """The open activity moved on to a stage."""
    moves = (operations.hand_in, operations.settle, operations.start_own)
    for move in moves[: list(PrepActivity.Stage).index(PrepActivity.Stage(stage))]:
        activity = move(actor=group.leader, activity=activity)
    return activity
