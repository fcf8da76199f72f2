"""Who may do what to whose account: role × unit held × whose account × act, compared with an expectation by hand.

Whatever is refused changes nothing, and is in the audit trail as refused; whatever is done is there as done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.db import transaction
from django.utils import timezone

from foundation.accounts.models import DeletionRequest, OneTimeCode, SecondFactor, SignedInSession, User
from foundation.ledger.audit import verify
from foundation.ledger.models import AuditEntry
from teaching_centres import operations
from teaching_centres.errors import Denied
from teaching_centres.models import School
from teaching_centres.roles import VERBS, Role, UnitKind
from tests.factories import Tree, make_member, make_membership, make_region_tree, make_superuser, make_user

# What an administrator of the unit reaches, written down once more, independently of paths and scopes.
REACHES: dict[str, set[str]] = {
    "school": {"school", "point"},
    "point": {"point"},
    "same_county_school": {"same_county_school"},
    "county": {"county", "school", "point", "same_county_school"},
    "sibling_county": {"sibling_county", "sibling_county_school"},
    "far_county": {"far_county", "far_school"},
    "province": {
        "province", "prefecture", "other_prefecture", "county", "sibling_county", "far_county", "school",
        "point", "same_county_school", "sibling_county_school", "far_school",
    },
}  # fmt: skip
REACHES["prefecture"] = REACHES["county"] | REACHES["sibling_county"] | {"prefecture"}
ABOVE = {"school": "county", "point": "county", "same_county_school": "county", "county": "prefecture"}
ABOVE |= {"far_school": "far_county", "sibling_county_school": "sibling_county", "province": "the operator"}

HELD = ["school", "point", "same_county_school", "county", "sibling_county", "prefecture", "province"]


@dataclass(frozen=True)
class Target:
    """Whose account it is: memberships as (role, unit)."""

    name: str
    held: tuple[tuple[Role, str], ...]
    is_superuser: bool = False

    @property
    def units(self) -> set[str]:
        return {unit for _role, unit in self.held}

    @property
    def administers(self) -> set[str]:
        return {unit for role, unit in self.held if role == Role.ADMINISTRATOR}


T, A, R = Role.TEACHER, Role.ADMINISTRATOR, Role.RESEARCHER
TARGETS = [
    Target("teacher", ((T, "school"),)),
    Target("teacher of the point", ((T, "point"),)),
    Target("teacher of two schools", ((T, "school"), (T, "same_county_school"))),
    Target("teacher here and far away", ((T, "school"), (T, "far_school"))),
    Target("group leader elsewhere", ((Role.GROUP_LEADER, "sibling_county_school"),)),
    Target("school's administrator", ((A, "school"),)),
    Target("teacher and administrator", ((T, "school"), (A, "same_county_school"))),
    Target("county's researcher", ((R, "county"),)),
    Target("county's administrator", ((A, "county"),)),
    Target("part-time teacher from the province", ((T, "school"), (A, "province"))),
    Target("nobody's", ()),
    Target("operator", ((T, "school"),), is_superuser=True),
]


@dataclass(frozen=True)
class Act:
    name: str
    entry: str
    do: Callable[[User, User], Any]
    may: Callable[["Actor", Target], bool]


@dataclass(frozen=True)
class Actor:
    role: Role | None
    unit: str
    is_superuser: bool = False

    def manages(self, target: Target) -> bool:
        if self.is_superuser:
            return True
        administers = self.role == Role.ADMINISTRATOR
        reached = REACHES.get(self.unit, set())
        return administers and not target.is_superuser and bool(target.held) and target.units <= reached

    def stands_above(self, target: Target) -> bool:
        if self.is_superuser:
            return True
        reached = REACHES.get(self.unit, set())
        return self.manages(target) and all(ABOVE[unit] in reached for unit in target.administers)


def manages(actor: Actor, target: Target) -> bool:
    return actor.manages(target)


def stands_above(actor: Actor, target: Target) -> bool:
    return actor.stands_above(target)


ACTS = [
    Act(
        "code", "person.code_issued", lambda who, whom: operations.issue_code(person=whom, actor=who), manages
    ),
    Act(
        "mail",
        "person.code_issued",
        lambda who, whom: operations.mail_link(person=whom, base="http://testserver/", actor=who),
        manages,
    ),
    Act(
        "sessions",
        "person.sessions_ended",
        lambda who, whom: operations.end_sessions(person=whom, actor=who),
        manages,
    ),
    Act(
        "second factor",
        "person.second_factor_removed",
        lambda who, whom: operations.remove_second_factor(person=whom, actor=who),
        stands_above,
    ),
    Act(
        "close",
        "person.closed",
        lambda who, whom: operations.set_active(person=whom, active=False, actor=who),
        manages,
    ),
    Act(
        "reopen",
        "person.reopened",
        lambda who, whom: operations.set_active(person=whom, active=True, actor=who),
        manages,
    ),
    Act(
        "delete",
        "person.deleted",
        lambda who, whom: operations.delete_person(person=whom, actor=who),
        manages,
    ),
]


def actors() -> list[Actor]:
    kinds = {"school": UnitKind.SCHOOL, "point": UnitKind.SCHOOL, "same_county_school": UnitKind.SCHOOL}
    held = [
        (role, unit) for unit in HELD for role in Role if (role, kinds.get(unit, UnitKind.REGION)) in VERBS
    ]
    return [*(Actor(role, unit) for role, unit in held), Actor(None, ""), Actor(None, "", is_superuser=True)]


# ---- the world ---------------------------------------------------------------------------------------


@pytest.fixture
def tree(db) -> Tree:
    return make_region_tree()


def make_target(target: Target, tree: Tree) -> User:
    """With everything that an act could take away, and never signed in."""
    person = make_user(email="someone@example.org", is_superuser=target.is_superuser)
    for role, unit in target.held:
        make_membership(person, getattr(tree, unit), role)
    equip(person)
    return person


def equip(person: User) -> None:
    """Everything that an act could take away is there, and nothing that it gives."""
    store = SessionStore()
    store.create()
    SignedInSession.objects.filter(person=person).delete()
    SignedInSession.objects.create(
        person=person, session_key=store.session_key, device="", network="", own_computer=True
    )
    SecondFactor.objects.get_or_create(person=person, defaults={"secret": "x"})
    OneTimeCode.objects.filter(person=person).delete()
    values = {name: getattr(person, name) for name in ("username", "name", "email", "is_superuser")}
    User.objects.filter(pk=person.pk).update(is_active=True, deleted_at=None, **values)
    person.memberships.update(ends=None)
    DeletionRequest.objects.get_or_create(person=person, defaults={"due_at": timezone.now()})
    mail.outbox.clear()


def make_actor(actor: Actor, tree: Tree) -> User:
    if actor.is_superuser:
        return make_superuser()
    if actor.role is None:
        return make_user()
    return make_member(getattr(tree, actor.unit), actor.role)


def state_of(person: User) -> tuple[Any, ...]:
    """Everything an act could change."""
    fresh = User.objects.get(pk=person.pk)
    return (
        fresh.is_active,
        fresh.password,
        OneTimeCode.objects.filter(person=person).count(),
        SignedInSession.objects.alive().filter(person=person).count(),
        SecondFactor.objects.filter(person=person).count(),
        len(mail.outbox),
        (fresh.username, fresh.name, fresh.email, fresh.deleted_at),
    )


def test_the_matrix_of_acts_on_accounts(tree, monkeypatch, settings):
    settings.MAIL_IS_SENT = True
    monkeypatch.setattr(
        transaction, "on_commit", lambda job: job()
    )  # the test's own transaction is never committed
    people = {target.name: make_target(target, tree) for target in TARGETS}
    cells, done = 0, 0
    for actor in actors():
        who = make_actor(actor, tree)
        for target in TARGETS:
            for act in ACTS:
                cells += 1
                done += try_one(act, actor, who, target, people[target.name])
    print(f"\nmatrix of acts on accounts: {cells} cells (role × unit × account × act), {done} allowed")  # noqa: T201
    assert cells == len(actors()) * len(TARGETS) * len(ACTS)
    assert 0 < done < cells
    assert verify() == []


def try_one(act: Act, actor: Actor, who: User, target: Target, person: User) -> bool:
    expected = act.may(actor, target)
    if act.name == "reopen":
        User.objects.filter(pk=person.pk).update(is_active=False)
    whom = User.objects.get(pk=person.pk)
    before, entries = state_of(whom), AuditEntry.objects.count()
    try:
        act.do(who, whom)
        allowed = True
    except Denied:
        allowed = False
    label = f"{actor} {act.name} {target.name}"
    assert allowed == expected, label
    assert (state_of(whom) != before) == expected, label
    (entry,) = AuditEntry.objects.order_by("-id")[: AuditEntry.objects.count() - entries]
    assert (entry.act, entry.allowed) == (act.entry, expected), label
    assert (entry.actor_id, entry.subject_id) == (who.pk, str(whom.pk)), label
    if allowed or act.name == "reopen":
        equip(person)
    return allowed


# ---- one's own, and many at once -----------------------------------------------------------------------


@pytest.mark.parametrize("act", [ACTS[0], ACTS[1], ACTS[3], ACTS[6]], ids=lambda act: act.name)
@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_gives_a_code_to_themselves_or_removes_their_own_second_factor_here(tree, act, superuser):
    who = make_target(Target("self", ((A, "school"),), is_superuser=superuser), tree)
    before = state_of(who)

    with pytest.raises(Denied, match="自己"):
        act.do(who, who)

    assert state_of(who) == before
    assert [(entry.act, entry.allowed) for entry in AuditEntry.objects.all()] == [(act.entry, False)]


def test_the_matrix_of_slips_for_a_unit(tree):
    units = ["school", "point", "same_county_school", "county", "sibling_county_school", "far_school"]
    newcomers = {
        unit: make_member(getattr(tree, unit), T if "school" in unit or unit == "point" else R)
        for unit in units
    }
    cells = 0
    for actor in actors():
        who = make_actor(actor, tree)
        for unit in units:
            cells += 1
            expected = actor.is_superuser or (actor.role == A and unit in REACHES.get(actor.unit, set()))
            entries = AuditEntry.objects.count()
            try:
                operations.issue_codes(people=[newcomers[unit]], unit=getattr(tree, unit), actor=who)
                allowed = True
            except Denied:
                allowed = False
            assert allowed == expected, (actor, unit)
            assert OneTimeCode.objects.filter(person=newcomers[unit]).exists() == expected
            (entry,) = AuditEntry.objects.order_by("-id")[: AuditEntry.objects.count() - entries]
            assert (entry.act, entry.allowed, entry.details) == (
                "person.codes_printed",
                expected,
                {"count": 1},
            )
            OneTimeCode.objects.all().delete()
    print(f"\nmatrix of slips: {cells} cells (role × unit held × unit)")  # noqa: T201


def test_one_who_is_managed_elsewhere_spoils_the_slips_of_all(tree):
    """The list of people comes from the page; the operation checks each of them again."""
    who = make_member(tree.school, A)
    own, other = make_member(tree.school, T), make_member(tree.far_school, T)

    with pytest.raises(Denied):
        operations.issue_codes(people=[own, other], unit=tree.school, actor=who)

    assert not OneTimeCode.objects.exists()
    assert AuditEntry.objects.get().allowed is False


@pytest.mark.parametrize("unit", ["school", "county"])
def test_an_entry_stands_where_its_unit_is(tree, unit):
    who, whom = make_superuser(), make_member(getattr(tree, unit), A)

    operations.end_sessions(person=whom, actor=who)

    entry = AuditEntry.objects.get()
    place = getattr(tree, unit)
    if isinstance(place, School):
        assert (entry.school_id, entry.region_id, entry.chain) == (
            place.pk,
            place.county_id,
            f"region-{place.county_id}",
        )
    else:
        assert (entry.school_id, entry.region_id, entry.chain) == (None, place.pk, f"region-{place.pk}")
