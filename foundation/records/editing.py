"""The form in which a record is edited: all its fields, each remembering what it was opened with."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute

from django.utils.functional import Promise

from foundation.records import queries, reading
from foundation.records.errors import WrongInput
from foundation.records.form import Cell, Column, Field, Value, digest
from foundation.records.models import RecordEdit
from foundation.records.operations import Change
from foundation.records.queries import Draft, EarlierEdit, Shown
from foundation.records.reading import Known, Texts

EMPTY_ROWS, MORE_ROWS = 1, 4


@dataclass(frozen=True)
class Input:
    name: str
    label: str | Promise
    cell: Cell
    text: str
    number: int = 0
    """The row it stands in."""

    @property
    def lines(self) -> int:
        """How high a text area is to begin with."""
        return max(2 if self.number else 3, min(12, self.text.count("\n") + 2))


@dataclass
class FieldForm:
    """One field as it is typed."""

    field: Field
    texts: Texts
    seen: int
    was: str
    """The digest of the texts when it was opened: what is sent back the same was not touched."""
    by_hand: bool = False
    empty_rows: int = EMPTY_ROWS
    error: str = ""
    theirs: Shown | None = None
    """What somebody else wrote meanwhile, by whom, when."""
    earlier: list[EarlierEdit] = attribute(default_factory=list)

    @property
    def touched(self) -> bool:
        return digest(self.texts) != self.was

    @property
    def may_join(self) -> bool:
        return self.field.many or self.field.shown[0].cell == Cell.PROSE

    @property
    def rows(self) -> list[list[Input]]:
        if not self.field.is_table:
            return [[self._input(self.field.shown[0], self._joined(), "")]]
        texts = self.texts + [{}] * self.empty_rows
        return [
            [
                self._input(column, row.get(column.key, ""), f"r{number}-", number + 1)
                for column in self.field.columns
            ]
            for number, row in enumerate(texts)
        ]

    def _joined(self) -> str:
        key = self.field.shown[0].key
        return "\n".join(row[key] for row in self.texts)

    def _input(self, column: Column, text: str, lead: str, number: int = 0) -> Input:
        cell = Cell.PROSE if self.field.many and not self.field.is_table else column.cell
        return Input(f"{self.field.key}-{lead}{column.key}", column.label, cell, text, number)


@dataclass
class EditForm:
    draft: Draft
    known: Known
    names: Mapping[int, str]
    fields: dict[str, FieldForm]

    @property
    def people(self) -> list[str]:
        return self.known.labels

    @property
    def listed(self) -> list[FieldForm]:
        return list(self.fields.values())

    @property
    def has_conflicts(self) -> bool:
        return any(each.theirs for each in self.fields.values())

    @property
    def has_errors(self) -> bool:
        return any(each.error for each in self.fields.values())

    def changes(self) -> dict[str, Change]:
        """What was touched, read; what cannot be read gets its error."""
        found = {}
        for key, each in self.fields.items():
            if each.touched:
                try:
                    found[key] = Change(self.read(each), each.seen)
                except WrongInput as wrong:
                    each.error = wrong.reason
        return found

    def read(self, each: FieldForm) -> Value:
        return reading.read(each.field, each.texts, self.known, each.seen)

    def write_both(self, key: str) -> None:
        """What stands there now and what is typed, one after the other, to be looked at before it is kept."""
        each = self.fields[key]
        try:
            value = reading.both(each.field, self.draft.fields[key].value, self.read(each))
        except WrongInput as wrong:
            each.error = wrong.reason
        else:
            each.texts = reading.texts_from(each.field, value, self.names)

    def after(self, conflicts: Mapping[str, RecordEdit], draft: Draft) -> "EditForm":
        """What is left to do once the rest has been kept: both texts of the fields that two people wrote."""
        fresh = blank(draft)
        for key, theirs in conflicts.items():
            each = fresh.fields[key]
            names = queries.names_of(theirs.value, ids=[theirs.by_id])
            each.theirs = queries.shown_value(
                each.field,
                draft.fields[key].value,
                {**fresh.names, **names},
                edited_by=names.get(theirs.by_id, ""),
                edited_at=theirs.at,
            )
            each.texts, each.was = self.fields[key].texts, ""
        return fresh


def blank(draft: Draft) -> EditForm:
    """As it is opened."""
    automatic = [each.automatic for each in draft.fields.values()]
    names = queries.names_of(draft.body, automatic)
    forms = {}
    for key, each in draft.fields.items():
        texts = reading.texts_from(each.field, each.value, names)
        forms[key] = FieldForm(each.field, texts, each.seen, digest(_typed(each.field, texts)), each.by_hand)
    return EditForm(draft, Known.in_content([automatic, draft.body], names), names, forms)


def _typed(field: Field, texts: Texts) -> Texts:
    """As the browser will send texts that nobody touched."""
    posted = {}
    form = FieldForm(field, texts, 0, "")
    for row in form.rows:
        for each in row:
            posted[each.name.removeprefix(f"{field.key}-")] = each.text
    return reading.texts_of(field, posted)


def filled(draft: Draft, posted: Mapping[str, str]) -> EditForm:
    """As it was sent."""
    form = blank(draft)
    for key, each in form.fields.items():
        lead = f"{key}-"
        own = {
            name.removeprefix(lead): text.replace("\r\n", "\n")
            for name, text in posted.items()
            if name.startswith(lead)
        }
        seen, was = posted.get(f"seen-{key}", ""), posted.get(f"was-{key}", "")
        if not seen.isdecimal():
            continue
        each.texts = reading.texts_of(each.field, own)
        each.seen, each.was = int(seen[:18]), was
    return form
