"""What every operation of the network does: check the right, record, know whom a change concerns."""

from django.db.models import Q

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.events import NOWHERE, LedgerEvent
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
