"""Every person × state of the record × act, by hand; a refused act changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from foundation.ledger.models import Event
from foundation.notices.models import Notice
from foundation.records.form import Task
from foundation.records.kinds import Rights
from foundation.records.models import Record, RecordEdit, RecordRevision, RecordTask
from foundation.records.operations import reopen, sign
from tests.factories import make_teacher
from tests.records.conftest import World, person, text

STATES = ("untouched", "draft", "signed", "reopened")
ACTS = ("see", "download", "edit", "restore", "sign", "reopen", "see old", "tick")
HAS_OLD = {"signed", "reopened"}
MAY_WRITE = {"untouched", "draft", "reopened"}


@pytest.fixture
def people(world: World) -> dict[str, Any]:
    gone = make_teacher(name="离开的主持人", is_active=False)
    world.kind.who[gone.pk] = Rights(see=True, edit=True, sign=True)
    recorder = make_teacher(name="手写的记录人")
    world.kind.who[recorder.pk] = Rights(see=True)
    return {
        "host": world.host,
        "editor": world.writer,
        "recorder by hand": recorder,
        "reader": world.reader,
        "has a task": world.stranger,
        "stranger": make_teacher(),
        "account switched off": gone,
    }


def bring_to(world: World, state: str, recorder: Any) -> None:
    world.change(tasks=(Task("t-1", "借录播室", person(world.stranger)),))
    if state == "untouched":
        return
    world.write(world.host, "recorder", [{"recorder": {"user": recorder.pk}}])
    world.write(world.writer, "results", text("手写的", "results"))
    if state != "draft":
        sign(opened=world.opened(), seen=world.draft().digest)
    if state == "reopened":
        reopen(opened=world.opened(), because="漏了")


def expected(who: str, state: str, act: str) -> int:
    """The status of the answer; 302 is done (or said on the page), 200 shown, 403 refused, 404 not there."""
    writes, signs = {"host", "editor"}, {"host"}
    if state != "untouched":
        writes = writes | {"recorder by hand"}
    sees = {"host", "editor", "recorder by hand", "reader"}
    if who == "account switched off":
        return 302  # to the sign-in page
    if act == "tick":
        return 302 if who in {"host", "has a task"} and state in HAS_OLD else 404
    if who not in sees:
        return 404
    if act == "see old":
        return 200 if state in HAS_OLD else 404
    if act in {"see", "download"}:
        return 200
    if act in {"edit", "restore"}:
        return 302 if who in writes else 403
    return 302 if who in signs else 403


def done(who: str, state: str, act: str) -> bool:
    """Did it change something?"""
    if expected(who, state, act) != 302 or who == "account switched off":
        return False
    return {
        "edit": state in MAY_WRITE,
        "restore": state in {"draft", "reopened"},
        "sign": state in MAY_WRITE,
        "reopen": state == "signed",
        "tick": True,
    }[act]


@dataclass
class Try:
    browser: Client
    world: World

    def where(self, name: str, *more: Any) -> str:
        return reverse(name, args=["meeting", "first", *more])

    def see(self) -> Any:
        return self.browser.get(self.where("record"))

    def download(self) -> Any:
        return self.browser.get(self.where("record-document"))

    def see_old(self) -> Any:
        return self.browser.get(self.where("record-revision", 1))

    def edit(self) -> Any:
        found = self.world.draft().fields["reflection"].seen
        posted = {"reflection-reflection": "写的", "seen-reflection": found, "was-reflection": "x"}
        return self.browser.post(self.where("record-edit"), posted)

    def restore(self) -> Any:
        seen = self.world.draft().fields["results"].seen
        return self.browser.post(self.where("record-automatic", "results"), {"do": "restore", "seen": seen})

    def sign(self) -> Any:
        return self.browser.post(self.where("record-sign"), {"seen": self.world.draft().digest})

    def reopen(self) -> Any:
        return self.browser.post(self.where("record-reopen"), {"because": "漏了一个人"})

    def tick(self) -> Any:
        task = RecordTask.objects.first()
        return self.browser.post(reverse("record-task", args=[task.pk if task else 1]), {"done": "1"})


def everything() -> list[Any]:
    models: tuple[Any, ...] = (Record, RecordEdit, RecordRevision, RecordTask, Event, Notice)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", ACTS)
def test_everybody_in_every_state(world: World, people: dict[str, Any], state: str, act: str) -> None:
    bring_to(world, state, people["recorder by hand"])
    checked = 0
    for who, user in people.items():
        browser = Client()
        browser.force_login(user)
        attempt: Callable[[], Any] = getattr(Try(browser, world), act.replace(" ", "_"))
        before = everything()
        point = transaction.savepoint()
        answer = attempt()
        assert answer.status_code == expected(who, state, act), (who, state, act)
        assert (everything() != before) == done(who, state, act), (who, state, act)
        transaction.savepoint_rollback(point)
        checked += 1
    assert checked == len(people)


def test_the_acts_that_are_refused_say_why(world: World) -> None:
    browser = Client()
    browser.force_login(world.reader)
    attempt = Try(browser, world)
    assert "请主持人把你写成记录人" in attempt.edit().content.decode()
    assert "只有主持人能签字定稿和重开" in attempt.sign().content.decode()
