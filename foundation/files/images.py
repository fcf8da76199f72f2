"""Pictures: recognised by their content, never by name or by what the browser says."""

import io
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from foundation.files.errors import FileRefused
from foundation.files.limits import ImageLimits

MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
PERSONAL = {"exif", "Raw profile type exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment"}


@dataclass(frozen=True)
class Picture:
    content: bytes
    media_type: str
    width: int
    height: int


def read_picture(content: bytes, limits: ImageLimits) -> Picture:
    """Check that `content` is a whole picture of a known kind, and take personal data out of it.

    A photograph from a phone tells where, when and with what it was taken. A picture with EXIF, XMP or a
    comment is therefore written again without them, turned upright first; the colour profile stays. A
    picture without them keeps its bytes.
    """
    try:
        with Image.open(io.BytesIO(content), formats=tuple(MEDIA_TYPES)) as image:
            # every frame of a moving picture is unpacked
            _check_pixels(image.width * image.height * getattr(image, "n_frames", 1), limits)
            image.load()
            if image.format != "GIF" and (PERSONAL & image.info.keys() or image.format == "MPO"):
                return _without_personal_data(image)
            return Picture(content, MEDIA_TYPES[image.format or ""], image.width, image.height)
    except FileRefused:
        raise
    except UnidentifiedImageError:
        raise FileRefused(_("这不是图片，或这种图片放不进来。请换成 PNG、JPEG、GIF 或 WebP。")) from None
    except Image.DecompressionBombError:
        raise _too_many_pixels(limits) from None
    except Exception:  # Pillow raises many kinds of errors on damaged files
        raise FileRefused(_("这张图片不完整，打不开。请重新保存后再传。")) from None


def _check_pixels(pixels: int, limits: ImageLimits) -> None:
    if pixels > limits.max_pixels:
        raise _too_many_pixels(limits)


def _too_many_pixels(limits: ImageLimits) -> FileRefused:
    return FileRefused(_("图片超过 %d 万像素。请缩小后再传。") % (limits.max_pixels // 10_000))


def _without_personal_data(image: Image.Image) -> Picture:
    # several pictures in one JPEG (MPO, from some phones): the first is the photograph
    kind = "JPEG" if image.format == "MPO" else str(image.format)
    upright = (
        image if getattr(image, "is_animated", False) and kind != "JPEG" else ImageOps.exif_transpose(image)
    )
    out = io.BytesIO()
    upright.save(out, format=kind, **_save_options(image, upright, kind))
    return Picture(out.getvalue(), MEDIA_TYPES[kind], upright.width, upright.height)


def _save_options(image: Image.Image, upright: Image.Image, kind: str) -> dict[str, Any]:
    options: dict[str, Any] = {"icc_profile": image.info.get("icc_profile")}
    if kind == "JPEG":
        options |= {"comment": b"", "quality": 90}
    elif kind == "WEBP":
        options |= {"quality": 90, "exif": b"", "xmp": b"", "save_all": upright is image}
    else:
        options |= {"save_all": getattr(upright, "is_animated", False)}
    return options
