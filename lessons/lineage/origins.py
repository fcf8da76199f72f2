"""Where the text of a part came from, as small lines beside it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.document import read_state
from lessons.lineage.connection import text_of
from lessons.lineage.models import Contribution, Fork
from lessons.lineage.parts import Parts, hash_of, parts_of
from lessons.lineage.pictures import taken_over
from lessons.lineage.queries import said_by
from lessons.models import LessonPlan
from lessons.policies import rights
from lessons.versions import label
from teaching_centres.queries import person_cards

Origins = dict[str, list[str]]


def has_lineage(plan: LessonPlan) -> bool:
    return Fork.objects.filter(Q(plan=plan) | Q(upstream=plan)).exists()


def of(user: User, plan: LessonPlan) -> Origins:
    """By the id of the section. Who offered something to the shared plan is told to those who may read that one."""
    found: Origins = defaultdict(list)
    fork = Fork.objects.select_related("upstream__region", "version").filter(plan=plan).first()
    parts = parts_of(text_of(plan))
    since: dict[str, datetime] = {}
    plans = [plan.pk]
    if fork is not None:
        since = _from_the_shared_plan(found, fork, parts)
        if rights(user, fork.upstream).read:
            plans.append(fork.upstream_id)
    _contributions(found, plan, plans, parts, since)
    return dict(found)


def _from_the_shared_plan(found: Origins, fork: Fork, parts: Parts) -> dict[str, datetime]:
    """来自共案第3版. Returns from when the text of each part is."""
    origin = parts_of(taken_over(read_state(bytes(fork.version.state)), fork.plan_id))
    blocks = {
        block.part: block for block in fork.blocks.select_related("base_version").defer("base_version__state")
    }
    since = {}
    for key, part in parts.items():
        if part.kind not in ("section", "row", "block"):
            continue
        block = blocks.get(key)
        base = block.base if block else origin[key].node if key in origin else None
        if base is None:
            continue
        version = block.base_version if block else fork.version
        name = label(version) if version else ""
        changed = part.hash != hash_of(base)
        words = _("来自共案%(version)s，改过") if changed else _("来自共案%(version)s")
        if part.kind != "row":
            found[key].append(words % {"version": name})
        since[key] = version.created_at if version else timezone.now()
    return since


def _contributions(
    found: Origins, plan: LessonPlan, plans: list[UUID], parts: Parts, since: dict[str, datetime]
) -> None:
    """李老师（青山小学）提的，11月20日采用. In an own version only what its text has in it."""
    taken = Contribution.objects.filter(plan__in=plans, state=Contribution.State.ACCEPTED, part__in=parts)
    rows = list(taken.defer("text").order_by("answered_at", "pk"))
    people = person_cards({row.author_id for row in rows})
    for row in rows:
        at, part = row.answered_at or row.sent_at, parts[row.part]
        if row.plan_id != plan.pk and (row.part not in since or at > since[row.part]):
            continue
        day = timezone.localtime(at)
        line = _("%(who)s提的，%(month)s月%(day)s日采用") % {
            "who": said_by(people[row.author_id]),
            "month": day.month,
            "day": day.day,
        }
        if part.inside:
            line = f"{part.title.split(' · ')[-1]}：{line}"
        found[part.inside or row.part].append(line)
