"""Deciding on what the shared plan offers. Nothing changes the own text but the owner's click on what was shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pycrdt import Doc

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.operations import record
from lessons import versions
from lessons.document import Node, read, reconcile
from lessons.errors import NotPossible
from lessons.lineage import pictures
from lessons.lineage.connection import Connection, connect, memory_of, text_of, waiting_of
from lessons.lineage.models import Decision, Fork, ForkBlock
from lessons.lineage.offers import (
    Memory,
    Offer,
    accepted,
    after_accepting,
    after_declining,
    after_putting_off,
    may_put_back,
    merged_into,
    put_back,
)
from lessons.lineage.parts import NOTHING, Part, hash_of, parts_of
from lessons.lineage.policies import require_decide
from lessons.models import LessonPlan
from realtime import rooms
from teaching_centres.queries import place_of


class ChangedMeanwhile(NotPossible):
    """What was shown is no longer what is there."""


Shown = tuple[str, str]
"""Key of the part, hash of what was offered."""


@transaction.atomic
def accept(
    *, actor: User, plan: LessonPlan, part: str, offered: str, shown: str, merge: bool = False
) -> Decision:
    """Put the offered text in the place of the own one, or beside it. `shown`: the hash of the own text that the owner
    had before their eyes; where it reads otherwise by now, nothing is done."""
    fork = _own(actor, plan)
    connection = connect(fork)
    seen: list[tuple[Offer, Node]] = []

    def change(doc: Doc) -> None:
        document = read(doc)
        offer = _the_one_shown(connection, document, part, offered)
        if offer.shown != shown:
            raise ChangedMeanwhile(_("你的这一处刚才又改过。下面是现在的样子，请看过再决定。"))
        if merge and not offer.may_merge:
            raise NotPossible(_("这一处不能合着改。"))
        reconcile(doc, merged_into(document, offer) if merge else accepted(document, offer))
        seen.append((offer, read(doc)))

    rooms.change(plan.document, change, actor_id=actor.pk)
    [(offer, document)] = seen
    if offer.theirs is not None:
        files = {connection.pictures[file] for file in pictures.files_in(offer.theirs.whole)}
        pictures.take_over(files=files, plan=plan, actor=actor)
    decision = _decision(connection, offer, Decision.Act.MERGE if merge else Decision.Act.ACCEPT, "")
    decision.result = _replaceable(document, part, offer.mine)
    decision.save()
    for key, memory in after_accepting(connection.memories, offer, document, connection.theirs).items():
        _remember(connection, key, memory, fresh=True)
    _done(actor, connection, document, offer, decision.act)
    return decision


@transaction.atomic
def decline(*, actor: User, plan: LessonPlan, offers: Iterable[Shown], reason: str = "") -> list[Decision]:
    """Keep the own text. The same change is never offered again."""
    fork = _own(actor, plan)
    connection, document = connect(fork), text_of(plan)
    decisions = []
    for part, offered in offers:
        offer = _the_one_shown(connection, document, part, offered)
        decision = _decision(connection, offer, Decision.Act.DECLINE, reason.strip()[:200])
        decision.save()
        decisions.append(decision)
        _remember(connection, part, after_declining(offer))
        _done(actor, connection, document, offer, decision.act)
    return decisions


@transaction.atomic
def put_off(*, actor: User, plan: LessonPlan, offers: Iterable[Shown]) -> None:
    """Leave it on offer, and speak of it no more until the shared plan changes there again."""
    fork = _own(actor, plan)
    connection, document = connect(fork), text_of(plan)
    for part, offered in offers:
        offer = _the_one_shown(connection, document, part, offered)
        _remember(connection, part, after_putting_off(offer))
        _done(actor, connection, document, offer, "later")


@transaction.atomic
def take_back(*, actor: User, plan: LessonPlan, decision: Decision, shown: str) -> None:
    """Undo a decision: the own text reads again as before it, and the offer is open again. What was written in the part
    since then is replaced only if it is what the owner saw (`shown`), and stays in an automatic version."""
    fork = _own(actor, plan)
    decision = Decision.objects.get(fork=fork, pk=decision.pk)
    if decision.undone_at is not None or _later_decisions(decision).exists():
        raise ChangedMeanwhile(_("这一处后来又决定过，撤回最近的那一次就行。"))
    before = Part.of(decision.before["part"]) if decision.before["part"] else None
    if decision.act != Decision.Act.DECLINE:
        _put_back(actor, connect(fork), decision, before, shown)
    decision.undone_at = timezone.now()
    decision.save(update_fields=["undone_at"])
    remembered = {name: value for name, value in decision.before["memory"].items() if name != "given"}
    ForkBlock.objects.update_or_create(fork=fork, part=decision.part, defaults=remembered)
    connection = connect(fork)
    fork.waiting = waiting_of(connection.offers(text_of(plan)))
    fork.save(update_fields=["waiting"])
    _record(actor, fork, "undo", decision.change)


def _put_back(
    actor: User, connection: Connection, decision: Decision, before: Part | None, shown: str
) -> None:
    plan = connection.fork.plan

    def change(doc: Doc) -> None:
        document = read(doc)
        now = _replaceable(document, decision.part, before)
        if now != shown:
            raise ChangedMeanwhile(_("采用以后这一处又改过。下面是现在的样子，请看过再撤回。"))
        if not may_put_back(document, before):
            raise NotPossible(_("它所在的表格已经不在你的个案里，放不回去。先撤回或恢复那一节。"))
        if now != decision.result:
            state = rooms.state(plan.document)
            versions.keep_automatic_version(
                plan_id=plan.pk, state=state.state, editor_ids=(), through_id=state.through_id
            )
        reconcile(doc, put_back(document, decision.part, before, connection.memories))

    rooms.change(plan.document, change, actor_id=actor.pk)


def replaceable(decision: Decision, document: Node) -> str:
    """The hash of what taking the decision back would replace."""
    before = Part.of(decision.before["part"]) if decision.before["part"] else None
    return _replaceable(document, decision.part, before)


def _replaceable(document: Node, key: str, before: Part | None) -> str:
    present = parts_of(document).get(key)
    if present is None:
        return NOTHING
    return hash_of(present.whole) if before is None else present.hash


# ---- shared by all of them ------------------------------------------------------------------------------


def own_fork(plan: LessonPlan) -> Fork:
    """Of several who decide at once each waits for the one before."""
    fork = Fork.objects.select_for_update().filter(plan=plan).first()
    if fork is None:
        raise NotPossible(_("这份教案不是从共案做的个案。"))
    fork = Fork.objects.select_related("upstream__region", "version").get(pk=fork.pk)
    fork.plan = plan
    return fork


def _own(actor: User, plan: LessonPlan) -> Fork:
    fork = own_fork(plan)
    require_decide(actor, fork)
    return fork


def _the_one_shown(connection: Connection, document: Node, part: str, offered: str) -> Offer:
    for offer in connection.offers(document):
        if (offer.key, offer.offered) == (part, offered):
            return offer
    raise ChangedMeanwhile(_("这一处已经决定过，或者共案又改了。请看下面现在的样子。"))


def _decision(connection: Connection, offer: Offer, act: Decision.Act, reason: str) -> Decision:
    block = ForkBlock.objects.filter(fork=connection.fork, part=offer.key).first()
    return Decision(
        fork=connection.fork,
        part=offer.key,
        title=offer.title[:240],
        act=act,
        change=offer.change,
        version=connection.version,
        offered=offer.offered,
        reason=reason,
        before={
            "part": offer.mine.data() if offer.mine else None,
            "memory": {
                **row_of(offer.memory),
                "base_version_id": block.base_version_id if block else connection.fork.version_id,
            },
        },
    )


def row_of(memory: Memory) -> dict[str, Any]:
    return {
        "base": memory.base,
        "seen": memory.seen,
        "declined": sorted(memory.declined),
        "given": sorted(memory.given),
        "put_off": memory.put_off,
    }


def _remember(connection: Connection, key: str, memory: Memory, *, fresh: bool = False) -> None:
    """`fresh`: what it goes back to is the text that was offered."""
    fork = connection.fork
    row = row_of(memory)
    given = {"base_version": connection.version} if fresh else {}
    block, created = ForkBlock.objects.get_or_create(
        fork=fork, part=key, defaults={**row, "base_version": fork.version, **given}
    )
    if not created:
        for name, value in {**row, **given}.items():
            setattr(block, name, value)
        block.save()
    connection.memories.decided[key] = memory_of(block)


def _done(actor: User, connection: Connection, document: Node, offer: Offer, act: str) -> None:
    fork = connection.fork
    fork.waiting = waiting_of(connection.offers(document))
    fork.save(update_fields=["waiting"])
    _record(actor, fork, act, offer.change)


def _record(actor: User, fork: Fork, act: str, change: str) -> None:
    record(
        events.OfferDecided(
            subject_id=fork.plan_id,
            subject_label=fork.plan.title,
            upstream_id=fork.upstream_id,
            act=str(act),
            change=change,
        ),
        actor=actor,
        place=place_of(actor),
    )


def _later_decisions(decision: Decision) -> Any:
    same = Decision.objects.filter(fork_id=decision.fork_id, part=decision.part, undone_at=None)
    return same.filter(pk__gt=decision.pk)
