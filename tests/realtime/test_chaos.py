"""The short form of `script/soak chaos`: one round of each kind of failure."""

import pytest

from tests.soak import chaos
from tests.support.cluster import Cluster

pytestmark = pytest.mark.pg


async def test_nothing_is_lost_when_processes_redis_postgresql_or_lines_fail() -> None:
    with Cluster(demo=False) as cluster:
        report = await chaos.run(cluster, rounds=len(chaos.FAULTS), people=9, seed=3, say=print)
    assert report.problems == []
    assert report.rounds == len(chaos.FAULTS)
    assert report.edits > 100
