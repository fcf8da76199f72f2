"""Who visits which page of one part of the platform, named by the people and rows that the part's own world has."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PartVisit:
    who: str
    arguments: tuple[Callable[[Any], Any], ...] = ()
    query: str = ""
    status: int = 200


def visit(who: str, *arguments: str | Callable[[Any], Any], query: str = "", status: int = 200) -> PartVisit:
    """An argument of the address is the key of a row, by the row's name, or what a function finds."""
    return PartVisit(who, tuple(map(_argument, arguments)), query, status)


def _argument(given: str | Callable[[Any], Any]) -> Callable[[Any], Any]:
    if callable(given):
        return given
    name = given
    return lambda part: getattr(part, name).pk
