"""Filling the catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from foundation.catalogue.models import Subject, Textbook, Unit
from foundation.catalogue.table import UnitRow, read_unit_table, read_units

STANDARD_UNITS = Path(__file__).parent / "data" / "textbook_units.csv"
"""44 primary textbooks with their 285 units."""
SUBJECT_ORDER = (
    "语文",
    "数学",
    "英语",
    "道德与法治",
    "科学",
    "音乐",
    "美术",
    "体育与健康",
    "信息科技",
    "劳动",
)


@dataclass(frozen=True)
class ImportResult:
    books_added: int
    units_added: int
    units_renamed: int


def import_units(lines: Iterable[str]) -> ImportResult:
    """Take in a CSV of units. Raises ImportRefused with the errors line by line."""
    return _import(read_units(lines))


def import_unit_table(content: bytes) -> ImportResult:
    """Take in an xlsx of units. Raises ImportRefused with the errors cell by cell."""
    return _import(read_unit_table(content))


@transaction.atomic
def _import(rows: list[UnitRow]) -> ImportResult:
    """All or nothing, and twice the same is once.

    A unit that is there already takes the new title; nothing is ever removed, since plans point here.
    """
    books, books_added = _books(rows)
    known = {
        (unit.textbook_id, unit.number): unit for unit in Unit.objects.filter(textbook__in=books.values())
    }
    added, renamed = [], []
    for row in rows:
        book = books[row.book]
        unit = known.get((book.pk, row.number))
        if unit is None:
            added.append(Unit(textbook=book, number=row.number, title=row.title))
        elif unit.title != row.title:
            unit.title = row.title
            renamed.append(unit)
    Unit.objects.bulk_create(added)
    Unit.objects.bulk_update(renamed, ["title"])
    return ImportResult(books_added, len(added), len(renamed))


def import_standard_units() -> ImportResult:
    """The books that come with the platform."""
    with STANDARD_UNITS.open(encoding="utf-8-sig", newline="") as lines:
        return import_units(lines)


def _books(rows: list[UnitRow]) -> tuple[dict[tuple, Textbook], int]:
    subjects = _subjects({row.subject for row in rows})
    books: dict[tuple, Textbook] = {}
    added = 0
    for row in rows:
        if row.book in books:
            continue
        stage, subject, edition, grade, volume = row.book
        books[row.book], created = Textbook.objects.get_or_create(
            stage=stage, subject=subjects[subject], edition=edition, grade=grade, volume=volume
        )
        added += created
    return books, added


def _subjects(names: set[str]) -> dict[str, Subject]:
    position = {name: number for number, name in enumerate(SUBJECT_ORDER, start=1)}
    return {
        name: Subject.objects.get_or_create(name=name, defaults={"position": position.get(name, 99)})[0]
        for name in sorted(names)
    }
