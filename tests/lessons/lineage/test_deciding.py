"""Accepting, merging, declining, putting off and taking back, in the live documents."""

import pytest

from foundation.accounts.models import User
from foundation.ledger.models import Event
from foundation.notices.models import Notice
from lessons import versions
from lessons.errors import NotPossible
from lessons.lineage import deciding
from lessons.lineage.connection import text_of
from lessons.lineage.deciding import ChangedMeanwhile
from lessons.lineage.models import Decision, Fork
from lessons.lineage.offers import Offer
from lessons.lineage.parts import parts_of, put, without
from lessons.models import LessonPlan, PlanVersion
from realtime.models import DocumentUpdate
from tests.lessons.lineage.conftest import edit, offers_to, the_offer, version_text, words_of
from tests.lessons.lineage.edits import key_of, row_keys, say, say_in_row


def take(plan: LessonPlan, offer: Offer, **how: bool) -> Decision:
    return deciding.accept(
        actor=plan.owner, plan=plan, part=offer.key, offered=offer.offered, shown=offer.shown, **how
    )


def shown_of(offer: Offer) -> tuple[str, str]:
    return offer.key, offer.offered


def name(plan: LessonPlan) -> PlanVersion:
    return versions.name_version(actor=plan.owner, plan=plan)


def test_nothing_is_offered_before_the_shared_plan_has_a_new_version_unless_wanted(
    shared: LessonPlan, mine: LessonPlan
) -> None:
    edit(shared, say, "board", "，松鼠散步")
    assert offers_to(mine) == []
    Fork.objects.update(follows=Fork.Follows.PRESENT)
    assert the_offer(mine).title == "板书设计"
    Fork.objects.update(follows=Fork.Follows.VERSIONS)
    name(shared)
    assert the_offer(mine).title == "板书设计"


def test_the_owners_of_own_versions_are_told_once_for_a_plan(
    shared: LessonPlan, mine: LessonPlan, colleague: User, django_capture_on_commit_callbacks
) -> None:
    edit(shared, say, "board", "，松鼠散步")
    with django_capture_on_commit_callbacks(execute=True):
        name(shared)
    assert Notice.objects.get().text == "共案《美丽的小兴安岭》定了第2版，有 1 处改动等你决定"
    edit(shared, say, "goals", "，背诵")
    with django_capture_on_commit_callbacks(execute=True):
        name(shared)
    unread = Notice.objects.get(read_at=None)
    assert (unread.text, unread.recipient) == (
        "共案《美丽的小兴安岭》定了第3版，有 2 处改动等你决定",
        colleague,
    )
    assert Fork.objects.get().waiting == 2


def test_nobody_is_told_of_what_they_may_no_longer_read(
    shared: LessonPlan, mine: LessonPlan, django_capture_on_commit_callbacks
) -> None:
    LessonPlan.objects.filter(pk=shared.pk).update(reach=LessonPlan.Reach.OWN)
    edit(shared, say, "board", "，松鼠散步")
    with django_capture_on_commit_callbacks(execute=True):
        name(shared)
    assert not Notice.objects.exists()
    assert Fork.objects.get().waiting == 0


def test_accepting_puts_the_text_in_live_and_leaves_everything_else(
    shared: LessonPlan, mine: LessonPlan, colleague: User
) -> None:
    edit(mine, say, "goals", "，我的目标")
    edit(shared, say, "board", "，松鼠散步")
    name(shared)
    decision = take(mine, the_offer(mine))
    assert "冬：雪花飞舞，松鼠散步" in words_of(mine)
    assert "，我的目标" in words_of(mine)
    assert DocumentUpdate.objects.filter(document=mine.document).last().user_id == colleague.pk
    assert offers_to(mine) == []
    assert (decision.act, decision.title) == ("accept", "板书设计")
    assert Event.objects.get(kind="plan.offer_decided").data == {
        "upstream_id": str(shared.pk),
        "act": "accept",
        "change": "changed",
    }


def test_nothing_is_replaced_that_reads_otherwise_than_what_was_shown(
    shared: LessonPlan, mine: LessonPlan
) -> None:
    edit(shared, say, "board", "，松鼠散步")
    name(shared)
    offer = the_offer(mine)
    edit(mine, say, "board", "，刚写的")
    before = text_of(mine)
    with pytest.raises(ChangedMeanwhile):
        take(mine, offer)
    assert text_of(mine) == before
    assert not Decision.objects.exists()
    edit(shared, say, "board", "，又改了")
    name(shared)
    with pytest.raises(ChangedMeanwhile):
        take(mine, offer)
    assert text_of(mine) == before


def test_an_accept_is_taken_back_exactly_and_the_offer_is_open_again(
    shared: LessonPlan, mine: LessonPlan
) -> None:
    edit(mine, say, "board", "，我的板书", 1)
    edit(shared, say, "board", "，松鼠散步")
    name(shared)
    before, offer = text_of(mine), the_offer(mine)
    for merge in (False, True):
        decision = take(mine, the_offer(mine), merge=merge)
        assert Fork.objects.get().waiting == 0
        deciding.take_back(actor=mine.owner, plan=mine, decision=decision, shown=decision.result)
        assert text_of(mine) == before
        assert the_offer(mine).offered == offer.offered
        assert Fork.objects.get().waiting == 1
        with pytest.raises(ChangedMeanwhile):
            deciding.take_back(actor=mine.owner, plan=mine, decision=decision, shown=decision.result)


def test_what_was_written_after_an_accept_is_replaced_only_in_sight_and_stays_in_a_version(
    shared: LessonPlan, mine: LessonPlan
) -> None:
    edit(shared, say, "board", "，松鼠散步")
    name(shared)
    before = text_of(mine)
    decision = take(mine, the_offer(mine))
    edit(mine, say, "board", "，后来写的")
    with pytest.raises(ChangedMeanwhile):
        deciding.take_back(actor=mine.owner, plan=mine, decision=decision, shown=decision.result)
    assert "，后来写的" in words_of(mine)
    now = deciding.replaceable(decision, text_of(mine))
    deciding.take_back(actor=mine.owner, plan=mine, decision=decision, shown=now)
    assert text_of(mine) == before
    assert "，后来写的" in version_text(PlanVersion.objects.get(plan=mine))


def test_of_several_decisions_on_a_part_the_newest_is_taken_back_first(
    shared: LessonPlan, mine: LessonPlan
) -> None:
    begun = text_of(mine)
    edit(shared, say, "board", "，松鼠散步")
    name(shared)
    first = take(mine, the_offer(mine))
    edit(shared, say, "board", "，黑熊冬眠")
    name(shared)
    second = take(mine, the_offer(mine))
    with pytest.raises(ChangedMeanwhile):
        deciding.take_back(actor=mine.owner, plan=mine, decision=first, shown=second.result)
    deciding.take_back(actor=mine.owner, plan=mine, decision=second, shown=second.result)
    deciding.take_back(actor=mine.owner, plan=mine, decision=first, shown=first.result)
    assert text_of(mine) == begun
    assert "黑熊冬眠" in str(the_offer(mine).theirs)


def test_declined_is_never_offered_again_but_a_later_change_is(shared: LessonPlan, mine: LessonPlan) -> None:
    edit(shared, say, "board", "，松鼠散步")
    name(shared)
    before = text_of(mine)
    [decision] = deciding.decline(
        actor=mine.owner, plan=mine, offers=[shown_of(the_offer(mine))], reason="我班没有投影"
    )
    assert (text_of(mine), offers_to(mine), decision.reason) == (before, [], "我班没有投影")
    name(shared)
    assert offers_to(mine) == []
    edit(shared, say, "board", "，黑熊冬眠")
    name(shared)
    assert the_offer(mine).declined_before
    deciding.decline(actor=mine.owner, plan=mine, offers=[shown_of(the_offer(mine))])
    deciding.take_back(actor=mine.owner, plan=mine, decision=Decision.objects.first(), shown="")
    assert "黑熊冬眠" in str(the_offer(mine).theirs)


def test_what_is_put_off_stays_and_is_not_counted(shared: LessonPlan, mine: LessonPlan) -> None:
    edit(shared, say, "board", "，松鼠散步")
    edit(shared, say, "goals", "，背诵")
    name(shared)
    first, _second = offers_to(mine)
    deciding.put_off(actor=mine.owner, plan=mine, offers=[shown_of(first)])
    assert [offer.is_put_off for offer in offers_to(mine)] == [True, False]
    assert Fork.objects.get().waiting == 1


def test_a_section_added_and_one_deleted_in_the_shared_plan(shared: LessonPlan, mine: LessonPlan) -> None:
    board = parts_of(text_of(shared))[key_of(text_of(shared), "board")]
    edit(shared, without, board)
    name(shared)
    offer = the_offer(mine)
    assert offer.change == "deleted"
    before = text_of(mine)
    decision = take(mine, offer)
    assert "雪花飞舞" not in words_of(mine)
    deciding.take_back(actor=mine.owner, plan=mine, decision=decision, shown=decision.result)
    assert text_of(mine) == before


def test_what_may_not_be_merged_is_not(shared: LessonPlan, mine: LessonPlan) -> None:
    edit(shared, say, "board", "，松鼠散步")
    name(shared)
    with pytest.raises(NotPossible, match="合着改"):
        take(mine, the_offer(mine), merge=True)
    assert "松鼠散步" not in words_of(mine)


def test_what_has_no_place_any_more_is_not_taken_back(shared: LessonPlan, mine: LessonPlan) -> None:
    edit(shared, say_in_row, row_keys(text_of(shared))[0], "，换词")
    name(shared)
    decision = take(mine, the_offer(mine))
    process = parts_of(text_of(mine))[key_of(text_of(mine), "process")]
    edit(mine, without, process)
    now = deciding.replaceable(decision, text_of(mine))
    with pytest.raises(NotPossible, match="放不回去"):
        deciding.take_back(actor=mine.owner, plan=mine, decision=decision, shown=now)
    decision.refresh_from_db()
    assert decision.undone_at is None
    edit(mine, put, process)
    deciding.take_back(actor=mine.owner, plan=mine, decision=decision, shown=decision.result)
    assert "换词" in words_of(mine)  # what was there before
    assert "，换词" not in words_of(mine)
