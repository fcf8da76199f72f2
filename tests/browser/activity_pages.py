"""The pages of collective preparation, for test_pages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from foundation.accounts.models import User
from foundation.catalogue.models import Unit
from lessons.activities import operations, term_plans
from lessons.activities.models import PrepActivity, TermPlan
from lessons.activities.policies import Act
from teaching_centres.roles import Role
from tests.browser.part_visits import PartVisit, visit
from tests.factories import (
    make_member,
    make_school,
    make_teacher,
    make_template,
    make_textbook,
    make_village_school,
)


@dataclass(frozen=True)
class Group:
    leader: User
    lead: User
    village: User
    absent: User
    outsider: User
    plan: TermPlan
    empty: TermPlan
    draft: PrepActivity
    studied: PrepActivity
    settled: PrepActivity


def make_group() -> Group:
    """A term plan with a draft, a lesson in its study, and one that is settled and in use."""
    school, village = make_school(name="第一实验小学"), make_village_school(name="松岭乡青山小学")
    make_template(school.county.parent.parent)  # type: ignore[union-attr]
    make_template(village.county.parent.parent)  # type: ignore[union-attr]
    leader = make_member(school, Role.GROUP_LEADER, name="周组长")
    lead, other = make_teacher(school, name="王老师"), make_teacher(village, name="李老师")
    absent = make_teacher(make_school(school.county, name="向阳小学"), name="孙老师")
    book = make_textbook(grade=5)
    for number, title in enumerate(("万物有灵", "阅读要有一定速度", "民间故事", "爱国情怀"), start=1):
        Unit.objects.create(textbook=book, number=number, title=title)
    facts = {"unit": school, "term": "2026-1", "school_stage": "primary"}
    plan = term_plans.make(actor=leader, subject=book.subject, grade=5, textbook=book, **facts)
    empty = term_plans.make(actor=leader, subject=book.subject, grade=9, **facts | {"school_stage": "junior"})
    called = {lead.pk: school.pk, other.pk: village.pk, absent.pk: None}
    term_plans.add_people(actor=leader, plan=plan, called=called)
    tomorrow = timezone.localdate() + timedelta(days=1)
    term_plans.schedule(actor=leader, plan=plan, first=tomorrow, weeks=1, in_turn=True)
    draft, studied, settled = (term_plans.draft_of(actor=leader, row=row) for row in plan.rows.all()[:3])
    for activity in (studied, settled):
        operations.appoint(actor=leader, activity=activity, person=lead)
        operations.open_activity(actor=leader, activity=activity)
        operations.hand_in(actor=lead, activity=activity)
    operations.answer(actor=absent, activity=studied, act=Act.TAKE_LEAVE, reason="外出培训")
    item = operations.raise_item(actor=other, activity=studied, text="没有投影怎么办")
    operations.finish_item(actor=other, item=item)
    operations.raise_item(actor=other, activity=studied, text="作业分几层")
    operations.settle(actor=lead, activity=settled)
    operations.make_own(actor=other, activity=settled)
    operations.answer(actor=absent, activity=settled, act=Act.DECLINE, reason="教材版本不同")
    return Group(
        leader=leader,
        lead=lead,
        village=other,
        absent=absent,
        outsider=make_teacher(name="局外人"),
        plan=plan,
        empty=empty,
        draft=draft,
        studied=studied,
        settled=settled,
    )


PAGES: dict[str, list[PartVisit]] = {
    "activity-list": [
        visit("leader", query="?tab=led"),
        visit("village"),
        visit("village", query="?q=没有这样的活动"),
        visit("outsider", query="?tab=all"),
        visit("outsider"),
    ],
    "activity-create": [visit("leader"), visit("village", status=403)],
    "activity": [
        visit("leader", "draft"),
        visit("leader", "studied"),
        visit("lead", "studied"),
        visit("absent", "studied"),
        visit("leader", "settled"),
        visit("village", "settled"),
        visit("outsider", "settled", status=404),
    ],
    "activity-change": [visit("leader", "studied")],
    "activity-people": [visit("leader", "draft", query="?q=小学"), visit("lead", "studied", status=403)],
    "term-plan-list": [visit("leader"), visit("outsider")],
    "term-plan-create": [visit("leader")],
    "term-plan": [visit("leader", "plan"), visit("leader", "empty"), visit("village", "plan")],
    "term-plan-people": [visit("leader", "plan", query="?q=小学")],
    "term-plan-import": [visit("leader", "plan")],
}
NOT_PAGES: dict[str, str] = {
    "activity-export": "a file",
    "activity-people-export": "a file",
    "activity-group-fields": "part of activity-create",
    "activity-move": "takes a form",
    "activity-discard": "takes a form",
    "activity-answer": "takes a form",
    "activity-own": "takes a form",
    "activity-person": "takes a form",
    "activity-lead": "takes a form",
    "agenda-raise": "takes a form",
    "agenda-finish": "takes a form",
    "term-plan-units": "takes a form",
    "term-plan-schedule": "takes a form",
    "term-plan-remove": "takes a form",
    "term-plan-person": "takes a form",
    "term-plan-sheet": "a file",
}
VALUES: dict[str, Callable[[Group], Any]] = {
    "activity_id": lambda group: group.studied.pk,
    "term_plan_id": lambda group: group.plan.pk,
    "member_id": lambda group: group.studied.members.order_by("pk")[0].pk,
    "item_id": lambda group: group.studied.agenda.order_by("pk")[0].pk,
}
