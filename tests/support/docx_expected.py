"""What a reading should be, as data: tables by cells, list items with their markers, how many pictures, …

`{"tables": [{"rows", "cols", "cells": [{"r", "c", "rs", "cs", "text", "tables"}]}], "lists": [{"level", "text",
"marker"}], "images", "ruby", "math", "math_tex", "headings", "must_contain", "must_not_contain", "once"}`; a key that
is not there is not compared. White space of ASCII does not count, an ideographic space does.
"""

import re
from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]
ASCII_BLANK = re.compile(r"[ \t\r\n]+")


def differences(document: Node, left_out: list[Any], expected: dict[str, Any]) -> list[str]:
    """Nothing when the reading is as it should be."""
    found: list[str] = []
    tables = [table_of(node) for node in top_tables(document)]
    if "tables" in expected:
        found += _compare_tables(tables, expected["tables"], "")
    if "table_count" in expected and len(tables) != expected["table_count"]:
        found.append(f"{len(tables)} tables, expected {expected['table_count']}")
    if "cells_per_table" in expected:
        found += [
            f"table {number}: {len(table['cells'])} cells"
            for number, table in enumerate(tables)
            if len(table["cells"]) != expected["cells_per_table"]
        ]
    for name, now in (
        ("images", sum(node["type"] == "image" for node in walk(document))),
        ("lists", lists_of(document)),
        ("ruby", ruby_of(document)),
        ("math", len(formulas_of(document))),
        ("math_tex", formulas_of(document)),
        ("headings", headings_of(document)),
        ("headings_count", len(headings_of(document))),
    ):
        if name in expected and now != expected[name]:
            found.append(f"{name}: {now}, expected {expected[name]}")
    text = bare(plain(document))
    found += [f"lacks {each!r}" for each in expected.get("must_contain", []) if bare(each) not in text]
    found += [f"has {each!r}" for each in expected.get("must_not_contain", []) if bare(each) in text]
    found += [f"not once: {each!r}" for each in expected.get("once", []) if text.count(bare(each)) != 1]
    listed = bare(" ".join(str(each) for each in left_out))
    wanted = [*expected.get("footnotes", []), *filter(None, [expected.get("header")])]
    return found + [f"not listed: {each!r}" for each in wanted if bare(each) not in listed]


def bare(text: str) -> str:
    return ASCII_BLANK.sub("", text)


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("content", []):
        yield from walk(child)


def plain(node: Node) -> str:
    if node["type"] == "text":
        return node["text"]
    inside = "".join(plain(child) for child in node.get("content", []))
    return inside if node["type"] == "doc" else inside + "\n"


def top_tables(node: Node) -> Iterator[Node]:
    for child in node.get("content", []):
        if child["type"] == "table":
            yield child
        else:
            yield from top_tables(child)


def table_of(table: Node) -> dict[str, Any]:
    """Each cell with its place in the grid. Raises AssertionError when the cells are no rectangle."""
    rows = table["content"]
    taken: dict[tuple[int, int], bool] = {}
    cells = []
    for number, row in enumerate(rows):
        column = 0
        for cell in row.get("content", []):
            while (number, column) in taken:
                column += 1
            across, down = cell["attrs"]["colspan"], cell["attrs"]["rowspan"]
            place = {"r": number, "c": column, "rs": down, "cs": across}
            cells.append(
                {**place, "text": own_text(cell), "tables": [table_of(each) for each in top_tables(cell)]}
            )
            for covered in [(number + y, column + x) for y in range(down) for x in range(across)]:
                assert covered not in taken, f"two cells at {covered}"
                taken[covered] = True
    width = max((column for _row, column in taken), default=-1) + 1
    assert len(taken) == width * len(rows), "the cells do not fill the table"
    return {"rows": len(rows), "cols": width, "cells": cells}


def own_text(cell: Node) -> str:
    """The cell's own lines, without those of tables in it."""
    return "\n".join(
        "".join(child["text"] for child in node.get("content", []) if child["type"] == "text")
        for node in cell["content"]
        if node["type"] == "paragraph"
    )


def lists_of(document: Node) -> list[dict[str, Any]]:
    return [
        {
            "level": node["attrs"].get("level", 0),
            "text": plain(node).strip(),
            "marker": node["attrs"].get("marker"),
        }
        for node in walk(document)
        if node["type"] == "paragraph" and node.get("attrs", {}).get("kind") in ("bullet", "ordered")
    ]


def headings_of(document: Node) -> list[list[Any]]:
    return [
        [node["attrs"].get("level"), plain(node).strip()]
        for node in walk(document)
        if node["type"] == "paragraph" and node.get("attrs", {}).get("kind") in ("heading", "subheading")
    ]


def ruby_of(document: Node) -> list[list[str]]:
    return [
        [node["text"], mark["attrs"]["text"]]
        for node in walk(document)
        for mark in node.get("marks", [])
        if mark["type"] == "ruby"
    ]


def formulas_of(document: Node) -> list[str]:
    return [node["attrs"]["latex"] for node in walk(document) if node["type"] == "formula"]


def _compare_tables(now: list[Any], wanted: list[Any], place: str) -> list[str]:
    if len(now) != len(wanted):
        return [f"{place}{len(now)} tables, expected {len(wanted)}"]
    found = []
    for number, (table, expected) in enumerate(zip(now, wanted, strict=True)):
        here = f"{place}table {number}: "
        if (table["rows"], table["cols"]) != (expected["rows"], expected["cols"]):
            found.append(
                f"{here}{table['rows']}x{table['cols']}, expected {expected['rows']}x{expected['cols']}"
            )
        cells = {(cell["r"], cell["c"]): cell for cell in table["cells"]}
        for cell in expected["cells"]:
            found += _compare_cell(cells.pop((cell["r"], cell["c"]), None), cell, here)
        found += [f"{here}a cell too many at {at}: {cell['text']!r}" for at, cell in cells.items()]
    return found


def _compare_cell(cell: dict[str, Any] | None, expected: dict[str, Any], here: str) -> list[str]:
    at = f"{here}({expected['r']}, {expected['c']}): "
    if cell is None:
        return [f"{at}no cell"]
    found = []
    if (cell["rs"], cell["cs"]) != (expected["rs"], expected["cs"]):
        found.append(f"{at}spans {cell['rs']}x{cell['cs']}, expected {expected['rs']}x{expected['cs']}")
    if bare(cell["text"]) != bare(expected["text"]):
        found.append(f"{at}{cell['text']!r}, expected {expected['text']!r}")
    return found + _compare_tables(cell["tables"], expected.get("tables", []), at)
