"""Versions of a plan: named ones, automatic ones, and going back to one. The writers of PlanVersion."""

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from pycrdt import Doc

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.operations import record
from foundation.notices.operations import notify
from lessons import policies
from lessons.document import normal, open_state, read, read_state, reconcile
from lessons.document.anchors import copy_marks
from lessons.models import LessonPlan, PlanInvitation, PlanVersion
from lessons.outline import count_characters
from lessons.queries import next_version_number
from realtime import rooms
from realtime.models import DocumentUpdate
from teaching_centres.queries import place_of

after_naming: list[Callable[[PlanVersion], None]] = []
"""Called in the transaction in which a version was named; filled from `AppConfig.ready`."""


@transaction.atomic
def name_version(*, actor: User, plan: LessonPlan, name: str = "") -> PlanVersion:
    """Freeze what is stored now as 第 n 版. An automatic version that holds the same becomes it."""
    policies.require_write(actor, plan)
    _one_at_a_time(plan.pk)
    now = rooms.state(plan.document)
    last = _latest(plan)
    if last is not None and last.number is None and not _has_changed(plan, now.state, now.through_id):
        version = last
    else:
        version = _keep(plan, now.state, now.through_id, editor_ids=set())
    version.number = next_version_number(plan)
    version.name = name.strip()[:80]
    version.created_by = actor
    version.created_at = timezone.now()
    version.save(update_fields=["number", "name", "created_by", "created_at"])
    record(
        events.VersionNamed(
            subject_id=plan.pk, subject_label=plan.title, version_id=version.pk, number=version.number
        ),
        actor=actor,
        place=place_of(actor),
    )
    for told in after_naming:
        told(version)
    return version


@transaction.atomic
def present_version(*, actor: User, plan: LessonPlan, name: str) -> PlanVersion:
    """The newest version if it has a number and reads as the plan does now, else a new one of that name."""
    policies.require_write(actor, plan)
    now, last = rooms.state(plan.document), _latest(plan)
    if last is not None and last.number is not None and not _has_changed(plan, now.state, now.through_id):
        return last
    return name_version(actor=actor, plan=plan, name=name)


@transaction.atomic
def keep_automatic_version(
    *, plan_id: UUID, state: bytes, editor_ids: Iterable[int], through_id: int
) -> PlanVersion | None:
    """A stretch of work ended. Nothing is kept when nothing changed since the last version."""
    plan = _one_at_a_time(plan_id)
    if plan is None or not _has_changed(plan, state, through_id):
        return None
    editors = list(User.objects.filter(pk__in=set(editor_ids)))
    version = _keep(plan, state, through_id, editor_ids={editor.pk for editor in editors})
    for editor in editors:
        record(
            events.PlanEdited(subject_id=plan.pk, subject_label=plan.title, version_id=version.pk),
            actor=editor,
            place=place_of(editor),
            key=f"{version.pk}:{editor.pk}",
        )
    return version


@transaction.atomic
def restore_version(*, actor: User, plan: LessonPlan, version: PlanVersion) -> None:
    """Make the plan read as it did then, as a new change that everyone sees live. What is there now is
    kept as an automatic version first, so that nothing is lost."""
    policies.require_write(actor, plan)
    now = rooms.state(plan.document)
    keep_automatic_version(plan_id=plan.pk, state=now.state, editor_ids=(), through_id=now.through_id)
    then = open_state(bytes(version.state))
    target = read(then)

    def change(doc: Doc) -> None:
        reconcile(doc, target)
        copy_marks(then, doc)

    rooms.change(plan.document, change, actor_id=actor.pk)
    record(
        events.VersionRestored(subject_id=plan.pk, subject_label=plan.title, version_id=version.pk),
        actor=actor,
        place=place_of(actor),
    )
    notify(
        recipients=_writers(plan) - {actor.pk},
        kind="plan.restored",
        text=_("%(name)s把教案《%(title)s》恢复到%(version)s")
        % {"name": actor.name, "title": plan.title, "version": label(version)},
        path=reverse("plan-versions", args=[plan.pk]),
    )


def label(version: PlanVersion) -> str:
    if version.number is None:
        return _("自动保存的一版")
    return _("第%(number)s版") % {"number": version.number} + (f" {version.name}" if version.name else "")


def _one_at_a_time(plan_id: UUID) -> LessonPlan | None:
    """Two processes end the same stretch of work, somebody names it meanwhile: the next sees what the last kept."""
    return LessonPlan.objects.select_for_update().filter(pk=plan_id).first()


def _keep(plan: LessonPlan, state: bytes, through_id: int, *, editor_ids: set[int]) -> PlanVersion:
    last = _latest(plan)
    version = PlanVersion.objects.create(
        plan=plan,
        state=state,
        through_id=through_id,
        characters=count_characters(read_state(state)),
    )
    since = last.through_id if last else 0
    version.editors.set(editor_ids | _editors_between(plan, since, through_id))
    return version


def _latest(plan: LessonPlan) -> PlanVersion | None:
    return PlanVersion.objects.filter(plan=plan).order_by("-through_id", "-id").first()


def _has_changed(plan: LessonPlan, state: bytes, through_id: int) -> bool:
    last = _latest(plan)
    if last is not None and last.through_id >= through_id:
        return False
    before = read_state(bytes(last.state)) if last else normal(plan.first_content)
    return before != read_state(state)


def _editors_between(plan: LessonPlan, after_id: int, through_id: int) -> set[int]:
    rows = DocumentUpdate.objects.filter(document=plan.document, id__gt=after_id, id__lte=through_id)
    ids = set(rows.exclude(user_id=None).values_list("user_id", flat=True).distinct())
    return set(User.objects.filter(pk__in=ids).values_list("pk", flat=True))


def _writers(plan: LessonPlan) -> set[int]:
    invited = PlanInvitation.objects.filter(
        plan=plan, access=PlanInvitation.Access.WRITE, user__is_active=True
    )
    return {plan.owner_id, *invited.values_list("user_id", flat=True)}
