"""May this person do this in the workspaces, and if not, why? The pair of every `visible_to` in models."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from teaching_centres.errors import Denied
from teaching_centres.models import Region, School, TeachingCentre
from teaching_centres.policies import YES, Decision, Unit, allowed, may_see
from teaching_centres.queries import belonging
from teaching_centres.scopes import standing
from teaching_centres.workspace.acts import VERBS_OF, WITHIN, Act, held_within
from teaching_centres.workspace.models import (
    Circular,
    CircularReceipt,
    Expertise,
    LineMeasurement,
    Pairing,
    SupportTicket,
    Task,
    TaskReceiver,
    Visit,
    WeakSchool,
)


def may(user: User | AnonymousUser, act: Act, unit: Unit) -> Decision:
    decisions = [allowed(user, verb, unit) for verb in sorted(VERBS_OF[act])]
    granted = next((decision for decision in decisions if decision), None)
    if granted is None:
        return Decision(False, _reason(user, act, unit, decisions[0]))
    if act in WITHIN and not _holds_within(user, act, unit):
        return Decision(False, _("这一步要“%(unit)s”自己的人来做。") % {"unit": unit})
    return YES


def _reason(user: User | AnonymousUser, act: Act, unit: Unit, found: Decision) -> str:
    """A verb that is missing is explained as the act; everything else (no role, closed …) as it was found."""
    if isinstance(unit, School) and unit.is_closed():
        return found.reason
    if standing(user) and may_see(user, unit):
        return _("你在“%(unit)s”的角色不能%(act)s。") % {"unit": unit, "act": act.label}
    return found.reason


def _holds_within(user: User | AnonymousUser, act: Act, unit: Unit) -> bool:
    schools, regions = held_within(user, act)
    return unit.pk in (schools if isinstance(unit, School) else regions)


def require(user: User | AnonymousUser, act: Act, unit: Unit) -> None:
    decision = may(user, act, unit)
    if not decision:
        raise Denied(decision.reason)


# ---- pages -----------------------------------------------------------------------------------------
def may_open_centre(user: User | AnonymousUser, centre: TeachingCentre) -> Decision:
    """Everyone whom the centre serves (this looks upwards), and whoever has to do with its region."""
    if standing(user) and centre.region_id in belonging(user).region_ids:
        return YES
    return may_see(user, centre)


def may_open_school(user: User | AnonymousUser, school: School) -> Decision:
    return may_see(user, school)


def require_open(user: User | AnonymousUser, place: TeachingCentre | School) -> None:
    found = may_open_school(user, place) if isinstance(place, School) else may_open_centre(user, place)
    if not found:
        raise Denied(found.reason)


# ---- rows: the pairs of `visible_to` ---------------------------------------------------------------
def may_see_task(user: User | AnonymousUser, task: Task) -> bool:
    if may(user, Act.LEAD, task.centre.region):
        return True
    receivers = task.receivers.select_related("school__county", "region")
    return any(may(user, Act.FOLLOW, receiver.unit) for receiver in receivers)


def may_see_receiver(user: User | AnonymousUser, receiver: TaskReceiver) -> bool:
    giver = may(user, Act.LEAD, receiver.task.centre.region)
    return bool(giver or may(user, Act.FOLLOW, receiver.unit))


def may_see_circular(user: User | AnonymousUser, circular: Circular) -> bool:
    if may(user, Act.LEAD, circular.centre.region):
        return True
    receipts = circular.receipts.select_related("school__county", "region")
    return any(may_see_receipt(user, receipt) for receipt in receipts)


def may_see_receipt(user: User | AnonymousUser, receipt: CircularReceipt) -> bool:
    if standing(user) and receipt.user_id == user.pk:
        return True
    sender = may(user, Act.LEAD, receipt.circular.centre.region)
    return bool(sender or may(user, Act.LEAD, receipt.unit))


def may_see_expertise(user: User | AnonymousUser, _row: Expertise) -> bool:
    return bool(standing(user))


def may_see_weak_school(user: User | AnonymousUser, row: WeakSchool) -> bool:
    return bool(may(user, Act.LEAD, row.school))


def may_see_ticket(user: User | AnonymousUser, ticket: SupportTicket) -> bool:
    concerned = {ticket.opened_by_id, ticket.assigned_to_id}
    return bool(standing(user) and user.pk in concerned) or bool(may(user, Act.LEAD, ticket.school))


def may_see_pairing(user: User | AnonymousUser, pairing: Pairing) -> bool:
    return any(may(user, Act.LOOK, school) for school in (pairing.town, pairing.village))


def may_see_visit(user: User | AnonymousUser, visit: Visit) -> bool:
    if standing(user) and visit.person_id == user.pk:
        return True
    return any(may(user, Act.LOOK, unit) for unit in (visit.origin, visit.to_school))


def may_see_measurement(user: User | AnonymousUser, row: LineMeasurement) -> bool:
    return bool(may(user, Act.LOOK, row.school))


# ---- acts whose right lies with more than one unit ---------------------------------------------------
def may_answer_ticket(user: User | AnonymousUser, ticket: SupportTicket) -> Decision:
    """Whoever was given it, and whoever leads the school from the centre or above."""
    if standing(user) and user.pk == ticket.assigned_to_id:
        return YES
    return may(user, Act.LEAD, ticket.school.county)


def may_close_ticket(user: User | AnonymousUser, ticket: SupportTicket) -> Decision:
    """Whoever asked, and whoever leads the school: it is theirs to say that the help came."""
    if standing(user) and user.pk == ticket.opened_by_id:
        return YES
    return may(user, Act.LEAD, ticket.school)


def may_join_pairing(user: User | AnonymousUser, pairing: Pairing) -> Decision:
    """Log what was done together: whoever leads one of the two schools."""
    town = may(user, Act.LEAD, pairing.town)
    return town if town else may(user, Act.LEAD, pairing.village)


def may_register_visit(user: User | AnonymousUser, origin: Unit, to_school: School) -> Decision:
    """Whoever leads the unit that sends or the school that receives."""
    sends = may(user, Act.LEAD, origin)
    return sends if sends else may(user, Act.LEAD, to_school)


def require_decision(decision: Decision) -> None:
    if not decision:
        raise Denied(decision.reason)


def region_of_pairing(town: School, village: School) -> Region:
    """The region that reaches both: pairing is made there or above."""
    if town.county_id == village.county_id:
        return town.county
    ids = [int(part) for part in town.county.path.strip("/").split("/")]
    other = {int(part) for part in village.county.path.strip("/").split("/")}
    shared = [pk for pk in ids if pk in other]
    return Region.objects.get(pk=shared[-1])
