"""Between a lesson plan's shared document (Yjs XML) and plain data. Pure: no Django, no I/O.

The plain form is ProseMirror's JSON. pycrdt counts text in UTF-8 bytes and reads every number as a
float; neither shows outside this module. Attributes that hold their default are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from hashlib import sha256
from itertools import accumulate
from typing import Any

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from lessons.schema import ATTRIBUTE_DEFAULTS, FRAGMENT

Node = dict[str, Any]
Run = tuple[str, dict[str, Any]]  # text and its marks {name: attributes}
Parent = XmlFragment | XmlElement

# Longer stretches of changed text are compared clause by clause first, to stay fast.
CHARACTER_DIFF_LIMIT = 2_000


# ---- reading ------------------------------------------------------------------------------------


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
            nodes.extend(_text_nodes(_runs(child)))
        elif isinstance(child, XmlElement):
            nodes.append(_read_element(child))
    return _join_text(nodes)


def _read_element(element: XmlElement) -> Node:
    node: Node = {"type": element.tag}
    attributes = _read_attributes(element)
    if attributes:
        node["attrs"] = attributes
    content = _read_children(element)
    if content:
        node["content"] = content
    return node


def _stored_attributes(element: XmlElement) -> dict[str, Any]:
    pairs: Any = element.attributes  # typed as an iterable of pairs, and an iterator in fact
    return {name: whole(value) for name, value in pairs}


def _read_attributes(element: XmlElement) -> dict[str, Any]:
    return _without_defaults(element.tag or "", _stored_attributes(element))


def _without_defaults(tag: str, attributes: dict[str, Any]) -> dict[str, Any]:
    defaults = ATTRIBUTE_DEFAULTS.get(tag, {})
    return {
        name: value
        for name, value in sorted(attributes.items())
        if value is not None and not (name in defaults and defaults[name] == value)
    }


def whole(value: Any) -> Any:
    """pycrdt reads 2 as 2.0: give whole numbers back as integers, at any depth."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    return value


def _runs(text: XmlText) -> list[Run]:
    runs: list[Run] = []
    for piece, marks in text.diff():
        if isinstance(piece, str):
            runs.append((piece, {_mark_name(name): whole(value) for name, value in (marks or {}).items()}))
    return runs


def _mark_name(key: str) -> str:
    """Marks that do not exclude themselves are stored as name--hash."""
    return key.split("--", 1)[0]


def _text_nodes(runs: Iterable[Run]) -> list[Node]:
    return [_text_node(text, marks) for text, marks in runs if text]


def _text_node(text: str, marks: dict[str, Any]) -> Node:
    node: Node = {"type": "text", "text": text}
    if marks:
        node["marks"] = [
            {"type": name, "attrs": value} if isinstance(value, dict) and value else {"type": name}
            for name, value in sorted(marks.items())
        ]
    return node


def _join_text(nodes: list[Node]) -> list[Node]:
    joined: list[Node] = []
    for node in nodes:
        last = joined[-1] if joined else None
        if last and node["type"] == last["type"] == "text" and node.get("marks") == last.get("marks"):
            joined[-1] = {**last, "text": last["text"] + node["text"]}
        else:
            joined.append(node)
    return joined


def normal(node: Node) -> Node:
    """The one spelling of a node: defaults and nulls left out, marks in order, equal runs joined."""
    if node["type"] == "text":
        return _text_node(node["text"], _marks_of(node))
    result: Node = {"type": node["type"]}
    attributes = _without_defaults(node["type"], whole(node.get("attrs") or {}))
    if attributes:
        result["attrs"] = attributes
    content = _join_text(
        [normal(child) for child in node.get("content") or [] if child["type"] != "text" or child.get("text")]
    )
    if content or node["type"] == "doc":
        result["content"] = content
    return result


def _marks_of(node: Node) -> dict[str, Any]:
    return {
        mark["type"]: {name: value for name, value in (mark.get("attrs") or {}).items() if value is not None}
        for mark in node.get("marks") or []
    }


# ---- walking plain content ----------------------------------------------------------------------


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("content") or []:
        yield from walk(child)


def plain_text(node: Node) -> str:
    """The text below a node; blocks and line breaks are separated by a newline."""
    if node["type"] == "text":
        return str(node["text"])
    if node["type"] == "hardBreak":
        return "\n"
    parts = [
        (plain_text(child), child["type"] in ("text", "hardBreak")) for child in node.get("content") or []
    ]
    text = ""
    for part, inline in parts:
        text += part if inline or not text else "\n" + part
    return text


def attribute(node: Node, name: str) -> Any:
    return (node.get("attrs") or {}).get(name)


# ---- writing ------------------------------------------------------------------------------------


def seed_client(document: str) -> int:
    """The client id under which a document's first content is written: always the same for one document,
    so that building the seed twice gives the same items and never doubles the text."""
    return int.from_bytes(sha256(f"seed:{document}".encode()).digest()[:4], "big") or 1


def seed(content: Node, *, document: str) -> bytes:
    """The first state of a document as a Yjs update; the same bytes for the same content and document."""
    doc: Doc = Doc(client_id=seed_client(document))
    fragment = doc.get(FRAGMENT, type=XmlFragment)
    with doc.transaction():
        _insert_children(fragment, 0, normal(content)["content"])
    return doc.get_update()


def _insert_children(parent: Parent, index: int, nodes: list[Node]) -> None:
    for child in _grouped(nodes):
        _insert(parent, index, child)
        index += 1


def _grouped(nodes: list[Node]) -> list[Node | list[Run]]:
    """Children as the document holds them: adjacent text nodes are one XmlText."""
    groups: list[Node | list[Run]] = []
    for node in nodes:
        if node["type"] != "text":
            groups.append(node)
        elif groups and isinstance(groups[-1], list):
            groups[-1].append((node["text"], _marks_of(node)))
        else:
            groups.append([(node["text"], _marks_of(node))])
    return groups


def _insert(parent: Parent, index: int, child: Node | list[Run]) -> None:
    if isinstance(child, list):
        text = XmlText()
        parent.children.insert(index, text)
        _fill(text, child)
        return
    element = XmlElement(child["type"])
    parent.children.insert(index, element)
    for name, value in sorted((child.get("attrs") or {}).items()):
        element.attributes[name] = value
    _insert_children(element, 0, child.get("content") or [])


def _fill(text: XmlText, runs: list[Run]) -> None:
    """The characters first, then one mark after the other: pycrdt writes several at once in any order."""
    text.insert(0, "".join(piece for piece, _marks in runs), {})
    ranges = _byte_ranges(runs)
    for name in sorted({name for _piece, marks in runs for name in marks}):
        for start, end, marks in ranges:
            if name in marks:
                text.format(start, end, {name: marks[name]})


# ---- turning one document into another by the smallest change -------------------------------------


def reconcile(doc: Doc, target: Node) -> None:
    """Change the shared document until it reads as `target`; leave alone what is already right.

    Blocks are recognised by their id, text is changed character by character, so what others type
    meanwhile elsewhere — or in an unchanged part of the same paragraph — survives. Yjs cannot move:
    a block that changed places is inserted anew.
    """
    with doc.transaction():
        _reconcile_children(doc.get(FRAGMENT, type=XmlFragment), normal(target)["content"])


def _reconcile_children(parent: Parent, nodes: list[Node]) -> None:
    present = [child for child in parent.children if isinstance(child, XmlText | XmlElement)]
    wanted = _grouped(nodes)
    pairs = _align([_key_present(child) for child in present], [_key_wanted(child) for child in wanted])
    kept = {now for now, _later in pairs}
    for index in reversed(range(len(present))):
        if index not in kept:
            del parent.children[index]
    partner = {later: present[now] for now, later in pairs}
    for index, child in enumerate(wanted):
        match = partner.get(index)
        if isinstance(match, XmlText) and isinstance(child, list):
            _reconcile_text(match, child)
        elif isinstance(match, XmlElement) and isinstance(child, dict):
            _reconcile_element(match, child)
        else:
            _insert(parent, index, child)


def _reconcile_element(element: XmlElement, node: Node) -> None:
    if _read_element(element) == node:
        return
    stored = _stored_attributes(element)
    now, wanted = _without_defaults(element.tag or "", stored), node.get("attrs") or {}
    for name in sorted(stored.keys() - wanted.keys()):
        if name in now:
            del element.attributes[name]
    for name, value in sorted(wanted.items()):
        if now.get(name) != value:
            element.attributes[name] = value
    _reconcile_children(element, node.get("content") or [])


# What a child is recognised by: (tag, id) when it has an id, else (tag, its whole content).
Key = tuple[str, str]


def _key_present(child: XmlElement | XmlText) -> Key:
    if isinstance(child, XmlText):
        return "text", _spelled(_text_nodes(_runs(child)))
    return _key_of_node(_read_element(child))


def _key_wanted(child: Node | list[Run]) -> Key:
    if isinstance(child, list):
        return "text", _spelled(_text_nodes(child))
    return _key_of_node(child)


def _key_of_node(node: Node) -> Key:
    block_id = attribute(node, "id")
    return node["type"], f"id:{block_id}" if block_id else _spelled(node)


def _spelled(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _align(present: list[Key], wanted: list[Key]) -> list[tuple[int, int]]:
    """Pairs (index now, index wanted), rising on both sides: same key first; then, in the gaps
    between, children without an id that have the same tag, in order."""
    pairs: list[tuple[int, int]] = []
    for operation, start, end, wanted_start, wanted_end in SequenceMatcher(
        None, present, wanted, autojunk=False
    ).get_opcodes():
        if operation == "equal":
            pairs.extend(zip(range(start, end), range(wanted_start, wanted_end), strict=True))
        elif operation == "replace":
            pairs.extend(_align_by_tag(present, wanted, (start, end), (wanted_start, wanted_end)))
    return pairs


def _align_by_tag(
    present: list[Key], wanted: list[Key], now: tuple[int, int], later: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    next_free = later[0]
    for index in range(*now):
        tag, key = present[index]
        if key.startswith("id:"):
            continue
        for candidate in range(next_free, later[1]):
            if wanted[candidate][0] == tag and not wanted[candidate][1].startswith("id:"):
                yield index, candidate
                next_free = candidate + 1
                break


def _reconcile_text(text: XmlText, wanted: list[Run]) -> None:
    now = "".join(piece for piece, _marks in _runs(text))
    later = "".join(piece for piece, _marks in wanted)
    for start, end, replacement in reversed(_text_changes(now, later)):
        offset = len(now[:start].encode())
        if end > start:
            del text[offset : offset + len(now[start:end].encode())]
        if replacement:
            text.insert(offset, replacement, {})
    _reconcile_marks(text, wanted)


def _text_changes(now: str, later: str) -> list[tuple[int, int, str]]:
    """What to replace in `now` to make it `later`: (from, to, new text), in rising order."""
    head = 0
    while head < min(len(now), len(later)) and now[head] == later[head]:
        head += 1
    tail = 0
    while tail < min(len(now), len(later)) - head and now[-1 - tail] == later[-1 - tail]:
        tail += 1
    old, new = now[head : len(now) - tail], later[head : len(later) - tail]
    return [(head + start, head + end, piece) for start, end, piece in _changes(old, new)]


def _changes(old: str, new: str) -> Iterator[tuple[int, int, str]]:
    if max(len(old), len(new)) <= CHARACTER_DIFF_LIMIT:
        yield from _differences(old, new)
        return
    starts = [0, *accumulate(len(clause) for clause in _clauses(old))]
    for start, end, clauses in _differences(_clauses(old), _clauses(new)):
        before, after = old[starts[start] : starts[end]], "".join(clauses)
        if max(len(before), len(after)) > CHARACTER_DIFF_LIMIT:
            yield starts[start], starts[end], after
            continue
        for inner_start, inner_end, piece in _differences(before, after):
            yield starts[start] + inner_start, starts[start] + inner_end, piece


def _differences(old: Any, new: Any) -> Iterator[tuple[int, int, Any]]:
    for operation, start, end, new_start, new_end in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if operation != "equal":
            yield start, end, new[new_start:new_end]


def _clauses(text: str) -> list[str]:
    return re.findall(r"[^，。；！？,.;!?\n]*[，。；！？,.;!?\n]|[^，。；！？,.;!?\n]+", text)


def _reconcile_marks(text: XmlText, wanted: list[Run]) -> None:
    """The characters are right by now; make each stretch carry the wanted marks."""
    now = [(piece, dict(marks or {})) for piece, marks in text.diff() if isinstance(piece, str)]
    for start, end, stored, marks in _overlaps(now, wanted):
        names = {_mark_name(key) for key in stored}
        change: dict[str, Any] = {key: None for key in stored if _mark_name(key) not in marks}
        for name, value in marks.items():
            if name not in names or whole(stored.get(name, value)) != value:
                change[name] = value
        if change:
            text.format(start, end, change)


def _overlaps(now: list[Run], wanted: list[Run]) -> Iterator[tuple[int, int, dict[str, Any], dict[str, Any]]]:
    """Stretches, in bytes, over which both the present and the wanted marks stay the same."""
    present, target = _byte_ranges(now), _byte_ranges(wanted)
    i = j = 0
    while i < len(present) and j < len(target):
        start, end = max(present[i][0], target[j][0]), min(present[i][1], target[j][1])
        if start < end:
            yield start, end, present[i][2], target[j][2]
        if present[i][1] <= target[j][1]:
            i += 1
        else:
            j += 1


def _byte_ranges(runs: list[Run]) -> list[tuple[int, int, dict[str, Any]]]:
    ranges, position = [], 0
    for piece, marks in runs:
        size = len(piece.encode())
        ranges.append((position, position + size, marks))
        position += size
    return ranges
