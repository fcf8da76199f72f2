"""Weak schools that a centre looks after, and support tickets: who asks, who answers, until when."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from teaching_centres.models import School, TeachingCentre
from teaching_centres.scopes import standing
from teaching_centres.workspace.acts import Act, rows_where
from teaching_centres.workspace.models.common import SCHOOL, once_field


class WeakSchoolQuerySet(models.QuerySet["WeakSchool"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """For those who lead the school, from within or above: never for other schools."""
        return self.filter(rows_where(user, Act.LEAD, SCHOOL))

    def current(self, on: date | None = None) -> Self:
        day = on or timezone.localdate()
        return self.filter(Q(ends__isnull=True) | Q(ends__gte=day), starts__lte=day)


class WeakSchool(models.Model):
    """A school that a centre gives special care, and why. No ranking comes of it."""

    school = models.ForeignKey(School, models.PROTECT, related_name="+", verbose_name=_("学校"))
    centre = models.ForeignKey(TeachingCentre, models.PROTECT, related_name="weak_schools")
    reason = models.CharField(_("原因"), max_length=500)
    starts = models.DateField(_("起"), default=timezone.localdate)
    ends = models.DateField(_("止"), null=True, blank=True)
    listed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    is_demo = models.BooleanField(_("演示"), default=False)

    objects = WeakSchoolQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("重点帮扶的学校")
        ordering = ["-starts", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")), name="weak_school_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return str(self.school)

    def is_current(self, on: date | None = None) -> bool:
        day = on or timezone.localdate()
        return self.starts <= day and (self.ends is None or self.ends >= day)


class SupportTicketQuerySet(models.QuerySet["SupportTicket"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """For whoever asked, whoever was given it, and those who lead the school, from within or above."""
        seen = rows_where(user, Act.LEAD, SCHOOL)
        if standing(user):
            seen |= Q(opened_by_id=user.pk) | Q(assigned_to_id=user.pk)
        return self.filter(seen)

    def overdue(self, on: date | None = None) -> Self:
        return self.filter(state__in=SupportTicket.WAITING, until__lt=on or timezone.localdate())


class SupportTicket(models.Model):
    class State(models.TextChoices):
        OPEN = "open", _("等人接")
        TAKEN = "taken", _("有人在办")
        ANSWERED = "answered", _("已答复")
        CLOSED = "closed", _("已办结")

    class Urgency(models.TextChoices):
        NORMAL = "normal", _("一般")
        URGENT = "urgent", _("急")

    WAITING = (State.OPEN, State.TAKEN)

    school = models.ForeignKey(School, models.PROTECT, related_name="+", verbose_name=_("学校"))
    centre = models.ForeignKey(TeachingCentre, models.PROTECT, related_name="tickets")
    subject = models.CharField(_("学科"), max_length=32, blank=True)
    need = models.TextField(_("要什么帮助"), max_length=2000)
    urgency = models.CharField(_("急不急"), max_length=8, choices=Urgency, default=Urgency.NORMAL)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.OPEN)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by_centre = models.BooleanField(_("由备课中心提出"), default=False)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    until = models.DateField(_("办到哪天"), null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)
    reopened = models.PositiveSmallIntegerField(_("重开次数"), default=0)
    reminded_on = models.DateField(_("提醒过"), null=True, blank=True)
    once = once_field()
    is_demo = models.BooleanField(_("演示"), default=False)

    objects = SupportTicketQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("求助")
        ordering = ["-opened_at", "-id"]
        indexes = [models.Index(fields=["centre", "state"]), models.Index(fields=["school", "state"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open") | Q(state="closed") | Q(assigned_to__isnull=False),
                name="ticket_taken_by_someone",
            )
        ]

    def __str__(self) -> str:
        return self.need[:40]

    def is_overdue(self, on: date | None = None) -> bool:
        """The same as `objects.overdue(on)`, for one row."""
        waiting = self.state in self.WAITING
        return waiting and self.until is not None and self.until < (on or timezone.localdate())


class TicketMessage(models.Model):
    ticket = models.ForeignKey(SupportTicket, models.CASCADE, related_name="messages")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    text = models.TextField(_("内容"), max_length=2000, blank=True)
    state = models.CharField(_("改成"), max_length=8, choices=SupportTicket.State, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("求助的往来")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.text[:40]
