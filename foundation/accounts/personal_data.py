"""What is kept about a person and why: a registry in which each app declares its part, from `AppConfig.ready`.

One declaration feeds the page that says it, the export, and the deletion of a person. A test walks every relation to
a person and finds the model in one of them.
"""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any
from uuid import UUID

from django.db.models import Model
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise

from foundation.accounts.models import User

Text = str | Promise
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of data about a person. `rows` are plain dicts whose keys are words a person reads."""

    key: str
    """Its file in the export: letters and dashes."""
    label: Text
    what: Text
    purpose: Text
    kept_for: Text
    after_deletion: Text
    rows: Callable[[User], Iterable[Row]]
    forget: Callable[[User, User | None], None] | None = None
    """Takes the person out when the account is deleted; the second is who gets what is handed over, if anyone."""
    files: Callable[[User], Iterable[tuple[str, Iterable[bytes]]]] | None = None
    """Names and contents of further files for the export."""
    models: tuple[type[Model], ...] = ()


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    for kind in kinds:
        _kinds[kind.key] = kind


def kinds() -> list[Kind]:
    """From the bottom of the house upwards, in the order in which the apps are installed."""
    return list(_kinds.values())


# ---- the export ----------------------------------------------------------------------------------------


def export(person: User) -> IO[bytes]:
    """A zip: a page to read, a JSON file for each kind, and the files. On disk, since pictures may be many."""
    stream = tempfile.TemporaryFile()  # noqa: SIM115  # whoever sends it closes it
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        sections = []
        for kind in kinds():
            rows = [_plain(row) for row in kind.rows(person)]
            archive.writestr(f"{kind.key}.json", json.dumps(rows, ensure_ascii=False, indent=1))
            sections.append((kind, _columns(rows), rows))
            for name, content in kind.files(person) if kind.files else ():
                _put(archive, f"{kind.key}/{name}", content)
        page = render_to_string(
            "accounts/export.html", {"person": person, "sections": sections, "now": timezone.now()}
        )
        archive.writestr("index.html", page)
    stream.seek(0)
    return stream


def _put(archive: zipfile.ZipFile, name: str, content: Iterable[bytes]) -> None:
    with archive.open(name, "w", force_zip64=True) as out:
        for chunk in content:
            out.write(chunk)


def _columns(rows: list[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _plain(row: Row) -> Row:
    return {str(name): _plain_value(value) for name, value in row.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date | UUID | Promise):
        return str(value)
    return value


# ---- the deletion --------------------------------------------------------------------------------------


def forget_everywhere(person: User, successor: User | None) -> None:
    """From the top of the house downwards: what stands on something goes before it."""
    for kind in reversed(kinds()):
        if kind.forget:
            kind.forget(person, successor)


def file_name(text: str, number: int, ending: str) -> str:
    """A name for a file in the export that every system can unpack."""
    tidy = "".join(letter if letter.isalnum() or letter in " -_·" else "_" for letter in text)[:60].strip()
    return f"{number:03}-{tidy or '_'}{ending}"


def chunks_of(text: str) -> Iterator[bytes]:
    yield text.encode()
