"""Why the shared plan was changed: a line for each part that a version changed, beside what is offered."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.operations import record
from lessons.document import read_state
from lessons.lineage.models import ChangeNote
from lessons.lineage.offers import Memories, Offer, offers
from lessons.lineage.parts import parts_of
from lessons.lineage.policies import require_answer
from lessons.models import LessonPlan, PlanVersion
from teaching_centres.queries import place_of


def changes_in(version: PlanVersion) -> list[Offer]:
    """What the version changed since the named version before it."""
    named = PlanVersion.objects.filter(plan=version.plan_id, number__lt=version.number or 0)
    before = named.order_by("-number").first()
    if before is None:
        return []
    old, new = read_state(bytes(before.state)), read_state(bytes(version.state))
    return offers(old, parts_of(new), Memories(parts_of(old)))


@transaction.atomic
def explain(*, actor: User, plan: LessonPlan, version: PlanVersion, notes: Mapping[str, str]) -> None:
    """By part; an empty line takes what was written away. What the version did not change is left out."""
    require_answer(actor, plan)
    changed = {offer.key for offer in changes_in(version)}
    lines = {part: text.strip()[:200] for part, text in notes.items() if part in changed}
    for part, text in lines.items():
        if text:
            ChangeNote.objects.update_or_create(
                version=version, part=part, defaults={"text": text, "written_by": actor}
            )
        else:
            ChangeNote.objects.filter(version=version, part=part).delete()
    count = sum(1 for text in lines.values() if text)
    event = events.ChangesExplained(
        subject_id=plan.pk, subject_label=plan.title, version_id=version.pk, count=count
    )
    record(event, actor=actor, place=place_of(actor))
