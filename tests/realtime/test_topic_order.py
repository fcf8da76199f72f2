"""Whoever publishes, from however many threads and processes: one order, no gap, and what is seen stays seen."""

import asyncio
import json
import os
import random
import subprocess
import sys
import uuid
from typing import Any

import pytest
from django.conf import settings

from realtime import topic_kinds, topic_log
from realtime.models import TopicCounter, TopicEvent
from tests.support.boards.kind import PlanBoard
from tests.support.processes import BASE, this_database

from .client.publish import publish_at_random
from .followers import beside

COUNT = 40
NAMES = "ABC"


@pytest.fixture
def some(transactional_db: None) -> list[str]:
    topic_kinds.register(PlanBoard())
    return [f"plan-board:{uuid.uuid4()}" for _ in range(3)]


async def watch(topic: str, writing: "asyncio.Future[Any]") -> list[int]:
    """The numbers that someone sees who reads on from the last one seen, again and again."""
    seen: list[int] = []
    finished = False
    while not finished:
        finished = writing.done()
        page = await beside(topic_log.read, topic, seen[-1] if seen else 0, None)
        seen += [event.number for event in page.events]
        assert page.newest == page.through
    return seen


def check(some: list[str], seen: list[list[int]]) -> None:
    assert TopicEvent.objects.count() > len(NAMES) * COUNT
    for topic, numbers in zip(some, seen, strict=True):
        rows = list(TopicEvent.objects.filter(topic=topic).order_by("number"))
        assert [row.number for row in rows] == numbers == list(range(1, len(rows) + 1))
        assert TopicCounter.objects.get(pk=topic).newest == len(rows)
        for name in NAMES:
            own = [json.loads(row.data)["n"] for row in rows if json.loads(row.data)["name"] == name]
            assert own == sorted(own)
            assert not any(number % 5 == 4 for number in own)


async def test_threads_publish_in_one_order_without_a_gap(some: list[str]) -> None:
    writing = asyncio.gather(
        *(beside(publish_at_random, random.Random(name), some, name, COUNT) for name in NAMES)
    )
    seen = await asyncio.gather(*(watch(topic, writing) for topic in some))
    await writing
    await beside(check, some, seen)


async def test_processes_publish_in_one_order_without_a_gap(some: list[str]) -> None:
    writing = asyncio.gather(*(asyncio.to_thread(publish_in_a_process, name, some) for name in NAMES))
    seen = await asyncio.gather(*(watch(topic, writing) for topic in some))
    await writing
    await beside(check, some, seen)


def publish_in_a_process(name: str, some: list[str]) -> None:
    command = ["-m", "tests.realtime.client.publish", "--name", name, "--count", str(COUNT), *some]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.support.board_settings",
        "DATABASE_URL": this_database(),
        "DATA_DIR": str(settings.DATA_DIR),
    }
    done = subprocess.run(
        [sys.executable, *command], cwd=BASE, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
