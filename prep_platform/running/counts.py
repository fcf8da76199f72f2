"""What the metrics of this process have counted so far, and what two such counts say of the time between."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prometheus_client import Histogram
from prometheus_client.samples import Sample

from realtime import metrics


@dataclass(frozen=True)
class Spread:
    """Cumulative counts of a histogram: how many took at most so many seconds."""

    bounds: tuple[float, ...]
    counts: tuple[float, ...]


@dataclass(frozen=True)
class Counts:
    edits: float
    gaps: float
    refused: float
    commit: Spread
    tick: Spread
    late: Spread


def counts() -> Counts:
    return Counts(
        edits=_total(metrics.frames),
        gaps=_total(metrics.gaps),
        refused=_total(metrics.refused),
        commit=_spread(metrics.commit_seconds),
        tick=_spread(metrics.group_seconds),
        late=_spread(metrics.loop_late_seconds),
    )


def _samples(metric: object, suffix: str) -> Iterator[Sample]:
    for family in metric.collect():  # type: ignore[attr-defined]
        yield from (sample for sample in family.samples if sample.name.endswith(suffix))


def _total(metric: object) -> float:
    return sum(sample.value for sample in _samples(metric, "_total"))


def _spread(metric: Histogram) -> Spread:
    found = [(float(sample.labels["le"]), sample.value) for sample in _samples(metric, "_bucket")]
    return Spread(tuple(bound for bound, _ in found), tuple(count for _, count in found))


def percentile(earlier: Spread, later: Spread, share: float) -> float | None:
    """Seconds within which this share of what happened in between was done; None when nothing happened."""
    happened = [after - before for before, after in zip(earlier.counts, later.counts, strict=True)]
    if not happened or happened[-1] <= 0:
        return None
    return _within(later.bounds, happened, share * happened[-1])


def _within(bounds: Sequence[float], happened: Sequence[float], wanted: float) -> float:
    lower, below = 0.0, 0.0
    for upper, upto in zip(bounds, happened, strict=True):
        if upto >= wanted and upto > below:
            if upper == float("inf"):
                return lower
            return lower + (upper - lower) * (wanted - below) / (upto - below)
        lower, below = upper, upto
    return lower
