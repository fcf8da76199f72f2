"""Turning a shared document into another content by the smallest change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Any

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from lessons.document.plain import Node, Run, attribute, normal, text_nodes, whole, without_defaults
from lessons.document.reading import COMMENT, Parent, mark_name, read_element, runs_of, stored_attributes
from lessons.document.writing import byte_ranges, grouped, insert
from lessons.schema import FRAGMENT

# Longer stretches of changed text are compared clause by clause first, to stay fast.
CHARACTER_DIFF_LIMIT = 2_000


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
    wanted = grouped(nodes)
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
            insert(parent, index, child)


def _reconcile_element(element: XmlElement, node: Node) -> None:
    if read_element(element) == node:
        return
    stored = stored_attributes(element)
    now, wanted = without_defaults(element.tag or "", stored), node.get("attrs") or {}
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
        return "text", _spelled(text_nodes(runs_of(child)))
    return _key_of_node(read_element(child))


def _key_wanted(child: Node | list[Run]) -> Key:
    if isinstance(child, list):
        return "text", _spelled(text_nodes(child))
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
    now = "".join(piece for piece, _marks in runs_of(text))
    later = "".join(piece for piece, _marks in wanted)
    for start, end, replacement in reversed(text_changes(now, later)):
        offset = len(now[:start].encode())
        if end > start:
            del text[offset : offset + len(now[start:end].encode())]
        if replacement:
            text.insert(offset, replacement, {})
    _reconcile_marks(text, wanted)


def text_changes(now: str, later: str) -> list[tuple[int, int, str]]:
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
        names = {mark_name(key) for key in stored}
        change: dict[str, Any] = {key: None for key in stored if mark_name(key) not in {COMMENT, *marks}}
        for name, value in marks.items():
            if name not in names or whole(stored.get(name, value)) != value:
                change[name] = value
        if change:
            text.format(start, end, change)


def _overlaps(now: list[Run], wanted: list[Run]) -> Iterator[tuple[int, int, dict[str, Any], dict[str, Any]]]:
    """Stretches, in bytes, over which both the present and the wanted marks stay the same."""
    present, target = byte_ranges(now), byte_ranges(wanted)
    i = j = 0
    while i < len(present) and j < len(target):
        start, end = max(present[i][0], target[j][0]), min(present[i][1], target[j][1])
        if start < end:
            yield start, end, present[i][2], target[j][2]
        if present[i][1] <= target[j][1]:
            i += 1
        else:
            j += 1
