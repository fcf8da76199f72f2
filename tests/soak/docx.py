"""Damaged Word files, thousands of them: each is read or refused in seconds, and the memory does not grow."""

import argparse
import os
import random
import sys
import time
from pathlib import Path

from tests.soak._watched import resident_megabytes
from tests.support.docx_damage import damaged, samples, try_to_read

MEGABYTES_MORE = 100
SECONDS = 5


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/soak docx", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    rng = random.Random(options.seed)
    print(f"seed {options.seed}", flush=True)
    outcomes = {"read": 0, "refused": 0}
    until, first, slowest = time.monotonic() + 60 * options.minutes, 0.0, 0.0
    while time.monotonic() < until:
        content = damaged(rng, rng.choice(samples()))
        started = time.monotonic()
        try:
            outcomes[try_to_read(content)] += 1
        except Exception:
            Path("finding.docx").write_bytes(content)
            print("an error of ours; the file is finding.docx", file=sys.stderr)
            raise
        slowest = max(slowest, time.monotonic() - started)
        if sum(outcomes.values()) == 200:
            first = resident_megabytes(os.getpid())
    grown = resident_megabytes(os.getpid()) - first if first else 0.0
    print(f"{outcomes}; slowest {slowest:.2f} s; {grown:.0f} MB more", flush=True)
    return int(slowest > SECONDS or grown > MEGABYTES_MORE)


if __name__ == "__main__":
    sys.exit(main())
