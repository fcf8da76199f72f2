"""A shared plan: what was sent to it, and who works with it; what waits for someone on 今日."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.activities.models import ActivityMember
from lessons.lineage import drawing, sending
from lessons.lineage.connection import newest_version, text_of
from lessons.lineage.explaining import changes_in
from lessons.lineage.models import Contribution, Fork
from lessons.lineage.parts import Parts, parts_of
from lessons.lineage.policies import may_answer
from lessons.lineage.queries.common import beside, title_of, versions_of
from lessons.lineage.rendering import Renderer, own_text
from lessons.models import LessonPlan
from lessons.versions import label
from teaching_centres.queries import PersonCard, person_cards, side_of

ANSWERED_SHOWN = 20


@dataclass(frozen=True)
class OfferedCard:
    id: int
    title: str
    author: PersonCard
    remark: str
    at: datetime
    present: SafeString
    text: SafeString
    new: bool
    shown: str
    touched: bool
    """Has the shared plan changed since the author's text left it?"""
    may_merge: bool


@dataclass(frozen=True)
class AnsweredCard:
    title: str
    author: PersonCard
    label: str
    state: str
    answer: str
    at: datetime | None


@dataclass(frozen=True)
class ChangeRow:
    key: str
    title: str
    note: str


@dataclass(frozen=True)
class Changes:
    """What the newest version changed, and why, for the lead preparer to write."""

    version_id: int
    label: str
    rows: list[ChangeRow]


@dataclass(frozen=True)
class Side:
    side: str
    name: str
    made: int
    received: int

    @property
    def marks(self) -> list[bool]:
        """One mark a person, full for an own version."""
        return [number < self.made for number in range(min(self.received, 60))]


@dataclass(frozen=True)
class Users:
    """Who works with the shared plan: how many made an own version, of how many who received it."""

    rows: list[Side]

    @property
    def made(self) -> int:
        return sum(row.made for row in self.rows)

    @property
    def received(self) -> int:
        return sum(row.received for row in self.rows)


@dataclass(frozen=True)
class SharedPlan:
    may_answer: bool
    waiting: list[OfferedCard]
    answered: list[AnsweredCard]
    changes: Changes | None
    users: Users | None
    """For the lead preparer."""
    line: drawing.Line | None


def shared_plan_page(user: User, plan: LessonPlan) -> SharedPlan | None:
    """None for a plan that nobody made an own version of."""
    if not Fork.objects.filter(upstream=plan).exists():
        return None
    answers = may_answer(user, plan)
    rows = list(plan.contributions.exclude(state=Contribution.State.WITHDRAWN).order_by("-pk")[:100])
    people = person_cards({row.author_id for row in rows})
    waiting = [row for row in rows if row.state == Contribution.State.WAITING] if answers else []
    parts = parts_of(text_of(plan)) if waiting else {}
    done = [row for row in rows if row.state != Contribution.State.WAITING]
    if not answers:
        done = [row for row in done if row.state == Contribution.State.ACCEPTED]
    versions = versions_of(plan)
    told = _("共案有%(first)s到%(last)s") % {"first": versions[0].label, "last": versions[-1].label}
    return SharedPlan(
        may_answer=answers,
        waiting=[_offered(row, parts, people[row.author_id]) for row in reversed(waiting)],
        answered=[_answered(row, people[row.author_id]) for row in done[:ANSWERED_SHOWN]],
        changes=_changes(plan) if answers else None,
        users=users_of(plan) if answers else None,
        line=drawing.of_shared_plan(versions, told),
    )


def _changes(plan: LessonPlan) -> Changes | None:
    version = newest_version(plan)
    found = changes_in(version) if version else []
    if version is None or not found:
        return None
    notes = dict(version.change_notes.values_list("part", "text"))
    rows = [ChangeRow(offer.key, title_of(offer), notes.get(offer.key, "")) for offer in found]
    return Changes(version.pk, label(version), rows)


def _offered(row: Contribution, parts: Parts, author: PersonCard) -> OfferedCard:
    offer = sending.offer_of(row, parts)
    assert offer.theirs
    present, text = beside(offer, own_text(), Renderer())
    return OfferedCard(
        id=row.pk,
        title=row.title,
        author=author,
        remark=row.remark,
        at=row.sent_at,
        present=present,
        text=text,
        new=offer.mine is None,
        shown=offer.shown,
        touched=offer.mine is not None and offer.touched,
        may_merge=offer.may_merge,
    )


def _answered(row: Contribution, author: PersonCard) -> AnsweredCard:
    return AnsweredCard(row.title, author, row.get_state_display(), row.state, row.answer, row.answered_at)


def users_of(plan: LessonPlan) -> Users:
    forks = LessonPlan.objects.filter(fork__upstream=plan).exclude(state=LessonPlan.State.DELETED)
    rows = list(forks.select_related("school").only("owner_id", "school"))
    made: Counter[str] = Counter(side_of(row.school) or "town" for row in rows)
    members = ActivityMember.objects.filter(activity__plan=plan, state=ActivityMember.State.RECEIVED)
    received = set(members.values_list("user_id", flat=True)) - {row.owner_id for row in rows}
    more: Counter[str] = Counter(card.side or "town" for card in person_cards(received).values())
    sides = (("town", _("城镇")), ("village", _("乡村")))
    return Users([Side(side, name, made[side], made[side] + more[side]) for side, name in sides])


@dataclass(frozen=True)
class ToDo:
    plan_id: UUID
    title: str
    offers: int
    contributions: int


def to_do(user: User) -> list[ToDo]:
    """Own versions with offers to decide on, shared plans with contributions to answer: one query."""
    waiting = Count("contributions", filter=Q(contributions__state=Contribution.State.WAITING))
    plans = LessonPlan.objects.filter(owner=user, state=LessonPlan.State.ACTIVE)
    rows = plans.annotate(sent=waiting).filter(Q(fork__waiting__gt=0) | Q(sent__gt=0))
    found = rows.order_by("-edited_at").values_list("pk", "title", "fork__waiting", "sent")[:5]
    return [ToDo(pk, title, offers or 0, sent) for pk, title, offers, sent in found]
