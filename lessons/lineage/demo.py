"""The demo's own versions of 《山行》: one with offers to decide on, one contribution taken and one that waits."""

from functools import partial
from typing import Any

from django.db import transaction

from foundation.accounts.models import User
from lessons import derived, versions
from lessons.content import ids_of
from lessons.demo import rewrite
from lessons.document import Node, attribute
from lessons.lineage import sending, telling
from lessons.lineage.connection import text_of
from lessons.lineage.explaining import changes_in, explain
from lessons.lineage.models import Contribution, Fork
from lessons.lineage.operations import fork
from lessons.lineage.parts import parts_of
from lessons.models import LessonPlan
from realtime import rooms
from teaching_centres import demo as network

TITLE, VERSION = "古诗三首：山行", 2
LEAD, TOWN, VILLAGE = "wang-town", "zhao-leader", "li-village"
OWN: dict[str, Any] = {
    "replace": [
        ["拿自己的叶子说：", "拿自己带来的叶子，站到窗前对着山坡说："],
        ["办法：看注释　看插图　联系生活", "办法：看注释　看插图　看窗外"],
    ],
    "add": {
        "preparation": [{"kind": "bullet", "text": "叶子按红、黄、绿分三盒放好，谁忘了带就从盒里拿一片。"}],
        "homework": [{"kind": "bullet", "text": "**选做**：看一棵树，看一周，每天记一句它的颜色。"}],
    },
}
LATER: dict[str, Any] = {
    "replace": [
        ["再读一遍。”", "再读一遍；用手臂演一演‘红于’。”"],
        ["办法：看注释　看插图　联系生活", "办法：看注释　看插图　联系生活（一边说一边贴词卡）"],
        ["理解“坐”“红于”的意思，", "理解“坐”“生处”“红于”的意思，"],
    ],
    "add": {"methods": ["表演法：一人演停车，一人问为什么。"]},
}

WHY = {
    "教学过程 · 近处的画": "上课时孩子读得快，多出两分钟，演一演“红于”。",
    "教学难点": "“生处”有孩子说成“深处”，要讲。",
}


@transaction.atomic
def build() -> None:
    people = network.build().people
    shared = LessonPlan.objects.get(title=TITLE, is_demo=True, fork=None)
    if Fork.objects.filter(upstream=shared).exists():
        return
    version = shared.versions.get(number=VERSION)
    for username in (TOWN, VILLAGE):
        mine = fork(actor=people[username], version=version)
    _write(mine, people[VILLAGE], OWN)
    _send(mine, people[VILLAGE], "preparation", "叶子分好了，忘带的孩子也能跟着说。")
    _take(people[LEAD], "这个办法城镇班也能用。")
    _send(mine, people[VILLAGE], "homework", "我们班看过一周，句子都是自己的。")
    _write(shared, people[LEAD], LATER)
    newest = versions.name_version(actor=people[LEAD], plan=shared, name="课后修订")
    notes = {offer.key: WHY[offer.title] for offer in changes_in(newest) if offer.title in WHY}
    explain(actor=people[LEAD], plan=shared, version=newest, notes=notes)
    telling.tell_own_versions(newest)


def _write(plan: LessonPlan, actor: User, step: dict[str, Any]) -> None:
    new_id = ids_of(f"lineage:{plan.pk}")
    rooms.change(plan.document, partial(rewrite, step=step, new_id=new_id), actor_id=actor.pk)
    derived.refresh_each([plan])


def _send(plan: LessonPlan, actor: User, section: str, remark: str) -> None:
    sending.send(actor=actor, plan=plan, part=_id_of(text_of(plan), section), remark=remark)


def _id_of(text: Node, section: str) -> str:
    return next(str(attribute(node, "id")) for node in text["content"] if attribute(node, "key") == section)


def _take(actor: User, answer: str) -> None:
    row = Contribution.objects.select_related("plan").get(state=Contribution.State.WAITING)
    shown = sending.offer_of(row, parts_of(text_of(row.plan))).shown
    sending.take(actor=actor, contribution=row, shown=shown, answer=answer)
