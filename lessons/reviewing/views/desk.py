"""The list of what is to be reviewed, and the desk: one plan after the other, its text beside level and opinion."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts.models import User
from foundation.api.problems import Problem, answer
from lessons import policies as plans
from lessons.document import read_state
from lessons.models import PlanVersion
from lessons.outline import outline_of
from lessons.queries import facts_line
from lessons.reviewing import forms, operations, queries
from lessons.reviewing.drawing import draw
from lessons.reviewing.levels import levels_of
from lessons.reviewing.models import Submission
from lessons.reviewing.views.common import Failed, carried_out, with_submission
from lessons.versions import label
from lessons.views.common import person
from lessons.workspace.views import GRADES
from teaching_centres.queries import person_card
from teaching_centres.roles import Verb
from teaching_centres.scopes import scopes

TABS = ("todo", "given", "recommended", "mine")


@require_safe
def review_list(request: HttpRequest) -> HttpResponse:
    return page_of_list(request)


def page_of_list(request: HttpRequest, *, tab: str = "", failed: Failed | None = None) -> HttpResponse:
    user = person(request)
    where = scopes(user, Verb.REVIEW)
    shown = {
        "todo": bool(where),
        "given": bool(where),
        "recommended": bool(where.region_paths),
        "mine": plans.may_create(user),
    }
    names = {
        "todo": _("等我批阅"),
        "given": _("我批过的"),
        "recommended": _("推荐上来的"),
        "mine": _("我交的"),
    }
    here = next((each for each in TABS if each == (tab or request.GET.get("tab")) and shown[each]), "")
    here = here or next((each for each in TABS if shown[each]), "mine")
    number = request.GET.get("page", 1)
    context: dict[str, Any] = {
        "tab": here,
        "tabs": [{"value": each, "name": names[each], "here": each == here} for each in TABS if shown[each]],
        "failed": failed,
        "sets_levels": bool(scopes(user, Verb.MANAGE)),
        "reviews": bool(where),
        "takes_part": any(shown.values()),
    }
    if here == "todo":
        filters = forms.filters_from(request.GET)
        listing: Any = queries.review_page(user, filters, number)
        context |= {
            "filters": filters,
            "choices": queries.choices_for(user),
            "grades": GRADES,
            "states": [("todo", _("还没批")), ("done", _("批过")), ("all", _("全部"))],
            "first": queries.first_todo(user, filters),
        }
    elif here == "given":
        listing = queries.given_page(user, number)
    elif here == "recommended":
        listing = queries.waiting_page(user, number)
    else:
        listing = queries.own_page(user, number)
    context |= {"lines": listing.lines, "page": listing.page}
    return render(request, "lessons/reviewing/list.html", context, status=422 if failed else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@ensure_csrf_cookie
def desk(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Where the author has handed in another version meanwhile, that one."""
    newer = Submission.objects.reviewable_by(person(request)).filter(plan__submissions=submission_id).first()
    if newer is not None and newer.pk != submission_id and request.method != "POST":
        messages.info(request, _("作者换了一版，这是新的。"))
        return redirect(_address(newer.pk, forms.filters_from(request.GET)))
    return _desk(request, submission_id)


@with_submission
def _desk(request: HttpRequest, submission: Submission) -> HttpResponse:
    user = person(request)
    if submission.plan.owner_id == user.pk:
        return redirect("plan-reviews", plan_id=submission.plan_id)
    if request.method == "POST":
        return _save(request, submission)
    return page_of_desk(request, submission)


def page_of_desk(
    request: HttpRequest, submission: Submission, *, failed: Failed | None = None, form: Any = None
) -> HttpResponse:
    user = person(request)
    filters = forms.filters_from(request.GET)
    place = queries.place_of(user, submission, filters)
    reviews = queries.reviews_of(user, submission.plan)
    mine = next((each for each in reviews if each.mine and each.version_id == submission.version_id), None)
    levels = levels_of(submission.unit)
    given = {
        "level": form["level"].value() if form else mine.level if mine else "",
        "opinion": form["opinion"].value() if form else mine.opinion if mine else "",
        "revision": form["revision"].value() if form else mine.revision if mine else 0,
    }
    content = read_state(bytes(_version(submission).state))
    context = {
        "submission": submission,
        "title": submission.plan.title or _("还没有课题"),
        "facts": facts_line(submission.plan),
        "owner": person_card(submission.plan.owner_id),
        "version": label(submission.version),
        "text": draw(content),
        "outline": outline_of(content),
        "place": place,
        "filters": filters,
        "query": f"?{filters.query}" if filters.query else "",
        "levels": levels if not mine or mine.level in levels else [mine.level, *levels],
        "given": given,
        "mine": mine,
        "mine_alone": [mine],
        "others": [each for each in reviews if each is not mine],
        "phrases": queries.phrases_of(user),
        "likeness": queries.figure_of(getattr(submission.version, "similarity", None)),
        "chain": queries.chain_of(user, submission),
        "failed": failed,
        "desk_data": {
            "draft": f"review-draft:{user.pk}:{submission.version_id}",
            "given": {"level": given["level"], "opinion": given["opinion"]},
            "previous": _address(place.previous_id, filters),
            "next": _address(place.next_id, filters),
        },
    }
    return render(request, "lessons/reviewing/desk.html", context, status=422 if failed else 200)


def _version(submission: Submission) -> PlanVersion:
    """With its text, which lists leave out."""
    return PlanVersion.objects.only("state").get(pk=submission.version_id)


def _save(request: HttpRequest, submission: Submission) -> HttpResponse:
    """The page's script wants JSON; without it the form itself is sent, and the next plan comes as a page."""
    user, form = person(request), forms.ReviewForm(request.POST)
    failed = carried_out(
        form,
        "review",
        request.POST.get("opinion", ""),
        lambda: operations.give_review(
            actor=user,
            submission=submission,
            level=form.cleaned_data["level"],
            opinion=form.cleaned_data["opinion"],
            revision=form.cleaned_data["revision"],
        ),
    )
    wants_page = "text/html" in request.headers.get("Accept", "")
    if failed:
        return (
            page_of_desk(request, submission, failed=failed, form=form)
            if wants_page
            else answer(Problem(422, failed.reason))
        )
    filters = forms.filters_from(request.GET)
    todo = queries.place_of(user, submission, filters).todo_id
    to = _address(todo, filters) if todo else f"{reverse('review-list')}?{filters.query}"
    return redirect(to) if wants_page else JsonResponse({"next": to})


def _address(submission_id: int | None, filters: queries.Filters) -> str:
    if submission_id is None:
        return ""
    return reverse("review-desk", args=[submission_id]) + (f"?{filters.query}" if filters.query else "")


# ---- phrases ---------------------------------------------------------------------------------------------
@require_POST
def phrase_keep(request: HttpRequest) -> HttpResponse:
    form = forms.PhraseForm(request.POST)
    user = person(request)
    text = request.POST.get("opinion", "")
    return _phrases(
        request,
        user,
        carried_out(
            form,
            "phrase",
            text,
            lambda: operations.keep_phrase(actor=user, text=form.cleaned_data["opinion"]),
        ),
    )


@require_POST
def phrase_drop(request: HttpRequest, phrase_id: int) -> HttpResponse:
    user = person(request)
    operations.drop_phrase(actor=user, phrase_id=phrase_id)
    return _phrases(request, user, None)


def _phrases(request: HttpRequest, user: User, failed: Failed | None) -> HttpResponse:
    context = {"phrases": queries.phrases_of(user), "failed": failed}
    return render(request, "lessons/reviewing/phrases.html", context)
