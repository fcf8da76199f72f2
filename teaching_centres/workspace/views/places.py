"""The overviews of a centre and of a school, their schools and people, the calendar, the line."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from foundation.api.problems import Problem, answer
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.models import School, TeachingCentre
from teaching_centres.workspace import forms, operations, seams
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.models import Visit
from teaching_centres.workspace.policies import may, require
from teaching_centres.workspace.queries import (
    calendar,
    circulars,
    exchange,
    expertise,
    line,
    pairing,
    places,
    support,
    tasks,
)
from teaching_centres.workspace.views.common import (
    page_in_centre,
    page_in_school,
    person,
    with_centre,
    with_school,
)

ON_OVERVIEW = 5
DAYS_AHEAD = 14
PROBE = "teaching_centres/line-probe.bin"
PROBE_BYTES = 131_072


# ---- a centre --------------------------------------------------------------------------------------------
@require_safe
@with_centre
def centre(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    user = person(request)
    today = timezone.localdate()
    leads = bool(may(user, Act.LEAD, centre.region))
    context: dict[str, Any] = {
        "leads": leads,
        "above": places.centres_around(centre),
        "below": places.centres_below(centre.region),
        "experts": expertise.subjects_with_experts(centre.region),
        "coming": calendar.dates_between(user, centre, today, today + timedelta(days=DAYS_AHEAD))[:8],
        "blocks": [seams.block_of(section, user, centre) for section in seams.centre_sections],
    }
    if leads:
        given = tasks.given_page(centre, size=ON_OVERVIEW)
        sent = circulars.sent_page(centre, size=ON_OVERVIEW)
        counts = support.ticket_counts(support.tickets_of_centre(user, centre))
        context |= {
            "given": given.lines,
            "sent": sent.lines,
            "received": tasks.received_lines(tasks.received_by(centre.region)[:ON_OVERVIEW]),
            "tickets": counts,
            "tickets_waiting": counts.get("open", 0) + counts.get("taken", 0),
        }
    mine = circulars.received_by(user).filter(circular__centre=centre)[:ON_OVERVIEW]
    context["mine"] = circulars.received_lines(mine)
    return page_in_centre(request, centre, "overview", "centre", **context)


@require_safe
@with_centre
def centre_schools(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    require(person(request), Act.LOOK, centre.region)
    text = request.GET.get("q", "").strip()[:40]
    listing = places.schools_page(centre.region, text, request.GET.get("page", 1))
    return page_in_centre(
        request, centre, "schools", "schools", page=listing.page, lines=listing.lines, text=text
    )


@require_safe
@with_centre
def centre_calendar(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    month = calendar.month_of(person(request), centre, _month(request.GET.get("month", "")))
    return page_in_centre(request, centre, "calendar", "calendar", month=month, weekdays="一二三四五六日")


def _month(text: str) -> date:
    """ "2026-09"; anything else is this month."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return timezone.localdate().replace(day=1)
    return first if 2000 <= first.year <= 2100 else timezone.localdate().replace(day=1)


# ---- a school --------------------------------------------------------------------------------------------
@require_safe
@ensure_csrf_cookie
@with_school
def school(request: HttpRequest, school: School) -> HttpResponse:
    user = person(request)
    looks, follows = bool(may(user, Act.LOOK, school)), bool(may(user, Act.FOLLOW, school))
    tickets = support.tickets_of_school(user, school)
    context: dict[str, Any] = {
        "follows": follows,
        "looks": looks,
        "may_ask": bool(may(user, Act.ASK, school)),
        "may_answer": bool(may(user, Act.ANSWER, school)),
        "points": list(school.points.open()),
        "people": places.subjects_of_people(school),
        "listed": support.listed_now(user, school),
        "tickets": support.tickets_page(tickets.exclude(state="closed")).lines[:ON_OVERVIEW],
        "mine": circulars.received_lines(circulars.received_by(user).filter(read_at=None)[:ON_OVERVIEW]),
        "centre": next(iter(places.centres_serving_school(school)), None),
        "has_point": _has_point(school),
    }
    if follows:
        received = tasks.received_by(school, outstanding=True)
        context["received"] = tasks.received_lines(received[:ON_OVERVIEW])
        context["received_count"] = received.count()
    if looks:
        visits = exchange.visits_of(user, school)
        waiting = exchange.with_units(visits.filter(state=Visit.State.REGISTERED, to_school=school))
        context |= {
            "pairings": pairing.pairings_page(pairing.pairings_of(user, school)).lines[:3],
            "visits": exchange.visit_lines(waiting[:ON_OVERVIEW]),
            "blocks": [seams.block_of(section, user, school) for section in seams.school_sections],
            **_line(request, school),
        }
    return page_in_school(request, school, "overview", "school", **context)


def _has_point(school: School) -> bool:
    point = getattr(school, "prep_point", None)
    return point is not None and (point.closed is None or point.closed >= timezone.localdate())


@require_safe
@with_school
def school_people(request: HttpRequest, school: School) -> HttpResponse:
    listing = places.people_page(school, request.GET.get("page", 1))
    return page_in_school(request, school, "people", "school_people", page=listing.page, people=listing.lines)


# ---- its line ----------------------------------------------------------------------------------------------
def _line(request: HttpRequest, school: School) -> dict[str, Any]:
    found = line.line_of(school)
    measures = bool(may(person(request), Act.MEASURE, school))
    data = {
        "url": reverse("school-line-measure", args=[school.pk]),
        "probe": static(PROBE),
        "bytes": PROBE_BYTES,
        "idle": measures and found.wants_idle,
        "school": school.pk,
    }
    return {"line": found, "line_data": data, "may_measure": measures, "probe_kb": PROBE_BYTES // 1000}


@require_safe
@ensure_csrf_cookie
@with_school
def school_line(request: HttpRequest, school: School) -> HttpResponse:
    require(person(request), Act.LOOK, school)
    return page_in_school(request, school, "line", "school_line", **_line(request, school))


@require_POST
@with_school
def school_line_measure(request: HttpRequest, school: School) -> HttpResponse:
    """What the page measured; answers JSON, a refusal with a sentence to show."""
    form = forms.MeasureForm(request.POST)
    if not form.is_valid():
        return answer(Problem(422, _("测到的数不对，没有记。请再测一次。")))
    try:
        row = operations.measure(school=school, actor=person(request), **form.cleaned_data)
    except NotPossible as refused:
        return answer(Problem(422, refused.reason))
    except Denied as denied:
        return answer(Problem(403, denied.reason))
    state = line.state_of(row.down_kbit, row.latency_ms)
    said = _("%(speed)s，%(state)s") % {"speed": line.speed_of(row.down_kbit), "state": line.label_of(state)}
    return JsonResponse({"state": state, "says": said}, status=201)
