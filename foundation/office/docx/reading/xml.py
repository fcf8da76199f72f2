"""OOXML's names, and small questions about its elements."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

Element = Any
"""lxml has no types of its own."""

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
V = "{urn:schemas-microsoft-com:vml}"
O = "{urn:schemas-microsoft-com:office:office}"  # noqa: E741 — its usual prefix
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

# “Strict” files say the same under other names.
STRICT = {
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": W,
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": R,
    b"http://purl.oclc.org/ooxml/officeDocument/math": M,
    b"http://purl.oclc.org/ooxml/drawingml/main": A,
    b"http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing": WP,
}

_OFF = {"0", "false", "off", "none"}


def parse(content: bytes) -> Element:
    """Raises etree.XMLSyntaxError. Nothing is fetched and no entity is put in."""
    for strict, usual in STRICT.items():
        content = content.replace(strict, usual[1:-1].encode())
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(content, parser)


def value(element: Element | None, name: str = "val") -> str | None:
    return None if element is None else element.get(W + name)


def child_value(element: Element | None, name: str) -> str | None:
    """`<w:jc w:val="center"/>` in an element's properties."""
    return None if element is None else value(element.find(W + name))


def is_on(element: Element | None) -> bool | None:
    """A toggle such as `<w:b/>`: None where nothing is said."""
    if element is None:
        return None
    return (element.get(W + "val") or "1").lower() not in _OFF


def whole(text: str | None, *, least: int, most: int, default: int) -> int:
    """A number from the file, kept within bounds whatever it says."""
    try:
        number = int(float(text or ""))
    except (ValueError, OverflowError):
        return default
    return min(max(number, least), most)


def children(element: Element) -> Iterator[Element]:
    """The child elements, with what only wraps opened: content controls, smart tags, alternatives, insertions."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        inner = _opened(child)
        if inner is None:
            yield child
        else:
            for wrapped in inner:
                yield from children(wrapped)


_WRAPPERS = {W + name for name in ("smartTag", "customXml", "ins", "moveTo", "dir", "bdo")}


def _opened(element: Element) -> list[Element] | None:
    """What an element wraps; None when it is something itself."""
    if element.tag in _WRAPPERS:
        return [element]
    if element.tag == W + "sdt":
        return element.findall(W + "sdtContent")
    if element.tag == MC + "AlternateContent":
        # the alternatives say the same thing twice: one of them is enough
        choice = element.find(MC + "Choice")
        return [choice] if choice is not None else element.findall(MC + "Fallback")
    return None


def text_of(element: Element) -> str:
    """All the text below an element, a line for a paragraph; for what is only mentioned."""
    lines = []
    for paragraph in element.iter(W + "p"):
        pieces = [piece.text or "" for piece in paragraph.iter(W + "t", W + "delText", M + "t")]
        lines.append("".join(pieces).strip())
    if not lines:
        lines = ["".join(piece.text or "" for piece in element.iter(W + "t", W + "delText", M + "t")).strip()]
    return "\n".join(line for line in lines if line)
