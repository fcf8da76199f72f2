"""Where a plan is known to come from: what makes a likeness honest reuse, with credit, and what does not."""

from uuid import UUID

from lessons.lineage.models import Fork
from lessons.models import LessonPlan, PlanVersion
from lessons.reviewing.models import Likeness

Source = Likeness.Source
DEPTH = 10
"""A fork of a fork of a fork …: looked up so far, and no further."""


class Origin:
    def __init__(self, plan: LessonPlan) -> None:
        self.plan = plan
        self.upstream = upstream_of(plan)
        forks = Fork.objects.filter(upstream_id__in=[plan.pk, *self.upstream])
        self.forks = dict(forks.values_list("plan_id", "upstream_id"))

    def source(self, other: PlanVersion) -> Source:
        if other.plan_id in self.upstream:
            return Source.FORKED
        if other.plan_id in self.forks:
            return Source.DERIVED if self.forks[other.plan_id] == self.plan.pk else Source.SIBLING
        if other.plan.owner_id == self.plan.owner_id:
            return Source.OWN
        written = PlanVersion.objects.filter(plan=other.plan_id, editors=self.plan.owner_id)
        return Source.TOGETHER if written.exists() else Source.UNKNOWN


def upstream_of(plan: LessonPlan) -> list[UUID]:
    """The plan it was made from, what that was made from, and so on."""
    found: list[UUID] = []
    at: UUID | None = plan.pk
    while at is not None and len(found) < DEPTH:
        at = Fork.objects.filter(plan_id=at).values_list("upstream_id", flat=True).first()
        if at is not None and at not in found:
            found.append(at)
    return found
