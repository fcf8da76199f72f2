"""Parts of own versions sent to the shared plan, and what becomes of them."""

import pytest

from foundation.accounts.models import User
from foundation.notices.models import Notice
from lessons import versions
from lessons.errors import NotPossible
from lessons.lineage import deciding, sending
from lessons.lineage.connection import text_of
from lessons.lineage.deciding import ChangedMeanwhile
from lessons.lineage.models import Contribution
from lessons.lineage.parts import parts_of
from lessons.models import LessonPlan, PlanVersion
from tests.lessons.lineage.conftest import edit, offers_to, version_text, words_of
from tests.lessons.lineage.edits import key_of, say


@pytest.fixture
def board(shared: LessonPlan) -> str:
    return key_of(text_of(shared), "board")


@pytest.fixture
def sent(mine: LessonPlan, board: str, colleague: User) -> Contribution:
    edit(mine, say, "board", "，松鼠散步")
    return sending.send(actor=colleague, plan=mine, part=board, remark="孩子最爱说")


def shown(contribution: Contribution) -> str:
    return sending.offer_of(contribution, parts_of(text_of(contribution.plan))).shown


def test_the_lead_preparer_is_told_and_nothing_has_changed_yet(
    sent: Contribution, shared: LessonPlan, owner: User
) -> None:
    assert (sent.plan, sent.title, sent.state) == (shared, "板书设计", "waiting")
    assert "松鼠散步" not in words_of(shared)
    notice = Notice.objects.get()
    assert (notice.recipient, notice.text) == (owner, "你的共案《美丽的小兴安岭》有 1 处改法等你看")


def test_sending_the_same_part_again_replaces_what_waits(
    sent: Contribution, mine: LessonPlan, board: str, colleague: User, owner: User
) -> None:
    edit(mine, say, "board", "，黑熊冬眠")
    again = sending.send(actor=colleague, plan=mine, part=board)
    sent.refresh_from_db()
    assert (sent.state, again.state) == ("withdrawn", "waiting")
    assert "黑熊冬眠" in str(again.text)
    assert Notice.objects.filter(read_at=None).count() == 1


def test_what_reads_like_the_shared_plan_is_not_sent(mine: LessonPlan, board: str, colleague: User) -> None:
    with pytest.raises(NotPossible, match="一样"):
        sending.send(actor=colleague, plan=mine, part=board)
    with pytest.raises(NotPossible, match="不在"):
        sending.send(actor=colleague, plan=mine, part="nothing")
    assert not Contribution.objects.exists()


def test_taken_text_stands_in_the_shared_plan_and_is_not_offered_to_its_author(
    sent: Contribution, shared: LessonPlan, mine: LessonPlan, owner: User, colleague: User
) -> None:
    sending.take(actor=owner, contribution=sent, shown=shown(sent), answer="好")
    sent.refresh_from_db()
    assert (sent.state, sent.answered_by, sent.answer) == ("accepted", owner, "好")
    assert "松鼠散步" in words_of(shared)
    told = Notice.objects.get(recipient=colleague)
    assert told.text == "你提给共案《美丽的小兴安岭》的“板书设计”被采用了，署着你的名字"
    assert not Notice.objects.filter(recipient=owner, read_at=None).exists()
    versions.name_version(actor=owner, plan=shared)
    edit(mine, say, "board", "，我又改了")
    assert offers_to(mine) == []
    edit(shared, say, "board", "，主备人又改了")
    versions.name_version(actor=owner, plan=shared)
    [offer] = offers_to(mine)
    assert offer.touched
    assert not offer.declined_before


def test_what_the_shared_plan_said_before_stays_in_a_version(
    sent: Contribution, shared: LessonPlan, owner: User
) -> None:
    edit(shared, say, "board", "，主备人写的", 1)
    sending.take(actor=owner, contribution=sent, shown=shown(sent))
    assert "主备人写的" not in words_of(shared)
    assert "主备人写的" in version_text(PlanVersion.objects.get(plan=shared, number=None))


def test_both_texts_can_be_put_in(sent: Contribution, shared: LessonPlan, owner: User) -> None:
    edit(shared, say, "board", "，主备人写的")
    sending.take(actor=owner, contribution=sent, shown=shown(sent), merge=True)
    assert "主备人写的" in words_of(shared)
    assert "松鼠散步" in words_of(shared)


def test_text_that_changed_since_it_was_shown_is_not_replaced(
    sent: Contribution, shared: LessonPlan, owner: User
) -> None:
    before = shown(sent)
    edit(shared, say, "board", "，刚写的")
    with pytest.raises(ChangedMeanwhile):
        sending.take(actor=owner, contribution=sent, shown=before)
    assert "刚写的" in words_of(shared)
    sent.refresh_from_db()
    assert sent.state == "waiting"


def test_refused_with_a_reason_or_not_at_all(
    sent: Contribution, shared: LessonPlan, owner: User, colleague: User
) -> None:
    with pytest.raises(NotPossible, match="写一句"):
        sending.refuse(actor=owner, contribution=sent, answer=" ")
    sending.refuse(actor=owner, contribution=sent, answer="板书写不下")
    sent.refresh_from_db()
    assert (sent.state, sent.answer) == ("declined", "板书写不下")
    assert "松鼠散步" not in words_of(shared)
    assert Notice.objects.get(recipient=colleague).text.endswith("没有采用，有回复")
    for act in (
        lambda: sending.take(actor=owner, contribution=sent, shown=shown(sent)),
        lambda: sending.refuse(actor=owner, contribution=sent, answer="再说"),
        lambda: sending.withdraw(actor=colleague, contribution=sent),
    ):
        with pytest.raises(NotPossible, match="已经有结果"):
            act()


def test_withdrawn_by_its_author(sent: Contribution, colleague: User, owner: User) -> None:
    sending.withdraw(actor=colleague, contribution=sent)
    sent.refresh_from_db()
    assert sent.state == "withdrawn"
    assert not Notice.objects.filter(recipient=owner, read_at=None).exists()


def test_an_own_section_is_added_to_the_shared_plan(
    shared: LessonPlan, mine: LessonPlan, owner: User, colleague: User
) -> None:
    def add(document, _nothing=None):
        new = {
            "type": "section",
            "attrs": {"id": "own", "key": "", "title": "乡村班做法"},
            "content": [
                {"type": "paragraph", "attrs": {"id": "ownp"}, "content": [{"type": "text", "text": "看树"}]}
            ],
        }
        return {**document, "content": [*document["content"][:3], new, *document["content"][3:]]}

    edit(mine, add)
    contribution = sending.send(actor=colleague, plan=mine, part="own")
    sending.take(actor=owner, contribution=contribution, shown=shown(contribution))
    assert [node["attrs"]["id"] for node in text_of(shared)["content"]][3] == "own"
    versions.name_version(actor=owner, plan=shared)
    assert offers_to(mine) == []


def test_who_has_merged_contributions_sees_the_result_as_an_offer(
    sent: Contribution, shared: LessonPlan, mine: LessonPlan, owner: User
) -> None:
    edit(shared, say, "board", "，主备人写的")
    sending.take(actor=owner, contribution=sent, shown=shown(sent), merge=True)
    versions.name_version(actor=owner, plan=shared)
    [offer] = offers_to(mine)
    deciding.accept(actor=mine.owner, plan=mine, part=offer.key, offered=offer.offered, shown=offer.shown)
    assert "主备人写的" in words_of(mine)
    assert "松鼠散步" in words_of(mine)
