"""A file becomes a plan, and a plan becomes rows. Nothing here knows of uploads, previews and jobs."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_noop

from foundation.accounts.models import User
from foundation.ledger.audit import audited
from foundation.ledger.events import NOWHERE
from foundation.office import tables
from foundation.office.tables import Message, Tables, Trouble
from teaching_centres.models import Region
from teaching_centres.queries import place_of
from teaching_centres.roster.network import Network
from teaching_centres.roster.people import compare_people
from teaching_centres.roster.plan import Plan
from teaching_centres.roster.schools import compare_schools
from teaching_centres.roster.sheets import SHEETS
from teaching_centres.roster.writing import write

Progress = Callable[[int], None]


def nobody_watches(percent: int) -> None:
    pass


def read_file(content: bytes, progress: Progress = nobody_watches) -> Tables:
    """Raises Refused. The longest part of a preview, and outside any transaction."""
    return tables.read(content, SHEETS, progress=lambda rows: progress(min(60, 5 + rows // 200)))


def compare(found: Tables, actor: User | None) -> Plan:
    plan = Plan(troubles=list(found.troubles), notes=list(found.notes))
    plan.rows = sum(len(rows) for rows in found.rows.values())
    network = Network(actor)
    compare_schools(found.rows["schools"], network, plan)
    compare_people(found.rows["people"], network, plan)
    if not plan.rows and not plan.troubles:
        plan.troubles.append(
            Trouble(SHEETS[0].title, "A2", Message(gettext_noop("表里还没有内容。填好再传。")))
        )
    sheets = {rows[0].sheet: position for position, rows in enumerate(found.rows.values()) if rows}
    plan.troubles.sort(key=lambda trouble: (sheets.get(trouble.sheet, -1), *_place(trouble.cell)))
    return plan


def _place(cell: str) -> tuple[int, str]:
    letters = cell.rstrip("0123456789")
    return (int(cell[len(letters) :]), letters.rjust(3))


def write_plan(plan: Plan, actor: User | None, import_id: UUID | None, progress: Progress) -> None:
    """One transaction: the caller's."""
    counts = plan.counts()
    details = {
        "kind": "roster",
        "file_id": str(import_id or ""),
        "rows": plan.rows,
        "created": counts.get("person_new", 0) + counts.get("school_new", 0),
        "changed": sum(number for key, number in counts.items() if key.endswith("_changed")),
        "ended": counts.get("membership_ended", 0),
    }
    with audited("roster.imported", **about(actor, import_id), details=details):
        write(plan, actor, progress)


def about(actor: User | None, import_id: UUID | None) -> dict[str, Any]:
    place = place_of(actor) if actor else NOWHERE
    return {"actor": actor, "subject_kind": "roster", "subject_id": import_id or "", "place": place}


def one_at_a_time() -> None:
    """Two imports that write at once wait for each other, so that the second sees what the first has written."""
    list(Region.objects.select_for_update().filter(parent=None).order_by("pk").values_list("pk"))
