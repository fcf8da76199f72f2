"""How a school's line is, was, and the small chart of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from teaching_centres.models import School
from teaching_centres.workspace.models import LineMeasurement
from teaching_centres.workspace.operations.line import IDLE_EVERY

Kind = LineMeasurement.Kind
SLOW_BELOW_KBIT = 1000
"""Under 1 Mbit/s sound works and pictures do not."""
SLOW_FROM_MS = 800
SHOWN_DAYS = 30
MOST_POINTS = 120
MUCH_FASTER = 4
"""Times what nine of ten measurements stay below: the few above it do not stretch the axis."""
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 180, 84, 22, 30


@dataclass(frozen=True)
class Point:
    at: datetime
    kbit: int | None
    latency_ms: int | None
    kind: str
    x: float
    y: float
    beyond: bool = False
    """Faster than the axis reaches: drawn at its end, with the figure beside it."""

    @property
    def state(self) -> str:
        return state_of(self.kbit, self.latency_ms)

    @property
    def label(self) -> str:
        return label_of(self.state)

    @property
    def speed(self) -> str:
        return speed_of(self.kbit)


@dataclass(frozen=True)
class Tick:
    label: str
    at: float


@dataclass(frozen=True)
class Chart:
    """Ready to draw: the axis begins at 0; where the line was down there is a mark and no point."""

    measured: list[Point]
    outages: list[Point]
    path: str
    speeds: list[Tick]
    days: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


@dataclass(frozen=True)
class Line:
    state: str
    """"normal", "slow", "down" or "" when never measured."""
    last: Point | None
    points: list[Point]
    """The newest first, for the table."""
    chart: Chart | None
    wants_idle: bool

    @property
    def label(self) -> str:
        return label_of(self.state)


def state_of(kbit: int | None, latency_ms: int | None) -> str:
    if kbit is None:
        return "down"
    slow = kbit < SLOW_BELOW_KBIT or (latency_ms is not None and latency_ms >= SLOW_FROM_MS)
    return "slow" if slow else "normal"


def label_of(state: str) -> str:
    return {"normal": _("正常"), "slow": _("慢"), "down": _("断线")}.get(state, _("还没测过"))


def speed_of(kbit: int | None) -> str:
    if kbit is None:
        return _("断线")
    return f"{kbit / 1000:.1f} Mbit/s" if kbit >= 1000 else f"{kbit} kbit/s"


def _short(kbit: int) -> str:
    """On the axis: 500 k, 2 M."""
    return f"{kbit / 1000:g} M" if kbit >= 1000 else f"{kbit} k" if kbit else "0"


def line_of(school: School) -> Line:
    """One query."""
    since = timezone.now() - timedelta(days=SHOWN_DAYS)
    rows = list(LineMeasurement.objects.filter(school=school, at__gte=since)[:MOST_POINTS])
    top = _axis_end(rows)
    points = [_point(row, since, top) for row in rows]
    last = points[0] if points else None
    chart = _chart(points[::-1], since, top) if points else None
    return Line(last.state if last else "", last, points, chart, wants_idle=_wants_idle(rows))


def _wants_idle(rows: list[LineMeasurement]) -> bool:
    fresh = timezone.now() - IDLE_EVERY
    return not any(row.kind != Kind.OUTAGE and row.at > fresh for row in rows)


def _point(row: LineMeasurement, since: datetime, top: int) -> Point:
    passed = (row.at - since) / timedelta(days=SHOWN_DAYS)
    x = LEFT + (WIDTH - LEFT - 8) * passed
    kbit = row.down_kbit or 0
    y = (HEIGHT - BOTTOM) - (HEIGHT - BOTTOM - TOP) * min(kbit, top) / top
    return Point(row.at, row.down_kbit, row.latency_ms, row.kind, round(x, 1), round(y, 1), kbit > top)


def _axis_end(rows: list[LineMeasurement]) -> int:
    """The end of the axis: 1, 2 or 5 times a power of ten, above the fastest, but for a few that stand far above
    the rest: one measurement beside a server would press all others flat."""
    speeds = sorted(row.down_kbit for row in rows if row.down_kbit is not None)
    usual = MUCH_FASTER * speeds[(len(speeds) - 1) * 9 // 10] if speeds else 0
    fastest = max((speed for speed in speeds if speed <= usual), default=0)
    size = 1000
    while True:
        for factor in (1, 2, 5):
            if size * factor >= fastest:
                return size * factor
        size *= 10


def _chart(points: list[Point], since: datetime, top: int) -> Chart:
    measured = [point for point in points if point.kbit is not None]
    base = HEIGHT - BOTTOM
    path = " ".join(f"{'M' if i == 0 else 'L'}{p.x} {p.y}" for i, p in enumerate(measured))
    speeds = [
        Tick(_short(value), round(base - (base - TOP) * value / top, 1)) for value in (0, top // 2, top)
    ]
    days = []
    for number in range(0, SHOWN_DAYS + 1, 10):
        moment = timezone.localtime(since + timedelta(days=number))
        label = _("%(month)s月%(day)s日") % {"month": moment.month, "day": moment.day}
        days.append(Tick(label, round(LEFT + (WIDTH - LEFT - 8) * number / SHOWN_DAYS, 1)))
    return Chart(measured, [point for point in points if point.kbit is None], path, speeds, days)
