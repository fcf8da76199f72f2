"""The figures of the page: what each is called, what it means, what to do when it is bad, and when it is.

One line of a table for each; everything else (the state at the top with its reasons) follows from these.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from prep_platform.running.pulse import Seen
from prep_platform.templatetags.components import when

GIGABYTE = 1024**3


class Level(IntEnum):
    FINE = 0
    WATCH = 1
    FAULT = 2


@dataclass(frozen=True)
class Value:
    text: str
    level: Level = Level.FINE


@dataclass(frozen=True)
class Measure:
    """`points` picks what is drawn: 1 edits, 2 connections, 3 commits (realtime reports, `Point`)."""

    name: str | Promise
    meaning: str | Promise
    remedy: str | Promise
    of: Callable[[Seen], Value]
    points: int = 0
    said: Callable[[float], str] = str


# ---- how figures are said ------------------------------------------------------------------------------
def duration(seconds: float) -> str:
    if seconds < 1:
        return _("%(n)s 毫秒") % {"n": _short(1000 * seconds)}
    if seconds < 90:
        return _("%(n)s 秒") % {"n": _short(seconds)}
    if seconds < 5400:
        return _("%(n)s 分钟") % {"n": round(seconds / 60)}
    if seconds < 129_600:
        return _("%(n)s 小时") % {"n": round(seconds / 3600)}
    return _("%(n)s 天") % {"n": round(seconds / 86_400)}


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") if value < 10 else str(round(value))


def _halves(half: float | None, most: float | None) -> str:
    if half is None or most is None:
        return _("最近没有")
    return _("一半在 %(half)s内，99%% 在 %(most)s内") % {"half": duration(half), "most": duration(most)}


def number(value: float) -> str:
    return f"{value:g}"


def above(value: float | None, watch: float, fault: float = float("inf")) -> Level:
    if value is None or value <= watch:
        return Level.FINE
    return Level.WATCH if value <= fault else Level.FAULT


# ---- one process ------------------------------------------------------------------------------------------
def _state(seen: Seen) -> Value:
    if seen.silent:
        return Value(_("%(ago)s没有消息") % {"ago": duration(seen.silent_seconds)}, Level.WATCH)
    if seen.report.log_failing:
        return Value(_("存不进数据库"), Level.FAULT)
    if seen.report.draining:
        return Value(_("正在停"), Level.WATCH)
    return Value(_("正常"))


def _started(seen: Seen) -> Value:
    return Value(when(datetime.fromtimestamp(seen.report.started, tz=UTC)))


def _connections(seen: Seen) -> Value:
    report = seen.report
    if not report.behind:
        return Value(str(report.connections))
    text = _("%(all)d，其中 %(behind)d 个跟不上") % {"all": report.connections, "behind": report.behind}
    return Value(text, above(report.behind, max(5, report.connections / 5)))


def _waiting(seen: Seen) -> Value:
    report = seen.report
    texts = []
    if report.waiting:
        values = {"rows": report.waiting, "age": duration(report.waiting_seconds)}
        texts.append(_("%(rows)d 条，最久 %(age)s") % values)
    if report.received_bytes:
        texts.append(_("另有 %(size)s 没查") % {"size": filesizeformat(report.received_bytes)})
    return Value("，".join(texts) or _("没有"), above(report.waiting_seconds, 5, 30))


def _commit(seen: Seen) -> Value:
    report = seen.report
    return Value(_halves(report.commit_p50, report.commit_p99), above(report.commit_p99, 0.1))


def _tick(seen: Seen) -> Value:
    report = seen.report
    return Value(_halves(report.tick_p50, report.tick_p99), above(report.tick_p99, 0.2))


def _late(seen: Seen) -> Value:
    late = seen.report.late_p99
    text = _("最近没有") if late is None else _("99%% 在 %(most)s内") % {"most": duration(late)}
    return Value(text, above(late, 0.5))


def _hourly(lately: int, total: int, watch: int) -> Value:
    if not total:
        return Value(_("没有"))
    text = _("最近一小时 %(lately)d，启动以来 %(total)d") % {"lately": lately, "total": total}
    return Value(text, above(lately, watch))


def _memory(seen: Seen) -> Value:
    report = seen.report
    if report.memory is None:
        return Value(_("这个系统上量不到"))
    text = filesizeformat(report.memory)
    if report.machine_free is None or not report.machine_memory:
        return Value(text)
    short = Level.WATCH if report.machine_free < report.machine_memory / 10 else Level.FINE
    values = {"own": text, "free": filesizeformat(report.machine_free)}
    return Value(_("%(own)s（机器还剩 %(free)s）") % values, short)


def _answer(seconds: float | None, slow: float) -> Value:
    if seconds is None:
        return Value(_("没有回答"), Level.FAULT)
    return Value(duration(seconds), above(seconds, slow))


def _redis(seen: Seen) -> Value:
    if seen.report.relay_down:
        return Value(_("没有回答"), Level.FAULT)
    return _answer(seen.report.redis_seconds, 0.05)


def _disk(seen: Seen) -> Value:
    free, size = seen.report.disk_free, seen.report.disk_size
    if free < GIGABYTE / 5:
        level = Level.FAULT
    else:
        level = Level.WATCH if free < max(2 * GIGABYTE, size / 20) else Level.FINE
    return Value(
        _("还剩 %(free)s，共 %(size)s") % {"free": filesizeformat(free), "size": filesizeformat(size)}, level
    )


STATE = Measure(
    lazy("状态"),
    lazy("进程在不在，能不能存。"),
    lazy("没有消息，到那台机器上看服务和日志；存不进去，看数据库和磁盘；正在停，一会儿就好。"),
    _state,
)
REDIS = Measure(
    lazy("Redis 回答"),
    lazy("从这个进程问 Redis 要多久。Redis 停了不丢东西，别的进程的改动晚一两秒到。"),
    lazy("没有回答，看 Redis 的服务和连接；慢，看它和网络是不是太忙。"),
    _redis,
)
MEASURES = (
    STATE,
    Measure(
        lazy("启动"),
        lazy("进程这一次从什么时候开始跑。"),
        lazy("没有人重启它却变了，到日志里看它为什么退出。"),
        _started,
    ),
    Measure(
        lazy("版本"),
        lazy("各个进程应当一样。"),
        lazy("不一样，是更新没做完：把旧的逐个重启。"),
        lambda seen: Value(seen.report.version),
    ),
    Measure(
        lazy("打开的文档"),
        lazy("内存里开着的教案，人走了再留半分钟。"),
        lazy("没有人了还只增不减，记下来告诉开发者，再重启这个进程。"),
        lambda seen: Value(str(seen.report.rooms)),
    ),
    Measure(
        lazy("连接"),
        lazy("开着教案的网页有几个。跟不上的，多半是那一头线路细。"),
        lazy("很多个同时跟不上，看这台机器的出口带宽。"),
        _connections,
        points=2,
        said=number,
    ),
    Measure(
        lazy("每分钟的改动"),
        lazy("最近一分钟收到多少次改动。"),
        lazy("上课、集备的时候突然没有了，看代理和网络。"),
        lambda seen: Value(number(seen.report.edits)),
        points=1,
        said=number,
    ),
    Measure(
        lazy("等着存的"),
        lazy("收到了、还没存进数据库的改动。存好以前，别人看不到，网页也不说“已保存”。"),
        lazy("越等越久，看数据库是不是慢、磁盘是不是满。"),
        _waiting,
    ),
    Measure(
        lazy("存一次"),
        lazy("一次提交要多久（最近五分钟）。"),
        lazy("超过 100 毫秒，人会觉得“正在保存”变长：看数据库的磁盘和负载。"),
        _commit,
        points=3,
        said=duration,
    ),
    Measure(
        lazy("一轮处理"),
        lazy("查、合、发一批改动要多久（最近五分钟）。"),
        lazy("超过 200 毫秒，这个进程太忙：加一个进程，或看是不是有特别大的教案。"),
        _tick,
    ),
    Measure(
        lazy("轮到要等"),
        lazy("到点该做的事晚了多久才做（最近五分钟）。"),
        lazy("超过半秒，处理器不够用：加一个进程，或者加一台机器。"),
        _late,
    ),
    Measure(
        lazy("补上的缺口"),
        lazy("没有人通知、后来自己补上的改动。补上了，就没有丢。"),
        lazy("一小时超过 600 次，通知在路上丢得多：看 Redis 和网络。"),
        lambda seen: _hourly(seen.report.gaps_lately, seen.report.gaps, 600),
    ),
    Measure(
        lazy("拒收的内容"),
        lazy("发来的内容不合规矩，连接被断开的次数。零星几次，多半是旧网页。"),
        lazy("一小时超过 100 次，到日志里看代码：可能有人在试探，也可能更新没做完。"),
        lambda seen: _hourly(seen.report.refused_lately, seen.report.refused, 100),
    ),
    Measure(
        lazy("内存"),
        lazy("这个进程用了多少。"),
        lazy("机器剩下的不到一成，关掉别的程序，或者加内存。"),
        _memory,
    ),
    Measure(
        lazy("数据库回答"),
        lazy("从这个进程问数据库一句话要多久。"),
        lazy("没有回答，看数据库的服务和连接；超过 100 毫秒，看它的负载和网络。"),
        lambda seen: _answer(seen.report.database_seconds, 0.1),
    ),
    REDIS,
    Measure(
        lazy("数据文件夹的磁盘"),
        lazy("放数据库（SQLite）、文件和静态文件的地方。满了什么都存不进去。"),
        lazy("腾出地方，或者换大的盘。"),
        _disk,
    ),
)
