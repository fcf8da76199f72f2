"""What two ways of one place have in common and where they differ, for a page. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from lessons.document import Node, plain_text
from lessons.variants.sides import Place, name_of

# Longer texts are shown without marks: nobody reads two pages word by word on an agenda.
LONGEST_COMPARED = 2_000
# A shorter stretch that stands on both sides does so by chance.
SHORTEST_COMMON = 3
# Texts that have less in common than this are two different things.
LEAST_COMMON = 0.2


@dataclass(frozen=True)
class Piece:
    text: str
    own: bool
    """Does it stand on this side alone?"""


@dataclass(frozen=True)
class Way:
    side: str
    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Difference:
    section_key: str
    section_title: str
    town: Way
    village: Way

    @property
    def ways(self) -> tuple[Way, Way]:
        return self.town, self.village


def difference_of(place: Place) -> Difference | None:
    """None where one of the two sides is missing."""
    town, village = place.pair.town, place.pair.village
    if town is None or village is None:
        return None
    ours, theirs = _marked(_text(town), _text(village))
    return Difference(
        place.section_key,
        place.section_title,
        Way("town", name_of(town), ours),
        Way("village", name_of(village), theirs),
    )


def _text(variant: Node) -> str:
    return plain_text(variant).strip()


def _marked(town: str, village: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    if max(len(town), len(village)) > LONGEST_COMPARED:
        return _plain(town), _plain(village)
    ours, theirs = _words(town), _words(village)
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    common = [match for match in matcher.get_matching_blocks() if match.size >= SHORTEST_COMMON]
    shared = sum(match.size for match in common)
    if shared < LEAST_COMMON * min(len(ours), len(theirs)):
        return _plain(town), _plain(village)
    return (
        tuple(_pieces(ours, [(match.a, match.size) for match in common])),
        tuple(_pieces(theirs, [(match.b, match.size) for match in common])),
    )


def _words(text: str) -> list[str]:
    """汉字 one by one, words and numbers as a whole."""
    return re.findall(r"[A-Za-z0-9]+|.", text, re.DOTALL)


def _pieces(words: list[str], common: list[tuple[int, int]]) -> Iterator[Piece]:
    end = 0
    for start, size in common:
        if start > end:
            yield Piece("".join(words[end:start]), own=True)
        yield Piece("".join(words[start : start + size]), own=False)
        end = start + size
    if end < len(words):
        yield Piece("".join(words[end:]), own=True)


def _plain(text: str) -> tuple[Piece, ...]:
    return (Piece(text, own=False),) if text else ()
