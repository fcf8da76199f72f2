"""A record as one person has it open: its kind, its subject, what they may do with it, the row if there is one."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.records.errors import Denied, RecordNotFound
from foundation.records.form import ids_in
from foundation.records.kinds import RecordKind, Rights, Subject, kind_of
from foundation.records.models import Record, RecordEdit, RecordTask


@dataclass(frozen=True)
class Opened:
    user: User
    kind: RecordKind
    subject: Subject
    rights: Rights
    record: Record | None

    @property
    def is_signed(self) -> bool:
        return self.record is not None and self.record.is_signed

    @property
    def may_edit(self) -> bool:
        return self.rights.edit and not self.is_signed

    def require_edit(self) -> None:
        if not self.rights.edit:
            raise Denied(_("你可以看这份记录，不能改。要改，请主持人把你写成记录人。"))

    def require_sign(self) -> None:
        if not self.rights.sign:
            raise Denied(_("只有主持人能签字定稿和重开。"))


def open_record(user: User, kind_name: str, subject_id: str) -> Opened:
    kind = kind_of(kind_name)
    subject = kind.subject(subject_id) if kind else None
    if kind is None or subject is None or not user.is_active:
        raise RecordNotFound(subject_id)
    record = Record.objects.filter(kind=kind.name, subject_id=subject.id).first()
    rights = kind.rights(user, subject)
    if rights.see and not rights.edit and record is not None and user.pk in _recorder(record):
        rights = replace(rights, edit=True)
    if not rights.see:
        raise RecordNotFound(subject_id)
    return Opened(user, kind, subject, rights, record)


def _recorder(record: Record) -> set[int]:
    """Whom somebody entered as the recorder by hand; one whom the source names has the right from there."""
    newest = RecordEdit.objects.filter(record=record, field="recorder").order_by("-pk").first()
    return ids_in(newest.value) if newest else set()


def require_task(user: User, task: RecordTask) -> RecordKind:
    """Whoever was given it, and whoever signs its record. To others there is no such task."""
    kind = kind_of(task.record.kind)
    if kind is not None and user.is_active:
        subject = kind.subject(task.record.subject_id)
        if user.pk == task.person_id or (subject and kind.rights(user, subject).sign):
            return kind
    raise RecordNotFound(str(task.pk))
