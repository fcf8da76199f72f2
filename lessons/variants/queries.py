"""The ways of a plan as they stand now, for other pages."""

from collections.abc import Iterable

from lessons.activities.models import AgendaItem
from lessons.document import attribute, read_state
from lessons.models import LessonPlan
from lessons.variants.difference import Difference, difference_of
from lessons.variants.sides import Place, sides_of
from realtime import rooms


def places_of(plan: LessonPlan) -> list[Place]:
    return sides_of(read_state(rooms.state(plan.document).state))


def place_at(plan: LessonPlan, block: str) -> Place | None:
    """The pair to which the variant of this id belongs."""
    return next((place for place in places_of(plan) if block in _ids(place)), None) if block else None


def differences(plan: LessonPlan, items: Iterable[AgendaItem]) -> dict[int, Difference]:
    """By agenda item, for those that are about a pair that is still there. One read of the plan for all."""
    asked = {item.block: item.pk for item in items if item.block}
    if not asked:
        return {}
    found = {}
    for place in places_of(plan):
        difference = difference_of(place)
        for item in {asked[block] for block in _ids(place) if block in asked}:
            if difference is not None:
                found[item] = difference
    return found


def _ids(place: Place) -> set[str]:
    return {str(attribute(node, "id") or "") for node in place.pair.nodes} - {""}
