"""The derived columns of a plan: what lists show of its document without opening it."""

import logging
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from lessons.document import read_state
from lessons.models import LessonPlan
from lessons.outline import outline_of
from realtime import rooms
from realtime.models import DocumentUpdate

logger = logging.getLogger(__name__)


def refresh(plan_id: UUID, state: bytes, *, editor_ids: set[int], through_id: int) -> None:
    """Bring the columns up to a stored state: one query. An older state changes nothing."""
    edited = {"edited_by": sorted(editor_ids), "edited_at": timezone.now()} if editor_ids else {}
    _write(plan_id, state, through_id, edited)


def _write(plan_id: UUID, state: bytes, through_id: int, edited: dict[str, Any]) -> None:
    outline = outline_of(read_state(state))
    derived: dict[str, Any] = {"outline": outline.data(), "derived_through_id": through_id, **edited}
    if outline.title:
        derived["title"] = outline.title
    LessonPlan.objects.filter(pk=plan_id, derived_through_id__lte=through_id).update(**derived)


def refresh_behind() -> int:
    """After a crash: the plans whose document has rows that the columns do not know of. Returns how many."""
    written = DocumentUpdate.objects.filter(document__startswith="lesson-plan:").order_by()
    newest = dict(written.values_list("document").annotate(Max("id")))  # read from an index alone
    plans = LessonPlan.objects.only("pk", "derived_through_id")
    return refresh_each(plan for plan in plans if newest.get(plan.document, 0) > plan.derived_through_id)


def refresh_all() -> int:
    return refresh_each(LessonPlan.objects.only("pk", "derived_through_id"))


def refresh_each(plans: Iterable[LessonPlan]) -> int:
    count = 0
    for plan in plans:
        try:
            _refresh_from_log(plan)
            count += 1
        except Exception:  # one broken document must not keep the others from being repaired
            logger.exception("lesson plan %s could not be refreshed", plan.pk)
    return count


def _refresh_from_log(plan: LessonPlan) -> None:
    stored = rooms.state(plan.document)
    rows = DocumentUpdate.objects.filter(document=plan.document, user_id__isnull=False)
    missed = rows.filter(id__gt=plan.derived_through_id)
    editors = sorted({user_id for user_id in missed.values_list("user_id", flat=True) if user_id})
    at = rows.aggregate(at=Max("at"))["at"]
    _write(
        plan.pk, stored.state, stored.through_id, {"edited_by": editors, "edited_at": at} if editors else {}
    )
