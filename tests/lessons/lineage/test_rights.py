"""Who may do what: every person × act × state of both plans, and a refusal changes nothing."""

from collections import Counter
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from django.db import transaction

from foundation.accounts.models import User
from lessons import versions
from lessons.errors import Denied, NotPossible, PlanNotFound
from lessons.lineage import deciding, explaining, operations, sending
from lessons.lineage.connection import text_of
from lessons.lineage.models import Contribution, Decision, Fork, ForkBlock
from lessons.lineage.parts import parts_of
from lessons.models import LessonPlan, PlanInvitation
from tests.factories import Tree, make_teacher
from tests.lessons.lineage.conftest import edit, offers_to
from tests.lessons.lineage.edits import key_of, row_keys, say, say_in_row

OWN = ("active", "archived", "deleted")
SHARED = ("active", "archived", "deleted", "withdrawn")
DECISIONS = ("accept", "merge", "decline", "later", "undo", "follow")


@pytest.fixture
def people(tree: Tree, shared: LessonPlan, mine: LessonPlan) -> dict[str, User]:
    found = {
        name: make_teacher(tree.far_school)
        for name in ("writes own", "reads own", "writes shared", "reads shared")
    }
    for name, plan, access in (
        ("writes own", mine, "write"),
        ("reads own", mine, "read"),
        ("writes shared", shared, "write"),
    ):
        PlanInvitation.objects.create(plan=plan, user=found[name], access=access, invited_by=plan.owner)
    return {
        **found,
        "owns own": mine.owner,
        "owns shared": shared.owner,
        "switched off": make_teacher(is_active=False),
    }


def reads_own(person: str, state: str) -> bool:
    return person == "owns own" or (person in ("writes own", "reads own") and state != "deleted")


def reads_shared(person: str, state: str) -> bool:
    if person == "owns shared":
        return True
    if person == "switched off" or state == "deleted":
        return False
    return person == "writes shared" or state != "withdrawn"


def expected(person: str, act: str, own: str, shared: str) -> str:
    if act == "fork":
        if not reads_shared(person, shared):
            return "not found"
        return "not possible" if person == "owns own" and own == "deleted" else "done"
    if act in ("take", "refuse", "explain"):
        if not reads_shared(person, shared):
            return "not found"
        if person != "owns shared":
            return "denied"
        return "not possible" if shared in ("archived", "deleted") else "done"
    if not reads_own(person, own):
        return "not found"
    if person != "owns own":
        return "denied"
    if act == "withdraw":
        return "done"
    if own != "active" or not reads_shared(person, shared):
        return "not possible"
    return "not possible" if act == "send" and shared == "archived" else "done"


def acts(mine: LessonPlan, shared: LessonPlan, sent: Contribution) -> dict[str, Callable[[User], Any]]:
    merged, changed = [
        offer
        for offer in offers_to(mine)
        if offer.key in (key_of(text_of(mine), "board"), row_keys(text_of(mine))[0])
    ]
    if merged.change != "changed" or not merged.may_merge:
        merged, changed = changed, merged
    assert merged.may_merge
    decision = Decision.objects.get()
    shown = sending.offer_of(sent, parts_of(text_of(shared))).shown
    version = shared.versions.filter(number=1).get()
    here = {"plan": mine, "part": changed.key, "offered": changed.offered, "shown": changed.shown}
    there = {"plan": mine, "part": merged.key, "offered": merged.offered, "shown": merged.shown}
    each = [(changed.key, changed.offered)]
    return {
        "accept": lambda who: deciding.accept(actor=who, **here),
        "merge": lambda who: deciding.accept(actor=who, **there, merge=True),
        "decline": lambda who: deciding.decline(actor=who, plan=mine, offers=each),
        "later": lambda who: deciding.put_off(actor=who, plan=mine, offers=each),
        "undo": lambda who: deciding.take_back(
            actor=who, plan=mine, decision=decision, shown=decision.result
        ),
        "follow": lambda who: operations.follow(actor=who, plan=mine, follows=Fork.Follows.PRESENT),
        "send": lambda who: sending.send(actor=who, plan=mine, part=key_of(text_of(mine), "board")),
        "withdraw": lambda who: sending.withdraw(actor=who, contribution=sent),
        "take": lambda who: sending.take(actor=who, contribution=sent, shown=shown),
        "refuse": lambda who: sending.refuse(actor=who, contribution=sent, answer="再想想"),
        "explain": lambda who: explaining.explain(
            actor=who, plan=shared, version=version, notes={"nothing": "x"}
        ),
        "fork": lambda who: operations.fork(actor=who, version=version),
    }


def outcome(act: Callable[[User], Any], person: User) -> str:
    try:
        act(person)
    except NotPossible:
        return "not possible"
    except Denied:
        return "denied"
    except PlanNotFound:
        return "not found"
    return "done"


def everything(*plans: LessonPlan) -> list[Any]:
    rows = [
        list(model.objects.order_by("pk").values()) for model in (Fork, ForkBlock, Decision, Contribution)
    ]
    return [*rows, LessonPlan.objects.count(), *(text_of(plan) for plan in plans)]


def test_every_person_act_and_state(
    shared: LessonPlan, mine: LessonPlan, people: dict[str, User], owner: User
) -> None:
    edit(shared, say, "goals", "，背诵")
    versions.name_version(actor=owner, plan=shared)
    [offer] = offers_to(mine)
    deciding.accept(actor=mine.owner, plan=mine, part=offer.key, offered=offer.offered, shown=offer.shown)
    edit(mine, say, "board", "，我的板书", 1)
    edit(mine, say, "homework", "看一棵树")
    edit(shared, say, "board", "，松鼠散步")
    edit(shared, say_in_row, row_keys(text_of(shared))[0], "，换词")
    versions.name_version(actor=owner, plan=shared)
    sent = sending.send(actor=mine.owner, plan=mine, part=key_of(text_of(mine), "homework"))
    all_acts = acts(mine, shared, sent)
    before, counted = everything(mine, shared), Counter[str]()
    for own_state, shared_state in product(OWN, SHARED):
        with transaction.atomic():
            LessonPlan.objects.filter(pk=mine.pk).update(state=own_state)
            changes = {"reach": "own"} if shared_state == "withdrawn" else {"state": shared_state}
            LessonPlan.objects.filter(pk=shared.pk).update(**changes)
            mine.refresh_from_db()
            shared.refresh_from_db()
            for (name, act), (who, person) in product(all_acts.items(), people.items()):
                with transaction.atomic():
                    case = f"{who}: {name} while own is {own_state} and shared {shared_state}"
                    found = outcome(act, person)
                    assert found == expected(who, name, own_state, shared_state), case
                    assert found == "done" or everything(mine, shared) == before, case
                    counted[found] += 1
                    transaction.set_rollback(True)
            transaction.set_rollback(True)
    assert sum(counted.values()) == len(OWN) * len(SHARED) * 12 * 7
    assert min(counted.values()) > 40, counted
