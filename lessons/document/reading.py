"""From the shared document to plain data. pycrdt reads every number as a float: whole ones come back as such."""

from __future__ import annotations

from typing import Any

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from lessons.document.plain import Node, Run, join_text, text_nodes, whole, without_defaults
from lessons.schema import FRAGMENT

Parent = XmlFragment | XmlElement
COMMENT = "comment"


def open_state(state: bytes) -> Doc:
    """A document holding this state (a Yjs update, version 1)."""
    doc: Doc = Doc()
    doc.get(FRAGMENT, type=XmlFragment)
    if state:
        doc.apply_update(state)
    return doc


def read(doc: Doc) -> Node:
    """The whole document as JSON."""
    return {"type": "doc", "content": _read_children(doc.get(FRAGMENT, type=XmlFragment))}


def read_state(state: bytes) -> Node:
    return read(open_state(state))


def _read_children(parent: Parent) -> list[Node]:
    nodes: list[Node] = []
    for child in parent.children:
        if isinstance(child, XmlText):
            nodes.extend(text_nodes(runs_of(child)))
        elif isinstance(child, XmlElement):
            nodes.append(read_element(child))
    return join_text(nodes)


def read_element(element: XmlElement) -> Node:
    node: Node = {"type": element.tag}
    attributes = _read_attributes(element)
    if attributes:
        node["attrs"] = attributes
    content = _read_children(element)
    if content:
        node["content"] = content
    return node


def stored_attributes(element: XmlElement) -> dict[str, Any]:
    pairs: Any = element.attributes  # typed as an iterable of pairs, and an iterator in fact
    return {name: whole(value) for name, value in pairs}


def _read_attributes(element: XmlElement) -> dict[str, Any]:
    return without_defaults(element.tag or "", stored_attributes(element))


def runs_of(text: XmlText) -> list[Run]:
    """Without the marks of comments: those belong to the discussion, not to the text."""
    runs: list[Run] = []
    for piece, marks in text.diff():
        if isinstance(piece, str):
            kept = {mark_name(key): whole(value) for key, value in (marks or {}).items()}
            kept.pop(COMMENT, None)
            runs.append((piece, kept))
    return runs


def mark_name(key: str) -> str:
    """Marks that do not exclude themselves are stored as name--hash."""
    return key.split("--", 1)[0]
