"""What becomes of reviews when two accounts are made one, when somebody asks for their data, and when they leave."""

import pytest

from foundation.accounts.belongings import settle_all
from foundation.accounts.models import User
from foundation.accounts.personal_data import forget_everywhere
from lessons.models import OpinionPhrase, Review
from lessons.reviewing import levels, operations, recommending, similarity
from lessons.reviewing.personal_data import KINDS
from teaching_centres.roles import Role
from tests.factories import make_administrator, make_member
from tests.lessons.reviewing.conftest import World


def rows_of(person: User) -> dict[str, list[dict]]:
    return {kind.key: list(kind.rows(person)) for kind in KINDS}


@pytest.mark.parametrize("survivor_first", [True, False])
def test_of_two_reviews_by_one_person_the_later_stands_and_the_other_is_kept(
    world: World, survivor_first: bool
) -> None:
    twin = make_member(world.tree.school, Role.GROUP_LEADER)
    submission = world.handed_in()
    only = operations.give_review(
        actor=twin, submission=world.handed_in(owner=world.colleague), level="中", opinion="另一份"
    )
    first, second = (world.leader, twin) if survivor_first else (twin, world.leader)
    operations.give_review(actor=first, submission=submission, level="良", opinion="先说的")
    operations.give_review(actor=second, submission=submission, level="优", opinion="后说的")
    operations.keep_phrase(actor=world.leader, text="一样的话")
    operations.keep_phrase(actor=twin, text="一样的话")
    settle_all(world.leader, twin)
    review = Review.objects.get(version=submission.version)
    assert (review.reviewer, review.level, review.opinion) == (world.leader, "优", "后说的")
    assert [(each.level, each.opinion) for each in review.earlier.all()] == [("良", "先说的")]
    only.refresh_from_db()
    assert only.reviewer == world.leader
    assert OpinionPhrase.objects.get().user == world.leader


def test_the_one_that_was_answered_stands_even_if_it_is_older(world: World) -> None:
    twin = make_member(world.tree.school, Role.GROUP_LEADER)
    submission = world.handed_in()
    answered = operations.give_review(actor=twin, submission=submission, level="良", opinion="一")
    operations.reply(actor=world.author, review=answered, text="好", revision=1)
    operations.give_review(actor=world.leader, submission=submission, level="优", opinion="二")
    settle_all(world.leader, twin)
    review = Review.objects.get()
    assert (review.reviewer, review.opinion, review.reply) == (world.leader, "一", "好")


def test_everyone_gets_their_own_part_and_leaving_takes_the_phrases(world: World) -> None:
    submission = world.handed_in()
    similarity.compare_version(submission.version_id)
    operations.explain_likeness(actor=world.author, submission=submission, text="自己写的")
    review = operations.give_review(actor=world.leader, submission=submission, level="良", opinion="一")
    operations.reply(actor=world.author, review=review, text="好", revision=1)
    operations.keep_phrase(actor=world.leader, text="目标清楚")
    recommendation = recommending.recommend(actor=world.leader, submission=submission, reason="扎实")
    recommending.answer_recommendation(actor=world.author, recommendation=recommendation, agreed=True)
    administrator = make_administrator(world.tree.school)
    levels.set_levels(unit=world.tree.school, levels=["好", "差"], actor=administrator)
    author, leader = rows_of(world.author), rows_of(world.leader)
    assert author["submissions"][0]["相似度说明"] == "自己写的"
    assert author["submissions"][0]["推荐"] == "作者同意"
    assert (author["reviews"][0]["意见"], author["reviews"][0]["你批的"]) == ("一", False)
    assert (leader["reviews"][0]["回复"], leader["reviews"][0]["你批的"]) == ("好", True)
    assert leader["phrases"] == [{"常用语": "目标清楚"}]
    assert leader["recommendations"][0]["好在哪里"] == "扎实"
    assert rows_of(administrator)["review-levels"][0]["等级"] == "好、差"
    assert not any(rows_of(world.colleague).values())
    forget_everywhere(world.leader, None)
    assert not OpinionPhrase.objects.exists()
    assert Review.objects.get().reviewer == world.leader
