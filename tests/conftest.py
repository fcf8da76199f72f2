import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.support.disk import SmallDisk, megabytes_of, small_disk
from tests.support.processes import ServerProcess, prepared_data_folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    on_postgresql = bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent / "browser"):
            item.add_marker("browser")
        if item.get_closest_marker("pg") and not on_postgresql:
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL and Redis: script/test starts them"))
    # Playwright keeps an event loop running in this thread, so tests with their own loop go first.
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(autouse=True)
def _forget_between_tests() -> Iterator[None]:
    """Sign-in counters and the like live in the cache, which no transaction rolls back."""
    from django.core.cache import cache

    yield
    cache.clear()


@pytest.fixture(scope="session")
def prepared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as `script/server` leaves it, with the demo province; copy it, do not change it."""
    return prepared_data_folder(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def server_process(prepared_folder: Path, tmp_path: Path) -> Iterator[ServerProcess]:
    """The real server in a process of its own, with its own data folder: may be killed and started again."""
    folder = tmp_path / "data"
    shutil.copytree(prepared_folder, folder)
    server = ServerProcess(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def disk(prepared_folder: Path, tmp_path: Path) -> Iterator[SmallDisk]:
    """With a few megabytes more than a data folder needs."""
    with small_disk(tmp_path / "disk", megabytes=megabytes_of(prepared_folder) + 8) as disk:
        yield disk


@pytest.fixture
def node() -> "NodeRunner":
    return NodeRunner()


class NodeRunner:
    """Runs a script with the Node of the environment, in frontend/."""

    def __call__(self, *arguments: str, timeout: float = 60) -> str:
        node = Path(sys.executable).with_name("node")
        result = subprocess.run(
            [node, *arguments],
            cwd=settings.BASE_DIR / "frontend",
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout
