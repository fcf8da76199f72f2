"""The discussion of a plan, for its page and for other programs: JSON, problem documents with a sentence to show."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from foundation.accounts.models import User
from foundation.api.problems import Problem
from lessons.discussion import operations, queries, topics
from lessons.discussion.errors import TextChanged, ThreadNotFound
from lessons.discussion.models import TEXT_LENGTH, Comment, Thread
from lessons.discussion.operations import About
from lessons.document.anchors import Span
from lessons.errors import PlanNotFound
from lessons.models import LessonPlan
from lessons.policies import rights
from lessons.queries import plan_for
from realtime.topics import cursor

router = Router(tags=["discussion"])

Client = Annotated[int, Field(strict=True, ge=0, lt=2**53)]
Clock = Annotated[int, Field(strict=True, ge=0, lt=2**31)]
Position = tuple[Client, Clock]
"""A character, by the id that Yjs gave it."""
Words = Annotated[str, Field(max_length=2 * TEXT_LENGTH)]


class PersonOut(Schema):
    id: int
    name: str
    initial: str
    colour: int
    unit_name: str
    side: str


class LineOut(Schema):
    id: str
    number: int
    kind: str
    state: str
    place: str
    block: str
    mine: bool
    names_me: bool


class LinesOut(Schema):
    """Follow the topic from the cursor for what comes after."""

    topic: str
    cursor: int
    may_comment: bool
    threads: list[LineOut]


class CommentOut(Schema):
    id: int
    author: PersonOut
    text: str
    kind: str
    names: list[str]
    when: datetime
    edited: bool
    deleted: bool
    may_change: bool


class ThreadOut(Schema):
    id: str
    number: int
    kind: str
    state: str
    place: str
    block: str
    section: str
    quote: str
    when: datetime
    resolved_by: PersonOut | None
    comments: list[CommentOut]
    left_out: int
    mine: bool
    names_me: bool
    may_reply: bool
    may_change_state: bool
    may_conclude: bool


class SaidOut(Schema):
    thread_id: str
    number: int
    kind: str
    state: str
    text: str
    when: datetime


class WorkedOut(Schema):
    label: str
    when: datetime
    path: str


class PersonInPlanOut(Schema):
    person: PersonOut
    said: list[SaidOut]
    next: str | None
    clients: list[int]
    worked: list[WorkedOut]


class SayIn(Schema):
    text: Words
    mentions: Annotated[list[int], Field(max_length=20)] = []


class ReplyIn(SayIn):
    kind: Literal["plain", "viewpoint", "consensus"] = "plain"


class ThreadIn(SayIn):
    """About chosen words (`spans` and, as you see them, `quote`), a block, or without either the whole plan."""

    kind: Literal["comment", "question"] = "comment"
    spans: Annotated[list[tuple[Position, Position]], Field(max_length=200)] = []
    quote: Annotated[str, Field(max_length=10_000)] = ""
    block: Annotated[str, Field(max_length=64)] = ""


class StateIn(Schema):
    state: Literal["open", "resolved"]


@router.get("", response=LinesOut, summary=_("一份教案的讨论"))
def list_threads(request: HttpRequest, plan_id: Path[UUID]) -> HttpResponse:
    """Every thread in short; what was said comes from `some`."""
    user, plan = _asked(request, plan_id)
    topic = topics.topic_of(plan)
    found = {
        "topic": topic,
        "cursor": cursor(topic),  # before the rows
        "may_comment": rights(user, plan).comment,
        "threads": [vars(line) for line in queries.lines(user, plan)],
    }
    # a thousand of them, which every page waits for: not validated one by one
    return JsonResponse(found)


@router.get("some", response=list[ThreadOut], summary=_("几条讨论的内容"))
def some_threads(
    request: HttpRequest,
    plan_id: Path[UUID],
    ids: Annotated[str, Query(max_length=1000)],
    whole: bool = False,
) -> list[queries.ThreadView]:
    """`ids` with commas between them, at most 60."""
    user, plan = _asked(request, plan_id)
    return queries.threads(user, plan, ids.split(","), whole=whole)


@router.get("people", response=list[PersonOut], summary=_("可以提到的人"))
def list_people(
    request: HttpRequest, plan_id: Path[UUID], q: Annotated[str, Query(max_length=40)] = ""
) -> list[Any]:
    user, plan = _asked(request, plan_id)
    return list(queries.mentionable(user, plan, q.strip().replace("\0", "")))


@router.get("people/{int:person_id}", response=PersonInPlanOut, summary=_("一个人说过和改过的"))
def one_person(
    request: HttpRequest, plan_id: Path[UUID], person_id: int, cursor: str | None = None
) -> queries.PersonInPlan:
    _user, plan = _asked(request, plan_id)
    with _refusals():
        return queries.person_in_plan(plan, person_id, cursor)


@router.post("", response={201: ThreadOut}, summary=_("写批注或提问题"))
def open_thread(request: HttpRequest, plan_id: Path[UUID], body: ThreadIn) -> Any:
    user, plan = _asked(request, plan_id)
    about = About([Span(first, last) for first, last in body.spans], body.quote, body.block)
    with _refusals():
        thread = operations.open_thread(
            actor=user,
            plan=plan,
            text=body.text,
            about=about,
            kind=Thread.Kind(body.kind),
            mentions=_people(body.mentions),
        )
    return Status(201, _thread(user, plan, thread.pk))


@router.post("{slug:thread_id}", response={201: ThreadOut}, summary=_("回复"))
def reply(request: HttpRequest, plan_id: Path[UUID], thread_id: str, body: ReplyIn) -> Any:
    user, plan = _asked(request, plan_id)
    with _refusals():
        operations.reply(
            actor=user,
            thread=queries.thread_of(plan, thread_id),
            text=body.text,
            kind=Comment.Kind(body.kind),
            mentions=_people(body.mentions),
        )
    return Status(201, _thread(user, plan, thread_id))


@router.put("{slug:thread_id}/state", response=ThreadOut, summary=_("标处理好了，或再打开"))
def change_state(request: HttpRequest, plan_id: Path[UUID], thread_id: str, body: StateIn) -> Any:
    user, plan = _asked(request, plan_id)
    with _refusals():
        thread = queries.thread_of(plan, thread_id)
        operations.change_state(actor=user, thread=thread, state=Thread.State(body.state))
    return _thread(user, plan, thread_id)


@router.put("{slug:thread_id}/{int:comment_id}", response=ThreadOut, summary=_("改自己说的话"))
def change_comment(
    request: HttpRequest, plan_id: Path[UUID], thread_id: str, comment_id: int, body: SayIn
) -> Any:
    user, plan = _asked(request, plan_id)
    with _refusals():
        comment = queries.comment_of(plan, thread_id, comment_id)
        operations.change_comment(
            actor=user, comment=comment, text=body.text, mentions=_people(body.mentions)
        )
    return _thread(user, plan, thread_id)


@router.delete("{slug:thread_id}/{int:comment_id}", response=ThreadOut, summary=_("删自己说的话"))
def delete_comment(request: HttpRequest, plan_id: Path[UUID], thread_id: str, comment_id: int) -> Any:
    user, plan = _asked(request, plan_id)
    with _refusals():
        operations.delete_comment(actor=user, comment=queries.comment_of(plan, thread_id, comment_id))
    return _thread(user, plan, thread_id)


def _asked(request: HttpRequest, plan_id: UUID) -> tuple[User, LessonPlan]:
    assert isinstance(request.user, User)
    try:
        return request.user, plan_for(request.user, plan_id)
    except PlanNotFound:
        raise Http404 from None


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ThreadNotFound:
        raise Http404 from None
    except TextChanged as changed:
        raise Problem(409, changed.reason) from None


def _people(ids: list[int]) -> list[User]:
    people = list(User.objects.filter(pk__in=[pk for pk in ids if 0 < pk < 2**63]))
    if len(people) != len(set(ids)):
        raise Problem(422, _("提到的人里有一位不在这里了。"))
    return people


def _thread(user: User, plan: LessonPlan, thread_id: str) -> queries.ThreadView:
    [view] = queries.threads(user, plan, [thread_id])
    return view
