"""Tasks: given, looked at, begun, handed in, accepted or returned, withdrawn; and the reminders before they are due."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.audit import audited
from teaching_centres.models import TeachingCentre
from teaching_centres.operations.common import about_unit, unit_details
from teaching_centres.workspace import seams
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.audiences import (
    LEADERS,
    Audience,
    Units,
    leaders_of,
    line_of,
    people_in,
    units_of,
)
from teaching_centres.workspace.models import Task, TaskAnswer, TaskReceiver
from teaching_centres.workspace.operations.common import (
    create_once,
    record_event,
    refuse_if,
    sent_already,
    tell,
)
from teaching_centres.workspace.policies import may, require

State = TaskReceiver.State
REMIND_DAYS_BEFORE = (3, 1)
"""Reminders go out on these days before a task is due, to those who have not handed in."""
MAY_BEGIN = (State.NEW, State.SEEN, State.RETURNED)
MAY_HAND_IN = (State.NEW, State.SEEN, State.DOING, State.RETURNED, State.HANDED_IN)


def give_task(
    *,
    centre: TeachingCentre,
    title: str,
    expected: str,
    due: date,
    audience: Audience,
    links: Iterable[str] = (),
    is_demo: bool = False,
    once: UUID | None = None,
    actor: User,
) -> Task:
    """`once`: a key of the form, so that one form gives one task."""
    before = sent_already(Task, once, given_by=actor)
    if before is not None:
        return before
    with audited("task.given", **about_unit(centre.region, actor)) as entry:
        require(actor, Act.LEAD, centre.region)
        refuse_if(due < timezone.localdate(), _("期限已经过了，请选今天或以后。"))
        units = units_of(centre, audience)
        refuse_if(not units, _("这样选，没有单位会收到。请放宽一点。"))
        task = create_once(
            Task,
            centre=centre,
            title=title,
            expected=expected,
            links=seams.take_links(actor, links),
            due=due,
            audience=line_of(centre, audience, units),
            given_by=actor,
            is_demo=is_demo,
            once=once,
        )
        TaskReceiver.objects.bulk_create(
            [TaskReceiver(task=task, region=region) for region in units.regions]
            + [TaskReceiver(task=task, school=school) for school in units.schools],
            batch_size=1000,
        )
        entry.details.update(task_id=task.pk, receivers=len(units))
        event = events.TaskGiven(subject_id=task.pk, subject_label=title, receivers=len(units))
        record_event(event, actor)
        text = _("%(centre)s布置了任务“%(title)s”，%(due)s前交") % _words(task)
        tell(people_in(units, LEADERS), kind="task", text=text, path=path_of(task), but=actor)
    return task


def withdraw_task(*, task: Task, because: str, actor: User) -> Task:
    with audited("task.withdrawn", **about_unit(task.centre.region, actor, task_id=task.pk)):
        require(actor, Act.LEAD, task.centre.region)
        refuse_if(task.is_withdrawn, _("这项任务已经撤回。"))
        task.withdrawn_at, task.withdrawn_because = timezone.now(), because
        task.save(update_fields=["withdrawn_at", "withdrawn_because"])
        record_event(events.TaskWithdrawn(subject_id=task.pk, subject_label=task.title), actor)
        text = _("任务“%(title)s”撤回了，不用交") % _words(task)
        tell(people_in(_units_of(task), LEADERS), kind="task", text=text, path=path_of(task), but=actor)
    return task


@transaction.atomic
def look_at_task(*, receiver: TaskReceiver, actor: User) -> None:
    """未看 becomes 已看 when someone who hands in for the unit opens the task. Others only look."""
    unread = receiver.state == State.NEW and not receiver.task.is_withdrawn
    if unread and may(actor, Act.ANSWER, receiver.unit):
        _move(receiver, State.SEEN, since=(State.NEW,))


def begin_task(*, receiver: TaskReceiver, actor: User) -> None:
    details = {"task_id": receiver.task_id, "state": str(State.DOING)}
    with audited("task.handed_in", **about_unit(receiver.unit, actor, **details)):
        require(actor, Act.ANSWER, receiver.unit)
        _refuse_withdrawn(receiver.task)
        _move(receiver, State.DOING, since=MAY_BEGIN)


def hand_in(*, receiver: TaskReceiver, text: str, links: Iterable[str] = (), actor: User) -> TaskAnswer:
    """Again while nobody has judged it: the newest answer counts."""
    details = {"task_id": receiver.task_id, "state": str(State.HANDED_IN)}
    with audited("task.handed_in", **about_unit(receiver.unit, actor, **details)):
        require(actor, Act.ANSWER, receiver.unit)
        _refuse_withdrawn(receiver.task)
        refuse_if(receiver.state == State.DONE, _("这项任务已经验收，不用再交。"))
        stored = seams.take_links(actor, links)
        refuse_if(not text.strip() and not stored, _("写几句说明，或选一份教案，再交。"))
        answer = TaskAnswer.objects.create(receiver=receiver, text=text.strip(), links=stored, by=actor)
        _move(receiver, State.HANDED_IN, since=MAY_HAND_IN)
        task = receiver.task
        record_event(
            events.TaskHandedIn(subject_id=task.pk, subject_label=task.title, **unit_details(receiver.unit)),
            actor,
        )
        line = _("%(unit)s交了“%(title)s”") % {"unit": receiver.unit, "title": task.title}
        tell([task.given_by_id], kind="task", text=line, path=path_of_receiver(receiver), but=actor)
    return answer


def judge(
    *, receiver: TaskReceiver, verdict: str, reason: str = "", answer_id: int | None = None, actor: User
) -> TaskAnswer:
    """Accept what was handed in, or return it with the reason; what was accepted by mistake can be returned.

    `answer_id`: the answer that was looked at; one that came after it is looked at first.
    """
    task = receiver.task
    details = {"task_id": task.pk, "verdict": str(verdict)}
    with audited("task.judged", **about_unit(receiver.unit, actor, **details)):
        require(actor, Act.LEAD, task.centre.region)
        _refuse_withdrawn(task)
        accepted = verdict == TaskAnswer.Verdict.ACCEPTED
        judged = (State.HANDED_IN,) if accepted else (State.HANDED_IN, State.DONE)
        refuse_if(
            receiver.state not in judged,
            _("“%(unit)s”还没有交，或已经验收过。") % {"unit": receiver.unit},
        )
        refuse_if(not accepted and not reason.strip(), _("写上退回的原因，对方才知道改哪里。"))
        TaskReceiver.objects.select_for_update().get(pk=receiver.pk)
        answer = receiver.answers.order_by("-at", "-id")[0]
        newer = answer_id is not None and answer.pk != answer_id
        refuse_if(newer, _("“%(unit)s”刚刚又交了一次，请先看新交的。") % {"unit": receiver.unit})
        answer.verdict, answer.reason = verdict, reason.strip()
        answer.judged_by, answer.judged_at = actor, timezone.now()
        answer.save(update_fields=["verdict", "reason", "judged_by", "judged_at"])
        _move(receiver, State.DONE if accepted else State.RETURNED, since=judged)
        record_event(
            events.TaskJudged(
                subject_id=task.pk,
                subject_label=task.title,
                verdict=str(verdict),
                **unit_details(receiver.unit),
            ),
            actor,
        )
        said = _("“%(title)s”通过了") if accepted else _("“%(title)s”退回了，请看原因，改好再交")
        path = path_of_receiver(receiver)
        tell(leaders_of(receiver.unit), kind="task", text=said % _words(task), path=path, but=actor)
    return answer


def remind_due(today: date | None = None) -> int:
    """Tell those who have not handed in that a task is nearly due, and once that it is overdue. Safe to run again."""
    today = today or timezone.localdate()
    days = {today + timedelta(days=before) for before in REMIND_DAYS_BEFORE} | {today - timedelta(days=1)}
    waiting = TaskReceiver.objects.outstanding().filter(task__due__in=days)
    waiting = waiting.exclude(reminded_on__isnull=False, reminded_on=today)
    return sum(
        _remind(task, today, waiting.filter(task=task).values_list("pk", flat=True))
        for task in Task.objects.filter(pk__in=waiting.values("task")).select_related("centre__region")
    )


@transaction.atomic
def _remind(task: Task, today: date, ids: Iterable[int]) -> int:
    rows = TaskReceiver.objects.filter(pk__in=list(ids)).select_for_update(of=("self",))
    late = [row for row in rows.select_related("school", "region") if row.reminded_on != today]
    units = Units([row.region for row in late if row.region], [row.school for row in late if row.school])
    told = tell(people_in(units, LEADERS), kind="task.due", text=_reminder(task, today), path=path_of(task))
    TaskReceiver.objects.filter(pk__in=[row.pk for row in late]).update(reminded_on=today)
    return told


def _reminder(task: Task, today: date) -> str:
    left = (task.due - today).days
    if left < 0:
        return _("任务“%(title)s”昨天到期，还没有交") % _words(task)
    return _("任务“%(title)s”还有 %(days)s 天到期，还没有交") % {**_words(task), "days": left}


def path_of(task: Task) -> str:
    return reverse("workspace-task", args=[task.pk])


def path_of_receiver(receiver: TaskReceiver) -> str:
    return reverse("workspace-task-receiver", args=[receiver.task_id, receiver.pk])


def _move(receiver: TaskReceiver, state: str, *, since: tuple[str, ...]) -> None:
    """Two people at once: the second finds that the state is another one by now."""
    rows = TaskReceiver.objects.filter(pk=receiver.pk, state__in=since)
    changed = rows.update(state=state, changed_at=timezone.now())
    refuse_if(not changed, _("这项任务的状态刚刚变过，请刷新再看。"))
    receiver.state = state


def _refuse_withdrawn(task: Task) -> None:
    refuse_if(task.is_withdrawn, _("这项任务已经撤回，不用交。"))


def _units_of(task: Task) -> Units:
    rows = list(task.receivers.select_related("school", "region"))
    return Units([row.region for row in rows if row.region], [row.school for row in rows if row.school])


def _words(task: Task) -> dict[str, object]:
    due = _("%(month)s月%(day)s日") % {"month": task.due.month, "day": task.due.day}
    return {"centre": task.centre, "title": task.title, "due": due}
