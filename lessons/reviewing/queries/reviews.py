"""What reviewers said, and what was replied."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.models import LessonPlan
from lessons.reviewing.models import EarlierReview, Review
from lessons.reviewing.queries.queue import PAGE_SIZE
from lessons.versions import label
from teaching_centres.queries import PersonCard, person_cards
from teaching_centres.workspace.queries.common import Listing, page_of


@dataclass(frozen=True)
class ReviewLine:
    id: int
    plan_id: UUID
    title: str
    version_id: int
    version: str
    reviewer: PersonCard
    mine: bool
    level: str
    rank: int
    opinion: str
    revision: int
    given_at: datetime
    earlier: list[EarlierReview]
    reply: str
    replied_by: PersonCard | None
    replied_at: datetime | None
    may_reply: bool

    @property
    def id_text(self) -> str:
        return str(self.id)


def reviews_of(user: User, plan: LessonPlan) -> list[ReviewLine]:
    """All on the plan, whatever the version, the last first."""
    return review_lines(user, Review.objects.visible_to(user).filter(plan=plan))


def given_page(user: User, number: str | int = 1) -> Listing[ReviewLine]:
    """What this person said of others' plans: one's own words stay one's own to read."""
    page = page_of(Review.objects.filter(reviewer=user), number, PAGE_SIZE)
    return Listing(review_lines(user, page.object_list), page)


def review_lines(user: User, rows: Iterable[Review]) -> list[ReviewLine]:
    assert isinstance(rows, QuerySet)
    found = list(
        rows.select_related("plan", "version")
        .defer("plan__first_content", "version__state")
        .prefetch_related("earlier")
    )
    people = person_cards({pk for row in found for pk in (row.reviewer_id, row.replied_by_id) if pk})
    return [
        ReviewLine(
            id=row.pk,
            plan_id=row.plan_id,
            title=row.plan.title or _("还没有课题"),
            version_id=row.version_id,
            version=label(row.version),
            reviewer=people[row.reviewer_id],
            mine=row.reviewer_id == user.pk,
            level=row.level,
            rank=row.rank,
            opinion=row.opinion,
            revision=row.revision,
            given_at=row.given_at,
            earlier=list(row.earlier.all()),
            reply=row.reply,
            replied_by=people.get(row.replied_by_id or 0),
            replied_at=row.replied_at,
            may_reply=row.plan.owner_id == user.pk and row.replied_at is None,
        )
        for row in found
    ]
