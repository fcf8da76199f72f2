"""Handing in, reviewing and recommending: the subject is the plan."""

from dataclasses import dataclass

from foundation.ledger.events.plans import PlanEvent


@dataclass(frozen=True, kw_only=True)
class PlanHandedIn(PlanEvent):
    kind = "plan.handed_in"
    version_id: int


@dataclass(frozen=True, kw_only=True)
class PlanTakenBack(PlanEvent):
    kind = "plan.taken_back"
    version_id: int


@dataclass(frozen=True, kw_only=True)
class PlanReviewed(PlanEvent):
    """`rank` is the place of the level among the `levels` that there were; 1 is the best."""

    kind = "plan.reviewed"
    version_id: int
    rank: int
    levels: int


@dataclass(frozen=True, kw_only=True)
class PlanReviewChanged(PlanReviewed):
    kind = "plan.review_changed"


@dataclass(frozen=True, kw_only=True)
class PlanReviewAnswered(PlanEvent):
    kind = "plan.review_answered"
    version_id: int


@dataclass(frozen=True, kw_only=True)
class PlanRecommended(PlanEvent):
    """Put forward to the centre of a region."""

    kind = "plan.recommended"
    version_id: int
    region_id: int


@dataclass(frozen=True, kw_only=True)
class PlanRecommendationAnswered(PlanEvent):
    """By its author."""

    kind = "plan.recommendation_answered"
    version_id: int
    agreed: bool


@dataclass(frozen=True, kw_only=True)
class PlanRecommendationDecided(PlanEvent):
    kind = "plan.recommendation_decided"
    version_id: int
    region_id: int
    accepted: bool


@dataclass(frozen=True, kw_only=True)
class SimilarityExplained(PlanEvent):
    """The author said where the likeness comes from."""

    kind = "plan.similarity_explained"
    version_id: int
