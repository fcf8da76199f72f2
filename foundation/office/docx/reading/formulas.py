"""Word's formulas (OMML) as LaTeX and as a line that can be read: `x=√y+z²`."""

from collections.abc import Callable
from typing import NamedTuple

from foundation.office.docx.reading.xml import Element, M

LONGEST = 2_000
DEEPEST = 30
RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
ESCAPED = str.maketrans({each: f"\\{each}" for each in "#$%&_{}"} | {"\\": "\\backslash "})
NARY = {
    "∑": "\\sum",
    "∏": "\\prod",
    "∫": "\\int",
    "∬": "\\iint",
    "∮": "\\oint",
    "⋃": "\\bigcup",
    "⋂": "\\bigcap",
}
FUNCTIONS = {"sin", "cos", "tan", "cot", "sec", "csc", "log", "ln", "lg", "lim", "max", "min", "exp"}
ACCENTS = {
    "\u0302": "\\hat", "\u0303": "\\tilde", "\u0304": "\\bar", "\u0305": "\\overline",
    "\u0307": "\\dot", "\u0308": "\\ddot", "\u20d7": "\\vec", "→": "\\vec",
}  # fmt: skip


class Spelling(NamedTuple):
    latex: str
    text: str


EMPTY = Spelling("", "")


def spelling(element: Element) -> Spelling:
    found = _all(element, 0)
    return Spelling(found.latex.strip()[:LONGEST], found.text.strip()[:LONGEST])


def _all(element: Element | None, depth: int) -> Spelling:
    if element is None or depth > DEEPEST:
        return EMPTY
    parts = [_one(child, depth + 1) for child in element if isinstance(child.tag, str)]
    return Spelling("".join(part.latex for part in parts), "".join(part.text for part in parts))


def _one(element: Element, depth: int) -> Spelling:
    name = element.tag.rpartition("}")[2]
    if element.tag == M + "t":
        text = element.text or ""
        return Spelling(text.translate(ESCAPED), text)
    if name.endswith("Pr"):
        return EMPTY
    spell = _SPELLINGS.get(name) if element.tag.startswith(M) else None
    return spell(element, depth) if spell else _all(element, depth)


def _part(element: Element, name: str, depth: int) -> Spelling:
    return _all(element.find(M + name), depth)


def _property(element: Element, properties: str, name: str, default: str) -> str:
    found = element.find(f"{M}{properties}/{M}{name}")
    return default if found is None else found.get(M + "val", "1")


def _is_on(element: Element, properties: str, name: str) -> bool:
    return _property(element, properties, name, "0") not in ("0", "false", "off")


def _grouped(text: str) -> str:
    return text if len(text) <= 1 or text.isalnum() else f"({text})"


def _base(latex: str) -> str:
    return latex if len(latex) <= 1 else f"{{{latex}}}"


def _fraction(element: Element, depth: int) -> Spelling:
    over, under = _part(element, "num", depth), _part(element, "den", depth)
    command = "\\binom" if _property(element, "fPr", "type", "bar") == "noBar" else "\\frac"
    return Spelling(
        f"{command}{{{over.latex}}}{{{under.latex}}}", f"{_grouped(over.text)}/{_grouped(under.text)}"
    )


def _root(element: Element, depth: int) -> Spelling:
    inner, degree = _part(element, "e", depth), _part(element, "deg", depth)
    if _is_on(element, "radPr", "degHide") or not degree.latex:
        return Spelling(f"\\sqrt{{{inner.latex}}}", f"√{_grouped(inner.text)}")
    return Spelling(
        f"\\sqrt[{degree.latex}]{{{inner.latex}}}", f"{_raised(degree.text)}√{_grouped(inner.text)}"
    )


def _raised(text: str) -> str:
    small = text.translate(RAISED)
    return small if all(each in "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ" for each in small) else f"^{_grouped(text)}"


def _lowered(text: str) -> str:
    small = text.translate(LOWERED)
    return small if all(each in "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎" for each in small) else f"_{_grouped(text)}"


def _scripts(element: Element, depth: int) -> Spelling:
    base, low, high = (_part(element, name, depth) for name in ("e", "sub", "sup"))
    latex, text = _base(base.latex), base.text if len(base.text) <= 1 else _grouped(base.text)
    if low.latex:
        latex, text = f"{latex}_{{{low.latex}}}", text + _lowered(low.text)
    if high.latex:
        latex, text = f"{latex}^{{{high.latex}}}", text + _raised(high.text)
    return Spelling(latex, text)


def _scripts_before(element: Element, depth: int) -> Spelling:
    base, low, high = (_part(element, name, depth) for name in ("e", "sub", "sup"))
    return Spelling(
        f"{{}}_{{{low.latex}}}^{{{high.latex}}}{_base(base.latex)}",
        f"{_lowered(low.text)}{_raised(high.text)}{base.text}",
    )


def _operator(element: Element, depth: int) -> Spelling:
    sign = _property(element, "naryPr", "chr", "∫")
    low, high, inner = (_part(element, name, depth) for name in ("sub", "sup", "e"))
    latex, text = NARY.get(sign, sign), sign
    if low.latex:
        latex, text = f"{latex}_{{{low.latex}}}", f"{text}{_lowered(low.text)}"
    if high.latex:
        latex, text = f"{latex}^{{{high.latex}}}", f"{text}{_raised(high.text)}"
    return Spelling(f"{latex} {inner.latex}", f"{text} {inner.text}")


def _brackets(element: Element, depth: int) -> Spelling:
    begin = _property(element, "dPr", "begChr", "(")
    end = _property(element, "dPr", "endChr", ")")
    between = _property(element, "dPr", "sepChr", "|")
    parts = [_all(each, depth) for each in element.findall(M + "e")]
    left, right = (each.translate(ESCAPED) or "." for each in (begin, end))
    return Spelling(
        f"\\left{left}{between.join(part.latex for part in parts)}\\right{right}",
        f"{begin}{between.join(part.text for part in parts)}{end}",
    )


def _function(element: Element, depth: int) -> Spelling:
    name, inner = _part(element, "fName", depth), _part(element, "e", depth)
    command = f"\\{name.latex}" if name.latex in FUNCTIONS else name.latex
    return Spelling(f"{command} {inner.latex}", f"{name.text} {inner.text}")


def _accent(element: Element, depth: int) -> Spelling:
    sign, inner = _property(element, "accPr", "chr", "\u0302"), _part(element, "e", depth)
    command = ACCENTS.get(sign, "\\hat")
    return Spelling(f"{command}{{{inner.latex}}}", f"{inner.text}{sign if len(inner.text) == 1 else ''}")


def _bar(element: Element, depth: int) -> Spelling:
    inner = _part(element, "e", depth)
    command = "\\overline" if _property(element, "barPr", "pos", "bot") == "top" else "\\underline"
    return Spelling(f"{command}{{{inner.latex}}}", inner.text)


def _limit(low: bool) -> Callable[[Element, int], Spelling]:
    def spell(element: Element, depth: int) -> Spelling:
        inner, limit = _part(element, "e", depth), _part(element, "lim", depth)
        command = "\\underset" if low else "\\overset"
        if low and inner.latex in FUNCTIONS:
            return Spelling(f"\\{inner.latex}_{{{limit.latex}}}", f"{inner.text}({limit.text})")
        return Spelling(f"{command}{{{limit.latex}}}{{{inner.latex}}}", f"{inner.text}({limit.text})")

    return spell


def _matrix(element: Element, depth: int) -> Spelling:
    rows = [[_all(cell, depth) for cell in row.findall(M + "e")] for row in element.findall(M + "mr")]
    latex = " \\\\ ".join(" & ".join(cell.latex for cell in row) for row in rows)
    text = "; ".join(", ".join(cell.text for cell in row) for row in rows)
    return Spelling(f"\\begin{{matrix}}{latex}\\end{{matrix}}", f"[{text}]")


def _lines(element: Element, depth: int) -> Spelling:
    lines = [_all(each, depth) for each in element.findall(M + "e")]
    latex = " \\\\ ".join(line.latex for line in lines)
    return Spelling(f"\\begin{{aligned}}{latex}\\end{{aligned}}", "; ".join(line.text for line in lines))


_SPELLINGS: dict[str, Callable[[Element, int], Spelling]] = {
    "f": _fraction,
    "rad": _root,
    "sSup": _scripts,
    "sSub": _scripts,
    "sSubSup": _scripts,
    "sPre": _scripts_before,
    "nary": _operator,
    "d": _brackets,
    "func": _function,
    "acc": _accent,
    "bar": _bar,
    "limLow": _limit(True),
    "limUpp": _limit(False),
    "m": _matrix,
    "eqArr": _lines,
}
