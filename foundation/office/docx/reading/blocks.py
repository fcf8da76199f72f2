"""The blocks of a document: paragraphs, headings, list items, tables, pictures, text boxes."""

from typing import Any

from foundation.office.docx import GAP_STYLE, LABEL_STYLE
from foundation.office.docx.reading.runs import Runs
from foundation.office.docx.reading.tables import table
from foundation.office.docx.reading.walk import Node, Walk, joined
from foundation.office.docx.reading.xml import Element, M, W, child_value, children, text_of
from foundation.office.message import gettext_noop, message

ALIGNED = {"center": "center", "right": "right", "end": "right"}
HEADING_LEVELS = 2
"""Headings of Word's first two levels are headings here; deeper ones are sub-headings."""


class Blocks:
    def __init__(self, walk: Walk) -> None:
        self._walk = walk

    def read(self, parent: Element) -> list[Node]:
        nodes: list[Node] = []
        for child in children(parent):
            if child.tag == W + "p":
                nodes += self._paragraph(child)
            elif child.tag == W + "tbl":
                nodes += self._table(child)
            elif child.tag in (M + "oMath", M + "oMathPara"):
                nodes += self._lines(list(Runs(self._walk, None, heading=False).read(_wrapped(child))), {})
            elif child.tag == W + "altChunk":
                self._walk.leave_out(message(gettext_noop("另一个文件的内容：没有展开")))
            elif child.tag in (W + "del", W + "moveFrom"):
                self._walk.leave_out(message(gettext_noop("修订中删去的内容")), text_of(child))
        return nodes

    # ---- tables and boxes ------------------------------------------------------------------------------
    def _table(self, element: Element) -> list[Node]:
        with self._walk.deeper() as room:
            if not room:
                return self._flat(element, gettext_noop("表格套得太深：只留下文字"))
            found = table(self._walk, element, self._cell)
        return [found] if found else []

    def _cell(self, element: Element) -> list[Node]:
        nodes = self.read(element)
        # Word wants a paragraph after a table in a cell: it is no line of its own
        if len(nodes) > 1 and nodes[-2]["type"] == "table" and _is_empty(nodes[-1]):
            nodes.pop()
        return nodes

    def _box(self, element: Element) -> list[Node]:
        with self._walk.deeper() as room:
            if not room:
                return self._flat(element, gettext_noop("文本框套得太深：只留下文字"))
            nodes = [node for node in self.read(element) if not _is_empty(node)]
        if nodes:
            self._walk.leave_out(message(gettext_noop("文本框：文字放在它所在段落的后面")), text_of(element))
        return nodes

    def _flat(self, element: Element, what: str) -> list[Node]:
        lines = text_of(element).split("\n")
        self._walk.leave_out(message(what), lines[0])
        self._walk.made(len(lines))
        return [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines if line]

    # ---- paragraphs ------------------------------------------------------------------------------------
    def _paragraph(self, element: Element) -> list[Node]:
        walk = self._walk
        walk.made()
        if walk.depth == 0:
            walk.paragraph += 1
        properties = element.find(W + "pPr")
        heading = walk.styles.heading_level(properties)
        pieces = list(Runs(walk, properties, heading=bool(heading)).read(element))
        if not pieces and (_is_deleted(properties) or child_value(properties, "pStyle") == GAP_STYLE):
            return []
        return self._lines(pieces, self._attributes(properties, heading))

    def _attributes(self, properties: Element | None, heading: int) -> dict[str, Any]:
        attributes: dict[str, Any] = {}
        item = self._walk.numbering.item(properties)
        if heading:
            attributes["kind"] = "heading" if heading <= HEADING_LEVELS else "subheading"
            attributes["level"] = heading
        elif item is not None:
            attributes["kind"] = "bullet" if item.bullet else "ordered"
            attributes["level"] = item.level
        if item is not None:
            attributes["marker"] = item.marker
        styled = self._walk.styles.paragraph_properties(properties)
        if child_value(properties, "pStyle") == LABEL_STYLE:
            styled = iter([properties])  # its being in the middle is the form's
        for found in styled:
            align = child_value(found, "jc")
            if align is not None:
                if align in ALIGNED:
                    attributes["align"] = ALIGNED[align]
                break
        return attributes

    def _lines(self, pieces: list[Node | Element], attributes: dict[str, Any]) -> list[Node]:
        """A picture is a block: what stands before and after it are paragraphs of their own."""
        nodes: list[Node] = []
        boxes: list[Node] = []
        inline: list[Node] = []
        for piece in pieces:
            if not isinstance(piece, dict):
                boxes += self._box(piece)
            elif piece["type"] == "image":
                if _has_text(inline) or (not nodes and "marker" in attributes):
                    nodes.append(_paragraph(inline, attributes if not nodes else _following(attributes)))
                inline = []
                nodes.append(piece)
            else:
                inline.append(piece)
        if _has_text(inline) or not nodes:
            first = not any(node["type"] == "paragraph" for node in nodes)
            nodes.append(_paragraph(inline, attributes if first else _following(attributes)))
        if boxes and len(nodes) == 1 and _is_empty(nodes[0]):
            return boxes
        return nodes + boxes


def _paragraph(inline: list[Node], attributes: dict[str, Any]) -> Node:
    node: Node = {"type": "paragraph"}
    if attributes:
        node["attrs"] = dict(attributes)
    if inline:
        node["content"] = joined(inline)
    return node


def _following(attributes: dict[str, Any]) -> dict[str, Any]:
    return {"align": attributes["align"]} if "align" in attributes else {}


def _has_text(inline: list[Node]) -> bool:
    return any(node["type"] != "text" or node["text"].strip() for node in inline)


def _is_empty(node: Node) -> bool:
    return (
        node["type"] == "paragraph"
        and "marker" not in node.get("attrs", {})
        and not _has_text(node.get("content", []))
    )


def _is_deleted(properties: Element | None) -> bool:
    """The paragraph's own mark is deleted in a revision."""
    return properties is not None and properties.find(f"{W}rPr/{W}del") is not None


def _wrapped(formula: Element) -> Element:
    """A formula outside any paragraph, as if it stood in one."""
    paragraph = formula.makeelement(W + "p")
    formula.addprevious(paragraph)
    paragraph.append(formula)
    return paragraph
