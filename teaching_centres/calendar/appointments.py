"""What the timetable brings to someone's calendar: lessons, the ends of terms, days off and moved days."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.notices.calendar import Appointment
from teaching_centres.calendar.days import Calendar
from teaching_centres.calendar.models import term_name
from teaching_centres.calendar.queries import Lesson, calendars_of, lessons_in, teaching_schools
from teaching_centres.calendar.timetables import day_name

NOT_TAUGHT = ("cancelled", "handed_over")


def appointments_of(user: User, first: date, last: date) -> Iterator[Appointment]:
    schools = teaching_schools(user)
    if not schools:
        return
    calendars = calendars_of(schools)
    for lesson in lessons_in(user, calendars, first, last):
        if lesson.starts and lesson.ends and lesson.state != "away":
            yield _lesson(lesson, several=len(schools) > 1)
    yield from _days(calendars[schools[0]], first, last)


def _lesson(lesson: Lesson, *, several: bool) -> Appointment:
    assert lesson.starts and lesson.ends
    day, period = lesson.origin
    words = [lesson.subject, lesson.class_label]
    if lesson.state == "substitute":
        words.append(_("（代课）"))
    return Appointment(
        key=f"lesson:{lesson.entry_id if lesson.state == 'substitute' else ''}:{day.isoformat()}:{period}",
        starts=lesson.starts,
        ends=lesson.ends,
        summary=" ".join(filter(None, words)),
        location=str(lesson.school) if several else "",
        changed_at=lesson.changed_at,
        cancelled=lesson.state in NOT_TAUGHT,
        sequence=0 if lesson.state == "usual" else 1,
    )


def _days(calendar: Calendar, first: date, last: date) -> Iterator[Appointment]:
    for term in calendar.terms:
        for key, day, words in (
            ("starts", term.starts, _("%(term)s开学")),
            ("ends", term.ends, _("%(term)s最后一天")),
        ):
            if first <= day <= last:
                yield Appointment(f"term:{term.code}:{key}", day, day, words % {"term": term_name(term.code)})
    for change in calendar.changes:
        if change.ends < first or change.starts > last or change.taught_as == change.starts:
            continue
        what = _("补 %(day)s的课") % {"day": day_name(change.taught_as)} if change.taught_as else _("放假")
        yield Appointment(
            f"days:{change.starts.isoformat()}:{change.name}",
            change.starts,
            change.ends,
            f"{change.name}：{what}",
        )
