"""An own version beside the shared plan as it is followed: what is read before anything is shown or decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from lessons.document import Node, read_state
from lessons.lineage import pictures
from lessons.lineage.models import Fork, ForkBlock
from lessons.lineage.offers import Memories, Memory, Offer, offers
from lessons.lineage.parts import Parts, parts_of
from lessons.models import LessonPlan, PlanVersion
from realtime import rooms


@dataclass(frozen=True)
class Connection:
    fork: Fork
    version: PlanVersion | None
    """Of the shared plan; None: as it is now."""
    text: Node
    """The shared plan's, as it reads there."""
    theirs: Parts
    """The same as it reads here, with the pictures of the own version."""
    memories: Memories

    def offers(self, document: Node) -> list[Offer]:
        return offers(document, self.theirs, self.memories)

    @cached_property
    def pictures(self) -> dict[str, str]:
        """The shared plan's names of its pictures, by the own version's."""
        return {pictures.id_in(self.fork.plan_id, file): file for file in pictures.files_in(self.text)}


def connect(fork: Fork, version: PlanVersion | None = None) -> Connection:
    """To the version given, or to what the owner wants to see: the newest named version, or the present text."""
    if version is None and fork.follows == Fork.Follows.VERSIONS:
        version = newest_version(fork.upstream) or fork.version
    state = bytes(version.state) if version else rooms.state(fork.upstream.document).state
    text = read_state(state)
    theirs = here(text, fork)
    same = version is not None and version.pk == fork.version_id
    origin = theirs if same else here(read_state(bytes(fork.version.state)), fork)
    blocks = ForkBlock.objects.filter(fork=fork)
    memories = Memories(origin, {block.part: memory_of(block) for block in blocks})
    return Connection(fork, version, text, theirs, memories)


def here(text: Node, fork: Fork) -> Parts:
    """A text of the shared plan as it reads in the own version."""
    return parts_of(pictures.taken_over(text, fork.plan_id))


def newest_version(plan: LessonPlan) -> PlanVersion | None:
    return PlanVersion.objects.filter(plan=plan, number__isnull=False).order_by("-number").first()


def memory_of(block: ForkBlock) -> Memory:
    return Memory(block.base, block.seen, frozenset(block.declined), frozenset(block.given), block.put_off)


def text_of(plan: LessonPlan) -> Node:
    """As it is stored now, with all that belongs to it alone."""
    return read_state(rooms.state(plan.document).state)


def waiting_of(found: Iterable[Offer]) -> int:
    return sum(1 for offer in found if not offer.is_put_off)
