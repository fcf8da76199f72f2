"""The platform as deploy/ runs it: processes behind nginx, from script/cluster's own parts."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.realtime.support import Client, SignedIn, add_paragraph, texts
from tests.support.cluster import Cluster
from tests.support.processes import BASE, ServerProcess

pytestmark = pytest.mark.pg


def stage(cluster: Cluster) -> dict[str, Any]:
    process = ServerProcess(cluster.folder / "data", variables=cluster.variables)
    command = [sys.executable, "-m", "tests.realtime.client.stage"]
    done = subprocess.run(command, cwd=BASE, env=process.environment(), check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


async def test_behind_the_proxy_any_process_serves_a_plan_and_one_may_die() -> None:
    with Cluster(demo=False) as cluster:
        scene = stage(cluster)
        document = f"lesson-plan:{scene['plans'][0]['id']}"

        async def enter(writer: dict[str, Any]) -> Client:
            socket = SignedIn(cluster.url, writer["session"], document)
            return await Client(None, document, socket=socket).open()

        first, second = [await enter(writer) for writer in scene["writers"]]
        await first.edit(lambda doc: add_paragraph(doc, "a", "经过代理"))
        await second.until(lambda: "经过代理" in texts(second.doc))
        cluster.processes[0].kill()
        ended = [client for client in (first, second) if await closes(client)]
        assert len(ended) == 1  # they were on different processes
        for writer in scene["writers"]:
            again = await enter(writer)
            assert "经过代理" in texts(again.doc)
            await again.edit(lambda doc, name=writer["name"]: add_paragraph(doc, name, name))
            await again.saved()


async def closes(client: Client) -> bool:
    try:
        await client.until(lambda: client.closed is not None, timeout=2)
    except TimeoutError:
        return False
    return True
