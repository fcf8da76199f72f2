"""The pages between shared plan and own versions, for test_pages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from foundation.accounts.models import User
from lessons import versions
from lessons.lineage import sending
from lessons.lineage.connection import text_of
from lessons.lineage.models import Contribution
from lessons.lineage.operations import fork
from lessons.models import LessonPlan
from tests.browser.part_visits import PartVisit, visit
from tests.factories import make_plan, make_school, make_teacher, make_village_school
from tests.lessons.lineage.conftest import edit
from tests.lessons.lineage.edits import key_of, plan_text, row_keys, say, say_in_row


@dataclass(frozen=True)
class Lineage:
    lead: User
    owner: User
    newcomer: User
    shared: LessonPlan
    own: LessonPlan
    alone: LessonPlan
    sent: Contribution


def make_lineage() -> Lineage:
    """An own version with something of everything on offer, and a contribution that waits."""
    lead = make_teacher(make_school(name="第一实验小学"), name="王老师")
    county = lead.memberships.get().school.county
    owner = make_teacher(make_village_school(county, name="松岭乡青山小学"), name="李老师")
    shared = make_plan(lead, title="美丽的小兴安岭", reach="county", content=plan_text())
    own = fork(actor=owner, version=versions.name_version(actor=lead, plan=shared, name="定稿"))
    edit(own, say, "board", "，我的板书", 1)
    sent = sending.send(actor=owner, plan=own, part=key_of(text_of(own), "board"), remark="孩子最爱说")
    edit(shared, say, "board", "，松鼠散步")
    edit(shared, say, "goals", "，背诵课文")
    edit(shared, say_in_row, row_keys(text_of(shared))[2], "，用手臂演一演")
    versions.name_version(actor=lead, plan=shared, name="课后修订")
    alone = make_plan(lead, title="山行", reach="county")
    return Lineage(lead, owner, make_teacher(), shared, own, alone, sent)


PAGES: dict[str, list[PartVisit]] = {
    "plan-lineage": [
        visit("owner", "own"),
        visit("lead", "shared"),
        visit("lead", "alone"),
        visit("newcomer", "shared", status=404),
    ],
    "plan-lineage-send": [visit("owner", "own"), visit("lead", "shared", status=404)],
}
NOT_PAGES = {
    "plan-fork": "takes a form",
    "plan-lineage-decide": "takes a form",
    "plan-lineage-follow": "takes a form",
    "plan-lineage-contribution": "takes a form",
    "plan-lineage-notes": "takes a form",
    "plan-lineage-origins": "JSON",
}
VALUES: dict[str, Callable[[Any], Any]] = {"contribution_id": lambda world: 1}
