"""The part of a form that says whom it is for: counted as it is chosen, picked one by one when the list is short."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from teaching_centres.models import TeachingCentre
from teaching_centres.workspace import forms
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.audiences import Audience, people_in, units_of
from teaching_centres.workspace.policies import require
from teaching_centres.workspace.queries.common import unit_card
from teaching_centres.workspace.views.common import person, values_of, with_centre

MOST_TO_PICK = 120
"""A longer list is narrowed by county first."""


def audience_context(centre: TeachingCentre, form: forms.AudienceForm, *, with_point: bool) -> dict[str, Any]:
    chosen = set(values_of(form, "counties"))
    counties = [
        {"value": value, "name": name, "ticked": value in chosen}
        for value, name in forms.county_choices(centre)
    ]
    return {
        "counties": counties,
        "has_centres_below": bool(counties),
        "with_point": with_point,
        "found": _found(centre, form, with_point),
    }


def _found(centre: TeachingCentre, form: forms.AudienceForm, with_point: bool) -> dict[str, Any]:
    units = units_of(centre, _wanted(form, with_point))
    picked = set(values_of(form, "picked"))
    cards = [unit_card(unit) for unit in units] if len(units) <= MOST_TO_PICK else []
    roles = values_of(form, "roles")
    return {
        "regions": len(units.regions),
        "schools": len(units.schools),
        "total": len(units),
        "few": len(units) <= MOST_TO_PICK,
        "units": [{"card": card, "ticked": card.value in picked} for card in cards],
        "people": len(people_in(units, roles)) if roles else None,
    }


def _wanted(form: forms.AudienceForm, with_point: bool) -> Audience:
    """What is chosen so far, without what is picked from it."""
    if not form.is_bound:
        return Audience(schools=bool(form.initial.get("schools")), with_point=with_point)
    part = forms.AudienceForm(form.data)
    part.is_valid()
    read = part.cleaned_data
    return forms.audience_of(read | {"picked": []}, with_point=with_point)


@require_safe
@with_centre
def audience(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    """For htmx: how many it is now, and which."""
    require(person(request), Act.LEAD, centre.region)
    form = forms.AudienceForm(request.GET)
    context = audience_context(centre, form, with_point=request.GET.get("with_point") == "1")
    return render(request, "teaching_centres/partials/audience_found.html", context)
