"""The only writers of a plan's discussion. Each checks the right, records what was done, and tells whom it concerns."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from pycrdt import Doc

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.operations import record
from lessons.discussion import notices, policies, topics
from lessons.discussion.errors import TextChanged
from lessons.discussion.models import QUOTE_LENGTH, TEXT_LENGTH, Comment, Thread
from lessons.document import anchors, attribute, open_state, plain_text, read, walk
from lessons.document.anchors import Span
from lessons.errors import NotPossible
from lessons.models import LessonPlan
from lessons.policies import require_comment, rights
from realtime import rooms
from teaching_centres.queries import place_of

BLOCK_QUOTE_LENGTH = 200


@dataclass(frozen=True)
class About:
    """What a new thread is about: chosen words (with what they are, as the person saw them), a block, or all."""

    spans: list[Span] = field(default_factory=list)
    quote: str = ""
    block_id: str = ""

    @property
    def place(self) -> Thread.Place:
        if self.spans:
            return Thread.Place.TEXT
        return Thread.Place.BLOCK if self.block_id else Thread.Place.PLAN


WHOLE_PLAN = About()


@transaction.atomic
def open_thread(
    *,
    actor: User,
    plan: LessonPlan,
    text: str,
    about: About = WHOLE_PLAN,
    kind: Thread.Kind = Thread.Kind.COMMENT,
    mentions: Iterable[User] = (),
) -> Thread:
    """Begin a thread; the server puts its mark into the text. Raises TextChanged when the words are not there."""
    require_comment(actor, plan)
    text, mentioned = _clean(text), _mentionable(plan, mentions)
    LessonPlan.objects.select_for_update().get(pk=plan.pk)  # numbers without gaps or doubles
    last = Thread.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0
    thread = Thread(
        plan=plan,
        number=last + 1,
        kind=kind,
        place=about.place,
        block_id=about.block_id if about.place == Thread.Place.BLOCK else "",
        created_by=actor,
    )
    _anchor(thread, about)
    thread.save(force_insert=True)
    comment = _say(thread, actor, text, Comment.Kind.PLAIN, mentioned)
    _record(
        actor,
        events.ThreadOpened(
            subject_id=plan.pk,
            subject_label=plan.title,
            thread_id=thread.pk,
            thread_kind=str(kind),
            place=str(about.place),
        ),
    )
    notices.tell_of_thread(comment)
    topics.publish(thread, actor_id=actor.pk)
    return thread


@transaction.atomic
def reply(
    *,
    actor: User,
    thread: Thread,
    text: str,
    kind: Comment.Kind = Comment.Kind.PLAIN,
    mentions: Iterable[User] = (),
) -> Comment:
    """Answer in a thread: in a question also with a viewpoint, or with the consensus, which replaces the one before."""
    if kind == Comment.Kind.CONSENSUS:
        policies.require_conclude(actor, thread)
    else:
        require_comment(actor, thread.plan)
    if kind != Comment.Kind.PLAIN and thread.kind != Thread.Kind.QUESTION:
        raise NotPossible(_("观点和共识写在“问题”里。这一条是批注，直接回复就好。"))
    text, mentioned = _clean(text), _mentionable(thread.plan, mentions)
    _lock(thread)
    if kind == Comment.Kind.CONSENSUS:
        before = thread.comments.filter(kind=kind, deleted_at__isnull=True)
        before.update(deleted_at=timezone.now())
    comment = _say(thread, actor, text, kind, mentioned)
    _record(
        actor,
        events.CommentAdded(
            subject_id=thread.plan_id,
            subject_label=thread.plan.title,
            thread_id=thread.pk,
            comment_id=comment.pk,
            comment_kind=str(kind),
        ),
    )
    notices.tell_of_reply(comment)
    topics.publish(thread, actor_id=actor.pk)
    return comment


@transaction.atomic
def change_comment(*, actor: User, comment: Comment, text: str, mentions: Iterable[User] = ()) -> None:
    policies.require_change(actor, comment)
    text, mentioned = _clean(text), _mentionable(comment.thread.plan, mentions)
    _lock(comment.thread)
    known = set(comment.mentions.values_list("pk", flat=True))
    if comment.text == text and known == {person.pk for person in mentioned}:
        return
    comment.text, comment.edited_at = text, timezone.now()
    comment.save(update_fields=["text", "edited_at"])
    comment.mentions.set(mentioned)
    _record(
        actor,
        events.CommentChanged(
            subject_id=comment.thread.plan_id,
            subject_label=comment.thread.plan.title,
            thread_id=comment.thread_id,
            comment_id=comment.pk,
        ),
    )
    notices.tell_mentioned(comment, {person.pk for person in mentioned} - known)
    topics.publish(comment.thread, actor_id=actor.pk)


@transaction.atomic
def delete_comment(*, actor: User, comment: Comment) -> None:
    """What was said is gone, that something was said stays. A thread in which nothing is left is settled."""
    policies.require_change(actor, comment)
    thread = comment.thread
    _lock(thread)
    comment.text, comment.deleted_at = "", timezone.now()
    comment.save(update_fields=["text", "deleted_at"])
    comment.mentions.clear()
    if not thread.comments.filter(deleted_at__isnull=True).exists():
        _set_state(thread, actor, Thread.State.RESOLVED)
    _record(
        actor,
        events.CommentDeleted(
            subject_id=thread.plan_id,
            subject_label=thread.plan.title,
            thread_id=thread.pk,
            comment_id=comment.pk,
        ),
    )
    topics.publish(thread, actor_id=actor.pk)


@transaction.atomic
def change_state(*, actor: User, thread: Thread, state: Thread.State) -> None:
    """Settle a thread (处理好了), or take it up again."""
    policies.require_change_state(actor, thread)
    _lock(thread)
    if thread.state == state:
        return
    _set_state(thread, actor, state)
    _record(
        actor,
        events.ThreadStateChanged(
            subject_id=thread.plan_id, subject_label=thread.plan.title, thread_id=thread.pk, state=str(state)
        ),
    )
    topics.publish(thread, actor_id=actor.pk)


# ---- where it stands --------------------------------------------------------------------------------------------


def _anchor(thread: Thread, about: About) -> None:
    if about.quote and not about.spans:
        raise TextChanged(_("选中的文字刚被改过。你写的还在，请再选一次文字。"))
    if about.place == Thread.Place.TEXT:
        rooms.change(thread.plan.document, lambda doc: _mark(thread, doc, about), actor_id=None)
    elif about.place == Thread.Place.BLOCK:
        _find_block(thread, about.block_id)


def _mark(thread: Thread, doc: Doc, about: About) -> None:
    stretches = anchors.locate(doc, about.spans)
    words = "\n".join(stretch.text for stretch in stretches)
    if not words.strip() or _bare(words) != _bare(about.quote):
        raise TextChanged(_("选中的文字刚被改过。你写的还在，请再选一次文字。"))
    if len(words) > QUOTE_LENGTH:
        raise NotPossible(_("选得太长了。请选 2000 字以内，或对整份教案说。"))
    thread.quote, thread.before, thread.after = words, stretches[0].before[-40:], stretches[-1].after[:40]
    thread.section = anchors.part_at(doc, stretches[0].path)
    anchors.put_mark(doc, thread.pk, stretches)


def _bare(text: str) -> str:
    """The page and the server divide the same words into lines each in their own way."""
    return text.replace("\n", "")


def _find_block(thread: Thread, block_id: str) -> None:
    content = read(open_state(rooms.state(thread.plan.document).state))
    for top in content["content"]:
        block = next((node for node in walk(top) if attribute(node, "id") == block_id), None)
        if block is not None:
            thread.quote = plain_text(block)[:BLOCK_QUOTE_LENGTH]
            thread.section = str(attribute(top, "key") or "")[:64]
            return
    raise TextChanged(_("这一段刚被删掉了。你写的还在，请另选一段，或对整份教案说。"))


# ---- small things -------------------------------------------------------------------------------------------------


def _clean(text: str) -> str:
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not text:
        raise NotPossible(_("写上要说的话。"))
    if len(text) > TEXT_LENGTH:
        raise NotPossible(_("一次最多写 4000 字，分两次说吧。"))
    return text


def _mentionable(plan: LessonPlan, mentions: Iterable[User]) -> list[User]:
    mentioned = list(mentions)
    for person in mentioned:
        if not rights(person, plan).read:
            raise NotPossible(
                _("%(name)s现在看不到这份教案，提到了也收不到。先请主人分享。") % {"name": person.name}
            )
    return mentioned


def _lock(thread: Thread) -> None:
    """Who else writes in this thread waits; what they did meanwhile is known after."""
    thread.refresh_from_db(
        fields=["state", "resolved_by", "resolved_at"], from_queryset=Thread.objects.select_for_update()
    )


def _say(thread: Thread, actor: User, text: str, kind: Comment.Kind, mentioned: list[User]) -> Comment:
    comment = Comment.objects.create(thread=thread, author=actor, text=text, kind=kind)
    comment.mentions.set(mentioned)
    thread.changed_at = comment.created_at
    thread.save(update_fields=["changed_at"])
    return comment


def _set_state(thread: Thread, actor: User, state: Thread.State) -> None:
    settled = state == Thread.State.RESOLVED
    thread.state = state
    thread.resolved_by = actor if settled else None
    thread.resolved_at = timezone.now() if settled else None
    thread.save(update_fields=["state", "resolved_by", "resolved_at"])


def _record(actor: User, event: events.LedgerEvent) -> None:
    record(event, actor=actor, place=place_of(actor))
