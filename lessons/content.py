"""Building the first content of a plan: short authoring forms → the document's JSON. Pure.

Text is one line with **bold** allowed. A block is one of
  "text"                                            a paragraph
  {"kind": "bullet" | "ordered" | "heading" | …, "text": "…", "level": 0}
  {"table": [["a", "b"], ["c", "d"]]}               a plain table, the first row is its head
  {"process": [{"step", "subtitle", "teacher", "pupils", "intent", "minutes"}, …]}
  {"variant": "town" | "village", "label": "青山小学 11 人", "blocks": [block, …]}
and wherever a cell or a step's column is asked for, a list of blocks may stand for one text.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any

from lessons.document import Node
from lessons.schema import PROCESS_COLUMNS

NewId = Callable[[], str]
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
ID_LENGTH = 10


def random_id() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


def ids_of(name: str) -> NewId:
    """Ids that are always the same for one name, for content that may be built more than once."""
    count = 0

    def next_id() -> str:
        nonlocal count
        count += 1
        digest = sha256(f"{name}:{count}".encode()).digest()
        return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:ID_LENGTH])

    return next_id


def inline(text: str) -> list[Node]:
    """'plain **bold** plain' → text nodes; a line break becomes a hardBreak."""
    nodes: list[Node] = []
    for number, line in enumerate(str(text).split("\n")):
        if number:
            nodes.append({"type": "hardBreak"})
        for position, piece in enumerate(re.split(r"\*\*(.+?)\*\*", line)):
            if piece:
                marks = {"marks": [{"type": "bold"}]} if position % 2 else {}
                nodes.append({"type": "text", "text": piece, **marks})
    return nodes


def element(name: str, attributes: Mapping[str, Any], content: list[Node]) -> Node:
    node: Node = {"type": name, "attrs": dict(attributes)}
    if content:
        node["content"] = content
    return node


def paragraph(new_id: NewId, text: str = "", **attributes: Any) -> Node:
    return element("paragraph", {"id": new_id(), **attributes}, inline(text))


def block(new_id: NewId, form: Any) -> Node:
    if isinstance(form, str):
        return paragraph(new_id, form)
    if "table" in form:
        return table(new_id, form["table"])
    if "process" in form:
        return process_table(new_id, form["process"])
    if "variant" in form:
        return variant(new_id, form["variant"], form.get("label", ""), form["blocks"])
    attributes = {key: form[key] for key in ("kind", "level", "checked", "align") if form.get(key)}
    return paragraph(new_id, form.get("text", ""), **attributes)


def blocks(new_id: NewId, forms: Any) -> list[Node]:
    """At least one block: an empty place to write is an empty paragraph."""
    listed = forms if isinstance(forms, list) else [forms]
    return [block(new_id, form) for form in listed] or [paragraph(new_id)]


def variant(new_id: NewId, side: str, label: str, forms: Any) -> Node:
    attributes = {"id": new_id(), "side": side, **({"label": label} if label else {})}
    return element("variant", attributes, blocks(new_id, forms))


def table(new_id: NewId, rows: Iterable[list[Any]], kind: str = "plain") -> Node:
    made = []
    for number, cells in enumerate(rows):
        name = "tableCell" if number else "tableHeader"
        row_id = new_id()
        made.append(element("tableRow", {"id": row_id}, [cell(new_id, name, form) for form in cells]))
    return element("table", {"id": new_id(), **({"kind": kind} if kind != "plain" else {})}, made)


def cell(new_id: NewId, name: str, form: Any) -> Node:
    return {"type": name, "content": blocks(new_id, form)}


def process_table(new_id: NewId, steps: Iterable[Mapping[str, Any]]) -> Node:
    rows: list[list[Any]] = [list(PROCESS_COLUMNS)]
    for step in steps:
        name = [step["step"], *([step["subtitle"]] if step.get("subtitle") else [])]
        columns = [step.get(column) or "" for column in ("teacher", "pupils", "intent")]
        rows.append([name, *columns, str(step.get("minutes") or "")])
    return table(new_id, rows, kind="process")


def plan_content(
    form: Mapping[str, Any],
    *,
    header: Mapping[str, str],
    sections: Mapping[str, Any] | None = None,
    new_id: NewId = random_id,
) -> Node:
    """A new plan: the template's form, the header's values, and what is already written per section."""
    fields = [
        element(
            "headerField",
            {"id": new_id(), "key": field["key"], "label": field["label"]},
            inline(header.get(field["key"]) or field.get("text", "")),
        )
        for field in form["header"]
    ]
    written = sections or {}
    return {
        "type": "doc",
        "content": [
            element("header", {"id": new_id()}, fields),
            *(
                element(
                    "section",
                    {"id": new_id(), "key": section["key"], "title": section["title"]},
                    blocks(new_id, written.get(section["key"]) or section["blocks"]),
                )
                for section in form["sections"]
            ),
        ],
    }
