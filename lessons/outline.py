"""What lists show of a plan without opening it: title, what is still unwritten, minutes, characters. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from lessons.document import Node, attribute, plain_text, walk
from lessons.schema import WRITTEN_LATER

TITLE_LENGTH = 120


@dataclass(frozen=True)
class Step:
    name: str
    minutes: int


@dataclass(frozen=True)
class Outline:
    title: str
    missing: tuple[str, ...]
    steps: tuple[Step, ...]
    minutes: int
    characters: int
    reflected: bool
    """Is the reflection written, which comes after the lesson?"""

    def data(self) -> dict[str, Any]:
        """What is kept in LessonPlan.outline."""
        kept = asdict(self)
        del kept["title"]
        return kept


def outline_of(content: Node) -> Outline:
    steps = tuple(_steps(content))
    return Outline(
        title=_title(content),
        missing=tuple(_missing(content)),
        steps=steps,
        minutes=sum(step.minutes for step in steps),
        characters=count_characters(content),
        reflected=any(
            str(attribute(section, "key")) in WRITTEN_LATER and _has_words(section)
            for section in content["content"]
            if section["type"] == "section"
        ),
    )


def count_characters(content: Node) -> int:
    """What teachers have written. The editor counts the same."""
    return sum(1 for line in written_lines(content) for character in line if not character.isspace())


def written_lines(content: Node) -> Iterator[str]:
    """Neither the header nor the template's own words."""
    for block in content.get("content") or []:
        if block["type"] != "header":
            yield from _own_lines(block)


def _title(content: Node) -> str:
    for node in walk(content):
        if node["type"] == "headerField" and attribute(node, "key") == "title":
            return " ".join(plain_text(node).split())[:TITLE_LENGTH]
    return ""


def _missing(content: Node) -> Iterator[str]:
    for section in content["content"]:
        if section["type"] != "section" or str(attribute(section, "key")) in WRITTEN_LATER:
            continue
        if not _has_words(section):
            yield str(attribute(section, "title") or "").replace("\0", "")


def _has_words(section: Node) -> bool:
    return any(_is_written(block) for block in section.get("content") or [])


def _is_written(block: Node) -> bool:
    if block["type"] == "paragraph":
        return _own_line(block) != ""
    return block["type"] == "image" or any(_is_written(part) for part in _own_parts(block))


def _own_lines(block: Node) -> Iterator[str]:
    yield _own_line(block)
    for part in _own_parts(block):
        yield from _own_lines(part)


def _own_parts(block: Node) -> Iterable[Node]:
    """What stands in it that is not the template's own: in a table the cells that teachers fill."""
    if block["type"] == "paragraph":
        return []
    if block["type"] == "table":
        return [cell for row in _body_rows(block) for cell in _own_cells(block, row)]
    return block.get("content") or []


def _own_line(block: Node) -> str:
    """The text of a line that says more than a template does by itself: headings, labels such as 基础："""
    if block["type"] != "paragraph" or attribute(block, "kind") in ("heading", "subheading"):
        return ""
    text = plain_text(block)
    return "" if text.rstrip().endswith(("：", ":")) else text.strip()


def _body_rows(table: Node) -> list[Node]:
    """Rows other than a head row; a table of head rows only is all body."""
    rows = table.get("content") or []
    body = [row for row in rows if any(cell["type"] == "tableCell" for cell in row.get("content") or [])]
    return body or rows


def _own_cells(table: Node, row: Node) -> list[Node]:
    cells = row.get("content") or []
    return cells[1:-1] if attribute(table, "kind") == "process" else cells


def _steps(content: Node) -> Iterator[Step]:
    for table in walk(content):
        if table["type"] != "table" or attribute(table, "kind") != "process":
            continue
        for row in (table.get("content") or [])[1:]:
            cells = row.get("content") or []
            if len(cells) >= 2:
                yield Step(_step_name(cells[0]), _minutes(cells[-1]))


def _step_name(cell: Node) -> str:
    """The sub-title when there is one (初读), else the step itself (新课教学)."""
    lines = [line.strip() for line in plain_text(cell).split("\n") if line.strip()]
    return (lines[1] if len(lines) > 1 else lines[0])[:20] if lines else ""


def _minutes(cell: Node) -> int:
    number = re.search(r"\d{1,3}", plain_text(cell))
    return int(number.group()) if number else 0
