"""The benchmark of the live core: how it judges, and that it measures what is there."""

import json
import subprocess
import sys

import pytest

from bench._targets import Target
from bench.core import combined, target_rows
from tests.support.processes import BASE

HALF_THE_CPU = {"S1": {"hocuspocus": {"cpu_us": 100.0}, "uvicorn": {"cpu_us": 50.0}}}


@pytest.mark.parametrize(
    ("value", "verdict"), [(0.5, "stretch"), (0.6, "pass"), (0.65, "pass"), (0.66, "short")]
)
def test_less_is_better_unless_said_otherwise(value: float, verdict: str) -> None:
    assert Target("S1", "cpu_us", 0.65, 0.5).verdict(value) == verdict


@pytest.mark.parametrize(("value", "verdict"), [(2.1, "stretch"), (1.5, "pass"), (1.4, "short")])
def test_more_capacity_is_better(value: float, verdict: str) -> None:
    assert Target("S4", "capacity", 1.5, 2, at_least=True).verdict(value) == verdict


def test_a_target_is_a_ratio_to_the_peer() -> None:
    assert Target("S1", "cpu_us", 0.65).value(HALF_THE_CPU, "uvicorn") == 0.5
    [row] = target_rows(HALF_THE_CPU, ["uvicorn", "hocuspocus"])
    assert (row["must hold"], row["uvicorn"]) == ("≤ 0.65×", "0.50× stretch")


def test_nothing_is_judged_against_a_peer_that_was_not_measured() -> None:
    assert target_rows({"S1": {"uvicorn": {"cpu_us": 50.0}}}, ["uvicorn"]) == []


def test_a_lost_edit_is_short_whatever_the_peer_lost() -> None:
    results = {"kill": {"hocuspocus": {"lost": 200.0}, "uvicorn": {"lost": 1.0}}}
    [row] = target_rows(results, ["uvicorn", "hocuspocus"])
    assert row["uvicorn"] == "1 short"


def test_of_several_runs_the_median_counts_but_one_loss_is_a_loss() -> None:
    runs = [{"p99_ms": 5.0, "wrong": 0.0}, {"p99_ms": 90.0, "wrong": 3.0}, {"p99_ms": 6.0, "wrong": 0.0}]
    assert combined({"S1": {"uvicorn": runs}}) == {"S1": {"uvicorn": {"p99_ms": 6.0, "wrong": 3.0}}}


@pytest.mark.long
def test_it_measures_the_platform_and_a_peer() -> None:
    command = ["script/bench", "core", "--quick", "--runs", "1", "--scenarios", "S1,kill"]
    result = subprocess.run(
        [sys.executable, *command, "--servers", "uvicorn,y-websocket"],
        cwd=BASE,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    measured = json.loads(result.stdout.splitlines()[-1])["median"]
    for server in ("uvicorn", "y-websocket"):
        assert measured["S1"][server]["wrong"] == 0
        assert measured["S1"][server]["cpu_us"] > 0
        assert measured["S1"][server]["p99_ms"] > 0
        assert measured["kill"][server]["seen"] > 0
    assert measured["kill"]["uvicorn"]["lost"] == 0
