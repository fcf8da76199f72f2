"""Take a file in: check it, store its bytes once, remember whose use it is."""

import hashlib
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.files.errors import FileRefused
from foundation.files.images import read_picture
from foundation.files.limits import ImageLimits, image_limits
from foundation.files.models import Blob, StoredFile


def store(
    *,
    upload: UploadedFile,
    subject_kind: str,
    subject_id: UUID,
    actor: User,
    limits: ImageLimits | None = None,
) -> StoredFile:
    """Store a picture for a subject. The caller has checked that the actor may add to it.

    Raises FileRefused. The bytes are in the storage before any row names them; a transaction that is
    rolled back leaves at worst bytes without a row, which the next upload of the same bytes uses.
    """
    limits = limits or image_limits()
    _check_size(upload.size or 0, limits)
    picture = read_picture(upload.read(), limits)
    blob = _put(picture.content, picture.media_type)
    size = {"width": picture.width, "height": picture.height}
    return _remember(
        blob, name=upload.name or "", subject_kind=subject_kind, subject_id=subject_id, actor=actor, **size
    )


def store_document(
    *, content: bytes, media_type: str, name: str, subject_kind: str, subject_id: UUID, actor: User
) -> StoredFile:
    """Store a document that the caller has checked, and whose kind it has found out from the content."""
    blob = _put(content, media_type)
    return _remember(blob, name=name, subject_kind=subject_kind, subject_id=subject_id, actor=actor)


def _check_size(size: int, limits: ImageLimits) -> None:
    if size > limits.max_bytes:
        raise FileRefused(
            _("图片有 %(size).1f MB，最大 %(limit)d MB。请缩小后再传。")
            % {"size": size / 1024**2, "limit": limits.max_bytes // 1024**2}
        )
    if size == 0:
        raise FileRefused(_("这个文件是空的。请重新选一个。"))


def _put(content: bytes, media_type: str) -> Blob:
    """Put the bytes there if they are not: two people sending the same bytes write the same object."""
    blob = Blob(sha256=hashlib.sha256(content).hexdigest(), size=len(content), media_type=media_type)
    if not default_storage.exists(blob.storage_name):
        file = ContentFile(content)
        file.content_type = media_type  # type: ignore[attr-defined]  # read by the S3 storage
        default_storage.save(blob.storage_name, file)
    return blob


@transaction.atomic
def _remember(
    blob: Blob,
    *,
    name: str,
    subject_kind: str,
    subject_id: UUID,
    actor: User,
    width: int | None = None,
    height: int | None = None,
) -> StoredFile:
    blob, _created = Blob.objects.get_or_create(
        sha256=blob.sha256, defaults={"size": blob.size, "media_type": blob.media_type}
    )
    return StoredFile.objects.create(
        blob=blob,
        name=name[-255:],
        width=width,
        height=height,
        subject_kind=subject_kind,
        subject_id=subject_id,
        uploaded_by=actor,
    )
