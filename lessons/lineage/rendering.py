"""Parts as HTML, in the form that the styles of plan-text know; of two texts what was written and deleted is marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lessons.document import Node, attribute, text_changes
from lessons.lineage.parts import hash_of
from lessons.schema import PROCESS_COLUMNS

MARK_TAGS = {
    "bold": "strong",
    "italic": "em",
    "underline": "u",
    "strike": "s",
    "subscript": "sub",
    "superscript": "sup",
    "highlight": "mark",
}
EMPTY = mark_safe("")
Character = tuple[str, tuple[str, ...]]
"""One character and the tags around it; a line break is "\n"."""
Pair = tuple[Node | None, Node | None]
"""What is there now and what was there before."""


class Renderer:
    """`pictures`: other names for the files of pictures. Written text stands in `written`, deleted text in `deleted`
    (None: it is left out)."""

    def __init__(
        self,
        pictures: Mapping[str, str] | None = None,
        written: str = "ins",
        deleted: str | None = "del",
    ) -> None:
        self.pictures = pictures or {}
        self.written = written
        self.deleted = deleted

    # ---- parts ----
    def part(self, node: Node | None, before: Node | None = None, beside: Node | None = None) -> SafeString:
        """The part. With `before` what changed since is marked; with `beside` what reads the same there is left out."""
        if node is None:
            return EMPTY
        if node["type"] == "section":
            old = None if before is None else _children(before)
            return self._without_same(_children(node), old, _by_key(_children(beside)))
        if node["type"] == "tableRow":
            return self._row(node, before, _children(beside))
        if node["type"] == "headerField":
            return format_html("<p>{}</p>", self._line(node, before))
        return self.blocks([node], None if before is None else [before])

    def _without_same(self, nodes: list[Node], old: list[Node] | None, beside: dict[str, str]) -> SafeString:
        """Blocks, and in place of those that read the same how many there are."""
        drawn: list[SafeString] = []
        same = 0
        pairs: list[Pair] = [(node, node) for node in nodes] if old is None else _pairs(nodes, old)
        for new, was in [*pairs, (None, None)]:
            if new is not None and beside.get(_key(new)) == hash_of(new):
                same += 1
                continue
            if same:
                drawn.append(
                    format_html('<p class="same">{}</p>', _("……（%(count)s 段一样）") % {"count": same})
                )
                same = 0
            if new or was:
                drawn.append(self._block(new, was))
        return _together(drawn)

    def _row(self, row: Node, before: Node | None, beside: list[Node]) -> SafeString:
        """A step of the lesson, its columns one below the other."""
        cells, old = _children(row), _children(before) if before else []
        labels = PROCESS_COLUMNS if len(cells) == len(PROCESS_COLUMNS) else ("",) * len(cells)
        lines = []
        for index, cell in enumerate(cells):
            if index < len(beside) and hash_of(beside[index]) == hash_of(cell):
                continue
            was = None if before is None else _children(old[index]) if index < len(old) else []
            text = self.blocks(_children(cell), was)
            if _has_words(cell) or (was and any(_has_words(block) for block in was)):
                lines.append((labels[index], text))
        return format_html(
            '<dl class="step-columns">{}</dl>',
            format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", lines),
        )

    # ---- blocks ----
    def blocks(self, nodes: list[Node], before: list[Node] | None) -> SafeString:
        if before is None:
            return _together(self._block(node, node) for node in nodes)
        return _together(self._block(new, old) for new, old in _pairs(nodes, before))

    def _block(self, new: Node | None, old: Node | None) -> SafeString:
        if new is None and self.deleted is None:
            return EMPTY
        node = new or old
        assert node is not None
        if new and old and new["type"] != old["type"]:
            return self._block(None, old) + self._block(new, None)
        if node["type"] == "paragraph":
            return self._paragraph(node, new, old)
        if node["type"] == "image":
            return self._image(node, new, old)
        if node["type"] == "table":
            return self._table(node, new, old)
        return self._variant(node, new, old)

    def _variant(self, node: Node, new: Node | None, old: Node | None) -> SafeString:
        """A town's or a village's way, under its name."""
        side = str(attribute(node, "side") or "")
        name = attribute(node, "label") or (_("乡村") if side == "village" else _("城镇"))
        was = None if new is old else _children(old)
        text = self.blocks(_children(new), was)
        return format_html(
            '<div class="way"><p class="way-of"><i class="dot-{}" aria-hidden="true"></i>{}</p>{}</div>',
            side,
            name,
            text,
        )

    def _paragraph(self, node: Node, new: Node | None, old: Node | None) -> SafeString:
        told = []
        if (kind := attribute(node, "kind")) and kind != "body":
            told.append(("data-kind", kind))
        if level := attribute(node, "level"):
            told.append(("data-level", str(level)))
        if attribute(node, "checked"):
            told.append(("data-checked", ""))
        line = self._line(new or _without_content(node), old or _without_content(node))
        return format_html("<p{}>{}</p>", format_html_join("", ' {}="{}"', told), line)

    def _line(self, new: Node, old: Node | None) -> SafeString:
        after, before = _characters(new), _characters(old) if old is not None else _characters(new)
        pieces, place = [], 0
        for start, end, text in text_changes(_text(before), _text(after)):
            same = start - place
            pieces.append(_drawn(after[:same]))
            after = after[same:]
            if self.deleted and end > start:
                pieces.append(_wrapped(self.deleted, _drawn(before[start:end])))
            if text:
                pieces.append(_wrapped(self.written, _drawn(after[: len(text)])))
            after, place = after[len(text) :], end
        return _together([*pieces, _drawn(after)])

    def _image(self, node: Node, new: Node | None, old: Node | None) -> SafeString:
        file = str(attribute(node, "file") or "")
        state = "" if new and old else " picture-written" if new else " picture-deleted"
        try:
            address = reverse("file", args=[self.pictures.get(file, file)])
        except Exception:  # no id of a file
            return format_html("<p>{}</p>", _("（图片打不开）"))
        return format_html(
            '<figure class="picture{}"><img src="{}" alt="{}" loading="lazy"></figure>',
            state,
            address,
            attribute(node, "alt") or "",
        )

    def _table(self, node: Node, new: Node | None, old: Node | None) -> SafeString:
        rows: list[Pair] = [(row, row) for row in _children(node)]
        if new is not old:
            rows = _pairs(_children(new) if new else [], _children(old) if old else [])
        drawn = (self._table_row(now, was) for now, was in rows if now or self.deleted)
        return format_html(
            '<div class="tableWrapper" tabindex="0"><table><tbody>{}</tbody></table></div>', _together(drawn)
        )

    def _table_row(self, new: Node | None, old: Node | None) -> SafeString:
        node = new or old
        assert node is not None
        state = "" if new and old else "row-written" if new else "row-deleted"
        before = _children(old) if old else []
        cells = []
        for index, cell in enumerate(_children(node)):
            was = None if new is old else _children(before[index]) if index < len(before) else []
            tag = "th" if cell["type"] == "tableHeader" else "td"
            spans = format_html_join(
                "",
                ' {}="{}"',
                [(name, attribute(cell, name)) for name in ("colspan", "rowspan") if attribute(cell, name)],
            )
            text = self.blocks(_children(cell) if new else [], was)
            cells.append(format_html("<{}{}>{}</{}>", mark_safe(tag), spans, text, mark_safe(tag)))
        return format_html('<tr class="{}">{}</tr>', state, _together(cells))


def order(titles: Iterable[str]) -> SafeString:
    return format_html(
        '<ol class="order-list">{}</ol>', format_html_join("", "<li>{}</li>", ((title,) for title in titles))
    )


# ---- lines ----------------------------------------------------------------------------------------------


def _characters(node: Node) -> list[Character]:
    found: list[Character] = []
    for child in _children(node):
        if child["type"] == "hardBreak":
            found.append(("\n", ()))
        elif child["type"] == "text":
            names = {mark["type"] for mark in child.get("marks") or []}
            tags = tuple(tag for mark, tag in MARK_TAGS.items() if mark in names)
            found.extend((character, tags) for character in child["text"])
    return found


def _text(characters: list[Character]) -> str:
    return "".join(character for character, _tags in characters)


def _drawn(characters: list[Character]) -> SafeString:
    pieces: list[SafeString] = []
    start = 0
    for index in range(1, len(characters) + 1):
        if index == len(characters) or characters[index][1] != characters[start][1]:
            pieces.append(_marked(_text(characters[start:index]), characters[start][1]))
            start = index
    return _together(pieces)


def _marked(text: str, tags: tuple[str, ...]) -> SafeString:
    drawn = format_html_join(mark_safe("<br>"), "{}", ((line,) for line in text.split("\n")))
    for tag in tags:
        drawn = _wrapped(tag, drawn)
    return drawn


def _wrapped(tag: str, text: SafeString) -> SafeString:
    """`tag`: a name of ours, perhaps with a class: "ins.own"."""
    name, _dot, style = tag.partition(".")
    return format_html(
        "<{}{}>{}</{}>",
        mark_safe(name),
        format_html(' class="{}"', style) if style else EMPTY,
        text,
        mark_safe(name),
    )


# ---- what belongs together ------------------------------------------------------------------------------


def _pairs(new: list[Node], old: list[Node]) -> list[Pair]:
    """By id, in reading order; what is gone stands where it stood."""
    keys, before = [_key(node) for node in new], [_key(node) for node in old]
    found: list[Pair] = []
    for act, start, end, new_start, new_end in SequenceMatcher(
        None, before, keys, autojunk=False
    ).get_opcodes():
        if act == "equal":
            found.extend(zip(new[new_start:new_end], old[start:end], strict=True))
        else:
            found.extend((None, node) for node in old[start:end])
            found.extend((node, None) for node in new[new_start:new_end])
    return found


def _by_key(nodes: list[Node]) -> dict[str, str]:
    return {_key(node): hash_of(node) for node in nodes}


def _key(node: Node) -> str:
    return str(attribute(node, "id") or node["type"])


def _children(node: Node | None) -> list[Node]:
    return list((node or {}).get("content") or [])


def _without_content(node: Node) -> Node:
    return {"type": node["type"], "attrs": node.get("attrs") or {}}


def _has_words(node: Node) -> bool:
    return node["type"] in ("text", "image") or any(_has_words(child) for child in _children(node))


def _together(pieces: Iterable[Any]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in pieces))


own_text = partial(Renderer, written="ins.own", deleted=None)
"""For what the owner has now: only what they wrote is marked."""
