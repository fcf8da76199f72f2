"""What the live core has to reach, measured in the same run on the same machine. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

#: scenario → server → measure → value
Results = Mapping[str, Mapping[str, Mapping[str, float]]]
PEER = "hocuspocus"


@dataclass(frozen=True)
class Target:
    """A ratio to the peer's figure; with `absolute` a figure. With `server` it holds for that one alone."""

    scenario: str
    measure: str
    must: float
    stretch: float | None = None
    at_least: bool = False
    absolute: bool = False
    server: str = ""

    def limit(self, value: float | None) -> str:
        if value is None:
            return "–"
        return f"{'≥' if self.at_least else '≤'} {value:g}{'' if self.absolute else '×'}"

    def value(self, results: Results, server: str) -> float | None:
        """The ratio, or the figure; None where something was not measured."""
        measured = results.get(self.scenario, {})
        own = measured.get(server, {}).get(self.measure)
        if self.absolute or own is None:
            return own
        peer = measured.get(PEER, {}).get(self.measure)
        return own / peer if peer else None

    def verdict(self, value: float) -> str:
        if self.stretch is not None and self._within(value, self.stretch):
            return "stretch"
        return "pass" if self._within(value, self.must) else "short"

    def _within(self, value: float, limit: float) -> bool:
        return value >= limit if self.at_least else value <= limit


TARGETS = [
    Target("S1", "cpu_us", 0.65, 0.5),
    Target("S1", "p99_ms", 1.3, 1),
    Target("S1", "p99_ms", 50, absolute=True, server="daphne"),
    Target("S1", "wrong", 0, absolute=True),
    Target("S2", "cpu_us", 0.7, 0.5),
    Target("S2", "p99_ms", 1.3, 1),
    Target("S2", "p99_ms", 50, absolute=True, server="daphne"),
    Target("S2", "wrong", 0, absolute=True),
    Target("S3", "cpu_us", 0.7, 0.5),
    Target("S3", "p99_ms", 1.5, 1),
    Target("S3", "p99_ms", 50, absolute=True, server="daphne"),
    Target("S3", "wrong", 0, absolute=True),
    Target("S4", "capacity", 1.5, 2, at_least=True),
    Target("S4", "capacity", 0.9, at_least=True, server="uvicorn"),
    Target("S4b", "capacity", 2, 2.5, at_least=True),
    Target("S5", "first_ms", 0.5, 0.35),
    Target("S5", "bytes", 1),
    Target("S5", "wrong", 0, absolute=True),
    Target("S6", "kib", 0.8, 0.6),
    Target("S6", "sync_p99_ms", 1.2, 1),
    Target("kill", "lost", 0, absolute=True),
    Target("cluster", "cpu_of_one", 1.6, absolute=True, server="direct"),
    Target("cluster", "p99_of_one", 3, absolute=True, server="direct"),
    Target("cluster", "wrong", 0, absolute=True),
]
