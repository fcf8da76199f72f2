"""Compares a version that was handed in with earlier plans of the same unit or title, in the background.

Compared with: versions handed in, plans that are open to others, the author's own, and what the plan was made from.
A colleague's draft that was neither handed in nor opened is never looked at.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import close_db, db_periodic_task, db_task, on_startup

from lessons.document import read_state
from lessons.models import LessonPlan, PlanVersion
from lessons.outline import written_lines
from lessons.reviewing import comparing
from lessons.reviewing.comparing import Shared, Text
from lessons.reviewing.models import Likeness, Similarity, Submission, VersionText
from lessons.reviewing.origin import Origin, upstream_of

logger = logging.getLogger(__name__)
State, Source = Similarity.State, Likeness.Source
TOO_SHORT = 200
"""Letters: of less than that a figure would say nothing."""
LOOKED_AT = 2000
"""Earlier versions whose runs of letters are counted, the newest first."""
COMPARED = 20
"""The nearest of them, compared sentence by sentence."""
LEAST_SHARED = 20
PASSAGES_KEPT = 60
ABANDONED = timedelta(minutes=10)


# ---- jobs ------------------------------------------------------------------------------------------------
@db_task()
def compare_in_background(version_id: int) -> None:
    compare_version(version_id)


@db_periodic_task(crontab(minute="*/5"))
def sweep_comparisons() -> None:
    sweep()


@on_startup()
@close_db
def carry_on_comparing_after_a_start() -> None:
    sweep(abandoned=timedelta(0))


def compare_soon(version: PlanVersion) -> None:
    """Once for a version: what was compared is kept."""
    found, created = Similarity.objects.get_or_create(version=version)
    if created or found.state == State.FAILED:
        again(found)


def again(found: Similarity) -> None:
    Similarity.objects.filter(pk=found.pk).update(state=State.WAITING, touched_at=timezone.now())
    transaction.on_commit(partial(compare_in_background, found.version_id))


def sweep(abandoned: timedelta = ABANDONED) -> None:
    """Carry on what died with its process."""
    for found in Similarity.objects.filter(state=State.WAITING, touched_at__lte=timezone.now() - abandoned):
        again(found)


def compare_version(version_id: int) -> None:
    """May run twice: it replaces what it found before."""
    rows = Similarity.objects.filter(version_id=version_id, state=State.WAITING)
    found = rows.select_related("version__plan").first()
    if found is None:
        return
    try:
        _compare(found)
    except Exception:
        logger.exception("version %s could not be compared", version_id)
        rows.update(state=State.FAILED, touched_at=timezone.now())


# ---- comparing -------------------------------------------------------------------------------------------
def _compare(found: Similarity) -> None:
    version = found.version
    here = comparing.text_of(written_in(version))
    if here.length < TOO_SHORT:
        _keep(found, State.SHORT, here, 0, [])
        return
    earlier = list(_earlier(version))
    origin = Origin(version.plan)
    results: list[tuple[PlanVersion, Likeness.Source, Shared]] = []
    for other in _nearest(here, earlier, origin.upstream):
        shared = comparing.compare(here, comparing.text_of(written_in(other)))
        if shared.letters >= LEAST_SHARED:
            results.append((other, origin.source(other), shared))
    _keep(found, State.DONE, here, len(earlier), results)


def _keep(
    found: Similarity,
    state: Similarity.State,
    here: Text,
    compared_with: int,
    results: list[tuple[PlanVersion, Likeness.Source, Shared]],
) -> None:
    known = comparing.together(shared for _other, source, shared in results if source != Source.UNKNOWN)
    unknown = comparing.together(shared for _other, source, shared in results if source == Source.UNKNOWN)
    with transaction.atomic():
        Likeness.objects.filter(similarity=found).delete()
        Likeness.objects.bulk_create(
            Likeness(
                similarity=found,
                version=other,
                source=source,
                characters=shared.letters,
                passages=shared.passages[:PASSAGES_KEPT],
            )
            for other, source, shared in results
        )
        Similarity.objects.filter(pk=found.pk).update(
            state=state,
            touched_at=timezone.now(),
            characters=here.length,
            compared_with=compared_with,
            known=comparing.count(known),
            unknown=comparing.count(unknown, besides=known),
        )


def written_in(version: PlanVersion) -> str:
    kept = VersionText.objects.filter(version=version).first()
    if kept is None:
        lines = (line for line in written_lines(read_state(bytes(version.state))) if line)
        text = "\n".join(lines)
        kept, _created = VersionText.objects.get_or_create(version=version, defaults={"text": text})
    return kept.text


# ---- with what -------------------------------------------------------------------------------------------
def _earlier(version: PlanVersion) -> Iterator[PlanVersion]:
    """Of each plan one version, from before this one."""
    plan = version.plan
    alike = Q(title=plan.title) | Q(unit__isnull=False, unit=plan.unit_id)
    plans = LessonPlan.objects.filter(alike).exclude(pk=plan.pk).exclude(state=LessonPlan.State.DELETED)
    handed_in = Submission.objects.current().filter(
        plan=OuterRef("pk"), version__created_at__lt=version.created_at
    )
    newest = PlanVersion.objects.filter(plan=OuterRef("pk"), created_at__lt=version.created_at)
    opened = plans.filter(
        ~Q(reach=LessonPlan.Reach.OWN) | Q(owner=plan.owner_id) | Q(pk__in=upstream_of(plan))
    )
    ids = {
        *_chosen(opened, newest.order_by("-created_at", "-pk").values("pk")[:1]),
        *_chosen(plans.exclude(pk__in=opened.values("pk")), handed_in.values("version")[:1]),
    }
    rows = PlanVersion.objects.filter(pk__in=ids).select_related("plan").defer("state", "plan__first_content")
    yield from rows.order_by("-created_at")


def _chosen(plans: QuerySet[LessonPlan], version: Any) -> list[int]:
    rows = plans.annotate(chosen=Subquery(version)).filter(chosen__isnull=False)
    return list(rows.order_by("-edited_at").values_list("chosen", flat=True)[:LOOKED_AT])


def _nearest(here: Text, earlier: list[PlanVersion], always: list[UUID]) -> list[PlanVersion]:
    """By runs of letters in common; what the plan is known to come from in any case."""
    counted = [(comparing.nearness(here, comparing.text_of(written_in(other))), other) for other in earlier]
    counted.sort(key=lambda each: -each[0])
    near = [other for shared, other in counted[:COMPARED] if shared]
    return near + [other for _shared, other in counted[COMPARED:] if other.plan_id in always]
