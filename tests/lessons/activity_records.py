"""A preparation activity across three schools, with something of everything that its record tells."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from foundation.accounts.models import User
from foundation.catalogue.models import Subject
from lessons import versions
from lessons.activities.models import ActivityMember, AgendaItem, PrepActivity
from lessons.models import LessonPlan
from realtime.models import DocumentUpdate
from teaching_centres.models import Region, School
from teaching_centres.roles import Role
from tests import factories
from tests.factories import Tree

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENED = datetime(2026, 11, 3, 9, tzinfo=SHANGHAI)


@dataclass
class Held:
    tree: Tree
    activity: PrepActivity
    plan: LessonPlan
    leader: User
    lead: User
    member: User
    on_leave: User
    silent: User

    @property
    def path(self) -> list[str]:
        """The arguments of the addresses of its record."""
        return ["prep-activity", str(self.activity.pk)]


def make_activity(leader: User, lead: User, unit: School | Region, **fields: Any) -> PrepActivity:
    """Open, with its shared plan."""
    school = unit if isinstance(unit, School) else None
    values: dict[str, Any] = {
        "theme": "一起备《山行》",
        "subject": Subject.objects.get_or_create(name="语文")[0],
        "school_stage": "primary",
        "grade": 3,
        "state": PrepActivity.State.OPEN,
        "opens_at": OPENED,
    } | fields
    values.setdefault("plan", factories.make_plan(lead, title="山行"))
    return PrepActivity.objects.create(
        leader=leader,
        lead_preparer=lead,
        school=school,
        region=school.county if school else unit,
        **values,
    )


def add(activity: PrepActivity, person: User, school: School, **fields: Any) -> ActivityMember:
    return ActivityMember.objects.create(activity=activity, user=person, school=school, **fields)


def edited(plan: LessonPlan, person: User, times: int) -> None:
    DocumentUpdate.objects.bulk_create(
        DocumentUpdate(document=plan.document, user_id=person.pk, payload=b"", at=timezone.now(), hot=False)
        for _time in range(times)
    )


def make_held() -> Held:
    """Of a town school; a village school of the county and one of another county take part."""
    tree = factories.make_region_tree()
    town, village, far = tree.same_county_school, tree.school, tree.sibling_county_school
    leader = factories.make_member(town, Role.GROUP_LEADER, name="城里组长")
    lead = factories.make_teacher(town, name="主备老师")
    member = factories.make_teacher(village, name="乡里老师")
    on_leave = factories.make_teacher(village, name="请假老师")
    silent = factories.make_teacher(far, name="没答复的老师")
    activity = make_activity(leader, lead, town)
    assert activity.plan is not None
    add(activity, member, village, state=ActivityMember.State.RECEIVED)
    add(activity, on_leave, village, state=ActivityMember.State.ON_LEAVE, reason="送教下乡")
    add(activity, silent, far)
    edited(activity.plan, lead, 3)
    edited(activity.plan, member, 5)
    activity.settled_version = versions.name_version(actor=lead, plan=activity.plan, name="集研后")
    activity.stage = PrepActivity.Stage.SETTLED
    activity.save()
    AgendaItem.objects.create(activity=activity, text="第一课时要不要讲诗人？", raised_by=member)
    return Held(tree, activity, activity.plan, leader, lead, member, on_leave, silent)
