"""An own version beside its shared plan: what is offered, decided and sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.document import Node
from lessons.lineage import deciding, drawing, sending
from lessons.lineage.connection import Connection, connect, here, text_of
from lessons.lineage.models import ChangeNote, Contribution, Decision, Fork
from lessons.lineage.offers import Offer
from lessons.lineage.parts import Part, Parts, hash_of, parts_of
from lessons.lineage.policies import may_decide
from lessons.lineage.queries.common import beside, day, said_by, title_of, versions_of
from lessons.lineage.rendering import Renderer, order, own_text
from lessons.models import LessonPlan
from lessons.policies import rights
from lessons.versions import label
from teaching_centres.queries import PersonCard, person_cards, side_of

DECISIONS_SHOWN = 20
CONTRIBUTIONS_SHOWN = 20


@dataclass(frozen=True)
class OfferCard:
    key: str
    title: str
    change: str
    mine: SafeString
    theirs: SafeString
    why: str
    offered: str
    shown: str
    touched: bool
    gone: bool
    may_merge: bool
    declined_before: bool
    put_off: bool
    number: int = 0


@dataclass(frozen=True)
class DecisionCard:
    id: int
    act: str
    label: str
    title: str
    note: str
    shown: str
    """Of what taking it back would replace."""
    written_since: bool
    may_take_back: bool
    at: datetime


@dataclass(frozen=True)
class SentCard:
    id: int
    title: str
    state: str
    label: str
    note: str
    may_withdraw: bool


@dataclass(frozen=True)
class OwnVersion:
    upstream_id: UUID
    upstream_title: str
    owner: PersonCard
    readable: bool
    """May the reader see what the shared plan says?"""
    may_decide: bool
    follows: str
    origin: str
    version: str
    version_id: int | None
    side: str
    offers: list[OfferCard]
    put_off: list[OfferCard]
    decisions: list[DecisionCard]
    unchanged: int
    sent: list[SentCard]
    line: drawing.Line | None
    counted: int
    """What 今日 says waits."""

    @property
    def waiting(self) -> int:
        return len(self.offers)


def own_version_page(user: User, plan: LessonPlan) -> OwnVersion | None:
    fork = (
        Fork.objects.select_related("upstream__region", "upstream__owner", "version")
        .filter(plan=plan)
        .first()
    )
    if fork is None:
        return None
    fork.plan = plan
    upstream = fork.upstream
    readable = rights(user, upstream).read
    found = Offers.of(fork) if readable else None
    sent = list(fork.contributions.order_by("-pk")[:CONTRIBUTIONS_SHOWN])
    version = found.connection.version if found else fork.version
    decisions = _decisions(fork, found.document) if found else []
    cards = found.cards() if found else []
    waiting = [card for card in cards if not card.put_off]
    return OwnVersion(
        upstream_id=upstream.pk,
        upstream_title=upstream.title,
        owner=person_cards([upstream.owner_id])[upstream.owner_id],
        readable=readable,
        may_decide=may_decide(user, fork),
        follows=fork.follows,
        origin=label(fork.version),
        version=label(version) if version else _("现在的样子"),
        version_id=version.pk if version else None,
        side=side_of(plan.school),
        offers=waiting,
        put_off=[card for card in cards if card.put_off],
        decisions=decisions,
        unchanged=found.unchanged if found else 0,
        sent=[_sent(each, user) for each in sent],
        line=_line(fork, sent, decisions, len(waiting)) if readable else None,
        counted=fork.waiting,
    )


@dataclass(frozen=True)
class Offers:
    connection: Connection
    document: Node
    found: list[Offer]

    @classmethod
    def of(cls, fork: Fork) -> Offers:
        connection, document = connect(fork), text_of(fork.plan)
        return cls(connection, document, connection.offers(document))

    @property
    def unchanged(self) -> int:
        """Sections that nothing is offered for."""
        touched = {offer.part.inside or offer.key for offer in self.found}
        sections = [part for part in self.connection.theirs.values() if part.kind == "section"]
        return sum(1 for part in sections if part.key not in touched)

    def cards(self) -> list[OfferCard]:
        why = _reasons(self.connection, [offer.key for offer in self.found])
        mine = parts_of(self.document)
        numbers = iter(range(1, len(self.found) + 1))
        return [
            self._card(offer, mine, why.get(offer.key, ""), 0 if offer.is_put_off else next(numbers))
            for offer in self.found
        ]

    def _card(self, offer: Offer, mine: Parts, why: str, number: int) -> OfferCard:
        theirs = Renderer(self.connection.pictures)
        if offer.change == "moved":
            left, right = _order_of(offer.mine, mine), _order_of(offer.theirs, self.connection.theirs)
        elif offer.change == "deleted":
            assert offer.mine
            left, right = own_text().part(offer.mine.whole), theirs.part(None)
        else:
            assert offer.theirs
            left, right = beside(offer, own_text(), theirs)
        return OfferCard(
            key=offer.key,
            title=title_of(offer),
            change=offer.change,
            mine=left,
            theirs=right,
            why=why,
            offered=offer.offered,
            shown=offer.shown,
            touched=offer.touched and offer.change != "added",
            gone=offer.gone,
            may_merge=offer.may_merge,
            declined_before=offer.declined_before,
            put_off=offer.is_put_off,
            number=number,
        )


def _order_of(part: Part | None, parts: Parts) -> SafeString:
    return order(parts[key].title.split(" · ")[-1] for key in (part.ids if part else ()) if key in parts)


def _reasons(connection: Connection, keys: list[str]) -> dict[str, str]:
    """Why a part was changed since the own version was made, and whose contribution it was."""
    fork = connection.fork
    notes = ChangeNote.objects.filter(
        version__plan=fork.upstream_id, version__number__gt=fork.version.number or 0, part__in=keys
    )
    if connection.version is not None:
        notes = notes.filter(version__number__lte=connection.version.number or 0)
    taken = Contribution.objects.filter(
        plan=fork.upstream_id, part__in=keys, state=Contribution.State.ACCEPTED
    ).defer("text")
    written, rows = list(notes.order_by("pk")), list(taken.order_by("pk"))
    people = person_cards({row.author_id for row in rows} | {row.written_by_id for row in written})
    credit = {row.part: _by(people[row.author_id], row.remark) for row in rows}
    why = {row.part: _said(people[row.written_by_id], row.text) for row in written}
    return {key: " ".join(filter(None, [why.get(key), credit.get(key)])) for key in keys}


def _said(person: PersonCard, text: str) -> str:
    return _("%(name)s：“%(text)s”") % {"name": person.name, "text": text}


def _by(person: PersonCard, remark: str) -> str:
    who = said_by(person)
    if remark:
        return _("%(who)s提的：“%(remark)s”") % {"who": who, "remark": remark}
    return _("%(who)s提的") % {"who": who}


def _decisions(fork: Fork, document: Node) -> list[DecisionCard]:
    """The newest on each part can be taken back."""
    rows = list(fork.decisions.filter(undone_at=None)[:DECISIONS_SHOWN])
    newest: dict[str, int] = {}
    for row in rows:
        newest.setdefault(row.part, row.pk)
    return [_decision(row, document, newest[row.part] == row.pk) for row in rows]


def _decision(row: Decision, document: Node, newest: bool) -> DecisionCard:
    declined = row.act == Decision.Act.DECLINE
    shown = "" if declined else deciding.replaceable(row, document)
    reason = _("你写的原因：%(reason)s") % {"reason": row.reason} if row.reason else ""
    return DecisionCard(
        id=row.pk,
        act=row.act,
        label=str(Decision.Act(row.act).label),
        title=row.title,
        note=reason,
        shown=shown,
        written_since=not declined and shown != row.result,
        may_take_back=newest,
        at=row.decided_at,
    )


def _sent(row: Contribution, user: User) -> SentCard:
    waiting = row.state == Contribution.State.WAITING
    days = (timezone.now() - row.sent_at).days
    if waiting:
        note = _("主备人还没看，发出 %(days)s 天") % {"days": days} if days else _("今天发出的，主备人还没看")
    else:
        note = row.answer
    return SentCard(
        id=row.pk,
        title=row.title,
        state=row.state,
        label=row.get_state_display(),
        note=note,
        may_withdraw=waiting and row.author_id == user.pk,
    )


# ---- the picture ----------------------------------------------------------------------------------------


def _line(fork: Fork, sent: list[Contribution], decisions: list[DecisionCard], waiting: int) -> drawing.Line:
    versions = versions_of(fork.upstream)
    counts = Counter(row.state for row in sent)
    taken = counts[Contribution.State.ACCEPTED]
    offered = len(sent) - counts[Contribution.State.WITHDRAWN]
    decided = sum(1 for card in decisions if card.act != Decision.Act.DECLINE)
    events = []
    if offered:
        events.append(_("提 %(count)s 处改法") % {"count": offered})
    if decided:
        events.append(_("采用 %(count)s 处") % {"count": decided})
    words = {
        "versions": _("共案有%(first)s到%(last)s") % {"first": versions[0].label, "last": versions[-1].label},
        "begun": _("个案从%(version)s接收") % {"version": label(fork.version)},
        "taken": _("你的 %(count)s 处被采用") % {"count": taken} if taken else "",
        "waiting": _("%(count)s 处等你决定") % {"count": waiting} if waiting else "",
    }
    told = [
        words["versions"],
        words["begun"],
        *events,
        words["taken"],
        words["waiting"] or _("没有等你决定的改动"),
    ]
    return drawing.of_own_version(
        versions,
        fork.version_id,
        begun=_("接收 %(at)s") % {"at": day(fork.made_at)},
        events=events,
        now=_("现在"),
        taken=words["taken"],
        waiting=words["waiting"],
        told="；".join(filter(None, told)),
    )


# ---- what can be sent back ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sendable:
    key: str
    title: str
    new: bool
    waiting: bool
    text: SafeString


def sendable(fork: Fork) -> list[Sendable]:
    """The parts that the owner wrote or changed, where the shared plan reads otherwise now."""
    theirs, own = here(text_of(fork.upstream), fork), parts_of(text_of(fork.plan))
    connection = connect(fork)
    sent = fork.contributions.filter(state=Contribution.State.WAITING)
    waiting = set(sent.values_list("part", flat=True))
    found = []
    for key, part in own.items():
        there = theirs.get(key)
        if part.kind not in sending.SENDABLE or (there and there.hash == part.hash):
            continue
        if there is None and part.inside and part.container not in theirs:
            continue
        base = connection.memories[key].base
        if hash_of(base) == part.hash:
            continue
        text = Renderer(written="ins.own").part(part.node, base)
        found.append(Sendable(key, part.title, there is None, key in waiting, text))
    return found
