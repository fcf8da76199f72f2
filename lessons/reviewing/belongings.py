"""What of reviewing belongs to a person, and how it moves to another account of the same person."""

from foundation.accounts.belongings import moves, moves_by
from foundation.accounts.models import User
from lessons.reviewing.models import (
    EarlierReview,
    OpinionPhrase,
    RecommendationStep,
    Review,
    ReviewScale,
    Submission,
)


def _move_reviews(survivor: User, absorbed: User) -> int:
    """Of two on one version the later stands; what the other said is kept as what was said before."""
    own = {row.version_id: row for row in Review.objects.filter(reviewer=survivor)}
    moved = 0
    for row in Review.objects.filter(reviewer=absorbed):
        if row.version_id in own:
            earlier, later = sorted(
                (own[row.version_id], row), key=lambda each: (bool(each.reply), each.given_at)
            )
            EarlierReview.objects.filter(review=earlier).update(review=later)
            EarlierReview.objects.create(
                review=later, level=earlier.level, opinion=_said(earlier), given_at=earlier.given_at
            )
            earlier.delete()
            row = later
        row.reviewer = survivor
        row.save(update_fields=["reviewer"])
        moved += 1
    return moved


def _said(review: Review) -> str:
    return f"{review.opinion}\n{review.reply}".strip()


BELONGINGS = (
    moves(ReviewScale, "changed_by"),
    moves(Submission, "handed_in_by"),
    moves_by(Review, "reviewer", _move_reviews),
    moves(Review, "replied_by"),
    moves(OpinionPhrase, "user", once_with=("text",)),
    moves(RecommendationStep, "put_forward_by"),
    moves(RecommendationStep, "decided_by"),
)
