"""What a person does with Word files: hand them in, make plans of them, drop them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.catalogue.models import Textbook, Unit
from foundation.files.operations import store
from foundation.ledger import events
from foundation.ledger.operations import record
from foundation.office.docx.guarded import pictures_guarded
from lessons import operations, policies
from lessons.content import random_id
from lessons.document import Node
from lessons.errors import NotPossible
from lessons.models import LessonPlan, PlanTemplate, WordImport
from lessons.queries import unit_title
from lessons.word_in.jobs import enqueue, picture_parts, without_pictures
from lessons.word_in.recognising import plan_of, recognise
from teaching_centres.queries import place_of

State = WordImport.State
MAX_FILES = 20


@dataclass(frozen=True)
class Given:
    name: str
    content: bytes


@dataclass(frozen=True)
class Wanted:
    """A file of which a plan is to be made, and what it is to be called."""

    import_id: UUID
    title: str


def imports_of(actor: User) -> QuerySet[WordImport]:
    """One's own alone: what is in a file is nobody else's matter until it is a plan."""
    return WordImport.objects.filter(actor=actor)


@transaction.atomic
def begin(*, actor: User, files: Sequence[Given]) -> UUID:
    """Keep the files and let a job read each. Returns the batch."""
    policies.require_create(actor)
    batch = uuid4()
    for position, file in enumerate(files[:MAX_FILES]):
        enqueue(
            WordImport.objects.create(
                batch=batch,
                position=position,
                actor=actor,
                file_name=file.name[-200:],
                content=file.content,
            )
        )
    return batch


def make_plans(
    *,
    actor: User,
    wanted: Sequence[Wanted],
    template: PlanTemplate,
    textbook: Textbook | None = None,
    unit: Unit | None = None,
) -> list[LessonPlan]:
    """A plan of each file, or of none."""
    policies.require_create(actor)
    pictures = {each.import_id: _pictures(_own(actor, each.import_id)) for each in wanted}
    with transaction.atomic():
        return [
            _make_plan(actor, each, pictures[each.import_id], template=template, textbook=textbook, unit=unit)
            for each in wanted
        ]


def _own(actor: User, import_id: UUID) -> WordImport:
    found = imports_of(actor).filter(pk=import_id).first()
    if found is None:
        raise NotPossible(_("这个文件已经不在了。请重新选一次。"))
    if found.state != State.READY:
        raise NotPossible(
            _("“%(name)s”现在不能建成教案：%(state)s。")
            % {"name": found.file_name, "state": found.get_state_display()}
        )
    return found


def _pictures(found: WordImport) -> dict[str, bytes]:
    """Outside the transaction: it takes a while, and writes nothing."""
    return pictures_guarded(bytes(found.content or b""), picture_parts(found.document or {"type": "doc"}))


def _make_plan(
    actor: User,
    wanted: Wanted,
    pictures: dict[str, bytes],
    *,
    template: PlanTemplate,
    textbook: Textbook | None,
    unit: Unit | None,
) -> LessonPlan:
    imports_of(actor).select_for_update().filter(pk=wanted.import_id).first()
    found = _own(actor, wanted.import_id)
    plan_id = uuid4()
    files = _store(actor, plan_id, pictures)
    document = _with_files(found.document, {part: str(file_id) for part, (file_id, _size) in files.items()})
    content = plan_of(
        recognise(document),
        template.body,
        title=wanted.title,
        header={"lead_preparer": actor.name},
        new_id=random_id,
        known=_known_of(textbook, unit),
    )
    plan = operations.create_plan_with(
        actor=actor,
        template=template,
        title=wanted.title,
        textbook=textbook,
        unit=unit,
        content=content,
        plan_id=plan_id,
    )
    _record(actor, plan, files, len(found.left_out))
    found.state, found.plan, found.touched_at = State.DONE, plan, timezone.now()
    found.content = found.document = None
    found.save(update_fields=["state", "plan", "touched_at", "content", "document"])
    return plan


def _known_of(textbook: Textbook | None, unit: Unit | None) -> frozenset[str]:
    """What the page says of the book and the unit by itself."""
    if textbook is None:
        return frozenset()
    volume = str(textbook.get_volume_display())
    grade = textbook.book.removesuffix(volume)
    line = unit_title(unit) if unit else ""
    return frozenset({str(textbook.subject), textbook.book, grade, volume, textbook.edition, line} - {""})


def _store(actor: User, plan_id: UUID, pictures: dict[str, bytes]) -> dict[str, tuple[UUID, int]]:
    files = {}
    for part, content in pictures.items():
        upload = SimpleUploadedFile(part.rpartition("/")[2], content)
        file = store(upload=upload, subject_kind="lesson-plan", subject_id=plan_id, actor=actor)
        files[part] = file.pk, file.blob.size
    return files


def _with_files(document: Node | None, files: dict[str, str]) -> Node:
    """Pictures name their stored files."""
    assert document is not None
    gone = picture_parts(document) - files.keys()
    return _named(without_pictures(document, gone) if gone else document, files)


def _named(node: Node, files: dict[str, str]) -> Node:
    if node["type"] == "image":
        return {**node, "attrs": {**node["attrs"], "file": files[node["attrs"]["file"]]}}
    if "content" not in node:
        return node
    return {**node, "content": [_named(child, files) for child in node["content"]]}


def _record(actor: User, plan: LessonPlan, files: dict[str, tuple[UUID, int]], left_out: int) -> None:
    place = place_of(actor)
    for file_id, size in files.values():
        added = events.ImageAdded(subject_id=plan.pk, subject_label=plan.title, file_id=file_id, size=size)
        record(added, actor=actor, place=place)
    imported = events.PlanImported(
        subject_id=plan.pk, subject_label=plan.title, pictures=len(files), left_out=left_out
    )
    record(imported, actor=actor, place=place)


@transaction.atomic
def drop(*, actor: User, batch: UUID) -> None:
    """What was not made into a plan is deleted at once."""
    imports_of(actor).filter(batch=batch).exclude(state=State.DONE).update(
        state=State.DROPPED,
        content=None,
        document=None,
        left_out=[],
        file_name="",
        touched_at=timezone.now(),
    )
