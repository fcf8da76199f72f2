"""What every operation of the network does: check the right, record, know whom a change concerns."""

from typing import Any

from django.db.models import Q

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.audit import PERSON
from foundation.ledger.events import NOWHERE, LedgerEvent, Place
from foundation.ledger.operations import record
from teaching_centres import policies
from teaching_centres.errors import Denied
from teaching_centres.models import Membership, Region, School
from teaching_centres.policies import Unit, may_redraw, require
from teaching_centres.queries import place_of
from teaching_centres.roles import Verb


def require_manage(actor: User | None, unit: Unit) -> None:
    """`actor=None` is the operator at the command line."""
    if actor is not None:
        require(actor, Verb.MANAGE, unit)


def require_redraw(actor: User | None, unit: Unit) -> None:
    decision = may_redraw(actor, unit) if actor is not None else policies.YES
    if not decision:
        raise Denied(decision.reason)


def people_around(region: Region) -> set[int]:
    """Everyone whose roles reach the region from above, are held in it, or lie below it."""
    below = Q(region__path__startswith=region.path) | Q(school__county__path__startswith=region.path)
    return people_above(region) | _holders(below)


def people_above(region: Region) -> set[int]:
    """Everyone with a role in the region or in one above it."""
    return _holders(Q(region_id__in=[int(part) for part in region.path.strip("/").split("/")]))


def people_reaching(school: School) -> set[int]:
    """Everyone with a role in the school, in its central school, or in a region it lies in."""
    return people_above(school.county) | _holders(Q(school_id__in=[school.pk, school.parent_id]))


def _holders(memberships: Q) -> set[int]:
    return set(Membership.objects.filter(memberships).values_list("user_id", flat=True))


def record_event(event: LedgerEvent, actor: User | None) -> None:
    record(event, actor=actor, place=place_of(actor) if actor else NOWHERE)


def record_school(kind: type[events.SchoolEvent], school: School, actor: User | None) -> None:
    record_event(kind(subject_id=school.pk, subject_label=school.name, region_id=school.county_id), actor)


def record_membership(
    kind: type[events.MembershipStarted] | type[events.MembershipEnded],
    membership: Membership,
    actor: User | None,
) -> None:
    record_event(
        kind(
            subject_id=membership.pk,
            user_id=membership.user_id,
            role=str(membership.role),
            school_id=membership.school_id,
            region_id=membership.region_id,
        ),
        actor,
    )


# ---- where an act belongs in the audit trail ------------------------------------------------------------
def place_in(unit: Unit, actor: User | None) -> Place:
    role = place_of(actor).role if actor else ""
    if isinstance(unit, School):
        return Place(role=role, school_id=unit.pk, region_id=unit.county_id, urban_class=unit.urban_class)
    return Place(role=role, region_id=unit.pk)


def about_person(person: User, unit: Unit, actor: User | None, **details: Any) -> dict[str, Any]:
    """The entry of an act on what someone holds in a unit."""
    return {
        "actor": actor,
        "subject_kind": PERSON,
        "subject_id": person.pk,
        "place": place_in(unit, actor),
        "details": details,
    }


def about_unit(unit: Unit, actor: User | None, **details: Any) -> dict[str, Any]:
    return {
        "actor": actor,
        "subject_kind": "school" if isinstance(unit, School) else "region",
        "subject_id": unit.pk,
        "subject_label": str(unit),
        "place": place_in(unit, actor),
        "details": details,
    }


def unit_details(unit: Unit) -> dict[str, int | None]:
    is_school = isinstance(unit, School)
    return {"school_id": unit.pk if is_school else None, "region_id": None if is_school else unit.pk}


def day(on: Any) -> str | None:
    """A day as the audit trail keeps it."""
    return on.isoformat() if on else None
