"""Runs the load harness (bench/load/coedit.mjs) against one server and returns what it measured."""

import json
import subprocess
from collections.abc import Sequence
from typing import Any

from bench._servers import LOAD, NODE, Cluster, Tested
from tests.support.processes import Process


class Failed(Exception):
    """The harness could not measure; the message says why."""


class Load:
    def __init__(self, server: Tested, core: int | None) -> None:
        self.server = server
        self.core = core

    def __call__(self, mode: str, **options: Any) -> dict[str, Any]:
        pinned = [] if self.core is None else ["taskset", "--cpu-list", str(self.core)]
        pids = ",".join(str(process.process.pid) for process in self._processes if process.process)
        given = {**self.server.target(), "pid": pids, "max-seconds": 900, **options}
        command = [*pinned, NODE, "coedit.mjs", mode, *_words(given)]
        with subprocess.Popen(
            command,
            cwd=LOAD,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                result = self._listen(process)
            finally:
                process.kill()
        return result

    @property
    def _processes(self) -> Sequence[Process]:
        if isinstance(self.server, Cluster):
            return self.server.processes
        return [self.server]

    def _listen(self, process: "subprocess.Popen[str]") -> dict[str, Any]:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        for line in process.stdout:
            result: dict[str, Any] = json.loads(line)
            if result == {"event": "kill"}:
                assert isinstance(self.server, Process)
                self.server.kill()
                self.server.start()
                process.stdin.write("started\n")
                process.stdin.flush()
                continue
            if result.get("failed"):
                raise Failed(self._why(str(result.get("first_error") or line.strip())))
            return result
        raise Failed(self._why(process.stderr.read().strip()))

    def _why(self, said: str) -> str:
        for server in self._processes:
            if server.process is not None and server.process.poll() is not None:
                code, log = server.process.poll(), server.log.read_text()[-1000:]
                return f"the server ended with code {code}: {log}"
        return said or "the load harness ended without a result"


def _words(options: dict[str, Any]) -> list[str]:
    words = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        words += [flag] if value is True else [flag, str(value)]
    return words
