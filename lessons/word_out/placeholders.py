"""What somebody's own form may ask for, in the words of teachers, and what a plan answers. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from foundation.office.docx.filling import Names, Values
from foundation.office.docx.writing.grid import lay_out
from lessons.document import Node, attribute, plain_text, walk
from lessons.schema import HEADER_KEYS, SECTION_KEYS
from lessons.word_out import form

BODY, HEAD, REST, PROCESS = "正文", "表头", "其他部分", "教学过程表"
COLUMNS = ("环节", "教师活动", "学生活动", "设计意图", "时间")


@dataclass(frozen=True)
class Facts:
    """What is known of a plan besides its text."""

    subject: str = ""
    grade: str = ""
    volume: str = ""
    edition: str = ""
    unit: str = ""
    school: str = ""
    county: str = ""
    owner: str = ""
    version: str = ""
    day: str = ""

    def texts(self) -> dict[str, str]:
        return {
            "学科": self.subject,
            "年级": self.grade,
            "册次": self.volume,
            "教材版本": self.edition,
            "单元": self.unit,
            "学校": self.school,
            "县区": self.county,
            "教案主人": self.owner,
            "版本": self.version,
            "日期": self.day,
        }

    def head(self) -> list[form.Fact]:
        """As they stand in the head of the standard form."""
        book = f"{self.grade}{self.volume}"
        return [("学科", self.subject), ("年级", book), ("教材版本", self.edition), ("单元", self.unit)]


EXPLAINED: dict[str, object] = {
    "课题": _("教案表头里填的，下面几个也是"),
    "课型": "",
    "课时": "",
    "授课时间": "",
    "授课人": "",
    "主备人": "",
    "学科": _("教材目录里的，下面几个也是"),
    "年级": "",
    "册次": "",
    "教材版本": "",
    "单元": "",
    "学校": _("教案主人建这份教案时的学校"),
    "县区": "",
    "教案主人": "",
    "版本": _("导出的是哪一版；现在的内容就空着"),
    "日期": _("导出的那一天"),
    **dict.fromkeys(SECTION_KEYS.values(), ""),
    "教学目标": _("教案的一部分，单独占一段，表格、图片、编号都带着；下面几个也是"),
    BODY: _("所有部分，按顺序，标题编号一、二、三"),
    HEAD: _("标准格式的表头"),
    REST: _("模板里没有单独放的部分，都在这里"),
}


def names(own_sections: Iterable[str] = ()) -> Names:
    """`own_sections`: titles that the forms of the unit have besides the customary ones."""
    sections = {*SECTION_KEYS.values(), *(title for title in own_sections if title.isidentifier())}
    texts = frozenset({*HEADER_KEYS.values(), *Facts().texts()})
    return Names(
        texts=texts,
        blocks=frozenset({*sections, BODY, HEAD, REST} - texts),
        rows={PROCESS: frozenset(COLUMNS)},
    )


def values(content: Node, facts: Facts, asked: Sequence[str]) -> Values:
    """Of the plan, for a form that asks for these."""
    head = facts.head()
    texts = facts.texts() | dict.fromkeys(HEADER_KEYS.values(), "") | _head_texts(content)
    sections = _sections(content)
    blocks = {name: blocks for title, (name, blocks) in sections.items() for name in {title, name}}
    blocks |= {name: [] for name in asked if name not in blocks and name not in texts and name != PROCESS}
    blocks[BODY] = list(
        form.body_blocks({"content": [each for each in content["content"] if each["type"] != "header"]}, head)
    )
    blocks[HEAD] = [form.head_table(each, head) for each in content["content"] if each["type"] == "header"]
    rest = {"content": [each for each in content["content"] if _is_rest(each, asked)]}
    blocks[REST] = list(form.body_blocks(rest, head, heading="heading"))
    return Values(texts, blocks, {PROCESS: list(steps(content))})


def left_out(content: Node, asked: Sequence[str]) -> list[str]:
    """Titles of parts with words that would not be in the document."""
    if {BODY, REST} & set(asked):
        return []
    return [
        str(attribute(node, "title") or "")
        for node in content["content"]
        if node["type"] == "section" and _is_left_out(node, asked) and form.is_written(node)
    ]


def _is_rest(node: Node, asked: Sequence[str]) -> bool:
    if node["type"] == "section":
        return _is_left_out(node, asked) and form.is_written(node)
    return node["type"] != "header"


def _is_left_out(node: Node, asked: Sequence[str]) -> bool:
    named = {str(attribute(node, "title") or ""), SECTION_KEYS.get(str(attribute(node, "key") or ""), "")}
    if attribute(node, "key") == "process" and PROCESS in asked:
        return False
    return not named & set(asked)


def _head_texts(content: Node) -> dict[str, str]:
    found = {}
    for node in walk(content):
        if node["type"] == "headerField":
            text = plain_text(node)
            found[str(attribute(node, "label") or "")] = text
            found[HEADER_KEYS.get(str(attribute(node, "key") or ""), "")] = text
    return found


def _sections(content: Node) -> Mapping[str, tuple[str, list[Node]]]:
    """By their title: the customary name, and what stands in them."""
    return {
        str(attribute(node, "title") or ""): (
            SECTION_KEYS.get(str(attribute(node, "key") or ""), str(attribute(node, "title") or "")),
            node.get("content") or [],
        )
        for node in content["content"]
        if node["type"] == "section"
    }


def steps(content: Node) -> Iterable[dict[str, list[Node]]]:
    """The rows of the teaching process; a cell that reaches over several rows stands in the first."""
    for table in walk(content):
        if table["type"] != "table" or attribute(table, "kind") != "process":
            continue
        for row in lay_out(table).rows[1:]:
            cells = [(place.cell or {}).get("content", []) for place in row]
            if len(cells) >= 2:
                middle = [*cells[1:-1], [], [], []][: len(COLUMNS) - 2]
                yield dict(zip(COLUMNS, [cells[0], *middle, cells[-1]], strict=True))
