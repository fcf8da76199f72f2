"""How Word writes the number of a list item: 1, 一, ①, 甲, 가, iv. Pure."""

from collections.abc import Callable

DIGITS = "〇一二三四五六七八九"
LEGAL = "零壹贰叁肆伍陆柒捌玖"
STEMS = "甲乙丙丁戊己庚辛壬癸"
BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
HANGUL = "가나다라마바사아자차카타파하"
JAMO = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
KOREAN = "영일이삼사오육칠팔구"
KOREAN_COUNTING = ("하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉", "열")


def _counting(digits: str, units: str, *, ten_alone: bool) -> Callable[[int], str]:
    """十, 十一, 二十, 一百〇一 …: digits and the words for ten, hundred, thousand, ten thousand."""

    def spelled(number: int) -> str:
        if number <= 0 or number > 99_999:
            return str(number)
        words, zero = "", False
        for power in range(4, -1, -1):
            digit = number // 10**power % 10
            if digit == 0:
                zero = bool(words)
                continue
            words += (digits[0] if zero else "") + digits[digit] + units[power].strip()
            zero = False
        return words[1:] if ten_alone and 10 <= number < 20 else words

    return spelled


def _digits(digits: str) -> Callable[[int], str]:
    return lambda number: "".join(digits[int(digit)] for digit in str(number))


def _cycle(letters: str | tuple[str, ...]) -> Callable[[int], str]:
    return lambda number: letters[number - 1] if 1 <= number <= len(letters) else str(number)


def _range(first: int, count: int, otherwise: Callable[[int], str] = str) -> Callable[[int], str]:
    """Characters that stand in a row in Unicode, such as ① to ⑳."""
    return lambda number: chr(first + number - 1) if 1 <= number <= count else otherwise(number)


def _letters(number: int) -> str:
    """a … z, aa, bb: as Word counts."""
    if not 1 <= number <= 26 * 20:
        return str(number)
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _roman(number: int) -> str:
    if not 1 <= number < 4000:
        return str(number)
    words = ""
    for value, letters in (
        (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
        (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
    ):  # fmt: skip
        words += letters * (number // value)
        number %= value
    return words


def _circled(number: int) -> str:
    if 21 <= number <= 35:
        return chr(0x3251 + number - 21)
    if 36 <= number <= 50:
        return chr(0x32B1 + number - 36)
    return f"({number})"


_CHINESE = _counting(DIGITS, " 十百千万", ten_alone=True)
_LEGAL = _counting(LEGAL, " 拾佰仟万", ten_alone=False)
_SINO_KOREAN = _counting(KOREAN, " 십백천만", ten_alone=True)
_CIRCLED = _range(0x2460, 20, _circled)

FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda number: f"{number:02d}",
    "decimalHalfWidth": str,
    "decimalFullWidth": _digits("０１２３４５６７８９"),
    "decimalFullWidth2": _digits("０１２３４５６７８９"),
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "ordinal": lambda number: f"{number}{_ordinal(number)}",
    "numberInDash": lambda number: f"- {number} -",
    "chineseCounting": _CHINESE,
    "chineseCountingThousand": _CHINESE,
    "taiwaneseCounting": _CHINESE,
    "taiwaneseCountingThousand": _CHINESE,
    "japaneseCounting": _CHINESE,
    "ideographDigital": _digits(DIGITS),
    "taiwaneseDigital": _digits(DIGITS),
    "japaneseDigitalTenThousand": _digits(DIGITS),
    "chineseLegalSimplified": _LEGAL,
    "ideographLegalTraditional": _LEGAL,
    "ideographTraditional": _cycle(STEMS),
    "ideographZodiac": _cycle(BRANCHES),
    "decimalEnclosedCircle": _CIRCLED,
    "decimalEnclosedCircleChinese": _CIRCLED,
    "decimalEnclosedParen": _range(0x2474, 20),
    "decimalEnclosedFullstop": _range(0x2488, 20),
    "ideographEnclosedCircle": _range(0x3280, 10, _CHINESE),
    "ganada": _cycle(HANGUL),
    "chosung": _cycle(JAMO),
    "koreanDigital": _digits(KOREAN),
    "koreanDigital2": _digits(DIGITS),
    "koreanCounting": _cycle(KOREAN_COUNTING),
    "koreanLegal": _SINO_KOREAN,
}


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def spelled(number: int, form: str) -> str:
    """The number in one of Word's formats; one we do not know is written in digits."""
    return FORMATS.get(form, str)(number)
