"""What is drawn in a document: pictures, text boxes, shapes, charts, embedded objects."""

import re
from collections.abc import Iterator

from foundation.office.docx.reading.pictures import can_be_shown, kind_of
from foundation.office.docx.reading.walk import Node, Walk
from foundation.office.docx.reading.xml import WP, A, Element, O, R, V, W, children, text_of, whole
from foundation.office.message import gettext_noop, message

EMU_IN_PIXEL = 9525
WIDEST = 4_000
PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/picture}pic"
CHARTS = {
    "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart",
    "{http://schemas.microsoft.com/office/drawing/2014/chartex}chart",
}
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
POINTS = re.compile(r"(?:^|;)\s*(width|height)\s*:\s*([\d.]+)(pt|px|in|cm|mm)?")
PIXELS_IN = {"pt": 96 / 72, "px": 1.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}


def drawn(walk: Walk, element: Element) -> Iterator[Node | Element]:
    """Images as nodes, and the content of text boxes as elements, for whoever reads blocks."""
    found = shown = 0
    for part in _parts(element):
        found += 1
        if part.tag == A + "blip":
            for image in _image(walk, part.get(R + "embed"), part.get(R + "link"), _size(part), _alt(part)):
                shown += 1
                yield image
        elif part.tag == V + "imagedata":
            for image in _image(walk, part.get(R + "id"), None, _old_size(part), part.get(O + "title") or ""):
                shown += 1
                yield image
        elif part.tag == W + "txbxContent":
            yield part
        elif part.tag in CHARTS:
            walk.leave_out(message(gettext_noop("图表")), _alt(part))
        elif part.tag == DIAGRAM:
            walk.leave_out(message(gettext_noop("SmartArt 图示")), _alt(part))
    if element.tag == W + "object":
        only_picture = gettext_noop("嵌入的对象：只留下它的图片")
        nothing = gettext_noop("嵌入的对象，比如 MathType 公式")
        walk.leave_out(message(only_picture if shown else nothing))
    elif not found:
        walk.leave_out(
            message(gettext_noop("画的图形（线条、箭头、形状）")), _alt(element) or text_of(element)
        )


def _parts(element: Element) -> Iterator[Element]:
    for child in children(element):
        if child.tag in (A + "blip", V + "imagedata", W + "txbxContent", DIAGRAM) or child.tag in CHARTS:
            yield child
        else:
            yield from _parts(child)


def _image(
    walk: Walk, embedded: str | None, linked: str | None, size: tuple[int, int] | None, alt: str
) -> Iterator[Node]:
    relation = walk.package.relations(walk.package.main).get(embedded or linked or "")
    if relation is None:
        walk.leave_out(message(gettext_noop("图片：文件里没有它的内容")), alt)
    elif relation.outside:
        walk.leave_out(message(gettext_noop("图片：不在文件里，只有一个地址")), relation.target)
    else:
        kind = _kind(walk, relation.target)
        if kind is None:
            walk.leave_out(message(gettext_noop("图片：坏了，或者太大")), alt)
        elif not can_be_shown(kind):
            walk.leave_out(
                message(gettext_noop("图片：%(kind)s 格式，网页里显示不了"), kind=kind or "?"), alt
            )
        else:
            walk.made()
            attributes = {"file": relation.target, "alt": alt[:2_000]}
            width, height = size or (0, 0)
            if width > 0 and height > 0:
                attributes |= {"width": width, "height": height}  # type: ignore[dict-item]
            yield {"type": "image", "attrs": attributes}


def _kind(walk: Walk, part: str) -> str | None:
    """The kind of a picture, which may stand in many places; None when there is none to read."""
    if part not in walk.pictures:
        content = walk.package.picture(part)
        walk.pictures[part] = kind_of(content) if content else None
    return walk.pictures[part]


def _frame(part: Element) -> Element | None:
    """The wp:inline or wp:anchor around a part."""
    return next((each for each in part.iterancestors() if each.tag in (WP + "inline", WP + "anchor")), None)


def _size(blip: Element) -> tuple[int, int] | None:
    """The size of the frame; in a group of pictures each has its own."""
    own = next((each for each in blip.iterancestors(PICTURE)), None)
    frame = _frame(blip)
    extent = frame.find(WP + "extent") if frame is not None else None
    if extent is None or (frame is not None and len(list(frame.iter(PICTURE))) > 1 and own is not None):
        inner = next(own.iter(A + "ext"), None) if own is not None else None
        extent = inner if inner is not None and inner.get("cx") else extent
    if extent is None:
        return None
    return _pixels(extent.get("cx")), _pixels(extent.get("cy"))


def _pixels(emu: str | None) -> int:
    return whole(emu, least=0, most=WIDEST * EMU_IN_PIXEL, default=0) // EMU_IN_PIXEL


def _alt(part: Element) -> str:
    frame = _frame(part)
    if frame is None:
        frame = next(part.iter(WP + "inline", WP + "anchor"), None)
    described = frame.find(WP + "docPr") if frame is not None else None
    return (described.get("descr") or "").strip() if described is not None else ""


def _old_size(imagedata: Element) -> tuple[int, int] | None:
    shape = imagedata.getparent()
    style = (shape.get("style") or "") if shape is not None else ""
    found = {name: float(number[:9]) * PIXELS_IN[unit or "px"] for name, number, unit in POINTS.findall(style[:500])
             if number.count(".") <= 1 and number.strip(".")}  # fmt: skip
    if len(found) < 2:
        return None
    return min(int(found["width"]), WIDEST), min(int(found["height"]), WIDEST)
