"""Which levels a unit gives: for whoever manages it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from foundation.accounts.models import User
from lessons.reviewing import forms
from lessons.reviewing import levels as scale
from lessons.reviewing.views.common import Failed, carried_out
from lessons.views.common import person
from teaching_centres.models import Region
from teaching_centres.policies import Unit, allowed
from teaching_centres.roles import Verb
from teaching_centres.scopes import standing


@require_http_methods(["GET", "HEAD", "POST"])
def levels(request: HttpRequest) -> HttpResponse:
    user = person(request)
    units = {_name(unit): unit for unit in _managed(user)}
    failed = None
    if request.method == "POST":
        name = request.POST.get("unit", "")
        if name not in units:
            raise Http404
        unit, form = units[name], forms.LevelsForm(request.POST)
        if request.POST.get("from") == "above":
            scale.use_levels_from_above(unit=unit, actor=user)
        else:
            failed = carried_out(
                form,
                name,
                request.POST.get("levels", ""),
                lambda: scale.set_levels(unit=unit, levels=form.cleaned_data["levels"], actor=user),
            )
        if not failed:
            messages.success(request, _("“%(unit)s”的批阅等级设好了。以前批的不变。") % {"unit": unit})
            return redirect("review-levels")
    return _page(request, units, failed)


def _page(request: HttpRequest, units: dict[str, Unit], failed: Failed | None) -> HttpResponse:
    rows = [
        {"name": name, "unit": str(unit), "levels": scale.levels_of(unit), "own": scale.has_own_levels(unit)}
        for name, unit in units.items()
    ]
    context = {"rows": rows, "failed": failed, "fewest": scale.FEWEST, "most": scale.MOST}
    return render(request, "lessons/reviewing/levels.html", context, status=422 if failed else 200)


def _managed(user: User) -> list[Unit]:
    """Where this person is an administrator; the operator has the province."""
    held: list[Unit] = [membership.unit for membership in standing(user)]
    if user.is_superuser:
        held += Region.objects.filter(level=Region.Level.PROVINCE)
    return [unit for unit in dict.fromkeys(held) if allowed(user, Verb.MANAGE, unit)]


def _name(unit: Unit) -> str:
    return f"{'region' if isinstance(unit, Region) else 'school'}-{unit.pk}"
