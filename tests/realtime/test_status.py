"""What an operator sees: figures that move with the work, readiness that tells the truth, logs without people."""

import asyncio
import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client as Browser
from prometheus_client.parser import text_string_to_metric_families

from realtime import rooms, status
from realtime.hub import hub
from realtime.kinds import Access
from realtime.protocol import Step, sync

from .followers import EVERYONE, BoardKind, beside, following, new_topic, pin
from .support import Client, InProcess, NoteKind, User, add_paragraph, new_document

TOKEN = "a-token-for-tests"


def samples() -> dict[str, float]:
    families = text_string_to_metric_families(status.exposition().decode())
    return {
        sample.name + "".join(sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.usefixtures("live")
async def test_the_figures_move_with_the_work(kind: NoteKind, board_kind: BoardKind) -> None:
    board_kind.labels = {1: EVERYONE}
    before = samples()
    kind.rights = {1: Access.WRITE, 2: Access.WRITE}
    document = new_document()
    anna, bo = await Client(User(1), document).open(), await Client(User(2), document).open()
    await anna.edit(lambda doc: add_paragraph(doc, "a", "甲"))
    await anna.saved()
    await bo.raw(sync(Step.UPDATE, b"\xff"))
    await bo.until(lambda: bo.closed is not None)
    page = await following(1, new_topic())
    await beside(pin, next(iter(page.cursors)), "甲")
    await page.until(lambda: list(page.events.values()) != [[]])
    after = samples()
    grown = {name: after[name] - before.get(name, 0) for name in after}
    assert grown["realtime_log_rows_total"] == 1
    assert grown["realtime_frames_total"] >= 2
    assert grown["realtime_commit_seconds_count"] >= 1
    assert grown["realtime_refused_totalMALFORMED"] == 1
    assert grown["realtime_topic_pages_total"] == grown["realtime_topic_events_total"] == 1
    assert after["realtime_topic_sockets"] == after["realtime_topics"] == 1
    assert after["realtime_rooms"] >= 1
    assert after["realtime_connections"] >= 1


@pytest.mark.usefixtures("live")
@pytest.mark.parametrize("way_in", ["consumer"], indirect=True)
async def test_a_process_that_cannot_store_is_not_ready_and_says_why(kind: NoteKind) -> None:
    assert status.troubles() == []
    hub().writer.failing = True
    assert status.troubles() == ["log cannot be written"]
    hub().writer.failing = False
    hub().draining = True
    assert status.troubles() == ["going down"]
    hub().draining = False


async def test_without_redis_a_process_says_so_and_does_its_work(
    transactional_db: None, settings: object, kind: NoteKind
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"  # type: ignore[attr-defined]
    kind.rights = {1: Access.WRITE}
    Client.socket_class = InProcess
    anna = await Client(User(1), new_document()).open()
    while not samples()["realtime_relay_down"]:
        await asyncio.sleep(0.01)
    assert status.troubles() == []
    await anna.edit(lambda doc: add_paragraph(doc, "a", "甲"))
    await anna.saved()
    await rooms.drain()


def test_ready_answers_503_with_the_reason(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Browser().get("/ready").json() == {"status": "ok"}
    monkeypatch.setattr(status, "troubles", lambda: ["log cannot be written"])
    answer = Browser().get("/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "log cannot be written"})


@pytest.mark.parametrize(
    ("token", "header", "expected"),
    [
        (TOKEN, f"Bearer {TOKEN}", 200),
        (TOKEN, "Bearer wrong", 404),
        (TOKEN, "", 404),
        ("", "Bearer ", 404),
    ],
)
def test_metrics_need_the_token(db: None, settings: object, token: str, header: str, expected: int) -> None:
    settings.METRICS_TOKEN = token  # type: ignore[attr-defined]
    answer = Browser().get("/metrics", headers={"Authorization": header})
    assert answer.status_code == expected
    assert (b"realtime_rooms" in answer.content) == (expected == 200)


@pytest.mark.usefixtures("live")
@pytest.mark.parametrize("way_in", ["consumer"], indirect=True)
async def test_logs_name_no_person(kind: NoteKind, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "realtime")
    kind.rights = {77123: Access.READ, 77124: Access.WRITE}
    document = new_document()
    reader, writer = await Client(User(77123), document).open(), await Client(User(77124), document).open()
    await reader.edit(lambda doc: add_paragraph(doc, "a", "甲"))
    await writer.raw(b"\xff")
    await writer.until(lambda: writer.closed is not None)
    text = "\n".join(record.getMessage() for record in caplog.records)
    assert document in text
    assert "7712" not in text
    assert "老师" not in text


def test_logs_can_be_json(tmp_path: Path) -> None:
    program = (
        "import django, logging; django.setup(); logging.getLogger('realtime.room').warning('一行 %s', 'x')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            "DJANGO_SETTINGS_MODULE": "prep_platform.settings",
            "DATA_DIR": str(tmp_path),
            "SECRET_KEY": "only-for-tests",
            "LOG_JSON": "1",
            "PYTHONPATH": ".",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    line = json.loads(done.stderr.strip().splitlines()[-1])
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "realtime.room", "一行 x")
