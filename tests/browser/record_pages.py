"""The pages of records of activities, entered in test_pages.py: as a draft, signed, reopened, and with nothing yet."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from foundation.accounts.models import User
from foundation.records import queries
from foundation.records.models import RecordTask
from foundation.records.opened import open_record
from foundation.records.operations import Change, reopen, sign, write
from lessons.activities.models import PrepActivity
from teaching_centres.models import TeachingCentre
from teaching_centres.roles import Role
from tests import factories
from tests.lessons.activity_records import OPENED, Held, make_activity, make_held

QUESTIONS = [
    {
        "question": "第一课时要不要讲诗人？",
        "viewpoints": [
            {"person": None, "text": "学生没见过枫林，先看实物，再读诗。"},
            {"person": None, "text": "诗人放到课后。"},
        ],
        "consensus": "先看图，诗人放到课后自己查。",
    },
    {"question": "霜叶为什么红于二月花？", "viewpoints": [], "consensus": ""},
]


@dataclass(frozen=True)
class Records:
    """The same people held two activities: one whose record is written, one whose record is signed."""

    held: Held
    signed: PrepActivity
    reopened: PrepActivity
    head: User
    centre: TeachingCentre
    far_centre: TeachingCentre
    far: User
    task: RecordTask


def make_records() -> Records:
    held = make_held()
    tasks = [
        {"key": "a", "task": "把第二环节改成先看实物", "person": {"user": held.member.pk}, "due": _day(-1)},
        {
            "key": "b",
            "task": "录一段课堂给教学点",
            "person": {"name": "校长", "school": "某小学"},
            "due": _day(9),
        },
    ]
    _write(held.lead, held.activity, discussion=QUESTIONS, tasks=tasks, results=[{"results": "自己写的成果"}])
    again = {"theme": "一起备《赠刘景文》", "opens_at": OPENED - timedelta(days=7)}
    signed = make_activity(held.leader, held.lead, held.activity.school, **again)
    _write(held.lead, signed, discussion=QUESTIONS, tasks=tasks)
    _sign(held.leader, signed)
    reopened = make_activity(held.leader, held.lead, held.activity.school, theme="一起备《夜书所见》")
    _sign(held.leader, reopened)
    reopen(opened=open_record(held.leader, "prep-activity", str(reopened.pk)), because="漏了一个人")
    held.activity.members.update(state="received")  # the results that fill themselves have changed since
    return Records(
        held=held,
        signed=signed,
        reopened=reopened,
        head=factories.make_member(held.tree.school, Role.GROUP_LEADER, name="乡里组长"),
        centre=factories.make_centre(held.tree.county),
        far_centre=factories.make_centre(held.tree.far_county),
        far=factories.make_member(held.tree.far_county, Role.RESEARCHER),
        task=RecordTask.objects.get(record__subject_id=str(signed.pk), key="a"),
    )


def _day(ahead: int) -> str:
    return (timezone.localdate() + timedelta(days=ahead)).isoformat()


def _write(user: User, activity: PrepActivity, **values: Any) -> None:
    opened = open_record(user, "prep-activity", str(activity.pk))
    assert write(opened=opened, changes={key: Change(value, 0) for key, value in values.items()}) == {}


def _sign(user: User, activity: PrepActivity) -> None:
    opened = open_record(user, "prep-activity", str(activity.pk))
    sign(opened=opened, seen=queries.draft_of(opened).digest)


# ---- who goes where --------------------------------------------------------------------------------------
Who = Callable[[Records], User]
Path = Callable[[Records], str]


def at(name: str, activity: str = "", *more: Any) -> Path:
    def path(world: Records) -> str:
        found = getattr(world, activity) if activity else world.held.activity
        return reverse(name, args=["prep-activity", found.pk, *more])

    return path


def leader(world: Records) -> User:
    return world.held.leader


def member(world: Records) -> User:
    return world.held.member


def head(world: Records) -> User:
    return world.head


def stranger(world: Records) -> User:
    return world.far


def centre(world: Records) -> str:
    return reverse("centre-records", args=[world.centre.pk])


RECORD_PAGES: dict[str, list[tuple[Who, Path, int]]] = {
    "record": [
        (leader, at("record"), 200),
        (member, at("record"), 200),
        (head, at("record"), 200),
        (stranger, at("record"), 404),
        (leader, at("record", "signed"), 200),
        (lambda world: world.held.lead, at("record", "signed"), 200),
        (leader, at("record", "reopened"), 200),
    ],
    "record-edit": [
        (leader, at("record-edit"), 200),
        (leader, at("record-edit", "reopened"), 200),
        (member, at("record-edit"), 403),
    ],
    "record-revision": [(leader, at("record-revision", "reopened", 1), 200)],
    "record-task": [
        (member, lambda world: reverse("record-task", args=[world.task.pk]), 200),
        (stranger, lambda world: reverse("record-task", args=[world.task.pk]), 404),
    ],
    "school-records": [
        (head, lambda world: reverse("school-records", args=[world.held.tree.school.pk]), 200),
        (head, lambda world: reverse("school-records", args=[world.held.tree.school.pk]) + "?subject=9", 200),
    ],
    "centre-records": [
        (lambda world: factories.make_member(world.held.tree.county, Role.RESEARCHER), centre, 200),
        (stranger, lambda world: reverse("centre-records", args=[world.far_centre.pk]), 200),
    ],
}
NOT_RECORD_PAGES = {
    "record-automatic": "takes a form",
    "record-sign": "takes a form",
    "record-reopen": "takes a form",
    "record-document": "a document",
    "record-revision-document": "a document",
    "school-records-export": "a table",
    "centre-records-export": "a table",
}
RECORD_VALUES: dict[str, Callable[[Records], Any]] = {
    "kind": lambda world: "prep-activity",
    "subject_id": lambda world: str(world.held.activity.pk),
    "key": lambda world: "theme",
    "number": lambda world: 1,
}
