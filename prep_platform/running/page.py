"""The page as plain data: a state in words with its reasons, a table of the processes, and what they share."""

import time
from dataclasses import dataclass

from django.utils.translation import gettext as _

from prep_platform.running import pulse
from prep_platform.running.common import Common, common
from prep_platform.running.jobs import Failure
from prep_platform.running.lines import Line, line
from prep_platform.running.measures import MEASURES, REDIS, STATE, Level, Measure, Value
from prep_platform.running.pulse import Everyone, Seen


@dataclass(frozen=True)
class Picture:
    line: Line
    words: str
    highest: str


@dataclass(frozen=True)
class Cell:
    process: str
    value: Value
    picture: Picture | None = None


@dataclass(frozen=True)
class Row:
    measure: Measure
    cells: list[Cell]


@dataclass(frozen=True)
class Reason:
    level: Level
    text: str
    remedy: str


@dataclass(frozen=True)
class Page:
    level: Level
    reasons: list[Reason]
    processes: list[str]
    rows: list[Row]
    common: Common

    @property
    def state(self) -> str:
        return {
            Level.FINE: _("一切正常"),
            Level.WATCH: _("需要留意"),
            Level.FAULT: _("有故障"),
        }[self.level]

    @property
    def failures(self) -> list[Failure]:
        return self.common.failures


def page() -> Page:
    return judge(pulse.everyone(), common())


def judge(everyone: Everyone, shared: Common) -> Page:
    """Of a process that says nothing any more, only its silence counts: the rest is old."""
    measures = [measure for measure in MEASURES if measure is not REDIS or everyone.redis is not None]
    rows = [Row(measure, [_cell(measure, seen) for seen in everyone.processes]) for measure in measures]
    reasons = sorted(
        [*_alone(everyone), *_unlike(everyone), *_of_processes(rows, everyone), *_of_common(shared)],
        key=lambda reason: -reason.level,
    )
    return Page(
        level=max((reason.level for reason in reasons), default=Level.FINE),
        reasons=reasons,
        processes=[seen.report.name for seen in everyone.processes],
        rows=rows,
        common=shared,
    )


def _cell(measure: Measure, seen: Seen) -> Cell:
    value = measure.of(seen)
    if seen.silent and measure is not STATE:
        value = Value(value.text)
    return Cell(seen.report.name, value, _picture(measure, seen) if measure.points else None)


def _picture(measure: Measure, seen: Seen) -> Picture | None:
    points = [(point[0], point[measure.points]) for point in seen.report.points]
    drawn = line(points, time.time())
    if drawn is None:
        return None
    values = {
        "name": measure.name,
        "minutes": drawn.minutes,
        "lowest": measure.said(drawn.lowest),
        "highest": measure.said(drawn.highest),
        "latest": measure.said(drawn.latest),
    }
    words = _("%(name)s，过去 %(minutes)d 分钟：最低 %(lowest)s，最高 %(highest)s，最后 %(latest)s") % values
    return Picture(drawn, words, measure.said(drawn.highest))


# ---- reasons -----------------------------------------------------------------------------------------------
def _of_processes(rows: list[Row], everyone: Everyone) -> list[Reason]:
    return [
        Reason(
            cell.value.level,
            _("%(process)s 的“%(name)s”：%(value)s。")
            % {"process": cell.process, "name": row.measure.name, "value": cell.value.text},
            str(row.measure.remedy),
        )
        for row in rows
        for cell in row.cells
        if cell.value.level and not (row.measure is REDIS and everyone.redis is False)
    ]


def _of_common(shared: Common) -> list[Reason]:
    return [
        Reason(
            fact.value.level,
            _("%(name)s：%(value)s。") % {"name": fact.name, "value": fact.value.text},
            fact.remedy,
        )
        for fact in shared.facts
        if fact.value.level
    ]


def _alone(everyone: Everyone) -> list[Reason]:
    if everyone.redis is not False:
        return []
    text = _("Redis 没有回答，所以这一页只看得到接这个请求的进程：%(process)s。") % {"process": everyone.own}
    return [Reason(Level.FAULT, text, str(REDIS.remedy))]


def _unlike(everyone: Everyone) -> list[Reason]:
    versions = sorted({seen.report.version for seen in everyone.processes if not seen.silent})
    if len(versions) < 2:
        return []
    text = _("各个进程的版本不一样：%(versions)s。") % {"versions": "，".join(versions)}
    return [Reason(Level.WATCH, text, _("更新没做完：把旧的逐个重启。"))]
