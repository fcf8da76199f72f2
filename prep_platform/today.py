"""今日: each app says what it has for this person; this file says who is asked and in which order it stands."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.notices.queries import unread
from foundation.records.models import RecordTask
from foundation.records.queries import tasks_of
from lessons import today as lessons_today
from teaching_centres import network_today
from teaching_centres.today import Block, Contribution, Contributor, Figure, Waiting
from teaching_centres.workspace import today as workspaces_today

NOTICES = 5
RECORD_TASKS = 5
SAID_ALREADY = (
    "plan.invited",
    "activity.called",
    "activity.turn",
    "record.task",
    "lineage.news",
    "lineage.offered",
)
"""They stand there as the plan itself, or as what is expected of this person."""


def notices(user: User, now: datetime) -> Contribution:
    lines = unread(user, besides=SAID_ALREADY, limit=NOTICES)
    return Contribution(
        waiting=[Waiting("bell", line.text, notice_id=line.id, at=line.created_at) for line in lines]
    )


def record_tasks(user: User, now: datetime) -> Contribution:
    """What records of activities gave this person to do."""
    tasks = tasks_of(user)[:RECORD_TASKS]
    return Contribution(waiting=[_task_line(task, now.date()) for task in tasks])


def _task_line(task: RecordTask, today: date) -> Waiting:
    due = ""
    if task.due is not None:
        words = _("%(month)s月%(day)s日到期") if task.due >= today else _("%(month)s月%(day)s日到期，过期了")
        due = words % {"month": task.due.month, "day": task.due.day}
    detail = " · ".join(filter(None, [task.record.subject_label, due]))
    return Waiting("task", task.text, detail=detail, path=reverse("record-task", args=[task.pk]))


# Cards stand in this order, in the main column and beside it.
CONTRIBUTORS: tuple[Contributor, ...] = (
    lessons_today.contribution,
    network_today.contribution,
    workspaces_today.contribution,
    record_tasks,
    notices,
)


@dataclass(frozen=True)
class Today:
    headline: list[str]
    main: list[Block]
    side: list[Block]
    waiting: list[Waiting]
    helped: list[Figure]


def today(user: User, now: datetime) -> Today:
    given = [contributor(user, now) for contributor in CONTRIBUTORS]
    return Today(
        headline=[words for each in given for words in each.headline],
        main=[block for each in given for block in each.main],
        side=[block for each in given for block in each.side],
        waiting=[line for each in given for line in each.waiting],
        helped=[figure for each in given for figure in each.helped],
    )
