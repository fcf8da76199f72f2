"""Text that may stand in XML, and the XML of runs."""

import re
from collections.abc import Callable, Iterable
from xml.sax.saxutils import escape, quoteattr

from foundation.office.docx.writing.look import Node

NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    }.items()
)
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Punctuation that is Chinese or Western by its neighbours: Word is told that it is Chinese.
EITHER = re.compile("[“”‘’…—·①-⑳Ⅰ-Ⅻ×÷±°→≈≠≤≥△○□]")
LINK = re.compile(r"(?:https?|mailto|tel):[^\s]{1,2000}$", re.IGNORECASE)

Relate = Callable[[str], str]
"""The relationship's id for an address."""

# In the order in which Word wants them.
MARKS = (
    ("bold", "<w:b/><w:bCs/>"),
    ("italic", "<w:i/><w:iCs/>"),
    ("strike", "<w:strike/>"),
    ("highlight", '<w:highlight w:val="yellow"/>'),
    ("underline", '<w:u w:val="single"/>'),
    ("superscript", '<w:vertAlign w:val="superscript"/>'),
    ("subscript", '<w:vertAlign w:val="subscript"/>'),
)


def legal(text: object) -> str:
    return NOT_XML.sub("", str(text))


def attribute(text: object) -> str:
    """Quoted, and without what an attribute cannot hold."""
    return quoteattr(legal(text))


def runs(nodes: Iterable[Node], relate: Relate) -> str:
    return "".join(_run(node, relate) for node in nodes)


def _run(node: Node, relate: Relate) -> str:
    if node["type"] == "hardBreak":
        return "<w:r><w:br/></w:r>"
    if node["type"] == "formula":
        return _formula(node)
    if node["type"] != "text":
        return runs(node.get("content") or [], relate)
    text = legal(node.get("text") or "")
    if not text:
        return ""
    marks = {mark["type"]: mark.get("attrs") or {} for mark in node.get("marks") or []}
    run = f"<w:r>{_properties(text, marks)}{_text(text)}</w:r>"
    above = legal(marks.get("ruby", {}).get("text") or "")
    if above:
        run = _ruby(run, above)
    href = legal(marks.get("link", {}).get("href") or "").strip()
    if LINK.match(href):
        return f'<w:hyperlink r:id="{relate(href)}" w:history="1">{run}</w:hyperlink>'
    return run


def _ruby(run: str, above: str) -> str:
    """A line of small letters above the run: the sound of its characters."""
    return (
        '<w:r><w:ruby><w:rubyPr><w:rubyAlign w:val="center"/><w:hps w:val="12"/><w:hpsRaise w:val="22"/>'
        '<w:hpsBaseText w:val="24"/><w:lid w:val="zh-CN"/></w:rubyPr>'
        f'<w:rt><w:r><w:rPr><w:sz w:val="12"/></w:rPr>{_text(above)}</w:r></w:rt>'
        f"<w:rubyBase>{run}</w:rubyBase></w:ruby></w:r>"
    )


def _formula(node: Node) -> str:
    """As a formula of one line, in Word's own formula font."""
    attrs = node.get("attrs") or {}
    text = legal(attrs.get("text") or attrs.get("latex") or "")
    return f'<m:oMath><m:r><m:t xml:space="preserve">{escape(text)}</m:t></m:r></m:oMath>' if text else ""


def _properties(text: str, marks: dict[str, object]) -> str:
    style = '<w:rStyle w:val="Hyperlink"/>' if "link" in marks else ""
    hint = '<w:rFonts w:hint="eastAsia"/>' if EITHER.search(text) else ""
    shown = "".join(xml for name, xml in MARKS if name in marks)
    return f"<w:rPr>{style}{hint}{shown}</w:rPr>" if style or hint or shown else ""


def _text(text: str) -> str:
    """Tabs and line ends are elements of their own."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "<w:br/>".join("<w:tab/>".join(_plain(piece) for piece in line.split("\t")) for line in lines)


def _plain(piece: str) -> str:
    return f'<w:t xml:space="preserve">{escape(piece)}</w:t>' if piece else ""


def words(node: Node) -> str:
    """All text below a node, for measuring."""
    if node["type"] == "text":
        return str(node.get("text") or "")
    if node["type"] == "formula":
        return str((node.get("attrs") or {}).get("text") or "")
    return "".join(words(child) for child in node.get("content") or [])
