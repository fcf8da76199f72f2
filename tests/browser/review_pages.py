"""The pages of reviewing, entered in test_pages.py: with something of everything, and with nothing yet."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lessons.models import Review, Submission
from lessons.reviewing import operations, recommending, similarity
from lessons.reviewing.models import RecommendationStep
from tests.browser.part_visits import PartVisit, visit
from tests.factories import make_administrator, make_teacher
from tests.lessons.reviewing.conftest import TEXT, World, make_review_world

OTHER = "课后请同学采访家里的老人，问一问从前的冬天怎么取暖和过年，再把听来的故事写成一段话。\n"


@dataclass(frozen=True)
class Reviewing:
    """A plan that was reviewed, recommended and compared, one that waits, and people who have nothing to do yet."""

    world: World
    submission: Submission
    short: Submission
    review: Review
    step: RecommendationStep

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world, name)

    @property
    def administrator(self) -> Any:
        return make_administrator(self.world.tree.school)

    @property
    def newcomer(self) -> Any:
        return make_teacher(self.world.tree.far_school)


def make_reviewing() -> Reviewing:
    world = make_review_world()
    world.handed_in(owner=world.colleague)
    submission = world.handed_in(text=TEXT + "\n" + OTHER * 3)
    similarity.compare_version(submission.version_id)
    operations.explain_likeness(actor=world.author, submission=submission, text="和孙老师一起备的")
    operations.keep_phrase(actor=world.leader, text="目标清楚，可检测。")
    operations.give_review(actor=world.leader, submission=submission, level="良", opinion="作业再分分层。")
    review = operations.give_review(
        actor=world.leader, submission=submission, level="优", opinion="分得好。", revision=1
    )
    operations.give_review(actor=world.province, submission=submission, level="良")
    agreed = recommending.recommend(actor=world.leader, submission=submission, reason="读的训练扎实")
    recommending.answer_recommendation(actor=world.author, recommendation=agreed, agreed=True)
    short = world.handed_in(owner=world.colleague, title="山行", text="一句话。")
    similarity.compare_version(short.version_id)
    recommending.recommend(actor=world.leader, submission=short, reason="短而精")
    return Reviewing(world, submission, short, review, agreed.steps.get())


Id = Callable[[Reviewing], Any]


def submission(reviewing: Reviewing) -> int:
    return reviewing.submission.pk


PAGES: dict[str, list[PartVisit]] = {
    "review-list": [
        visit("leader", query="?state=all"),
        visit("leader", query="?q=没有"),
        visit("leader", query="?tab=given"),
        visit("county", query="?tab=recommended"),
        visit("prefecture", query="?tab=given"),
        visit("author", query="?tab=mine"),
        visit("newcomer"),
        visit("administrator"),
    ],
    "review-desk": [
        visit("county", submission),
        visit("leader", submission),
        visit("leader", lambda each: each.short.pk),
        visit("colleague", submission, status=404),
    ],
    "review-levels": [visit("administrator"), visit("leader")],
    "review-likeness": [
        visit("leader", submission),
        visit("author", submission),
        visit("leader", lambda each: each.short.pk),
    ],
    "plan-reviews": [
        visit("author", lambda each: each.submission.plan_id),
        visit("colleague", lambda each: each.short.plan_id),
        visit("author", lambda each: each.world.plan().pk),
    ],
}
NOT_PAGES: dict[str, str] = {
    "review-phrases": "part of review-desk",
    "review-phrase": "part of review-desk",
    "review-recommend": "takes a form",
    "review-forward": "takes a form",
    "review-decide": "takes a form",
    "review-likeness-note": "takes a form",
    "review-likeness-again": "takes a form",
    "plan-hand-in": "takes a form",
    "plan-take-back": "takes a form",
    "plan-recommended": "takes a form",
    "plan-review-reply": "takes a form",
}
VALUES: dict[str, Id] = {
    "submission_id": submission,
    "step_id": lambda each: each.step.pk,
    "review_id": lambda each: each.review.pk,
    "phrase_id": lambda each: 1,
}
