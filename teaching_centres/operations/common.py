"""What every operation of the network does: check the right, record, know whom a change concerns."""

from django.db.models import Q
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.events import NOWHERE, LedgerEvent
from foundation.ledger.operations import record
from teaching_centres import policies
from teaching_centres.models import Membership, Region, School
from teaching_centres.policies import Unit, require
from teaching_centres.queries import place_of
from teaching_centres.roles import Verb


def require_manage(actor: User | None, unit: Unit | None) -> None:
    if actor is None:
        return
    if unit is None:
        if not (actor.is_active and actor.is_superuser):
            raise policies.Denied(_("省级节点由平台管理员设立。"))
        return
    require(actor, Verb.MANAGE, unit)


def people_around(region: Region) -> set[int]:
    """Everyone whose roles reach the region from above, are held in it, or lie below it."""
    above = [int(part) for part in region.path.strip("/").split("/")]
    rows = Membership.objects.filter(
        Q(region_id__in=above)
        | Q(region__path__startswith=region.path)
        | Q(school__county__path__startswith=region.path)
    )
    return set(rows.values_list("user_id", flat=True))


def people_of(school: School) -> set[int]:
    return set(Membership.objects.filter(school=school).values_list("user_id", flat=True))


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
