"""Reads of a plan's discussion: plain data, a fixed number of queries however much was said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q
from django.urls import reverse

from foundation.accounts.models import User
from foundation.api import paging
from lessons import policies, schema
from lessons.discussion.errors import ThreadNotFound
from lessons.discussion.models import Comment, Thread
from lessons.discussion.policies import may_change, may_change_state, may_conclude
from lessons.document import open_state
from lessons.document.anchors import anchored, block_ids
from lessons.models import LessonPlan, PlanInvitation, PlanVersion
from lessons.operations import teachers_of
from lessons.versions import label
from realtime import authors, rooms
from teaching_centres.queries import PersonCard, find_people, person_cards

AT_ONCE = 60
SHOWN_COMMENTS = 20
SAID_AT_ONCE = 30
CHOICES = 8


# ---- the column beside the text -------------------------------------------------------------------------------


@dataclass(frozen=True)
class ThreadLine:
    """What a page needs of every thread: to draw it in the text, to sort, to filter."""

    id: str
    number: int
    kind: str
    state: str
    place: str
    block: str
    mine: bool  # begun by me, or I have spoken in it
    names_me: bool


@dataclass(frozen=True)
class CommentView:
    id: int
    author: PersonCard
    text: str
    kind: str
    names: list[str]
    when: datetime
    edited: bool
    deleted: bool
    may_change: bool


@dataclass(frozen=True)
class ThreadView:
    id: str
    number: int
    kind: str
    state: str
    place: str
    block: str
    section: str
    quote: str
    when: datetime
    resolved_by: PersonCard | None
    comments: list[CommentView]
    left_out: int  # comments between the first and the last ones
    mine: bool
    names_me: bool
    may_reply: bool
    may_change_state: bool
    may_conclude: bool


def lines(user: User, plan: LessonPlan) -> list[ThreadLine]:
    """All threads of the plan, three queries."""
    said = Comment.objects.filter(thread__plan=plan)
    mine = set(said.filter(author=user).values_list("thread_id", flat=True))
    naming = set(said.filter(mentions=user).values_list("thread_id", flat=True))
    rows = Thread.objects.filter(plan=plan).order_by("number")
    columns = rows.values_list("id", "number", "kind", "state", "place", "block_id", "created_by_id")
    return [
        ThreadLine(pk, number, kind, state, place, block, pk in mine or author == user.pk, pk in naming)
        for pk, number, kind, state, place, block, author in columns
    ]


def threads(user: User, plan: LessonPlan, ids: Iterable[str], *, whole: bool = False) -> list[ThreadView]:
    """Some threads with what was said in them; of long ones the first and the last, unless `whole`."""
    rights = policies.rights(user, plan)
    rows = Thread.objects.filter(plan=plan, pk__in=list(ids)[:AT_ONCE]).order_by("number")
    found = list(rows.prefetch_related("comments__mentions"))
    people = {thread.resolved_by_id for thread in found if thread.resolved_by_id}
    people |= {comment.author_id for thread in found for comment in thread.comments.all()}
    cards = person_cards(people)
    return [_thread(user, thread, rights, cards, whole) for thread in found]


def _thread(
    user: User, thread: Thread, rights: policies.Rights, cards: dict[int, PersonCard], whole: bool
) -> ThreadView:
    said = list(thread.comments.all())
    shown = said if whole or len(said) <= SHOWN_COMMENTS else [said[0], *said[1 - SHOWN_COMMENTS :]]
    return ThreadView(
        id=thread.pk,
        number=thread.number,
        kind=thread.kind,
        state=thread.state,
        place=thread.place,
        block=thread.block_id,
        section=schema.SECTION_KEYS.get(thread.section, ""),
        quote=thread.quote,
        when=thread.created_at,
        resolved_by=cards.get(thread.resolved_by_id or 0),
        comments=[_comment(user, comment, rights, cards) for comment in shown],
        left_out=len(said) - len(shown),
        mine=thread.created_by_id == user.pk or any(each.author_id == user.pk for each in said),
        names_me=any(user in each.mentions.all() for each in said),
        may_reply=rights.comment,
        may_change_state=may_change_state(user, thread, rights),
        may_conclude=thread.kind == Thread.Kind.QUESTION and may_conclude(rights),
    )


def _comment(
    user: User, comment: Comment, rights: policies.Rights, cards: dict[int, PersonCard]
) -> CommentView:
    return CommentView(
        id=comment.pk,
        author=cards[comment.author_id],
        text=comment.text,
        kind=comment.kind,
        names=[person.name for person in comment.mentions.all()],
        when=comment.created_at,
        edited=comment.edited_at is not None,
        deleted=comment.deleted_at is not None,
        may_change=may_change(user, comment, rights),
    )


def thread_of(plan: LessonPlan, thread_id: str) -> Thread:
    """Raises ThreadNotFound."""
    thread = Thread.objects.filter(plan=plan, pk=thread_id).first()
    if thread is None:
        raise ThreadNotFound
    thread.plan = plan
    return thread


def comment_of(plan: LessonPlan, thread_id: str, comment_id: int) -> Comment:
    """Raises ThreadNotFound."""
    comment = Comment.objects.filter(thread=thread_of(plan, thread_id), pk=comment_id).first()
    if comment is None:
        raise ThreadNotFound
    comment.thread = thread_of(plan, thread_id)
    return comment


# ---- people -------------------------------------------------------------------------------------------------------


def mentionable(user: User, plan: LessonPlan, text: str) -> list[PersonCard]:
    """Who can read the plan and so can be named: first those who have to do with it, then others by name."""
    people = User.objects.filter(pk__in=_concerned(plan), is_active=True).exclude(pk=user.pk)
    if text:
        people = people.filter(name__icontains=text)
    found = list(person_cards(people.order_by("name").values_list("pk", flat=True)[:CHOICES]).values())
    if text and len(found) < CHOICES:
        known = {card.id for card in found} | {user.pk}
        others = [card for card in find_people(user, text) if card.id not in known]
        readers = {
            person.pk
            for person in User.objects.filter(pk__in=[card.id for card in others])
            if policies.rights(person, plan).read
        }
        found += [card for card in others if card.id in readers]
    return found[:CHOICES]


def _concerned(plan: LessonPlan) -> set[int]:
    invitations = PlanInvitation.objects.filter(plan=plan)
    people = {plan.owner_id, *invitations.exclude(user=None).values_list("user_id", flat=True)}
    for school_id in invitations.exclude(school=None).values_list("school_id", flat=True):
        people |= set(teachers_of(school_id))
    return people


@dataclass(frozen=True)
class Said:
    thread_id: str
    number: int
    kind: str
    state: str
    text: str
    when: datetime


@dataclass(frozen=True)
class Worked:
    """A version that this person had a hand in, and the page that shows what changed."""

    label: str
    when: datetime
    path: str


@dataclass(frozen=True)
class PersonInPlan:
    """All that one person said and changed."""

    person: PersonCard
    said: list[Said]
    next: str | None
    clients: list[int]  # whatever stands under these Yjs clients, this person wrote
    worked: list[Worked]


def person_in_plan(plan: LessonPlan, person_id: int, cursor: str | None = None) -> PersonInPlan:
    """Raises ThreadNotFound for somebody who has nothing to do with the plan."""
    clients = [client for client, user_id in authors.owners(plan.document).items() if user_id == person_id]
    rows = Comment.objects.filter(thread__plan=plan, author_id=person_id, deleted_at__isnull=True)
    if not clients and person_id != plan.owner_id and not rows.exists():
        raise ThreadNotFound
    page = paging.page(
        rows.select_related("thread"), order=("-created_at", "-id"), cursor=cursor, limit=SAID_AT_ONCE
    )
    said = [
        Said(
            comment.thread_id,
            comment.thread.number,
            comment.kind,
            comment.thread.state,
            comment.text,
            comment.created_at,
        )
        for comment in page.items
    ]
    return PersonInPlan(
        person_cards([person_id])[person_id], said, page.next, clients, _worked(plan, person_id)
    )


def _worked(plan: LessonPlan, person_id: int) -> list[Worked]:
    rows = PlanVersion.objects.filter(plan=plan, editors=person_id).defer("state").order_by("-id")
    return [
        Worked(
            label(version),
            version.created_at,
            f"{reverse('plan-compare', args=[plan.pk])}?to={version.pk}",
        )
        for version in rows[:SAID_AT_ONCE]
    ]


# ---- for the record -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Statement:
    person: PersonCard
    text: str
    at: datetime


@dataclass(frozen=True)
class Discussed:
    """One thread, as a record tells it: question (or comment) — viewpoints — consensus."""

    number: int
    kind: str  # "question" or "comment"
    settled: bool
    section: str
    quote: str
    orphaned: bool  # the text that it was about is gone
    opened: Statement | None  # None: its author has deleted it
    viewpoints: list[Statement]
    replies: list[Statement]
    consensus: Statement | None


def record_of(
    plan: LessonPlan, *, since: datetime | None = None, until: datetime | None = None
) -> list[Discussed]:
    """What was discussed, in the order in which it came up; of a stretch of time: what was begun in it."""
    rows = Thread.objects.filter(plan=plan).prefetch_related("comments").order_by("number")
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    if until is not None:
        rows = rows.filter(created_at__lt=until)
    found = list(rows)
    cards = person_cards({comment.author_id for thread in found for comment in thread.comments.all()})
    gone = orphans(plan, found)
    return [_discussed(thread, cards, thread.pk in gone) for thread in found]


def orphans(plan: LessonPlan, found: Iterable[Thread]) -> set[str]:
    """The threads whose text or block is no longer in the plan."""
    doc = open_state(rooms.state(plan.document).state)
    standing, blocks = anchored(doc).keys(), block_ids(doc)
    return {
        thread.pk
        for thread in found
        if (thread.place == Thread.Place.TEXT and thread.pk not in standing)
        or (thread.place == Thread.Place.BLOCK and thread.block_id not in blocks)
    }


def _discussed(thread: Thread, cards: dict[int, PersonCard], orphaned: bool) -> Discussed:
    first, *rest = thread.comments.all()

    def statement(comment: Comment) -> Statement:
        return Statement(cards[comment.author_id], comment.text, comment.created_at)

    def of(kind: Comment.Kind) -> list[Statement]:
        return [statement(comment) for comment in rest if comment.kind == kind and comment.deleted_at is None]

    return Discussed(
        number=thread.number,
        kind=thread.kind,
        settled=thread.state == Thread.State.RESOLVED,
        section=schema.SECTION_KEYS.get(thread.section, ""),
        quote=thread.quote,
        orphaned=orphaned,
        opened=None if first.deleted_at else statement(first),
        viewpoints=of(Comment.Kind.VIEWPOINT),
        replies=of(Comment.Kind.PLAIN),
        consensus=next(iter(of(Comment.Kind.CONSENSUS)), None),
    )


@dataclass(frozen=True)
class Counts:
    threads: int
    questions: int
    replies: int


def counts_of(plan_ids: Iterable[UUID]) -> dict[UUID, Counts]:
    """How much was discussed in each plan: one query each for threads and replies."""
    ids = list(plan_ids)
    found = Thread.objects.filter(plan__in=ids)
    opened = found.values("plan_id").order_by().annotate(n=Count("pk"), q=_questions())
    said = Comment.objects.filter(thread__plan__in=ids, deleted_at__isnull=True)
    spoken = said.values("thread__plan_id").order_by().annotate(n=Count("pk"))
    replies = {row["thread__plan_id"]: row["n"] for row in spoken}
    counts = {
        row["plan_id"]: Counts(row["n"], row["q"], max(0, replies.get(row["plan_id"], 0) - row["n"]))
        for row in opened
    }
    return {pk: counts.get(pk, Counts(0, 0, 0)) for pk in ids}


def _questions() -> Count:
    return Count("pk", filter=Q(kind=Thread.Kind.QUESTION))
