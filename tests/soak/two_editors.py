"""Two real editors do random things while their server is killed and started again at random moments.

Every run has a plan and a seed of its own; both editors, and a third that comes later, must end equal, everything
saved, and no typed character gone that nobody deleted. The last line is one line of JSON; exit status 1 if a run
failed or the server logged an error.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.soak._watched import errors_in
from tests.support.processes import BASE, ServerProcess, prepared_data_folder
from tests.support.two_editors import command, outcome, set_stage

RUNS_AT_ONCE = 10
STEPS = 120
NODE = Path(sys.executable).with_name("node")


class Killer:
    """Kills the server every few seconds and starts it again a moment later, while it is let."""

    def __init__(self, server: ServerProcess, rng: random.Random, pause: float) -> None:
        self.server = server
        self.kills = 0
        self._rng = rng
        self._pause = pause
        self._over = threading.Event()
        self._failure: BaseException | None = None

    @contextmanager
    def at_work(self) -> Iterator[None]:
        self._over.clear()
        thread = threading.Thread(target=self._work)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        try:
            while not self._over.wait(self._rng.uniform(0.5, 2 * self._pause)):
                self.server.kill()
                self.kills += 1
                time.sleep(self._rng.uniform(0, 2))
                self.server.start()
        except BaseException as failure:
            self._failure = failure


def batch(server: ServerProcess, killer: Killer, seed: int) -> dict[str, Any]:
    stage = set_stage(server, plans=RUNS_AT_ONCE)
    words = command(server, stage, seed=seed, runs=RUNS_AT_ONCE, steps=STEPS)
    with killer.at_work():
        done = subprocess.run([NODE, *words], cwd=BASE / "frontend", capture_output=True, text=True)
    try:
        found = outcome(done.stdout)
    except (ValueError, IndexError):
        found = {
            "runs": 0,
            "typed": 0,
            "doubled": 0,
            "counts": {},
            "failed": [{"seed": seed, "problems": ["died"]}],
        }
    if found["failed"]:
        print(done.stdout, done.stderr, sep="\n", flush=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/soak two-editors", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None, help="of the first run (default: random)")
    parser.add_argument("--pause", type=float, default=6, help="mean seconds between two kills (default 6)")
    options = parser.parse_args()
    first = random.randrange(10**6) if options.seed is None else options.seed
    deadline = time.monotonic() + 60 * options.minutes
    runs, typed, doubled = 0, 0, 0
    counts: Counter[str] = Counter()
    failed: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        server = ServerProcess(prepared_data_folder(Path(name)))
        server.start()
        killer = Killer(server, random.Random(first), options.pause)
        try:
            while time.monotonic() < deadline:
                found = batch(server, killer, first + runs)
                runs += RUNS_AT_ONCE
                typed += found["typed"]
                doubled += found["doubled"]
                counts.update(found["counts"])
                failed += found["failed"]
                left = max(0, deadline - time.monotonic()) / 60
                print(
                    f"{runs} runs, {typed} characters, {killer.kills} kills, {len(failed)} failed;"
                    f" {left:.0f} minutes left",
                    flush=True,
                )
        finally:
            server.kill()
        errors = errors_in(server.log)
    ok = not failed and not errors
    print(
        json.dumps(
            {
                "soak": "two-editors",
                "ok": ok,
                "minutes": options.minutes,
                "first_seed": first,
                "runs": runs,
                "typed": typed,
                "doubled": doubled,
                "kills": killer.kills,
                "counts": counts,
                "failed": failed,
                "server_errors": errors[:20],
            },
            ensure_ascii=False,
        )
    )
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
