"""The demo's record: of the activity whose plan is settled, signed, with a task that waits for somebody."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from foundation.accounts.models import User
from foundation.records.form import Value
from foundation.records.models import Record
from foundation.records.opened import Opened, open_record
from foundation.records.operations import Change, sign, write
from foundation.records.queries import draft_of
from lessons.activities.demo import LEADER, TOWN, VILLAGE
from lessons.activities.models import PrepActivity
from lessons.records.source import ActivityRecords
from teaching_centres import demo as network

REFLECTION = "四季图和真树一起看，学生开口快得多。"
IMPROVEMENT = "下一单元先请村小老师说学情，再定重点。"
TASK = "拍三张学校附近秋天的树，给没有投影的班用"


@transaction.atomic
def build() -> None:
    demo = network.build()
    settled = PrepActivity.objects.filter(is_demo=True, settled_version__isnull=False)
    activity = settled.order_by("created_at", "pk").first()
    if activity is None or Record.objects.filter(subject_id=str(activity.pk)).exists():
        return
    due = (timezone.localdate() + timedelta(days=5)).isoformat()
    task: dict[str, Any] = {"key": "demo", "task": TASK, "due": due}
    task["person"] = {"user": demo.people[VILLAGE].pk}
    values: dict[str, Value] = {
        "tasks": [task],
        "reflection": [{"reflection": REFLECTION}],
        "improvement": [{"improvement": IMPROVEMENT}],
    }
    changes = {key: Change(value, 0) for key, value in values.items()}
    write(opened=_open(demo.people[TOWN], activity), changes=changes)
    opened = _open(demo.people[LEADER], activity)
    sign(opened=opened, seen=draft_of(opened).digest)


def _open(user: User, activity: PrepActivity) -> Opened:
    return open_record(user, ActivityRecords.name, str(activity.pk))
