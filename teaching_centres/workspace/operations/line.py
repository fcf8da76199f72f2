"""A school's line: measured at a click, or once a day while the page is idle."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.audit import audit
from teaching_centres.errors import Denied
from teaching_centres.models import School
from teaching_centres.operations.common import about_unit
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.models import LineMeasurement
from teaching_centres.workspace.operations.common import record_event, refuse_if
from teaching_centres.workspace.policies import require

Kind = LineMeasurement.Kind
CLICKS_A_DAY = 30
"""For a school: enough to look for a fault, too few to fill a table."""
IDLE_EVERY = timedelta(hours=20)
OUTAGES_KEPT = timedelta(days=7)
"""What a browser remembers of a line that was down is taken this long."""
FASTEST_KBIT = 10_000_000
SLOWEST_MS = 600_000


def measure(
    *,
    school: School,
    kind: str,
    down_kbit: int | None = None,
    latency_ms: int | None = None,
    at: datetime | None = None,
    actor: User,
) -> LineMeasurement:
    """Nobody's name is kept with it. A measurement is no act for the audit trail; a refusal is."""
    try:
        require(actor, Act.MEASURE, school)
    except Denied:
        audit(act="line.measured", allowed=False, **about_unit(school, actor))
        raise
    with transaction.atomic():
        now = timezone.now()
        moment = at if kind == Kind.OUTAGE and at is not None else now
        _refuse_wrong(kind, down_kbit, latency_ms, moment, now)
        _refuse_too_many(school, kind, now)
        if kind == Kind.OUTAGE:
            down_kbit = latency_ms = None
        row = LineMeasurement.objects.create(
            school=school, at=moment, kind=kind, down_kbit=down_kbit, latency_ms=latency_ms
        )
        event = events.LineMeasured(subject_id=school.pk, subject_label=school.name, down_kbit=down_kbit)
        record_event(event, actor)
    return row


def _refuse_wrong(
    kind: str, down_kbit: int | None, latency_ms: int | None, moment: datetime, now: datetime
) -> None:
    if kind == Kind.OUTAGE:
        refuse_if(not now - OUTAGES_KEPT <= moment <= now, _("断线的时间不对，没有记。"))
        return
    speed_fits = down_kbit is not None and 0 < down_kbit <= FASTEST_KBIT
    delay_fits = latency_ms is None or 0 <= latency_ms <= SLOWEST_MS
    refuse_if(not (speed_fits and delay_fits), _("测到的数不对，没有记。请再测一次。"))


def _refuse_too_many(school: School, kind: str, now: datetime) -> None:
    rows = LineMeasurement.objects.filter(school=school, kind=kind)
    if kind == Kind.IDLE:
        refuse_if(rows.filter(at__gt=now - IDLE_EVERY).exists(), _("今天已经自动测过。"))
        return
    today = rows.filter(at__gt=now - timedelta(days=1)).count()
    refuse_if(today >= CLICKS_A_DAY, _("今天测了很多次了，明天再测。"))
