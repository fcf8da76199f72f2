"""Who is told of what, one line for a plan: news of the shared plan, and what was sent to it."""

import logging

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.notices.models import Notice
from foundation.notices.operations import notify
from lessons import tasks
from lessons.lineage.connection import connect, text_of, waiting_of
from lessons.lineage.models import Contribution, Fork
from lessons.models import LessonPlan, PlanVersion
from lessons.policies import rights
from lessons.versions import label

logger = logging.getLogger(__name__)


def version_named(version: PlanVersion) -> None:
    """Registered with `lessons.versions`. Whoever has an own version is told by a job: there may be hundreds."""
    if Fork.objects.filter(upstream=version.plan_id).exists():
        transaction.on_commit(lambda: tasks.tell_own_versions(version.pk), robust=True)


def tell_own_versions(version: PlanVersion) -> None:
    """Count what the version offers each own version, and tell its owner if there is anything."""
    forks = Fork.objects.filter(upstream=version.plan_id, plan__state=LessonPlan.State.ACTIVE)
    for pk in list(forks.values_list("pk", flat=True)):
        try:
            _tell_owner(pk, version)
        except Exception:  # one broken document must not keep the others from being told
            logger.exception("own version %s was not told of a new version", pk)


@transaction.atomic
def _tell_owner(fork_id: int, version: PlanVersion) -> None:
    Fork.objects.select_for_update().get(pk=fork_id)  # who decides meanwhile counts after us
    related = ("plan__owner", "upstream__region", "version")
    fork = Fork.objects.select_related(*related).get(pk=fork_id)
    owner = fork.plan.owner
    if not owner.is_active or not rights(owner, fork.upstream).read:
        return
    waiting = waiting_of(connect(fork, version).offers(text_of(fork.plan)))
    Fork.objects.filter(pk=fork.pk).update(waiting=waiting)
    path = reverse("plan-lineage", args=[fork.plan_id])
    text = _("共案《%(title)s》定了%(version)s，有 %(count)s 处改动等你决定") % {
        "title": version.plan.title,
        "version": label(version),
        "count": waiting,
    }
    _one_line(owner.pk, "lineage.news", text if waiting else "", path)


def recount(plan: LessonPlan, waiting: int) -> None:
    """What the owner has just seen: own writing can settle an offer, too."""
    Fork.objects.filter(plan=plan).exclude(waiting=waiting).update(waiting=waiting)


def tell_lead_preparer(plan: LessonPlan) -> None:
    """How many contributions wait for an answer, in one line."""
    waiting = Contribution.objects.filter(plan=plan, state=Contribution.State.WAITING).count()
    path = reverse("plan-lineage", args=[plan.pk])
    text = _("你的共案《%(title)s》有 %(count)s 处改法等你看") % {"title": plan.title, "count": waiting}
    _one_line(plan.owner_id, "lineage.offered", text if waiting else "", path)


def _one_line(recipient: int, kind: str, text: str, path: str) -> None:
    """In place of what was said before and not read yet."""
    unread = Notice.objects.filter(recipient_id=recipient, kind=kind, path=path, read_at=None)
    unread.exclude(text=text).update(read_at=timezone.now())
    if text:
        notify(recipients=[recipient], kind=kind, text=text, path=path)
