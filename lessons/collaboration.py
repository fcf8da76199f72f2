"""Lesson plans as shared documents: the adapter between this app and realtime."""

import logging
from typing import Any
from uuid import UUID

from foundation.accounts.models import User
from lessons import derived, schema, versions
from lessons.document import seed
from lessons.models import LessonPlan, PlanVisit
from lessons.policies import rights
from realtime.kinds import Access, AccessDecision
from teaching_centres.queries import PersonCard, own_card

logger = logging.getLogger(__name__)


class LessonPlanKind:
    name = "lesson-plan"
    schema_version = schema.SCHEMA_VERSION
    fragment = schema.FRAGMENT
    text_block = "paragraph"

    def access(self, *, user_id: int, document_id: UUID) -> AccessDecision:
        user = User.objects.filter(pk=user_id).first()
        plan = LessonPlan.objects.select_related("region").filter(pk=document_id).first()
        if user is None or plan is None:
            return AccessDecision(Access.NONE, found=False)
        found = rights(user, plan)
        if found.reason == "deleted" and not found.read:
            return AccessDecision(Access.NONE, "deleted", deleted=True)
        if not found.read:
            # whoever had it open before is told that the right is gone; to others it does not exist
            return AccessDecision(Access.NONE, found=PlanVisit.objects.filter(plan=plan, user=user).exists())
        return AccessDecision(found.access, found.reason, identity=_stamp(own_card(user)))

    def allows_element(self, name: str, inside: str) -> bool:
        return name != "text" and name in schema.CHILDREN.get(inside or "doc", ())

    def allows_text(self, inside: str) -> bool:
        return "text" in schema.CHILDREN.get(inside or "doc", ())

    def allows_mark(self, name: str) -> bool:
        return name.split("--", 1)[0] in schema.MARKS

    def allows_attribute(self, element: str, name: str, value: Any) -> bool:
        return schema.is_legal(element, name, value)

    def seed(self, document_id: UUID) -> bytes:
        plan = LessonPlan.objects.only("first_content").get(pk=document_id)
        return seed(plan.first_content, document=plan.document)

    def stored(self, *, document_id: UUID, state: bytes, editor_ids: set[int], through_id: int) -> None:
        try:
            derived.refresh(document_id, state, editor_ids=editor_ids, through_id=through_id)
        except Exception:
            # The text is safe in the log; `refresh_plans` repairs what lists show of it.
            logger.exception("lesson plan %s: its list entry was not refreshed", document_id)

    def settled(self, *, document_id: UUID, state: bytes, editor_ids: set[int], through_id: int) -> None:
        try:
            versions.keep_automatic_version(
                plan_id=document_id, state=state, editor_ids=editor_ids, through_id=through_id
            )
        except Exception:
            logger.exception("lesson plan %s: no automatic version was kept", document_id)


def _stamp(card: PersonCard) -> dict[str, Any]:
    return {
        "id": card.id,
        "name": card.name,
        "colour": card.colour,
        "school": card.unit_name,
        "side": card.side,
    }
