"""What a person does with an import: upload a file, look at what it would do, let it be written, or drop it."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.office import tables
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.models import RosterDraft, RosterImport
from teaching_centres.roles import Verb
from teaching_centres.roster.jobs import enqueue, locked, move
from teaching_centres.scopes import scopes

State = RosterImport.State


def begin(*, actor: User, file_name: str, content: bytes) -> RosterImport:
    """Keep the file and let a job read it. A file that is none is refused at once."""
    require_any(actor)
    tables.check(content)
    with transaction.atomic():
        found = RosterImport.objects.create(actor=actor, file_name=file_name[-200:])
        RosterDraft.objects.create(roster_import=found, content=content)
        enqueue(found)
    return found


def confirm(*, roster_import: RosterImport, actor: User, renames: bool) -> None:
    """Write what was shown. Names that change have to be agreed to: a mistyped number renames a colleague."""
    require_any(actor)
    with transaction.atomic():
        found = _own(roster_import, actor)
        if found.state != State.READY:
            raise NotPossible(_("这次导入现在不能写入：%s。") % found.get_state_display())
        if found.counts.get("rename_changed") and not renames:
            raise NotPossible(_("有人改了姓名。请看过以后勾上“这些改名都对”。"))
        move(found, State.WRITING)
        enqueue(found)


def drop(*, roster_import: RosterImport, actor: User) -> None:
    with transaction.atomic():
        found = _own(roster_import, actor)
        if found.state in (State.WRITING, State.DONE):
            raise NotPossible(_("已经开始写入，不能放弃了。"))
        move(found, State.DROPPED)
        RosterDraft.objects.filter(pk=found.pk).delete()


def read_again(*, roster_import: RosterImport, actor: User) -> None:
    with transaction.atomic():
        found = _own(roster_import, actor)
        if found.state != State.STALE:
            raise NotPossible(_("不用重看。"))
        move(found, State.READING)
        enqueue(found)


def require_any(actor: User) -> None:
    if not scopes(actor, Verb.MANAGE):
        raise Denied(_("导入名册要有管理员任职。请找上一级管理员。"))


def imports_of(actor: User) -> QuerySet[RosterImport]:
    return RosterImport.objects.filter(actor=actor)


def _own(roster_import: RosterImport, actor: User) -> RosterImport:
    found = locked(roster_import.pk)
    if found is None or found.actor_id != actor.pk:
        raise Denied(_("这次导入是别人的。"))
    return found
