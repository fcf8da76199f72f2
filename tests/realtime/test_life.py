"""The short form of `script/soak life`: a few people, sixty times as fast."""

import shutil
from pathlib import Path

from tests.soak import life
from tests.soak.life import Act, Sample, Visit, losses, memory_growth
from tests.support.processes import ServerProcess


def test_ordinary_life_loses_nothing(prepared_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(prepared_folder, folder)
    server = ServerProcess(folder, server="direct", variables={"METRICS_TOKEN": life.METRICS_TOKEN})
    server.start()
    try:
        report = life.run(
            server, minutes=0.2, people=12, plans=30, seed=4, pace=60, sample_seconds=3, say=print
        )
    finally:
        server.kill()
    assert report["problems"] == []
    assert report["acknowledged"] > 100
    assert report["openings"] > 12
    assert report["reloads"] > 0


def sample(rss_mb: float) -> Sample:
    return Sample(0, rss_mb, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def test_memory_is_compared_between_the_second_and_the_last_quarter() -> None:
    flat = [sample(50 + min(n, 10)) for n in range(40)]
    growing = [sample(50 + n) for n in range(40)]
    assert memory_growth(flat) == 0
    assert memory_growth(growing) == round(84.5 / 64.5 - 1, 4)
    assert memory_growth(growing[:10]) is None


def test_what_is_lost_comes_back_or_is_doubled_is_seen() -> None:
    acts = [Act(added=(0,)), Act(added=(1,)), Act(removed=(1,)), Act(added=(2,))]
    visit = Visit("plan", 7, acts, acknowledged=3)
    assert list(losses([visit], {"plan": [["7", "0"]]})) == []
    assert list(losses([visit], {"plan": [["7", "0"], ["7", "2"]]})) == []
    [lost] = losses([visit], {"plan": []})
    assert "lost" in lost
    [back] = losses([visit], {"plan": [["7", "0"], ["7", "1"]]})
    assert "came back" in back
    [doubled] = losses([visit], {"plan": [["7", "0"], ["7", "0"]]})
    assert "doubled" in doubled
