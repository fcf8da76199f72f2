"""The pages of a record: as it is, its form, its signing, what was signed earlier, the document; and a task of it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.accounts.models import User
from foundation.records import document as documents
from foundation.records import editing, operations, queries
from foundation.records.errors import NotPossible, RecordNotFound
from foundation.records.form import field_of
from foundation.records.models import RecordRevision, RecordTask
from foundation.records.opened import Opened, open_record, require_task

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Arguments = ParamSpec("Arguments")


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)


def with_record(
    view: Callable[Concatenate[HttpRequest, Opened, Arguments], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Gives the view the record in place of its kind and id; who may not know of it gets a 404."""

    @wraps(view)
    def wrapped(request: HttpRequest, kind: str, subject_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, open_record(_person(request), kind, subject_id), *args, **kwargs)
        except RecordNotFound:
            raise Http404 from None

    return wrapped


def _address(name: str, opened: Opened, *more: Any) -> str:
    return reverse(name, args=[opened.kind.name, opened.subject.id, *more])


def _back(opened: Opened) -> HttpResponse:
    return HttpResponseRedirect(_address("record", opened))


def _context(opened: Opened, **more: Any) -> dict[str, Any]:
    return {"opened": opened, "title": opened.kind.title, **more}


# ---- as it is ------------------------------------------------------------------------------------------
@never_cache
@require_safe
@with_record
def record(request: HttpRequest, opened: Opened) -> HttpResponse:
    context = _context(
        opened,
        revisions=queries.revision_lines(opened.record),
        tasks=queries.task_lines(opened, timezone.localdate()),
    )
    if opened.record is not None and opened.is_signed:
        return _signed_page(request, queries.newest_revision(opened.record), context)
    draft = queries.draft_of(opened)
    context |= {
        "fields": queries.shown_draft(draft),
        "draft": draft,
        "document": _address("record-document", opened),
    }
    return render(request, "records/record.html", context)


@never_cache
@require_safe
@with_record
def revision(request: HttpRequest, opened: Opened, number: int) -> HttpResponse:
    """What was signed then."""
    lines = queries.revision_lines(opened.record)
    return _signed_page(request, _revision(opened, number), _context(opened, revisions=lines, earlier=True))


def _revision(opened: Opened, number: int) -> RecordRevision:
    return get_object_or_404(RecordRevision, record=opened.record, number=number)


def _signed_page(request: HttpRequest, found: RecordRevision, context: dict[str, Any]) -> HttpResponse:
    signed = queries.signed_record(found)
    download = _address("record-revision-document", context["opened"], found.number)
    return render(
        request,
        "records/record.html",
        context | {"fields": signed.fields, "signed": signed, "document": download},
    )


# ---- editing -------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@with_record
def edit(request: HttpRequest, opened: Opened) -> HttpResponse:
    opened.require_edit()
    if opened.is_signed:
        messages.error(request, operations.signed_already())
        return _back(opened)
    draft = queries.draft_of(opened)
    if request.method != "POST":
        return _form_page(request, opened, editing.blank(draft))
    form = editing.filled(draft, request.POST)
    more, both = (form.fields.get(request.POST.get(name, "")) for name in ("more", "both"))
    if more is not None:
        more.empty_rows = editing.MORE_ROWS
        return _form_page(request, opened, form)
    if both is not None:
        form.write_both(both.field.key)
        return _form_page(request, opened, form)
    return _save(request, opened, form)


def _save(request: HttpRequest, opened: Opened, form: editing.EditForm) -> HttpResponse:
    changes = form.changes()
    if form.has_errors:
        return _form_page(request, opened, form, 422)
    try:
        conflicts = operations.write(opened=opened, changes=changes)
    except NotPossible as refused:
        return _form_page(request, opened, form, 409, refused.reason)
    if not conflicts:
        messages.success(request, _("存好了。") if changes else _("没有改动。"))
        return _back(opened)
    opened = open_record(opened.user, opened.kind.name, opened.subject.id)
    return _form_page(request, opened, form.after(conflicts, queries.draft_of(opened)), 409)


def _form_page(
    request: HttpRequest, opened: Opened, form: editing.EditForm, status: int = 200, refused: str = ""
) -> HttpResponse:
    earlier = queries.earlier_edits(opened.record)
    for key, each in form.fields.items():
        each.earlier = earlier.get(key, [])
    context = _context(opened, form=form, refused=refused)
    return render(request, "records/edit.html", context, status=status)


@require_POST
@with_record
def automatic(request: HttpRequest, opened: Opened, key: str) -> HttpResponse:
    """What the source says instead of what was written by hand, or the other way round although it changed."""
    field = field_of(key)
    seen = request.POST.get("seen", "")
    if field is None or not seen.isdecimal():
        raise Http404
    keeps = request.POST.get("do") == "keep"
    act = operations.keep_by_hand if keeps else operations.restore_automatic
    try:
        act(opened=opened, field=field, seen=int(seen[:18]))
    except NotPossible as refused:
        messages.error(request, refused.reason)
    else:
        done = (
            _("留着你们写的“%(field)s”。") if keeps else _("“%(field)s”恢复自动了；以前写的还在“改记录”里。")
        )
        messages.success(request, done % {"field": field.label})
    return _back(opened)


# ---- signing -------------------------------------------------------------------------------------------
@require_POST
@with_record
def sign(request: HttpRequest, opened: Opened) -> HttpResponse:
    try:
        operations.sign(opened=opened, seen=request.POST.get("seen", ""))
    except NotPossible as refused:
        messages.error(request, refused.reason)
    else:
        messages.success(request, _("签字定稿了。任务已经告诉负责人。"))
    return _back(opened)


@require_POST
@with_record
def reopen(request: HttpRequest, opened: Opened) -> HttpResponse:
    try:
        operations.reopen(opened=opened, because=request.POST.get("because", ""))
    except NotPossible as refused:
        messages.error(request, refused.reason)
    else:
        messages.success(request, _("重开了，可以改。以前定稿的那份还看得到。"))
    return _back(opened)


# ---- the document --------------------------------------------------------------------------------------
@never_cache
@require_safe
@with_record
def document(_request: HttpRequest, opened: Opened) -> HttpResponse:
    """The draft; of a signed record, what was signed."""
    if opened.record is not None and opened.is_signed:
        return _document(opened, queries.newest_revision(opened.record))
    fields = queries.shown_draft(queries.draft_of(opened))
    return _attachment(opened, documents.write(str(opened.kind.title), fields, _("草稿，还没有签字定稿")))


@never_cache
@require_safe
@with_record
def revision_document(_request: HttpRequest, opened: Opened, number: int) -> HttpResponse:
    return _document(opened, _revision(opened, number))


def _document(opened: Opened, found: RecordRevision) -> HttpResponse:
    signed = queries.signed_record(found)
    foot = _("主持人签字：%(name)s　%(at)s　第 %(number)s 次定稿　校验值 %(sha)s") % {
        "name": signed.signed_by,
        "at": timezone.localtime(found.signed_at).strftime("%Y-%m-%d %H:%M"),
        "number": found.number,
        "sha": found.sha256[:16],
    }
    return _attachment(opened, documents.write(str(opened.kind.title), signed.fields, foot))


def _attachment(opened: Opened, content: bytes) -> HttpResponse:
    name = quote(f"{opened.kind.title}-{opened.subject.label}.docx", safe="")
    response = HttpResponse(content, content_type=DOCX)
    response.headers["Content-Disposition"] = f"attachment; filename=\"record.docx\"; filename*=UTF-8''{name}"
    return response


# ---- a task --------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    user = _person(request)
    found = get_object_or_404(RecordTask.objects.select_related("record", "person"), pk=task_id)
    try:
        require_task(user, found)
    except RecordNotFound:
        raise Http404 from None
    if request.method == "POST":
        try:
            operations.tick_task(actor=user, task=found, done=request.POST.get("done") == "1")
        except NotPossible as refused:
            messages.error(request, refused.reason)
        to = request.POST.get("to")
        where = [found.record.kind, found.record.subject_id]
        return HttpResponseRedirect(
            reverse("record", args=where) if to == "record" else operations.path_of(found)
        )
    context = {"task": found, "record": _record_of(user, found), "today": timezone.localdate()}
    return render(request, "records/task.html", context)


def _record_of(user: User, found: RecordTask) -> Opened | None:
    """The record, for those who may see it: a task may be given to somebody who may not."""
    try:
        return open_record(user, found.record.kind, found.record.subject_id)
    except RecordNotFound:
        return None
