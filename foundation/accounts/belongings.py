"""What belongs to a person: the one registry that says what moves when two accounts turn out to be one person.

Every relation to a person is declared by the app it belongs to (a test walks them all): it moves, it goes
with the absorbed account, or it stays under the id it had and is shown under the surviving name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from foundation.accounts.models import User

Settle = Callable[[User, User], int]
"""Called with the surviving and the absorbed person; returns how many rows it moved."""


@dataclass(frozen=True)
class Belonging:
    model: type[Model]
    field: str
    settle: Settle
    stays_because: str = ""

    @property
    def name(self) -> str:
        return f"{self.model._meta.label}.{self.field}"


_belongings: dict[str, Belonging] = {}


def register(*belongings: Belonging) -> None:
    for belonging in belongings:
        _belongings[belonging.name] = belonging


def belongings() -> list[Belonging]:
    return list(_belongings.values())


def settle_all(survivor: User, absorbed: User) -> int:
    """From the top of the house downwards, in the caller's transaction."""
    return sum(belonging.settle(survivor, absorbed) for belonging in reversed(belongings()))


# ---- how a relation is settled -------------------------------------------------------------------------
def moves(model: type[Model], field: str, *, once_with: tuple[str, ...] = ()) -> Belonging:
    """To the survivor. `once_with`: of what there may be one for each of these, the survivor's own stays."""

    def settle(survivor: User, absorbed: User) -> int:
        rows = model._default_manager.filter(**{field: absorbed})
        if once_with:
            kept = model._default_manager.filter(**{field: survivor}).values_list(*once_with)
            twice = [row.pk for row in rows if tuple(getattr(row, name) for name in once_with) in set(kept)]
            model._default_manager.filter(pk__in=twice).delete()
        return rows.update(**{field: survivor})

    return Belonging(model, field, settle)


def moves_by(model: type[Model], field: str, settle: Settle) -> Belonging:
    """By a rule of its own."""
    return Belonging(model, field, settle)


def goes(model: type[Model], field: str) -> Belonging:
    """With the absorbed account: ways in, waiting requests."""

    def settle(survivor: User, absorbed: User) -> int:
        model._default_manager.filter(**{field: absorbed}).delete()
        return 0

    return Belonging(model, field, settle)


def moves_in_list(model: type[Model], field: str) -> Belonging:
    """One of many people of a row."""

    def settle(survivor: User, absorbed: User) -> int:
        rows: Any = list(model._default_manager.filter(**{field: absorbed}))
        for row in rows:
            getattr(row, field).add(survivor)
            getattr(row, field).remove(absorbed)
        return len(rows)

    return Belonging(model, field, settle)


def stays(model: type[Model], field: str, *, because: str) -> Belonging:
    return Belonging(model, field, lambda survivor, absorbed: 0, because)
