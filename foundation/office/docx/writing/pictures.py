"""Pictures: the bytes as they are where Word knows their kind, else as PNG; never wider or higher than the page."""

import io

from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.image.image import Image
from docx.parts.document import DocumentPart
from PIL import Image as Pillow

from foundation.office.docx.writing.look import Node
from foundation.office.docx.writing.xml import attribute

EMU_PER_PIXEL = 9525
EMU_PER_DXA = 635
MOST_BYTES = 60 * 1024**2
"""Of all pictures of one document."""
MOST_PIXELS = 40_000_000


class Album:
    """The pictures of one document, each stored once."""

    def __init__(self, part: DocumentPart) -> None:
        self._part = part
        self._known: dict[str, tuple[str, int, int]] = {}
        self._left = MOST_BYTES
        self._number = max(
            (int(each) for each in part.element.xpath("//wp:docPr/@id") if each.isdigit()), default=0
        )

    def add(self, file: str, content: bytes) -> tuple[str, int, int] | None:
        """The relationship's id and the size in pixels; None for what is no picture, or too much."""
        if file not in self._known:
            made = _readable(content)
            if made is None or len(made) > self._left:
                return None
            self._left -= len(made)
            relation, image = self._part.get_or_add_image(io.BytesIO(made))
            self._known[file] = (relation, image.px_width, image.px_height)
        return self._known[file]

    def drawing(self, node: Node, found: tuple[str, int, int], room: int, height: int) -> str:
        relation, pixels_wide, pixels_high = found
        wide, high = _size(node, pixels_wide, pixels_high, room * EMU_PER_DXA, height * EMU_PER_DXA)
        self._number += 1
        words = attribute((node.get("attrs") or {}).get("alt") or "")
        return (
            f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{high}"/>'
            f'<wp:docPr id="{self._number}" name="{self._number}" descr={words}/>'
            '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
            '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
            f'<pic:nvPicPr><pic:cNvPr id="{self._number}" name="{self._number}"/><pic:cNvPicPr/></pic:nvPicPr>'
            f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
            f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
            "</wp:inline></w:drawing></w:r>"
        )


def _readable(content: bytes) -> bytes | None:
    try:
        Image.from_blob(content)
        return content
    except (UnrecognizedImageError, InvalidImageStreamError, UnexpectedEndOfFileError):
        return _as_png(content)
    except Exception:  # damaged headers raise whatever their bytes lead to
        return None


def _as_png(content: bytes) -> bytes | None:
    try:
        with Pillow.open(io.BytesIO(content), formats=("WEBP", "JPEG", "PNG", "GIF")) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            out = io.BytesIO()
            image.convert("RGBA").save(out, format="PNG")
            return out.getvalue()
    except Exception:  # Pillow raises many kinds of errors on damaged files
        return None


def _size(node: Node, pixels_wide: int, pixels_high: int, room: int, height: int) -> tuple[int, int]:
    """As the node says, in proportion where it says one side only; made smaller to fit."""
    attrs = node.get("attrs") or {}
    wide, high = attrs.get("width") or 0, attrs.get("height") or 0
    ratio = max(pixels_high, 1) / max(pixels_wide, 1)
    if not wide and not high:
        wide = pixels_wide
    wide = wide or high / ratio
    high = high or wide * ratio
    shrunk = min(1, room / (wide * EMU_PER_PIXEL or 1), height / (high * EMU_PER_PIXEL or 1))
    return max(round(wide * EMU_PER_PIXEL * shrunk), 1), max(round(high * EMU_PER_PIXEL * shrunk), 1)
