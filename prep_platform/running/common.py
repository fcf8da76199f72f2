"""What the processes share beside the database: background work and mail. The same form as the figures of one."""

import time
from dataclasses import dataclass

from django.utils.translation import gettext as _
from huey.exceptions import HueyException
from redis.exceptions import RedisError

from prep_platform.running import jobs
from prep_platform.running.jobs import Jobs
from prep_platform.running.measures import Level, Value, above, duration
from prep_platform.running.report import history
from teaching_centres.roster.unfinished import Unfinished, unfinished

WORKER_SILENT_SECONDS = 300
IMPORT_STUCK_SECONDS = 900


@dataclass(frozen=True)
class Fact:
    name: str
    meaning: str
    remedy: str
    value: Value


@dataclass(frozen=True)
class Common:
    facts: list[Fact]
    failures: list[jobs.Failure]


def common() -> Common:
    try:
        found: Jobs | None = jobs.jobs()
    except (RedisError, HueyException, OSError):
        found = None
    facts = [_queue(found), *([_worker(found), _failed(found), _mail(found)] if found else [])]
    return Common([*facts, *_network(unfinished())], found.failures if found else [])


def _queue(found: Jobs | None) -> Fact:
    if found is None:
        value = Value(_("读不到"), Level.FAULT)
    else:
        numbers = {"waiting": found.waiting, "scheduled": found.scheduled}
        value = Value(_("%(waiting)d 件在排队，%(scheduled)d 件到点再做") % numbers, above(found.waiting, 50))
    return Fact(
        name=_("排队的任务"),
        meaning=_("寄信、读写名册这些事，不让网页等，放在后面做。"),
        remedy=_("读不到，看 Redis；越排越多，看做任务的进程在不在。"),
        value=value,
    )


def _worker(found: Jobs) -> Fact:
    seen = found.seen_seconds
    text = _("还没有消息") if seen is None else _("%(ago)s前有动静") % {"ago": duration(seen)}
    silent = seen is None or seen > WORKER_SILENT_SECONDS
    had_time = time.time() - history().started > WORKER_SILENT_SECONDS
    value = Value(text, Level.FAULT if silent and had_time else Level.FINE)
    return Fact(
        name=_("做任务的进程"),
        meaning=_("每分钟报一次平安。刚启动，要等一分钟才有第一次。"),
        remedy=_("超过五分钟没有动静，看 prep-jobs 服务；没有用 Redis 的，看主进程的日志。"),
        value=value,
    )


def _failed(found: Jobs) -> Fact:
    count = sum(not failure.is_mail for failure in found.failed_lately)
    return Fact(
        name=_("没做成的任务"),
        meaning=_("最近一天里出错的次数。"),
        remedy=_("到日志里按时间找原因；名册的事，请传表的人再传一次。"),
        value=_times(count),
    )


def _mail(found: Jobs) -> Fact:
    count = sum(failure.is_mail for failure in found.failed_lately)
    return Fact(
        name=_("没寄出的信"),
        meaning=_("最近一天里寄信出错的次数；每封信隔一分钟再试，最多试四次。"),
        remedy=_("看邮件服务器的地址、帐号和证书（EMAIL_URL）。寄不出时，学校可以发一次性的码。"),
        value=_times(count),
    )


def _times(count: int) -> Value:
    return Value(_("%(n)d 次") % {"n": count} if count else _("没有"), above(count, 0))


def _network(found: Unfinished) -> list[Fact]:
    values = {"n": found.imports, "ago": duration(found.imports_seconds)}
    going = _("%(n)d 份，最久 %(ago)s没有进展") % values if found.imports else _("没有")
    overdue = Value(_("%(n)d 所") % {"n": found.merges_overdue} if found.merges_overdue else _("没有"))
    return [
        Fact(
            name=_("正在办的名册"),
            meaning=_("传上来、还在读或者正在写的表。进程断了，十五分钟内自己接着办。"),
            remedy=_("一刻钟没有进展，看做任务的进程。"),
            value=Value(going, above(found.imports_seconds, IMPORT_STUCK_SECONDS)),
        ),
        Fact(
            name=_("出错的名册"),
            meaning=_("最近七天里，不是因为表写错、而是服务器没办成的导入。什么都没有写进去。"),
            remedy=_("到日志里找“roster import”，处理以后请传表的人再传一次。"),
            value=Value(
                _("%(n)d 份") % {"n": found.imports_broken} if found.imports_broken else _("没有"),
                above(found.imports_broken, 0),
            ),
        ),
        Fact(
            name=_("过期没合并的学校"),
            meaning=_("定了日子、过了一天还没合并的。每小时试一次。"),
            remedy=_("请管这些学校的管理员看“名册”里学校的情况，比如并入的学校已经撤了。"),
            value=Value(overdue.text, above(found.merges_overdue, 0)),
        ),
    ]
