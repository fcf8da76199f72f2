"""Starting and stopping: by hand, by an operator, and where it cannot work."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import websockets
from django.conf import settings

from lessons.schema import SCHEMA_VERSION
from prep_platform.serve import SERVERS
from realtime.protocol import CloseCode
from tests.support.processes import BASE, ServerProcess


def run(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **(environment or {})},
    )


@pytest.fixture(params=SERVERS)
def server_process(
    request: pytest.FixtureRequest, prepared_folder: Path, tmp_path: Path
) -> Iterator[ServerProcess]:
    folder = tmp_path / "data"
    shutil.copytree(prepared_folder, folder)
    server = ServerProcess(folder, server=request.param)
    server.start()
    yield server
    server.kill()


@pytest.mark.parametrize("asked_by", [signal.SIGTERM, signal.SIGINT])
def test_the_server_stops_when_asked(server_process: ServerProcess, asked_by: int) -> None:
    assert server_process.stop(asked_by) == 0
    log = server_process.log.read_text()
    assert "Traceback" not in log
    assert "demo account: " in log


async def test_open_lines_are_told_to_come_back(server_process: ServerProcess) -> None:
    session, plan = server_process.manage("shell", "--verbosity=0", "-c", SIGN_IN).split()
    async with websockets.connect(
        f"{server_process.url.replace('http', 'ws')}/ws/docs/lesson-plan/{plan}?schema={SCHEMA_VERSION}",
        additional_headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"},
        origin=server_process.url,  # type: ignore[arg-type]
    ) as line:
        await line.recv()
        code = await asyncio.to_thread(server_process.stop)
        await line.wait_closed()
        assert line.close_code == CloseCode.RESTART
    assert code == 0
    assert "Traceback" not in server_process.log.read_text()


SIGN_IN = """
from django.test import Client
from lessons.models import LessonPlan
plan = LessonPlan.objects.filter(state="active").order_by("pk")[0]
client = Client()
client.force_login(plan.owner)
print(client.cookies["sessionid"].value, plan.pk)
"""


def test_a_killed_server_starts_again_with_its_data(server_process: ServerProcess) -> None:
    before = server_process.manage("demo", "--list")
    server_process.kill()
    server_process.start()
    assert server_process.manage("demo", "--list") == before


@pytest.mark.parametrize("server", SERVERS)
def test_an_address_that_is_taken_is_one_clear_line(server: str, prepared_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        result = run(
            *("-m", "prep_platform.serve", "--server", server, "--port", str(port)),
            environment={"DATA_DIR": str(prepared_folder), "SECRET_KEY": "only-for-tests"},
        )
    assert result.returncode == 1
    assert result.stderr.startswith("Cannot listen 无法监听: ")
    assert result.stderr.count("\n") == 1
    assert "Ready" not in result.stdout


def test_a_second_preparation_does_nothing(server_process: ServerProcess) -> None:
    assert server_process.manage("prepare", "--demo") == ""


def test_a_busy_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        result = run("script/server", "--port", str(port), "--data", str(tmp_path / "data"))
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert f"Port {port}" in result.stderr
    assert not (tmp_path / "data").exists()


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run("script/server", "--port", str(free()), "--data", str(tmp_path / "file" / "data"))
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert str(tmp_path / "file" / "data") in result.stderr


@pytest.mark.parametrize("script", ["server", "manage", "test", "check", "bench", "soak"])
def test_an_old_python_is_one_clear_line(script: str) -> None:
    pretend = (
        f"import sys; sys.version_info = (3, 8, 1); exec(compile(open('script/{script}').read(), '', 'exec'))"
    )
    result = run("-c", pretend)
    assert result.returncode == 1
    assert result.stderr == "Python 3.11 or newer is needed; this is 3.8. 需要 Python 3.11 或更高版本。\n"


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
