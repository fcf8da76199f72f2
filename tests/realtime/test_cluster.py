"""Two real processes on one PostgreSQL and one Redis serve the same plan; this test's own process is the third."""

import asyncio
import re
import socket
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pycrdt
import pytest
import pytest_asyncio
import redis
from django.conf import settings
from django.db import connection

from foundation.accounts.models import User
from lessons import operations
from lessons.content import plan_content
from lessons.document import read_state
from lessons.models import LessonPlan, PlanInvitation
from lessons.standard_templates import form
from prep_platform.running import pulse
from realtime import limits, relay, rooms, topic_kinds
from realtime.protocol import CloseCode
from tests.factories import make_plan, make_superuser, make_teacher
from tests.support.boards.kind import PlanBoard
from tests.support.browser import session_cookie
from tests.support.processes import ServerProcess, this_database
from tests.support.throwaway import Redis

from .followers import Follower, beside, pin
from .support import Client, SignedIn, add_paragraph, fragment, texts

pytestmark = pytest.mark.pg
Access = PlanInvitation.Access


# ---- the processes --------------------------------------------------------------------------------------------


SERVERS = "servers-under-test"  # how PostgreSQL knows their connections from those of this process


@pytest.fixture(scope="module")
def shared_redis() -> Iterator[Redis]:
    redis = Redis()
    yield redis
    redis.stop()


@pytest.fixture(scope="module")
def processes(
    django_db_setup: None, shared_redis: Redis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[ServerProcess]]:
    variables = {
        "DATABASE_URL": this_database(),
        "REDIS_URL": shared_redis.url,
        "DJANGO_SETTINGS_MODULE": "tests.support.board_settings",
        "PGAPPNAME": SERVERS,
    }
    made = [
        ServerProcess(tmp_path_factory.mktemp("process"), server=server, variables=variables)
        for server in ("daphne", "direct")
    ]
    for process in made:
        process.start()
    yield made
    for process in made:
        process.stop()


@pytest.fixture(autouse=True)
def _this_process_speaks_to_them(shared_redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(settings, "REDIS_URL", shared_redis.url)
    relay._blocking_client.cache_clear()
    yield
    relay._blocking_client.cache_clear()


# ---- the people -----------------------------------------------------------------------------------------------


@pytest.fixture
def town(transactional_db: None) -> User:
    return make_teacher(name="王秀兰")


@pytest.fixture
def village(transactional_db: None) -> User:
    return make_teacher(name="李国强")


@pytest.fixture
def plan(town: User, village: User) -> LessonPlan:
    plan = make_plan(town, title="圆的周长", content=plan_content(form("core"), header={"title": "圆的周长"}))
    operations.invite(actor=town, plan=plan, user=village, level=Access.WRITE)
    return plan


Enter = Callable[[User, ServerProcess], Any]


@pytest_asyncio.fixture
async def enter(plan: LessonPlan) -> AsyncIterator[Enter]:
    """`await enter(user, process)` is this person with the plan open, connected to that process."""
    here: list[Client] = []

    async def make(user: User, process: ServerProcess) -> Client:
        cookie = (await beside(session_cookie, user, process.url))["value"]
        client = Client(user, plan.document, socket=SignedIn(process.url, cookie, plan.document))
        here.append(client)
        return await client.open()

    yield make
    for client in here:
        await client.leave()


def line(text: str) -> Callable[[pycrdt.Doc], Any]:
    return lambda doc: add_paragraph(doc, text, text)


def type_into(key: str, text: str) -> Callable[[pycrdt.Doc], None]:
    """Append to the top-level paragraph with this id."""

    def change(doc: pycrdt.Doc) -> None:
        content = by_id(doc, key).children[0]
        content.insert(len(str(content).encode()), text)

    return change


def by_id(doc: pycrdt.Doc, key: str) -> Any:
    return next(child for child in fragment(doc).children if child.attributes.get("id") == key)


def remove(key: str) -> Callable[[pycrdt.Doc], None]:
    def change(doc: pycrdt.Doc) -> None:
        children = fragment(doc).children
        index = next(n for n, child in enumerate(children) if child.attributes.get("id") == key)
        del children[index]

    return change


# ---- what they see of each other ------------------------------------------------------------------------------


async def test_an_edit_in_one_process_reaches_the_other(
    enter: Enter, processes: list[ServerProcess], town: User, village: User
) -> None:
    anna, bo = await enter(town, processes[0]), await enter(village, processes[1])
    await anna.edit(line("城里写的"))
    await bo.until(lambda: "城里写的" in texts(bo.doc))
    await bo.edit(type_into("城里写的", "，村里接着写"))
    await anna.until(lambda: "城里写的，村里接着写" in texts(anna.doc))
    await asyncio.gather(anna.saved(), bo.saved())


async def test_who_is_here_is_known_in_both_and_who_leaves_is_gone(
    enter: Enter, processes: list[ServerProcess], town: User, village: User
) -> None:
    anna = await enter(town, processes[0])
    await anna.show(cursor=None)
    bo = await enter(village, processes[1])
    await bo.until(lambda: names(bo) == {"王秀兰"})
    await bo.show(cursor=None)
    await anna.until(lambda: names(anna) >= {"李国强"})
    await bo.leave()
    await anna.until(lambda: "李国强" not in names(anna))


async def test_a_change_too_large_for_a_message_is_read_from_the_log(
    enter: Enter, processes: list[ServerProcess], plan: LessonPlan, town: User
) -> None:
    anna = await enter(town, processes[0])
    text = "很长" * limits.RELAY_BYTES
    await beside(rooms.change, plan.document, line(text), actor_id=town.pk)
    await anna.until(lambda: text in texts(anna.doc), timeout=10)


def names(client: Client) -> set[str]:
    return {state["user"]["name"] for state in client.awareness.values() if state}


async def test_a_change_by_server_code_in_a_third_process_is_live_in_both(
    enter: Enter, processes: list[ServerProcess], plan: LessonPlan, town: User, village: User
) -> None:
    anna, bo = await enter(town, processes[0]), await enter(village, processes[1])
    await beside(rooms.change, plan.document, line("服务器写的"), actor_id=town.pk)
    await anna.until(lambda: "服务器写的" in texts(anna.doc))
    await bo.until(lambda: "服务器写的" in texts(bo.doc))


# ---- rights ---------------------------------------------------------------------------------------------------


async def test_a_right_taken_in_a_third_process_closes_the_socket_within_a_second(
    enter: Enter, processes: list[ServerProcess], plan: LessonPlan, town: User, village: User
) -> None:
    sockets = [await enter(village, process) for process in processes]
    anna = await enter(town, processes[0])
    invitation = await PlanInvitation.objects.aget(plan=plan, user=village)
    await beside(operations.withdraw, actor=town, plan=plan, invitation=invitation)
    for client in sockets:
        await client.until(lambda client=client: client.closed is not None, timeout=1)
        assert client.closed == CloseCode.ACCESS_CHANGED
    again = await enter(village, processes[1])
    assert again.closed == CloseCode.NO_DOCUMENT
    await anna.edit(line("照常写"))
    await anna.saved()


async def test_rights_are_judged_again_while_redis_is_away(
    enter: Enter,
    processes: list[ServerProcess],
    shared_redis: Redis,
    plan: LessonPlan,
    town: User,
    village: User,
) -> None:
    bo = await enter(village, processes[1])
    shared_redis.kill()
    try:
        await beside(operations.invite, actor=town, plan=plan, user=village, level=Access.READ)
        await bo.until(lambda: bo.closed is not None, timeout=10)
        assert bo.closed == CloseCode.ACCESS_CHANGED
        again = await enter(village, processes[1])
        assert again.status["access"] == "read"
    finally:
        shared_redis.start()


# ---- what goes wrong ------------------------------------------------------------------------------------------


async def test_while_redis_is_away_edits_are_found_in_the_log(
    enter: Enter, processes: list[ServerProcess], shared_redis: Redis, town: User, village: User
) -> None:
    anna, bo = await enter(town, processes[0]), await enter(village, processes[1])
    shared_redis.kill()
    try:
        await anna.edit(line("没有 Redis"))
        await bo.until(lambda: "没有 Redis" in texts(bo.doc), timeout=10)
        await bo.edit(type_into("没有 Redis", "也能写"))
        await anna.until(lambda: "没有 Redis也能写" in texts(anna.doc), timeout=10)
    finally:
        shared_redis.start()
    await anna.edit(line("又来了"))
    await bo.until(lambda: "又来了" in texts(bo.doc), timeout=10)


async def test_text_typed_into_what_another_process_removes_comes_back_once(
    enter: Enter,
    processes: list[ServerProcess],
    shared_redis: Redis,
    plan: LessonPlan,
    town: User,
    village: User,
) -> None:
    anna, bo = await enter(town, processes[0]), await enter(village, processes[1])
    await anna.edit(line("甲"))
    await bo.until(lambda: "甲" in texts(bo.doc))
    # neither hears of the other before both are stored
    shared_redis.kill()
    try:
        await asyncio.gather(anna.edit(remove("甲")), bo.edit(type_into("甲", "别丢我")))
        await asyncio.gather(anna.saved(), bo.saved())
    finally:
        shared_redis.start()
    for client in (anna, bo):
        await client.until(lambda client=client: "别丢我" in texts(client.doc), timeout=15)
    await anna.edit(line("后来"))
    await bo.until(lambda: "后来" in texts(bo.doc), timeout=10)
    assert texts(anna.doc) == texts(bo.doc)
    assert "".join(texts(anna.doc)).count("别丢我") == 1
    state = (await beside(rooms.state, plan.document)).state
    assert str(read_state(state)).count("别丢我") == 1


async def test_a_process_that_is_killed_takes_nothing_with_it(
    enter: Enter, processes: list[ServerProcess], town: User, village: User
) -> None:
    anna, bo = await enter(town, processes[0]), await enter(village, processes[1])
    for number in range(20):
        await anna.edit(line(f"第{number}句"))
    await anna.saved()
    await asyncio.to_thread(processes[0].kill)
    try:
        await bo.until(lambda: {f"第{number}句" for number in range(20)} <= set(texts(bo.doc)), timeout=10)
        again = await enter(town, processes[1])
        assert texts(again.doc) == texts(bo.doc)
    finally:
        await asyncio.to_thread(processes[0].start)


# ---- topics ---------------------------------------------------------------------------------------------------


@pytest.fixture
def board(plan: LessonPlan) -> str:
    topic_kinds.register(PlanBoard())
    return f"{PlanBoard.name}:{plan.pk}"


class Places:
    """Lets people follow the plan's board, with the plan open or without, connected to this process or that."""

    def __init__(self, board: str, document: str) -> None:
        self.board, self.document = board, document
        self.here: list[Follower] = []

    async def line(self, user: User, process: ServerProcess, *, with_plan: bool = False) -> SignedIn:
        cookie = (await beside(session_cookie, user, process.url))["value"]
        return SignedIn(process.url, cookie, self.document if with_plan else "")

    async def follow(self, user: User, process: ServerProcess, *, with_plan: bool = False) -> Follower:
        page = Follower(None, socket=await self.line(user, process, with_plan=with_plan))
        self.here.append(await page.open())
        await page.follow(self.board, 0)
        return await page.up_to_date(self.board)


@pytest_asyncio.fixture
async def places(board: str, plan: LessonPlan) -> AsyncIterator[Places]:
    made = Places(board, plan.document)
    yield made
    for page in made.here:
        await page.leave()


async def test_events_of_a_third_process_reach_those_whom_they_concern_in_both(
    places: Places, board: str, processes: list[ServerProcess], plan: LessonPlan, town: User
) -> None:
    reader = await beside(make_teacher, name="孙玉梅")
    await beside(operations.invite, actor=town, plan=plan, user=reader, level=Access.READ)
    writers = [await places.follow(town, process, with_plan=n == 0) for n, process in enumerate(processes)]
    readers = [await places.follow(reader, process, with_plan=n == 1) for n, process in enumerate(processes)]
    for number in range(5):
        await beside(pin, board, f"写 {number}", audience="writers")
        await beside(pin, board, f"读 {number}")
    for page in writers:
        await page.until(lambda page=page: len(page.names(board)) == 10)
    for page in readers:
        await page.until(lambda page=page: page.names(board) == [f"读 {number}" for number in range(5)])


async def test_who_lost_the_right_gets_no_event_from_any_process_a_second_later(
    places: Places, board: str, processes: list[ServerProcess], plan: LessonPlan, town: User, village: User
) -> None:
    anna = await places.follow(town, processes[0])
    pages = [await places.follow(village, process) for process in processes]
    invitation = await PlanInvitation.objects.aget(plan=plan, user=village)
    await beside(operations.withdraw, actor=town, plan=plan, invitation=invitation)
    await beside(pin, board, "秘密")
    for page in pages:
        await page.until(lambda page=page: page.refused, timeout=1)
        assert page.names(board) == []
        assert page.closed is None
    await anna.until(lambda: anna.names(board) == ["秘密"])


async def test_while_redis_is_away_events_are_found_and_none_is_lost_or_repeated(
    places: Places, board: str, processes: list[ServerProcess], shared_redis: Redis, town: User, village: User
) -> None:
    pages = [
        await places.follow(user, process) for user, process in zip((town, village), processes, strict=True)
    ]

    async def all_have(count: int) -> None:
        for page in pages:
            await page.until(lambda page=page: page.names(board) == list(range(count)), timeout=15)

    await beside(pin, board, 0)
    await all_have(1)
    shared_redis.kill()
    try:
        await beside(pin, board, 1, 2)
        await all_have(3)
    finally:
        shared_redis.start()
    for number in range(3, 30):
        await beside(pin, board, number)
    await all_have(30)


async def test_topics_are_judged_again_while_redis_is_away(
    places: Places,
    board: str,
    processes: list[ServerProcess],
    shared_redis: Redis,
    plan: LessonPlan,
    town: User,
    village: User,
) -> None:
    page = await places.follow(village, processes[1])
    invitation = await PlanInvitation.objects.aget(plan=plan, user=village)
    shared_redis.kill()
    try:
        await beside(operations.withdraw, actor=town, plan=plan, invitation=invitation)
        await page.until(lambda: page.refused, timeout=10)
        assert page.refused == {board: "no-right"}
    finally:
        shared_redis.start()


async def test_after_a_process_was_killed_its_people_go_on_with_another(
    places: Places, board: str, processes: list[ServerProcess], town: User
) -> None:
    page = await places.follow(town, processes[0])
    await beside(pin, board, *range(10))
    await page.until(lambda: page.cursors[board] == 10)
    await asyncio.to_thread(processes[0].kill)
    try:
        await beside(pin, board, *range(10, 20))
        await page.until(lambda: page.closed is not None)
        page.socket = await places.line(town, processes[1])
        page.closed = None
        await page.open()
        await page.follow(board)
        await page.until(lambda: page.names(board) == list(range(20)))
    finally:
        await asyncio.to_thread(processes[0].start)


def set_read_only(value: str) -> None:
    """As an operator does it, for this database alone: other tests use the same server. The servers have to connect
    anew to notice."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")
        cursor.execute("SELECT current_database()")
        [name] = cursor.fetchone()
        cursor.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}')
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = %s",
            [SERVERS],
        )
    connection.close()


def ready(process: ServerProcess) -> bool:
    try:
        urllib.request.urlopen(f"{process.url}/ready", timeout=20).close()
    except urllib.error.HTTPError:
        return False
    return True


async def until_ready(process: ServerProcess, wanted: bool) -> None:
    while await asyncio.to_thread(ready, process) != wanted:
        await asyncio.sleep(0.05)


async def test_while_postgresql_only_reads_nothing_is_acknowledged_and_nobody_is_sent_away(
    enter: Enter, processes: list[ServerProcess], plan: LessonPlan, town: User, village: User
) -> None:
    anna, bo = await enter(town, processes[0]), await enter(village, processes[1])
    await anna.edit(line("之前"))
    await asyncio.gather(anna.saved(), bo.until(lambda: "之前" in texts(bo.doc)))
    process = processes[0]
    cookie = (await beside(session_cookie, village, process.url))["value"]
    await beside(set_read_only, "on")
    try:
        await anna.edit(line("只读时写的"))
        await asyncio.wait_for(until_ready(process, False), 30)
        socket = SignedIn(process.url, cookie, plan.document)
        newcomer = await Client(village, plan.document, socket=socket).open()
        assert newcomer.closed is None
        assert "之前" in texts(newcomer.doc)
        assert "只读时写的" not in texts(newcomer.doc)
        assert anna.closed is None
        assert anna.durable < anna.sent
    finally:
        await beside(set_read_only, "off")
    await anna.until(lambda: anna.durable == anna.sent, timeout=20)
    await bo.until(lambda: "只读时写的" in texts(bo.doc), timeout=20)
    await asyncio.wait_for(until_ready(process, True), 30)
    assert bo.closed is None
    await newcomer.leave()


# ---- what an operator sees ------------------------------------------------------------------------------------


async def test_one_page_shows_every_process_with_its_own_figures(
    enter: Enter, processes: list[ServerProcess], town: User, village: User
) -> None:
    operator = await beside(partial(make_superuser, name="欧阳"))
    anna, bo = await enter(town, processes[0]), await enter(village, processes[1])
    await anna.edit(line("甲"))
    await anna.saved()
    names = [f"{socket.gethostname()}:{process.port}" for process in processes]
    for process in processes:
        cookie = (await beside(session_cookie, operator, process.url))["value"]
        page = await until_page(process, cookie, lambda text: all(name in text for name in names))
        assert "数据库回答" in page
        assert "Redis 回答" in page
        assert ">没有回答" not in page
        connected = cells(page, "连接")
        assert set(connected) == set(names)
    assert (connected[names[1]], bo.closed) == (
        "1",
        None,
    )  # of its own process nothing is older than the question


async def test_a_process_that_stops_leaves_the_page_and_one_that_is_killed_stays_as_silent(
    processes: list[ServerProcess], transactional_db: None, shared_redis: Redis, tmp_path: Path
) -> None:
    operator = await beside(make_superuser)
    cookie = (await beside(session_cookie, operator, processes[0].url))["value"]
    third = ServerProcess(tmp_path, variables=processes[0].variables)
    name = f"{socket.gethostname()}:{third.port}"

    await beside(third.start)
    await until_page(processes[0], cookie, lambda text: name in text)
    await beside(third.stop)
    assert name not in await beside(page_of, processes[0], cookie)

    await beside(third.start)
    await until_page(processes[0], cookie, lambda text: name in text)
    await beside(third.kill)
    client = shared_redis_client(shared_redis)
    client.expire(f"running:{name}", pulse.KEPT_SECONDS - 120)  # as if two minutes had passed
    text = await beside(page_of, processes[0], cookie)
    assert f"{name} 的“状态”：2 分钟没有消息。" in text
    client.delete(f"running:{name}")
    assert name not in await beside(page_of, processes[0], cookie)


def shared_redis_client(shared: Redis) -> Any:
    return redis.from_url(shared.url)


def page_of(process: ServerProcess, cookie: str) -> str:
    headers = {"Cookie": f"sessionid={cookie}", "HX-Request": "true"}
    request = urllib.request.Request(f"{process.url}/running/", headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.read().decode())


async def until_page(process: ServerProcess, cookie: str, holds: Callable[[str], bool]) -> str:
    async with asyncio.timeout(120):
        while not holds(text := await beside(page_of, process, cookie)):
            await asyncio.sleep(0.2)
    return text


def cells(page: str, name: str) -> dict[str, str]:
    """What stands in the row of this figure, by process."""
    row = page.split(f"<b>{name}</b>", 1)[1].split("</tr>", 1)[0]
    return dict(re.findall(r'class="whose"[^>]*>([^<]+)</span><span class="num value">([^<]+)<', row))
