"""Whom what is said concerns: the plan's owner, those in the thread, those who are named."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.notices.operations import notify
from lessons.discussion.models import Comment, Thread
from lessons.policies import rights

QUOTED = 40
OPENED, REPLIED, MENTIONED = "discussion.opened", "discussion.reply", "discussion.mention"


def tell_of_thread(comment: Comment) -> None:
    """The owner, by one line for all that is new and not yet seen; those who are named."""
    thread = comment.thread
    mentioned = tell_mentioned(comment, set(comment.mentions.values_list("pk", flat=True)))
    notify(
        recipients={thread.plan.owner_id} - mentioned - {comment.author_id},
        kind=OPENED,
        text=_("教案《%(title)s》有新的批注和问题") % {"title": thread.plan.title},
        path=_path(thread.plan_id, "discussion"),
    )


def tell_of_reply(comment: Comment) -> None:
    """Who has spoken in the thread, and the owner: one line for a thread until it is seen."""
    thread = comment.thread
    mentioned = tell_mentioned(comment, set(comment.mentions.values_list("pk", flat=True)))
    spoken = set(thread.comments.filter(deleted_at__isnull=True).values_list("author_id", flat=True))
    notify(
        recipients=_who_may_read(thread, (spoken | {thread.plan.owner_id}) - mentioned - {comment.author_id}),
        kind=REPLIED,
        text=_("《%(title)s》里第 %(number)s 条讨论有新的回复")
        % {"title": thread.plan.title, "number": thread.number},
        path=_path(thread.plan_id, f"thread-{thread.pk}"),
    )


def tell_mentioned(comment: Comment, people: set[int]) -> set[int]:
    """Returns them, so that nobody hears of one comment twice."""
    thread = comment.thread
    said = comment.text if len(comment.text) <= QUOTED else comment.text[: QUOTED - 1] + "…"
    notify(
        recipients=people - {comment.author_id},
        kind=MENTIONED,
        text=_("%(name)s在《%(title)s》里提到你：%(said)s")
        % {"name": comment.author.name, "title": thread.plan.title, "said": " ".join(said.split())},
        path=_path(thread.plan_id, f"thread-{thread.pk}"),
    )
    return people


def _who_may_read(thread: Thread, ids: Iterable[int]) -> list[User]:
    """Who spoke once may have lost the right since."""
    people = User.objects.filter(pk__in=list(ids), is_active=True)
    return [person for person in people if rights(person, thread.plan).read]


def _path(plan_id: object, place: str) -> str:
    return f"{reverse('plan-editor', args=[plan_id])}#{place}"
