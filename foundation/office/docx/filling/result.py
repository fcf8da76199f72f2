"""The filled form: texts by docxtpl, then the places that wait for paragraphs, tables and pictures."""

import copy
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import docx
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from foundation.office.docx.filling.names import Values
from foundation.office.docx.filling.process import render
from foundation.office.docx.reading.xml import Element
from foundation.office.docx.writing import Look, Page, Writer, add_missing_styles
from foundation.office.docx.writing.look import Node, Pictures
from foundation.office.docx.writing.xml import NAMESPACES, legal, words

MARK = re.compile("\ue000(\\d{1,9})\ue001")
Waiting = Sequence[Sequence[Node]]
NARROWEST = 600
MOST_ROOM = 30_000


def fill(form: bytes, values: Values, *, look: Look, pictures: Pictures = lambda file: None) -> bytes:
    """Raises Unfillable."""
    waiting: list[Sequence[Node]] = []

    def mark(blocks: Sequence[Node]) -> str:
        if not any(_has_something(block) for block in blocks):
            return ""  # so that {% if %} tells
        waiting.append(blocks)
        return f"\ue000{len(waiting) - 1}\ue001"

    document = docx.Document(io.BytesIO(render(form, _said(values, mark))))
    add_missing_styles(document)
    page = _page(document)
    writer = Writer(document, replace(look, page=page), pictures)
    _put(document.element.body, waiting, writer, page.room)
    for section in document.sections:
        for part in (section.header, section.footer, section.first_page_header, section.first_page_footer):
            if not part.is_linked_to_previous:
                _put_words(part._element.iter(qn("w:t")), waiting)
    filled = io.BytesIO()
    document.save(filled)
    return filled.getvalue()


def _page(document: Document) -> Page:
    """The form's own, where it says one that can be written on."""
    section = document.sections[0]
    usual = Page()
    sides = {
        "width": section.page_width,
        "height": section.page_height,
        "top": section.top_margin,
        "right": section.right_margin,
        "bottom": section.bottom_margin,
        "left": section.left_margin,
    }
    page = Page(
        **{name: getattr(usual, name) if side is None else side.twips for name, side in sides.items()}
    )
    return page if NARROWEST < page.room < MOST_ROOM else usual


def _said(values: Values, mark: Callable[[Sequence[Node]], str]) -> dict[str, Any]:
    return {
        **{name: _line(text) for name, text in values.texts.items()},
        **{name: mark(blocks) for name, blocks in values.blocks.items()},
        **{
            name: [{column: mark(blocks) for column, blocks in row.items()} for row in rows]
            for name, rows in values.rows.items()
        },
    }


def _has_something(node: Node) -> bool:
    return (
        node["type"] == "image"
        or bool(words(node).strip())
        or any(map(_has_something, node.get("content") or []))
    )


def _line(text: str) -> str:
    return re.sub("[\ue000\ue001]", "", legal(text))


# ---- blocks ---------------------------------------------------------------------------------------------


def _put(body: Element, waiting: Waiting, writer: Writer, room: int) -> None:
    """What is put in is not looked through again: a plan may hold anything."""
    for parent in [*body.iter(qn("w:tc")), body]:
        _wrap_bare_marks(parent)
    alone = {paragraph: found for paragraph in body.iter(qn("w:p")) if (found := _alone(paragraph))}
    _put_words([text for text in body.iter(qn("w:t")) if _paragraph_of(text) not in alone], waiting)
    for paragraph, found in alone.items():
        _replace(paragraph, _waiting(waiting, found), writer, room)


def _alone(paragraph: Element) -> re.Match[str] | None:
    """The mark that is all a paragraph says, where others may stand in its place."""
    if paragraph.getparent().tag not in (qn("w:body"), qn("w:tc"), qn("w:txbxContent")):
        return None
    return MARK.fullmatch(_text(paragraph).strip())


def _paragraph_of(text: Element) -> Element | None:
    return next(text.iterancestors(qn("w:p")), None)


def _waiting(waiting: Waiting, found: re.Match[str]) -> Sequence[Node]:
    number = int(found.group(1))
    return waiting[number] if number < len(waiting) else []


def _wrap_bare_marks(parent: Element) -> None:
    """`{{p name}}` leaves its mark beside the paragraphs: give it one of its own."""
    for element, where in [(parent, "text"), *((child, "tail") for child in parent)]:
        for found in reversed(list(MARK.finditer(getattr(element, where) or ""))):
            made = parse_xml(f"<w:p {NAMESPACES}><w:r><w:t>{found.group()}</w:t></w:r></w:p>")
            parent.insert(0, made) if where == "text" else element.addnext(made)
        if MARK.search(getattr(element, where) or ""):
            setattr(element, where, None)


def _replace(paragraph: Element, blocks: Sequence[Node], writer: Writer, room: int) -> None:
    cell = next(paragraph.iterancestors(qn("w:tc")), None)
    written = writer.blocks(blocks, _room(cell, room), style="PlanCell" if cell is not None else "")
    properties, run = paragraph.find(qn("w:pPr")), paragraph.find(f".//{qn('w:rPr')}")
    run = next((each.find(qn("w:rPr")) for each in paragraph.iter(qn("w:r")) if _text_of_run(each)), run)
    for element in parse_xml(f"<w:body {NAMESPACES}>{written}</w:body>"):
        if element.tag == qn("w:p"):
            _dress(element, properties, run)
        paragraph.addprevious(element)
    if properties is not None and properties.find(qn("w:sectPr")) is not None:
        for each in paragraph.findall(qn("w:r")):
            paragraph.remove(each)
    else:
        paragraph.getparent().remove(paragraph)


def _room(cell: Element | None, room: int) -> int:
    """How wide a cell says it is; half the page where it does not say."""
    if cell is None:
        return room
    width = cell.find(f"{qn('w:tcPr')}/{qn('w:tcW')}")
    said = width.get(qn("w:w"), "") if width is not None and width.get(qn("w:type")) == "dxa" else ""
    return max(int(said) - 216, NARROWEST) if said.isdigit() else room // 2


def _dress(paragraph: Element, properties: Element | None, run: Element | None) -> None:
    """A line of the plan looks like the line of the form in whose place it stands."""
    own = paragraph.find(qn("w:pPr"))
    style = own.find(qn("w:pStyle")) if own is not None else None
    if style is not None and style.get(qn("w:val")) != "PlanCell":
        return
    if properties is not None:
        dressed = copy.deepcopy(properties)
        for each in dressed.findall(qn("w:sectPr")) + dressed.findall(qn("w:rPr")):
            dressed.remove(each)
        _replace_children(dressed, own, keep=qn("w:pStyle"))
        if own is not None:
            paragraph.remove(own)
        paragraph.insert(0, dressed)
    if run is not None:
        for each in paragraph.iter(qn("w:r")):
            mine = each.find(qn("w:rPr"))
            dressed = copy.deepcopy(run)
            _replace_children(dressed, mine)
            if mine is not None:
                each.remove(mine)
            each.insert(0, dressed)


ORDER = {
    qn(f"w:{name}"): number
    for number, name in enumerate(("pStyle", "keepNext", "numPr", "spacing", "ind", "jc"))
}


def _replace_children(dressed: Element, own: Element | None, keep: str = "") -> None:
    """What the line says itself stands instead of what the form says."""
    for child in own if own is not None else ():
        if child.tag == keep:
            continue
        for same in dressed.findall(child.tag):
            dressed.remove(same)
        after = [each for each in dressed if ORDER.get(each.tag, 9) <= ORDER.get(child.tag, 9)]
        after[-1].addnext(child) if after else dressed.insert(0, child)


# ---- words ----------------------------------------------------------------------------------------------


def _put_words(texts: Iterable[Element], waiting: Waiting) -> None:
    """Where a mark stands among other words, or where no blocks can stand: the words alone."""

    def said(found: re.Match[str]) -> str:
        return "\n".join(_lines(_waiting(waiting, found)))

    for text in list(texts):
        if text.text and MARK.search(text.text):
            _set_lines(text, MARK.sub(said, text.text))


def _lines(blocks: Sequence[Node]) -> Iterator[str]:
    for block in blocks:
        if block["type"] in ("paragraph", "text"):
            yield legal(words(block))
        else:
            yield from _lines(block.get("content") or [])


def _set_lines(text: Element, said: str) -> None:
    first, *rest = said.split("\n")
    text.text = first
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    last = text
    for line in rest:
        pair = parse_xml(f'<w:r {NAMESPACES}><w:br/><w:t xml:space="preserve"></w:t></w:r>')
        for element in list(pair):
            last.addnext(element)
            last = element
        last.text = line


def _text(paragraph: Element) -> str:
    return "".join(each.text or "" for each in paragraph.iter(qn("w:t")) if _paragraph_of(each) is paragraph)


def _text_of_run(run: Element) -> str:
    return "".join(each.text or "" for each in run.iter(qn("w:t")))
