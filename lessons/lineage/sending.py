"""Sending a part of one's own version back (提给共案), and what becomes of it there."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from pycrdt import Doc

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.operations import record
from foundation.notices.operations import notify
from lessons import versions
from lessons.document import Node, read, reconcile
from lessons.errors import NotPossible
from lessons.lineage import pictures
from lessons.lineage.connection import connect, here, memory_of, text_of
from lessons.lineage.deciding import ChangedMeanwhile, own_fork, row_of
from lessons.lineage.models import Contribution, Fork, ForkBlock
from lessons.lineage.offers import Memory, Offer, accepted, after_giving, merged_into
from lessons.lineage.parts import Part, Parts, can_hold, parts_of
from lessons.lineage.policies import require_answer, require_send, require_withdraw
from lessons.lineage.telling import tell_lead_preparer
from lessons.models import LessonPlan
from realtime import rooms
from teaching_centres.queries import place_of

SENDABLE = ("section", "row", "block")


@transaction.atomic
def send(*, actor: User, plan: LessonPlan, part: str, remark: str = "") -> Contribution:
    """Offer an own part, as it reads now, to the shared plan. What of the same part still waits is replaced."""
    fork = own_fork(plan)
    require_send(actor, fork)
    mine = parts_of(text_of(plan)).get(part)
    if mine is None or mine.kind not in SENDABLE:
        raise NotPossible(_("这一节已经不在你的个案里了。"))
    shared = text_of(fork.upstream)
    theirs = here(shared, fork).get(part)
    if theirs is not None and theirs.hash == mine.hash:
        raise NotPossible(_("这一节和共案现在的一样，没有可提的。"))
    if theirs is None and not can_hold(shared, mine):
        raise NotPossible(_("共案里没有这一处的位置，请提它所在的整节。"))
    waiting = Contribution.objects.filter(fork=fork, part=part, state=Contribution.State.WAITING)
    waiting.update(state=Contribution.State.WITHDRAWN)
    contribution = Contribution.objects.create(
        plan=fork.upstream,
        fork=fork,
        author=actor,
        part=part,
        title=mine.title[:240],
        text=_as_it_reads_there(actor, fork, mine, shared),
        remark=remark.strip()[:300],
    )
    _record(actor, contribution, events.ContributionSent)
    tell_lead_preparer(fork.upstream)
    return contribution


def _as_it_reads_there(actor: User, fork: Fork, mine: Part, shared: Node) -> dict[str, object]:
    """The part, what it goes back to, and its hash here, with the pictures as the shared plan calls them."""
    base = connect(fork).memories[mine.key].base
    theirs = {pictures.id_in(fork.plan_id, file): file for file in pictures.files_in(shared)}
    new = pictures.files_in(mine.whole) - theirs.keys()
    pictures.take_over(files=new, plan=fork.upstream, actor=actor)
    names = {**theirs, **{file: pictures.id_in(fork.upstream_id, file) for file in new}}
    there = {
        **mine.data(),
        "node": pictures.with_files(mine.node, names),
        "whole": pictures.with_files(mine.whole, names),
    }
    return {"part": there, "base": pictures.with_files(base, names) if base else None, "hash": mine.hash}


@transaction.atomic
def withdraw(*, actor: User, contribution: Contribution) -> None:
    contribution = _locked(contribution)
    require_withdraw(actor, contribution)
    _require_waiting(contribution)
    contribution.state = Contribution.State.WITHDRAWN
    contribution.save(update_fields=["state"])
    _record(actor, contribution, events.ContributionWithdrawn)
    tell_lead_preparer(contribution.plan)


@transaction.atomic
def take(
    *, actor: User, contribution: Contribution, shown: str, merge: bool = False, answer: str = ""
) -> None:
    """Put the part into the shared plan, with credit to its author. `shown` is the hash of the present text that
    the lead preparer had before their eyes; that text stays in an automatic version."""
    contribution = _locked(contribution)
    plan = contribution.plan
    require_answer(actor, plan)
    _require_waiting(contribution)

    def change(doc: Doc) -> None:
        document = read(doc)
        offer = offer_of(contribution, parts_of(document))
        if offer.shown != shown:
            raise ChangedMeanwhile(_("共案的这一节刚才又改过。下面是现在的样子，请看过再决定。"))
        if merge and not offer.may_merge:
            raise NotPossible(_("这一处不能合着改。"))
        if not can_hold(document, offer.part):
            raise NotPossible(_("共案里已经没有这一处的位置。"))
        reconcile(doc, merged_into(document, offer) if merge else accepted(document, offer))

    now = rooms.state(plan.document)
    versions.keep_automatic_version(
        plan_id=plan.pk, state=now.state, editor_ids=(), through_id=now.through_id
    )
    rooms.change(plan.document, change, actor_id=actor.pk)
    if not merge:
        _remember_as_given(contribution)
    _answered(actor, contribution, Contribution.State.ACCEPTED, answer, "merge" if merge else "accept")


@transaction.atomic
def refuse(*, actor: User, contribution: Contribution, answer: str) -> None:
    contribution = _locked(contribution)
    require_answer(actor, contribution.plan)
    _require_waiting(contribution)
    if not answer.strip():
        raise NotPossible(_("写一句为什么不采用，提的老师才好改。"))
    _answered(actor, contribution, Contribution.State.DECLINED, answer, "decline")


def offer_of(contribution: Contribution, theirs: Parts) -> Offer:
    """What was sent, as an offer to the shared plan."""
    part = Part.of(contribution.text["part"])
    present = theirs.get(part.key)
    memory = Memory(base=contribution.text["base"])
    return Offer(part.key, part.title, "changed" if present else "added", present, part, memory)


def _locked(contribution: Contribution) -> Contribution:
    """Two who answer at once: the second sees that it is answered. The own version first, as when something is sent."""
    Fork.objects.select_for_update().get(pk=contribution.fork_id)
    Contribution.objects.select_for_update().get(pk=contribution.pk)
    related = ("plan__region", "fork__plan__region", "author")
    return Contribution.objects.select_related(*related).get(pk=contribution.pk)


def _require_waiting(contribution: Contribution) -> None:
    if contribution.state != Contribution.State.WAITING:
        state = contribution.get_state_display()
        raise NotPossible(_("这一处已经有结果了：%(state)s。") % {"state": state})


def _remember_as_given(contribution: Contribution) -> None:
    """The author is not offered what they wrote themselves."""
    fork = contribution.fork
    part = here(text_of(contribution.plan), fork).get(contribution.part)
    if part is None:
        return
    block = ForkBlock.objects.filter(fork=fork, part=part.key).first()
    memory = memory_of(block) if block else connect(fork).memories[part.key]
    row = row_of(after_giving(memory, part))
    first = {**row, "base_version": fork.version}
    ForkBlock.objects.update_or_create(fork=fork, part=part.key, defaults=row, create_defaults=first)


def _answered(
    actor: User, contribution: Contribution, state: Contribution.State, answer: str, word: str
) -> None:
    contribution.state, contribution.answer = state, answer.strip()[:300]
    contribution.answered_by, contribution.answered_at = actor, timezone.now()
    contribution.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    record(
        events.ContributionAnswered(
            subject_id=contribution.plan_id,
            subject_label=contribution.plan.title,
            contribution_id=contribution.pk,
            author_id=contribution.author_id,
            answer=word,
        ),
        actor=actor,
        place=place_of(actor),
    )
    tell_lead_preparer(contribution.plan)
    text = (
        _("你提给共案《%(title)s》的“%(part)s”被采用了，署着你的名字")
        if state == Contribution.State.ACCEPTED
        else _("你提给共案《%(title)s》的“%(part)s”没有采用，有回复")
    )
    if contribution.author_id != actor.pk:
        notify(
            recipients=[contribution.author_id],
            kind="lineage.answered",
            text=text % {"title": contribution.plan.title, "part": contribution.title},
            path=reverse("plan-lineage", args=[contribution.fork.plan_id]),
        )


def _record(
    actor: User,
    contribution: Contribution,
    event: type[events.ContributionSent] | type[events.ContributionWithdrawn],
) -> None:
    plan = contribution.plan
    record(
        event(subject_id=plan.pk, subject_label=plan.title, contribution_id=contribution.pk),
        actor=actor,
        place=place_of(actor),
    )
