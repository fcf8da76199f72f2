"""People who may be one person under two accounts."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.office.tables import same
from teaching_centres.models import DifferentPeople, Membership
from teaching_centres.people_accounts import managed_people
from teaching_centres.queries import PersonCard, person_cards

MOST = 100
"""Pairs on a page. Whoever has more begins with these."""
CROWD = 40
"""People of one name beyond which the name says nothing any more."""
PREFIX = re.compile(r"^(?:\+?86|0086)?(1[3-9]\d{9})$")


@dataclass(frozen=True)
class Someone:
    id: int
    name: str
    username: str
    is_activated: bool
    schools: frozenset[int]
    counties: frozenset[int]


@dataclass(frozen=True)
class Pair:
    one: Someone
    other: Someone
    why: str


@dataclass(frozen=True)
class ShownPair:
    one: Someone
    other: Someone
    one_card: PersonCard
    other_card: PersonCard
    why: str


def find_duplicates(actor: User) -> list[ShownPair]:
    """The likeliest first; those whom somebody told apart are not among them."""
    told_apart = set(DifferentPeople.objects.values_list("one_id", "other_id"))
    found = [pair for pair in _pairs(_people(actor)) if _ids(pair) not in told_apart][:MOST]
    cards = person_cards({person.id for pair in found for person in (pair.one, pair.other)})
    return [
        ShownPair(pair.one, pair.other, cards[pair.one.id], cards[pair.other.id], pair.why) for pair in found
    ]


def _ids(pair: Pair) -> tuple[int, int]:
    return (min(pair.one.id, pair.other.id), max(pair.one.id, pair.other.id))


def _people(actor: User) -> list[Someone]:
    schools: defaultdict[int, set[int]] = defaultdict(set)
    counties: defaultdict[int, set[int]] = defaultdict(set)
    people = managed_people(actor)
    rows = Membership.objects.filter(user__in=people).values_list(
        "user_id", "school_id", "school__county_id", "region_id"
    )
    for user_id, school_id, county_id, region_id in rows:
        if school_id:
            schools[user_id].add(school_id)
        counties[user_id].add(county_id or region_id)
    return [
        Someone(
            id=person.pk,
            name=same(person.name),
            username=person.username,
            is_activated=person.is_activated,
            schools=frozenset(schools[person.pk]),
            counties=frozenset(counties[person.pk]),
        )
        for person in people.order_by("pk")
    ]


def _pairs(people: Iterable[Someone]) -> Iterator[Pair]:
    people = list(people)
    by_number: defaultdict[str, list[Someone]] = defaultdict(list)
    by_name: defaultdict[str, list[Someone]] = defaultdict(list)
    for person in people:
        by_number[plain_number(person.username)].append(person)
        by_name[person.name].append(person)
    seen: set[tuple[int, int]] = set()
    for group in by_number.values():
        for one, other in combinations(group[:CROWD], 2):
            seen.add((one.id, other.id))
            yield Pair(one, other, _("同一个手机号，写法不同"))
    later = []
    for group in by_name.values():
        for one, other in combinations(group[:CROWD], 2):
            if (one.id, other.id) in seen:
                continue
            if one.schools & other.schools:
                yield Pair(one, other, _("同名，在同一所学校"))
            elif one.counties & other.counties and near(one.username, other.username):
                later.append(Pair(one, other, _("同名，在同一个县，号码只差一位")))
    yield from later


def plain_number(username: str) -> str:
    """138-0000-0000, +86 138… and 138… are the same number."""
    text = re.sub(r"[\s()（）-]", "", unicodedata.normalize("NFKC", username))
    match = PREFIX.match(text)
    return match[1] if match else text.casefold()


def near(one: str, other: str) -> bool:
    """One digit is wrong, missing or too many, or two neighbours changed places."""
    if abs(len(one) - len(other)) > 1:
        return False
    if len(one) == len(other):
        wrong = [index for index in range(len(one)) if one[index] != other[index]]
        if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
            return (one[wrong[0]], one[wrong[1]]) == (other[wrong[1]], other[wrong[0]])
        return len(wrong) <= 1
    short, long = sorted((one, other), key=len)
    return any(long[:index] + long[index + 1 :] == short for index in range(len(long)))
