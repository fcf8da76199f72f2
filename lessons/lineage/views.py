"""个案与共案: the page, deciding on it, sending back, answering."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.api.problems import Problem, answer
from lessons import policies
from lessons.errors import NotPossible
from lessons.lineage import deciding, explaining, operations, origins, queries, sending, telling
from lessons.lineage.models import Contribution, Decision, Fork
from lessons.lineage.policies import require_send
from lessons.models import LessonPlan, PlanVersion
from lessons.queries import editor_plan
from lessons.views.common import person, with_plan


class DecideForm(forms.Form):
    do = forms.ChoiceField(choices=[(act, act) for act in ("accept", "merge", "decline", "later", "undo")])
    part = forms.CharField(max_length=80, required=False)
    offered = forms.CharField(max_length=32, required=False)
    shown = forms.CharField(max_length=32, required=False)
    decision = forms.IntegerField(required=False)
    reason = forms.CharField(max_length=200, required=False)


class SendForm(forms.Form):
    part = forms.CharField(max_length=80, error_messages={"required": gettext_lazy("选一处要提的。")})
    remark = forms.CharField(max_length=300, required=False)


class AnswerForm(forms.Form):
    do = forms.ChoiceField(choices=[(act, act) for act in ("accept", "merge", "decline", "withdraw")])
    shown = forms.CharField(max_length=32, required=False)
    answer = forms.CharField(max_length=300, required=False)


@never_cache
@require_safe
@with_plan
def lineage(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    user = person(request)
    own = queries.own_version_page(user, plan)
    if own and own.may_decide and own.waiting != own.counted:
        telling.recount(plan, own.waiting)
    context = {
        "plan": editor_plan(plan, policies.rights(user, plan)),
        "own": own,
        "shared": queries.shared_plan_page(user, plan),
        "begin": queries.begin(user, plan),
        "follows": Fork.Follows.choices,
    }
    return render(request, "lessons/lineage/page.html", context)


@require_POST
@with_plan
def fork(request: HttpRequest, plan: LessonPlan, version_id: int) -> HttpResponse:
    version = get_object_or_404(PlanVersion, plan=plan, pk=version_id)
    try:
        mine = operations.fork(actor=person(request), version=version)
    except NotPossible as refused:
        messages.warning(request, refused.reason)
        return redirect("plan-version", plan_id=plan.pk, version_id=version.pk)
    return redirect("plan-editor", plan_id=mine.pk)


@require_POST
@with_plan
def decide(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    form = DecideForm(request.POST)
    if not form.is_valid():
        return answer(Problem(422))
    return _done(request, plan, lambda: _decide(request, plan, form.cleaned_data))


def _decide(request: HttpRequest, plan: LessonPlan, given: dict[str, str]) -> str:
    actor, do = person(request), given["do"]
    if do == "undo":
        decision = get_object_or_404(Decision, fork__plan=plan, pk=given["decision"])
        deciding.take_back(actor=actor, plan=plan, decision=decision, shown=given["shown"])
        return _("撤回了，和决定以前一字不差。")
    if do in ("accept", "merge"):
        deciding.accept(
            actor=actor,
            plan=plan,
            part=given["part"],
            offered=given["offered"],
            shown=given["shown"],
            merge=do == "merge",
        )
        return (
            _("采用了。换下来的留着，随时能撤回。") if do == "accept" else _("两段都放进去了，到教案里删改。")
        )
    offers = _chosen(request) or [(given["part"], given["offered"])]
    if do == "later":
        deciding.put_off(actor=actor, plan=plan, offers=offers)
        return _("先放着了，共案再改这里才提醒你。")
    deciding.decline(actor=actor, plan=plan, offers=offers, reason=given["reason"])
    return _("没采用，你的个案一个字也没变。")


def _chosen(request: HttpRequest) -> list[deciding.Shown]:
    """The rest, all at once: each as key and hash."""
    chosen = (line.partition(" ") for line in request.POST.getlist("each")[:500])
    return [(key, offered) for key, _space, offered in chosen]


@require_POST
@with_plan
def follow(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    follows = request.POST.get("follows")
    if follows not in Fork.Follows.values:
        return answer(Problem(422))
    chosen = Fork.Follows(follows)

    def act() -> str:
        operations.follow(actor=person(request), plan=plan, follows=chosen)
        return _("改成了“%(follows)s”。") % {"follows": chosen.label}

    return _done(request, plan, act)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@with_plan
def send(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    """Choose an own part and say why. POST sends it."""
    user = person(request)
    fork = Fork.objects.select_related("upstream__region", "version").filter(plan=plan).first()
    if fork is None:
        raise Http404
    fork.plan = plan
    require_send(user, fork)
    form = SendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sending.send(actor=user, plan=plan, **form.cleaned_data)
        except NotPossible as refused:
            form.add_error("part", refused.reason)
        else:
            messages.success(request, _("提给主备人了，有回复会告诉你。"))
            return redirect("plan-lineage", plan_id=plan.pk)
    context = {
        "plan": editor_plan(plan, policies.rights(user, plan)),
        "upstream": fork.upstream,
        "parts": queries.sendable(fork),
        "form": form,
        "chosen": form["part"].value() or request.GET.get("part", ""),
    }
    return render(request, "lessons/lineage/send.html", context, status=422 if form.errors else 200)


@require_POST
@with_plan
def notes(request: HttpRequest, plan: LessonPlan, version_id: int) -> HttpResponse:
    """Why the parts of a version were changed: a field for each, named by it."""
    version = get_object_or_404(PlanVersion, plan=plan, pk=version_id, number__isnull=False)
    written = {
        name.removeprefix("note "): str(text)
        for name, text in request.POST.items()
        if name.startswith("note ")
    }

    def act() -> str:
        explaining.explain(actor=person(request), plan=plan, version=version, notes=written)
        return _("写好了，做了个案的老师在这一处旁边看得到。")

    return _done(request, plan, act)


@require_POST
@with_plan
def contribution(request: HttpRequest, plan: LessonPlan, contribution_id: int) -> HttpResponse:
    """Answer one on the page of the shared plan, or withdraw one's own on that of the own version."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return answer(Problem(422))
    given = form.cleaned_data
    rows = Contribution.objects.all()
    sent = rows.filter(fork__plan=plan) if given["do"] == "withdraw" else rows.filter(plan=plan)
    row = get_object_or_404(sent, pk=contribution_id)
    return _done(request, plan, lambda: _answer(request, row, given))


def _answer(request: HttpRequest, row: Contribution, given: dict[str, str]) -> str:
    actor, do = person(request), given["do"]
    if do == "withdraw":
        sending.withdraw(actor=actor, contribution=row)
        return _("收回了。")
    if do == "decline":
        sending.refuse(actor=actor, contribution=row, answer=given["answer"])
        return _("回复了，提的老师会收到消息。")
    sending.take(
        actor=actor,
        contribution=row,
        shown=given["shown"],
        merge=do == "merge",
        answer=given["answer"],
    )
    return _("写进共案了，署着提的老师的名字。")


def _done(request: HttpRequest, plan: LessonPlan, act: Callable[[], str]) -> HttpResponse:
    """Back on the page, with what was done or why it was not."""
    try:
        messages.success(request, act())
    except NotPossible as refused:
        messages.warning(request, refused.reason)
    return redirect("plan-lineage", plan_id=plan.pk)


@never_cache
@require_safe
@with_plan
def plan_origins(request: HttpRequest, plan: LessonPlan) -> JsonResponse:
    """Where the text of each part came from, for the editor: {"parts": {id: [line, …]}}."""
    return JsonResponse({"parts": origins.of(person(request), plan)})
