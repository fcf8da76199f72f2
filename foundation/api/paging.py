"""Cursor paging: `{"items": […], "next": …}`. A page stays right while rows come and go."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.utils.translation import gettext as _

from foundation.api.problems import Problem

Row = TypeVar("Row", bound=Model)
DEFAULT_LIMIT = 50
MAX_LIMIT = 200


@dataclass(frozen=True)
class Page(Generic[Row]):
    items: list[Row]
    next: str | None


def page(
    rows: QuerySet[Row], *, order: Sequence[str], cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Row]:
    """One page of `rows`, ordered by `order`: plain fields, "-" for descending, the last one unique.

    `next` is the cursor of the next page, None on the last one. A cursor that we did not write is a 422.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    if cursor:
        rows = rows.filter(_after(rows, order, _read(cursor, len(order))))
    found = list(rows.order_by(*order)[: limit + 1])
    items = found[:limit]
    return Page(items, _write(items[-1], order) if len(found) > limit else None)


def _after(rows: QuerySet[Row], order: Sequence[str], values: Sequence[Any]) -> Q:
    """(a, b) after (x, y)  =  a after x, or a is x and b after y."""
    after = Q()
    same = Q()
    for name, raw in zip(order, values, strict=True):
        field = name.removeprefix("-")
        value = _parsed(rows, field, raw)
        after |= same & Q(**{f"{field}__lt" if name.startswith("-") else f"{field}__gt": value})
        same &= Q(**{field: value})
    return after


def _parsed(rows: QuerySet[Row], field: str, raw: Any) -> Any:
    try:
        value = cast(Field, rows.model._meta.get_field(field)).to_python(raw)
    except (ValidationError, TypeError, ValueError, OverflowError):
        raise _bad_cursor() from None
    if value is None or "\x00" in str(value):
        raise _bad_cursor()
    return value


def _write(row: Model, order: Sequence[str]) -> str:
    values = [_plain(getattr(row, name.removeprefix("-"))) for name in order]
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


def _read(cursor: str, length: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        raise _bad_cursor() from None
    if not isinstance(values, list) or len(values) != length:
        raise _bad_cursor()
    return values


def _bad_cursor() -> Problem:
    return Problem(422, _("cursor 要原样用上一页给的 next。"))
