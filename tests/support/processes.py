"""The real server as a process: started, killed and started again by tests."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

BASE = Path(__file__).resolve().parents[2]
START_SECONDS = 300  # on a computer that is busy with other things; otherwise it takes a few
STOP_SECONDS = 120


class NotStarted(Exception):
    """The server ended, or never answered; the message holds its log."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(folder: Path) -> dict[str, str]:
    variables = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}
    return variables | {
        "DATA_DIR": str(folder),
        "SECRET_KEY": "only-for-tests",
        "DJANGO_SETTINGS_MODULE": "prep_platform.settings",
    }


def manage(folder: Path, *arguments: str) -> str:
    return run_python(folder, "manage.py", *arguments)


def run_python(folder: Path, *arguments: str) -> str:
    """Runs Python beside the server, with the same data folder; returns what it printed."""
    result = subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE,
        env=_environment(folder),
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def this_database() -> str:
    """The test database, as another process has to name it."""
    from django.db import connection

    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + quote(name)).geturl()


def prepared_data_folder(folder: Path) -> Path:
    manage(folder, "prepare", "--demo")
    return folder


class Process:
    """A server that answers HTTP on a free port, with all it keeps in one folder."""

    path = "/"

    def __init__(self, folder: Path, *, core: int | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self.core = core
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        raise NotImplementedError

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self) -> None:
        pinned = [] if self.core is None else ["taskset", "--cpu-list", str(self.core)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*pinned, *self.command()], cwd=BASE, env=self.environment(), stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise NotStarted(f"{self.command()} did not answer:\n{self.log.read_text()}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url + self.path, timeout=5).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """Like a power cut for the process: nothing is flushed, nobody is told."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Asks it to stop, as Ctrl-C or an operator does, and returns the exit code."""
        assert self.process is not None
        self.process.send_signal(with_signal)
        code = self.process.wait(timeout=STOP_SECONDS)
        self.process = None
        return code


class ServerProcess(Process):
    """The platform itself, on any of its servers."""

    path = "/login/"

    def __init__(
        self,
        folder: Path,
        *,
        server: str = "daphne",
        core: int | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(folder, core=core)
        self.server = server
        self.variables = variables or {}

    def command(self) -> list[str]:
        where = ["--port", str(self.port), "--server", self.server]
        return [sys.executable, "-m", "prep_platform.serve", *where]

    def environment(self) -> dict[str, str]:
        return {**_environment(self.folder), **self.variables}

    def manage(self, *arguments: str) -> str:
        return manage(self.folder, *arguments)
