"""Activities as a spreadsheet, with the columns that leaders ask for, and one activity with all who take part."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from foundation.accounts.models import User
from foundation.files.models import StoredFile
from foundation.ledger.models import Event
from foundation.office.tables import Day, Sheet, Text, Whole, write_list
from lessons.activities.models import PrepActivity
from lessons.activities.queries import (
    Filters,
    SchoolGroup,
    Tab,
    filtered,
    grade_name,
    groups_of,
    numbers_of,
    of_tab,
    sees_reasons,
    with_facts,
    words_of,
)
from lessons.discussion.models import Comment, Thread
from lessons.reviewing.models import RecommendationStep
from teaching_centres.queries import person_cards

MOST = 2000

ACTIVITIES = Sheet(
    "activities",
    "备课活动",
    (
        Text("theme", "活动名称", width=30),
        Text("stage", "学段"),
        Text("subject", "学科"),
        Text("grade", "年级"),
        Text("kind", "形式"),
        Text("leader", "发起人"),
        Text("leader_school", "发起人单位", width=22),
        Text("lead", "主备人"),
        Text("lead_school", "主备人单位", width=22),
        Whole("members", "参加人数"),
        Whole("received", "接收人数"),
        Whole("own", "个案数"),
        Whole("reflected", "写了反思"),
        Whole("edits", "共案编辑次数", width=14),
        Whole("files", "资源数"),
        Whole("threads", "讨论"),
        Whole("replies", "回复"),
        Whole("recommended", "推荐"),
        Text("state", "状态"),
        Day("starts", "开始"),
        Day("ends", "结束"),
    ),
)
PEOPLE = Sheet(
    "people",
    "参加的老师",
    (
        Text("school", "学校", width=24),
        Text("side", "城乡"),
        Text("name", "姓名"),
        Text("state", "接收"),
        Text("own", "个案"),
        Text("reflected", "反思"),
        Text("reason", "原因", width=30),
    ),
)
SIDES = {"town": "城镇", "village": "乡村"}


def export_list(user: User, tab: Tab, filters: Filters) -> bytes:
    """What the list shows, all pages of it."""
    rows = list(with_facts(filtered(of_tab(user, tab), filters))[:MOST])
    return write_list([ACTIVITIES], {"activities": _activities(rows)})


def export_one(user: User, activity: PrepActivity) -> bytes:
    groups = groups_of(user, activity, sees_reasons(user, activity))
    rows = {"activities": _activities([activity]), "people": _people(groups)}
    return write_list([ACTIVITIES, PEOPLE], rows)


def _activities(rows: list[PrepActivity]) -> list[dict[str, Any]]:
    numbers = numbers_of(rows)
    cards = person_cards({pk for row in rows for pk in (row.leader_id, row.lead_preparer_id)})
    plans = [str(row.plan_id) for row in rows if row.plan_id]
    edits = _counted(Event.objects.filter(kind="plan.edited", subject_id__in=plans), "subject_id")
    files = _counted(
        StoredFile.objects.filter(subject_kind="lesson-plan", subject_id__in=plans), "subject_id"
    )
    steps = RecommendationStep.objects.filter(recommendation__submission__plan__in=plans)
    recommended = _counted(steps, "recommendation__submission__plan_id")
    threads = _counted(Thread.objects.filter(plan__in=plans), "plan_id")
    said = _counted(Comment.objects.filter(thread__plan__in=plans, deleted_at=None), "thread__plan_id")
    return [
        {
            "theme": row.theme,
            "stage": row.get_school_stage_display(),
            "subject": str(row.subject),
            "grade": grade_name(row.grade),
            "kind": row.get_kind_display(),
            "leader": cards[row.leader_id].name,
            "leader_school": cards[row.leader_id].unit_name,
            "lead": cards[row.lead_preparer_id].name,
            "lead_school": cards[row.lead_preparer_id].unit_name,
            "members": numbers[row.pk].members,
            "received": numbers[row.pk].received,
            "own": numbers[row.pk].own,
            "reflected": numbers[row.pk].reflected,
            "edits": edits.get(str(row.plan_id), 0),
            "files": files.get(str(row.plan_id), 0),
            "threads": threads.get(str(row.plan_id), 0),
            "replies": max(said.get(str(row.plan_id), 0) - threads.get(str(row.plan_id), 0), 0),
            "recommended": recommended.get(str(row.plan_id), 0),
            "state": words_of(row),
            "starts": timezone.localdate(row.opens_at) if row.opens_at else None,
            "ends": timezone.localdate(row.closed_at) if row.closed_at else None,
        }
        for row in rows
    ]


def _counted(rows: QuerySet[Any], plan: str) -> dict[str, int]:
    """How many rows each plan has; `plan` names the column that says which."""
    return {
        str(row[plan]): row["total"] for row in rows.values(plan).order_by(plan).annotate(total=Count("pk"))
    }


def _people(groups: Iterable[SchoolGroup]) -> list[dict[str, Any]]:
    return [
        {
            "school": group.name,
            "side": SIDES.get(group.side, ""),
            "name": line.person.name,
            "state": line.words,
            "own": "有" if line.has_own else "",
            "reflected": "写了" if line.reflected else "",
            "reason": line.reason,
        }
        for group in groups
        for line in group.people
    ]
