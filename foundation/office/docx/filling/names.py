"""What a form may ask for, and what it gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from foundation.office.docx.writing.look import Node


@dataclass(frozen=True)
class Names:
    texts: frozenset[str]
    """One line each."""
    blocks: frozenset[str]
    """Paragraphs, tables, pictures: alone in a paragraph of the form they come with all their looks."""
    rows: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Lists to repeat a row for, with the names of their columns."""

    @property
    def all(self) -> frozenset[str]:
        return self.texts | self.blocks | frozenset(self.rows)


@dataclass(frozen=True)
class Values:
    texts: Mapping[str, str]
    blocks: Mapping[str, Sequence[Node]]
    rows: Mapping[str, Sequence[Mapping[str, Sequence[Node]]]] = field(default_factory=dict)
