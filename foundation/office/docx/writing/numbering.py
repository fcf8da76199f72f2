"""Lists: which number a line has, and Word's definitions that make it show exactly that one.

A number starts anew after anything that is no list; a line starts the deeper levels anew; a bullet or a box ends
the numbers of its own level. Word counts by its own rules: where they would give another number, a new count is
begun there.
"""

from docx.document import Document
from docx.opc.constants import CONTENT_TYPE as CT
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.parts.numbering import NumberingPart

from foundation.office.docx.writing.xml import NAMESPACES, attribute

DEEPEST = 8
INDENT = 420
ORDERED = (
    ("decimal", "%{}."),
    ("decimal", "(%{})"),
    ("lowerLetter", "%{}."),
    ("lowerRoman", "%{}."),
    ("decimal", "%{})"),
)
BULLETS = ("•", "◦", "–")
BOX, TICKED = "☐", "☑"


class Numbering:
    def __init__(self, document: Document) -> None:
        self._root = _part(document).element
        self._abstract: dict[str, int] = {}
        self._nums: dict[str, int] = {}
        self._last: dict[str, int] = {}
        self.start()

    def start(self) -> None:
        """What comes next is not part of the list before."""
        self._shown = [0] * (DEEPEST + 1)
        self._counted = [0] * (DEEPEST + 1)
        self._num = 0

    def bullet(self, level: int) -> int:
        self._forget(level)
        return self._one("bullet")

    def box(self, level: int, *, ticked: bool) -> int:
        self._forget(level)
        return self._one("ticked" if ticked else "box")

    def own(self, level: int, marker: str, *, ordered: bool) -> int:
        """A marker that is written as it is; a numbered line counts all the same."""
        if ordered:
            self._shown[level] += 1
            self._shown[level + 1 :] = [0] * (DEEPEST - level)
            self._num = 0
        else:
            self._forget(level)
        return self._one(f"{'own' if ordered else 'sign'} {marker}")

    def section(self) -> int:
        return self._one("section")

    def number(self, level: int) -> int:
        self._shown[level] += 1
        self._shown[level + 1 :] = [0] * (DEEPEST - level)
        if not self._num or self._counted[level] + 1 != self._shown[level]:
            self._num = self._begin(level, self._shown[level])
            self._counted = [0] * (DEEPEST + 1)
        self._counted[level] = self._shown[level]
        self._counted[level + 1 :] = [0] * (DEEPEST - level)
        return self._num

    def _forget(self, level: int) -> None:
        first = level + 1 if level else 0
        self._shown[first:] = [0] * (DEEPEST + 1 - first)

    # ---- Word's definitions ---------------------------------------------------------------------------
    def _one(self, kind: str) -> int:
        if kind not in self._nums:
            self._nums[kind] = self._add_num(self._abstract_of(kind), "")
        return self._nums[kind]

    def _begin(self, level: int, first: int) -> int:
        """Counts of one definition go on from one another unless every level says where it starts."""
        starts = "".join(
            f'<w:lvlOverride w:ilvl="{each}"><w:startOverride w:val="{first if each == level else 1}"/></w:lvlOverride>'
            for each in range(DEEPEST + 1)
        )
        return self._add_num(self._abstract_of("ordered"), starts)

    def _abstract_of(self, kind: str) -> int:
        if kind not in self._abstract:
            number = self._next("w:abstractNum", "w:abstractNumId")
            self._abstract[kind] = number
            levels = "".join(_level(kind, level) for level in range(DEEPEST + 1))
            made = parse_xml(
                f'<w:abstractNum {NAMESPACES} w:abstractNumId="{number}"><w:multiLevelType w:val="multilevel"/>'
                f"{levels}</w:abstractNum>"
            )
            first = self._root.find(qn("w:num"))
            self._root.append(made) if first is None else first.addprevious(made)
        return self._abstract[kind]

    def _add_num(self, abstract: int, overrides: str) -> int:
        number = self._next("w:num", "w:numId")
        made = parse_xml(
            f'<w:num {NAMESPACES} w:numId="{number}"><w:abstractNumId w:val="{abstract}"/>{overrides}</w:num>'
        )
        last = self._root.findall(qn("w:num"))
        last[-1].addnext(made) if last else self._root.append(made)
        return number

    def _next(self, tag: str, name: str) -> int:
        if tag not in self._last:
            self._last[tag] = max(
                (int(each.get(qn(name), 0)) for each in self._root.findall(qn(tag))), default=0
            )
        self._last[tag] += 1
        return self._last[tag]


def _level(kind: str, level: int) -> str:
    form, text = _marker(kind, level)
    left = 0 if kind == "section" else INDENT * (level + 1)
    follows = '<w:suff w:val="nothing"/>' if kind == "section" else ""
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{follows}'
        f"<w:lvlText w:val={attribute(text)}/>"
        f'<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{left}" w:hanging="{min(left, INDENT)}"/></w:pPr></w:lvl>'
    )


def _marker(kind: str, level: int) -> tuple[str, str]:
    if kind == "bullet":
        return "bullet", BULLETS[min(level, len(BULLETS) - 1)]
    if kind.startswith(("own ", "sign ")):
        word, _space, marker = kind.partition(" ")
        return "decimal" if word == "own" else "bullet", marker.replace("%", "％")  # % stands for a number
    if kind in ("box", "ticked"):
        return "bullet", BOX if kind == "box" else TICKED
    if kind == "section":
        return "chineseCountingThousand", f"%{level + 1}、"
    form, text = ORDERED[min(level, len(ORDERED) - 1)]
    return form, text.format(level + 1)


def _part(document: Document) -> NumberingPart:
    try:
        found = document.part.part_related_by(RT.NUMBERING)
        assert isinstance(found, NumberingPart)
        return found
    except KeyError:
        root = parse_xml(f"<w:numbering {NAMESPACES}/>")
        part = NumberingPart(PackURI("/word/numbering.xml"), CT.WML_NUMBERING, root, document.part.package)
        document.part.relate_to(part, RT.NUMBERING)
        return part
