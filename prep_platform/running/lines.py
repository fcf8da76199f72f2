"""A small line of the last hour, drawn on the server, with the same in words for those who do not see it."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 120, 28
GAP_SECONDS = 90  # between two points: nothing was measured, so no line


@dataclass(frozen=True)
class Line:
    """`lowest`, `highest` and `latest` are said in the unit of the figure."""

    path: str
    lowest: float
    highest: float
    latest: float
    minutes: int


def line(points: Sequence[tuple[float, float | None]], now: float, seconds: int = 3600) -> Line | None:
    """None while there is too little to draw. The axis starts at 0; where nothing was measured the line breaks."""
    known = [(at, value) for at, value in points if value is not None and at > now - seconds]
    if len(known) < 2:
        return None
    values = [value for _, value in known]
    return Line(
        path=_path(known, now - seconds, seconds, max(values) or 1),
        lowest=min(values),
        highest=max(values),
        latest=values[-1],
        minutes=max(round((now - known[0][0]) / 60), 1),
    )


def _path(known: Sequence[tuple[float, float]], start: float, seconds: int, top: float) -> str:
    steps = []
    before = float("-inf")
    for at, value in known:
        x = WIDTH * (at - start) / seconds
        y = 1 + (HEIGHT - 2) * (1 - value / top)
        steps.append(f"{'M' if at - before > GAP_SECONDS else 'L'}{x:.1f} {y:.1f}")
        before = at
    return "".join(steps)
