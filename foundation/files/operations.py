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
from foundation.files.images import Picture, read_picture
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
    sha256 = hashlib.sha256(picture.content).hexdigest()
    _put(sha256, picture)
    return _remember(
        sha256, picture, name=upload.name or "", subject_kind=subject_kind, subject_id=subject_id, actor=actor
    )


def _check_size(size: int, limits: ImageLimits) -> None:
    if size > limits.max_bytes:
        raise FileRefused(
            _("图片有 %(size).1f MB，最大 %(limit)d MB。请缩小后再传。")
            % {"size": size / 1024**2, "limit": limits.max_bytes // 1024**2}
        )
    if size == 0:
        raise FileRefused(_("这个文件是空的。请重新选一个。"))


def _put(sha256: str, picture: Picture) -> None:
    """Put the bytes there if they are not: two people sending the same bytes write the same object."""
    name = Blob(sha256=sha256).storage_name
    if default_storage.exists(name):
        return
    content = ContentFile(picture.content)
    content.content_type = picture.media_type  # type: ignore[attr-defined]  # read by the S3 storage
    default_storage.save(name, content)


@transaction.atomic
def _remember(
    sha256: str, picture: Picture, *, name: str, subject_kind: str, subject_id: UUID, actor: User
) -> StoredFile:
    blob, _created = Blob.objects.get_or_create(
        sha256=sha256, defaults={"size": len(picture.content), "media_type": picture.media_type}
    )
    return StoredFile.objects.create(
        blob=blob,
        name=name[-255:],
        width=picture.width,
        height=picture.height,
        subject_kind=subject_kind,
        subject_id=subject_id,
        uploaded_by=actor,
    )
