"""Lists of units as people keep them in tables: read, checked line by line, not yet stored."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from foundation.catalogue.errors import ImportRefused, LineError
from foundation.catalogue.models import Stage, Textbook

COLUMNS = ("subject", "edition", "grade", "volume", "unit_number", "unit_title")
VOLUMES = {"上册": Textbook.Volume.FIRST, "下册": Textbook.Volume.SECOND, "全一册": Textbook.Volume.WHOLE}
STAGES = {"小学": Stage.PRIMARY, "初中": Stage.JUNIOR, "特殊教育": Stage.SPECIAL}
MAX_LINES = 20_000
"""Lines. All books of nine years have some 3,000 units; more is not a catalogue."""


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
    """Columns as in COLUMNS, in any order; `stage` (小学, 初中, 特殊教育) may be left out."""
    reader = csv.DictReader(lines)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
    if missing:
        raise ImportRefused([LineError(1, _("缺这几列：%s。") % "、".join(missing))])
    rows: list[UnitRow] = []
    errors: list[LineError] = []
    for cells in islice(reader, MAX_LINES + 1):
        try:
            rows.append(
                _row(reader.line_num, {key: (cells.get(key) or "").strip() for key in (*COLUMNS, "stage")})
            )
        except ValueError as error:
            errors.append(LineError(reader.line_num, str(error)))
    errors += _twice(rows)
    if len(rows) > MAX_LINES:
        errors.append(LineError(MAX_LINES + 2, _("一次最多 %d 行。") % MAX_LINES))
    if errors:
        raise ImportRefused(sorted(errors, key=lambda error: error.line))
    return rows


def _row(line: int, cells: dict[str, str]) -> UnitRow:
    grade = _number(cells["grade"], _("年级"), 9)
    return UnitRow(
        line=line,
        stage=_stage(cells["stage"], grade),
        subject=_text(cells["subject"], _("学科"), 32),
        edition=_text(cells["edition"], _("教材版本"), 64),
        grade=grade,
        volume=_choice(cells["volume"], _("册次"), VOLUMES),
        number=_number(cells["unit_number"], _("单元序号"), 99),
        title=_text(cells["unit_title"], _("单元名称"), 128),
    )


def _stage(text: str, grade: int) -> str:
    if text:
        return _choice(text, _("学段"), STAGES)
    return Stage.PRIMARY if grade <= 6 else Stage.JUNIOR


def _text(text: str, name: str, longest: int) -> str:
    if not text:
        raise ValueError(_("%s没有填。") % name)
    if len(text) > longest:
        raise ValueError(_("%(name)s最多 %(longest)d 个字。") % {"name": name, "longest": longest})
    return text


def _number(text: str, name: str, largest: int) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= largest):
        raise ValueError(_("%(name)s“%(text)s”应是 1 到 %(largest)d 的整数。") % locals())
    return int(text)


def _choice(text: str, name: str, choices: Mapping[str, str]) -> str:
    if text not in choices:
        known = "、".join(choices)
        raise ValueError(_("%(name)s“%(text)s”不认得，可以填：%(known)s。") % locals())
    return str(choices[text])


def _twice(rows: list[UnitRow]) -> list[LineError]:
    seen: dict[tuple, int] = {}
    errors = []
    for row in rows:
        first = seen.setdefault((row.book, row.number), row.line)
        if first != row.line:
            errors.append(LineError(row.line, _("和第 %d 行是同一单元。") % first))
    return errors
