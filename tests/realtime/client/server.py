"""The real server in a process of its own, which a test may kill in the middle of anything."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parents[3]
START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RealServer:
    """The platform as people run it, on SQLite in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        removed = {"DATABASE_URL", "REDIS_URL", "S3_ENDPOINT", "DJANGO_SETTINGS_MODULE"}
        kept = {name: value for name, value in os.environ.items() if name not in removed}
        return kept | {"DATA_DIR": str(self.folder), "SECRET_KEY": "a-key-for-tests", "PYTHONUNBUFFERED": "1"}

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments, "--verbosity=0"]
        subprocess.run(command, cwd=BASE, env=self.environment, check=True)

    def stage(self, *arguments: str) -> Any:
        command = [sys.executable, "-m", "tests.realtime.client.stage", *arguments]
        done = subprocess.run(command, cwd=BASE, env=self.environment, check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    def start(self) -> None:
        log = (self.folder / "server.log").open("ab")
        command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port)]
        command += ["--websocket_timeout", "-1", "prep_platform.asgi:application"]
        self.process = subprocess.Popen(command, cwd=BASE, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "server.log").read_text())
            time.sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """kill -9: nothing is tidied up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


@contextmanager
def real_server(folder: Path) -> Iterator[RealServer]:
    folder.mkdir(parents=True, exist_ok=True)
    server = RealServer(folder)
    server.manage("migrate")
    server.start()
    try:
        yield server
    finally:
        server.stop()
