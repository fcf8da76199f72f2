"""What an import would do, before it does it: schools, people, memberships and leave, each new or changed."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from foundation.accounts.models import User
from foundation.office.tables import Row, Trouble
from teaching_centres.models import Leave, Membership, School
from teaching_centres.policies import Unit

Difference = tuple[str, str, str]
"""The head of the column, before, after."""


@dataclass
class SchoolChange:
    row: Row
    school: School
    """Not saved yet when it is new; a changed one already carries the new values."""
    differences: list[Difference] = field(default_factory=list)
    opens_prep_point: bool = False
    former_name: str = ""
    is_new: bool = field(init=False)

    def __post_init__(self) -> None:
        self.is_new = self.school.pk is None


@dataclass
class Person:
    """Someone of the file: an account that is there, or one to be."""

    username: str
    name: str
    row: Row
    user: User | None = None
    new_name: str = ""
    is_new: bool = field(init=False)

    def __post_init__(self) -> None:
        self.is_new = self.user is None


@dataclass
class MembershipChange:
    row: Row
    person: Person
    membership: Membership
    """As it will be. Of a new one the person, and perhaps the school, are not saved yet."""
    unit: Unit
    differences: list[Difference] = field(default_factory=list)
    ends: bool = False
    is_new: bool = field(init=False)

    def __post_init__(self) -> None:
        self.is_new = self.membership.pk is None


@dataclass
class LeaveChange:
    row: Row
    person: Person
    leave: Leave
    differences: list[Difference] = field(default_factory=list)
    is_new: bool = field(init=False)

    def __post_init__(self) -> None:
        self.is_new = self.leave.pk is None


@dataclass
class Plan:
    schools: list[SchoolChange] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    memberships: list[MembershipChange] = field(default_factory=list)
    leaves: list[LeaveChange] = field(default_factory=list)
    unchanged: Counter[str] = field(default_factory=Counter)
    troubles: list[Trouble] = field(default_factory=list)
    notes: list[Trouble] = field(default_factory=list)
    denied: int = 0
    rows: int = 0

    def wrong(self, row: Row, column: str, said: str, /, **values: Any) -> None:
        """Something that forbids the import, at a cell."""
        self.troubles.append(row.trouble(column, said, **values))

    def deny(self, row: Row, column: str, said: str, /, **values: Any) -> None:
        """The same, where it is the right that is missing."""
        self.denied += 1
        self.wrong(row, column, said, **values)

    def note(self, row: Row, column: str, said: str, /, **values: Any) -> None:
        """Worth a look; forbids nothing."""
        self.notes.append(row.trouble(column, said, **values))

    @property
    def changes_nothing(self) -> bool:
        return not self.lines()

    def lines(self) -> list[dict[str, Any]]:
        """Every change as a page shows it, in the order of the file."""
        return list(self._lines())

    def _lines(self) -> Iterator[dict[str, Any]]:
        for change in self.schools:
            yield _line(
                change.row, "school", change.is_new, str(change.school), "", _school_differences(change)
            )
        for person in self.people.values():
            if person.is_new:
                yield _line(person.row, "person", True, person.name, person.username, [])
            elif person.new_name:
                renamed = [("姓名", person.name, person.new_name)]
                yield _line(person.row, "rename", False, person.name, person.username, renamed)
        for membership in self.memberships:
            yield _membership_line(membership)
        for leave in self.leaves:
            yield _leave_line(leave)

    @property
    def renames(self) -> int:
        return sum(1 for person in self.people.values() if person.new_name)

    def counts(self) -> dict[str, Any]:
        counted: Counter[str] = Counter()
        for line in self.lines():
            counted[f"{line['kind']}_{line['what']}"] += 1
        counted["membership_ended"] = sum(1 for change in self.memberships if change.ends)
        counted["membership_changed"] -= counted["membership_ended"]
        for kind, number in self.unchanged.items():
            counted[f"{kind}_unchanged"] += number
        return {**{key: number for key, number in counted.items() if number}, "rows": self.rows}

    def digest(self) -> str:
        """The same only as long as the same file would do the same."""
        return hashlib.sha256(json.dumps(self.lines(), ensure_ascii=False).encode()).hexdigest()


def _line(
    row: Row, kind: str, is_new: bool, label: str, about: str, differences: list[Difference]
) -> dict[str, Any]:
    return {
        "kind": kind,
        "what": "new" if is_new else "changed",
        "sheet": row.sheet,
        "row": row.number,
        "label": label,
        "about": about,
        "differences": [list(difference) for difference in differences],
    }


def _school_differences(change: SchoolChange) -> list[Difference]:
    found = list(change.differences)
    if change.is_new:
        school = change.school
        found = [
            ("县（市、区）", "", str(school.county)),
            ("办学类型", "", str(school.get_kind_display())),
            ("城乡分类", "", str(school.get_urban_class_display())),
        ]
        if school.parent is not None:
            found.append(("中心校", "", str(school.parent)))
    if change.opens_prep_point:
        found.append(("备课点", "", "设立"))
    return found


def _membership_line(change: MembershipChange) -> dict[str, Any]:
    row, held = change.row, change.membership
    differences = change.differences
    if change.is_new:
        differences = [("起", "", text(held.starts))]
        if held.ends is not None:
            differences.append(("止", "", text(held.ends)))
    subject = f" · {held.subject}" if held.subject else ""
    about = f"{change.unit} · {held.get_role_display()}{subject}"
    return _line(row, "membership", change.is_new, change.person.name, about, differences)


def _leave_line(change: LeaveChange) -> dict[str, Any]:
    leave = change.leave
    differences = change.differences
    if change.is_new:
        differences = [("起", "", text(leave.starts)), ("止", "", text(leave.ends))]
    return _line(
        change.row, "leave", change.is_new, change.person.name, str(leave.get_kind_display()), differences
    )


def text(day: date | None) -> str:
    return day.isoformat() if day else ""
