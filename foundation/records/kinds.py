"""What has a record: an app above registers each kind from `AppConfig.ready`.

    class ActivityRecords:
        name = "prep-activity"
        …
    kinds.register(ActivityRecords())

The record's address is /records/<kind>/<subject's id>/; nothing has to be made first.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.functional import Promise

from foundation.accounts.models import User
from foundation.ledger.events import Place
from foundation.records.form import Facts


@dataclass(frozen=True)
class Subject:
    """What a record is about. `path`: its page. `row`: what the kind itself knows it by."""

    id: str
    label: str
    path: str = ""
    row: Any = None


@dataclass(frozen=True)
class Rights:
    """Of one person on the record of one subject. Whoever signs or edits also sees. `open`: its subject's page."""

    see: bool = False
    edit: bool = False
    sign: bool = False
    open: bool = True


NO_RIGHTS = Rights()


class RecordKind(Protocol):
    name: str
    title: str | Promise
    """What the document is called: 集体备课记录表."""

    def subject(self, subject_id: str) -> Subject | None: ...

    def assemble(self, subject: Subject) -> Facts:
        """What happened, as it is now: asked again whenever a draft is looked at."""

    def rights(self, user: User, subject: Subject) -> Rights:
        """Before the engine's own rules: a signed record is not edited, the recorder it names edits."""

    def stands(self, user: User) -> Place:
        """Where someone stands now, for the ledger."""

    def concerns(self, user: User, subject: Subject) -> Place:
        """The unit a record concerns, with the role of whoever acts, for the audit trail."""


_kinds: dict[str, RecordKind] = {}


def register(kind: RecordKind) -> None:
    _kinds[kind.name] = kind


def kind_of(name: str) -> RecordKind | None:
    return _kinds.get(name)
