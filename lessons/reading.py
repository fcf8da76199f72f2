"""Where someone's present roles let them read what was shared with a unit. Imports no model of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from teaching_centres.roles import Verb, verbs_of
from teaching_centres.scopes import Scopes, scopes, standing

if TYPE_CHECKING:
    from foundation.accounts.models import User


@dataclass(frozen=True)
class Reading:
    """`scopes`: the units that someone sees into, downwards. `paths`: where they stand themselves, so that
    what is shared with a county reaches everyone in it. `teaches_at`: schools whose invitations they use.
    `comments_in`: of what was shared, they may comment on what lies in these."""

    scopes: Scopes
    comments_in: Scopes
    paths: frozenset[str]
    teaches_at: frozenset[int]

    @classmethod
    def of(cls, user: User) -> Reading:
        paths, schools = set(), set()
        for membership in standing(user):
            verbs = verbs_of(membership.role, membership.unit_kind)
            if Verb.SEE not in verbs:
                continue
            if membership.school is not None:
                paths.add(membership.school.county.path)
                if Verb.EDIT in verbs:
                    schools |= {membership.school.pk, *membership.school.absorbed_ids}
            elif membership.region is not None:
                paths.add(membership.region.path)
        return cls(scopes(user, Verb.SEE), scopes(user, Verb.COMMENT), frozenset(paths), frozenset(schools))

    def units(self, depth: int) -> set[str]:
        """The paths of the units at this depth (1 is the province) that this person belongs to."""
        return {unit for path in self.paths if (unit := unit_at(path, depth))}

    def inside(self, *, school: str, path: str) -> Q:
        """Rows whose school or region lies within the scopes."""
        return _inside(self.scopes, school, path)

    def inside_where_comments(self, *, school: str, path: str) -> Q:
        return _inside(self.comments_in, school, path)

    def covers(self, *, school_id: int | None, path: str) -> bool:
        """The same for one row."""
        return _covers(self.scopes, school_id, path)

    def comments_on(self, *, school_id: int | None, path: str) -> bool:
        return _covers(self.comments_in, school_id, path)


def _inside(held: Scopes, school: str, path: str) -> Q:
    found = Q(**{f"{school}__in": held.school_ids})
    for prefix in held.region_paths:
        found |= Q(**{f"{path}__startswith": prefix})
    return found


def _covers(held: Scopes, school_id: int | None, path: str) -> bool:
    return school_id in held.school_ids or path.startswith(held.region_paths)


def unit_at(path: str, depth: int) -> str:
    """'/1/4/17/' at depth 2 is '/1/4/'; '' where the path is shorter."""
    steps = list(_steps(path))
    return f"/{'/'.join(steps[:depth])}/" if len(steps) >= depth else ""


def _steps(path: str) -> Iterator[str]:
    return (step for step in path.split("/") if step)
