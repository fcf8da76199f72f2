"""List markers that the editor would show by itself are left to it: only others are kept as they were. Pure."""

from lessons.document import Node, attribute

COMMON_BULLETS = frozenset("•●○◦■□▪▫◆◇·-–—*⬥❖➢")


BOXES = {"☐": False, "☑": True}
"""A box to tick is a task."""


def own_markers_left_out(nodes: list[Node]) -> list[Node]:
    """Blocks of one container, in which the editor counts the items of its lists."""
    counts: list[int] = []
    result = []
    for node in nodes:
        kind = attribute(node, "kind") if node["type"] == "paragraph" else None
        if kind not in ("bullet", "ordered"):
            counts = []
            result.append(node)
            continue
        if attribute(node, "marker") in BOXES and kind == "bullet":
            counts = []
            result.append(_as_task(node))
            continue
        level = min(attribute(node, "level") or 0, 4)
        counts = (counts + [0] * (level + 1))[: level + 1]
        if kind == "ordered":
            counts[level] += 1
        else:
            counts = counts[:level]
        shown = counted(level, counts[level]) if kind == "ordered" else ""
        marker = attribute(node, "marker")
        own = marker == shown if kind == "ordered" else marker in COMMON_BULLETS
        result.append(_without_marker(node) if own else node)
    return result


def _as_task(node: Node) -> Node:
    attributes = {**_without_marker(node)["attrs"], "kind": "task"}
    if BOXES[str(attribute(node, "marker"))]:
        attributes["checked"] = True
    return {**node, "attrs": attributes}


def counted(level: int, number: int) -> str:
    """The marker that the editor shows: as `_plan-text.scss` counts."""
    if level == 0:
        return f"{number}."
    if level == 1:
        return f"({number})"
    if level == 2:
        return f"{chr(ord('a') + number - 1)}." if number <= 26 else f"{number}."
    if level == 3:
        return f"{_roman(number)}."
    return f"{number})"


def _roman(number: int) -> str:
    words = ""
    for value, letters in ((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        words += letters * (number // value)
        number %= value
    return words


def _without_marker(node: Node) -> Node:
    return {**node, "attrs": {name: value for name, value in node["attrs"].items() if name != "marker"}}
