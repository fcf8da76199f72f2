"""The jobs that make PDFs and parcels. The state stands on the row; rights are asked again when the work begins."""

import logging
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import IO
from uuid import UUID

from django.core.cache import cache
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from foundation.accounts.models import User
from foundation.office import soffice
from foundation.office.docx.filling import Unfillable
from lessons.errors import Denied, LessonsError, NotPossible, PlanNotFound
from lessons.models import LessonPlan, PaperJob, PlanVersion, WordTemplate
from lessons.queries import PlanRow, rows_of, with_facts
from lessons.word_out import exporting
from lessons.word_out.exporting import Wanted
from lessons.word_out.orders import finish, take_away

logger = logging.getLogger(__name__)
State = PaperJob.State
ABANDONED = timedelta(minutes=10)
"""A job that has not moved for so long has died with its process."""
KEPT = timedelta(days=3)
TRIES = 2


@db_task()
def make_paper(job_id: str) -> None:
    make(UUID(job_id))


@db_periodic_task(crontab(minute="*/10"))
def sweep_papers() -> None:
    sweep()


def make(job_id: UUID) -> None:
    """Taken once: of two processes the second finds it taken."""
    now = timezone.now()
    taken = PaperJob.objects.filter(pk=job_id, state=State.WAITING).update(
        state=State.WORKING, touched_at=now
    )
    job = PaperJob.objects.select_related("owner").filter(pk=job_id).first()
    if not taken or job is None:
        return
    try:
        with tempfile.TemporaryFile() as out:
            name = _pdf(job, out) if job.kind == PaperJob.Kind.PDF else _parcel(job, out)
            size = out.tell()
            out.seek(0)
            default_storage.delete(job.storage_name)
            default_storage.save(job.storage_name, File(out, name=job.storage_name))
        finish(job_id, State.DONE, size=size, name=name)
    except (Denied, LessonsError) as refused:
        finish(job_id, State.FAILED, reason=str(refused.reason) or _("这份教案你现在看不到了。"))
    except Unfillable as refused:
        finish(job_id, State.FAILED, reason=refused.message.said(_))
    except soffice.NotConverted as error:
        logger.warning("paper job %s: %s", job_id, type(error).__name__)
        finish(
            job_id,
            State.FAILED,
            reason=_("没有做成 PDF：文档太长或太复杂。可以下载 Word，或在教案里点打印。"),
        )
    except Exception:
        logger.exception("paper job %s was not made", job_id)
        finish(job_id, State.FAILED, reason=_("服务器没办成这一步，问题已经记下来了。过一会儿再试一次。"))


def _pdf(job: PaperJob, out: IO[bytes]) -> str:
    plan = with_facts(LessonPlan.objects.filter(pk=job.order["plans"][0])).first()
    if plan is None:
        raise NotPossible(_("这份教案已经不在了。"))
    version = PlanVersion.objects.filter(plan=plan, pk=job.order["version"]).first()
    wanted = _wanted(job)
    exporting.require_export(job.owner, plan, wanted)
    content = exporting.written(job.owner, plan, version, wanted)
    _progress(job)(30)
    out.write(soffice.convert(content, suffix=".docx", to="pdf"))
    exporting.remember(job.owner, plan, "pdf", version, wanted)
    return exporting.file_name(plan, version, "pdf")


@dataclass(frozen=True)
class Packed:
    """A line of the parcel's index."""

    row: PlanRow
    file: str = ""
    reason: str = ""


def _parcel(job: PaperJob, out: IO[bytes]) -> str:
    ids = job.order["plans"]
    found = {
        str(plan.pk): plan
        for plan in with_facts(LessonPlan.objects.filter(pk__in=ids)).with_rights(job.owner)
    }
    plans = [found[pk] for pk in ids if pk in found]
    rows = {row.id: row for row in rows_of(job.owner, plans)}
    watch, wanted, lines = _progress(job), _wanted(job), []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:  # a docx is packed already
        for number, plan in enumerate(plans, start=1):
            with suppress(PlanNotFound):  # not even its title is told
                lines.append(_packed(job.owner, plan, wanted, archive, rows[plan.pk], number))
            watch(number * 95 // len(plans))
        missing = len(ids) - len(lines)
        page = render_to_string(
            "lessons/word/parcel.html", {"lines": lines, "missing": missing, "now": timezone.now()}
        )
        archive.writestr("index.html", page)
    return f"{exporting.tidy(job.name)}.zip"


def _packed(
    owner: User, plan: LessonPlan, wanted: Wanted, archive: zipfile.ZipFile, row: PlanRow, number: int
) -> Packed:
    """One that cannot come along is named in the index, with the reason; the others do not wait for it."""
    try:
        exporting.require_export(owner, plan, wanted)
        content = exporting.written(owner, plan, None, wanted)
    except Unfillable as refused:
        return Packed(row, reason=refused.message.said(_))
    except Denied as refused:
        return Packed(row, reason=str(refused.reason))
    name = f"{number:03}-{exporting.file_name(plan, None, 'docx')}"
    archive.writestr(name, content)
    exporting.remember(owner, plan, "zip", None, wanted)
    return Packed(row, file=name)


def _wanted(job: PaperJob) -> Wanted:
    chosen = job.order["template"]
    template = WordTemplate.objects.select_related("file__blob").filter(pk=chosen).first() if chosen else None
    return Wanted(template, bool(job.order["notes_column"]), job.order["side"])


def sweep() -> None:
    """Carry on what died with its process, a few times; take away what was there to fetch long enough."""
    now = timezone.now()
    for job in PaperJob.objects.filter(state__in=PaperJob.UNFINISHED, touched_at__lte=now - ABANDONED):
        if job.tries >= TRIES:
            PaperJob.objects.filter(pk=job.pk, state__in=PaperJob.UNFINISHED).update(
                state=State.FAILED, reason=_("做到一半服务器停了。请再导一次。"), touched_at=now
            )
        else:
            PaperJob.objects.filter(pk=job.pk).update(
                state=State.WAITING, touched_at=now, tries=F("tries") + 1
            )
            make_paper(str(job.pk))
    for job in PaperJob.objects.filter(state=State.DONE, touched_at__lte=now - KEPT):
        take_away(job)


# ---- progress -------------------------------------------------------------------------------------------


def _progress(job: PaperJob) -> Callable[[int], None]:
    def watch(percent: int) -> None:
        cache.set(_key(job.pk), percent, 3600)
        PaperJob.objects.filter(pk=job.pk).update(touched_at=timezone.now())

    return watch


def percent_of(job_id: UUID) -> int:
    return int(cache.get(_key(job_id)) or 0)


def _key(job_id: UUID) -> str:
    return f"paper-job:{job_id}"
