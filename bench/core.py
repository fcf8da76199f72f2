"""The live core against its peers: the same load on each in turn, and how far it is from its targets.

Every measurement has a freshly started server on an empty store of its own. The servers take turns, so that
whatever else the machine does meets all of them. bench/load/README.md says what is measured.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from statistics import median
from typing import Any

from bench._load import Failed, Load
from bench._machine import cores, machine
from bench._report import figures, markdown, table
from bench._scenarios import COUNTS, FULL, LABELS, QUICK, SCENARIOS, Figures, Windows, beside_one, large_room
from bench._servers import OURS, PEERS, Cluster, exists, prepared_plans, server
from bench._targets import PEER, TARGETS, Results, Target
from tests.support.processes import NotStarted

#: the load of S2 on two processes behind nginx, with Redis between them, and on one
CLUSTER = "cluster"
RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
#: more of one core than this used by anything else, and the p99 is noise
NOISE_PERCENT = 30

Runs = dict[str, dict[str, list[Figures]]]
Rows = list[Mapping[str, Any]]


def names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# ---- measuring -----------------------------------------------------------------------------------


def measure(scenario: str, name: str, plans: Path, windows: Windows) -> Figures:
    server_core, load_core = cores()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if name in OURS:
            copytree(plans, folder, dirs_exist_ok=True)
        tested = server(name, Path(folder), server_core)
        tested.start()
        try:
            return SCENARIOS[scenario](Load(tested, load_core), windows)
        finally:
            tested.kill()


def measure_cluster(name: str, windows: Windows) -> Figures:
    server_core, load_core = cores()
    found = []
    for count in (1, 2):
        with Cluster(server=name, processes=count, core=server_core) as cluster:
            found.append(large_room(Load(cluster, load_core), windows))
    return beside_one(*found)


def measure_all(options: argparse.Namespace) -> Runs:
    windows = QUICK if options.quick else FULL
    runs: Runs = {scenario: defaultdict(list) for scenario in options.scenarios}
    with tempfile.TemporaryDirectory(prefix="bench-plans-") as folder:
        plans = prepared_plans(Path(folder))
        for scenario in options.scenarios:
            for number in range(options.runs):
                for name in options.servers:
                    if scenario == CLUSTER and name in PEERS:
                        continue
                    try:
                        if scenario == CLUSTER:
                            found = measure_cluster(name, windows)
                        else:
                            found = measure(scenario, name, plans, windows)
                    except (Failed, NotStarted) as failure:
                        say(f"{scenario} {name}: {failure}")
                        continue
                    runs[scenario][name].append(found)
                    say(f"{scenario} run {number + 1} {name}: {_line(found)}")
    return runs


def _line(found: Figures) -> str:
    return ", ".join(f"{LABELS[measure]} {value:g}" for measure, value in found.items())


def combined(runs: Runs) -> dict[str, dict[str, Figures]]:
    """The median of the runs; of what is counted, the worst."""
    return {
        scenario: {name: _combined(found) for name, found in by_server.items()}
        for scenario, by_server in runs.items()
    }


def _combined(found: list[Figures]) -> Figures:
    return {
        measure: (max if measure in COUNTS else median)(one[measure] for one in found if measure in one)
        for measure in found[0]
    }


# ---- telling -------------------------------------------------------------------------------------


def measured_rows(results: Results, servers: list[str]) -> Rows:
    return [
        {"": scenario, "measure": label}
        | {name: _figure(by_server.get(name, {}).get(measure)) for name in servers}
        for scenario, by_server in results.items()
        for measure, label in LABELS.items()
        if any(measure in found for found in by_server.values())
    ]


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def target_rows(results: Results, servers: list[str]) -> Rows:
    rows: Rows = []
    for target in TARGETS:
        judged = [name for name in servers if name in OURS and target.server in ("", name)]
        values = {name: target.value(results, name) for name in judged}
        if any(value is not None for value in values.values()):
            rows.append(
                {
                    "": target.scenario,
                    "measure": LABELS[target.measure] + (f" ({target.server})" if target.server else ""),
                    "must hold": target.limit(target.must),
                    "stretch": target.limit(target.stretch),
                    **{name: _judged(target, values.get(name)) for name in servers if name in OURS},
                }
            )
    return rows


def _judged(target: Target, value: float | None) -> str:
    if value is None:
        return ""
    return (
        f"{value:.2f}× {target.verdict(value)}"
        if not target.absolute
        else (f"{_figure(value)} {target.verdict(value)}")
    )


def noise(results: Results) -> list[str]:
    disturbed = {
        f"{scenario} {name}": found["other_pct"]
        for scenario, by_server in results.items()
        for name, found in by_server.items()
        if found.get("other_pct", 0) > NOISE_PERCENT
    }
    if not disturbed:
        return []
    worst = max(disturbed.values())
    where = ", ".join(disturbed)
    return [f"Other programs used up to {worst:.0f} % of a core: every p99 and capacity is rough in {where}."]


def write_results(rows: Rows, ratios: Rows, notes: list[str]) -> None:
    command = " ".join(["script/bench core", *sys.argv[1:]])
    parts = [
        "# How the live core compares",
        f"Made on {datetime.now(UTC).date()} by `{command}`. What the figures mean: [load/README.md](load/README.md).",
        markdown([{"": name, " ": value} for name, value in machine().items()]),
        f"## Against {PEER}",
        markdown(ratios) if ratios else f"{PEER} was not measured.",
        "## Measured",
        markdown(rows),
        *notes,
    ]
    RESULTS.write_text("\n\n".join(parts) + "\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench core", description=__doc__)
    parser.add_argument("--scenarios", type=names, default=[*SCENARIOS, CLUSTER], help="e.g. S1,S2")
    parser.add_argument("--servers", type=names, default=[*OURS, *PEERS], help="e.g. uvicorn,hocuspocus")
    parser.add_argument("--runs", type=int, default=3, help="the median of so many (default 3)")
    parser.add_argument("--quick", action="store_true", help="short windows: rough figures")
    parser.add_argument("--write-results", action="store_true", help="write bench/RESULTS.md")
    options = parser.parse_args()
    for name in options.scenarios:
        if name not in (*SCENARIOS, CLUSTER):
            parser.error(f"no such scenario: {name} (there are {', '.join((*SCENARIOS, CLUSTER))})")
    for name in options.servers:
        if name not in (*OURS, *PEERS):
            parser.error(f"no such server: {name} (there are {', '.join((*OURS, *PEERS))})")
    return options


def main() -> int:
    options = arguments()
    for name in options.servers:
        if not exists(name):
            say(f"{name}: the platform has no such server; skipped")
    options.servers = [name for name in options.servers if exists(name)]
    if cores() == (None, None):
        say("One core only: server and generator share it, and the figures are rough.")
    runs = measure_all(options)
    results = combined(runs)
    rows, ratios = measured_rows(results, options.servers), target_rows(results, options.servers)
    notes = noise(results)
    table(rows)
    print()
    table(ratios)
    print("\n".join(notes))
    if options.write_results:
        write_results(rows, ratios, notes)
    figures(bench="core", machine=machine(), quick=options.quick, median=results, runs=runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
