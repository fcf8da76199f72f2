"""Handing in, reviewing, replying: what each does, and what refuses leaves nothing behind."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from foundation.accounts.models import User
from foundation.ledger.models import AuditEntry, Event
from foundation.notices.models import Notice
from lessons import versions
from lessons.document import plain_text, read_state
from lessons.errors import Denied, NotPossible, PlanNotFound
from lessons.models import LessonPlan, OpinionPhrase, PlanVersion, Review, Submission
from lessons.reviewing import levels, operations
from lessons.reviewing.models import EarlierReview, ReviewScale
from teaching_centres.errors import NotPossible as NotPossibleHere
from teaching_centres.roles import Role
from tests.factories import make_administrator, make_membership, make_plan, make_teacher, make_term
from tests.lessons.reviewing.conftest import World, make_review_world, write


def everything() -> tuple[object, ...]:
    return (
        list(Submission.objects.order_by("pk").values_list("pk", "version", "ended")),
        list(Review.objects.order_by("pk").values_list("pk", "level", "opinion", "reply", "revision")),
        *(model.objects.count() for model in (EarlierReview, PlanVersion, Notice, Event, AuditEntry)),
    )


def told(person: User) -> list[str]:
    return list(Notice.objects.filter(recipient=person).order_by("pk").values_list("text", flat=True))


# ---- handing in ------------------------------------------------------------------------------------------
def test_handing_in_freezes_what_is_there_now_and_tells_the_group_leader(world: World) -> None:
    make_term(world.tree.province, starts=date(2020, 9, 1), ends=date(2099, 1, 1))
    plan = world.plan()
    submission = operations.hand_in(actor=world.author, plan=plan)
    write(plan, "交上去以后才写的", world.author)
    assert (submission.version.number, submission.school, submission.region) == (1, world.tree.school, None)
    assert submission.term == "2026-1"
    text = plain_text(read_state(bytes(submission.version.state)))
    assert "默读课文第二自然段" in text
    assert "交上去以后才写的" not in text
    assert told(world.leader) == ["有新交上来的教案等你批阅"]
    assert told(world.county) == told(world.author) == []
    assert Event.objects.get(kind="plan.handed_in").data == {"version_id": submission.version_id}
    plan.refresh_from_db()
    assert plan.reach == LessonPlan.Reach.OWN


def test_a_hundred_plans_are_one_line_under_the_bell(world: World) -> None:
    for number in range(3):
        world.handed_in(title=f"第{number}课")
    assert len(told(world.leader)) == 1


def test_where_no_leader_is_the_researchers_of_the_county_are_told(world: World) -> None:
    teacher = make_teacher(world.tree.same_county_school)
    world.handed_in(owner=teacher)
    assert told(world.county) == ["有新交上来的教案等你批阅"]
    assert told(world.leader) == told(world.prefecture) == []


def test_a_group_leader_who_is_alone_hands_in_to_the_county(world: World) -> None:
    world.handed_in(owner=world.leader)
    assert told(world.county) == ["有新交上来的教案等你批阅"]
    assert told(world.leader) == []


def test_a_version_that_has_a_name_and_did_not_change_is_handed_in_itself(world: World) -> None:
    plan = world.plan()
    named = versions.name_version(actor=world.author, plan=plan, name="定稿")
    assert operations.hand_in(actor=world.author, plan=plan).version == named
    assert PlanVersion.objects.filter(plan=plan, number__isnull=False).count() == 1


def test_another_version_takes_the_place_of_the_first(world: World) -> None:
    first = world.handed_in()
    plan = first.plan
    write(plan, "改了", world.author)
    second = operations.hand_in(actor=world.author, plan=plan)
    first.refresh_from_db()
    assert (first.ended, second.ended) == ("replaced", "")
    assert set(Submission.objects.reviewable_by(world.leader)) == {second}
    third = operations.hand_in(actor=world.author, plan=plan, version=first.version)
    assert set(Submission.objects.reviewable_by(world.leader)) == {third}


def test_what_cannot_be_handed_in(world: World) -> None:
    submission = world.handed_in()
    empty = make_plan(world.author)
    archived = world.plan(state=LessonPlan.State.ARCHIVED, text="")
    deleted = world.plan(state=LessonPlan.State.DELETED, text="")
    left = make_teacher(world.tree.school)
    theirs = make_plan(left)
    left.memberships.all().delete()
    left = User.objects.get(pk=left.pk)
    other = versions.name_version(actor=world.colleague, plan=make_plan(world.colleague))
    before = everything()
    for actor, plan, version, reason in (
        (world.author, submission.plan, submission.version, "这一版已经交上去了"),
        (world.author, empty, None, "还是空的"),
        (world.author, archived, None, "已归档"),
        (world.author, deleted, None, "已删除"),
        (world.author, submission.plan, other, "定好的一版"),
        (left, theirs, None, "没有任职"),
        (world.leader, submission.plan, None, "只有教案的主人"),
        (world.colleague, empty, None, "只有教案的主人"),
    ):
        with pytest.raises(Denied, match=reason):
            operations.hand_in(actor=actor, plan=plan, version=version)
    assert everything() == before


def test_taken_back_no_reviewer_opens_it_but_what_was_said_stays(world: World) -> None:
    submission = world.handed_in()
    review = operations.give_review(actor=world.leader, submission=submission, level="良")
    with pytest.raises(Denied):
        operations.take_back(actor=world.leader, plan=submission.plan)
    operations.take_back(actor=world.author, plan=submission.plan)
    assert not Submission.objects.visible_to(world.leader).exists()
    assert set(Review.objects.visible_to(world.leader)) == {review}
    assert not Review.objects.visible_to(world.county).exists()
    assert set(Review.objects.visible_to(world.author)) == {review}
    before = everything()
    with pytest.raises(PlanNotFound):
        operations.give_review(actor=world.leader, submission=submission, level="优", revision=1)
    with pytest.raises(NotPossible, match="没有交上去"):
        operations.take_back(actor=world.author, plan=submission.plan)
    assert everything() == before


# ---- reviews ---------------------------------------------------------------------------------------------
def test_a_review_is_told_to_the_author_without_anybodys_name(world: World) -> None:
    submission = world.handed_in()
    review = operations.give_review(
        actor=world.leader, submission=submission, level="优", opinion=" 读的训练很扎实。 "
    )
    assert (review.level, review.rank, review.opinion, review.revision) == ("优", 1, "读的训练很扎实。", 1)
    assert told(world.author) == ["《美丽的小兴安岭》批阅了：优"]
    event = Event.objects.get(kind="plan.reviewed")
    assert event.data == {"version_id": submission.version_id, "rank": 1, "levels": 4}


def test_a_review_is_changed_with_its_history_until_there_is_a_reply(world: World) -> None:
    submission = world.handed_in()
    operations.give_review(actor=world.leader, submission=submission, level="良", opinion="目标太多")
    same = operations.give_review(
        actor=world.leader, submission=submission, level="良", opinion="目标太多", revision=1
    )
    assert same.revision == 1
    changed = operations.give_review(
        actor=world.leader, submission=submission, level="优", opinion="目标清楚", revision=1
    )
    assert (changed.level, changed.revision) == ("优", 2)
    assert [(each.level, each.opinion) for each in changed.earlier.all()] == [("良", "目标太多")]
    operations.reply(actor=world.author, review=changed, text="谢谢", revision=2)
    assert told(world.leader)[-1] == "《美丽的小兴安岭》的作者回复了你的意见"
    before = everything()
    with pytest.raises(NotPossible, match="已经回复"):
        operations.give_review(actor=world.leader, submission=submission, level="差", revision=2)
    with pytest.raises(NotPossible, match="回复过了"):
        operations.reply(actor=world.author, review=changed, text="再谢", revision=2)
    assert everything() == before


def test_two_places_at_once_neither_overwrites_the_other(world: World) -> None:
    submission = world.handed_in()
    review = operations.give_review(actor=world.leader, submission=submission, level="良")
    operations.give_review(actor=world.leader, submission=submission, level="中", revision=1)
    before = everything()
    for revision in (0, 1, 3):
        with pytest.raises(NotPossible, match="别处"):
            operations.give_review(actor=world.leader, submission=submission, level="差", revision=revision)
    with pytest.raises(NotPossible, match="刚刚改过"):
        operations.reply(actor=world.author, review=review, text="不同意", revision=1)
    assert everything() == before


def test_who_may_not_review_or_reply_changes_nothing(world: World) -> None:
    submission = world.handed_in()
    review = operations.give_review(actor=world.leader, submission=submission, level="良")
    far = make_teacher(world.tree.far_school)
    make_membership(far, world.tree.far_school, Role.GROUP_LEADER)
    before = everything()
    for person in (world.colleague, far, make_administrator(world.tree.school)):
        with pytest.raises(PlanNotFound):
            operations.give_review(actor=person, submission=submission, level="优")
    before = everything()
    with pytest.raises(Denied, match="请别人批阅"):
        operations.give_review(actor=world.author, submission=submission, level="优")
    with pytest.raises(Denied, match="只有教案的主人"):
        operations.reply(actor=world.leader, review=review, text="我自己回", revision=1)
    with pytest.raises(NotPossible, match="先选一个等级"):
        operations.give_review(actor=world.county, submission=submission, level="特优")
    with pytest.raises(NotPossible, match="写一句"):
        operations.reply(actor=world.author, review=review, text="  ", revision=1)
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_once_both_stand_and_the_same_one_twice_stands_once() -> None:
    world = make_review_world()
    submission = world.handed_in()
    start = Barrier(4)

    def work(person: User) -> str:
        try:
            start.wait()
            operations.give_review(actor=person, submission=submission, level="优")
        except NotPossible as refused:
            return refused.reason
        finally:
            connection.close()
        return "done"

    people = [world.leader, world.leader, world.county, world.province]
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(work, people))
    assert said[2:] == ["done", "done"]
    assert sorted(said[:2])[0] == "done"
    assert "别处" in sorted(said[:2])[1]
    assert Review.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_reply_and_change_at_once_one_of_them_is_told() -> None:
    """Whoever comes second answered something that was no longer there."""
    world = make_review_world()
    submission = world.handed_in()
    review = operations.give_review(actor=world.leader, submission=submission, level="良", opinion="一")
    start = Barrier(2)

    def work(act) -> bool:
        try:
            start.wait()
            act()
        except NotPossible:
            return False
        finally:
            connection.close()
        return True

    def change() -> None:
        operations.give_review(
            actor=world.leader, submission=submission, level="优", opinion="二", revision=1
        )

    def answer() -> None:
        operations.reply(actor=world.author, review=review, text="好", revision=1)

    with ThreadPoolExecutor(2) as pool:
        changed, replied = pool.map(work, [change, answer])
    review.refresh_from_db()
    assert changed != replied
    assert (review.opinion, review.reply) == (("二", "") if changed else ("一", "好"))


@pytest.mark.django_db(transaction=True)
def test_handed_in_twice_at_once_while_it_is_reviewed_one_version_is_current() -> None:
    world = make_review_world()
    first = world.handed_in()
    plan = first.plan
    write(plan, "新的一句", world.author)
    start = Barrier(4)

    def work(act) -> str:
        try:
            start.wait()
            act()
        except (NotPossible, PlanNotFound) as refused:
            return type(refused).__name__
        finally:
            connection.close()
        return "done"

    def hand_in() -> None:
        operations.hand_in(actor=world.author, plan=LessonPlan.objects.get(pk=plan.pk))

    def review(person: User) -> None:
        operations.give_review(actor=person, submission=first, level="优")

    acts = [hand_in, hand_in, lambda: review(world.leader), lambda: review(world.county)]
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(work, acts))
    assert sorted(said[:2]) == ["NotPossible", "done"]
    assert set(said[2:]) <= {"done", "PlanNotFound"}
    assert Review.objects.count() == said[2:].count("done")
    [current] = Submission.objects.filter(plan=plan, ended_at__isnull=True)
    assert current.version.number == 2


# ---- levels and phrases ----------------------------------------------------------------------------------
def test_the_nearest_units_levels_hold(world: World) -> None:
    tree = world.tree
    assert levels.levels_of(tree.school) == ["优", "良", "中", "差"]
    for unit, given in ((tree.province, ["A", "B"]), (tree.school, ["好", "再改"])):
        levels.set_levels(unit=unit, levels=given, actor=make_administrator(unit))
    assert levels.levels_of(tree.school) == ["好", "再改"]
    assert levels.levels_of(tree.point) == levels.levels_of(tree.county) == ["A", "B"]
    review = operations.give_review(actor=world.county, submission=world.handed_in(), level="再改")
    assert review.rank == 2
    levels.use_levels_from_above(unit=tree.school, actor=make_administrator(tree.school))
    assert levels.levels_of(tree.school) == ["A", "B"]
    changed = operations.give_review(
        actor=world.county,
        submission=Submission.objects.get(),
        level="再改",
        opinion="仍是那时的词",
        revision=1,
    )
    assert (changed.level, changed.rank) == ("再改", 2)
    assert AuditEntry.objects.filter(act="review.levels_set", allowed=True).count() == 3


def test_levels_are_set_by_whoever_manages_the_unit_and_make_sense(world: World) -> None:
    administrator = make_administrator(world.tree.school)
    for wrong, reason in (
        (["优"], "2 到 6 个"),
        (list("一二三四五六七"), "2 到 6 个"),
        (["优", "优"], "一样"),
        (["优", "九个字的等级太长了"], "最多 8 个字"),
    ):
        with pytest.raises(NotPossibleHere, match=reason):
            levels.set_levels(unit=world.tree.school, levels=wrong, actor=administrator)
    for person in (world.leader, world.county, make_administrator(world.tree.same_county_school)):
        with pytest.raises(Denied):
            levels.set_levels(unit=world.tree.school, levels=["好", "差"], actor=person)
    assert not ReviewScale.objects.exists()
    assert AuditEntry.objects.filter(act="review.levels_set", allowed=False).count() == 3


def test_phrases_are_ones_own(world: World) -> None:
    operations.keep_phrase(actor=world.leader, text=" 目标清楚，\n可检测。 ")
    operations.keep_phrase(actor=world.leader, text="目标清楚， 可检测。")
    phrase = OpinionPhrase.objects.get()
    operations.drop_phrase(actor=world.county, phrase_id=phrase.pk)
    assert OpinionPhrase.objects.count() == 1
    for number in range(operations.MOST_PHRASES - 1):
        operations.keep_phrase(actor=world.leader, text=f"第{number}条")
    for text, reason in (("", "先在意见里写"), ("一" * 201, "200"), ("再来一条", "最多 30 条")):
        with pytest.raises(NotPossible, match=reason):
            operations.keep_phrase(actor=world.leader, text=text)
    operations.drop_phrase(actor=world.leader, phrase_id=phrase.pk)
    assert OpinionPhrase.objects.count() == operations.MOST_PHRASES - 1
