"""Which passages of a text stand in another. Pure; the comparison of two sentences is rapidfuzz's.

Chinese has no spaces between words, so letters (字, also figures and Latin) are compared, without punctuation and
layout. Candidates are found by runs of four letters, passages by aligning sentence with sentence, so that moved,
split and slightly reworded sentences are still found.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

GRAM = 4
SHORTEST = 10
"""Letters that a passage needs: shorter ones (“同桌互相说一说”) are anybody's."""
ALIKE = 82
"""Percent of two passages that agree, to count as the same."""
LOOKED_AT = 50
"""Sentences with the same run of letters, and sentences compared with one: a text that repeats itself stays quick."""
SENTENCE = re.compile(r"[^。！？；!?;\n]+[。！？；!?;]*")


@dataclass(frozen=True)
class Sentence:
    text: str
    letters: str


@dataclass(frozen=True)
class Text:
    sentences: tuple[Sentence, ...]
    grams: frozenset[str]

    @property
    def length(self) -> int:
        return sum(len(sentence.letters) for sentence in self.sentences)


@dataclass
class Shared:
    """What a text shares with one other: which letters of each of its sentences, and the passages beside each other."""

    covered: dict[int, set[int]] = field(default_factory=dict)
    passages: list[tuple[str, str]] = field(default_factory=list)

    @property
    def letters(self) -> int:
        return count(self.covered)


def text_of(written: str) -> Text:
    found = (Sentence(piece.strip(), letters_of(piece)) for piece in SENTENCE.findall(written))
    sentences = tuple(sentence for sentence in found if sentence.letters)
    return Text(sentences, grams_of("".join(sentence.letters for sentence in sentences)))


def grams_of(letters: str) -> frozenset[str]:
    return frozenset(letters[at : at + GRAM] for at in range(len(letters) - GRAM + 1))


def letters_of(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).lower() if letter.isalnum())


def nearness(here: Text, there: Text) -> int:
    """How many runs of letters they share: cheap, to choose whom to compare with in earnest."""
    return len(here.grams & there.grams)


def compare(here: Text, there: Text) -> Shared:
    others = [sentence for sentence in there.sentences if len(sentence.letters) >= SHORTEST]
    index = _index(others)
    shared = Shared()
    pairs: list[tuple[int, int]] = []
    for number, sentence in enumerate(here.sentences):
        if len(sentence.letters) < SHORTEST:
            continue
        after = pairs[-1][1] + 1 if pairs else 0
        found = _found_in(sentence, others, _likely(sentence, index))
        for _place, part in found:
            shared.covered.setdefault(number, set()).update(part)
        if found:
            pairs.append((number, after if any(place == after for place, _part in found) else found[0][0]))
    shared.passages = _joined(pairs, here.sentences, others)
    return shared


def _found_in(sentence: Sentence, others: list[Sentence], likely: list[int]) -> list[tuple[int, range]]:
    """In which of the others which letters of the sentence stand, the likest first."""
    found = process.extract(
        sentence.letters,
        {place: others[place].letters for place in likely},
        scorer=fuzz.partial_ratio,
        score_cutoff=ALIKE,
        limit=None,
    )
    parts = []
    for letters, _score, place in found:
        part = fuzz.partial_ratio_alignment(sentence.letters, letters, score_cutoff=ALIKE)
        if part is not None and part.src_end - part.src_start >= SHORTEST:
            parts.append((place, range(part.src_start, part.src_end)))
    return parts


def _index(sentences: list[Sentence]) -> dict[str, list[int]]:
    """Where each run of letters stands."""
    index: dict[str, list[int]] = {}
    for place, sentence in enumerate(sentences):
        for gram in grams_of(sentence.letters):
            places = index.setdefault(gram, [])
            if len(places) < LOOKED_AT:
                places.append(place)
    return index


def _likely(sentence: Sentence, index: dict[str, list[int]]) -> list[int]:
    """Without a run of letters in common two sentences cannot agree so far."""
    shared = Counter(place for gram in grams_of(sentence.letters) for place in index.get(gram, ()))
    return sorted(place for place, _count in shared.most_common(LOOKED_AT))


def _joined(
    pairs: list[tuple[int, int]], here: tuple[Sentence, ...], there: list[Sentence]
) -> list[tuple[str, str]]:
    """Sentences that follow one another on both sides are one passage."""
    passages: list[tuple[str, str]] = []
    last = (-2, -2)
    for pair in pairs:
        ours, theirs = here[pair[0]].text, there[pair[1]].text
        if passages and pair == (last[0] + 1, last[1] + 1):
            passages[-1] = (passages[-1][0] + ours, passages[-1][1] + theirs)
        else:
            passages.append((ours, theirs))
        last = pair
    return passages


def together(found: Iterable[Shared]) -> dict[int, set[int]]:
    """The letters that stand in any of them."""
    covered: dict[int, set[int]] = {}
    for shared in found:
        for number, letters in shared.covered.items():
            covered.setdefault(number, set()).update(letters)
    return covered


def count(covered: dict[int, set[int]], besides: dict[int, set[int]] | None = None) -> int:
    return sum(len(letters - (besides or {}).get(number, set())) for number, letters in covered.items())
