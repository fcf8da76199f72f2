"""A kind of record to test with: its subjects live in a dict, its rights in sets."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from foundation.accounts.models import User
from foundation.ledger.events import Place
from foundation.records import kinds, queries
from foundation.records.form import (
    Absence,
    Contribution,
    Facts,
    Person,
    Question,
    Task,
    Version,
    Viewpoint,
    field_of,
)
from foundation.records.kinds import Rights, Subject
from foundation.records.opened import Opened, open_record
from foundation.records.operations import Change, write
from tests.factories import make_teacher

ID = "first"


@dataclass
class Meetings:
    """The activities of this world."""

    name: str = "meeting"
    title: str = "活动记录表"
    facts: dict[str, Facts] = field(default_factory=dict)
    who: dict[int, Rights] = field(default_factory=dict)

    def subject(self, subject_id: str) -> Subject | None:
        return Subject(subject_id, "一起备《山行》", "/plans/") if subject_id in self.facts else None

    def assemble(self, subject: Subject) -> Facts:
        return self.facts[subject.id]

    def rights(self, user: User, _subject: Subject) -> Rights:
        return self.who.get(user.pk, kinds.NO_RIGHTS)

    def stands(self, _user: User) -> Place:
        return Place(role="teacher")

    def concerns(self, _user: User, _subject: Subject) -> Place:
        return Place(role="teacher", region_id=7)


@dataclass
class World:
    kind: Meetings
    host: User
    writer: User
    reader: User
    stranger: User

    def opened(self, user: User | None = None, subject_id: str = ID) -> Opened:
        return open_record(user or self.host, "meeting", subject_id)

    def change(self, **fields: Any) -> None:
        """Something more happened."""
        old = self.kind.facts[ID]
        self.kind.facts[ID] = Facts(**{**old.__dict__, **fields})

    def draft(self) -> queries.Draft:
        return queries.draft_of(self.opened())

    def write(self, user: User, key: str, value: Any, seen: int | None = None) -> dict[str, Any]:
        """As somebody who opened the form just now, or then."""
        found = self.draft().fields[key]
        return write(
            opened=self.opened(user),
            changes={key: Change(value, found.seen if seen is None else seen)},
        )

    def words(self, key: str) -> str:
        """What stands in a field, as the page shows it."""
        shown = {each.field.key: each for each in queries.shown_draft(self.draft())}[key]
        return shown.text


def person(user: User, school: str = "青山小学", side: str = "village") -> Person:
    return Person(user_id=user.pk, school=school, side=side)


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    return make_world(monkeypatch)


def make_world(monkeypatch: pytest.MonkeyPatch) -> World:
    host, writer, reader = (make_teacher(name=name) for name in ("主持人甲", "记录人乙", "老师丙"))
    stranger = make_teacher(name="外人丁")
    kind = Meetings()
    kind.who = {
        host.pk: Rights(see=True, edit=True, sign=True),
        writer.pk: Rights(see=True, edit=True),
        reader.pk: Rights(see=True),
    }
    kind.facts[ID] = Facts(
        theme="山行",
        time="2026年11月3日—11月13日",
        place="线上",
        host=person(host, "实验小学", "town"),
        recorder=person(writer),
        participants=(person(host, "实验小学", "town"), person(writer), person(reader)),
        absentees=(Absence(person(stranger), "请假：送教下乡"),),
        discussion=(
            Question(
                "第一课时要不要讲诗人？",
                (
                    Viewpoint(person(writer), "学生没见过枫林，先看图。"),
                    Viewpoint(person(reader), "放到课后。"),
                ),
                "先看图，诗人放到课后。",
            ),
        ),
        tasks=(Task("t-1", "改第二环节", person(writer), date(2026, 11, 20)),),
        versions=(Version("第 2 版 集研后", date(2026, 11, 12), person(host, "实验小学", "town")),),
        contributions=(Contribution(person(writer), 31), Contribution(person(host, "实验小学", "town"), 12)),
        results="定稿 1 份。",
    )
    monkeypatch.setitem(kinds._kinds, "meeting", kind)
    return World(kind, host, writer, reader, stranger)


def text(words: str, key: str = "reflection") -> list[dict[str, str]]:
    return [{field_of(key).columns[0].key: words}]
