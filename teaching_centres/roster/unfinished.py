"""Work on the network that jobs have not done: figures for those who run the platform, about nobody."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone

from teaching_centres.models import RosterImport, SchoolMerge
from teaching_centres.roster.jobs import UNEXPECTED

LATELY = timedelta(days=7)


@dataclass(frozen=True)
class Unfinished:
    imports: int
    imports_seconds: float
    """Since the job of the oldest said something."""
    imports_broken: int
    """Lately, by something unexpected; a table with mistakes is no trouble of the platform."""
    merges_overdue: int


def unfinished() -> Unfinished:
    now = timezone.now()
    waiting = Q(state__in=RosterImport.WAITING_FOR_A_JOB)
    broken = Q(state=RosterImport.State.FAILED, touched_at__gt=now - LATELY, reason__0=UNEXPECTED.text)
    found = RosterImport.objects.aggregate(
        imports=Count("pk", filter=waiting),
        oldest=Min("touched_at", filter=waiting),
        broken=Count("pk", filter=broken),
    )
    overdue = SchoolMerge.objects.filter(done_at__isnull=True, on__lt=timezone.localdate())
    return Unfinished(
        imports=found["imports"],
        imports_seconds=(now - found["oldest"]).total_seconds() if found["oldest"] else 0.0,
        imports_broken=found["broken"],
        merges_overdue=overdue.count(),
    )
