from urllib.parse import quote
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from foundation.files.access import may_fetch
from foundation.files.models import StoredFile


@require_safe
def fetch(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The bytes of a file, or on S3 the way to them. Whoever may not have it learns nothing of it."""
    file = StoredFile.objects.select_related("blob").filter(pk=file_id).first()
    if file is None or not request.user.is_authenticated or not may_fetch(request.user, file):
        raise Http404
    if hasattr(default_storage, "bucket_name"):
        return _redirect(file)
    return _answer(file)


def _answer(file: StoredFile) -> HttpResponse:
    """A file's bytes never change, so its reader's browser keeps them."""
    with default_storage.open(file.blob.storage_name) as content:
        response = HttpResponse(content.read(), content_type=file.blob.media_type)
    response["Content-Disposition"] = _disposition(file)
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _redirect(file: StoredFile) -> HttpResponse:
    url = default_storage.url(  # type: ignore[call-arg]  # S3Storage's signed address
        file.blob.storage_name,
        parameters={
            "ResponseContentType": file.blob.media_type,
            "ResponseContentDisposition": _disposition(file),
        },
    )
    response = HttpResponseRedirect(url)
    response["Cache-Control"] = "private, max-age=300"  # shorter than the address is valid
    return response


def _disposition(file: StoredFile) -> str:
    """Only pictures are shown in the page; everything else is a download."""
    kind = "inline" if file.blob.media_type.startswith("image/") else "attachment"
    return f"{kind}; filename*=UTF-8''{quote(file.name)}"
