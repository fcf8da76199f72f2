"""What a Word document says, put where a plan has it: head, sections, teaching process. Pure.

Nothing is thrown away: a line, a table or a heading that is not recognised stays, in its order, in the section
that is open, or before the sections when none is.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lessons.content import NewId, blocks, element
from lessons.document import Node, attribute, plain_text
from lessons.document.plain import join_text
from lessons.schema import HEADER_KEYS, SECTION_KEYS
from lessons.standard_templates import own_key
from lessons.word_in.form_tables import Fields, Part, Piece, Process, pieces_of
from lessons.word_in.markers import own_markers_left_out
from lessons.word_in.words import (
    BOTH_POINTS,
    bare,
    header_key,
    is_label,
    number_style,
    section_key,
    without_number,
)

TITLE_LENGTH = 120
LONGEST_HEADING = 20
DEEPEST_LEVEL = 4
KIND_OF_FILE = re.compile(
    r"\s*(?:教学设计|教学案|导学案|教案|说课稿|教学方案|备课稿)(?:\s*[（(][^）)]*[)）])?\s*$"
)
LABELLED = re.compile(r"([^：:\s　]{2,8})\s*[：:]\s*([^：:]*?)(?=(?:[\s　]+[^：:\s　]{2,8}\s*[：:])|$)")
OPENING = "opening"
BOXES = ("☐", "☑")
"""Signs of a list that are its boxes, empty and ticked."""
OTHER = "其他"


@dataclass
class Section:
    key: str
    title: str
    blocks: list[Node] = field(default_factory=list)


@dataclass
class Recognised:
    title: str = ""
    header: dict[str, str] = field(default_factory=dict)
    other_fields: dict[str, str] = field(default_factory=dict)
    """By their label, what a head of a plan usually does not have: 年级, 学科, …"""
    opening: list[Node] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)


def recognise(document: Node) -> Recognised:
    reader = _Reader(_section_level(document["content"]))
    for block in document["content"]:
        reader.take(block)
    return reader.finished()


def _section_level(nodes: list[Node]) -> int:
    """The level of the headings that name sections, 0 when none does."""
    levels = [
        attribute(node, "level") or 0
        for node in nodes
        if _is_heading(node) and section_key(heading_text(node))
    ]
    return min(levels, default=0)


# ---- reading -----------------------------------------------------------------------------------------------
class _Reader:
    def __init__(self, section_level: int) -> None:
        self._found = Recognised()
        self._open: Section | None = None
        self._section_level = section_level
        self._number_style = ""

    def take(self, block: Node) -> None:
        pieces = pieces_of(block) if block["type"] == "table" else None
        if pieces is not None:
            for piece in pieces:
                self._take_piece(piece)
            if any(isinstance(piece, Part) for piece in pieces):
                self._open = None  # what follows the form belongs to none of its sections
        elif block["type"] != "paragraph" or not self._take_line(block):
            self._put([block])

    def finished(self) -> Recognised:
        found = self._found
        title = found.header.pop("title", "") or self._title_from_opening()
        found.title = _out_of_brackets(title)[:TITLE_LENGTH]
        found.opening = [block for block in found.opening if not _says_only_what_it_is(block)]
        found.opening = trimmed(found.opening)
        for section in found.sections:
            section.blocks = trimmed(section.blocks)
            if section.key == "board":
                section.blocks = _out_of_box(section.blocks)
        _part_points(found.sections)
        return found

    def _take_piece(self, piece: Piece) -> None:
        if isinstance(piece, Fields):
            for label, value in piece.pairs:
                self._put_field(label, value)
        elif isinstance(piece, Part):
            self._begin(piece.name)
            self._put(piece.blocks)
        elif isinstance(piece, Process):
            if self._open is None or self._open.key != "process":
                self._begin(SECTION_KEYS["process"])
            self._put([piece.table])
        else:
            self._put(piece.blocks)

    # ---- lines ---------------------------------------------------------------------------------------------
    def _take_line(self, paragraph: Node) -> bool:
        """Whether the line is a section's name or belongs to the head."""
        text = heading_text(paragraph)
        if section_key(text):
            self._begin(text)
            self._number_style = number_style(text) or self._number_style
            return True
        if self._take_name_with_text(paragraph, text):
            return True
        if self._is_like_section(paragraph, text):
            self._begin(text)
            return True
        return self._open is None and not self._found.sections and self._take_fields(text)

    def _take_name_with_text(self, paragraph: Node, text: str) -> bool:
        """教学重点：理清思路 — the name of a section and its text in one line."""
        match = re.match(r"^([^：:]{2,12})[：:](?=\s*\S)", text)
        if match is None or not section_key(match.group(1)) or len(bare(match.group(1))) < 4:
            return False
        self._begin(match.group(1))
        self._put([without_start(paragraph, match.end() - len(_marker(paragraph)))])
        return True

    def _is_like_section(self, paragraph: Node, text: str) -> bool:
        """A heading of the rank of the sections before it: a section that has another name."""
        if not text or len(text) > LONGEST_HEADING or self._may_be_title(text):
            return False
        level = attribute(paragraph, "level") if _is_heading(paragraph) else 0
        if level:
            return level == self._section_level or bool(self._found.sections and level < self._section_level)
        return bool(self._found.sections) and (
            self._number_style == "一、" == number_style(text)
            and (self._open is None or self._open.key != "process")
            and _all_bold(paragraph)
        )

    def _may_be_title(self, text: str) -> bool:
        """The first heading of all, where the lesson has no name yet, and whatever says what the file is."""
        found = self._found
        if found.sections:
            return False
        return bool(KIND_OF_FILE.search(bare(text))) or not (
            found.header.get("title") or trimmed(found.opening)
        )

    def _take_fields(self, text: str) -> bool:
        """课题：散步　课型：新授 — nothing but labels and values."""
        pairs = LABELLED.findall(text)
        if not pairs or not all(is_label(label) for label, _value in pairs):
            return False
        rest = LABELLED.sub("", text)
        if bare(rest):
            return False
        for label, value in pairs:
            self._put_field(label, value.strip())
        return True

    # ---- putting -------------------------------------------------------------------------------------------
    def _put_field(self, label: str, value: str) -> None:
        key, found = header_key(label), self._found
        if key and not found.header.get(key):
            found.header[key] = value
        elif not key or (value and found.header[key] != value):
            name = bare(label)
            found.other_fields[name] = "；".join(filter(None, [found.other_fields.get(name), value]))

    def _begin(self, name: str) -> None:
        word, title = bare(name), without_number(name)
        key = section_key(name) or own_key(title)
        again = next((section for section in self._found.sections if section.key == key), None)
        if again is None:
            again = Section(key, word if word in BOTH_POINTS else SECTION_KEYS.get(key, title))
            self._found.sections.append(again)
        elif again.blocks:
            again.blocks.append(_heading(name.strip()))  # the same once more: a second lesson, another class
        self._open = again

    def _put(self, nodes: Iterable[Node]) -> None:
        nodes = list(nodes)
        if self._open is None and self._found.sections and trimmed(nodes):
            self._begin(OTHER)
        into = self._open.blocks if self._open is not None else self._found.opening
        into.extend(nodes)

    def _title_from_opening(self) -> str:
        """《散步》教学设计, alone on the first line that says anything."""
        opening = self._found.opening
        for index, block in enumerate(opening):
            text = heading_text(block) if block["type"] == "paragraph" else ""
            if block["type"] != "paragraph":
                return ""
            if not text:
                continue
            if not (_is_heading(block) or attribute(block, "align") == "center" or KIND_OF_FILE.search(text)):
                return ""
            title = KIND_OF_FILE.sub("", text).strip()
            if len(title) > 60:
                return ""
            del opening[index]
            return title or text
        return ""


def _out_of_box(nodes: list[Node]) -> list[Node]:
    """The writing on the board, when a frame is drawn around all of it."""
    cells = [cell for row in nodes[0]["content"] for cell in row["content"]] if _is_only_table(nodes) else []
    return cells[0]["content"] if len(cells) == 1 else nodes


def _is_only_table(nodes: list[Node]) -> bool:
    return len(nodes) == 1 and nodes[0]["type"] == "table"


def _says_only_what_it_is(block: Node) -> bool:
    """教学设计, alone on a line."""
    text = heading_text(block) if block["type"] == "paragraph" else ""
    return bool(text) and not KIND_OF_FILE.sub("", bare(text))


def _out_of_brackets(title: str) -> str:
    """《散步》 is called 散步: pages put the brackets around a title themselves."""
    inner = re.fullmatch(r"\s*《([^》]+)》\s*", title)
    return inner.group(1) if inner else title


def heading_text(paragraph: Node) -> str:
    return (_marker(paragraph) + plain_text(paragraph)).strip()


def _marker(paragraph: Node) -> str:
    return str(attribute(paragraph, "marker") or "")


def _is_heading(node: Node) -> bool:
    return attribute(node, "kind") in ("heading", "subheading")


def _all_bold(paragraph: Node) -> bool:
    texts = [node for node in paragraph.get("content", []) if node["type"] == "text" and node["text"].strip()]
    return bool(texts) and all(
        any(mark["type"] == "bold" for mark in node.get("marks", [])) for node in texts
    )


def _heading(text: str) -> Node:
    return {"type": "paragraph", "attrs": {"kind": "heading"}, "content": [{"type": "text", "text": text}]}


def without_start(paragraph: Node, count: int) -> Node:
    """The paragraph without its first characters; what follows keeps its marks."""
    content: list[Node] = []
    for node in paragraph.get("content", []):
        if count > 0 and node["type"] == "text":
            cut = min(count, len(node["text"]))
            count -= cut
            rest = node["text"][cut:]
            if not content:
                rest = rest.lstrip()
            if rest:
                content.append({**node, "text": rest})
        else:
            content.append(node)
    made: Node = {"type": "paragraph", "content": content}
    align = attribute(paragraph, "align")
    return {**made, "attrs": {"align": align}} if align else made


def trimmed(nodes: list[Node]) -> list[Node]:
    """Without the blank lines at both ends."""
    start, end = 0, len(nodes)
    while start < end and _is_blank(nodes[start]):
        start += 1
    while end > start and _is_blank(nodes[end - 1]):
        end -= 1
    return nodes[start:end]


def _is_blank(node: Node) -> bool:
    return node["type"] == "paragraph" and not node.get("content") and not _marker(node)


# ---- 重点 and 难点 under one name ------------------------------------------------------------------------
POINT = re.compile(r"^\s*(?:教学|学习)?(重点|难点)\s*[：:]\s*")


def _part_points(sections: list[Section]) -> None:
    for index, section in enumerate(sections):
        if section.key != "key_points" or section.title not in BOTH_POINTS:
            continue
        parted = _parted(section.blocks)
        title = section.title
        section.title = SECTION_KEYS["key_points"]
        if parted is None:
            section.blocks.insert(0, _heading(title))
            return
        section.blocks = parted["重点"]
        hard = next((each for each in sections if each.key == "difficult_points"), None)
        if hard is None:
            hard = Section("difficult_points", SECTION_KEYS["difficult_points"])
            sections.insert(index + 1, hard)
        hard.blocks = parted["难点"] + hard.blocks
        return


def _parted(nodes: list[Node]) -> dict[str, list[Node]] | None:
    """By the lines that begin with 重点： and 难点：. None when not every line belongs to one of them."""
    parts: dict[str, list[Node]] = {"重点": [], "难点": []}
    current = ""
    for node in nodes:
        match = POINT.match(plain_text(node)) if node["type"] == "paragraph" else None
        if match:
            current = match.group(1)
            node = without_start(node, match.end())
            if not node.get("content"):
                continue
        if not current:
            return None
        parts[current].append(node)
    return parts if parts["重点"] and parts["难点"] else None


# ---- a plan ------------------------------------------------------------------------------------------------
def plan_of(
    found: Recognised,
    form: dict[str, Any],
    *,
    title: str,
    header: dict[str, str],
    new_id: NewId,
    known: frozenset[str] = frozenset(),
) -> Node:
    """The plan's document: the form of a template, filled with what was recognised. `known`: what the plan's page
    says by itself, of the book and the unit; a field with nothing else in it is not needed twice."""
    values = {**header, **{key: value for key, value in found.header.items() if value}, "title": title}
    fields = [
        _field(new_id, each["key"], each["label"], values.get(each["key"]) or each.get("text", ""))
        for each in form["header"]
    ]
    in_form = {each["key"] for each in form["header"]}
    fields += [
        _field(new_id, key, HEADER_KEYS[key], value)
        for key, value in found.header.items()
        if key not in in_form and value
    ]
    fields += [
        _field(new_id, own_key(label), label, value)
        for label, value in found.other_fields.items()
        if value not in known
    ]
    content = [element("header", {"id": new_id()}, fields), *_sections(found, form, new_id)]
    return {"type": "doc", "content": content}


def _field(new_id: NewId, key: str, label: str, text: str) -> Node:
    line = " ".join(text.split())
    content = [{"type": "text", "text": line}] if line else []
    return element("headerField", {"id": new_id(), "key": key, "label": label[:200]}, content)


def _sections(found: Recognised, form: dict[str, Any], new_id: NewId) -> Iterator[Node]:
    """The form's order; what it does not have stands after the section that it followed in Word."""
    written = {section.key: section for section in found.sections}
    titles = {section["key"]: section["title"] for section in form["sections"]}
    order = [section["key"] for section in form["sections"]]
    before = ""
    for section in found.sections:
        if section.key not in titles:
            order.insert(order.index(before) + 1 if before in order else 0, section.key)
        before = section.key
    if found.opening:
        yield _section(new_id, own_key(OPENING), _opening_title(found), found.opening)
    empty = {section["key"]: section["blocks"] for section in form["sections"]}
    for key in order:
        own = written.get(key)
        if own is not None and own.blocks:
            yield _section(new_id, key, titles.get(key, own.title), own.blocks)
        else:
            title = titles.get(key) or (own.title if own else key)
            attributes = {"id": new_id(), "key": key, "title": title}
            yield element("section", attributes, blocks(new_id, empty.get(key) or [""]))


def _opening_title(found: Recognised) -> str:
    return "开头" if found.sections else "正文"


def _section(new_id: NewId, key: str, title: str, nodes: list[Node]) -> Node:
    filled = fitted(nodes, new_id) or [element("paragraph", {"id": new_id()}, [])]
    return element("section", {"id": new_id(), "key": key, "title": title[:200]}, filled)


def fitted(nodes: list[Node], new_id: NewId) -> list[Node]:
    """As the editor writes them: ids, levels it knows, its own numbers left to its own counting."""
    return [_fitted(node, new_id) for node in own_markers_left_out(nodes)]


WITH_ID = {"paragraph", "table", "tableRow", "image"}


def _fitted(node: Node, new_id: NewId) -> Node:
    if node["type"] in ("text", "hardBreak", "formula"):
        return node
    attributes = dict(node.get("attrs") or {})
    content = list(node.get("content") or [])
    if node["type"] == "paragraph":
        attributes, content = _fitted_paragraph(attributes, content)
    elif node["type"] in ("tableCell", "tableHeader", "section"):
        content = own_markers_left_out(content)
        if node["type"] == "tableHeader":
            content = [_not_centred(child) for child in content]
    elif node["type"] == "table":
        content = _without_equal_widths(content)
    if node["type"] in WITH_ID:
        attributes["id"] = new_id()
    made: Node = {"type": node["type"], "attrs": attributes}
    if content:
        made["content"] = [_fitted(child, new_id) for child in content]
    return made


def _not_centred(node: Node) -> Node:
    """Heads are centred on paper anyhow."""
    return _without(node, "align") if attribute(node, "align") == "center" else node


def _without_equal_widths(rows: list[Node]) -> list[Node]:
    """Columns of one width are those that nobody has set."""
    cells = [cell for row in rows for cell in row.get("content", [])]
    widths = [width for cell in cells for width in attribute(cell, "colwidth") or []]
    if not widths or max(widths) - min(widths) > 2:
        return rows
    return [
        {**row, "content": [_without(cell, "colwidth") for cell in row.get("content", [])]} for row in rows
    ]


def _without(node: Node, name: str) -> Node:
    return {**node, "attrs": {key: value for key, value in node.get("attrs", {}).items() if key != name}}


def _fitted_paragraph(attributes: dict[str, Any], content: list[Node]) -> tuple[dict[str, Any], list[Node]]:
    marker = attributes.get("marker")
    if attributes.get("kind") == "bullet" and marker in BOXES:
        attributes |= {"kind": "task", "checked": marker == BOXES[1]}
        del attributes["marker"]
    if attributes.get("kind") in ("heading", "subheading"):
        attributes.pop("level", None)
        if attributes.pop("marker", None):
            content = join_text([{"type": "text", "text": f"{marker} "}, *content])
    elif attributes.get("level"):
        attributes["level"] = min(attributes["level"], DEEPEST_LEVEL)
    return attributes, content
