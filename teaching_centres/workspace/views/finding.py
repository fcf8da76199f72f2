"""Finding a person or a school for a form: a search whose results are radio buttons of that form."""

from dataclasses import dataclass, field

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from teaching_centres.models import Membership, Region, School
from teaching_centres.numbers import id_in
from teaching_centres.scopes import standing
from teaching_centres.workspace.views.common import person

MOST = 12


@dataclass(frozen=True)
class Choice:
    value: int
    name: str
    line: str
    side: str
    ticked: bool = False


@dataclass(frozen=True)
class Found:
    name: str
    """Of the radio buttons, and with q_ before it of the search."""
    what: str
    region_id: int
    text: str = ""
    side: str = ""
    choices: list[Choice] = field(default_factory=list)

    @property
    def searched(self) -> bool:
        return bool(self.text)


def found_people(request: HttpRequest, region: Region, name: str) -> Found:
    """People of the region by name or school; one entry for each unit where someone serves."""
    text, ticked = _given(request, name)
    within = Q(school__county__path__startswith=region.path) | Q(region__path__startswith=region.path)
    rows = Membership.objects.current().filter(within).select_related("user", "school", "region")
    wanted = Q(pk=ticked) if ticked else Q(pk__in=[])
    if text:
        wanted |= Q(user__name__icontains=text) | Q(school__name__icontains=text)
    seen: dict[tuple[int, int | None, int | None], Choice] = {}
    for row in rows.filter(wanted).order_by("user__name_key", "user_id", "pk")[: 4 * MOST]:
        side = row.school.side if row.school else ""
        choice = Choice(row.pk, row.user.name, str(row.unit), side, row.pk == ticked)
        key = (row.user_id, row.school_id, row.region_id)
        if key not in seen or choice.ticked:
            seen[key] = choice
    return Found(name, "person", region.pk, text, choices=list(seen.values())[:MOST])


def found_schools(request: HttpRequest, region: Region, name: str, side: str = "") -> Found:
    text, ticked = _given(request, name)
    rows = School.objects.open().below(region).select_related("county")
    if side == "village":
        rows = rows.filter(urban_class=School.UrbanClass.VILLAGE)
    elif side == "town":
        rows = rows.exclude(urban_class=School.UrbanClass.VILLAGE)
    wanted = Q(pk=ticked) if ticked else Q(pk__in=[])
    if text:
        wanted |= Q(name__icontains=text) | Q(county__name__icontains=text)
    choices = [
        Choice(row.pk, row.name, row.county.name, row.side, row.pk == ticked)
        for row in rows.filter(wanted).order_by("name", "pk")[:MOST]
    ]
    return Found(name, "school", region.pk, text, side, choices)


def _given(request: HttpRequest, name: str) -> tuple[str, int | None]:
    given = request.POST if request.method == "POST" else request.GET
    value = given.get(name, "")
    ticked = id_in(value)
    return given.get(f"q_{name}", "").strip()[:40], ticked


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """For htmx. Names and units only: the address book, for everyone who belongs to the network."""
    if not standing(person(request)):
        raise Http404
    region = get_object_or_404(Region, pk=id_in(request.GET.get("in", "")))
    name = request.GET.get("name", "")
    if not name.isidentifier():
        raise Http404
    if request.GET.get("what") == "school":
        found = found_schools(request, region, name, request.GET.get("side", ""))
    else:
        found = found_people(request, region, name)
    return render(request, "teaching_centres/partials/found.html", {"found": found})
