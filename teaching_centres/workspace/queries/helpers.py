"""Whom a request for help can be given to."""

from django.db.models import Q, QuerySet

from foundation.accounts.models import User
from teaching_centres.models import Membership
from teaching_centres.roles import Role
from teaching_centres.workspace.models import Expertise, SupportTicket


def helpers_for(ticket: SupportTicket) -> QuerySet[User]:
    """The centre's own people and those above it, and whoever holds a grade now in the centre's region."""
    region = ticket.centre.region
    above = [int(part) for part in region.path.strip("/").split("/")]
    held = Membership.objects.current()
    staff = held.filter(region_id__in=above, role__in=[Role.RESEARCHER, Role.ADMINISTRATOR])
    local = held.filter(Q(school__county__path__startswith=region.path) | Q(region=region))
    experts = Expertise.objects.current().filter(user_id__in=local.values("user_id"))
    return User.objects.filter(Q(pk__in=staff.values("user_id")) | Q(pk__in=experts.values("user_id")))


def may_be_given(ticket: SupportTicket, person: User) -> bool:
    return helpers_for(ticket).filter(pk=person.pk).exists()
