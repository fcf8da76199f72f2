"""The shape of a document beside its content: which ids exist, in which container each stands, what is deleted. Pure.

pycrdt applies updates but tells neither whose structs they bring, nor whether their dependencies are there, nor
whether characters arrive in a container that somebody else has deleted. A Shape answers these three before an
update is stored. It keeps runs (one entry for a stretch of typing), not characters.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .protocol import Malformed
from .update import Content, Id, Ranges, Struct, TypeRef, Update


@dataclass(frozen=True, slots=True)
class Container:
    type: TypeRef
    name: str


@dataclass(frozen=True, slots=True)
class Run:
    client: int
    clock: int
    length: int


class RangeSet:
    """Disjoint, sorted, half-open ranges of clocks."""

    __slots__ = ("ends", "starts")

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []

    def add(self, start: int, end: int) -> None:
        low = bisect_right(self.ends, start - 1)
        high = bisect_right(self.starts, end)
        if low < high:
            start, end = min(start, self.starts[low]), max(end, self.ends[high - 1])
        self.starts[low:high] = [start]
        self.ends[low:high] = [end]

    def __contains__(self, clock: int) -> bool:
        index = bisect_right(self.starts, clock) - 1
        return index >= 0 and clock < self.ends[index]

    def missing(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The parts of [start, end) that are not in the set."""
        index = max(bisect_right(self.starts, start) - 1, 0)
        for low, high in zip(self.starts[index:], self.ends[index:], strict=True):
            if low >= end or start >= end:
                break
            if high <= start:
                continue
            if low > start:
                yield start, low
            start = max(start, high)
        if start < end:
            yield start, end


@dataclass(frozen=True, slots=True)
class _From:
    """The parent is that of another id, looked up when it is needed."""

    id: Id


class _Runs:
    """One client's structs: the clock where each run starts, and where its parent is to be found."""

    __slots__ = ("parents", "starts")

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.parents: list[Id | str | _From] = []


NO_ID: Id = (-1, -1)
NOWHERE = ""  # parent of structs whose content is gone for good


class Shape:
    def __init__(self) -> None:
        self.clocks: dict[int, int] = {}
        self.containers: dict[Id, Container] = {}
        self.keys: dict[Id, str] = {}  # of attribute values
        self._runs: dict[int, _Runs] = {}
        self._deleted: dict[int, RangeSet] = {}

    # ---- questions before an update is taken --------------------------------------------------------------

    def lacks(self, update: Update) -> bool:
        """Whether something that the update builds on is not here.

        Walks the structs as Yjs integrates them: each after what it names. A circle never comes to an end,
        so it counts as lacking. Raises Malformed when something that is no container is named as a parent.
        """
        waiting: dict[int, list[Struct]] = {}
        for struct in update.structs:
            waiting.setdefault(struct.client, []).append(struct)
        reached: dict[int, int] = {}

        def known(client: int) -> int:
            return reached.get(client) or self.clocks.get(client, 0)

        def ready(struct: Struct) -> bool:
            return (
                struct.clock <= known(struct.client)
                and struct.content != Content.SKIP
                and all(
                    not isinstance(needed, tuple) or needed[1] < known(needed[0])
                    for needed in (struct.origin, struct.right, struct.parent)
                )
            )

        positions = dict.fromkeys(waiting, 0)
        moved = True
        while moved:
            moved = False
            for client, structs in waiting.items():
                position = positions[client]
                while position < len(structs) and ready(structs[position]):
                    reached[client] = max(known(client), structs[position].end)
                    position += 1
                    moved = True
                positions[client] = position
        if any(positions[client] < len(structs) for client, structs in waiting.items()):
            return True
        self._check_parents(update)
        return any(
            clock + length > known(client)
            for client, ranges in update.deletes.items()
            for clock, length in ranges
        )

    def _check_parents(self, update: Update) -> None:
        made = {(struct.client, struct.clock) for struct in update.structs if struct.content == Content.TYPE}
        for struct in update.structs:
            parent = struct.parent
            if isinstance(parent, tuple) and parent not in made and parent not in self.containers:
                if not self.deleted(*parent):
                    raise Malformed("stands in something that holds nothing")

    def new_structs(self, update: Update) -> list[Struct]:
        return [struct for struct in update.structs if struct.end > self.clocks.get(struct.client, 0)]

    def holds(self, update: Update) -> bool:
        """Whether there is nothing new in it: a client that answers a state vector repeats its deletions."""
        return not self.new_structs(update) and not any(
            True
            for client, ranges in update.deletes.items()
            for clock, length in ranges
            for _ in self._gone(client).missing(clock, clock + length)
        )

    def kills(self, deletes: Ranges) -> bool:
        """Whether the deletions take away a container that is still there."""
        return any(
            self._has_container(client, clock, length)
            for client, ranges in deletes.items()
            for clock, length in ranges
        )

    # ---- taking an update -------------------------------------------------------------------------------

    def add(self, update: Update) -> list[Run]:
        """Take an update that lacks nothing; return the characters that are gone by it though nobody deleted them.

        That happens when a container is deleted by someone who has not seen what was just typed into it: the
        deletion names the container and the characters its author knew, and Yjs drops the others with it.
        """
        fresh = self.new_structs(update)
        for struct in fresh:
            self._add_struct(struct)
        killed = self.kills(update.deletes)
        for client, ranges in update.deletes.items():
            for clock, length in ranges:
                self._gone(client).add(clock, clock + length)
        lost = self._strays() if killed else self._strays_among(fresh)
        for run in lost:
            self._gone(run.client).add(run.clock, run.clock + run.length)
        return lost

    def _add_struct(self, struct: Struct) -> None:
        known = self.clocks.get(struct.client, 0)
        self.clocks[struct.client] = struct.end
        runs = self._runs.get(struct.client)
        if runs is None:
            runs = self._runs[struct.client] = _Runs()
        if struct.content == Content.GC:
            parent: Id | str | _From = NOWHERE
            self._gone(struct.client).add(known, struct.end)
        elif struct.parent is not None:
            parent = struct.parent
        elif struct.origin is not None:
            if struct.origin == (struct.client, known - 1) and runs.starts:
                self._note_content(struct)
                return  # typing on: the run goes on
            parent = _From(struct.origin)
        elif struct.right is not None:
            parent = _From(struct.right)
        else:
            parent = NOWHERE
        if not runs.parents or runs.parents[-1] != parent:
            runs.starts.append(known)
            runs.parents.append(parent)
        self._note_content(struct)

    def _note_content(self, struct: Struct) -> None:
        key = struct.key or self.keys.get(struct.origin or NO_ID)
        if key:
            self.keys[struct.client, struct.end - 1] = key
        if struct.content == Content.TYPE:
            self.containers[struct.client, struct.clock] = Container(*struct.value)  # type: ignore[misc]
        elif struct.content == Content.DELETED:
            self._gone(struct.client).add(struct.clock, struct.end)

    def _has_container(self, client: int, clock: int, length: int) -> bool:
        gone = self._gone(client)
        if length > len(self.containers):
            return any(
                owner == client and clock <= at < clock + length and at not in gone
                for owner, at in self.containers
            )
        return any((client, at) in self.containers and at not in gone for at in range(clock, clock + length))

    def _gone(self, client: int) -> RangeSet:
        found = self._deleted.get(client)
        if found is None:
            found = self._deleted[client] = RangeSet()
        return found

    # ---- where things stand ------------------------------------------------------------------------------

    def deleted(self, client: int, clock: int) -> bool:
        gone = self._deleted.get(client)
        return gone is not None and clock in gone

    def parent(self, struct_id: Id) -> Id | str:
        """The container in which a struct stands: an id or a root's name ("" when its content is gone)."""
        passed: list[tuple[_Runs, int]] = []
        while True:
            client, clock = struct_id
            runs = self._runs.get(client)
            index = bisect_right(runs.starts, clock) - 1 if runs else -1
            if runs is None or index < 0:
                return NOWHERE
            found = runs.parents[index]
            if not isinstance(found, _From):
                break
            passed.append((runs, index))
            if len(passed) > 1_000_000 or found.id == struct_id:
                return NOWHERE
            struct_id = found.id
        for runs, index in passed:
            runs.parents[index] = found
        return found

    def root(self, struct_id: Id) -> str:
        """The name of the root under which a struct stands."""
        found: Id | str = struct_id
        while isinstance(found, tuple):
            found = self.parent(found)
        return found

    def element(self, struct_id: Id) -> str:
        """The name of the element in which a struct stands, "" for a root or a text."""
        found = self.parent(struct_id)
        container = self.containers.get(found) if isinstance(found, tuple) else None
        return container.name if container else ""

    def gone(self, container: Id | str) -> bool:
        """Whether a container, or one around it, is deleted."""
        while isinstance(container, tuple):
            if self.deleted(*container):
                return True
            container = self.parent(container)
        return container == NOWHERE

    def _strays_among(self, structs: Iterable[Struct]) -> list[Run]:
        return [
            Run(struct.client, start, end - start)
            for struct in structs
            if struct.content != Content.GC and self.gone(self.parent((struct.client, struct.clock)))
            for start, end in self._gone(struct.client).missing(struct.clock, struct.end)
        ]

    def _strays(self) -> list[Run]:
        gone: dict[Id | str, bool] = {}
        found = []
        for client, runs in self._runs.items():
            deleted = self._gone(client)
            ends = [*runs.starts[1:], self.clocks[client]]
            for start, end in zip(runs.starts, ends, strict=True):
                parent = self.parent((client, start))
                if parent not in gone:
                    gone[parent] = parent != NOWHERE and self.gone(parent)
                if gone[parent]:
                    found += [Run(client, low, high - low) for low, high in deleted.missing(start, end)]
        return found
