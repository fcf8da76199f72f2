"""Who may see and write a plan."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from foundation.accounts.models import User
from foundation.api.problems import Problem, answer
from lessons import forms, operations, policies, queries, sharing
from lessons.models import LessonPlan, PlanInvitation
from lessons.views.common import person, with_plan
from teaching_centres.models import School


@require_safe
@with_plan
def plan_sharing(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    rights = policies.rights(person(request), plan)
    context = {
        "plan": queries.editor_plan(plan, rights),
        "sharing": sharing.sharing_of(plan),
        "levels": PlanInvitation.Access.choices,
        **_found(request, plan, rights),
    }
    return render(request, "lessons/sharing.html", context)


@require_safe
@with_plan
def plan_sharing_find(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    """Whom one may invite, as part of the sharing page."""
    rights = policies.require_manage(person(request), plan)
    context = {"plan": queries.editor_plan(plan, rights), **_found(request, plan, rights)}
    return render(request, "lessons/partials/found.html", context)


def _found(request: HttpRequest, plan: LessonPlan, rights: policies.Rights) -> dict[str, object]:
    text = request.GET.get("q", "").strip()[:40]
    found = sharing.find(person(request), plan, text) if text and rights.manage else None
    return {"text": text, "found": found}


@require_POST
@with_plan
def plan_reach(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    form = forms.ReachForm(request.POST)
    policies.require_manage(person(request), plan)
    if not form.is_valid():
        return answer(Problem(422))
    reach = LessonPlan.Reach(form.cleaned_data["reach"])
    operations.change_reach(actor=person(request), plan=plan, reach=reach)
    messages.success(request, _("谁能看已改成“%(reach)s”。") % {"reach": reach.label})
    return redirect("plan-sharing", plan_id=plan.pk)


@require_POST
@with_plan
def plan_invite(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    policies.require_manage(person(request), plan)
    form = forms.InvitationForm(request.POST)
    if not form.is_valid():
        return answer(Problem(422))
    kind, _separator, number = form.cleaned_data["who"].partition(":")
    user = get_object_or_404(User, pk=number) if kind == "user" else None
    school = get_object_or_404(School, pk=number) if kind == "school" else None
    level = PlanInvitation.Access(form.cleaned_data["access"])
    operations.invite(actor=person(request), plan=plan, level=level, user=user, school=school)
    messages.success(
        request, _("%(who)s%(level)s这份教案了。") % {"who": user or school, "level": level.label}
    )
    return redirect("plan-sharing", plan_id=plan.pk)


@require_POST
@with_plan
def plan_invitation(request: HttpRequest, plan: LessonPlan, invitation_id: int) -> HttpResponse:
    """Change one invitation, or withdraw it with `access=none`."""
    policies.require_manage(person(request), plan)
    invitation = get_object_or_404(
        PlanInvitation.objects.select_related("user", "school"), pk=invitation_id, plan=plan
    )
    who, level = invitation.user or invitation.school, request.POST.get("access")
    if level == "none":
        operations.withdraw(actor=person(request), plan=plan, invitation=invitation)
        messages.success(request, _("不再请%(who)s。已经打开的页面会马上收回。") % {"who": who})
    elif level in PlanInvitation.Access.values:
        chosen = PlanInvitation.Access(level)
        operations.invite(
            actor=person(request), plan=plan, level=chosen, user=invitation.user, school=invitation.school
        )
        messages.success(request, _("%(who)s现在%(level)s这份教案。") % {"who": who, "level": chosen.label})
    else:
        raise Http404
    return redirect("plan-sharing", plan_id=plan.pk)
