"""What the walk through a document carries along: its parts, its counters, and what had to stay behind."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from foundation.office.docx.reading.numbering import Numbering
from foundation.office.docx.reading.package import Package
from foundation.office.docx.reading.styles import Styles
from foundation.office.message import Message, Refused, gettext_noop, message

Node = dict[str, Any]

DEEPEST = 8
"""Tables and text boxes within one another; what is deeper comes in as plain lines."""
MAX_NODES = 300_000
MAX_LISTED = 500
LONGEST = 300
EVERYWHERE = gettext_noop("全文")


@dataclass(frozen=True)
class LeftOut:
    """Something that could not be carried: what, where in the file, and what it said."""

    what: Message
    where: Message
    text: str = ""

    def said(self) -> dict[str, str]:
        return {"what": str(self.what), "where": str(self.where), "text": self.text}


@dataclass
class Field:
    """A complex field: its instruction, and whether its result has begun."""

    instruction: str = ""
    shown: bool = False
    anything_shown: bool = False


@dataclass
class Walk:
    package: Package
    styles: Styles
    numbering: Numbering
    left_out: list[LeftOut] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    noticed: Counter[str] = field(default_factory=Counter)
    pictures: dict[str, str | None] = field(default_factory=dict)
    paragraph: int = 0
    tables: int = 0
    row: int = 0
    cell: int = 0
    depth: int = 0
    nodes: int = 0
    more: int = 0

    def leave_out(self, what: Message, text: str = "", where: Message | None = None) -> None:
        if len(self.left_out) >= MAX_LISTED:
            self.more += 1
            return
        self.left_out.append(LeftOut(what, where or self.where(), shortened(text)))

    def where(self) -> Message:
        if self.row:
            return message(
                gettext_noop("第 %(table)d 个表格第 %(row)d 行第 %(cell)d 格"),
                table=self.tables,
                row=self.row,
                cell=self.cell,
            )
        return message(gettext_noop("第 %(number)d 段"), number=self.paragraph)

    def made(self, count: int = 1) -> None:
        self.nodes += count
        if self.nodes > MAX_NODES:
            raise Refused(gettext_noop("这个文件内容太多，不像一份教案。请分成几个文件再传。"))

    @contextmanager
    def deeper(self) -> Iterator[bool]:
        """Whether there is still room to go down."""
        self.depth += 1
        try:
            yield self.depth <= DEEPEST
        finally:
            self.depth -= 1


def shortened(text: str) -> str:
    text = text.strip()
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def text_node(text: str, marks: dict[str, Any]) -> Node:
    node: Node = {"type": "text", "text": text}
    if marks:
        node["marks"] = [
            {"type": name, "attrs": attributes} if isinstance(attributes, dict) else {"type": name}
            for name, attributes in sorted(marks.items())
        ]
    return node


def joined(nodes: list[Node]) -> list[Node]:
    """Neighbouring texts of the same marks are one."""
    result: list[Node] = []
    for node in nodes:
        last = result[-1] if result else None
        if last and node["type"] == last["type"] == "text" and node.get("marks") == last.get("marks"):
            last["text"] += node["text"]
        else:
            result.append(dict(node))
    return result
