"""Numbered and bulleted lists: which marker Word shows before a paragraph."""

import re
from dataclasses import dataclass, field

from foundation.office.docx.reading import markers, symbols
from foundation.office.docx.reading.styles import Styles
from foundation.office.docx.reading.xml import Element, W, child_value, is_on, value, whole

LEVELS = 9
LARGEST = 100_000
PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True)
class Level:
    start: int
    form: str
    text: str
    font: str
    legal: bool
    restarts_after: int  # the level whose counting starts this one anew; -1: none does


@dataclass(frozen=True)
class Item:
    """What stands before a paragraph of a list."""

    level: int
    marker: str
    bullet: bool


@dataclass
class _List:
    levels: dict[int, Level]
    counts: dict[int, int] = field(default_factory=dict)


@dataclass
class _Use:
    """A w:num: a list with levels of its own and with starts that hold once."""

    abstract: str
    levels: dict[int, Level]
    starts: dict[int, int]


class Numbering:
    """Counts while the document is walked from its beginning to its end."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        self._lists: dict[str, _List] = {}
        self._uses: dict[str, _Use] = {}
        self._level_of_style: dict[tuple[str, str], int] = {}
        if root is not None:
            self._read(root)

    # ---- what numbering.xml says -----------------------------------------------------------------------
    def _read(self, root: Element) -> None:
        links: dict[str, str] = {}
        for each in root.findall(W + "abstractNum"):
            abstract = value(each, "abstractNumId") or ""
            self._lists[abstract] = _List(_levels(each))
            links[abstract] = child_value(each, "numStyleLink") or ""
            for level in each.findall(W + "lvl"):
                style = child_value(level, "pStyle")
                if style:
                    self._level_of_style[abstract, style] = _index(level)
        for each in root.findall(W + "num"):
            self._uses[value(each, "numId") or ""] = _use(each)
        for abstract, link in links.items():
            if link and not self._lists[abstract].levels:
                self._follow(abstract, link)

    def _follow(self, abstract: str, link: str) -> None:
        """A list that is defined by a list style: the style names a w:num, and that its list."""
        style = self._styles.named(link)
        chain = [style] if style else list(self._styles.chain(link))
        for each in chain:
            use = self._uses.get(_number_of(each.paragraph) or "")
            if use is not None and use.abstract != abstract and use.abstract in self._lists:
                self._lists[abstract] = self._lists[use.abstract]
                return

    # ---- counting --------------------------------------------------------------------------------------
    def item(self, properties: Element | None) -> Item | None:
        """The marker of the next paragraph with these properties; None when it belongs to no list."""
        number, level = self._place(properties)
        use = self._uses.get(number or "")
        found = self._lists.get(use.abstract) if use is not None else None
        if use is None or found is None:
            return None
        levels = {**found.levels, **use.levels}
        if level not in levels:
            return None
        self._count(found, use, level, levels)
        marker, bullet = _marker(levels, level, found.counts)
        return Item(level, marker, bullet) if marker else None

    def _place(self, properties: Element | None) -> tuple[str | None, int]:
        number: str | None = None
        level: int | None = None
        for found in self._styles.paragraph_properties(properties):
            given = found.find(W + "numPr")
            if given is None:
                continue
            if level is None and given.find(W + "ilvl") is not None:
                level = whole(child_value(given, "ilvl"), least=0, most=LEVELS - 1, default=0)
            if number is None:
                number = child_value(given, "numId")
        if level is None:
            level = self._level_by_style(number, properties)
        return number, level

    def _level_by_style(self, number: str | None, properties: Element | None) -> int:
        use = self._uses.get(number or "")
        style = child_value(properties, "pStyle")
        return self._level_of_style.get((use.abstract, style or ""), 0) if use is not None else 0

    @staticmethod
    def _count(found: _List, use: _Use, level: int, levels: dict[int, Level]) -> None:
        counts = found.counts
        if level in use.starts:
            counts[level] = use.starts.pop(level)
        else:
            counts[level] = min(counts.get(level, levels[level].start - 1) + 1, LARGEST)
        for deeper in list(counts):
            if deeper > level and (deeper not in levels or level <= levels[deeper].restarts_after):
                del counts[deeper]


def _marker(levels: dict[int, Level], level: int, counts: dict[int, int]) -> tuple[str, bool]:
    own = levels[level]
    if own.form == "bullet":
        return symbols.bullet(own.text, own.font), True

    def numbered(match: re.Match[str]) -> str:
        index = int(match.group(1)) - 1
        other = levels.get(index)
        if other is None or other.form == "none":
            return ""
        number = counts.get(index, other.start)
        return markers.spelled(number, "decimal" if own.legal else other.form)

    return PLACE.sub(numbered, own.text).strip(), False


def _levels(element: Element) -> dict[int, Level]:
    return {_index(level): _level(level) for level in element.findall(W + "lvl")}


def _index(level: Element) -> int:
    return whole(value(level, "ilvl"), least=0, most=LEVELS - 1, default=0)


def _level(element: Element) -> Level:
    fonts = element.find(f"{W}rPr/{W}rFonts")
    index = _index(element)
    restart = element.find(W + "lvlRestart")
    given = whole(value(restart), least=0, most=LEVELS, default=index) if restart is not None else index
    return Level(
        start=whole(child_value(element, "start"), least=0, most=LARGEST, default=0),
        form=child_value(element, "numFmt") or "decimal",
        text=(child_value(element, "lvlText") or "")[:40],
        font=(fonts.get(W + "ascii") or fonts.get(W + "hAnsi") or "") if fonts is not None else "",
        legal=bool(is_on(element.find(W + "isLgl"))),
        restarts_after=given - 1,
    )


def _use(element: Element) -> _Use:
    use = _Use(child_value(element, "abstractNumId") or "", {}, {})
    for override in element.findall(W + "lvlOverride"):
        index = _index(override)
        level = override.find(W + "lvl")
        if level is not None:
            use.levels[index] = _level(level)
        start = child_value(override, "startOverride")
        if start is not None:
            use.starts[index] = whole(start, least=0, most=LARGEST, default=1)
    return use


def _number_of(properties: Element | None) -> str | None:
    return child_value(properties.find(W + "numPr"), "numId") if properties is not None else None
