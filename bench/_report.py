"""How every benchmark speaks: a table for people, then one line of JSON."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _cells(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    names = list(rows[0])
    return [names, *([str(row.get(name, "")) for name in names] for row in rows)]


def table(rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    cells = _cells(rows)
    widths = [max(_width(line[column]) for line in cells) for column in range(len(cells[0]))]
    for line in cells:
        print(
            "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True))
        )


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    head, *lines = _cells(rows)
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *lines])


def figures(**values: Any) -> None:
    print(json.dumps(values, ensure_ascii=False), flush=True)
