"""The scenarios: each drives one freshly started server on an empty store and returns its figures."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench._load import Failed, Load
from tests.support.processes import Process

Figures = dict[str, float]


@dataclass(frozen=True)
class Windows:
    """How long and how much: seconds measured, edits of the long history, rooms of idle connections."""

    typing: float
    step: float
    start: int
    history: int
    idle_rooms: int


FULL = Windows(typing=6, step=4, start=300, history=50_000, idle_rooms=200)
QUICK = Windows(typing=3, step=2, start=600, history=10_000, idle_rooms=60)

#: what is counted, not measured: of several runs the worst counts
COUNTS = {"lost", "wrong"}
LABELS = {
    "cpu_us": "CPU µs per delivery",
    "p50_ms": "seen by others p50 ms",
    "p99_ms": "seen by others p99 ms",
    "acknowledged_p99_ms": "acknowledged p99 ms",
    "cursor_p99_ms": "cursor p99 ms",
    "capacity": "edits/s at p99 ≤ 250 ms",
    "first_ms": "first open after restart ms",
    "bytes": "bytes of that open",
    "later_ms": "later opens p50 ms",
    "kib": "KiB per connection",
    "sync_p99_ms": "synced p99 ms",
    "cpu_ms": "CPU ms per connection",
    "seen": "edits others had seen",
    "lost": "of these gone",
    "cpu_of_one": "CPU per delivery, of one process's",
    "p99_of_one": "seen by others p99, of one process's",
    "wrong": "edits lost, replicas that differ, lines cut",
    "generator_pct": "generator's core %",
    "other_pct": "other programs' CPU %",
}


def _typing(result: dict[str, Any]) -> Figures:
    figures = {
        "cpu_us": result["cpu_us_per_delivery"],
        "p50_ms": result["latency_ms"]["p50"],
        "p99_ms": result["latency_ms"]["p99"],
        "wrong": result["lost"] + result["diverged"] + result["light_bad"] + result["closed_connections"],
        "generator_pct": result["generator_cpu_pct"],
        "other_pct": result["other_cpu_pct"],
    }
    if result["acknowledged_ms"]["n"]:
        figures["acknowledged_p99_ms"] = result["acknowledged_ms"]["p99"]
    if "awareness_ms" in result:
        figures["cursor_p99_ms"] = result["awareness_ms"]["p99"]
    return figures


def one_room(load: Load, windows: Windows) -> Figures:
    """10 people in one document, all typing"""
    return _typing(
        load("load", docs=1, clients=10, writers=10, rate=3, seconds=windows.typing, verify_all=True)
    )


def large_room(load: Load, windows: Windows) -> Figures:
    """50 people in one document, 20 typing, with cursors"""
    people = {"docs": 1, "clients": 50, "writers": 20, "rate": 3, "awareness": 3}
    return _typing(load("load", **people, seconds=windows.typing, sample=3, verify_all=True))


def many_rooms(load: Load, windows: Windows) -> Figures:
    """50 documents with 6 people each, 3 typing"""
    people = {"docs": 50, "clients": 6, "writers": 3, "rate": 2}
    return _typing(load("load", **people, seconds=windows.typing, sample=2, verify_all=True))


def capacity(load: Load, windows: Windows) -> Figures:
    """50 people in one document, 20 typing ever faster"""
    return _saturated(load, windows, clients=50, writers=20, drain=6)


def crowd_capacity(load: Load, windows: Windows) -> Figures:
    """200 people in one document, all typing ever faster"""
    return _saturated(load, windows, clients=200, writers=200, drain=4)


def _saturated(load: Load, windows: Windows, **people: int) -> Figures:
    steps = {"seconds": windows.step, "sample": 1, "warmup": 1, "start": windows.start}
    result = load("saturate", docs=1, **people, **steps)
    figures = {
        "capacity": result["highest_sustained_edits_per_s"],
        "other_pct": median(step.get("other_cpu_pct", 0) for step in result["steps"]),
    }
    if figures["capacity"]:
        figures |= {"cpu_us": result["us_per_delivery_at_best"], "generator_pct": result["gen_pct_at_best"]}
    return figures


def cold_open(load: Load, windows: Windows) -> Figures:
    """a document with a long history, opened first after a restart"""
    written = load("seed", doc="long-history", edits=windows.history)
    assert isinstance(load.server, Process)
    load.server.stop()
    load.server.start()
    result = load("coldopen", doc="long-history", opens=5, expect=written["hash"])
    return {
        "first_ms": result["first"]["full_ms"],
        "bytes": result["first"]["bytes"],
        "later_ms": result["rest_full_ms"]["p50"],
        "wrong": written["lost"] + sum(not one["match"] for one in result["opens"]),
    }


def idle_connections(load: Load, windows: Windows) -> Figures:
    """people who have a document open and do nothing, 5 in each"""
    result = load("connect", docs=windows.idle_rooms, clients=5, hold=2)
    if result["errors"]:
        raise Failed(f"{result['errors']} connections failed: {result['first_error']}")
    return {
        "kib": result["kib_per_connection"],
        "sync_p99_ms": result["synced_ms"]["p99"],
        "cpu_ms": result["cpu_ms_per_connection"],
        "other_pct": result["other_cpu_pct"],
    }


def killed(load: Load, windows: Windows) -> Figures:
    """kill -9 while 10 people type, and a restart"""
    people = {"docs": 1, "clients": 10, "writers": 10, "rate": 3}
    result = load("durability", **people, seconds=windows.typing + 1)
    return {"seen": result["received_by_others"], "lost": result["gone_after_restart"]}


def beside_one(one: Figures, several: Figures) -> Figures:
    """What several processes take for the same load as one."""
    return several | {
        "cpu_of_one": several["cpu_us"] / one["cpu_us"],
        "p99_of_one": several["p99_ms"] / one["p99_ms"],
        "wrong": one["wrong"] + several["wrong"],
    }


SCENARIOS: dict[str, Callable[[Load, Windows], Figures]] = {
    "S1": one_room,
    "S2": large_room,
    "S3": many_rooms,
    "S4": capacity,
    "S4b": crowd_capacity,
    "S5": cold_open,
    "S6": idle_connections,
    "kill": killed,
}
