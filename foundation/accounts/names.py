"""The order of names: by how they are read, as in a Chinese register, and the same on every database."""

import os
from functools import cache

# the dictionary of words, five times as large, reads no name better
os.environ.update(PYPINYIN_NO_PHRASES="true")

SURNAMES = {
    "单": "shan4",
    "曾": "zeng1",
    "解": "xie4",
    "区": "ou1",
    "查": "zha1",
    "朴": "piao2",
    "仇": "qiu2",
    "盖": "ge3",
    "乐": "yue4",
    "任": "ren2",
    "华": "hua4",
    "缪": "miao4",
    "种": "chong2",
    "秘": "bi4",
    "冼": "xian3",
    "覃": "qin2",
    "尉": "yu4",
    "万": "wan4",
    "宓": "fu2",
    "逄": "pang2",
}
"""Characters that are read another way when they are a surname."""
LONGEST = 255


def sort_key(name: str) -> str:
    """Reading by reading, then the characters: 王小明 and 王晓明 stand together, each in its place.

    Small letters and digits only, so that databases of any collation agree.
    """
    first, rest = name[:1], name[1:]
    readings = [SURNAMES.get(first) or _reading(first), *map(_reading, rest)]
    characters = "".join(f"{ord(character):05x}" for character in name)
    return f"{''.join(readings)} {characters}".strip()[:LONGEST]


@cache
def _reading(character: str) -> str:
    """Loaded when the first name is written: few processes ever write one. What has no reading stands at the end."""
    from pypinyin import Style, lazy_pinyin

    found = "".join(lazy_pinyin(character, style=Style.TONE3, neutral_tone_with_five=True)).lower().strip()
    return found if not found or (found.isascii() and found.isalnum()) else f"zz{ord(character):06x}"
