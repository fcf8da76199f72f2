"""Private PostgreSQL and Redis for one command: `python -m tests.support.throwaway COMMAND …`.

Both listen on unix sockets in a temporary folder only, so several runs never meet. PostgreSQL refuses
to run as root; then it runs as Debian's account for it. The command finds them in DATABASE_URL and REDIS_URL.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

PATIENCE_SECONDS = 120  # on a computer that is busy with other things; otherwise one or two


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not start")
        time.sleep(0.02)


def postgresql_binaries() -> Path:
    """Debian keeps the server's programs off the path, one folder per version."""
    found = shutil.which("postgres")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not folders:
        raise RuntimeError("PostgreSQL is not installed")
    return folders[-1]


class Postgresql:
    """durable: as in life, every commit on the disk; without it tests are faster."""

    def __init__(self, *, durable: bool = False) -> None:
        binaries = postgresql_binaries()
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        account = self._account()
        data = self.folder / "data"
        initdb: list[str | Path] = [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        subprocess.run(
            [*initdb, "--locale=C.UTF-8", "--no-sync"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            **account,
        )
        options = {"listen_addresses": "", "shared_buffers": "64MB", "max_connections": "100"}
        if not durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self._ask: list[str | Path] = [binaries / "pg_isready", "-q", "-h", self.folder]
        self._command = [binaries / "postgres", "-D", data, "-k", self.folder, *settings]
        self._as = account
        self.start()

    def start(self) -> None:
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log, cwd="/", **self._as)
        wait_until(lambda: subprocess.run(self._ask, cwd="/").returncode == 0, self.process, "PostgreSQL")

    def crash(self) -> None:
        """Like a power cut: nothing is written any more, the log is replayed at the next start."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(PATIENCE_SECONDS)

    def _account(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        account = pwd.getpwnam("postgres")
        os.chown(self.folder, account.pw_uid, account.pw_gid)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    @property
    def url(self) -> str:
        return f"postgres://postgres@{quote(str(self.folder), safe='')}/postgres"

    def stop(self) -> None:
        self.process.send_signal(2)  # fast shutdown: does not wait for clients
        self.process.wait(PATIENCE_SECONDS)
        shutil.rmtree(self.folder)


class Redis:
    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="redis-"))
        self.socket = self.folder / "redis.sock"
        self.start()

    def start(self) -> None:
        options = ["--port", "0", "--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        self.process = subprocess.Popen(
            ["redis-server", "--unixsocket", str(self.socket), *options], stdout=subprocess.DEVNULL
        )
        wait_until(self._answers, self.process, "Redis")

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
            except OSError:
                return False

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def kill(self) -> None:
        """Gone from one moment to the next; `start` brings an empty one back."""
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE_SECONDS)
        shutil.rmtree(self.folder)


def main(command: list[str]) -> int:
    postgresql, redis = Postgresql(), Redis()
    try:
        variables = {**os.environ, "DATABASE_URL": postgresql.url, "REDIS_URL": redis.url}
        return subprocess.run(command, env=variables).returncode
    finally:
        redis.stop()
        postgresql.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
