"""The browser's side of topics on the real server, from one end to the other."""

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.soak.fuzz import BOARDS, run_beside
from tests.support.processes import ServerProcess

COUNT = 25
EVENTS = 20  # each fifth is rolled back


@pytest.mark.parametrize("server", ["daphne", "direct"])
def test_a_page_on_a_bad_line_gets_each_event_once(
    prepared_folder: Path, tmp_path: Path, node: Callable[..., str], server: str
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(prepared_folder, folder)
    process = ServerProcess(folder, server=server, variables=BOARDS)
    process.start()
    try:
        stage = json.loads(run_beside(process, "tests.realtime.client.stage"))
        topic = f"plan-board:{stage['plans'][0]['id']}"
        arguments = ["--name", "A", "--count", str(COUNT), topic]
        writing = threading.Thread(
            target=run_beside, args=(process, "tests.realtime.client.publish", *arguments)
        )
        writing.start()
        page = ["node_modules/vite-node/vite-node.mjs", "tests/topics/follow.ts", "--base", process.url]
        page += ["--session", stage["reader"]["session"], "--topic", topic, "--last", str(EVENTS)]
        found = json.loads(node(*page).splitlines()[-1])
        writing.join()
    finally:
        process.kill()
    assert found == {"why": "done", "numbers": list(range(1, EVENTS + 1)), "cuts": EVENTS // 4 - 1}
