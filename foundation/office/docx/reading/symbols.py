"""Characters of symbol fonts, which Word keeps at private places, as the signs that people see."""

WINGDINGS = {
    0x20: " ", 0x22: "✂", 0x28: "☎", 0x2A: "✉", 0x3F: "✍", 0x46: "☞", 0x4A: "☺", 0x4C: "☹", 0x51: "✈",
    0x52: "☼", 0x6C: "●", 0x6D: "❍", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x72: "❒", 0x73: "⬧", 0x74: "⧫",
    0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x9F: "•", 0xA1: "○", 0xA4: "◉", 0xA7: "▪", 0xA8: "◻", 0xAB: "★",
    0xAC: "✶", 0xD8: "➢", 0xE0: "→", 0xE8: "➔", 0xDF: "←", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒",
    0xFE: "☑",
}  # fmt: skip
for _step in range(10):
    WINGDINGS[0x80 + _step] = chr(0x24EA) if _step == 0 else chr(0x2460 + _step - 1)
    WINGDINGS[0x8B + _step] = chr(0x24FF) if _step == 0 else chr(0x2776 + _step - 1)
WINGDINGS[0x8A], WINGDINGS[0x95] = "⑩", "❿"
SYMBOL = {
    0x22: "∀", 0x24: "∃", 0x2A: "∗", 0x2D: "−", 0x44: "Δ", 0x57: "Ω", 0x61: "α", 0x62: "β", 0x67: "γ",
    0x64: "δ", 0x65: "ε", 0x71: "θ", 0x6C: "λ", 0x6D: "μ", 0x70: "π", 0x72: "ρ", 0x73: "σ", 0x77: "ω",
    0xA3: "≤", 0xA5: "∞", 0xB0: "°", 0xB1: "±", 0xB3: "≥", 0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xB9: "≠",
    0xBA: "≡", 0xBB: "≈", 0xC7: "∩", 0xC8: "∪", 0xCE: "∈", 0xD0: "∠", 0xD6: "√", 0xDE: "⇒", 0xAE: "→",
    0xA8: "♦", 0x5C: "∴", 0x5E: "⊥",
}  # fmt: skip
UNKNOWN = "□"
BULLET = "•"
PRIVATE = range(0xF000, 0xF100)


def sign(code: int, font: str) -> str | None:
    """What is seen; None for a sign that we do not know."""
    if code in PRIVATE:
        code -= 0xF000
    elif "wingdings" not in font.lower() and font.lower() != "symbol":
        return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code < 0x110000 else None
    table = SYMBOL if font.lower() == "symbol" else WINGDINGS
    return table.get(code)


def bullet(text: str, font: str) -> str:
    """The sign of a bulleted list; one that is not known, or only a blank, becomes a dot."""
    if not text.strip():
        return BULLET
    if (
        ord(text[0]) in PRIVATE
        or "wingdings" in font.lower()
        or (font.lower() == "symbol" and len(text) == 1)
    ):
        return sign(ord(text[0]), font) or BULLET
    return text.strip()
