"""What the pages of own versions and of shared plans share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.lineage import drawing
from lessons.lineage.connection import newest_version
from lessons.lineage.offers import Offer
from lessons.lineage.operations import own_version
from lessons.lineage.rendering import Renderer
from lessons.models import LessonPlan, PlanVersion
from lessons.policies import may_create
from lessons.versions import label
from teaching_centres.queries import PersonCard, person_cards


@dataclass(frozen=True)
class Begin:
    """How the reader gets an own version of a plan: the one they have, or a version to make it from."""

    own_id: UUID | None
    version_id: int
    label: str


def begin(user: User, plan: LessonPlan) -> Begin | None:
    version = newest_version(plan)
    if version is None or not may_create(user) or plan.state != LessonPlan.State.ACTIVE:
        return None
    mine = own_version(user, plan)
    return Begin(mine.pk if mine else None, version.pk, label(version))


def said_by(person: PersonCard) -> str:
    """李老师（青山小学）"""
    return f"{person.name}（{person.unit_name}）" if person.unit_name else person.name


def title_of(offer: Offer) -> str:
    if offer.part.kind == "order":
        return _("%(title)s · 环节的次序") % {"title": offer.title} if offer.title else _("各部分的次序")
    return _("基本信息 · %(title)s") % {"title": offer.title} if offer.part.kind == "field" else offer.title


def beside(offer: Offer, mine: Renderer, theirs: Renderer) -> tuple[SafeString, SafeString]:
    """Both texts, without what reads the same in both. What is new is shown whole."""
    assert offer.theirs
    if offer.mine is None:
        return mine.part(None), theirs.part(offer.theirs.whole)
    base, own, other = offer.memory.base, offer.mine.node, offer.theirs.node
    return mine.part(own, base, other), theirs.part(other, base, own)


def versions_of(plan: LessonPlan) -> list[drawing.Version]:
    rows = list(PlanVersion.objects.filter(plan=plan, number__isnull=False).defer("state").order_by("number"))
    people = person_cards({row.created_by_id for row in rows if row.created_by_id})
    return [
        drawing.Version(
            row.pk,
            label(row),
            " ".join(
                filter(
                    None,
                    [day(row.created_at), people[row.created_by_id].name if row.created_by_id else ""],
                )
            ),
        )
        for row in rows
    ]


def day(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return _("%(month)s月%(day)s日") % {"month": local.month, "day": local.day}
