"""The rows of the sheet 人员, compared with what people hold. One row is one membership, or a change of one."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from foundation.accounts.models import User
from foundation.office.tables import Row
from teaching_centres import policies
from teaching_centres.models import Leave, Membership, School
from teaching_centres.policies import Unit
from teaching_centres.roster.network import Network, people_named
from teaching_centres.roster.placing import Placing
from teaching_centres.roster.plan import LeaveChange, MembershipChange, Person, Plan
from teaching_centres.roster.plan import text as day_text
from teaching_centres.roster.sheets import ENDINGS, LEAVES, MOVED_HERE

EndedAs = Membership.EndedAs


def compare_people(rows: list[Row], network: Network, plan: Plan) -> None:
    known = people_named(row.values["username"] for row in rows if row.values["username"])
    comparing = _Comparing(network, plan, known)
    for row in rows:
        comparing.add(row)
    comparing.tell_namesakes()


@dataclass
class _Comparing:
    network: Network
    plan: Plan
    known: dict[str, User]
    placing: Placing = field(init=False)
    today: date = field(default_factory=timezone.localdate)
    rows: dict[tuple[str, Any, str, str], int] = field(default_factory=dict)
    held: dict[int, list[Membership]] = field(default_factory=dict)
    """What each person will hold: memberships that are there, as changed so far."""

    def __post_init__(self) -> None:
        self.placing = Placing(self.network, self.plan)

    def add(self, row: Row) -> None:
        person = self._person(row)
        unit = self.placing.unit_of(row)
        if person is None or unit is None or row.values["role"] is None:
            return
        first = self.rows.setdefault(
            (person.username, _key(unit), row.values["role"], row.values["subject"] or ""), row.number
        )
        if first != row.number:
            self.plan.wrong(
                row,
                "username",
                gettext_noop("和第 %(first)d 行重复：同一个人、单位、角色和学科。"),
                first=first,
            )
            return
        self._hold(row, person, unit)

    # ---- who ------------------------------------------------------------------------------------------
    def _person(self, row: Row) -> Person | None:
        username, name = row.values["username"], row.values["name"]
        if username is None:
            return None
        person = self.plan.people.get(username)
        if person is None:
            user = self.known.get(username)
            if user is None and name is None:
                return None
            person = Person(user.username if user else username, user.name if user else name, row, user)
            self.plan.people[username] = person
            if user is not None:
                self.held[user.pk] = list(user.memberships.all())
                self._tell_state(row, person, username)
                self._rename(row, person)
        elif name is not None and name != (person.new_name or person.name):
            self.plan.wrong(
                row,
                "name",
                gettext_noop("第 %(first)d 行同一个号码写的是“%(other)s”。请核对号码和姓名。"),
                first=person.row.number,
                other=person.new_name or person.name,
            )
        return person

    def _tell_state(self, row: Row, person: Person, username: str) -> None:
        assert person.user is not None
        if person.username != username:
            self.plan.note(
                row,
                "username",
                gettext_noop("这个号码已并到%(name)s现在的帐号，按那个帐号处理。"),
                name=person.name,
            )
        if not person.user.is_active:
            self.plan.note(
                row,
                "username",
                gettext_noop("%(name)s的帐号已停用。任职会登记，要登录先恢复帐号。"),
                name=person.name,
            )

    def _rename(self, row: Row, person: Person) -> None:
        name = row.values["name"]
        if name is None or name == person.name:
            return
        assert person.user is not None
        actor = self.network.actor
        decision = policies.may_manage_person(actor, person.user) if actor else policies.YES
        if decision:
            person.new_name = name
            return
        self.plan.deny(
            row,
            "name",
            gettext_noop("这个号码登记的姓名不同，你不能改：%(reason)s请核对号码。"),
            reason=decision.reason,
        )

    # ---- what -----------------------------------------------------------------------------------------
    def _hold(self, row: Row, person: Person, unit: Unit) -> None:
        mark = row.values["mark"]
        if "mark" in row.wrong:
            return
        if mark in ENDINGS:
            self._end(row, person, unit)
            return
        if mark is None and row.values["mark_on"] is not None:
            self.plan.wrong(row, "mark", gettext_noop("填了变动日期，没有填是什么变动。"))
            return
        self._continue(row, person, unit)
        if mark == MOVED_HERE:
            self._leave_others(row, person, unit)
        elif mark in LEAVES:
            self._take_leave(row, person)

    def _candidates(self, row: Row, person: Person, unit: Unit) -> list[Membership]:
        held = self.held.get(person.user.pk, []) if person.user else []
        return [
            membership
            for membership in held
            if unit.pk is not None
            and membership.role == row.values["role"]
            and (membership.school_id, membership.region_id) == _ids(unit)
        ]

    def _existing(self, row: Row, person: Person, unit: Unit) -> Membership | None:
        """The membership that the row speaks of: one that goes on, else one that began on the same day."""
        held, subject = self._candidates(row, person, unit), row.values["subject"]
        alive = [one for one in held if not one.has_ended(self.today)]
        exact = [one for one in alive if one.subject == (subject or "")]
        if exact:
            return exact[0]
        if alive and subject is None:
            return alive[0]
        without = [one for one in alive if not one.subject]
        if without:
            return without[0]
        starts = row.values["starts"]
        return next((one for one in held if (one.starts, one.subject) == (starts, subject or "")), None)

    def _continue(self, row: Row, person: Person, unit: Unit) -> None:
        existing = self._existing(row, person, unit)
        if existing is None:
            self._start(row, person, unit)
        else:
            self._change(row, person, unit, existing)

    def _start(self, row: Row, person: Person, unit: Unit) -> None:
        values = row.values
        if {"starts", "ends", "mark_on"} & row.wrong:
            return
        starts = (
            values["starts"] or (values["mark_on"] if values["mark"] == MOVED_HERE else None) or self.today
        )
        if values["ends"] is not None and values["ends"] < starts:
            self.plan.wrong(row, "ends", gettext_noop("结束日期早于开始日期。"))
            return
        subject = values["subject"] or ""
        for before in self._candidates(row, person, unit):
            if before.subject == subject and before.ends is not None and before.ends >= starts:
                self.plan.wrong(
                    row,
                    "starts",
                    gettext_noop("和登记过的任职（%(starts)s 到 %(ends)s）重叠。请把起始日期写到它以后。"),
                    starts=before.starts.isoformat(),
                    ends=before.ends.isoformat(),
                )
                return
        others = [one for one in self._candidates(row, person, unit) if not one.has_ended(self.today)]
        if others:
            self.plan.note(
                row,
                "subject",
                gettext_noop("登记的学科是“%(before)s”，两项都留。不再教的，请另写一行，变动填“离任”。"),
                before="、".join(one.subject for one in others),
            )
        membership = Membership(
            user=person.user,
            role=values["role"],
            subject=subject,
            starts=starts,
            ends=values["ends"],
        )
        if isinstance(unit, School):
            membership.school = unit
        else:
            membership.region = unit
        self.plan.memberships.append(MembershipChange(row, person, membership, unit))

    def _change(self, row: Row, person: Person, unit: Unit, existing: Membership) -> None:
        values = row.values
        differences = []
        if values["subject"] is not None and not existing.subject:
            differences.append(("学科", "", values["subject"]))
            existing.subject = values["subject"]
        if values["ends"] is not None and values["ends"] != existing.ends:
            if values["ends"] < existing.starts:
                self.plan.wrong(row, "ends", gettext_noop("结束日期早于开始日期。"))
                return
            differences.append(("止", day_text(existing.ends), day_text(values["ends"])))
            existing.ends = values["ends"]
        if values["ends"] is None and existing.has_ended(self.today):
            self.plan.note(
                row,
                "ends",
                gettext_noop("登记的是 %(ends)s 结束，导入不重新开始。要接着任职，请写新的起始日期。"),
                ends=day_text(existing.ends),
            )
        if values["starts"] is not None and values["starts"] != existing.starts:
            self.plan.note(
                row,
                "starts",
                gettext_noop("登记的是 %(starts)s 起，导入不改起始日期。"),
                starts=existing.starts.isoformat(),
            )
        if differences:
            self.plan.memberships.append(MembershipChange(row, person, existing, unit, differences))
        else:
            self.plan.unchanged["membership"] += 1

    # ---- changes with a day ---------------------------------------------------------------------------
    def _end(self, row: Row, person: Person, unit: Unit) -> None:
        values = row.values
        if {"mark_on", "ends"} & row.wrong:
            return
        day = values["mark_on"] or values["ends"]
        if day is None:
            self.plan.wrong(row, "mark_on", gettext_noop("请填变动日期：在这里的最后一天。"))
            return
        existing = self._existing(row, person, unit)
        if existing is None or existing.has_ended(self.today):
            if any(one.ends == day for one in self._candidates(row, person, unit)):
                self.plan.unchanged["membership"] += 1
            else:
                self.plan.wrong(
                    row,
                    "mark",
                    gettext_noop("%(name)s现在没有在“%(unit)s”任这个职。"),
                    name=person.name,
                    unit=str(unit),
                )
            return
        ended = [existing]
        if values["mark"] == EndedAs.RETIRED and person.user is not None:
            ended = [one for one in self.held[person.user.pk] if not one.has_ended(self.today)]
        for membership in ended:
            self._end_one(row, person, membership, day, values["mark"])

    def _end_one(self, row: Row, person: Person, membership: Membership, day: date, ended_as: str) -> None:
        if (membership.ends, membership.ended_as) == (day, ended_as):
            self.plan.unchanged["membership"] += 1
            return
        decision = self.network.may_manage(membership.unit)
        if not decision:
            self.plan.deny(
                row,
                "mark",
                gettext_noop("%(name)s还在“%(unit)s”任职，不归你管：%(reason)s"),
                name=person.name,
                unit=str(membership.unit),
                reason=decision.reason,
            )
            return
        if day < membership.starts:
            self.plan.wrong(
                row,
                "mark_on",
                gettext_noop("变动日期早于任职的第一天 %(starts)s。"),
                starts=membership.starts.isoformat(),
            )
            return
        label = str(EndedAs(ended_as).label)
        differences = [("止", day_text(membership.ends), f"{day_text(day)} {label}")]
        membership.ends, membership.ended_as = day, ended_as
        self.plan.memberships.append(
            MembershipChange(row, person, membership, membership.unit, differences, ends=True)
        )

    def _leave_others(self, row: Row, person: Person, unit: Unit) -> None:
        """调入: what the person held at other schools ends the day before."""
        day = row.values["mark_on"] or row.values["starts"]
        if day is None:
            self.plan.wrong(row, "mark_on", gettext_noop("请填变动日期：到这里的第一天。"))
            return
        held = self.held.get(person.user.pk, []) if person.user else []
        others = [
            one
            for one in held
            if one.school_id and one.school_id != unit.pk and one.starts < day and not one.has_ended(day)
        ]
        for membership in others:
            self._end_one(row, person, membership, day - timedelta(days=1), EndedAs.MOVED)

    def _take_leave(self, row: Row, person: Person) -> None:
        values = row.values
        if {"mark_on", "mark_until"} & row.wrong:
            return
        starts, ends = values["mark_on"], values["mark_until"]
        if starts is None:
            self.plan.wrong(row, "mark_on", gettext_noop("请填变动日期：离岗的第一天。"))
            return
        if ends is not None and ends < starts:
            self.plan.wrong(row, "mark_until", gettext_noop("结束日期早于开始日期。"))
            return
        known = list(person.user.leaves.all()) if person.user else []
        there = next((one for one in known if (one.kind, one.starts) == (values["mark"], starts)), None)
        if there is None and any(_overlap(one, starts, ends) for one in known):
            self.plan.wrong(row, "mark_on", gettext_noop("和登记过的离岗重叠。请到这个人的页面上改。"))
            return
        if there is None:
            leave = Leave(user=person.user, kind=values["mark"], starts=starts, ends=ends)
            self.plan.leaves.append(LeaveChange(row, person, leave))
        elif ends is not None and ends != there.ends:
            differences = [("止", day_text(there.ends), day_text(ends))]
            there.ends = ends
            self.plan.leaves.append(LeaveChange(row, person, there, differences))
        else:
            self.plan.unchanged["leave"] += 1

    # ---- said -----------------------------------------------------------------------------------------
    def tell_namesakes(self) -> None:
        """Someone new with the name of a colleague: perhaps the same person under another number."""
        new = [change for change in self.plan.memberships if change.person.is_new]
        there = self.network.same_names_in(change.unit for change in new)
        seen: defaultdict[tuple[Any, str], set[str]] = defaultdict(set)
        for change in new:
            unit, person = change.unit, change.person
            seen[_key(unit), person.name].add(person.username)
            other = there.get((unit.pk or 0, person.name))
            if other or len(seen[_key(unit), person.name]) > 1:
                self.plan.note(
                    change.row,
                    "name",
                    gettext_noop(
                        "“%(unit)s”另有一位%(name)s。是同一个人，就用同一个号码；是两个人，照这样导入。"
                    ),
                    unit=str(unit),
                    name=person.name,
                )


def _ids(unit: Unit) -> tuple[int | None, int | None]:
    return (unit.pk, None) if isinstance(unit, School) else (None, unit.pk)


def _key(unit: Unit) -> Any:
    """A new school has no id yet, but is one object."""
    return (type(unit).__name__, unit.pk or id(unit))


def _overlap(leave: Leave, starts: date, ends: date | None) -> bool:
    return (leave.ends is None or leave.ends >= starts) and (ends is None or leave.starts <= ends)
