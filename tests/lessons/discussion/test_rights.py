"""Every act of the discussion × who asks × the plan's state; a refused act changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import pytest

from foundation.accounts.models import User
from foundation.ledger.models import Event
from foundation.notices.models import Notice
from lessons.discussion import operations
from lessons.discussion.models import Comment, Thread
from lessons.discussion.topics import PlanComments
from lessons.errors import Denied, PlanNotFound
from lessons.models import LessonPlan
from realtime import rooms
from realtime.models import TopicEvent
from teaching_centres.roles import Role
from tests.factories import Tree, make_member, make_teacher
from tests.lessons.discussion.chosen import about

State = LessonPlan.State


@dataclass
class World:
    plan: LessonPlan
    thread: Thread  # begun by the commenter
    question: Thread  # asked by the writer
    comment: Comment  # the commenter's


ACTS: dict[str, Callable[[World, User], object]] = {
    "begin a thread": lambda world, who: operations.open_thread(actor=who, plan=world.plan, text="新的"),
    "begin one on words": lambda world, who: operations.open_thread(
        actor=who, plan=world.plan, text="新的", about=about(world.plan, "浸、库")
    ),
    "reply": lambda world, who: operations.reply(actor=who, thread=world.thread, text="回"),
    "give a viewpoint": lambda world, who: operations.reply(
        actor=who, thread=world.question, text="观点", kind=Comment.Kind.VIEWPOINT
    ),
    "settle": lambda world, who: operations.change_state(
        actor=who, thread=world.thread, state=Thread.State.RESOLVED
    ),
    "settle another's": lambda world, who: operations.change_state(
        actor=who, thread=world.question, state=Thread.State.RESOLVED
    ),
    "conclude": lambda world, who: operations.reply(
        actor=who, thread=world.question, text="共识", kind=Comment.Kind.CONSENSUS
    ),
    "change the commenter's words": lambda world, who: operations.change_comment(
        actor=who, comment=world.comment, text="改"
    ),
    "delete the commenter's words": lambda world, who: operations.delete_comment(
        actor=who, comment=world.comment
    ),
}
SAY = {"begin a thread", "begin one on words", "reply", "give a viewpoint"}
MAY: dict[str, set[str]] = {
    "owner": SAY | {"settle", "settle another's", "conclude"},
    "writer": SAY | {"settle", "settle another's"},
    "commenter": SAY | {"settle", "change the commenter's words", "delete the commenter's words"},
    "researcher of the county": SAY,
    "group leader of the school": SAY,
    "reader": set(),
    "administrator": set(),
    "stranger": set(),
    "account switched off": set(),
}


@pytest.fixture
def people(tree: Tree, owner: User, writer: User, commenter: User, reader: User) -> dict[str, User]:
    return {
        "owner": owner,
        "writer": writer,
        "commenter": commenter,
        "researcher of the county": make_member(tree.county, Role.RESEARCHER),
        "group leader of the school": make_member(tree.school, Role.GROUP_LEADER),
        "reader": reader,
        "administrator": make_member(tree.school, Role.ADMINISTRATOR),
        "stranger": make_teacher(tree.far_school),
        "account switched off": make_member(tree.school, is_active=False),
    }


@pytest.fixture
def world(plan: LessonPlan, writer: User, commenter: User) -> World:
    LessonPlan.objects.filter(pk=plan.pk).update(reach=LessonPlan.Reach.SCHOOL)
    plan.refresh_from_db()
    thread = operations.open_thread(actor=commenter, plan=plan, text="一", about=about(plan, "四季"))
    question = operations.open_thread(actor=writer, plan=plan, text="问", kind=Thread.Kind.QUESTION)
    return World(plan, thread, question, thread.comments.get())


def everything(world: World) -> list[object]:
    return [
        list(Thread.objects.order_by("pk").values()),
        list(Comment.objects.order_by("pk").values()),
        list(Event.objects.order_by("pk").values()),
        list(Notice.objects.order_by("pk").values()),
        list(TopicEvent.objects.order_by("pk").values()),
        rooms.state(world.plan.document),
    ]


def test_every_act_by_everybody_in_every_state(world: World, people: dict[str, User]) -> None:
    from django.db import transaction

    checked = 0
    for state, (name, who), (act, do) in product(State, people.items(), ACTS.items()):
        LessonPlan.objects.filter(pk=world.plan.pk).update(state=state)
        world.plan = world.thread.plan = world.question.plan = LessonPlan.objects.get(pk=world.plan.pk)
        world.comment = Comment.objects.get(pk=world.comment.pk)
        world.comment.thread = world.thread
        before = everything(world)
        case = f"{name}: {act} ({state})"
        point = transaction.savepoint()
        if act in MAY[name] and state == State.ACTIVE:
            do(world, who)
            assert everything(world) != before, case
        else:
            with pytest.raises((Denied, PlanNotFound)):
                do(world, who)
            assert everything(world) == before, case
        transaction.savepoint_rollback(point)
        checked += 1
    assert checked == len(State) * len(people) * len(ACTS)


def test_whoever_may_read_the_plan_follows_its_discussion_and_nobody_else(
    world: World, people: dict[str, User]
) -> None:
    kind = PlanComments()
    follow = {
        name
        for name, who in people.items()
        if kind.audiences(user_id=who.pk, topic_id=world.plan.pk) is not None
    }
    assert follow == set(people) - {"administrator", "stranger", "account switched off"}
    LessonPlan.objects.filter(pk=world.plan.pk).update(state=State.DELETED)
    assert {
        name
        for name, who in people.items()
        if kind.audiences(user_id=who.pk, topic_id=world.plan.pk) is not None
    } == {"owner"}
