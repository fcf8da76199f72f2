"""The disk is full: the real server on a disk of its own goes on, tells the truth, and stores everything afterwards."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.disk import SmallDisk, server_on
from tests.support.processes import ServerProcess, run_python

from .support import Client, SignedIn, add_paragraph, texts

TOKEN = "for-this-test"


@pytest.fixture
def server(request: pytest.FixtureRequest, disk: SmallDisk, prepared_folder: Path) -> Iterator[ServerProcess]:
    """With everything on the small disk, its log too."""
    server = server_on(disk, prepared_folder, server=request.param, METRICS_TOKEN=TOKEN)
    server.start()
    yield server
    server.kill()


on_each = pytest.mark.parametrize("server", ["daphne", "direct"], indirect=True)
on_the_default = pytest.mark.parametrize("server", ["daphne"], indirect=True)


def fetch(server: ServerProcess, path: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(server.url + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def ready(server: ServerProcess) -> tuple[int, dict[str, str]]:
    status, body = fetch(server, "/ready")
    return status, json.loads(body)


async def until_not_ready(server: ServerProcess, client: Client) -> int:
    """Somebody writes on until the log cannot take it; the number of edits."""
    number = 0
    while (await asyncio.to_thread(ready, server))[0] == 200:
        number += 1
        await client.edit(lambda doc, number=number: add_paragraph(doc, f"f{number}", f"第{number}段" * 2000))
        await asyncio.sleep(0.05)
    return number


@on_each
async def test_on_a_full_disk_everybody_is_told_the_truth_and_nothing_is_lost(
    disk: SmallDisk, server: ServerProcess
) -> None:
    scene = json.loads(run_python(server.folder, "-m", "tests.realtime.client.stage", "--plans", "2"))
    document = f"lesson-plan:{scene['plans'][0]['id']}"
    [anna, bo], reader = scene["writers"], scene["reader"]

    def client(person: dict[str, Any], name: str = document) -> Client:
        return Client(None, name, socket=SignedIn(server.url, person["session"], name))

    writer, other = await client(anna).open(), await client(bo).open()
    await writer.edit(lambda doc: add_paragraph(doc, "before", "之前"))
    await writer.saved()

    disk.fill()
    edits = await until_not_ready(server, writer)

    # who watches is told
    assert await asyncio.to_thread(ready, server) == (503, {"status": "log cannot be written"})
    _, figures = await asyncio.to_thread(fetch, server, "/metrics", Authorization=f"Bearer {TOKEN}")
    assert "realtime_log_failing 1.0" in figures
    assert (await asyncio.to_thread(fetch, server, "/health"))[0] == 200

    # who writes is not told "saved", may go on, and is not sent away; nobody sees what is not stored
    await other.edit(lambda doc: add_paragraph(doc, "other", "乙也写"))
    newcomer = await client(bo).open()
    assert newcomer.closed is None
    assert newcomer.status is not None
    assert newcomer.status["access"] == "write"
    assert "之前" in texts(newcomer.doc)
    assert "乙也写" not in texts(newcomer.doc)
    assert not other.closed and other.durable < other.sent
    assert not writer.closed and writer.durable < writer.sent

    # reading goes on: the page, the lists
    cookie = f"sessionid={reader['session']}"
    for path in ("/", "/plans/", f"/plans/{scene['plans'][0]['id']}/"):
        status, _ = await asyncio.to_thread(fetch, server, path, Cookie=cookie)
        assert status == 200, path

    # a plan that nobody ever had open has no first row yet: come back
    unopened = await client(bo, f"lesson-plan:{scene['plans'][1]['id']}").open()
    assert unopened.closed == 4503

    disk.make_space()
    for one in (writer, other):
        await one.until(lambda one=one: one.durable == one.sent, timeout=30)
    assert (await asyncio.to_thread(ready, server))[0] == 200
    fresh = await client(reader).open()
    found = texts(fresh.doc)
    assert {"之前", "乙也写"} | {f"第{number}段" * 2000 for number in range(1, edits + 1)} <= set(found)
    for one in (writer, other, newcomer, fresh):
        await one.leave()


@on_the_default
async def test_a_server_stops_on_a_full_disk_and_nothing_acknowledged_is_lost(
    disk: SmallDisk, server: ServerProcess
) -> None:
    scene = json.loads(run_python(server.folder, "-m", "tests.realtime.client.stage"))
    document = f"lesson-plan:{scene['plans'][0]['id']}"
    line = SignedIn(server.url, scene["writers"][0]["session"], document)
    writer = await Client(None, document, socket=line).open()
    await writer.edit(lambda doc: add_paragraph(doc, "before", "之前"))
    await writer.saved()
    disk.fill()
    await until_not_ready(server, writer)
    assert await asyncio.to_thread(server.stop) == 0
    await writer.until(lambda: writer.closed is not None)
    assert writer.closed == 4503

    disk.make_space()
    await asyncio.to_thread(server.start)
    line = SignedIn(server.url, scene["writers"][0]["session"], document)
    again = Client(None, document, socket=line)
    again.doc = writer.doc  # the page's copy
    await again.open()
    await again.until(lambda: again.sent > 0 and again.durable == again.sent)
    fresh = await Client(
        None, document, socket=SignedIn(server.url, scene["reader"]["session"], document)
    ).open()
    assert set(texts(writer.doc)) <= set(texts(fresh.doc))
    for one in (again, fresh):
        await one.leave()
