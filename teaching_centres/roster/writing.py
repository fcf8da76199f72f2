"""Writes a plan into the network: in the caller's transaction, a statement for each thousand rows."""

from collections.abc import Callable, Iterable
from itertools import chain

from django.utils import timezone

from foundation.accounts import operations as accounts
from foundation.accounts.models import User
from foundation.accounts.operations import NewPerson
from foundation.ledger import events
from foundation.ledger.audit import PERSON, audit
from foundation.ledger.events import NOWHERE, LedgerEvent, Place
from foundation.ledger.operations import record_many
from teaching_centres import effects
from teaching_centres.models import Leave, Membership, PrepPoint, School
from teaching_centres.operations.common import day, people_reaching, place_in, unit_details
from teaching_centres.operations.schools import remember_name
from teaching_centres.policies import Unit
from teaching_centres.queries import place_of
from teaching_centres.roles import Role
from teaching_centres.roster.plan import MembershipChange, Plan, SchoolChange
from teaching_centres.scopes import forget

BATCH = 1000
Progress = Callable[[int], None]


def write(plan: Plan, actor: User | None, progress: Progress = lambda percent: None) -> None:
    """`progress` is told how many percent of the writing are done."""
    writer = _Writer(plan, actor)
    writer.schools()
    progress(10)
    writer.people()
    progress(35)
    writer.memberships()
    writer.leaves()
    progress(65)
    writer.records()
    progress(95)
    writer.effects()


class _Writer:
    def __init__(self, plan: Plan, actor: User | None) -> None:
        self.plan = plan
        self.actor = actor
        self.place = place_of(actor) if actor else NOWHERE
        self.events: list[LedgerEvent] = []
        self._places: dict[tuple[str, int], Place] = {}

    # ---- schools ----------------------------------------------------------------------------------------
    def schools(self) -> None:
        new = [change.school for change in self.plan.schools if change.is_new]
        changed = [change for change in self.plan.schools if not change.is_new]
        School.objects.bulk_create([school for school in new if school.parent is None], batch_size=BATCH)
        points = [school for school in new if school.parent is not None]
        for school in points:
            school.parent = school.parent  # its id, now that the central school has one
        School.objects.bulk_create(points, batch_size=BATCH)
        for change in changed:
            self._change_school(change)
        for school in new:
            self._school_event(events.SchoolOpened, school)
            self._audit_school("school.opened", school)
        self._open_points()

    def _change_school(self, change: SchoolChange) -> None:
        if not change.differences:
            return
        school = change.school
        before = people_reaching(School.objects.select_related("county").get(pk=school.pk))
        school.parent = school.parent
        school.save()
        if change.former_name:
            remember_name(school, change.former_name)
        if any(head == "中心校" for head, _before, _after in change.differences):
            effects.memberships_changed(before | people_reaching(school))
        self._school_event(events.SchoolChanged, school)
        self._audit_school("school.changed", school, fields=" ".join(head for head, *_ in change.differences))

    def _open_points(self) -> None:
        today = timezone.localdate()
        opened = [change.school for change in self.plan.schools if change.opens_prep_point]
        there = {point.school_id: point for point in PrepPoint.objects.filter(school__in=opened)}
        for school in opened:
            point = there.get(school.pk) or PrepPoint(school=school)
            point.opened, point.closed = today, None
            point.save()
            self._school_event(events.PrepPointOpened, school)
            self._audit_school("prep_point.opened", school)

    # ---- people -----------------------------------------------------------------------------------------
    def people(self) -> None:
        new = [person for person in self.plan.people.values() if person.is_new]
        made = accounts.create_people([NewPerson(person.username, person.name) for person in new])
        self.new_ids = {user.pk for user in made}
        for person, user in zip(new, made, strict=True):
            person.user = user
        renamed = []
        for person in self.plan.people.values():
            if person.new_name and person.user is not None:
                person.user.rename(person.new_name)
                renamed.append(person.user)
        User.objects.bulk_update(renamed, User.NAMED, batch_size=BATCH)
        self.renamed_ids = {user.pk for user in renamed}

    # ---- memberships and leave --------------------------------------------------------------------------
    def memberships(self) -> None:
        new = [change for change in self.plan.memberships if change.is_new]
        old = [change for change in self.plan.memberships if not change.is_new]
        for change in new:
            assert change.person.user is not None
            change.membership.user = change.person.user
            change.membership.school = change.membership.school  # its id, now that it has one
        Membership.objects.bulk_create([change.membership for change in new], batch_size=BATCH)
        Membership.objects.bulk_update(
            [change.membership for change in old], ["subject", "ends", "ended_as"], batch_size=BATCH
        )
        for change in new:
            self._membership_event(events.MembershipStarted, change)
        for change in old:
            self._membership_event(
                events.MembershipEnded if change.membership.ends else events.MembershipStarted, change
            )
        self._open_admin_doors(chain(new, old))

    def _open_admin_doors(self, changes: Iterable[MembershipChange]) -> None:
        """As `rejudge` does for one person: `is_staff` follows the roles."""
        touched = {
            change.membership.user_id for change in changes if change.membership.role == Role.ADMINISTRATOR
        }
        today = timezone.localdate()
        administer = Membership.objects.filter(user_id__in=touched, role=Role.ADMINISTRATOR)
        staff = set(administer.exclude(ends__lt=today).values_list("user_id", flat=True))
        User.objects.filter(pk__in=staff).update(is_staff=True)
        User.objects.filter(pk__in=touched - staff, is_superuser=False).update(is_staff=False)

    def leaves(self) -> None:
        new = [change for change in self.plan.leaves if change.is_new]
        for change in new:
            assert change.person.user is not None
            change.leave.user, change.leave.recorded_by = change.person.user, self.actor
        old = [change.leave for change in self.plan.leaves if change not in new]
        Leave.objects.bulk_create([change.leave for change in new], batch_size=BATCH)
        Leave.objects.bulk_update(old, ["ends"], batch_size=BATCH)
        self.new_leaves = {change.leave.pk for change in new}

    # ---- records ----------------------------------------------------------------------------------------
    def records(self) -> None:
        record_many(self.events, actor=self.actor, place=self.place)
        units = {change.membership.user_id: change.unit for change in self.plan.memberships}
        for pk in sorted(self.new_ids):
            self._audit("person.created", pk, units.get(pk))
        for pk in sorted(self.renamed_ids):
            self._audit("person.changed", pk, units.get(pk), fields="name")
        for change in self.plan.memberships:
            self._audit_membership(change)
        for change_of_leave in self.plan.leaves:
            leave = change_of_leave.leave
            act = "leave.recorded" if leave.pk in self.new_leaves else "leave.changed"
            details = {"leave_id": leave.pk, "ends": day(leave.ends)}
            if act == "leave.recorded":
                details["starts"] = day(leave.starts)
            self._audit(act, leave.user_id, units.get(leave.user_id), **details)

    def _audit_membership(self, change: MembershipChange) -> None:
        held = change.membership
        details: dict[str, int | str | None] = {"membership_id": held.pk, "role": str(held.role)}
        if change.ends:
            act = "membership.ended"
            details |= {**unit_details(change.unit), "ends": day(held.ends), "ended_as": str(held.ended_as)}
        elif change.differences:
            act = "membership.changed"
            details["ends"] = day(held.ends)
        else:
            act = "membership.granted"
            details |= unit_details(change.unit)
        self._audit(act, held.user_id, change.unit, **details)

    def _audit(self, act: str, person_id: int, unit: Unit | None, **details: int | str | None) -> None:
        audit(
            act=act,
            actor=self.actor,
            subject_kind=PERSON,
            subject_id=person_id,
            place=self._place(unit),
            details=details,
        )

    def _audit_school(self, act: str, school: School, **details: str) -> None:
        audit(
            act=act,
            actor=self.actor,
            subject_kind="school",
            subject_id=school.pk,
            subject_label=school.name,
            place=self._place(school),
            details=details,
        )

    def _place(self, unit: Unit | None) -> Place:
        if unit is None:
            return self.place
        key = (type(unit).__name__, unit.pk)
        if key not in self._places:
            self._places[key] = place_in(unit, self.actor)
        return self._places[key]

    def _school_event(self, kind: type[events.SchoolEvent], school: School) -> None:
        self.events.append(kind(subject_id=school.pk, subject_label=school.name, region_id=school.county_id))

    def _membership_event(
        self,
        kind: type[events.MembershipStarted] | type[events.MembershipEnded],
        change: MembershipChange,
    ) -> None:
        held = change.membership
        self.events.append(
            kind(
                subject_id=held.pk,
                user_id=held.user_id,
                role=str(held.role),
                school_id=held.school_id,
                region_id=held.region_id,
            )
        )

    # ---- what follows -----------------------------------------------------------------------------------
    def effects(self) -> None:
        """Of those who were there before: nobody new has anything open."""
        touched = {change.membership.user_id for change in self.plan.memberships} - self.new_ids
        effects.memberships_changed(touched)
        if self.actor is not None and self.actor.pk in touched:
            forget(self.actor)
