"""What someone typed into a field, read into its frozen shape. Text that names someone known becomes that person."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from foundation.records.errors import WrongInput
from foundation.records.form import (
    Cell,
    Column,
    Field,
    Names,
    Row,
    Value,
    digest,
    label_of,
    name_of,
    people_in,
    text_of,
    tidy,
)

MOST_ROWS = 200
LONGEST = {Cell.WORDS: 300, Cell.PERSON: 120, Cell.PROSE: 8000, Cell.VIEWPOINTS: 8000}
NAMED = re.compile(r"^(?P<name>[^（）()]+)[（(](?P<school>[^（）()]+)[）)]$")
SAID = re.compile(r"^(?P<who>[^：:]+)[：:](?P<text>.*)$")
KEY = re.compile(r"[\w:.-]{1,64}")
Texts = list[dict[str, str]]
"""Rows as they were typed: column → text."""


class Known:
    """The people whom a text may mean: by 姓名（学校）, and by the name alone where only one has it."""

    def __init__(self, people: Iterable[dict[str, Any]], names: Names) -> None:
        self._people: dict[str, dict[str, Any]] = {}
        by_name: dict[str, list[dict[str, Any]]] = {}
        for person in people:
            label = label_of(person, names)
            if "user" in person and label and label not in self._people:
                self._people[label] = person
                by_name.setdefault(name_of(person, names), []).append(person)
        for name, all_of_them in by_name.items():
            if len({person["user"] for person in all_of_them}) == 1:
                self._people.setdefault(name, all_of_them[0])

    @classmethod
    def in_content(cls, content: Any, names: Names) -> "Known":
        return cls(people_in(content), names)

    @property
    def labels(self) -> list[str]:
        return sorted({label for label in self._people if "（" in label} or self._people)

    def read(self, text: str) -> dict[str, Any]:
        found = self._people.get(text)
        if found is not None:
            return found
        named = NAMED.match(text)
        if named:
            return {"name": named["name"].strip(), "school": named["school"].strip()}
        return {"name": text}


# ---- from a form ---------------------------------------------------------------------------------------
def texts_of(field: Field, posted: Mapping[str, str]) -> Texts:
    """The rows as typed, without the empty ones. A list of one column is typed as lines."""
    if field.many and not field.is_table:
        key = field.shown[0].key
        return [{key: line} for line in posted.get(key, "").splitlines() if line.strip()]
    if not field.many:
        return [{column.key: posted.get(column.key, "") for column in field.columns}]
    numbers = sorted(
        {int(name[1:].partition("-")[0]) for name in posted if re.match(r"^r\d{1,4}-", name)},
    )
    rows = [
        {column.key: posted.get(f"r{number}-{column.key}", "") for column in field.columns}
        for number in numbers
    ]
    return [row for row in rows if any(row[column.key].strip() for column in field.shown)]


def texts_from(field: Field, value: Value, names: Names) -> Texts:
    """The rows as a form begins with them."""
    return [
        {column.key: text_of(row.get(column.key), column.cell, names) for column in field.columns}
        for row in value
    ]


def read(field: Field, texts: Texts, known: Known, seed: int) -> Value:
    """Raises WrongInput. Rows in which nothing was typed are left out. A form that is sent twice reads the same."""
    rows: Value = []
    for number, typed in enumerate(texts, start=1):
        row = {column.key: _cell(field, column, typed, number, known) for column in field.columns}
        if any(row[column.key] not in (None, "", []) for column in field.shown):
            rows.append(row)
    if len(rows) > MOST_ROWS:
        raise WrongInput(_("“%(field)s”最多 %(most)s 行。") % {"field": field.label, "most": MOST_ROWS})
    return [_with_key(field, row, f"{seed}-{number}") for number, row in enumerate(rows)]


def _with_key(field: Field, row: Row, seed: str) -> Row:
    for column in field.columns:
        if column.cell == Cell.KEY and not row[column.key]:
            row[column.key] = digest([seed, row])[:32]
    return row


def _cell(field: Field, column: Column, typed: Mapping[str, str], number: int, known: Known) -> Any:
    text = _clean(typed.get(column.key, ""))
    where = {"field": column.label, "row": number, "most": LONGEST.get(column.cell, 0)}
    if column.cell in LONGEST and len(text) > LONGEST[column.cell]:
        raise WrongInput(_("第 %(row)s 行“%(field)s”太长，最多 %(most)s 个字。") % where)
    if column.cell == Cell.PERSON:
        return known.read(text) if text else None
    if column.cell == Cell.VIEWPOINTS:
        return [_viewpoint(line, known) for line in text.splitlines() if line.strip()]
    if column.cell == Cell.DAY:
        return _day(text, _("第 %(row)s 行“%(field)s”写成 2026-09-01 这样。") % where)
    if column.cell == Cell.COUNT:
        if text and not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise WrongInput(_("第 %(row)s 行“%(field)s”要写数字。") % where)
        return int(text) if text else None
    if column.cell == Cell.KEY:
        return text if KEY.fullmatch(text) else ""
    return text if column.cell == Cell.PROSE else tidy(text)


def _clean(text: str) -> str:
    return text.replace("\x00", "").replace("\r\n", "\n").strip()


def _day(text: str, wrong: str) -> str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise WrongInput(wrong) from None


def _viewpoint(line: str, known: Known) -> Row:
    """A name before the colon counts only when it is someone known: 三点：…… is a text."""
    said = SAID.match(line.strip())
    person = known.read(said["who"].strip()) if said else {}
    if said and "user" in person:
        return {"person": person, "text": said["text"].strip()}
    return {"person": None, "text": line.strip()}


def both(field: Field, theirs: Value, mine: Value) -> Value:
    """What two people wrote at once, one after the other; of rows that are the same, one."""
    if field.many:
        return theirs + [row for row in mine if row not in theirs]
    key = field.shown[0].key
    first, second = (value[0][key] if value else "" for value in (theirs, mine))
    if field.shown[0].cell == Cell.PROSE and first != second:
        return [{key: "\n".join(filter(None, [first, second]))}]
    return mine
