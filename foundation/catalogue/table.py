"""Lists of units as people keep them in tables: read, checked cell by cell, not yet stored."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from foundation.catalogue.errors import ImportRefused, LineError
from foundation.catalogue.models import Stage, Textbook
from foundation.office.tables import Choice, Refused, Sheet, Text, Whole, read, read_cells

VOLUMES = {
    "上册": Textbook.Volume.FIRST.value,
    "下册": Textbook.Volume.SECOND.value,
    "全一册": Textbook.Volume.WHOLE.value,
}
STAGES = {"小学": Stage.PRIMARY.value, "初中": Stage.JUNIOR.value, "特殊教育": Stage.SPECIAL.value}
MAX_LINES = 20_000
"""Lines. All books of nine years have some 3,000 units; more is not a catalogue."""

UNITS = Sheet(
    "units",
    "教材目录",
    (
        Choice("stage", "学段", also=("stage",), options=STAGES, hint="不填：六年级以下是小学。"),
        Text("subject", "学科", also=("subject",), required=True, longest=32),
        Text("edition", "教材版本", also=("edition",), required=True, longest=64),
        Whole("grade", "年级", also=("grade",), required=True, smallest=1, largest=9),
        Choice("volume", "册次", also=("volume",), required=True, options=VOLUMES),
        Whole("unit_number", "单元序号", also=("unit_number",), required=True, smallest=1, largest=99),
        Text("unit_title", "单元名称", also=("unit_title",), required=True, longest=128),
    ),
)


@dataclass(frozen=True)
class UnitRow:
    line: int
    stage: str
    subject: str
    edition: str
    grade: int
    volume: str
    number: int
    title: str

    @property
    def book(self) -> tuple[str, str, str, int, str]:
        return (self.stage, self.subject, self.edition, self.grade, self.volume)


def read_units(lines: Iterable[str]) -> list[UnitRow]:
    """A CSV whose heads are the keys of UNITS, in any order; `stage` may be left out."""
    reader = csv.DictReader(lines)
    missing = [column.key for column in UNITS.needed if column.key not in (reader.fieldnames or [])]
    if missing:
        raise ImportRefused([LineError(1, _("缺这几列：%s。") % "、".join(missing))])
    rows: list[UnitRow] = []
    errors: list[LineError] = []
    for cells in islice(reader, MAX_LINES + 1):
        values, wrong = read_cells(UNITS, cells)
        if wrong:
            errors += [LineError(reader.line_num, said.said(_)) for said in wrong.values()]
        else:
            rows.append(_row(reader.line_num, values))
    return _checked(rows, errors)


def read_unit_table(content: bytes) -> list[UnitRow]:
    """An xlsx with one sheet of the columns of UNITS."""
    try:
        found = read(content, [UNITS])
    except Refused as refused:
        raise ImportRefused([LineError(0, refused.message.said(_))]) from refused
    errors = [
        LineError(
            int(trouble.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), trouble.message.said(_), trouble.cell
        )
        for trouble in found.troubles
    ]
    return _checked([_row(row.number, row.values) for row in found.rows["units"] if not row.wrong], errors)


def _row(line: int, values: Mapping[str, Any]) -> UnitRow:
    stage = values["stage"] or (Stage.PRIMARY.value if values["grade"] <= 6 else Stage.JUNIOR.value)
    return UnitRow(
        line=line,
        stage=stage,
        subject=values["subject"],
        edition=values["edition"],
        grade=values["grade"],
        volume=values["volume"],
        number=values["unit_number"],
        title=values["unit_title"],
    )


def _checked(rows: list[UnitRow], errors: list[LineError]) -> list[UnitRow]:
    errors = errors + _twice(rows)
    if len(rows) > MAX_LINES:
        errors.append(LineError(MAX_LINES + 2, _("一次最多 %d 行。") % MAX_LINES))
    if errors:
        raise ImportRefused(sorted(errors, key=lambda error: error.line))
    return rows


def _twice(rows: list[UnitRow]) -> list[LineError]:
    seen: dict[tuple, int] = {}
    errors = []
    for row in rows:
        first = seen.setdefault((row.book, row.number), row.line)
        if first != row.line:
            errors.append(LineError(row.line, _("和第 %d 行是同一单元。") % first))
    return errors
