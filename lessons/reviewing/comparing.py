"""Which passages of a text stand in another. Pure; the comparison of two sentences is rapidfuzz's.

Chinese has no spaces between words, so letters (字, also figures and Latin) are compared, without punctuation and
layout. Candidates are found by runs of four letters, passages by aligning sentence with sentence, so that moved,
split and slightly reworded sentences are still found.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

GRAM = 4
SHORTEST = 10
"""Letters that a passage needs: shorter ones (“同桌互相说一说”) are anybody's."""
ALIKE = 82
"""Percent of two passages that agree, to count as the same."""
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
    whole = "".join(sentence.letters for sentence in sentences)
    return Text(sentences, frozenset(whole[at : at + GRAM] for at in range(len(whole) - GRAM + 1)))


def letters_of(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).lower() if letter.isalnum())


def nearness(here: Text, there: Text) -> int:
    """How many runs of letters they share: cheap, to choose whom to compare with in earnest."""
    return len(here.grams & there.grams)


def compare(here: Text, there: Text) -> Shared:
    others = [sentence for sentence in there.sentences if len(sentence.letters) >= SHORTEST]
    choices = [sentence.letters for sentence in others]
    shared, pairs = Shared(), []
    for number, sentence in enumerate(here.sentences):
        if len(sentence.letters) < SHORTEST:
            continue
        found = process.extract(
            sentence.letters, choices, scorer=fuzz.partial_ratio, score_cutoff=ALIKE, limit=None
        )
        for letters, _score, _index in found:
            part = fuzz.partial_ratio_alignment(sentence.letters, letters, score_cutoff=ALIKE)
            if part is None or part.src_end - part.src_start < SHORTEST:
                continue
            shared.covered.setdefault(number, set()).update(range(part.src_start, part.src_end))
        if number in shared.covered:
            pairs.append((number, found[0][2]))
    shared.passages = _joined(pairs, here.sentences, others)
    return shared


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
