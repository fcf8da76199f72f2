from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from foundation.accounts.models import User
from lessons.models import LessonPlan, Submission
from lessons.reviewing import operations
from realtime import rooms
from teaching_centres.roles import Role
from tests.factories import Tree, make_centre, make_member, make_plan, make_region_tree, make_teacher

SENTENCES = (
    "请大家把带来的树叶放在桌上，说说它是从哪座山上捡的，摸一摸叶脉是什么样子。",
    "默读课文第二自然段，用波浪线画出写春天树木的句子，想想为什么用“抽出”而不用“长出”。",
    "同桌互相读一读自己画的句子，再说说你从哪些词语看到了小兴安岭的春天。",
    "出示四季图片，按春夏秋冬的顺序排一排，每一幅图配上课文里最合适的一句话。",
    "学生分成四个小组，一组负责一个季节，用自己的话把景色讲给没有来过的客人听。",
    "作业分三层：会背第二自然段；仿照课文写家乡的一个季节；给外地的同学写一封信。",
    "板书中间写课题，四周按季节写关键词，最后用箭头连起来，让学生看出文章的顺序。",
)
TEXT = "\n".join(SENTENCES)


def write(plan: LessonPlan, text: str, actor: User) -> None:
    """A paragraph for each line, at the end."""
    for line in text.split("\n"):
        rooms.change(plan.document, partial(_append, line=line), actor_id=actor.pk)


def _append(doc: Doc, *, line: str) -> None:
    block = XmlElement("paragraph")
    doc.get("default", type=XmlFragment).children.append(block)
    words = XmlText()
    block.children.append(words)
    words.insert(0, line)


@dataclass(frozen=True)
class World:
    tree: Tree
    author: User
    leader: User
    colleague: User
    county: User
    prefecture: User
    province: User

    def plan(self, *, text: str = TEXT, owner: User | None = None, **fields: Any) -> LessonPlan:
        owner = owner or self.author
        plan = make_plan(owner, **({"title": "美丽的小兴安岭"} | fields))
        write(plan, text, owner)
        return plan

    def handed_in(self, plan: LessonPlan | None = None, **fields: Any) -> Submission:
        plan = plan or self.plan(**fields)
        return operations.hand_in(actor=plan.owner, plan=plan)


def make_review_world() -> World:
    tree = make_region_tree()
    for region in (tree.county, tree.prefecture, tree.province):
        make_centre(region)
    return World(
        tree=tree,
        author=make_teacher(tree.school, name="李永梅"),
        leader=make_member(tree.school, Role.GROUP_LEADER, name="赵组长"),
        colleague=make_teacher(tree.school, name="孙老师"),
        county=make_member(tree.county, Role.RESEARCHER, name="吴教研员"),
        prefecture=make_member(tree.prefecture, Role.RESEARCHER, name="周教研员"),
        province=make_member(tree.province, Role.RESEARCHER, name="何教研员"),
    )


@pytest.fixture
def world(db: None) -> World:
    return make_review_world()
