"""What in the network belongs to a person, and how it moves to another account of the same person."""

from datetime import date

from foundation.accounts.belongings import goes, moves, moves_by, stays
from foundation.accounts.models import User
from teaching_centres.models import (
    DifferentPeople,
    Leave,
    Membership,
    PersonMerge,
    RosterImport,
    SchoolMerge,
)


def _move_memberships(survivor: User, absorbed: User) -> int:
    """Two of the same role in the same unit at the same time become one, as long as both were together."""
    moved = 0
    for row in absorbed.memberships.order_by("starts", "pk"):
        same = survivor.memberships.filter(
            role=row.role, school=row.school_id, region=row.region_id, subject=row.subject
        )
        own = next((one for one in same if _meet(one, row)), None)
        if own is None:
            row.user = survivor
            row.save(update_fields=["user"])
        else:
            if _later(row.ends, own.ends):
                own.ends, own.ended_as = row.ends, row.ended_as
            own.starts = min(own.starts, row.starts)
            own.save(update_fields=["starts", "ends", "ended_as"])
            row.delete()
        moved += 1
    return moved


def _meet(one: Membership | Leave, other: Membership | Leave) -> bool:
    return (one.ends is None or one.ends >= other.starts) and (other.ends is None or other.ends >= one.starts)


def _later(one: date | None, other: date | None) -> bool:
    return other is not None and (one is None or one > other)


def _lead_on(survivor: User, absorbed: User) -> int:
    """Who was absorbed by the absorbed one before is now the survivor as well."""
    return PersonMerge.objects.filter(survivor=absorbed).update(survivor=survivor)


BELONGINGS = (
    moves_by(Membership, "user", _move_memberships),
    moves(Leave, "user", once_with=("kind", "starts")),
    moves(Leave, "recorded_by"),
    moves(SchoolMerge, "decided_by"),
    moves(RosterImport, "actor"),
    stays(PersonMerge, "absorbed", because="it is the account that was absorbed"),
    moves_by(PersonMerge, "survivor", _lead_on),
    moves(PersonMerge, "by"),
    goes(DifferentPeople, "one"),
    goes(DifferentPeople, "other"),
    moves(DifferentPeople, "by"),
)
