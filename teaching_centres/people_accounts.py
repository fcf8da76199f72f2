"""Reads for the pages of other people's accounts: whom one manages, who has never been in, what one may do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import DeletionRequest, SecondFactor, SignedInSession, User
from foundation.accounts.operations import tidy_username
from teaching_centres import policies
from teaching_centres.models import Membership, Region, School
from teaching_centres.numbers import id_in
from teaching_centres.policies import Decision, Unit
from teaching_centres.queries import PersonCard, person_cards
from teaching_centres.roles import Role, Verb
from teaching_centres.scopes import main_first, scopes

PAGE_SIZE = 30
SLIPS_AT_ONCE = 500
NEVER_IN = Q(activated_at__isnull=True, password__startswith="!", is_active=True)
"""Has never had a password: the hash of one never begins like this."""

LEAVING = Q(deletion_request__isnull=False)

STATES: dict[str, Q] = {
    "new": NEVER_IN,
    "open": Q(is_active=True) & ~NEVER_IN,
    "closed": Q(is_active=False),
    "leaving": LEAVING,
}


@dataclass(frozen=True)
class Filters:
    text: str = ""
    state: str = ""
    unit: str = ""
    """"school-12" or "region-3"."""

    @property
    def any(self) -> bool:
        return bool(self.text or self.state or self.unit)


@dataclass(frozen=True)
class AccountRow:
    id: int
    card: PersonCard
    username: str
    state: str
    """new, open or closed."""
    state_word: str
    unit: str
    """Of the main membership, for the filter; empty without one, or when it is not managed here."""
    last_login: datetime | None


@dataclass(frozen=True)
class AccountPage:
    rows: list[AccountRow]
    page: Page[User]
    unit: Unit | None
    """Whose people these are, when one unit was chosen or there is only one."""
    unit_value: str
    to_activate: int
    """How many people of that unit have never been in."""


@dataclass(frozen=True)
class May:
    """What may be done to one account, and why not."""

    let_in: Decision
    mail: Decision
    end_sessions: Decision
    remove_second_factor: Decision
    close: Decision
    delete: Decision


@dataclass(frozen=True)
class PersonAccount:
    person: User
    card: PersonCard
    state: str
    state_word: str
    units: list[str]
    sessions: int
    has_second_factor: bool
    deletion: DeletionRequest | None
    may: May


# ---- whom one manages ----------------------------------------------------------------------------------
def managed_people(user: User) -> QuerySet[User]:
    """Everyone with a membership in a unit that `user` manages; the operator: everyone. Deleted ones are gone."""
    people = User.objects.filter(deleted_at__isnull=True)
    if user.is_superuser:
        return people
    held = Membership.objects.visible_to(user, Verb.MANAGE).filter(user=OuterRef("pk"))
    return people.filter(Exists(held), is_superuser=False)


def account_page(user: User, filters: Filters, *, number: str | int = 1) -> AccountPage:
    unit = unit_named(user, filters.unit) or only_unit(user)
    people = _filtered(managed_people(user), filters, unit).order_by("name_key", "pk")
    page = Paginator(people, PAGE_SIZE).get_page(number)
    newcomers = managed_people(user).filter(NEVER_IN).exclude(pk=user.pk)
    to_activate = _of_unit(newcomers, unit).count() if unit else 0
    return AccountPage(_rows(user, page.object_list), page, unit, name_of(unit) if unit else "", to_activate)


def _rows(user: User, people: Iterable[User]) -> list[AccountRow]:
    people = list(people)
    ids = [person.pk for person in people]
    cards = person_cards(ids)
    held = Membership.objects.visible_to(user, Verb.MANAGE).filter(
        user_id__in=ids, pk__in=Membership.objects.current()
    )
    mains: dict[int, Membership] = {}
    for membership in sorted(held.select_related("school", "region"), key=main_first, reverse=True):
        mains[membership.user_id] = membership
    words = state_words()
    return [
        AccountRow(
            id=person.pk,
            card=cards[person.pk],
            username=person.username,
            state=state_of(person),
            state_word=words[state_of(person)],
            unit=name_of(mains[person.pk].unit) if person.pk in mains else "",
            last_login=person.last_login,
        )
        for person in people
    ]


def people_to_activate(user: User, unit: Unit) -> list[User]:
    """Those of the unit who have never been in, with their memberships; of very many the first."""
    held = Membership.objects.select_related("region__parent", "school__county")
    people = _of_unit(managed_people(user).filter(NEVER_IN), unit).exclude(pk=user.pk)
    rows = people.prefetch_related(Prefetch("memberships", queryset=held)).order_by("name_key", "pk")
    return [person for person in rows[:SLIPS_AT_ONCE] if policies.may_let_in(user, person)]


def unit_named(user: User, name: str) -> Unit | None:
    """One that `user` manages, or none."""
    kind, _dash, number = name.partition("-")
    pk = id_in(number)
    if kind == "school":
        return School.objects.visible_to(user, Verb.MANAGE).select_related("county").filter(pk=pk).first()
    if kind == "region":
        return Region.objects.visible_to(user, Verb.MANAGE).filter(pk=pk).first()
    return None


def only_unit(user: User) -> Unit | None:
    """A school's administrator has one school, perhaps with teaching points: nothing to choose."""
    where = scopes(user, Verb.MANAGE)
    if where.region_paths or len(where.school_ids) != 1:
        return None
    return School.objects.select_related("county").get(pk=where.school_ids[0])


def name_of(unit: Unit) -> str:
    """For addresses and forms; the pair of `unit_named`."""
    return f"school-{unit.pk}" if isinstance(unit, School) else f"region-{unit.pk}"


def state_of(person: User) -> str:
    if not person.is_active:
        return "closed"
    return "open" if person.is_activated else "new"


def state_words() -> dict[str, str]:
    return {"new": _("还没开通"), "open": _("已开通"), "closed": _("已停用"), "leaving": _("申请注销")}


def _filtered(people: QuerySet[User], filters: Filters, unit: Unit | None) -> QuerySet[User]:
    if unit is not None:
        people = _of_unit(people, unit)
    if filters.state in STATES:
        people = people.filter(STATES[filters.state])
    if filters.text:
        at = Membership.objects.filter(user=OuterRef("pk"))
        there = at.filter(Q(school__name__icontains=filters.text) | Q(region__name__icontains=filters.text))
        named = Q(name__icontains=filters.text) | Q(username__startswith=filters.text)
        people = people.filter(named | Exists(there))
    return people


def _of_unit(people: QuerySet[User], unit: Unit) -> QuerySet[User]:
    """Held in the unit itself, now or from some day on."""
    held = Membership.objects.filter(user=OuterRef("pk"))
    held = held.filter(school=unit) if isinstance(unit, School) else held.filter(region=unit)
    return people.filter(Exists(held))


def successors(user: User, person: User, text: str) -> list[User]:
    """To whom the plans of `person` could go: named exactly, and managed here as well."""
    found = managed_people(user).filter(username=tidy_username(text), is_active=True).exclude(pk=person.pk)
    return [each for each in found if policies.may_manage_person(user, each)]


def administrators_in_charge(person: User) -> list[int]:
    """Who manages this person, the nearest first level that has anyone: school, county, prefecture, province."""
    held = policies.decisive_memberships(person)
    if not held:
        return []
    unit = min(held, key=main_first).unit
    county = policies.region_of(unit)
    above = [int(part) for part in county.path.strip("/").split("/")]
    levels = [Q(region_id=pk) for pk in reversed(above)]
    if isinstance(unit, School):
        levels.insert(0, Q(school_id__in=[pk for pk in (unit.pk, unit.parent_id) if pk]))
    administer = Membership.objects.current().filter(role=Role.ADMINISTRATOR).exclude(user_id=person.pk)
    for level in levels:
        found = User.objects.filter(pk__in=administer.filter(level).values("user_id"))
        in_charge = [each.pk for each in found if policies.may_manage_person(each, person)]
        if in_charge:
            return in_charge
    return []


# ---- one account ---------------------------------------------------------------------------------------
def person_account(user: User, person: User) -> PersonAccount:
    has_second_factor = SecondFactor.objects.filter(person=person).exists()
    sessions = SignedInSession.objects.alive().filter(person=person).count()
    deletion = DeletionRequest.objects.filter(person=person).first()
    return PersonAccount(
        person=person,
        card=person_cards([person.pk])[person.pk],
        state=state_of(person),
        state_word=state_words()[state_of(person)],
        units=[f"{held.unit} · {held.get_role_display()}" for held in policies.decisive_memberships(person)],
        sessions=sessions,
        has_second_factor=has_second_factor,
        deletion=deletion,
        may=_may(user, person, has_second_factor, sessions, deletion),
    )


def _may(
    user: User, person: User, has_second_factor: bool, sessions: int, deletion: DeletionRequest | None
) -> May:
    let_in = policies.may_let_in(user, person)
    manage = policies.may_manage_person(user, person)
    return May(
        let_in=let_in,
        mail=_if(let_in, bool(person.email) and settings.MAIL_IS_SENT, lambda: _("没有填邮箱。")),
        end_sessions=_if(manage, sessions > 0, lambda: _("现在没有在任何地方登录。")),
        remove_second_factor=_if(
            policies.may_remove_second_factor(user, person), has_second_factor, lambda: _("没有设置。")
        ),
        close=_if(manage, user.pk != person.pk, lambda: _("自己的帐号由别人停用。")),
        delete=_if(policies.may_delete_person(user, person), _is_due(deletion), lambda: _("还没到时候。")),
    )


def _is_due(deletion: DeletionRequest | None) -> bool:
    return deletion is not None and deletion.due_at <= timezone.now()


def _if(decision: Decision, possible: bool, otherwise: Callable[[], Any]) -> Decision:
    if not decision or possible:
        return decision
    return Decision(False, otherwise())
