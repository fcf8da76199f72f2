"""Rights in motion: whoever lost one gets no further event."""

import asyncio
import threading
from typing import Any

import pytest

from realtime import access, rooms, topic_log
from realtime.hub import hub
from realtime.kinds import Access
from realtime.protocol import CloseCode

from .followers import EVERYONE, BoardKind, Follower, beside, following, new_topic, pin
from .support import Anonymous, Client, NoteKind, User, new_document

live = pytest.mark.usefixtures("live")


# ---- rights in motion ---------------------------------------------------------------------------------------


@live
async def test_a_right_that_was_lost_ends_the_topic_at_once(board_kind: BoardKind) -> None:
    board_kind.labels = {1: EVERYONE, 2: EVERYONE}
    topic = new_topic()
    anna, bo = await following(1, topic), await following(2, topic)
    board_kind.labels.pop(2)
    await asyncio.to_thread(access.changed, new_document(), [2])
    await beside(pin, topic, "秘密")
    await anna.until(lambda: anna.names(topic) == ["秘密"])
    await bo.until(lambda: bo.refused)
    assert bo.names(topic) == []
    assert bo.closed is None
    assert anna.refused == {}


@live
async def test_a_right_lost_while_it_is_judged_is_lost(
    board_kind: BoardKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    board_kind.labels = {1: EVERYONE}
    topic = new_topic()
    await beside(pin, topic, "甲")
    judged, go_on = threading.Event(), threading.Event()
    real = topic_log.read

    def read(*args: Any) -> Any:
        judged.set()
        assert go_on.wait(5)
        return real(*args)

    monkeypatch.setattr(topic_log, "read", read)
    page = await Follower(User(1)).open()
    await page.follow(topic, 0)
    await asyncio.to_thread(judged.wait, 5)
    board_kind.labels.clear()
    await asyncio.to_thread(access.changed, topic, [1])
    go_on.set()
    await page.up_to_date(topic)
    assert page.refused == {topic: "no-right"}
    assert page.names(topic) == []


@live
async def test_a_label_that_came_or_went_holds_for_what_follows(board_kind: BoardKind) -> None:
    board_kind.labels = {1: EVERYONE}
    topic = new_topic()
    page = await following(1, topic)
    for number, labels in enumerate([{"hosts"}, set(), {"hosts", "others"}]):
        board_kind.labels[1] = frozenset(labels)
        await asyncio.to_thread(access.changed, topic, [1])
        await beside(pin, topic, f"为主持人 {number}", audience="hosts")
        await beside(pin, topic, f"为大家 {number}")
        await page.until(lambda number=number: f"为大家 {number}" in page.names(topic))
    assert page.names(topic) == ["为主持人 0", "为大家 0", "为大家 1", "为主持人 2", "为大家 2"]


@live
async def test_a_change_for_everyone_judges_what_is_followed_under_the_same_id(
    kind: NoteKind, board_kind: BoardKind
) -> None:
    kind.rights, board_kind.labels = {1: Access.WRITE}, {1: EVERYONE, 2: EVERYONE}
    topic, elsewhere = new_topic(), new_topic()
    document = topic.replace("board:", "note:")
    anna = await Client(User(1), document).open()
    bo = await following(2, topic)
    await bo.follow(elsewhere, 0)
    await bo.up_to_date(elsewhere)
    board_kind.judged.clear()
    board_kind.labels.pop(2)
    await asyncio.to_thread(access.changed, document, None)
    await bo.until(lambda: bo.refused == {topic: "no-right"})
    assert set(board_kind.judged) == {topic}
    await anna.until(lambda: anna.closed == CloseCode.ACCESS_CHANGED)


@live
async def test_a_topic_can_be_judged_without_closing_a_document(
    kind: NoteKind, board_kind: BoardKind
) -> None:
    kind.rights, board_kind.labels = {1: Access.WRITE}, {1: EVERYONE}
    topic, document = new_topic(), new_document()
    page = await Follower(User(1), f"/ws/docs/{document.replace(':', '/')}").open()
    await page.follow(topic, 0)
    await page.up_to_date(topic)
    board_kind.labels.clear()
    await asyncio.to_thread(access.changed, topic, None)
    await page.until(lambda: page.refused == {topic: "no-right"})
    assert page.closed is None


@live
async def test_a_person_who_is_closed_out_loses_the_sockets_for_topics_too(board_kind: BoardKind) -> None:
    board_kind.labels = {1: EVERYONE, 2: EVERYONE}
    topic = new_topic()
    anna, bo = await following(1, topic), await following(2, topic)
    await asyncio.to_thread(access.person_changed, 2)
    await bo.until(lambda: bo.closed is not None)
    assert bo.closed == CloseCode.ACCESS_CHANGED
    await beside(pin, topic, "甲")
    await anna.until(lambda: anna.names(topic) == ["甲"])


@live
async def test_rights_that_end_by_the_calendar_are_noticed(board_kind: BoardKind) -> None:
    board_kind.labels = {1: EVERYONE, 2: frozenset({"hosts"})}
    topic = new_topic()
    anna, bo = await following(1, topic), await following(2, topic)
    board_kind.labels = {1: EVERYONE, 2: EVERYONE}
    await hub().judge_again()
    await beside(pin, topic, "为主持人", audience="hosts")
    await beside(pin, topic, "为大家")
    for page in (anna, bo):
        await page.until(lambda page=page: page.names(topic) == ["为大家"])
    board_kind.labels = {2: EVERYONE}
    await hub().judge_again()
    await anna.until(lambda: anna.refused)
    assert bo.refused == {}


@live
@pytest.mark.parametrize("way_in", ["consumer"], indirect=True)
async def test_an_expired_session_ends_the_socket(board_kind: BoardKind) -> None:
    from django.contrib.sessions.backends.db import SessionStore

    board_kind.labels = {1: EVERYONE}
    topic = new_topic()
    sessions = [SessionStore(), SessionStore()]
    pages = []
    for session in sessions:
        await beside(session.save)
        page = Follower(User(1))
        page.socket._communicator.scope["session_key"] = session.session_key
        await page.open()
        await page.follow(topic, 0)
        pages.append(await page.up_to_date(topic))
    await hub().judge_again()
    await beside(sessions[0].delete)
    await hub().judge_again()
    await pages[0].until(lambda: pages[0].closed is not None)
    assert pages[0].closed == CloseCode.NOT_SIGNED_IN
    await beside(pin, topic, "甲")
    await pages[1].until(lambda: pages[1].names(topic) == ["甲"])


@live
async def test_without_signing_in_there_are_no_topics(board_kind: BoardKind) -> None:
    page = await Follower(Anonymous()).open()
    await page.until(lambda: page.closed is not None)
    assert page.closed == CloseCode.NOT_SIGNED_IN


@live
async def test_a_drain_tells_everyone_to_come_back(board_kind: BoardKind) -> None:
    board_kind.labels = {1: EVERYONE}
    page = await following(1, new_topic())
    await rooms.drain()
    await page.until(lambda: page.closed is not None)
    assert page.closed == CloseCode.RESTART
