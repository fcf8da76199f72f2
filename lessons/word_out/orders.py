"""What takes longer than a page waits: a PDF, a parcel of many plans. Ordered here, made by a job, then fetched."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.office import soffice
from lessons.errors import NotPossible
from lessons.models import LessonPlan, PaperJob, PlanVersion
from lessons.word_out.exporting import STANDARD, Wanted, require_export

MOST_UNFINISHED = 3
MOST_PLANS = 200
State = PaperJob.State


def can_make_pdf() -> bool:
    return soffice.is_installed()


def order_pdf(
    *, actor: User, plan: LessonPlan, version: PlanVersion | None = None, wanted: Wanted = STANDARD
) -> PaperJob:
    require_export(actor, plan, wanted)
    if not can_make_pdf():
        raise NotPossible(_("这台服务器不能做 PDF。请在教案里点打印，打印机选“另存为 PDF”。"))
    return _order(actor, PaperJob.Kind.PDF, [plan], version, wanted)


def order_parcel(*, actor: User, plans: Sequence[LessonPlan], wanted: Wanted = STANDARD) -> PaperJob:
    if not plans:
        raise NotPossible(_("还没有选教案。"))
    if len(plans) > MOST_PLANS:
        raise NotPossible(_("一次最多导出 %(most)d 份。请分几次。") % {"most": MOST_PLANS})
    for plan in plans:
        require_export(actor, plan, wanted)
    return _order(actor, PaperJob.Kind.PARCEL, plans, None, wanted)


@transaction.atomic
def _order(
    actor: User, kind: PaperJob.Kind, plans: Sequence[LessonPlan], version: PlanVersion | None, wanted: Wanted
) -> PaperJob:
    from lessons.word_out.jobs import make_paper

    if PaperJob.objects.filter(owner=actor, state__in=PaperJob.UNFINISHED).count() >= MOST_UNFINISHED:
        raise NotPossible(_("你已经有 %(most)d 个在做的，等做好一个再来。") % {"most": MOST_UNFINISHED})
    order: dict[str, Any] = {
        "plans": [str(plan.pk) for plan in plans],
        "version": version.pk if version else None,
        "template": str(wanted.template.pk) if wanted.template else None,
        "notes_column": wanted.notes_column,
        "side": wanted.side,
    }
    name = plans[0].title or _("教案")
    if len(plans) > 1:
        name = _("《%(title)s》等 %(n)d 份") % {"title": name, "n": len(plans)}
    job = PaperJob.objects.create(owner=actor, kind=kind, order=order, name=name[:200])
    transaction.on_commit(partial(make_paper, str(job.pk)))
    return job


def jobs_of(user: User) -> QuerySet[PaperJob]:
    return PaperJob.objects.filter(owner=user)


def finish(job_id: UUID, state: str, *, size: int = 0, name: str = "", reason: str = "") -> None:
    """Only a job that is being worked on ends; one that was given up meanwhile stays so."""
    values: dict[str, Any] = {"state": state, "touched_at": timezone.now(), "reason": reason[:300]}
    if state == State.DONE:
        values |= {"size": size, "name": name[:200]}
    PaperJob.objects.filter(pk=job_id, state=State.WORKING).update(**values)


def take_away(job: PaperJob) -> None:
    """The file goes, the line stays."""
    default_storage.delete(job.storage_name)
    PaperJob.objects.filter(pk=job.pk).update(state=State.GONE, touched_at=timezone.now())
