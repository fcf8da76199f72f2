"""What an app may put on 今日. prep_platform.today lists the contributors and lays them out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from foundation.accounts.models import User


@dataclass(frozen=True)
class Block:
    """A card: its template gets the data as `block`."""

    template: str
    data: Any


@dataclass(frozen=True)
class Waiting:
    """One line of 等你看一眼. A notice is read by opening it; anything else is a link."""

    icon: str
    title: str
    detail: str = ""
    path: str = ""
    notice_id: int | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Figure:
    """One number of 你帮到了别人, with its unit and what it counts."""

    value: int
    unit: str
    text: str


@dataclass
class Contribution:
    headline: list[str] = field(default_factory=list)
    main: list[Block] = field(default_factory=list)
    side: list[Block] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    helped: list[Figure] = field(default_factory=list)


Contributor = Callable[[User, datetime], Contribution]
"""Asked with the person and the local moment."""
