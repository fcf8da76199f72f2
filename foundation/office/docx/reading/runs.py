"""The text of a paragraph: runs with their marks, links, breaks, pinyin, formulas, and what stands between."""

import re
from collections.abc import Iterator
from typing import Any

from foundation.office.docx.reading import fields, symbols
from foundation.office.docx.reading.drawings import drawn
from foundation.office.docx.reading.formulas import spelling
from foundation.office.docx.reading.notes import comment_text, note_text
from foundation.office.docx.reading.walk import Field, Node, Walk, text_node
from foundation.office.docx.reading.xml import Element, M, R, W, child_value, children, is_on, text_of, value
from foundation.office.message import gettext_noop, message

PRESERVED = "{http://www.w3.org/XML/1998/namespace}space"
BLANK = " \t\r\n"
LINES = re.compile(r"[\r\n]+")
DROPPED = {W + "del", W + "moveFrom"}
HARD_BREAK: Node = {"type": "hardBreak"}


class Runs:
    """Reads one paragraph. Yields inline nodes, images, and elements of text boxes, in their order."""

    def __init__(self, walk: Walk, properties: Element | None, *, heading: bool) -> None:
        self._walk = walk
        self._properties = properties
        self._heading = heading

    def read(self, element: Element, marks: dict[str, Any] | None = None) -> Iterator[Node | Element]:
        marks = marks or {}
        for child in children(element):
            if child.tag == W + "r":
                yield from self._run(child, marks)
            elif child.tag == W + "hyperlink":
                yield from self.read(child, {**marks, **self._link(child)})
            elif child.tag == W + "fldSimple":
                href = fields.address(value(child, "instr") or "")
                yield from self.read(child, {**marks, "link": {"href": href}} if href else marks)
            elif child.tag in (M + "oMath", M + "oMathPara"):
                yield from self._formula(child)
            elif child.tag in DROPPED:
                self._deleted(child)
            elif child.tag == W + "subDoc":
                self._walk.leave_out(message(gettext_noop("另一个文件的内容：只有链接")))

    # ---- runs ------------------------------------------------------------------------------------------
    def _run(self, run: Element, around: dict[str, Any]) -> Iterator[Node | Element]:
        properties = run.find(W + "rPr")
        if properties is not None and is_on(properties.find(W + "vanish")):
            self._hidden(run)
            return
        marks = self._marks(properties, around)
        for child in children(run):
            yield from self._piece(child, marks)

    def _marks(self, properties: Element | None, around: dict[str, Any]) -> dict[str, Any]:
        marks = {**around, **self._walk.styles.marks(properties, self._properties, heading=self._heading)}
        field = self._walk.fields[-1] if self._walk.fields else None
        href = fields.address(field.instruction) if field and field.shown else None
        if href:
            marks["link"] = {"href": href}
        if "link" in marks:
            marks.pop("underline", None)  # that is how links look
        self._notice(properties)
        return marks

    def _notice(self, properties: Element | None) -> None:
        """Looks that no mark carries: counted, and said once for the document."""
        if properties is None:
            return
        if child_value(properties, "em") not in (None, "none"):
            self._walk.noticed["em"] += 1
        if (child_value(properties, "color") or "auto").lower() not in ("auto", "000000"):
            self._walk.noticed["colour"] += 1

    def _piece(self, piece: Element, marks: dict[str, Any]) -> Iterator[Node | Element]:
        name = piece.tag.rpartition("}")[2] if piece.tag.startswith(W) else ""
        if name == "t":
            yield from self._text(_written(piece), marks)
        elif name in ("tab", "ptab"):
            yield from self._text("\t", marks)
        elif name == "noBreakHyphen":
            yield from self._text("\u2011", marks)
        elif name == "sym":
            yield from self._text(self._sign(piece), marks)
        elif name == "cr" or (name == "br" and value(piece, "type") not in ("page", "column")):
            yield dict(HARD_BREAK)
        elif name in ("drawing", "pict", "object"):
            yield from drawn(self._walk, piece)
        elif name == "ruby":
            yield from self._ruby(piece, marks)
        elif name == "fldChar":
            yield from self._field(piece, marks)
        elif name == "instrText" and self._walk.fields:
            field = self._walk.fields[-1]
            field.instruction = (field.instruction + (piece.text or ""))[:4_000]
        elif name in ("footnoteReference", "endnoteReference"):
            self._note(piece, name.removesuffix("Reference"))
        elif name == "commentReference":
            self._comment(piece)
        elif piece.tag in (M + "oMath", M + "oMathPara"):
            yield from self._formula(piece)

    def _text(self, text: str, marks: dict[str, Any]) -> Iterator[Node]:
        if not text:
            return
        self._walk.made()
        if self._walk.fields:
            self._walk.fields[-1].anything_shown = True
        yield text_node(text, marks)

    def _sign(self, piece: Element) -> str:
        try:
            code = int(value(piece, "char") or "", 16)
        except ValueError:
            return ""
        found = symbols.sign(code, value(piece, "font") or "")
        if found is None:
            self._walk.leave_out(message(gettext_noop("符号字体里的一个符号，用 □ 代替")), f"{code:04X}")
        return found or symbols.UNKNOWN

    def _link(self, element: Element) -> dict[str, Any]:
        relation = self._walk.package.relations(self._walk.package.main).get(element.get(R + "id") or "")
        if relation is None or not relation.outside:
            return {}  # a place in the document itself: its text is enough
        href = fields.safe_address(relation.target)
        if href is None:
            self._walk.leave_out(message(gettext_noop("链接：留下文字，去掉地址")), relation.target)
            return {}
        return {"link": {"href": href}}

    def _ruby(self, element: Element, marks: dict[str, Any]) -> Iterator[Node | Element]:
        above = element.find(W + "rt")
        text = text_of(above)[:40] if above is not None else ""
        base = element.find(W + "rubyBase")
        if base is not None:
            yield from self.read(base, {**marks, "ruby": {"text": text}} if text else marks)

    def _formula(self, element: Element) -> Iterator[Node]:
        found = spelling(element)
        if not found.text:
            return
        self._walk.made()
        self._walk.leave_out(
            message(gettext_noop("公式：留下内容，不能再用 Word 的公式编辑器改")), found.text
        )
        yield {"type": "formula", "attrs": {"latex": found.latex, "text": found.text}}

    # ---- fields ----------------------------------------------------------------------------------------
    def _field(self, piece: Element, marks: dict[str, Any]) -> Iterator[Node]:
        kind, open_fields = value(piece, "fldCharType"), self._walk.fields
        if kind == "begin":
            if len(open_fields) < 50:
                open_fields.append(Field())
            box = fields.check_box(piece)
            if box:
                yield from self._text(box, marks)
        elif kind == "separate" and open_fields:
            open_fields[-1].shown = True
        elif kind == "end" and open_fields:
            closed = open_fields.pop()
            if closed.instruction.strip().upper().startswith("EQ") and not closed.anything_shown:
                nodes, changed = fields.equation(closed.instruction, marks)
                if changed:
                    self._walk.leave_out(
                        message(gettext_noop("公式域：留下文字，样子可能不同")), closed.instruction
                    )
                yield from nodes

    # ---- what is not carried ---------------------------------------------------------------------------
    def _deleted(self, element: Element) -> None:
        if element.tag == W + "moveFrom":
            return  # it stands where it was moved to
        text = text_of(element)
        if text:
            self._walk.leave_out(message(gettext_noop("修订中删去的文字")), text)

    def _hidden(self, run: Element) -> None:
        text = text_of(run)
        if text:
            self._walk.leave_out(message(gettext_noop("隐藏的文字")), text)

    def _note(self, piece: Element, kind: str) -> None:
        text = note_text(self._walk.package, kind, value(piece, "id") or "")
        if text:
            what = gettext_noop("脚注") if kind == "footnote" else gettext_noop("尾注")
            self._walk.leave_out(message(what), text)

    def _comment(self, piece: Element) -> None:
        text = comment_text(self._walk.package, value(piece, "id") or "")
        if text:
            self._walk.leave_out(message(gettext_noop("批注")), text)


def _written(element: Element) -> str:
    text = element.text or ""
    if element.get(PRESERVED) != "preserve":
        text = text.strip(BLANK)
    return LINES.sub(" ", text)
