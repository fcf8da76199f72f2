"""The short form of `script/soak fuzz`, on the default server and on the fastest."""

import shutil
from pathlib import Path

import pytest

from tests.soak import fuzz
from tests.support.processes import ServerProcess


@pytest.mark.parametrize("server", ["daphne", "direct"])
async def test_hostile_frames_harm_nobody(prepared_folder: Path, tmp_path: Path, server: str) -> None:
    folder = tmp_path / "data"
    shutil.copytree(prepared_folder, folder)
    process = ServerProcess(folder, server=server, variables=fuzz.BOARDS)
    process.start()
    try:
        report = await fuzz.attack(process, frames=5_000, seed=2)
    finally:
        process.kill()
    assert report["problems"] == []
    assert report["frames"] > 3_000
    assert {"4400", "4401", "4420"} <= report["closed"].keys()
