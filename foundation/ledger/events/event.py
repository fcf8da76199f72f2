"""What every event has, and where its actor stood."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the actor stood at the time: kept with the record, so that moving rewrites no history."""

    role: str = ""
    school_id: int | None = None
    region_id: int | None = None
    urban_class: str = ""


NOWHERE = Place()


@dataclass(frozen=True, kw_only=True)
class LedgerEvent:
    kind: ClassVar[str]
    subject_kind: ClassVar[str]
    subject_id: UUID | int
    subject_label: str = ""

    def data(self) -> dict[str, Any]:
        base = {"subject_id", "subject_label"}
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in base}
