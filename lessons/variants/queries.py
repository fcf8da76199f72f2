"""The ways of a plan as they stand now, for other pages."""

from collections.abc import Iterable

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


def differences(plan: LessonPlan, blocks: Iterable[str]) -> dict[str, Difference]:
    """What the two sides say at each of these blocks, where a pair still stands. One read of the plan for all."""
    asked = {block for block in blocks if block}
    found: dict[str, Difference] = {}
    for place in places_of(plan) if asked else ():
        difference = difference_of(place)
        if difference is not None:
            found |= dict.fromkeys(_ids(place) & asked, difference)
    return found


def _ids(place: Place) -> set[str]:
    return {str(attribute(node, "id") or "") for node in place.pair.nodes} - {""}
