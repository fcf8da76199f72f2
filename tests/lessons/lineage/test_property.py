"""The same in the live documents: people write, decide, take back and send, in any order."""

import random
from itertools import count
from typing import Any

import pytest

from foundation.accounts.models import User
from lessons import versions
from lessons.content import ids_of
from lessons.document import plain_text
from lessons.lineage import deciding, sending
from lessons.lineage.connection import text_of
from lessons.lineage.models import Contribution, Decision, Fork
from lessons.lineage.offers import may_put_back
from lessons.lineage.operations import fork
from lessons.lineage.parts import Part, parts_of
from lessons.models import LessonPlan, PlanVersion
from tests.factories import Tree, make_teacher
from tests.lessons.lineage.conftest import edit, offers_to
from tests.lessons.lineage.edits import edited

STEPS = 60
OWNERS = 3


class World:
    def __init__(self, seed: int, shared: LessonPlan, owners: list[User], version: PlanVersion) -> None:
        self.random = random.Random(seed)
        self.shared, self.numbers, self.ids = shared, count(1), ids_of(str(seed))
        self.own = [fork(actor=owner, version=version) for owner in owners]
        self.words: dict[Any, set[str]] = {plan.pk: set() for plan in self.own}

    def step(self) -> None:
        self.random.choice(
            [
                self.shared_plan_changes,
                self.shared_plan_changes,
                self.owner_writes,
                self.owner_writes,
                self.owner_decides,
                self.owner_decides,
                self.owner_takes_back,
                self.owner_sends,
                self.lead_preparer_answers,
                self.owner_follows,
            ]
        )()

    def pick(self, sequence: Any) -> Any:
        return self.random.choice(sequence)

    def write(self, plan: LessonPlan) -> str:
        word = f"〔{next(self.numbers)}〕"
        edit(plan, edited, self.pick, word, self.ids)
        return word

    def shared_plan_changes(self) -> None:
        self.write(self.shared)
        if self.random.random() < 0.6:
            versions.name_version(actor=self.shared.owner, plan=self.shared)

    def owner_writes(self) -> None:
        plan = self.pick(self.own)
        before = plain_text(text_of(plan))
        word, now = self.write(plan), plain_text(text_of(plan))
        deleted = {each for each in self.words[plan.pk] if each in before and each not in now}
        self.words[plan.pk] -= deleted
        if word in now:
            self.words[plan.pk].add(word)

    def owner_decides(self) -> None:
        plan = self.pick(self.own)
        found = offers_to(plan)
        if not found:
            return
        offer = self.pick(found)
        here = {"actor": plan.owner, "plan": plan}
        act = self.pick(["accept", "merge", "decline", "later"])
        if act == "decline":
            deciding.decline(**here, offers=[(offer.key, offer.offered)])
        elif act == "later":
            deciding.put_off(**here, offers=[(offer.key, offer.offered)])
        elif act == "accept" or offer.may_merge:
            shown = {"part": offer.key, "offered": offer.offered, "shown": offer.shown}
            deciding.accept(**here, **shown, merge=act == "merge")
            if offer.theirs and offer.change != "moved":
                now = plain_text(text_of(plan))
                lines = [line for line in plain_text(offer.theirs.node).split("\n") if line.strip()]
                assert act == "merge" or all(line in now for line in lines)

    def owner_takes_back(self) -> None:
        plan = self.pick(self.own)
        open_ones = list(Decision.objects.filter(fork__plan=plan, undone_at=None))
        newest = {row.part: row for row in reversed(open_ones)}
        if not newest:
            return
        row = self.pick(list(newest.values()))
        now = "" if row.act == "decline" else deciding.replaceable(row, text_of(plan))
        before = Part.of(row.before["part"]) if row.before["part"] else None
        if row.act != "decline" and not may_put_back(text_of(plan), before):
            return  # refused
        if row.act != "decline" and now != row.result:
            return  # written since: the owner would see it first
        deciding.take_back(actor=plan.owner, plan=plan, decision=row, shown=now)
        if row.act != "decline" and row.before["part"] and row.before["part"]["kind"] != "order":
            before = Part.of(row.before["part"])
            assert parts_of(text_of(plan))[row.part].node == before.node or before.kind == "section"

    def owner_sends(self) -> None:
        plan = self.pick(self.own)
        shared = parts_of(text_of(self.shared))
        own = [part for part in parts_of(text_of(plan)).values() if part.kind in sending.SENDABLE]
        sent = [
            part
            for part in own
            if part.key not in shared or shared[part.key].hash != part.hash
            if part.key in shared or part.kind != "row" or part.container in shared
        ]
        if sent:
            sending.send(actor=plan.owner, plan=plan, part=self.pick(sent).key)

    def lead_preparer_answers(self) -> None:
        rows = list(Contribution.objects.filter(state="waiting").order_by("pk"))
        if not rows:
            return
        row, parts = self.pick(rows), parts_of(text_of(self.shared))
        offer = sending.offer_of(row, parts)
        act = self.pick(["accept", "merge", "decline"])
        no_place = offer.mine is None and offer.part.kind == "row" and offer.part.container not in parts
        if act == "decline" or no_place:
            sending.refuse(actor=self.shared.owner, contribution=row, answer="再想想")
        elif act == "accept" or offer.may_merge:
            before = {plan.pk: text_of(plan) for plan in self.own}
            sending.take(actor=self.shared.owner, contribution=row, shown=offer.shown, merge=act == "merge")
            assert {plan.pk: text_of(plan) for plan in self.own} == before

    def owner_follows(self) -> None:
        row = Fork.objects.get(plan=self.pick(self.own))
        Fork.objects.filter(pk=row.pk).update(follows=self.pick(["versions", "present"]))

    def check(self) -> None:
        for plan in self.own:
            now = plain_text(text_of(plan))
            rows = list(Decision.objects.filter(fork__plan=plan, undone_at=None))
            kept = "\n".join(
                plain_text(row.before["part"]["whole"])
                for row in rows
                if row.before["part"] and row.before["part"]["kind"] != "order"
            )
            missing = {word for word in self.words[plan.pk] if word not in now and word not in kept}
            assert not missing
            declined = {(row.part, row.offered) for row in rows if row.act == "decline"}
            assert not declined & {(offer.key, offer.offered) for offer in offers_to(plan)}


SEEDS = [*range(3), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(3, 40))]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_own_text_is_lost_and_nothing_declined_comes_again(
    seed: int, shared: LessonPlan, version: PlanVersion, tree: Tree
) -> None:
    owners = [make_teacher(tree.far_school) for _number in range(OWNERS)]
    world = World(seed, shared, owners, version)
    for number in range(STEPS):
        world.step()
        if number % 3 == 2:
            world.check()
    assert Decision.objects.exists()
    assert Contribution.objects.exists()
