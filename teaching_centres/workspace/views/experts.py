"""骨干: people with grades, by subject and county; granting, ending, one person's history."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts.models import User
from teaching_centres.models import TeachingCentre
from teaching_centres.queries import person_cards
from teaching_centres.workspace import forms, operations
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.models import Expertise
from teaching_centres.workspace.policies import may
from teaching_centres.workspace.queries import expertise as queries
from teaching_centres.workspace.queries.common import counties_below
from teaching_centres.workspace.views.common import (
    act_in_centre,
    carried_out,
    done,
    page_in_centre,
    person,
    posted,
    pressed,
    subject_names,
    with_centre,
)
from teaching_centres.workspace.views.finding import found_people


@require_safe
@with_centre
def centre_experts(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    filters = forms.expert_filters(request.GET)
    listing = queries.experts_page(centre.region, filters, request.GET.get("page", 1))
    return page_in_centre(
        request,
        centre,
        "experts",
        "experts",
        page=listing.page,
        lines=listing.lines,
        filters=filters,
        subjects=queries.subjects_with_experts(centre.region),
        counties=counties_below(centre.region),
        grades=Expertise.Grade.choices,
        may_grade=bool(may(person(request), Act.GRADE, centre.region)),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@act_in_centre(Act.GRADE, entry="expertise.granted")
def grant(request: HttpRequest, centre: TeachingCentre) -> HttpResponse:
    user = person(request)
    form = forms.GrantForm(posted(request), initial=request.GET.dict(), region=centre.region)
    if request.method == "POST" and carried_out(form, lambda: _grant(user, centre, form)):
        return done(request, _("登记好了。"), reverse("centre-experts", args=[centre.pk]))
    return page_in_centre(
        request,
        centre,
        "experts",
        "expert_new",
        status=422 if form.errors else 200,
        form=form,
        people=found_people(request, centre.region, "person"),
        subject_names=subject_names(),
    )


def _grant(user: User, centre: TeachingCentre, form: forms.GrantForm) -> None:
    read = form.cleaned_data
    operations.grant_expertise(
        person=read["person"].user,
        grade=read["grade"],
        region=centre.region,
        subject=read["subject"],
        starts=read["starts"],
        ends=read["ends"],
        actor=user,
    )


@require_safe
@with_centre
def history(request: HttpRequest, centre: TeachingCentre, person_id: int) -> HttpResponse:
    lines = queries.history_of(get_object_or_404(User, pk=person_id))
    if not lines:
        raise Http404
    return page_in_centre(
        request,
        centre,
        "experts",
        "expert",
        lines=lines,
        card=person_cards([person_id])[person_id],
        may_grade=bool(may(person(request), Act.GRADE, centre.region)),
    )


@require_POST
@act_in_centre(Act.GRADE, entry="expertise.ended")
def end(request: HttpRequest, centre: TeachingCentre, expertise_id: int) -> HttpResponse:
    row = get_object_or_404(Expertise.objects.select_related("user", "region"), pk=expertise_id)
    form = forms.EndForm(request.POST)
    return pressed(
        request,
        form,
        lambda: operations.end_expertise(expertise=row, on=form.cleaned_data["on"], actor=person(request)),
        _("记下了。以前的起止都留着。"),
        reverse("centre-expert", args=[centre.pk, row.user_id]),
    )
