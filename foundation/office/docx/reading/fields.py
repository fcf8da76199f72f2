"""Complex fields: a link, a check box, and the EQ fields in which older files keep pinyin and fractions."""

import re
from typing import Any

from foundation.office.docx.reading.walk import Node, text_node
from foundation.office.docx.reading.xml import Element, W, is_on

LINK = re.compile(r'HYPERLINK\s+(?:\\\w\s+)*"([^"]{1,2000})"', re.IGNORECASE)
SAFE = re.compile(r"^(?:https?://|mailto:)", re.IGNORECASE)
PINYIN = re.compile(r"\\s\s*\\up\s*[\d.]+\s*\(([^()]{1,40})\)\s*[,，;]\s*([^()]{1,20})\)")
FRACTION = re.compile(
    r"^EQ\s+\\f\s*\(\s*([^()\\]{1,60}?)\s*[,，;]\s*([^()\\]{1,60}?)\s*\)\s*$", re.IGNORECASE
)
COMMAND = re.compile(r"\\\*?\s*[A-Za-z]+\d*|[()]")


def address(instruction: str) -> str | None:
    """Where a HYPERLINK field leads, if that is an address."""
    match = LINK.search(instruction)
    return safe_address(match.group(1)) if match else None


def safe_address(target: str) -> str | None:
    target = target.strip()
    return target if SAFE.match(target) and len(target) <= 2_000 else None


def check_box(begin: Element) -> str | None:
    box = begin.find(f"{W}ffData/{W}checkBox")
    if box is None:
        return None
    checked = is_on(box.find(W + "checked"))
    if checked is None:
        checked = is_on(box.find(W + "default"))
    return "☑" if checked else "☐"


def equation(instruction: str, marks: dict[str, Any]) -> tuple[list[Node], bool]:
    """What an EQ field shows, and whether it is more than plain text and pinyin."""
    text = instruction.strip()
    pinyin = PINYIN.search(text)
    if pinyin:
        base, above = pinyin.group(2).strip(), pinyin.group(1).strip()
        return [text_node(base, {**marks, "ruby": {"text": above}})], False
    fraction = FRACTION.match(text)
    if fraction:
        over, under = fraction.groups()
        formula = {"latex": f"\\frac{{{over}}}{{{under}}}", "text": f"{over}/{under}"}
        return [{"type": "formula", "attrs": formula}], True
    rest = " ".join(COMMAND.sub(" ", re.sub(r"^EQ", "", text, flags=re.IGNORECASE)).split()).strip(" ,，")
    return ([text_node(rest, marks)] if rest else []), True
