"""The only writers of the calendar."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta

from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.audit import audited
from teaching_centres.calendar.days import TermDates, Times
from teaching_centres.calendar.models import DaysChanged, Period, Term, term_name
from teaching_centres.calendar.queries import calendar_of
from teaching_centres.calendar.words import LAST_PERIOD
from teaching_centres.errors import NotPossible
from teaching_centres.models import Region, School
from teaching_centres.operations.common import about_unit, day, record_event, require_manage
from teaching_centres.policies import Unit

LONGEST_TERM = timedelta(days=200)
LONGEST_HOLIDAY = timedelta(days=60)


# ---- terms ---------------------------------------------------------------------------------------
def set_term(*, actor: User | None, region: Region, code: str, starts: date, ends: date) -> Term:
    """Set or change when a term begins and ends in a region and, unless they differ, in those below."""
    details = {"term": code, "starts": day(starts), "ends": day(ends)}
    with audited("term.set", **about_unit(region, actor, **details)):
        require_manage(actor, region)
        _refuse_wrong_term(region, TermDates(code, starts, ends))
        term, _created = Term.objects.update_or_create(
            region=region, code=code, defaults={"starts": starts, "ends": ends}
        )
        _record_calendar(actor, region, "term")
    return term


def remove_term(*, actor: User, term: Term) -> None:
    """What the region above has set holds again."""
    with audited("term.removed", **about_unit(term.region, actor, term=term.code)):
        require_manage(actor, term.region)
        term.delete()
        _record_calendar(actor, term.region, "term")


def _refuse_wrong_term(region: Region, new: TermDates) -> None:
    year, autumn = int(new.code[:4]), new.code.endswith("1")
    if new.ends <= new.starts:
        raise NotPossible(_("学期的最后一天要在开学以后。"))
    if new.ends - new.starts > LONGEST_TERM:
        raise NotPossible(_("一个学期不会超过 %(days)s 天，请看看年份。") % {"days": LONGEST_TERM.days})
    earliest, latest = (
        (date(year, 7, 15), date(year, 10, 31)) if autumn else (date(year + 1, 1, 15), date(year + 1, 5, 31))
    )
    if not earliest <= new.starts <= latest:
        names = {"term": term_name(new.code), "from": earliest, "to": latest}
        raise NotPossible(_("%(term)s的开学日要在 %(from)s 和 %(to)s 之间。") % names)
    for other in calendar_of(region).terms:
        if other.code != new.code and other.starts <= new.ends and new.starts <= other.ends:
            raise NotPossible(_("和%(term)s的日子重叠了。") % {"term": term_name(other.code)})


# ---- days off and moved days -----------------------------------------------------------------------
def change_days(
    *,
    actor: User | None,
    unit: Unit,
    name: str,
    starts: date,
    ends: date,
    taught_as: date | None = None,
) -> DaysChanged:
    """Days off; or, with `taught_as`, one day that is taught as another (that day itself: as usual)."""
    with audited("days.changed", **about_unit(unit, actor, starts=day(starts), ends=day(ends))) as entry:
        require_manage(actor, unit)
        _refuse_wrong_days(unit, starts, ends, taught_as)
        row = DaysChanged.objects.create(
            **_unit_fields(unit), name=name.strip(), starts=starts, ends=ends, taught_as=taught_as
        )
        entry.details["days_id"] = row.pk
        _record_calendar(actor, unit, "days")
    return row


def _refuse_wrong_days(unit: Unit, starts: date, ends: date, taught_as: date | None) -> None:
    if ends < starts:
        raise NotPossible(_("最后一天早于第一天。"))
    if ends - starts > LONGEST_HOLIDAY:
        raise NotPossible(
            _("放假最多填 %(days)s 天；寒暑假不用填，学期之外本来没有课。") % {"days": LONGEST_HOLIDAY.days}
        )
    if taught_as is not None and starts != ends:
        raise NotPossible(_("补课一天填一次。"))
    same = DaysChanged.objects.filter(**_unit_fields(unit), starts__lte=ends, ends__gte=starts)
    for other in same:
        if (other.taught_as is None) == (taught_as is None):
            raise NotPossible(_("这几天已经有“%(name)s”了，先删去再填。") % {"name": other.name})


def remove_changed_days(*, actor: User, days: DaysChanged) -> None:
    details = {"days_id": days.pk, "starts": day(days.starts), "ends": day(days.ends)}
    with audited("days.restored", **about_unit(days.unit, actor, **details)):
        require_manage(actor, days.unit)
        days.delete()
        _record_calendar(actor, days.unit, "days")


# ---- the periods of a day ----------------------------------------------------------------------------
def set_periods(*, actor: User | None, unit: Unit, since: date, times: Sequence[Times]) -> None:
    """The times of 第1节, 第2节 … from a day on, until other ones are set for a later day."""
    with audited("periods.set", **about_unit(unit, actor, starts=day(since), count=len(times))):
        require_manage(actor, unit)
        _refuse_wrong_times(times)
        Period.objects.filter(**_unit_fields(unit), since=since).delete()
        Period.objects.bulk_create(
            Period(**_unit_fields(unit), since=since, number=number, starts=each.starts, ends=each.ends)
            for number, each in enumerate(times, start=1)
        )
        _record_calendar(actor, unit, "periods")


def _refuse_wrong_times(times: Sequence[Times]) -> None:
    if not 1 <= len(times) <= LAST_PERIOD:
        raise NotPossible(_("一天排 1 到 %(last)s 节课。") % {"last": LAST_PERIOD})
    before = time.min
    for number, each in enumerate(times, start=1):
        if each.ends <= each.starts:
            raise NotPossible(_("第%(number)s节：下课要在上课以后。") % {"number": number})
        if each.starts < before:
            raise NotPossible(_("第%(number)s节：上课早于前一节的下课。") % {"number": number})
        before = each.ends


def remove_periods(*, actor: User, unit: Unit, since: date) -> None:
    with audited("periods.removed", **about_unit(unit, actor, starts=day(since))):
        require_manage(actor, unit)
        Period.objects.filter(**_unit_fields(unit), since=since).delete()
        _record_calendar(actor, unit, "periods")


def _unit_fields(unit: Unit) -> Mapping[str, Unit | None]:
    return {"school": unit, "region": None} if isinstance(unit, School) else {"school": None, "region": unit}


def _record_calendar(actor: User | None, unit: Unit, what: str) -> None:
    region = unit.county_id if isinstance(unit, School) else unit.pk
    school = unit.pk if isinstance(unit, School) else None
    record_event(
        events.CalendarChanged(
            subject_id=unit.pk, subject_label=unit.name, what=what, region_id=region, school_id=school
        ),
        actor,
    )
