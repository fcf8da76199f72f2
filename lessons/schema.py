"""What a lesson plan's document may contain: the one source, generated into TypeScript by `write_contracts`.

The document is the XML fragment `default` in the y-prosemirror form: element tag = node name, element
attributes = node attributes that are not null, one XmlText for a run of text, marks as text attributes.
Raise SCHEMA_VERSION whenever a node or a mark is added or removed: an editor that lacks one deletes it.
"""

from collections.abc import Callable
from typing import Any

SCHEMA_VERSION = 2
FRAGMENT = "default"
LESSON_MINUTES = 40

NODES: dict[str, frozenset[str]] = {
    "doc": frozenset(),
    "header": frozenset({"id"}),
    "headerField": frozenset({"id", "key", "label"}),
    "section": frozenset({"id", "key", "title"}),
    "variant": frozenset({"id", "side", "label"}),
    "paragraph": frozenset({"id", "kind", "level", "checked", "align", "marker"}),
    "table": frozenset({"id", "kind"}),
    "tableRow": frozenset({"id"}),
    "tableCell": frozenset({"colspan", "rowspan", "colwidth"}),
    "tableHeader": frozenset({"colspan", "rowspan", "colwidth"}),
    "image": frozenset({"id", "file", "alt", "width", "height"}),
    "hardBreak": frozenset(),
    "formula": frozenset({"latex", "text"}),
    "text": frozenset(),
}
_BLOCKS = frozenset({"paragraph", "table", "image"})
# What may stand in what. An editor deletes or tears apart what stands where it must not.
CHILDREN: dict[str, frozenset[str]] = {
    "doc": _BLOCKS | {"header", "section"},
    "header": frozenset({"headerField"}),
    "headerField": frozenset({"text"}),
    "section": _BLOCKS | {"variant"},
    "variant": _BLOCKS,
    "paragraph": frozenset({"text", "hardBreak", "formula"}),
    "table": frozenset({"tableRow"}),
    "tableRow": frozenset({"tableCell", "tableHeader"}),
    "tableCell": _BLOCKS | {"variant"},
    "tableHeader": _BLOCKS | {"variant"},
    "image": frozenset(),
    "hardBreak": frozenset(),
    "formula": frozenset(),
    "text": frozenset(),
}
MARKS: dict[str, frozenset[str]] = {
    "bold": frozenset(),
    "italic": frozenset(),
    "underline": frozenset(),
    "strike": frozenset(),
    "subscript": frozenset(),
    "superscript": frozenset(),
    "highlight": frozenset(),
    "link": frozenset({"href"}),
    "ruby": frozenset({"text"}),
    # where a comment thread (its id) is anchored; several may overlap
    "comment": frozenset({"id"}),
}
# An attribute that holds its default means the same as one that is absent.
ATTRIBUTE_DEFAULTS: dict[str, dict[str, Any]] = {
    "variant": {"label": ""},
    "paragraph": {"kind": "body", "level": 0, "checked": False},
    "table": {"kind": "plain"},
    "tableCell": {"colspan": 1, "rowspan": 1},
    "tableHeader": {"colspan": 1, "rowspan": 1},
    "image": {"alt": ""},
}
PARAGRAPH_KINDS = ("body", "heading", "subheading", "bullet", "ordered", "task")
TABLE_KINDS = ("plain", "process")
# Whose way a variant is, in the order in which a pair stands.
VARIANT_SIDES: dict[str, str] = {"town": "城镇班", "village": "乡村班"}

HEADER_KEYS: dict[str, str] = {
    "title": "课题",
    "lesson_type": "课型",
    "period": "课时",
    "taught_at": "授课时间",
    "taught_by": "授课人",
    "lead_preparer": "主备人",
}
SECTION_KEYS: dict[str, str] = {
    "goals": "教学目标",
    "textbook_analysis": "教材分析",
    "pupil_analysis": "学情分析",
    "key_points": "教学重点",
    "difficult_points": "教学难点",
    "methods": "教学方法",
    "preparation": "教学准备",
    "process": "教学过程",
    "board": "板书设计",
    "homework": "作业设计",
    "reflection": "教学反思",
}
# Written after the lesson: not "missing" while the plan is being prepared.
WRITTEN_LATER = frozenset({"reflection"})

PROCESS_STEPS = ("导入新课", "新课教学", "巩固练习", "课堂小结", "布置作业")
PROCESS_COLUMNS = ("环节", "教师活动", "学生活动", "设计意图", "时间（分钟）")


# ---- which values a raw client may write: what an editor could not show is refused ------------------


def _text(longest: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and len(value) <= longest


def _number(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int | float) and least <= value <= most


def _one_of(*values: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in values


def _widths(value: Any) -> bool:
    return isinstance(value, list) and all(width is None or _number(0, 20_000)(width) for width in value)


# By attribute, whatever the node; a kind is that of a paragraph or of a table. HTML's own limits for spans.
_LEGAL: dict[str, Callable[[Any], bool]] = {
    "id": _text(64),
    "key": _text(64),
    "label": _text(200),
    "title": _text(200),
    "kind": _one_of(*PARAGRAPH_KINDS, *TABLE_KINDS),
    "side": _one_of(*VARIANT_SIDES),
    "level": _number(0, 20),
    "checked": lambda value: isinstance(value, bool),
    "align": _one_of("left", "center", "right"),
    "marker": _text(40),
    "latex": _text(2_000),
    "text": _text(2_000),
    "colspan": _number(1, 1_000),
    "rowspan": _number(1, 65_534),
    "colwidth": _widths,
    "file": _text(64),
    "alt": _text(2_000),
    "width": _number(0, 100_000),
    "height": _number(0, 100_000),
}


def is_legal(node: str, attribute: str, value: Any) -> bool:
    """May this attribute stand on this node with this value? Null takes an attribute away."""
    return attribute in NODES.get(node, frozenset()) and (value is None or _LEGAL[attribute](value))
