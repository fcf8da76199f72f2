"""A small disk that can be filled: a file system of its own in memory, which only root may mount."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from tests.support.processes import ServerProcess


class SmallDisk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Until not a byte more can be written."""
        with self._filler.open("ab", buffering=0) as filler:
            for size in (65536, 512, 1):
                with contextlib.suppress(OSError):
                    while True:
                        filler.write(bytes(size))

    def make_space(self) -> None:
        self._filler.unlink()


@contextlib.contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[SmallDisk]:
    """Mounted at a folder; the test is skipped where that is not permitted."""
    folder.mkdir()
    options = f"size={megabytes}m,mode=755"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small disk has to be mounted, which needs root")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def server_on(disk: SmallDisk, prepared: Path, *, server: str = "daphne", **variables: str) -> ServerProcess:
    """A server whose data folder, log and all, is on the disk; not started yet."""
    folder = disk.folder / "data"
    shutil.copytree(prepared, folder)
    return ServerProcess(folder, server=server, variables=variables)


def megabytes_of(folder: Path) -> int:
    return sum(path.lstat().st_blocks for path in folder.rglob("*")) * 512 // 2**20 + 1


@contextlib.contextmanager
def writes_fail() -> Iterator[None]:
    """In this process: the database can be read, and takes nothing."""

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            raise OperationalError("database or disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield
