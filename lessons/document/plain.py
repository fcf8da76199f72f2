"""A plan as plain data: ProseMirror's JSON. Attributes that hold their default are left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lessons.schema import ATTRIBUTE_DEFAULTS

Node = dict[str, Any]
Run = tuple[str, dict[str, Any]]  # text and its marks {name: attributes}
INLINE = frozenset({"text", "hardBreak", "formula"})


def whole(value: Any) -> Any:
    """pycrdt reads 2 as 2.0: give whole numbers back as integers, at any depth."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    return value


def without_defaults(tag: str, attributes: dict[str, Any]) -> dict[str, Any]:
    defaults = ATTRIBUTE_DEFAULTS.get(tag, {})
    return {
        name: value
        for name, value in sorted(attributes.items())
        if value is not None and not (name in defaults and defaults[name] == value)
    }


def normal(node: Node) -> Node:
    """The one spelling of a node: defaults and nulls left out, marks in order, equal runs joined."""
    if node["type"] == "text":
        return text_node(node["text"], marks_of(node))
    result: Node = {"type": node["type"]}
    attributes = without_defaults(node["type"], whole(node.get("attrs") or {}))
    if attributes:
        result["attrs"] = attributes
    content = join_text(
        [normal(child) for child in node.get("content") or [] if child["type"] != "text" or child.get("text")]
    )
    if content or node["type"] == "doc":
        result["content"] = content
    return result


def text_nodes(runs: Iterable[Run]) -> list[Node]:
    return [text_node(text, marks) for text, marks in runs if text]


def text_node(text: str, marks: dict[str, Any]) -> Node:
    node: Node = {"type": "text", "text": text}
    if marks:
        node["marks"] = [
            {"type": name, "attrs": value} if isinstance(value, dict) and value else {"type": name}
            for name, value in sorted(marks.items())
        ]
    return node


def join_text(nodes: list[Node]) -> list[Node]:
    joined: list[Node] = []
    for node in nodes:
        last = joined[-1] if joined else None
        if last and node["type"] == last["type"] == "text" and node.get("marks") == last.get("marks"):
            joined[-1] = {**last, "text": last["text"] + node["text"]}
        else:
            joined.append(node)
    return joined


def marks_of(node: Node) -> dict[str, Any]:
    return {
        mark["type"]: {name: value for name, value in (mark.get("attrs") or {}).items() if value is not None}
        for mark in node.get("marks") or []
    }


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("content") or []:
        yield from walk(child)


def plain_text(node: Node) -> str:
    """The text below a node; blocks and line breaks are separated by a newline."""
    if node["type"] == "text":
        return str(node["text"]).replace("\0", "")  # PostgreSQL keeps no such character
    if node["type"] == "hardBreak":
        return "\n"
    if node["type"] == "formula":
        return str(attribute(node, "text") or "")
    parts = [(plain_text(child), child["type"] in INLINE) for child in node.get("content") or []]
    text = ""
    for part, inline in parts:
        text += part if inline or not text else "\n" + part
    return text


def attribute(node: Node, name: str) -> Any:
    return (node.get("attrs") or {}).get(name)
