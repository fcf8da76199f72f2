"""Own forms: the list, bringing one, one of them, and the example."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts.models import User
from foundation.office.docx.filling import Unfillable
from foundation.office.message import Refused
from lessons import policies
from lessons.errors import NotPossible
from lessons.models import WordTemplate
from lessons.views.common import person
from lessons.word_out import placeholders, sample, templates
from lessons.word_out.exporting import Exported, tidy
from lessons.word_out.forms import TemplateForm
from lessons.word_out.views import download


@require_safe
def word_templates(request: HttpRequest) -> HttpResponse:
    user = person(request)
    found = list(templates.visible(user))
    rows = [{"template": each, "may_manage": templates.may_manage(user, each)} for each in found]
    context = {
        "in_use": [row for row, each in zip(rows, found, strict=True) if each.retired_at is None],
        "retired": [row for row, each in zip(rows, found, strict=True) if each.retired_at is not None],
        "may_add": _may_add(user),
    }
    return render(request, "lessons/word/templates.html", context)


def _may_add(user: User) -> bool:
    return policies.may_create(user) or bool(templates.managed_units(user))


@require_http_methods(["GET", "HEAD", "POST"])
def word_template_new(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = TemplateForm(request.POST or None, request.FILES or None, user=user)
    problems = []
    if request.method == "POST" and form.is_valid():
        try:
            upload = form.cleaned_data["file"]
            template = templates.add_template(
                actor=user,
                name=form.cleaned_data["name"],
                content=upload.read(),
                file_name=upload.name or "",
                unit=form.unit,
            )
            messages.success(request, _("模板“%(name)s”可以用了。") % {"name": template.name})
            return redirect("word-template", template.pk)
        except Refused as refused:
            form.add_error("file", refused.message.said(_))
        except NotPossible as refused:
            form.add_error(None, refused.reason)
        except templates.TemplateRefused as refused:
            problems = list(refused.problems)
    context = {"form": form, "problems": problems, **_explained()}
    failed = bool(form.errors or problems)
    return render(request, "lessons/word/template_new.html", context, status=422 if failed else 200)


def _explained() -> dict[str, object]:
    return {
        "explained": placeholders.EXPLAINED,
        "rows_name": placeholders.PROCESS,
        "columns": placeholders.COLUMNS,
    }


@require_safe
def word_template(request: HttpRequest, template_id: UUID) -> HttpResponse:
    user = person(request)
    template = _visible(user, template_id)
    known = templates.names_for(user).blocks - {placeholders.BODY, placeholders.HEAD, placeholders.REST}
    asked = set(template.asks_for)
    everything = bool({placeholders.BODY, placeholders.REST} & asked)
    context = {
        "template": template,
        "may_manage": templates.may_manage(user, template),
        "left_out": []
        if everything
        else [name for name in placeholders.EXPLAINED if name in known - asked - _process(asked)],
    }
    return render(request, "lessons/word/template.html", context)


def _process(asked: set[str]) -> set[str]:
    return {"教学过程"} if placeholders.PROCESS in asked else set()


@never_cache
@require_safe
def word_template_file(request: HttpRequest, template_id: UUID) -> HttpResponse:
    template = _visible(person(request), template_id)
    return download(Exported(f"{tidy(template.name)}.docx", templates.bytes_of(template)))


@never_cache
@require_safe
def word_template_preview(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Filled with an invented plan."""
    template = _visible(person(request), template_id)
    try:
        content = templates.filled_with_sample(templates.bytes_of(template), template.asks_for)
    except Unfillable as refused:
        messages.error(request, refused.message.said(_))
        return redirect("word-template", template.pk)
    return download(Exported(f"{tidy(template.name)} {_('试填')}.docx", content))


@require_safe
def word_template_example(request: HttpRequest) -> HttpResponse:
    return download(Exported(f"{_('教案模板示例')}.docx", sample.example_form()))


@require_POST
def word_template_state(request: HttpRequest, template_id: UUID) -> HttpResponse:
    user = person(request)
    template = _visible(user, template_id)
    if request.POST.get("state") == "in_use":
        templates.bring_back(actor=user, template=template)
        messages.success(request, _("模板“%(name)s”又能用了。") % {"name": template.name})
    else:
        templates.retire(actor=user, template=template)
        messages.success(request, _("模板“%(name)s”停用了，导出时不再出现。") % {"name": template.name})
    return redirect("word-templates")


def _visible(user: User, template_id: UUID) -> WordTemplate:
    return get_object_or_404(templates.visible(user), pk=template_id)
