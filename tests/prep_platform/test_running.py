"""运行状况: who may see it, that its figures are true, what it says when something is bad, and how little it asks."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from redis.exceptions import ConnectionError as RedisAway

from foundation.accounts.models import User
from prep_platform.running import common, jobs, report
from prep_platform.running.counts import Spread, percentile
from prep_platform.running.jobs import Failure, Jobs
from prep_platform.running.lines import line
from prep_platform.running.measures import GIGABYTE, MEASURES, Level
from prep_platform.running.page import Page, judge
from prep_platform.running.pulse import Everyone, Seen
from prep_platform.running.report import POINTS, History, Report, read
from realtime import metrics
from teaching_centres.models import RosterImport
from teaching_centres.policies import may_watch_platform
from teaching_centres.roles import VERBS, Role, UnitKind
from teaching_centres.roster.jobs import UNEXPECTED
from teaching_centres.roster.unfinished import unfinished
from tests.factories import make_member, make_region_tree, make_superuser, make_user

STARTS = re.compile(r"^@on_startup\(\)\n(?:@.*\n)*def (\w+)", re.MULTILINE)
GOOD = Report(
    name="甲:8001",
    version="1",
    started=time.time() - 3600,
    database_seconds=0.001,
    redis_seconds=0.001,
    memory=300_000_000,
    machine_free=4 * GIGABYTE,
    machine_memory=8 * GIGABYTE,
    disk_free=50 * GIGABYTE,
    disk_size=100 * GIGABYTE,
)
STUCK = timedelta(seconds=common.IMPORT_STUCK_SECONDS)
QUIET = Jobs(waiting=0, scheduled=0, seen_seconds=20, failures=[])


@pytest.fixture(autouse=True)
def _no_job_has_failed() -> Iterator[None]:
    yield
    for key in (jobs.FAILURES, jobs.SEEN):
        HUEY.get(key)


def of(*processes: Report | Seen, redis: bool | None = True, work: Jobs = QUIET) -> Page:
    seen = [one if isinstance(one, Seen) else Seen(one) for one in processes]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "jobs", lambda: work)
        patch.setattr(report.history(), "started", time.time() - 3600)
        return judge(Everyone(seen, "甲:8001", redis), common.common())


# ---- who may see it ------------------------------------------------------------------------------------
UNITS = ["school", "county", "prefecture", "province"]
HELD = [
    (role, unit)
    for role in Role
    for unit in UNITS
    if (role, UnitKind.SCHOOL if unit == "school" else UnitKind.REGION) in VERBS
]


def person_with(held: tuple[Role, str] | str) -> User:
    if isinstance(held, tuple):
        role, unit = held
        return make_member(getattr(make_region_tree(), unit), role)
    makers: dict[str, Callable[[], User]] = {
        "nothing": make_user,
        "staff": lambda: make_user(is_staff=True),
        "superuser": make_superuser,
        "closed superuser": lambda: make_superuser(is_active=False),
    }
    return makers[held]()


@pytest.mark.parametrize("address", ["running", "running-guide"])
@pytest.mark.parametrize("held", [*HELD, "nothing", "staff", "superuser"])
def test_only_the_operator_and_the_province_see_it(db: None, held: Any, address: str) -> None:
    may = held in ["superuser", (Role.ADMINISTRATOR, "province")]
    person = person_with(held)
    visitor = Client()
    visitor.force_login(person)

    answer = visitor.get(reverse(address))

    assert bool(may_watch_platform(person)) == may
    assert answer.status_code == (200 if may else 403)
    assert ("realtime_" in answer.content.decode() or "数据库回答" in answer.content.decode()) == may


def test_who_is_not_in_sees_nothing(db: None) -> None:
    assert not may_watch_platform(person_with("closed superuser"))
    assert Client().get("/running/").status_code == 302
    part = Client().get("/running/", headers={"HX-Request": "true"})
    assert (part.status_code, part.content) == (401, b"")


def test_a_province_administrator_whose_time_is_over_sees_it_no_more(db: None) -> None:
    person = person_with((Role.ADMINISTRATOR, "province"))
    person.memberships.update(ends=person.memberships.get().starts)

    assert not may_watch_platform(User.objects.get(pk=person.pk))


def test_accounts_lead_there_only_who_may_go_there(db: None) -> None:
    for held in [(Role.ADMINISTRATOR, "province"), (Role.ADMINISTRATOR, "county"), "superuser"]:
        visitor = Client()
        visitor.force_login(person_with(held))
        shown = reverse("running") in visitor.get(reverse("people-accounts")).content.decode()
        assert shown == (held != (Role.ADMINISTRATOR, "county"))


# ---- the page ---------------------------------------------------------------------------------------------
@pytest.fixture
def operator(db: None) -> Client:
    visitor = Client()
    visitor.force_login(make_superuser(name="欧阳明月", username="13900001234"))
    return visitor


def test_the_page_asks_little(operator: Client) -> None:
    operator.get("/running/")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        operator.get("/running/", headers={"HX-Request": "true"})
    # session, person, "does the database answer", imports, merges
    assert len(asked) == 5, [query["sql"] for query in asked]


def test_a_part_of_the_page_holds_figures_and_nobody(operator: Client) -> None:
    text = operator.get("/running/", headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in text
    assert "数据库回答" in text
    assert "欧阳" not in text
    assert "1390000" not in text


def test_every_figure_says_what_it_means_and_what_to_do(operator: Client) -> None:
    text = operator.get("/running/").content.decode()

    for measure in MEASURES:
        assert str(measure.meaning).endswith("。")
        assert str(measure.remedy).endswith("。")
        assert (str(measure.remedy) in text) == (measure.name != "Redis 回答" or settings.REDIS_URL != "")


def test_the_figures_are_those_of_the_metrics(db: None) -> None:
    before = report.take()
    metrics.frames.inc(30)
    metrics.gaps.labels("log").inc(2)
    metrics.refused.labels("MALFORMED").inc()
    metrics.commit_seconds.observe(0.3)
    after = report.take()

    assert after.edits - before.edits == 30
    assert (after.gaps - before.gaps, after.refused - before.refused) == (2, 1)
    assert after.commit_p99 is not None and after.commit_p99 > 0.2
    assert after.database_seconds is not None
    assert after.disk_size > after.disk_free > 0


def test_an_hour_is_remembered_and_no_more(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    past = History()
    for _ in range(3 * POINTS):
        clock[0] += report.POINT_SECONDS
        metrics.frames.inc(4)
        past.note()

    points = past.points()
    assert len(points) == POINTS
    assert points[-1][0] - points[0][0] == (POINTS - 1) * report.POINT_SECONDS
    assert {point[1] for point in points} == {8.0}


def test_a_report_survives_the_way_and_another_version() -> None:
    full = replace(GOOD, points=((1.0, 2.0, 3, None),))
    assert read(full.as_json()) == full
    assert read('{"name": "乙", "something_new": 1}') == Report(name="乙")


# ---- what it says ------------------------------------------------------------------------------------------
def test_all_is_well(db: None) -> None:
    page = of(GOOD, replace(GOOD, name="乙:8002"))

    assert (page.state, page.reasons) == ("一切正常", [])
    assert page.processes == ["甲:8001", "乙:8002"]


@pytest.mark.parametrize(
    ("change", "state", "said"),
    [
        ({"log_failing": True}, "有故障", "存不进数据库"),
        ({"draining": True}, "需要留意", "正在停"),
        ({"database_seconds": None}, "有故障", "“数据库回答”：没有回答"),
        ({"database_seconds": 0.3}, "需要留意", "300 毫秒"),
        ({"redis_seconds": None}, "有故障", "“Redis 回答”：没有回答"),
        ({"relay_down": True}, "有故障", "“Redis 回答”：没有回答"),
        ({"commit_p50": 0.01, "commit_p99": 0.2}, "需要留意", "99% 在 200 毫秒内"),
        ({"tick_p50": 0.01, "tick_p99": 0.3}, "需要留意", "一轮处理"),
        ({"late_p99": 0.8}, "需要留意", "轮到要等"),
        ({"waiting": 7, "waiting_seconds": 6.0}, "需要留意", "7 条，最久 6 秒"),
        ({"waiting": 7, "waiting_seconds": 31.0}, "有故障", "等着存的"),
        ({"connections": 20, "behind": 6}, "需要留意", "20，其中 6 个跟不上"),
        ({"gaps": 900, "gaps_lately": 700}, "需要留意", "最近一小时 700"),
        ({"refused": 900, "refused_lately": 101}, "需要留意", "拒收的内容"),
        ({"machine_free": GIGABYTE // 2}, "需要留意", "机器还剩"),
        ({"disk_free": GIGABYTE}, "需要留意", "数据文件夹的磁盘"),
        ({"disk_free": GIGABYTE // 10}, "有故障", "数据文件夹的磁盘"),
    ],
)
def test_what_is_bad_is_said_first_with_its_process_and_a_remedy(
    db: None, change: dict[str, Any], state: str, said: str
) -> None:
    page = of(GOOD, replace(GOOD, name="乙:8002", **change))

    assert page.state == state
    [reason] = page.reasons
    assert said in reason.text
    assert "乙:8002" in reason.text
    assert reason.remedy.endswith("。")


def test_faults_come_before_what_needs_watching(db: None) -> None:
    page = of(replace(GOOD, late_p99=0.8, log_failing=True))

    assert [reason.level for reason in page.reasons] == [Level.FAULT, Level.WATCH]


def test_of_a_silent_process_only_its_silence_counts(db: None) -> None:
    gone = replace(GOOD, name="乙:8002", version="0", log_failing=True, database_seconds=None)
    page = of(GOOD, Seen(gone, silent_seconds=120))

    assert page.state == "需要留意"
    assert [reason.text for reason in page.reasons] == ["乙:8002 的“状态”：2 分钟没有消息。"]


def test_unlike_versions_are_an_update_that_is_not_done(db: None) -> None:
    page = of(GOOD, replace(GOOD, name="乙:8002", version="2"))

    assert [reason.text for reason in page.reasons] == ["各个进程的版本不一样：1，2。"]


def test_without_redis_the_page_says_that_it_sees_one_process_only(db: None) -> None:
    page = of(replace(GOOD, redis_seconds=None), redis=False)

    assert page.state == "有故障"
    assert [reason.text for reason in page.reasons] == [
        "Redis 没有回答，所以这一页只看得到接这个请求的进程：甲:8001。"
    ]


def test_one_process_needs_no_redis(db: None) -> None:
    page = of(replace(GOOD, redis_seconds=None), redis=None)

    assert page.reasons == []
    assert "Redis 回答" not in [str(row.measure.name) for row in page.rows]


@pytest.mark.parametrize(
    ("change", "state", "said"),
    [
        ({"seen_seconds": 301}, "有故障", "做任务的进程"),
        ({"seen_seconds": None}, "有故障", "还没有消息"),
        ({"waiting": 51}, "需要留意", "51 件在排队"),
        ({"failures": [Failure("write_roster", "KeyError", time.time())]}, "需要留意", "没做成的任务：1 次"),
        ({"failures": [Failure("mail_link", "SMTPException", time.time())]}, "需要留意", "没寄出的信：1 次"),
        ({"failures": [Failure("mail_link", "SMTPException", time.time() - 90_000)]}, "一切正常", ""),
    ],
)
def test_background_work_that_is_not_done_is_said(
    db: None, change: dict[str, Any], state: str, said: str
) -> None:
    page = of(GOOD, work=replace(QUIET, **change))

    assert page.state == state
    assert said in "".join(reason.text for reason in page.reasons)


def test_a_queue_that_cannot_be_read_is_a_fault(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Jobs:
        raise RedisAway

    monkeypatch.setattr(jobs, "jobs", away)

    assert common.common().facts[0].value.level == Level.FAULT


def test_imports_that_stand_still_or_broke_are_counted(db: None) -> None:
    person = make_user()
    stuck = RosterImport.objects.create(actor=person, file_name="甲.xlsx")
    RosterImport.objects.filter(pk=stuck.pk).update(touched_at=timezone.now() - 2 * STUCK)
    RosterImport.objects.create(
        actor=person, file_name="乙.xlsx", state="failed", reason=[UNEXPECTED.text, {}]
    )
    RosterImport.objects.create(actor=person, file_name="丙.xlsx", state="failed", reason=["表是空的", {}])

    found = unfinished()

    assert (found.imports, found.imports_broken, found.merges_overdue) == (1, 1, 0)
    texts = [reason.text for reason in of(GOOD).reasons]
    assert [text.split("：")[0] for text in texts] == ["正在办的名册", "出错的名册"]


# ---- jobs ---------------------------------------------------------------------------------------------------
def test_a_job_that_fails_is_noted_without_what_it_was_about(operator: Client, monkeypatch: Any) -> None:
    from foundation.accounts import tasks

    def refuse(*arguments: Any) -> None:
        raise ConnectionRefusedError("mail for 13911112222")

    monkeypatch.setattr(tasks, "send_to_username", refuse)
    tasks.mail_reset_link("13911112222", "http://testserver/")

    failures = jobs.jobs().failures
    assert {(failure.job, failure.error) for failure in failures} == {
        ("mail_reset_link", "ConnectionRefusedError")
    }
    text = operator.get("/running/").content.decode()
    assert "寄重设密码的信" in text
    assert "1391111" not in text


def test_only_the_latest_failures_are_kept() -> None:
    class Task:
        name = "write_roster"

    for _ in range(jobs.KEPT + 5):
        jobs.note_failure("error", Task(), KeyError("x"))

    assert len(jobs.jobs().failures) == jobs.KEPT


def test_whoever_does_the_jobs_says_so() -> None:
    assert jobs.jobs().seen_seconds is None
    jobs.sign_of_life.call_local()
    seen = jobs.jobs().seen_seconds
    assert seen is not None and seen < 60


def test_every_job_has_a_name_that_people_understand() -> None:
    registered = {name.rpartition(".")[2] for name in HUEY._registry._registry}
    assert registered - set(jobs.NAMES) == set()


def test_no_work_at_the_start_takes_the_place_of_another() -> None:
    """The queue keeps what is to be done at its start by the function's name: of two alike the first would be lost."""
    written = [
        function
        for folder in ("foundation", "lessons", "prep_platform", "realtime", "teaching_centres")
        for file in (settings.BASE_DIR / folder).rglob("*.py")
        for function in STARTS.findall(file.read_text(encoding="utf-8"))
    ]
    assert len(written) >= 3
    assert sorted(written) == sorted(HUEY._startup)


# ---- arithmetic -----------------------------------------------------------------------------------------------
INFINITE = float("inf")


@pytest.mark.parametrize(
    ("before", "after", "share", "expected"),
    [
        ((0, 0, 0), (0, 0, 0), 0.5, None),
        ((5, 5, 5), (5, 5, 5), 0.5, None),
        ((0, 0, 0), (10, 10, 10), 0.5, 0.05),
        ((100, 100, 100), (100, 110, 110), 0.5, 0.55),
        ((0, 0, 0), (0, 0, 10), 0.99, 1.0),
    ],
)
def test_percentiles_are_of_what_happened_in_between(
    before: Any, after: Any, share: float, expected: float | None
) -> None:
    bounds = (0.1, 1.0, INFINITE)
    found = percentile(Spread(bounds, before), Spread(bounds, after), share)
    assert found == (expected if expected is None else pytest.approx(expected))


def test_a_line_starts_at_zero_and_breaks_where_nothing_was_measured() -> None:
    drawn = line([(0, 9.0), (100, 1.0), (130, None), (160, 2.0), (400, 4.0)], now=3650)

    assert drawn.path == "M1.7 20.5L3.7 14.0M11.7 1.0"
    assert (drawn.lowest, drawn.highest, drawn.latest) == (1.0, 4.0, 4.0)
    assert line([(100, 1.0)], now=3650) is None


# ---- the database away -------------------------------------------------------------------------------------------
def test_a_database_that_does_not_answer_is_reported(db: None, monkeypatch: Any) -> None:
    def away(function: Callable[..., Any]) -> None:
        raise DatabaseError

    monkeypatch.setattr(report, "with_connection", away)
    assert report.take().database_seconds is None
