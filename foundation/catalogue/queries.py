"""The catalogue as pickers show it."""

from dataclasses import dataclass, field
from itertools import groupby

from foundation.catalogue.models import Stage, Textbook


@dataclass(frozen=True)
class UnitNode:
    id: int
    number: int
    title: str


@dataclass(frozen=True)
class BookNode:
    id: int
    name: str
    """三年级上册"""
    grade: int
    volume: str
    units: list[UnitNode] = field(default_factory=list)


@dataclass(frozen=True)
class EditionNode:
    name: str
    books: list[BookNode]


@dataclass(frozen=True)
class SubjectNode:
    id: int
    name: str
    editions: list[EditionNode]


@dataclass(frozen=True)
class StageNode:
    key: str
    name: str
    subjects: list[SubjectNode]


def tree() -> list[StageNode]:
    """Stage → subject → edition → book → unit, in the order of the school years; two queries."""
    books = list(Textbook.objects.select_related("subject").prefetch_related("units"))
    order = {stage: number for number, stage in enumerate(Stage.values)}
    books.sort(
        key=lambda book: (
            order[book.stage],
            book.subject.position,
            book.subject.name,
            book.edition,
            *_in_year(book),
        )
    )
    return [
        StageNode(key, str(Stage(key).label), _subject_nodes(list(group)))
        for key, group in groupby(books, key=lambda book: book.stage)
    ]


def _in_year(book: Textbook) -> tuple[int, int]:
    return book.grade, list(Textbook.Volume).index(Textbook.Volume(book.volume))


def _subject_nodes(books: list[Textbook]) -> list[SubjectNode]:
    return [
        SubjectNode(subject.pk, subject.name, _edition_nodes(list(group)))
        for subject, group in groupby(books, key=lambda book: book.subject)
    ]


def _edition_nodes(books: list[Textbook]) -> list[EditionNode]:
    return [
        EditionNode(edition, [_book_node(book) for book in group])
        for edition, group in groupby(books, key=lambda book: book.edition)
    ]


def _book_node(book: Textbook) -> BookNode:
    units = sorted(book.units.all(), key=lambda unit: unit.number)
    return BookNode(
        id=book.pk,
        name=book.book,
        grade=book.grade,
        volume=book.volume,
        units=[UnitNode(unit.pk, unit.number, unit.title) for unit in units],
    )
