"""The picture of the line: the shared plan above, an own version below, what goes back and forth. Data for an SVG."""

from __future__ import annotations

from dataclasses import dataclass, field

WIDTH, HEIGHT = 1180, 172
LEFT, RIGHT, MAIN, OWN = 130, 1040, 44, 130
MOST = 5  # versions that have room
SHORT = 11


@dataclass(frozen=True)
class Version:
    """Of the shared plan, as it is told on the line."""

    pk: int
    label: str
    note: str  # 11月13日 王老师


@dataclass(frozen=True)
class Knot:
    x: int
    label: str
    note: str = ""
    newest: bool = False
    anchor: str = "middle"
    note_x: int = 0
    note_y: int = 74


@dataclass(frozen=True)
class Line:
    main: list[Knot]
    own: list[Knot] = field(default_factory=list)
    begins: int = 0  # where the own version leaves the main line
    taken: str = ""  # 你的 2 处被采用
    waiting: str = ""  # 4 处等你决定
    told: str = ""  # the whole picture in a sentence
    back: str = ""  # the path of the arrow back

    @property
    def curve(self) -> str:
        bend = self.begins + 40
        return f"M{self.begins} {MAIN}C{bend} {MAIN} {bend} {OWN} {bend + 50} {OWN}H{RIGHT}"

    @property
    def taken_x(self) -> int:
        return self.own[1].x + 30 if len(self.own) > 1 else 0


def of_own_version(
    versions: list[Version],
    origin: int,
    *,
    begun: str,
    events: list[str],
    now: str,
    taken: str,
    waiting: str,
    told: str,
) -> Line:
    """`versions`: oldest first; `origin`: the one that the own version was made from."""
    chosen = _chosen(versions, origin)
    at = [version.pk for version in chosen].index(origin)
    main = _knots(chosen, at)
    begins = main[at].x
    names = [begun, *events[-2:], now]
    start = begins + 120
    step = (RIGHT - start) // (len(names) - 1)
    own = [Knot(start + step * number, _short(name)) for number, name in enumerate(names[:-1])]
    own.append(Knot(RIGHT, now, newest=True))
    return Line(main, own, begins, taken, waiting, told, _back(own, main) if taken else "")


def of_shared_plan(versions: list[Version], told: str) -> Line:
    return Line(_knots(versions[-MOST:], None), told=told)


def _chosen(versions: list[Version], origin: int) -> list[Version]:
    """What has room: the newest, and always the origin with the one before it."""
    if len(versions) <= MOST:
        return versions
    at = next(number for number, version in enumerate(versions) if version.pk == origin)
    before, after = versions[max(0, at - 1) : at + 1], versions[at + 1 :]
    room = MOST - len(before)
    return [*before, *after[-room:]] if len(after) > room else [*versions[-MOST:]]


def _knots(versions: list[Version], origin: int | None) -> list[Knot]:
    """Up to the origin on the left half, what came later on the way to now."""
    places: list[int] = []
    if origin is None:
        places = _spread(LEFT, RIGHT, len(versions))
    else:
        later = len(versions) - origin - 1
        middle = 560 if later < 3 else 430
        places = [*_spread(LEFT, middle, origin + 1, end=origin > 0)]
        places += [middle + (RIGHT - middle) * (number + 1) // later for number in range(later)]
    knots = []
    for number, (version, x) in enumerate(zip(versions, places, strict=True)):
        forks = number == origin
        last = number == len(versions) - 1 and x == RIGHT and origin is not None
        knots.append(
            Knot(
                x,
                _short(version.label),
                version.note,
                newest=number == len(versions) - 1,
                anchor="start" if last else "end" if forks else "middle",
                note_x=x + 22 if last else x - 16 if forks else x,
                note_y=49 if last else 74,
            )
        )
    return knots


def _spread(start: int, end_x: int, count: int, end: bool = True) -> list[int]:
    if count == 1:
        return [end_x if end else start + 120]
    return [start + (end_x - start) * number // (count - 1) for number in range(count)]


def _back(own: list[Knot], main: list[Knot]) -> str:
    start, goal = own[min(1, len(own) - 1)].x, main[-1].x
    return f"M{start} {OWN - 9}C{start + 28} 62 {start + 90} 70 {goal - 14} {MAIN + 7}"


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"
