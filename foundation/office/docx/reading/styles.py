"""The styles of a document: what a paragraph or a run inherits."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from foundation.office.docx.reading.xml import Element, W, child_value, is_on, value, whole

HEADING = re.compile(r"^(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
TITLES = {"title", "标题", "subtitle", "副标题"}
DEEPEST = 20
"""Styles based on styles. More were made by a machine, or in a circle."""

# A mark and the element of run properties that switches it.
TOGGLES = {"bold": "b", "italic": "i", "strike": "strike"}


@dataclass(frozen=True)
class Style:
    name: str
    paragraph: Element | None
    run: Element | None
    based_on: str


class Styles:
    def __init__(self, root: Element | None) -> None:
        self._styles: dict[str, Style] = {}
        self.default = ""
        for each in root.iter(W + "style") if root is not None else ():
            style_id = value(each, "styleId") or ""
            self._styles[style_id] = Style(
                name=(child_value(each, "name") or "").strip(),
                paragraph=each.find(W + "pPr"),
                run=each.find(W + "rPr"),
                based_on=child_value(each, "basedOn") or "",
            )
            if value(each, "type") == "paragraph" and value(each, "default") in ("1", "true"):
                self.default = style_id

    def chain(self, style_id: str | None) -> Iterator[Style]:
        """A style and those it is based on, the nearest first."""
        for _step in range(DEEPEST):
            style = self._styles.get(style_id or "")
            if style is None:
                return
            yield style
            style_id = style.based_on

    def named(self, name: str) -> Style | None:
        return next((style for style in self._styles.values() if style.name == name), None)

    def paragraph_properties(self, properties: Element | None) -> Iterator[Element]:
        """A paragraph's own properties, then those of its styles."""
        if properties is not None:
            yield properties
        for style in self.chain(child_value(properties, "pStyle") or self.default):
            if style.paragraph is not None:
                yield style.paragraph

    def heading_level(self, properties: Element | None) -> int:
        """1 to 9 for a heading, 0 for other text."""
        for style in self.chain(child_value(properties, "pStyle")):
            match = HEADING.match(style.name)
            if match:
                return int(match.group(1))
            if style.name.lower() in TITLES:
                return 1
        for found in self.paragraph_properties(properties):
            level = child_value(found, "outlineLvl")
            if level is not None:
                outline = whole(level, least=0, most=9, default=9)
                return outline + 1 if outline < 9 else 0
        return 0

    def marks(self, run: Element | None, paragraph: Element | None, *, heading: bool) -> dict[str, bool]:
        """The marks of a run. What a heading's own style does to its text is no mark."""
        chain = [] if run is None else [run]
        chain += [style.run for style in self.chain(child_value(run, "rStyle")) if style.run is not None]
        if not heading:
            own = self.chain(child_value(paragraph, "pStyle"))
            chain += [style.run for style in own if style.run is not None]
        found = {mark: _switched(chain, name) for mark, name in TOGGLES.items()}
        found["strike"] = found["strike"] or _switched(chain, "dstrike")
        found["underline"] = _first(chain, "u") not in (None, "none")
        found["highlight"] = _first(chain, "highlight") not in (None, "none")
        position = _first(chain, "vertAlign")
        found["subscript"], found["superscript"] = position == "subscript", position == "superscript"
        return {mark: True for mark, on in found.items() if on}


def _switched(chain: list[Element], name: str) -> bool:
    for properties in chain:
        on = is_on(properties.find(W + name))
        if on is not None:
            return on
    return False


def _first(chain: list[Element], name: str) -> str | None:
    for properties in chain:
        found = properties.find(W + name)
        if found is not None:
            return value(found) or "single"
    return None
