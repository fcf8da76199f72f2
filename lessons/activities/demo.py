"""The demo's collective preparation: a term planned, one lesson in its study, another settled and in use."""

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone
from pycrdt import Doc

from foundation.catalogue.models import Textbook
from lessons import derived
from lessons.activities import operations, term_plans
from lessons.activities.models import PrepActivity, TermPlan, TermPlanRow
from lessons.activities.policies import Act
from lessons.content import blocks, ids_of
from lessons.document import attribute, read, reconcile, walk
from lessons.models import LessonPlan
from realtime import rooms
from teaching_centres import demo as network

LEADER, TOWN, VILLAGE = "zhao-leader", "wang-town", "li-village"
GROUP = (TOWN, VILLAGE, "he-province")
WRITTEN = {
    "goals": ["认识“抽出、淹没、封住”等词，读出四季景色的不同", "选一个季节，照样子写三句话"],
    "key_points": ["抓住动词读出景色的变化"],
    "pupil_analysis": ["学生天天看见树，但很少停下来看；先请他们说说上学路上的一棵树"],
    "preparation": ["四季图一张 A4 也够；没有投影就贴在黑板上"],
    "homework": ["**基础**：背诵一段", "**实践**：看一棵树一周，记三句话"],
}
ASKED = "先读两遍课文，想好你们班的学生会卡在哪里；集研时每人至少说一处。"


@transaction.atomic
def build() -> None:
    demo = network.build()
    if TermPlan.objects.filter(is_demo=True).exists():
        return
    plan = _term_plan(demo)
    sixth, seventh = plan.rows.filter(unit__number__in=(6, 7)).order_by("unit__number")
    settled = _activity(demo, sixth)
    _write(settled)
    settled = operations.hand_in(actor=demo.people[TOWN], activity=settled)
    settled = operations.settle(actor=demo.people[TOWN], activity=settled)
    own = operations.make_own(actor=demo.people[VILLAGE], activity=settled)
    LessonPlan.objects.filter(pk=own.pk).update(is_demo=True)
    studied = _activity(demo, seventh)
    _write(studied)
    studied = operations.hand_in(actor=demo.people[VILLAGE], activity=studied)
    operations.raise_item(actor=demo.people[TOWN], activity=studied, text="没有投影的班，图怎么给学生看？")
    operations.answer(
        actor=demo.people["he-province"], activity=studied, act=Act.TAKE_LEAVE, reason="那几天在外县听课"
    )


def _term_plan(demo: network.Demo) -> TermPlan:
    leader = demo.people[LEADER]
    book = Textbook.objects.get(subject__name="语文", edition="统编版", grade=3, volume="first")
    plan = term_plans.make(
        actor=leader,
        unit=demo.schools["xinghua"],
        term="2026-1",
        subject=book.subject,
        school_stage=book.stage,
        grade=book.grade,
        textbook=book,
        is_demo=True,
    )
    term_plans.add_people(actor=leader, plan=plan, called={demo.people[name].pk: None for name in GROUP})
    lessons = {6: ("20 美丽的小兴安岭", TOWN), 7: ("22 读不完的大书", VILLAGE)}
    rows = [
        term_plans.RowGiven(
            id=row.pk,
            unit=row.unit,
            lesson=lessons[row.unit.number][0],
            lead_preparer=demo.people[lessons[row.unit.number][1]],
            first_draft_due=timezone.localdate() + timedelta(days=2 + number),
        )
        for number, row in enumerate(plan.rows.filter(unit__number__in=lessons).select_related("unit"))
        if row.unit is not None
    ]
    term_plans.save_rows(actor=leader, plan=plan, rows=rows)
    term_plans.schedule(
        actor=leader, plan=plan, first=timezone.localdate() + timedelta(days=10), weeks=1, in_turn=True
    )
    return plan


def _activity(demo: network.Demo, row: TermPlanRow) -> PrepActivity:
    leader = demo.people[LEADER]
    activity = term_plans.draft_of(actor=leader, row=row)
    activity.requirements = ASKED
    activity.save(update_fields=["requirements"])
    return operations.open_activity(actor=leader, activity=activity)


def _write(activity: PrepActivity) -> None:
    plan: LessonPlan | None = activity.plan
    assert plan is not None
    rooms.change(plan.document, partial(_fill, name=str(plan.pk)), actor_id=activity.lead_preparer_id)
    derived.refresh_each([plan])


def _fill(doc: Doc, *, name: str) -> None:
    content, new_id = read(doc), ids_of(name)
    for node in walk(content):
        if node["type"] == "section" and attribute(node, "key") in WRITTEN:
            node["content"] = blocks(new_id, WRITTEN[attribute(node, "key")])
    reconcile(doc, content)
