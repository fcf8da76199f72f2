"""A version as a page shows it, drawn by the server: what `frontend/src/compare/reading.ts` draws, without a script."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lessons.document import Node, attribute, plain_text
from lessons.document.plain import marks_of

TAGS = {
    "bold": "strong",
    "italic": "em",
    "underline": "u",
    "strike": "s",
    "subscript": "sub",
    "superscript": "sup",
    "highlight": "mark",
}
SAFE_ADDRESS = re.compile(r"^(https?://|mailto:|/(?!/))", re.IGNORECASE)
NOTHING = SafeString("")


def draw(content: Node) -> SafeString:
    nodes = content.get("content") or []
    fields = [field for node in nodes if node["type"] == "header" for field in node.get("content") or []]
    head = format_html('<div class="sheet-head">{}</div>', _all(map(_field, fields))) if fields else NOTHING
    return head + _all(_section(node) for node in nodes if node["type"] != "header")


def _field(field: Node) -> SafeString:
    return format_html(
        '<div class="field-cell" data-key="{}"><span class="field-label">{}</span>'
        '<span class="field-text">{}</span></div>',
        attribute(field, "key") or "",
        attribute(field, "label") or "",
        _line(field),
    )


def _section(node: Node) -> SafeString:
    if node["type"] != "section":
        return format_html('<section><div class="sec-body">{}</div></section>', _block(node))
    title = str(attribute(node, "title") or "")
    head = format_html('<div class="sec-h"><h2>{}</h2></div>', title) if title else NOTHING
    return format_html(
        '<section class="{}" data-key="{}">{}<div class="sec-body">{}</div></section>',
        "sec" if title else "",
        attribute(node, "key") or "",
        head,
        _blocks(node),
    )


def _blocks(node: Node) -> SafeString:
    return _all(_block(block) for block in node.get("content") or [])


def _block(block: Node) -> SafeString:
    drawn = DRAWN.get(block["type"])
    return drawn(block) if drawn else _blocks(block)


def _variant(block: Node) -> SafeString:
    """What is done in one kind of class only."""
    side = "village" if attribute(block, "side") == "village" else "town"
    name = _("乡村班") if side == "village" else _("城镇班")
    if label := str(attribute(block, "label") or "").strip():
        name = f"{name} · {label}"
    return format_html(
        '<div class="variant" data-side="{0}" role="group" aria-label="{1}"><div class="variant-h">{1}</div>'
        '<div class="variant-body">{2}</div></div>',
        side,
        name,
        _blocks(block),
    )


def _paragraph(block: Node) -> SafeString:
    kind, level, align = (
        attribute(block, "kind") or "body",
        attribute(block, "level"),
        attribute(block, "align"),
    )
    attributes = {
        "data-kind": kind if kind != "body" else None,
        "data-level": level or None,
        "data-checked": "" if attribute(block, "checked") else None,
        "style": f"text-align: {align}" if align in ("left", "center", "right") else None,
    }
    if kind in ("heading", "subheading"):
        attributes |= {"role": "heading", "aria-level": 3 if kind == "heading" else 4}
    return format_html("<p{}>{}</p>", _attributes(attributes), _line(block))


def _line(block: Node) -> SafeString:
    return _all(_inline(node) for node in block.get("content") or [])


def _inline(node: Node) -> SafeString:
    if node["type"] == "hardBreak":
        return SafeString("<br>")
    if node["type"] != "text":
        return NOTHING
    drawn = format_html("{}", plain_text(node))
    for name, values in marks_of(node).items():
        if name in TAGS:
            drawn = format_html("<{0}>{1}</{0}>", SafeString(TAGS[name]), drawn)
        elif name == "link" and SAFE_ADDRESS.match(str(values.get("href", "")).strip()):
            drawn = format_html(
                '<a href="{}" rel="noopener noreferrer nofollow">{}</a>', str(values["href"]).strip(), drawn
            )
    return drawn


def _picture(block: Node) -> SafeString:
    attributes = {
        "src": f"/files/{quote(str(attribute(block, 'file') or ''), safe='')}/",
        "alt": attribute(block, "alt") or "",
        "loading": "lazy",
        "width": attribute(block, "width"),
    }
    return format_html('<figure class="picture"><img{}></figure>', _attributes(attributes))


def _table(block: Node) -> SafeString:
    rows = [row.get("content") or [] for row in block.get("content") or []]
    labels = [" ".join(plain_text(cell).split()) for cell in rows[0]] if rows else []
    widest = max((sum(int(attribute(cell, "colspan") or 1) for cell in row) for row in rows), default=0)
    body = _all(
        format_html("<tr>{}</tr>", _all(_cell(cell, at, len(row), labels) for at, cell in enumerate(row)))
        for row in rows
    )
    columns = mark_safe("<col>" * min(widest, 100))
    return format_html(
        '<div class="tableWrapper"><table data-kind="{}"><colgroup>{}</colgroup><tbody>{}</tbody></table></div>',
        attribute(block, "kind") or "plain",
        columns,
        body,
    )


def _cell(cell: Node, at: int, width: int, labels: list[str]) -> SafeString:
    tag = SafeString("th" if cell["type"] == "tableHeader" else "td")
    attributes = {
        "colspan": attribute(cell, "colspan"),
        "rowspan": attribute(cell, "rowspan"),
        "data-label": labels[at] if at < len(labels) else None,
        "data-part": "step" if at == 0 else "minutes" if at == width - 1 else "activity",
    }
    return format_html("<{0}{1}>{2}</{0}>", tag, _attributes(attributes), _blocks(cell))


DRAWN = {"paragraph": _paragraph, "table": _table, "image": _picture, "variant": _variant}


def _attributes(values: Mapping[str, object]) -> SafeString:
    return format_html_join(
        "", ' {}="{}"', ((name, value) for name, value in values.items() if value is not None)
    )


def _all(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))
