"""Bytes made to reach new code (coverage-guided fuzzing) against what reads a client's frames: every rule holds.

The rules are in tests/realtime/protocol_rules.py. A finding is any error but the protocol's own, a broken rule, the
end of the process, and an input that takes long or much memory; its bytes are printed, for a test.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import trace
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

from realtime import merging, protocol, update
from realtime.protocol import Step
from tests.realtime import forge
from tests.realtime.protocol_rules import base, check
from tests.support.processes import BASE

FUZZER = BASE / ".tools" / "fuzzer"  # in no group of uv.lock: there are builds for Linux and macOS alone
REQUIREMENTS = BASE / "tests" / "soak" / "protocol-requirements.txt"
READERS = (protocol, update, merging)
SECONDS_EACH = 5  # of one input, on a busy machine; the longest that is sent takes a hundredth
MEGABYTES = 400  # of the whole process, which begins with a quarter of it
LONGEST = 4096


def install_fuzzer() -> None:
    if FUZZER.is_dir():
        return
    command = [BASE / ".tools" / "bin" / "uv", "pip", "install", "--quiet", "--require-hashes"]
    command += ["--python", sys.executable, "--target", FUZZER, "-r", REQUIREMENTS]
    subprocess.run(command, check=True)


def plant_seeds(folder: Path, count: int) -> None:
    """What people send, and what somebody might send to do harm."""
    rng = random.Random(1)
    clocks = {struct.client: struct.end for struct in update.read_update(base()).structs}
    frames = [protocol.sync(Step.STEP1, protocol.state_vector(clocks)), protocol.sync(Step.STEP2, base())]
    frames += [forge.hostile_frame(rng, clocks, 2) for _ in range(count)]
    for number, frame in enumerate(frames):
        if len(frame) <= LONGEST:
            (folder / f"seed-{number}").write_bytes(frame)


def fuzz(corpus: Path, findings: Path, *, seconds: float, seed: int) -> str:
    """What libFuzzer said. It ends at the first finding, whose input it writes to `findings`."""
    command = [sys.executable, "tests/soak/_protocol_target.py", f"-max_total_time={max(1, round(seconds))}"]
    command += [
        f"-seed={seed}",
        f"-timeout={SECONDS_EACH}",
        f"-rss_limit_mb={MEGABYTES}",
        f"-max_len={LONGEST}",
    ]
    command += ["-print_final_stats=1", f"-artifact_prefix={findings}/", str(corpus)]
    environment = {**os.environ, "PYTHONPATH": f"{BASE}{os.pathsep}{FUZZER}"}
    done = subprocess.run(
        command, cwd=BASE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace"
    )
    if done.returncode and not any(findings.iterdir()):
        raise SystemExit(f"{done.stdout[-4000:]}\nthe fuzzer could not run ({done.returncode})")
    return done.stdout


def reached(inputs: list[bytes]) -> dict[str, Any]:
    """What these inputs were taken for, and the lines of the readers that they came to."""
    kinds: Counter[str] = Counter()
    tracer = trace.Trace(count=1, trace=0)
    for data in inputs:
        kinds.update(tracer.runfunc(check, data) or ["refused"])
    counts = tracer.results().counts
    lines = {}
    for module in READERS:
        name = str(module.__file__)
        code = compile(Path(name).read_text(), name, "exec")
        bodies = set(_lines_of_functions(code))
        passed = {line for file, line in counts if file == name} & bodies
        missed = f", not {sorted(bodies - passed)}" if bodies - passed else ""
        lines[module.__name__] = f"{len(passed)} of {len(bodies)} lines{missed}"
    return {"taken_for": kinds, "lines": lines}


def _lines_of_functions(code: CodeType, inside: bool = False) -> Iterator[int]:
    """The lines that run when a function is called, its own head left out."""
    if inside:
        yield from (line for *_, line in code.co_lines() if line and line > code.co_firstlineno)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _lines_of_functions(inner, inside=not _is_class(inner))


def _is_class(code: CodeType) -> bool:
    return "__qualname__" in code.co_names and "__module__" in code.co_names


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/soak protocol", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=300, help="inputs to begin with (default 300)")
    options = parser.parse_args()
    install_fuzzer()
    with tempfile.TemporaryDirectory(prefix="protocol-") as name:
        corpus, findings = Path(name) / "corpus", Path(name) / "findings"
        corpus.mkdir()
        findings.mkdir()
        plant_seeds(corpus, options.seeds)
        said = fuzz(corpus, findings, seconds=60 * options.minutes, seed=options.seed)
        found = {path.name.split("-")[0]: path.read_bytes().hex() for path in findings.iterdir()}
        if found:
            print(said[-6000:])
        report = figures(said)
        if not found:
            report |= reached([path.read_bytes() for path in corpus.iterdir()])
    print(json.dumps({"soak": "protocol", "seed": options.seed, **report, "findings": found}))
    return 1 if found else 0


def figures(said: str) -> dict[str, Any]:
    executions = re.findall(r"number_of_executed_units:\s*(\d+)|^#(\d+)\s", said, re.MULTILINE)
    coverage = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", said)
    edges, features, kept = coverage[-1] if coverage else (0, 0, 0)
    return {
        "executions": max((int(one or other) for one, other in executions), default=0),
        "edges": int(edges),
        "features": int(features),
        "corpus": int(kept),
    }


if __name__ == "__main__":
    sys.exit(main())
