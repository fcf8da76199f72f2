"""What is said about a file: a source text with values, and for a table the cell it is about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def gettext_noop(text: str) -> str:
    """Marks a text for the catalogues; whoever shows it translates it."""
    return text


@dataclass(frozen=True)
class Message:
    text: str
    values: tuple[tuple[str, Any], ...] = ()

    def said(self, translate: Callable[[str], str]) -> str:
        return translate(self.text) % dict(self.values)

    def __str__(self) -> str:
        return self.said(str)


def message(text: str, /, **values: Any) -> Message:
    return Message(text, tuple(values.items()))


@dataclass(frozen=True)
class Trouble:
    """Something about one cell (or a head, or a whole sheet: then the cell is its first)."""

    sheet: str
    cell: str
    message: Message


class Wrong(Exception):
    """A value does not fit its column."""

    def __init__(self, text: str, /, **values: Any) -> None:
        super().__init__(text)
        self.message = message(text, **values)


class Refused(Exception):
    """The file as a whole cannot be read."""

    def __init__(self, text: str, /, **values: Any) -> None:
        self.message = message(text, **values)
        super().__init__(str(self.message))
