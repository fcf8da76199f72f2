"""How a document looks: the little that a caller decides. Lengths are in twentieths of a point (dxa)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Node = dict[str, Any]
Pictures = Callable[[str], bytes | None]
"""The bytes of a picture by what its node calls `file`; None where there is none any more."""


@dataclass(frozen=True)
class Page:
    """A4 upright."""

    width: int = 11906
    height: int = 16838
    top: int = 1134
    right: int = 1138
    bottom: int = 1134
    left: int = 1138

    @property
    def room(self) -> int:
        return self.width - self.left - self.right


@dataclass(frozen=True)
class TableLook:
    shares: tuple[int, ...] = ()
    """How wide the columns are to one another, where the table does not say and has as many."""
    repeats_head: bool = True
    """Do leading rows of head cells stand again on every page?"""
    row_height: int = 0
    """At least so high."""
    blank_column: str = ""
    """The head of one more column at the right, which is empty: for writing by hand."""


@dataclass(frozen=True)
class Look:
    page: Page = Page()
    tables: Mapping[str, TableLook] = field(default_factory=dict)
    """By a table's attribute `kind`."""
    title: str = ""
    author: str = ""
    foot: str = ""
    """At the left of every page's foot; the page numbers stand at the right."""
    page_words: tuple[str, str, str] = ("第 ", " 页，共 ", " 页")


PLAIN = TableLook()
