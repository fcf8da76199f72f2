"""What is offered and what decisions do, as plain data: every case once, and then anything in any order."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.content import ids_of
from lessons.document import Node, normal, plain_text
from lessons.lineage.merging import with_ids
from lessons.lineage.offers import (
    Memories,
    Memory,
    Offer,
    accepted,
    after_accepting,
    after_declining,
    after_giving,
    after_putting_off,
    may_put_back,
    merged_into,
    offers,
    put_back,
)
from lessons.lineage.parts import Part, Parts, can_hold, hash_of, parts_of, put, without
from tests.lessons.lineage.edits import (
    changed,
    edited,
    find_row,
    key_of,
    row_keys,
    said_in,
    say,
    say_in_row,
    section,
    small_text,
    table_of,
)
from tests.lessons.lineage.edits import plan_text as plan


def new_ids(name: str = "new"):
    return ids_of(name)


def offered(document: Node, shared: Node, memories: Memories) -> dict[str, Offer]:
    return {offer.key: offer for offer in offers(document, parts_of(shared), memories)}


def only_offer(document: Node, shared: Node, memories: Memories) -> Offer:
    [offer] = offers(document, parts_of(shared), memories)
    return offer


# ---- case by case ---------------------------------------------------------------------------------------


def test_parts_are_sections_steps_fields_and_their_orders() -> None:
    found = parts_of(plan())
    kinds = [part.kind for part in found.values()]
    assert kinds.count("row") == 3
    assert kinds.count("order") == 2
    assert [part.title for part in found.values() if part.kind == "row"] == [
        "教学过程 · 导入新课",
        "教学过程 · 初读",
        "教学过程 · 品读春夏",
    ]
    process = found[key_of(plan(), "process")]
    assert "换词" not in plain_text(process.node)
    assert "换词" in plain_text(process.whole)
    assert "授课人" not in {part.title for part in found.values()}


def test_nothing_is_offered_while_nothing_has_changed() -> None:
    assert offered(plan(), plan(), Memories(parts_of(plan()))) == {}


def test_ids_and_the_width_of_columns_are_no_change() -> None:
    def other_look(copy: Node) -> None:
        goals = section(copy, "goals")
        goals["content"][0]["attrs"]["id"] = "another"
        table_of(copy)["content"][0]["content"][0].setdefault("attrs", {})["colwidth"] = [80]

    assert offered(plan(), changed(plan(), other_look), Memories(parts_of(plan()))) == {}


def test_a_change_of_a_part_i_left_alone_is_offered_and_taken_as_it_is() -> None:
    memories, shared = Memories(parts_of(plan())), say(plan(), "board", "，松鼠散步")
    offer = only_offer(plan(), shared, memories)
    assert (offer.title, offer.change, offer.touched, offer.may_merge) == (
        "板书设计",
        "changed",
        False,
        False,
    )
    assert accepted(plan(), offer) == shared


def test_a_change_of_a_part_i_changed_as_well_says_so_and_can_be_merged() -> None:
    memories = Memories(parts_of(plan()))
    shared, mine = say(plan(), "board", "，松鼠散步"), say(plan(), "board", "，我们在雪里", block=1)
    offer = only_offer(mine, shared, memories)
    assert offer.touched
    assert offer.may_merge
    merged = merged_into(mine, offer, new_ids())
    assert [plain_text(block) for block in section(merged, "board")["content"]] == [
        "冬：雪花飞舞，松鼠散步",
        "春：树木抽枝，我们在雪里",
    ]


def test_a_block_that_both_changed_stands_there_twice_the_own_one_first() -> None:
    memories = Memories(parts_of(plan()))
    shared, mine = say(plan(), "board", "，松鼠散步"), say(plan(), "board", "，积雪没膝")
    merged = merged_into(mine, only_offer(mine, shared, memories), new_ids())
    blocks = section(merged, "board")["content"]
    assert [plain_text(block) for block in blocks] == [
        "冬：雪花飞舞，积雪没膝",
        "冬：雪花飞舞，松鼠散步",
        "春：树木抽枝",
    ]
    assert len({block["attrs"]["id"] for block in blocks}) == 3


def test_a_step_is_offered_by_itself_and_leaves_the_others_alone() -> None:
    memories = Memories(parts_of(plan()))
    first, second, _third = row_keys(plan())
    shared, mine = say_in_row(plan(), second, "，圈词"), say_in_row(plan(), first, "，摸树叶")
    offer = only_offer(mine, shared, memories)
    assert offer.title == "教学过程 · 初读"
    assert not offer.touched
    taken = accepted(mine, offer)
    assert taken == say_in_row(mine, second, "，圈词")


def test_the_cells_of_a_step_that_both_changed_are_merged_cell_by_cell() -> None:
    memories, key = Memories(parts_of(plan())), row_keys(plan())[2]
    shared, mine = say_in_row(plan(), key, "，演一演"), say_in_row(plan(), key, "，画句子", cell=2)
    merged = merged_into(mine, only_offer(mine, shared, memories), new_ids())
    cells = find_row(merged, key)["content"]
    assert [plain_text(cell) for cell in cells[1:3]] == ["换词，演一演", "朗读，画句子"]


def test_an_added_step_comes_behind_its_elder_sibling() -> None:
    memories = Memories(parts_of(plan()))

    def add(copy: Node) -> None:
        ids = new_ids()
        row = with_ids(find_row(copy, row_keys(plan())[1]), lambda _old: ids())
        row["content"][0]["content"] = [{"type": "paragraph", "content": [{"type": "text", "text": "再读"}]}]
        table_of(copy)["content"].insert(3, row)

    shared = changed(plan(), add)
    offer = only_offer(plan(), shared, memories)
    assert (offer.change, offer.title) == ("added", "教学过程 · 再读")
    assert accepted(plan(), offer) == shared


def test_a_deleted_section_goes_only_with_all_that_stands_in_it_in_sight() -> None:
    memories = Memories(parts_of(plan()))
    process = key_of(plan(), "process")
    shared = without(plan(), parts_of(plan())[process])
    mine = say_in_row(plan(), row_keys(plan())[0], "，我的")
    offer = only_offer(mine, shared, memories)
    assert (offer.change, offer.mine and "我的" in plain_text(offer.mine.whole)) == ("deleted", True)
    gone = accepted(mine, offer)
    assert "我的" not in plain_text(gone)
    assert put_back(gone, process, offer.mine, memories) == mine


def test_moved_steps_are_one_offer_and_own_steps_stay_behind_the_one_they_follow() -> None:
    memories = Memories(parts_of(plan()))
    first, second, third = row_keys(plan())

    def move(copy: Node) -> None:
        rows = table_of(copy)["content"]
        rows.insert(1, rows.pop(3))

    def add(copy: Node) -> None:
        row = with_ids(find_row(copy, first), lambda old: "mine" if old == first else f"mine {old}")
        table_of(copy)["content"].insert(2, row)

    shared, mine = changed(plan(), move), changed(plan(), add)
    offer = only_offer(mine, shared, memories)
    assert (offer.change, offer.touched) == ("moved", False)
    assert row_keys(accepted(mine, offer)) == [third, first, "mine", second]
    declined = Memories(memories.origin, {offer.key: after_declining(offer)})
    assert offered(mine, shared, declined) == {}


def test_a_declined_change_never_comes_again_a_later_one_says_that_one_was_declined() -> None:
    memories = Memories(parts_of(plan()))
    shared = say(plan(), "board", "，松鼠散步")
    offer = only_offer(plan(), shared, memories)
    memories.decided[offer.key] = after_declining(offer)
    assert offered(plan(), shared, memories) == {}
    assert offered(plan(), plan(), memories) == {}
    assert offered(plan(), shared, memories) == {}
    later = say(shared, "board", "，黑熊冬眠")
    again = only_offer(plan(), later, memories)
    assert again.declined_before
    memories.decided[again.key] = after_accepting(memories, again, later, parts_of(later))[again.key]
    assert offered(later, shared, memories) == {}


def test_what_is_put_off_stays_on_offer_and_says_so() -> None:
    memories, shared = Memories(parts_of(plan())), say(plan(), "board", "，松鼠散步")
    offer = only_offer(plan(), shared, memories)
    memories.decided[offer.key] = after_putting_off(offer)
    assert only_offer(plan(), shared, memories).is_put_off
    assert not only_offer(plan(), say(shared, "board", "，又改"), memories).is_put_off


def test_what_both_wrote_alike_is_not_offered() -> None:
    both = say(plan(), "board", "，松鼠散步")
    assert offered(both, both, Memories(parts_of(plan()))) == {}


def test_rows_of_a_section_that_i_deleted_are_not_offered_but_the_section_is() -> None:
    memories, process = Memories(parts_of(plan())), parts_of(plan())[key_of(plan(), "process")]
    mine = without(plan(), process)
    assert offered(mine, say_in_row(plan(), row_keys(plan())[0], "，改"), memories) == {}

    def title(copy: Node) -> None:
        section(copy, "process")["attrs"]["title"] = "教学活动"

    shared = changed(plan(), title)
    offer = only_offer(mine, shared, memories)
    assert offer.gone
    taken = accepted(mine, offer)
    assert row_keys(taken) == row_keys(plan())
    memories.decided |= after_accepting(memories, offer, taken, parts_of(shared))
    assert offered(say_in_row(taken, row_keys(plan())[0], "，我改"), shared, memories) == {}


def test_a_table_that_the_shared_plan_gave_up_keeps_my_steps() -> None:
    memories = Memories(parts_of(plan()))

    def write_it_out(copy: Node) -> None:
        section(copy, "process")["content"] = [
            {"type": "paragraph", "attrs": {"id": "p"}, "content": [{"type": "text", "text": "先读后写"}]}
        ]

    shared = changed(plan(), write_it_out)
    mine = say_in_row(plan(), row_keys(plan())[0], "，我的")
    offer = offered(mine, shared, memories)[key_of(plan(), "process")]
    taken = accepted(mine, offer)
    assert "先读后写" in plain_text(taken)
    assert "我的" in plain_text(taken)


def test_a_table_that_came_with_a_section_goes_with_it_when_that_is_taken_back() -> None:
    memories = Memories(parts_of(plan()))

    def add(copy: Node) -> None:
        ids = new_ids("more")
        section(copy, "board")["content"].append(with_ids(table_of(copy), lambda _old: ids()))

    shared = changed(plan(), add)
    offer = only_offer(plan(), shared, memories)
    taken = accepted(plan(), offer)
    assert taken == shared
    memories.decided |= after_accepting(memories, offer, taken, parts_of(shared))
    assert offered(taken, shared, memories) == {}
    assert put_back(taken, offer.key, offer.mine, memories) == plan()
    written = say_in_row(taken, row_keys(taken)[-1], "，我的")
    assert "，我的" in plain_text(put_back(written, offer.key, offer.mine, memories))


def test_a_block_moved_to_another_section_gets_an_id_of_its_own_until_the_first_place_is_decided() -> None:
    memories = Memories(parts_of(plan()))

    def move(copy: Node) -> None:
        section(copy, "goals")["content"].append(section(copy, "board")["content"].pop(0))

    shared = changed(plan(), move)
    offer = offered(plan(), shared, memories)[key_of(plan(), "goals")]
    taken = accepted(plan(), offer, new_ids())
    ids = [block["attrs"]["id"] for key in ("goals", "board") for block in section(taken, key)["content"]]
    assert len(set(ids)) == len(ids) == 5


# ---- anything in any order ------------------------------------------------------------------------------


@dataclass
class Taken:
    """A decision that can be taken back."""

    key: str
    before: Part | None
    memory: Memory
    offered: str
    act: str
    after: str = ""
    whole: str = ""


@dataclass
class Own:
    document: Node
    memories: Memories
    words: set[str] = field(default_factory=set)
    """What its owner wrote and did not delete."""
    decisions: list[Taken] = field(default_factory=list)
    refused: list[Part] = field(default_factory=list)
    """What of the shared plan its owner once declined."""
    sent: list[tuple[str, Part, Node | None]] = field(default_factory=list)


class Lineage:
    """A shared plan and ten own versions. Most happens in the first ones, so that one thing meets another."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.numbers, self.ids = count(1), ids_of(str(seed))
        self.counted: Counter[str] = Counter()
        self.shared = small_text()
        self.earlier = [self.shared]
        self.own = [Own(small_text(), Memories(parts_of(small_text()))) for _number in range(10)]

    # ---- writing ----
    def word(self) -> str:
        return f"〔{next(self.numbers)}〕"

    def edited(self, document: Node, word: str) -> Node:
        return edited(document, self.pick, word, self.ids)

    def somebody_writes_in_the_shared_plan(self) -> None:
        self.earlier.append(self.shared)
        self.shared = self.edited(self.shared, self.word())

    def the_shared_plan_goes_back(self) -> None:
        self.shared = self.pick(self.earlier)

    def the_shared_plan_says_again_what_was_declined(self) -> None:
        refused = [part for own in self.own for part in own.refused]
        part = self.pick(refused) if refused else None
        if part is not None and can_hold(self.shared, part):
            self.shared = normal(put(self.shared, part))

    def an_owner_writes_where_something_is_offered(self, own: Own) -> None:
        offer = self.pick_offer(own)
        if offer is not None and offer.mine is not None and offer.mine.kind != "field":
            word = self.word()
            own.document = said_in(own.document, offer.mine, word)
            if word in plain_text(own.document):
                own.words.add(word)

    def an_owner_writes(self, own: Own) -> None:
        word = self.word()
        before = plain_text(own.document)
        own.document = self.edited(own.document, word)
        text = plain_text(own.document)
        deleted = {each for each in own.words if each in before and each not in text}
        own.words = own.words - deleted | ({word} if word in text else set())

    # ---- deciding ----
    def pick_offer(self, own: Own, *, both: bool = False) -> Offer | None:
        """`both`: one that both have changed."""
        found = offers(own.document, parts_of(self.shared), own.memories)
        found = [offer for offer in found if offer.may_merge or not both]
        return self.pick(found) if found else None

    def take(self, own: Own, act: str) -> None:
        offer = self.pick_offer(own, both=act == "merge")
        if offer is None:
            return
        theirs: Parts = parts_of(self.shared)
        before, document = own.memories[offer.key], own.document
        make = merged_into if act == "merge" else accepted
        own.document = normal(make(document, offer, self.ids))
        own.memories.decided |= after_accepting(own.memories, offer, own.document, theirs)
        here = parts_of(own.document).get(offer.key)
        after, whole = (here.hash, hash_of(here.whole)) if here else ("", "")
        own.decisions.append(Taken(offer.key, offer.mine, before, offer.offered, act, after, whole))
        self.counted[act] += 1
        self.arrived(own, offer, act, document)

    def arrived(self, own: Own, offer: Offer, act: str, before: Node) -> None:
        text = plain_text(own.document)
        if offer.theirs and offer.change != "moved":
            kept = [line for line in plain_text(offer.theirs.node).split("\n") if line.strip()]
            assert act == "merge" or all(line in text for line in kept)
        if act == "merge":
            assert all(word in text for word in own.words if word in plain_text(before))
        if act == "accept" and offer.change == "moved":
            assert offer.theirs
            here = parts_of(own.document)[offer.key].ids
            assert [one for one in offer.theirs.ids if one in here] == [
                one for one in here if one in offer.theirs.ids
            ]
        assert offer.key not in offered(own.document, self.shared, own.memories)
        # nothing beside the part has changed
        untouched = {key: part.hash for key, part in parts_of(before).items()}
        for key, part in parts_of(own.document).items():
            beside = key != offer.key and part.inside != offer.key and part.kind != "order"
            assert not beside or untouched[key] == part.hash

    def decline(self, own: Own) -> None:
        offer = self.pick_offer(own)
        if offer is not None:
            own.decisions.append(
                Taken(offer.key, offer.mine, own.memories[offer.key], offer.offered, "decline")
            )
            self.counted["decline"] += 1
            own.refused += [offer.theirs] if offer.theirs else []
            own.memories.decided[offer.key] = after_declining(offer)

    def put_off(self, own: Own) -> None:
        offer = self.pick_offer(own)
        if offer is not None:
            own.memories.decided[offer.key] = after_putting_off(offer)

    def take_back(self, own: Own) -> None:
        newest = {taken.key: taken for taken in own.decisions}
        if not newest:
            return
        taken = self.pick(list(newest.values()))
        here = parts_of(own.document).get(taken.key)
        if taken.act != "decline" and self.written_since(own, taken, here):
            return  # the page shows that first
        if taken.act != "decline" and not may_put_back(own.document, taken.before):
            return  # refused: the text stays with the decision
        own.decisions.remove(taken)
        own.memories.decided[taken.key] = taken.memory
        if taken.act == "decline":
            return
        own.document = normal(put_back(own.document, taken.key, taken.before, own.memories))
        now = parts_of(own.document).get(taken.key)
        if taken.before and taken.before.kind != "order":
            assert now
            assert self.without_new_tables(now.node, taken.before.node) == taken.before.hash
        self.counted["taken back"] += 1

    def without_new_tables(self, now: Node, before: Node) -> str:
        """The hash without tables that came along and stay because of what the owner wrote in their rows."""
        if now["type"] != "section":
            return hash_of(now)
        known = {block["attrs"]["id"] for block in before.get("content") or []}
        blocks = [
            block for block in now["content"] if block["type"] != "table" or block["attrs"]["id"] in known
        ]
        return hash_of({**now, "content": blocks})

    def written_since(self, own: Own, taken: Taken, here: Part | None) -> bool:
        if taken.before is None and here is not None:
            return hash_of(here.whole) != taken.whole
        return (here.hash if here else "") != taken.after

    # ---- sending back ----
    def send_back(self, own: Own) -> None:
        theirs = parts_of(self.shared)
        parts = [part for part in parts_of(own.document).values() if part.kind in ("section", "row", "block")]
        differing = [part for part in parts if part.key not in theirs or theirs[part.key].hash != part.hash]
        if differing:
            part = self.pick(differing)
            own.sent.append((part.key, part, own.memories[part.key].base))

    def answer(self, own: Own) -> None:
        if not own.sent:
            return
        act, sent = self.pick(["accept", "merge", "decline"]), self.pick(own.sent)
        own.sent.remove(sent)
        key, part, base = sent
        before = plain_text(own.document)
        offer = Offer(key, part.title, "changed", parts_of(self.shared).get(key), part, Memory(base=base))
        if act == "merge" and offer.may_merge:
            self.shared = normal(merged_into(self.shared, offer, self.ids))
        elif act == "accept":
            self.shared = normal(accepted(self.shared, offer, self.ids))
            given = parts_of(self.shared).get(key)
            if given is not None:
                own.memories.decided[key] = after_giving(own.memories[key], given)
        assert plain_text(own.document) == before

    # ---- what holds at all times ----
    def check(self, own: Own) -> None:
        text = plain_text(own.document)
        kept = "\n".join(
            plain_text(taken.before.whole)
            for taken in own.decisions
            if taken.before and taken.before.kind != "order"
        )
        assert not [word for word in own.words if word not in text and word not in kept]
        declined = {(taken.key, taken.offered) for taken in own.decisions if taken.act == "decline"}
        found = offers(own.document, parts_of(self.shared), own.memories) if declined else []
        assert not declined & {(offer.key, offer.offered) for offer in found}

    # ---- one thing after the other ----
    def pick(self, sequence: Any) -> Any:
        return self.random.choice(sequence)

    def step(self) -> None:
        own = self.own[self.pick([0] * 8 + [1] * 4 + list(range(2, 10)))]
        act = self.pick(
            [
                self.somebody_writes_in_the_shared_plan,
                self.somebody_writes_in_the_shared_plan,
                self.the_shared_plan_goes_back,
                self.the_shared_plan_says_again_what_was_declined,
                partial(self.an_owner_writes, own),
                partial(self.an_owner_writes, own),
                partial(self.an_owner_writes_where_something_is_offered, own),
                partial(self.an_owner_writes_where_something_is_offered, own),
                partial(self.take, own, "accept"),
                partial(self.take, own, "accept"),
                partial(self.take, own, "merge"),
                partial(self.take, own, "merge"),
                partial(self.decline, own),
                partial(self.put_off, own),
                partial(self.take_back, own),
                partial(self.send_back, own),
                partial(self.answer, own),
            ]
        )
        act()
        self.check(own)


def lived(seed: int) -> Lineage:
    lineage = Lineage(seed)
    for _number in range(150):
        lineage.step()
    for own in lineage.own:
        lineage.check(own)
    return lineage


@given(st.integers(0, 2**32))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_anything_in_any_order(seed: int) -> None:
    lived(seed)


def test_in_such_runs_everything_happens_often() -> None:
    counted = sum((lived(seed).counted for seed in range(6)), Counter[str]())
    assert min(counted[act] for act in ("accept", "merge", "decline", "taken back")) >= 5, counted
