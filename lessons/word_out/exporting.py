"""One plan as a Word document: who may have it, what stands in it, what is remembered of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.files.access import may_fetch
from foundation.files.models import StoredFile
from foundation.ledger import events
from foundation.ledger.operations import record
from foundation.office.docx import writing
from foundation.office.docx.filling import fill
from foundation.office.docx.writing.look import Pictures
from lessons import policies, versions
from lessons.document import Node, attribute, read_state, walk
from lessons.errors import NotPossible
from lessons.models import LessonPlan, PlanVersion, WordTemplate
from lessons.queries import unit_line
from lessons.word_out import form, placeholders
from lessons.word_out.placeholders import Facts
from lessons.word_out.templates import bytes_of, require_use
from realtime import rooms
from teaching_centres.queries import place_of

NOT_IN_A_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
LONGEST_NAME = 80


@dataclass(frozen=True)
class Exported:
    name: str
    content: bytes


@dataclass(frozen=True)
class Wanted:
    """How a plan is to come out. Without a template: by the standard form."""

    template: WordTemplate | None = None
    notes_column: bool = True
    side: str = ""
    """town or village: only that side's variants."""


STANDARD = Wanted()


def export_plan(
    *, actor: User, plan: LessonPlan, version: PlanVersion | None = None, wanted: Wanted = STANDARD
) -> Exported:
    """The plan as it is stored now, or as it was in a version. Raises Unfillable."""
    require_export(actor, plan, wanted)
    content = written(actor, plan, version, wanted)
    remember(actor, plan, "docx", version, wanted)
    return Exported(file_name(plan, version, "docx"), content)


def require_export(actor: User, plan: LessonPlan, wanted: Wanted = STANDARD) -> None:
    rights = policies.require_read(actor, plan)
    if rights.reason == "deleted":
        raise NotPossible(_("这份教案已删除。先恢复，再导出。"))
    if wanted.template is not None:
        require_use(actor, wanted.template)


@transaction.atomic
def remember(
    actor: User, plan: LessonPlan, ending: str, version: PlanVersion | None, wanted: Wanted = STANDARD
) -> None:
    record(
        events.PlanExported(
            subject_id=plan.pk,
            subject_label=plan.title,
            form=ending,
            version_id=version.pk if version else None,
            template_id=wanted.template.pk if wanted.template else None,
        ),
        actor=actor,
        place=place_of(actor),
    )


def written(actor: User, plan: LessonPlan, version: PlanVersion | None, wanted: Wanted) -> bytes:
    content = form.one_side(content_of(plan, version), wanted.side)
    facts = facts_of(plan, version)
    pictures = pictures_for(actor, plan, [content])
    look = form.look_of(
        title=plan.title,
        author=plan.owner.name,
        foot=" · ".join(filter(None, (facts.school, facts.owner, facts.version or facts.day))),
        notes_column=wanted.notes_column,
    )
    if wanted.template is None:
        return writing.write(form.plan_blocks(content, facts.head()), look=look, pictures=pictures)
    values = placeholders.values(content, facts, wanted.template.asks_for)
    return fill(bytes_of(wanted.template), values, look=look, pictures=pictures)


def content_of(plan: LessonPlan, version: PlanVersion | None) -> Node:
    return read_state(bytes(version.state) if version else rooms.state(plan.document).state)


def facts_of(plan: LessonPlan, version: PlanVersion | None = None) -> Facts:
    book = plan.textbook
    return Facts(
        subject=str(book.subject) if book else "",
        grade=book.book.removesuffix(str(book.get_volume_display())) if book else "",
        volume=str(book.get_volume_display()) if book else "",
        edition=book.edition if book else "",
        unit=unit_line(plan),
        school=str(plan.school or plan.region),
        county=str(plan.region),
        owner=plan.owner.name,
        version=versions.label(version) if version else "",
        day=date_format(timezone.localdate(), "Y-m-d"),
    )


def file_name(plan: LessonPlan, version: PlanVersion | None, ending: str) -> str:
    words = plan.title or _("教案")
    if version is not None:
        words += " " + versions.label(version)
    return f"{tidy(words)}.{ending}"


def tidy(words: str) -> str:
    """A name that every system can keep."""
    return NOT_IN_A_NAME.sub(" ", words)[:LONGEST_NAME].strip(" .") or _("教案")


# ---- pictures -------------------------------------------------------------------------------------------


def pictures_for(actor: User, plan: LessonPlan, contents: Iterable[Node]) -> Pictures:
    """The bytes of the plan's pictures: those that this person may see, as on the page."""
    named = {
        str(attribute(node, "file")) for each in contents for node in walk(each) if node["type"] == "image"
    }
    files = StoredFile.objects.filter(pk__in=[name for name in named if _is_uuid(name)]).select_related(
        "blob"
    )
    known = {str(file.pk): file for file in files if _is_of(file, plan) or may_fetch(actor, file)}

    def bytes_of(name: str) -> bytes | None:
        file = known.get(name)
        if file is None or not file.blob.media_type.startswith("image/"):
            return None
        try:
            with default_storage.open(file.blob.storage_name) as stream:
                return stream.read()
        except FileNotFoundError:
            return None

    return bytes_of


def _is_of(file: StoredFile, plan: LessonPlan) -> bool:
    return file.subject_kind == "lesson-plan" and file.subject_id == plan.pk


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
