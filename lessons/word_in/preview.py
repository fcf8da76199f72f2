"""What the page shows before a plan is made: what was recognised, and the text as plain HTML."""

from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from foundation.office.message import Message
from lessons.document import Node, attribute, plain_text, walk
from lessons.models import WordImport
from lessons.schema import HEADER_KEYS
from lessons.word_in.recognising import OTHER, Recognised, recognise

EXCERPT = 60


@dataclass(frozen=True)
class Left:
    what: str
    where: str
    text: str


@dataclass(frozen=True)
class Summary:
    """One section as a line: its name, how it begins, what is in it."""

    title: str
    excerpt: str
    tables: int
    pictures: int
    process: bool


@dataclass(frozen=True)
class Preview:
    title: str
    fields: list[tuple[str, str]]
    sections: list[Summary]
    left_out: list[Left]

    @property
    def recognised(self) -> bool:
        return bool(self.fields or len(self.sections) > 1)


def preview_of(found: WordImport) -> Preview:
    read = recognise(found.document or {"type": "doc", "content": []})
    return Preview(
        title=read.title or _title_of_file(found.file_name),
        fields=_fields(read),
        sections=[_summary(title, nodes) for title, nodes in _parts(read)],
        left_out=[left(row) for row in found.left_out],
    )


def left(row: list[Any]) -> Left:
    (what, what_values), (where, where_values), text = row
    return Left(_said(what, what_values), _said(where, where_values), text)


def reason_of(found: WordImport) -> str:
    return _said(*found.reason) if found.reason else ""


def _said(text: str, values: dict[str, Any]) -> str:
    return Message(text, tuple(values.items())).said(_)


def _title_of_file(name: str) -> str:
    return name.rpartition(".")[0].strip()[:120] or name[:120]


def _fields(read: Recognised) -> list[tuple[str, str]]:
    named = [(HEADER_KEYS[key], value) for key, value in read.header.items() if value]
    return named + list(read.other_fields.items())


def _parts(read: Recognised) -> list[tuple[str, list[Node]]]:
    opening = [(_("开头") if read.sections else _("正文"), read.opening)] if read.opening else []
    return opening + [
        (_(OTHER) if each.title == OTHER else each.title, each.blocks) for each in read.sections
    ]


def _summary(title: str, nodes: list[Node]) -> Summary:
    text = " ".join(" ".join(plain_text(node) for node in nodes).split())
    inside = [part for node in nodes for part in walk(node)]
    return Summary(
        title=title,
        excerpt=text[:EXCERPT] + ("…" if len(text) > EXCERPT else ""),
        tables=sum(part["type"] == "table" for part in inside),
        pictures=sum(part["type"] == "image" for part in inside),
        process=any(attribute(part, "kind") == "process" for part in inside),
    )


# ---- all of the text -------------------------------------------------------------------------------------
def html_of(found: WordImport) -> list[tuple[str, SafeString]]:
    """Every section with its text; a picture is a word."""
    read = recognise(found.document or {"type": "doc", "content": []})
    return [(title, _all(nodes)) for title, nodes in _parts(read)]


def _all(nodes: list[Node]) -> SafeString:
    return format_html_join("", "{}", ((_block(node),) for node in nodes))


def _block(node: Node) -> SafeString:
    if node["type"] == "table":
        rows = format_html_join("", "<tr>{}</tr>", ((_cells(row),) for row in node["content"]))
        return format_html('<div class="table-scroll" tabindex="0"><table>{}</table></div>', rows)
    if node["type"] == "image":
        return format_html('<p class="dim">［{}］</p>', attribute(node, "alt") or _("图片"))
    text = format_html_join("", "{}", ((_inline(child),) for child in node.get("content", [])))
    marker = attribute(node, "marker") or ""
    heading = attribute(node, "kind") in ("heading", "subheading")
    return format_html(
        "<p>{}{}</p>", f"{marker} " if marker else "", format_html("<b>{}</b>", text) if heading else text
    )


def _cells(row: Node) -> SafeString:
    return format_html_join(
        "",
        '<td colspan="{}" rowspan="{}">{}</td>',
        (
            (attribute(cell, "colspan") or 1, attribute(cell, "rowspan") or 1, _all(cell.get("content", [])))
            for cell in row.get("content", [])
        ),
    )


def _inline(node: Node) -> SafeString:
    if node["type"] == "hardBreak":
        return mark_safe("<br>")
    if node["type"] == "formula":
        return format_html("{}", attribute(node, "text"))
    text = format_html("{}", node["text"])
    for mark in node.get("marks", []):
        if mark["type"] == "bold":
            text = format_html("<b>{}</b>", text)
        elif mark["type"] == "ruby":
            text = format_html("<ruby>{}<rt>{}</rt></ruby>", text, mark["attrs"]["text"])
    return text
