"""How far a person's current roles reach, as rows: the one place that turns memberships into filters.

It imports no model (models import it), so a person's memberships are read through the user.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone

from foundation.accounts.models import User
from teaching_centres.roles import SUPERUSER_VERBS, VERBS_ON_CLOSED, Verb, verbs_of

if TYPE_CHECKING:
    from teaching_centres.models import Membership

ROOT_PATH = "/"
NOTHING = Q(pk__in=[])


@dataclass(frozen=True)
class Scopes:
    """Where a verb holds: everything under these region paths, and these schools."""

    region_paths: tuple[str, ...] = ()
    school_ids: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.region_paths or self.school_ids)


@dataclass(frozen=True)
class UnitLookups:
    """How a row is reached from its unit: paths of regions, and the school ("" when the row is one)."""

    region_paths: tuple[str, ...]
    school: str | None = None

    def field(self, name: str) -> str:
        return f"{self.school}__{name}" if self.school else name


def standing(user: User | AnonymousUser) -> "tuple[Membership, ...]":
    """The memberships that count today, the main one first; read once per user object and day."""
    if not isinstance(user, User) or not user.is_active:
        return ()
    cached: tuple[date, tuple[Membership, ...]] | None = user.__dict__.get("_standing")
    today = timezone.localdate()
    if cached is None or cached[0] != today:
        rows = user.memberships.current(today).select_related("region", "school__county")
        cached = (today, tuple(sorted(_with_attached(rows), key=main_first)))
        user.__dict__["_standing"] = cached
    return cached[1]


def _with_attached(rows: "Iterable[Membership]") -> "list[Membership]":
    """Each school with the ids of those that go with it: its teaching points, and what merged into it."""
    held = list(rows)
    schools = {row.school_id: row.school for row in held if row.school is not None}
    for school in schools.values():
        school.point_ids, school.absorbed_ids = set(), set()
    if schools:
        model = type(next(iter(schools.values())))
        attached = model.objects.filter(Q(parent__in=schools) | Q(merged_into__in=schools))
        for pk, parent_id, merged_into_id in attached.values_list("pk", "parent_id", "merged_into_id"):
            if parent_id in schools:
                schools[parent_id].point_ids.add(pk)
            if merged_into_id in schools:
                schools[merged_into_id].absorbed_ids.add(pk)
    for row in held:
        if row.school_id is not None:
            row.school = schools[row.school_id]
    return held


def main_first(membership: "Membership") -> tuple[bool, date, int]:
    """The order of someone's memberships: a school before a region, then the oldest."""
    return (membership.school_id is None, membership.starts, membership.pk)


def forget(user: User | AnonymousUser) -> None:
    user.__dict__.pop("_standing", None)


def scopes(user: User | AnonymousUser, verb: Verb | str) -> Scopes:
    verb = Verb(verb)
    paths: set[str] = set()
    school_ids: set[int] = set()
    for membership in standing(user):
        if verb not in verbs_of(membership.role, membership.unit_kind):
            continue
        if membership.region:
            paths.add(membership.region.path)
        elif membership.school:
            school = membership.school
            school_ids |= {school.pk, *school.point_ids, *school.absorbed_ids}
    if user.is_active and user.is_superuser and verb in SUPERUSER_VERBS:
        paths.add(ROOT_PATH)
    return Scopes(outermost(paths), tuple(sorted(school_ids)))


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Without the paths that lie under another of them."""
    kept: list[str] = []
    for path in sorted(paths):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return tuple(kept)


def unit_filter(user: User | AnonymousUser, verbs: Iterable[Verb], lookups: UnitLookups) -> Q:
    """Rows whose unit allows `user` at least one of `verbs`."""
    found = NOTHING
    for verb in verbs:
        found |= _rows_in(scopes(user, verb), verb, lookups)
    return found


def _rows_in(where: Scopes, verb: Verb, lookups: UnitLookups) -> Q:
    rows = NOTHING
    for lookup in lookups.region_paths:
        for path in where.region_paths:
            rows |= Q(**{f"{lookup}__startswith": path})
    if lookups.school is None:
        return rows
    if where.school_ids:
        rows |= Q(**{f"{lookups.field('pk')}__in": where.school_ids})
    if verb not in VERBS_ON_CLOSED:
        closed = lookups.field("closed")
        rows &= Q(**{f"{closed}__isnull": True}) | Q(**{f"{closed}__gte": timezone.localdate()})
    return rows
