"""The demo plans: one JSON file each in lessons/demo_plans/.

{"owner": "<demo username>", "textbook": ["数学", "人教版", 3, "上册"], "unit": 3, "title": "…",
 "header": {key: text}, "goal_style": "core" | "three_dimensional",
 "sections": {key: [block, …]}, "process": [{"step", "subtitle", "teacher", "pupils", "intent", "minutes"}],
 "reach": "own" | "school" | "county" | "prefecture" | "province",
 "invite": [{"user": "<username>" | "school": "<key of teaching_centres.demo>", "access": "read" | "write"}],
 "history": [{"by": "<username>", "version": "name of a version"},
             {"by": "<username>", "replace": [["text now", "text then"], …], "add": {key: [block, …]}}]}

Blocks are in the authoring form of lessons.content. What is in `replace` and `add` is written into the shared
document by that person, so that the versions have several authors to show.
"""

import json
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from pycrdt import Doc

from foundation.accounts.models import User
from foundation.catalogue.models import Textbook, Unit
from foundation.catalogue.operations import import_standard_units
from lessons import derived, operations, versions
from lessons.content import NewId, blocks, ids_of
from lessons.document import Node, attribute, read, reconcile, walk
from lessons.models import LessonPlan, PlanInvitation, PlannedLesson, PlanTemplate, PlanVersion, PlanVisit
from lessons.operations import ensure_standard_templates
from lessons.planning import plan_lesson
from realtime import rooms
from teaching_centres import demo as network
from teaching_centres.calendar.queries import lessons_of
from teaching_centres.models import Region

FOLDER = Path(__file__).parent / "demo_plans"
LESSONS_OF_A_PLAN = 3
NAMESPACE = UUID("6f0b2f4e-4f0e-5c53-9a39-6d6f2b7c2a10")

# Just begun, so that what is still missing and the unused minutes show.
BEGUN: dict[str, Any] = {
    "owner": "li-village",
    "textbook": ["语文", "统编版", 3, "上册"],
    "unit": 6,
    "title": "美丽的小兴安岭",
    "header": {"lesson_type": "新授", "period": "第 1 课时，共 2 课时", "lead_preparer": "李永梅"},
    "goal_style": "core",
    "sections": {
        "goals": [
            {"kind": "ordered", "text": "认读“融、浸、献”等字，读准“抽出”“浸在乳白色的浓雾里”。"},
            {"kind": "ordered", "text": "按春、夏、秋、冬的顺序说出小兴安岭的景色。"},
        ],
        "pupil_analysis": [
            "我们班 11 个人，天天见山，素材多，词语少。课前每人带一片树叶来，上课从摸、闻、看说起。"
        ],
        "key_points": ["按四季顺序抓住树木的特点。"],
    },
    "process": [
        {
            "step": "导入新课",
            "teacher": "请大家把带来的树叶放在桌上，说说它是从哪座山上捡的。",
            "pupils": "摸、闻、看，说一句完整的话。",
            "minutes": 5,
        },
        {
            "step": "新课教学",
            "subtitle": "初读",
            "teacher": "范读，圈出表示季节的词。",
            "pupils": "默读，填“春—夏—秋—冬”顺序图。",
            "minutes": 10,
        },
        {
            "step": "新课教学",
            "subtitle": "品读春夏",
            "teacher": "把“抽出”换成“长出”，比一比哪个更好。",
            "pupils": "换词朗读，说出理由。",
            "minutes": 14,
        },
        {"step": "巩固练习"},
        {"step": "课堂小结"},
        {"step": "布置作业"},
    ],
    "reach": "own",
    "invite": [{"user": "wang-town", "access": "write"}],
}


def build() -> list[LessonPlan]:
    """What is missing is added, what is there is left alone: safe to run again."""
    province = network.build()
    import_standard_units()
    root = Region.objects.get(level=Region.Level.PROVINCE)
    templates = {template.goal_style: template for template in ensure_standard_templates(province=root)}
    forms = [
        (path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.json"))
    ]
    forms.append(("begun", BEGUN))
    built = []
    for age, (name, form) in enumerate(reversed(forms)):
        plan_id = uuid5(NAMESPACE, name)
        plan = LessonPlan.objects.filter(pk=plan_id).first()
        built.append(plan or _build_plan(plan_id, form, province, templates, age))
    for plan in built:
        for teacher in _teachers_of(plan):
            _plan_lessons(teacher, plan)
    return built


def _teachers_of(plan: LessonPlan) -> list[User]:
    """Who teaches from it: its owner, and those who write it together."""
    invited = plan.invitations.filter(access=PlanInvitation.Access.WRITE, user__isnull=False)
    return [plan.owner, *(row.user for row in invited.select_related("user").order_by("pk") if row.user)]


def _plan_lessons(teacher: User, plan: LessonPlan) -> None:
    """Lessons of these days that it fits and that have none; what is just begun is for tomorrow.

    Done anew in the weeks to come, so that 今日 looks lived in whenever the demo is opened.
    """
    today = timezone.localdate()
    first = today + timedelta(days=1 if plan.outline.get("missing") else -2)
    here = PlannedLesson.objects.filter(teacher=teacher, plan=plan, day__gte=first)
    if plan.textbook is None or here.exists():
        return
    busy = set(PlannedLesson.objects.filter(teacher=teacher).values_list("day", "period"))
    free = [
        lesson.origin
        for lesson in lessons_of(teacher, first, first + timedelta(days=13))
        if lesson.taught
        and lesson.origin not in busy
        and (lesson.subject, lesson.grade) == (plan.textbook.subject.name, plan.textbook.grade)
    ]
    for day, period in free[:LESSONS_OF_A_PLAN]:
        plan_lesson(actor=teacher, day=day, period=period, plan=plan)


@transaction.atomic
def _build_plan(
    plan_id: UUID, form: dict[str, Any], province: network.Demo, templates: dict[str, PlanTemplate], age: int
) -> LessonPlan:
    owner = province.people[form["owner"]]
    textbook = _textbook(*form["textbook"])
    new_id = ids_of(str(plan_id))
    plan = operations.create_plan(
        actor=owner,
        template=templates[form["goal_style"]],
        title=form["title"],
        textbook=textbook,
        unit=Unit.objects.get(textbook=textbook, number=form["unit"]),
        header=form["header"],
        sections={**form["sections"], "process": [{"process": form["process"]}]},
        plan_id=plan_id,
        new_id=new_id,
        is_demo=True,
    )
    for invitation in form["invite"]:
        _invite(owner, plan, invitation, province)
    if form["reach"] != LessonPlan.Reach.OWN:
        operations.change_reach(actor=owner, plan=plan, reach=LessonPlan.Reach(form["reach"]))
    moment = timezone.now() - timedelta(hours=age * 7)
    begun = _write_history(plan, form.get("history") or [], province, new_id, moment)
    LessonPlan.objects.filter(pk=plan.pk).update(created_at=begun, edited_at=moment)
    PlanVisit.objects.filter(plan=plan, user=owner).update(at=moment)
    for username in dict.fromkeys(step["by"] for step in form.get("history", [])):
        person = province.people[username]
        PlanVisit.objects.get_or_create(plan=plan, user=person, defaults={"at": begun})
    return plan


def _write_history(
    plan: LessonPlan, history: list[dict[str, Any]], province: network.Demo, new_id: NewId, last: datetime
) -> datetime:
    """One step a day, the last of them at `last`. Returns when it began."""
    for number, step in enumerate(history, start=1):
        person = province.people[step["by"]]
        if "version" in step:
            version = versions.name_version(actor=person, plan=plan, name=step["version"])
            at = last - timedelta(days=len(history) - number)
            PlanVersion.objects.filter(pk=version.pk).update(created_at=at)
        else:
            rooms.change(plan.document, partial(rewrite, step=step, new_id=new_id), actor_id=person.pk)
    if history:
        derived.refresh_each([plan])
    return last - timedelta(days=len(history))


def rewrite(doc: Doc, *, step: dict[str, Any], new_id: NewId) -> None:
    content = read(doc)
    for old, new in step.get("replace", []):
        [text] = [node for node in walk(content) if old in node.get("text", "")]
        text["text"] = text["text"].replace(old, new)
    for key, added in step.get("add", {}).items():
        [section] = [node for node in walk(content) if _is_section(node, key)]
        section["content"] += blocks(new_id, added)
    reconcile(doc, content)


def _is_section(node: Node, key: str) -> bool:
    return bool(node["type"] == "section" and attribute(node, "key") == key)


def _textbook(subject: str, edition: str, grade: int, volume: str) -> Textbook:
    value = next(choice.value for choice in Textbook.Volume if str(choice.label) == volume)
    return Textbook.objects.get(subject__name=subject, edition=edition, grade=grade, volume=value)


def _invite(owner: User, plan: LessonPlan, invitation: dict[str, str], province: network.Demo) -> None:
    operations.invite(
        actor=owner,
        plan=plan,
        level=PlanInvitation.Access(invitation["access"]),
        user=province.people[invitation["user"]] if "user" in invitation else None,
        school=province.schools[invitation["school"]] if "school" in invitation else None,
    )
