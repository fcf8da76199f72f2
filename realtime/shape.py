"""The shape of a document beside its content: which ids exist, in which container each stands, what is deleted. Pure.

pycrdt applies updates but tells neither whose structs they bring, nor whether their dependencies are there, nor
whether characters arrive in a container that somebody else has deleted. A Shape answers these three before an
update is stored. It keeps runs (one entry for a stretch of typing), not characters.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import islice

from .protocol import Malformed
from .update import MAX_CLOCK, Content, Id, Ranges, Struct, TypeRef, Update


@dataclass(frozen=True, slots=True)
class Container:
    type: TypeRef
    name: str


@dataclass(frozen=True, slots=True)
class Run:
    client: int
    clock: int
    length: int


def second_halves(struct: Struct) -> set[Id]:
    """Where the second UTF-16 halves of a text's characters stand (none, unless there is an emoji or the like)."""
    text = str(struct.value)
    if len(text) == struct.length:
        return set()
    found, clock = set(), struct.clock
    for character in text:
        if character > "\uffff":
            found.add((struct.client, clock + 1))
            clock += 1
        clock += 1
    return found


class RangeSet:
    """Disjoint, sorted, half-open ranges of clocks."""

    __slots__ = ("ends", "starts")

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        """ranges: (start, length)."""
        self.starts: list[int] = []
        self.ends: list[int] = []
        for start, length in ranges:
            self.add(start, start + length)

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
        for index in range(bisect_right(self.ends, start), len(self.starts)):
            low = self.starts[index]
            if low >= end:
                break
            if low > start:
                yield start, low
            start = self.ends[index]
        if start < end:
            yield start, end


def without(runs: list[Run], taken: Iterable[Run]) -> list[Run]:
    """The parts of `runs` that are in none of `taken`."""
    ranges: dict[int, RangeSet] = {}
    for run in taken:
        ranges.setdefault(run.client, RangeSet()).add(run.clock, run.clock + run.length)
    return [
        Run(run.client, start, end - start)
        for run in runs
        for start, end in ranges.get(run.client, RangeSet()).missing(run.clock, run.clock + run.length)
    ]


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


# containers in one another, fifty lists in lists: pycrdt and our pages go down them by calling themselves
MAX_NESTING = 100
NO_ID: Id = (-1, -1)
NOWHERE = ""  # parent of structs whose content is gone for good


class Shape:
    def __init__(self) -> None:
        self.clocks: dict[int, int] = {}
        self.containers: dict[Id, Container] = {}
        self.keys: dict[Id, str] = {}  # of attribute values
        self._second_halves: set[Id] = set()
        self._runs: dict[int, _Runs] = {}
        self._deleted: dict[int, RangeSet] = {}
        self._forgotten: dict[int, RangeSet] = {}  # deleted, and nothing is known of what they were

    # ---- questions before an update is taken --------------------------------------------------------------

    def examine(self, update: Update) -> "Examined":
        """Where everything in an update would stand, and whether something that it builds on is not here.

        Walks the structs as Yjs integrates them: each after what it names. A circle never comes to an end, so it
        counts as lacking. Raises Malformed for what no client makes: neighbours in different containers, a parent
        that is no container, a cut between the two UTF-16 halves of a character.
        """
        examined = Examined(self)
        waiting: dict[int, list[Struct]] = {}
        for struct in update.structs:
            waiting.setdefault(struct.client, []).append(struct)
        examined.lacking = examined.place_all(waiting) or any(
            clock + length > examined.known(client)
            for client, ranges in update.deletes.items()
            for clock, length in ranges
        )
        if not examined.lacking:
            self._check_pairs(update)
        return examined

    def _check_pairs(self, update: Update) -> None:
        """Nothing may cut between the two UTF-16 halves of one character: pycrdt's clocks would shift by it."""
        halves = self._second_halves.union(
            *(second_halves(struct) for struct in update.structs if struct.content == Content.STRING)
        )
        if not halves:
            return
        cuts = {(struct.origin[0], struct.origin[1] + 1) for struct in update.structs if struct.origin}
        cuts |= {struct.right for struct in update.structs if struct.right}
        cuts |= {(struct.client, self.clocks.get(struct.client, 0)) for struct in update.structs}
        for client, ranges in update.deletes.items():
            cuts |= {(client, clock) for clock, _ in ranges} | {
                (client, clock + length) for clock, length in ranges
            }
        if not halves.isdisjoint(cuts):
            raise Malformed("cuts a character in two")

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

    def repeats(self, update: Update) -> bool:
        """Whether it brings something again that is here already."""
        return any(struct.clock < self.clocks.get(struct.client, 0) for struct in update.structs)

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
                self._note_content(struct, known)
                return  # typing on: the run goes on
            parent = _From(struct.origin)
        elif struct.right is not None:
            parent = _From(struct.right)
        else:
            parent = NOWHERE
        if not runs.parents or runs.parents[-1] != parent:
            runs.starts.append(known)
            runs.parents.append(parent)
        self._note_content(struct, known)

    def _note_content(self, struct: Struct, known: int) -> None:
        key = struct.key or self.keys.get(struct.origin or NO_ID)
        if key:
            self.keys[struct.client, struct.end - 1] = key
        if struct.content == Content.TYPE:
            self.containers[struct.client, struct.clock] = Container(*struct.value)  # type: ignore[misc]
        elif struct.content == Content.STRING:
            self._second_halves |= second_halves(struct)
        elif struct.content == Content.DELETED:
            # what is known of it already stays what it is, whatever is claimed now
            self._gone(struct.client).add(known, struct.end)
            self._forgotten.setdefault(struct.client, RangeSet()).add(known, struct.end)

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

    def forgotten(self, struct_id: Id) -> bool:
        """Whether this is gone with its content: it may have been a container."""
        client, clock = struct_id
        return clock in self._forgotten.get(client, RangeSet())

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
                    gone[parent] = self.gone(parent)
                if gone[parent]:
                    found += [Run(client, low, high - low) for low, high in deleted.missing(start, end)]
        return found


@dataclass(frozen=True, slots=True)
class Place:
    """In which container (an id, a root's name, NOWHERE), and under which key when it is an attribute's value."""

    parent: Id | str
    key: str


class Examined:
    """The places of an update's structs, worked out before the shape takes them."""

    __slots__ = ("_clocks", "_made", "_places", "_shape", "_starts", "lacking", "placed")

    def __init__(self, shape: Shape) -> None:
        self.lacking = False
        self.placed: list[tuple[Struct, Place]] = []
        self._shape = shape
        self._clocks: dict[int, int] = {}
        self._made: dict[Id, Container] = {}
        self._starts: dict[int, list[int]] = {}
        self._places: dict[int, list[Place]] = {}

    def known(self, client: int) -> int:
        return self._clocks.get(client) or self._shape.clocks.get(client, 0)

    def place_all(self, waiting: dict[int, list[Struct]]) -> bool:
        """Place the structs of each client in order; whether some are left over that wait for what never comes.

        A client that waits is looked at again only when what it waits for is there.
        """
        taken = dict.fromkeys(waiting, 0)
        blocked: dict[int, list[tuple[int, int]]] = {}  # awaited client → heap of (awaited clock, who waits)
        queue = list(waiting)
        while queue:
            client = queue.pop()
            structs, at = waiting[client], taken[client]
            awaited = None
            while at < len(structs) and (awaited := self._awaits(structs[at])) is None:
                self.place(structs[at])
                at += 1
            taken[client] = at
            if awaited is not None:
                heappush(blocked.setdefault(awaited[0], []), (awaited[1], client))
            others = blocked.get(client, [])
            while others and others[0][0] < self.known(client):
                queue.append(heappop(others)[1])
        return any(taken[client] < len(structs) for client, structs in waiting.items())

    def _awaits(self, struct: Struct) -> Id | None:
        """The first id that has to be here before this struct, and is not."""
        if struct.content == Content.SKIP or struct.clock > self.known(struct.client):
            return struct.client, MAX_CLOCK
        for needed in (struct.origin, struct.right, struct.parent):
            if isinstance(needed, tuple) and needed[1] >= self.known(needed[0]):
                return needed
        return None

    def place(self, struct: Struct) -> None:
        found, known = self._find(struct), self.known(struct.client)
        if struct.clock < known < struct.end and struct.content != Content.GC:
            self._check_going_on(found, (struct.client, known - 1))
        if struct.end > self._shape.clocks.get(struct.client, 0):
            self.placed.append((struct, found))
        self._starts.setdefault(struct.client, []).append(struct.clock)
        self._places.setdefault(struct.client, []).append(found)
        self._clocks[struct.client] = max(known, struct.end)
        if struct.content == Content.TYPE and struct.clock >= known:
            if len(list(islice(self._around(found.parent), MAX_NESTING + 1))) > MAX_NESTING:
                raise Malformed("nested too deeply")
            self._made[struct.client, struct.clock] = Container(*struct.value)  # type: ignore[misc]

    def _check_going_on(self, found: Place, last_known: Id) -> None:
        """Of a struct that is known in part pycrdt puts the rest behind that part, wherever it claims to stand."""
        if found != self._at(last_known):
            raise Malformed("goes on elsewhere than it began")

    def _find(self, struct: Struct) -> Place:
        if struct.content == Content.GC:
            return Place(NOWHERE, "")
        if struct.parent is not None:
            if isinstance(struct.parent, tuple) and self.container(struct.parent) is None:
                if self._at(struct.parent).parent != NOWHERE and not self._shape.forgotten(struct.parent):
                    raise Malformed("stands in something that holds nothing")
                return Place(NOWHERE, "")
            return Place(struct.parent, struct.key or "")
        beside = [self._at(neighbour) for neighbour in (struct.origin, struct.right) if neighbour is not None]
        if len(beside) == 2 and beside[0] != beside[1]:
            self._check_neighbours(*beside)
        return beside[0] if beside else Place(NOWHERE, "")

    def _check_neighbours(self, left: Place, right: Place) -> None:
        """They may differ when one is gone with its container; the other then must be gone as well, else Yjs would
        drop what stands between them, and pycrdt put it beside the one that is still there."""
        here = [place.parent for place in (left, right) if place.parent != NOWHERE]
        if len(here) == 2 or not self.gone(here[0]):
            raise Malformed("stands between neighbours of different containers")

    def _at(self, struct_id: Id) -> Place:
        client, clock = struct_id
        if clock < self._shape.clocks.get(client, 0):
            return Place(self._shape.parent(struct_id), self._shape.keys.get(struct_id, ""))
        return self._places[client][bisect_right(self._starts[client], clock) - 1]

    def container(self, struct_id: Id) -> Container | None:
        return self._made.get(struct_id) or self._shape.containers.get(struct_id)

    def root(self, parent: Id | str) -> str:
        """The name of the root under which something stands."""
        [*_, root] = self._around(parent)
        return str(root)

    def gone(self, parent: Id | str) -> bool:
        """Whether a container, or one around it, is deleted already."""
        return any(
            self._shape.deleted(*container) if isinstance(container, tuple) else container == NOWHERE
            for container in self._around(parent)
        )

    def late(self, update: Update) -> tuple[list[Run], set[Id]]:
        """Its characters for containers that are deleted already (none that it deletes itself), and what is deleted
        around them."""
        runs: list[Run] = []
        anchors: set[Id] = set()
        own = {client: RangeSet(ranges) for client, ranges in update.deletes.items()}
        for struct, place in self.placed:
            if struct.content == Content.STRING and self.gone(place.parent):
                left = own.get(struct.client, RangeSet()).missing(struct.clock, struct.end)
                found = [Run(struct.client, low, high - low) for low, high in left]
                runs += found
                anchors |= self._deleted_around(struct, place) if found else set()
        return runs, anchors

    def _deleted_around(self, struct: Struct, place: Place) -> set[Id]:
        """The deleted containers around a struct or, where they are not known any more, its deleted neighbours."""
        near = (struct.parent, struct.origin, struct.right)
        for ids in (self._around(place.parent), near):
            found = {found for found in ids if isinstance(found, tuple) and self._shape.deleted(*found)}
            if found:
                return found
        return set()

    def _around(self, parent: Id | str) -> Iterator[Id | str]:
        """A container and those around it, the root last."""
        yield parent
        while isinstance(parent, tuple):
            parent = self._at(parent).parent
            yield parent
