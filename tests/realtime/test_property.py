"""Two real editors on the real server, random work and a bad line: both end equal and no character is lost.

`script/soak two-editors` is the long form, with a server that is killed again and again.
"""

from collections.abc import Callable

from tests.support.processes import ServerProcess
from tests.support.two_editors import command, outcome, set_stage

RUNS = 12


def test_two_editors_end_equal_and_lose_no_character(
    server_process: ServerProcess, node: Callable[..., str]
) -> None:
    stage = set_stage(server_process, plans=RUNS)
    found = outcome(node(*command(server_process, stage, seed=1, runs=RUNS, steps=60), timeout=300))
    assert found["failed"] == []
    assert found["runs"] == RUNS
    assert found["typed"] > 20 * RUNS
    never = [act for act, times in found["counts"].items() if times == 0]
    assert never == []
