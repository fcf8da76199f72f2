"""Tasks (任务): what a centre asks of the centres and prep points below it, and how each stands."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from teaching_centres.models import TeachingCentre
from teaching_centres.workspace.acts import Act, rows_where
from teaching_centres.workspace.models.common import (
    CENTRE,
    TASK_CENTRE,
    UNIT,
    OfOneUnit,
    Withdrawable,
    links_field,
    once_field,
)


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of a centre one runs, and those given to a unit whose affairs one follows."""
        mine = TaskReceiver.objects.filter(task=OuterRef("pk")).filter(rows_where(user, Act.FOLLOW, UNIT))
        return self.filter(rows_where(user, Act.LEAD, CENTRE) | Exists(mine))


class Task(Withdrawable):
    centre = models.ForeignKey(
        TeachingCentre, models.PROTECT, related_name="tasks", verbose_name=_("备课中心")
    )
    title = models.CharField(_("任务"), max_length=120)
    expected = models.TextField(_("要做到什么"), max_length=4000)
    links = links_field()
    due = models.DateField(_("期限"))
    audience = models.CharField(_("给谁"), max_length=200)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    given_at = models.DateTimeField(_("布置"), default=timezone.now)
    once = once_field()
    is_demo = models.BooleanField(_("演示"), default=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("任务")
        ordering = ["-given_at", "-id"]
        indexes = [models.Index(fields=["centre", "due"])]

    def __str__(self) -> str:
        return self.title

    def is_overdue(self, on: date | None = None) -> bool:
        return self.due < (on or timezone.localdate())


class TaskReceiverQuerySet(models.QuerySet["TaskReceiver"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the tasks of a centre one runs, and those of the units whose affairs one follows."""
        giver = rows_where(user, Act.LEAD, TASK_CENTRE)
        return self.filter(giver | rows_where(user, Act.FOLLOW, UNIT))

    def outstanding(self) -> Self:
        return self.filter(state__in=TaskReceiver.OUTSTANDING, task__withdrawn_at__isnull=True)


class TaskReceiver(OfOneUnit):
    """A task as one unit has it."""

    class State(models.TextChoices):
        NEW = "new", _("未看")
        SEEN = "seen", _("已看")
        DOING = "doing", _("进行中")
        HANDED_IN = "handed_in", _("已交")
        RETURNED = "returned", _("已退回")
        DONE = "done", _("已完成")

    OUTSTANDING = (State.NEW, State.SEEN, State.DOING, State.RETURNED)

    task = models.ForeignKey(Task, models.CASCADE, related_name="receivers")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.NEW)
    changed_at = models.DateTimeField(_("状态变化"), default=timezone.now)
    reminded_on = models.DateField(_("提醒过"), null=True, blank=True)

    objects = TaskReceiverQuerySet.as_manager()

    class Meta(OfOneUnit.Meta):
        verbose_name = verbose_name_plural = _("任务的接收单位")
        indexes = [models.Index(fields=["task", "state"]), models.Index(fields=["school", "state"])]
        constraints = [
            *OfOneUnit.Meta.constraints,
            models.UniqueConstraint(
                fields=["task", "school"], condition=Q(school__isnull=False), name="task_once_a_school"
            ),
            models.UniqueConstraint(
                fields=["task", "region"], condition=Q(region__isnull=False), name="task_once_a_centre"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} · {self.unit}"


class TaskAnswer(models.Model):
    """What a unit handed in, and what the centre said to it."""

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", _("通过")
        RETURNED = "returned", _("退回")

    receiver = models.ForeignKey(TaskReceiver, models.CASCADE, related_name="answers")
    text = models.TextField(_("说明"), max_length=4000, blank=True)
    links = links_field()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    reason = models.CharField(_("意见"), max_length=500, blank=True)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("任务的答复")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.receiver} {self.at:%Y-%m-%d}"
