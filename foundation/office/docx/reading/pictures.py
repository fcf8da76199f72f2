"""Pictures in the file: which kind they are, and as the bytes that a browser shows."""

import io

from PIL import Image

MAX_PIXELS = 40_000_000

SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"\xd7\xcd\xc6\x9a", "WMF"),
    (b"\x01\x00\x09\x00", "WMF"),
)
SHOWN = {"PNG", "JPEG", "GIF", "WEBP"}
CHANGED = {"BMP", "TIFF"}


def kind_of(content: bytes) -> str:
    """ "" for what is no picture that we know."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[:4] == b"\x01\x00\x00\x00" and content[40:44] == b" EMF":
        return "EMF"
    if content.lstrip()[:5] in (b"<?xml", b"<svg "):
        return "SVG"
    return next((kind for sign, kind in SIGNS if content.startswith(sign)), "")


def can_be_shown(kind: str) -> bool:
    return kind in SHOWN | CHANGED


def for_browsers(content: bytes) -> bytes | None:
    """The picture as it may be stored; None when it is damaged."""
    kind = kind_of(content)
    if kind in SHOWN:
        return content
    if kind not in CHANGED:
        return None
    try:
        with Image.open(io.BytesIO(content), formats=(kind,)) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            out = io.BytesIO()
            image.convert("RGBA" if "A" in image.mode else "RGB").save(out, format="PNG")
            return out.getvalue()
    except Exception:  # Pillow raises many kinds of errors on damaged files
        return None
