"""Notices downwards (通知), and who has read them."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from teaching_centres.models import TeachingCentre
from teaching_centres.scopes import standing
from teaching_centres.workspace.acts import Act, rows_where
from teaching_centres.workspace.models.common import (
    CENTRE,
    CIRCULAR_CENTRE,
    UNIT,
    OfOneUnit,
    Withdrawable,
    links_field,
    once_field,
)


class CircularQuerySet(models.QuerySet["Circular"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of a centre one runs, those one was sent, those sent to people of a unit one leads."""
        receipts = CircularReceipt.objects.filter(circular=OuterRef("pk"))
        led = receipts.filter(rows_where(user, Act.LEAD, UNIT))
        seen = rows_where(user, Act.LEAD, CENTRE) | Q(Exists(led))
        if standing(user):
            seen |= Q(Exists(receipts.filter(Q(user_id=user.pk))))
        return self.filter(seen)


class Circular(Withdrawable):
    centre = models.ForeignKey(
        TeachingCentre, models.PROTECT, related_name="circulars", verbose_name=_("备课中心")
    )
    title = models.CharField(_("标题"), max_length=120)
    text = models.TextField(_("内容"), max_length=8000)
    links = links_field()
    audience = models.CharField(_("发给谁"), max_length=200)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(_("发出"), default=timezone.now)
    reminded_on = models.DateField(_("提醒过"), null=True, blank=True)
    once = once_field()
    is_demo = models.BooleanField(_("演示"), default=False)

    objects = CircularQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("下发的通知")
        ordering = ["-sent_at", "-id"]
        indexes = [models.Index(fields=["centre", "sent_at"])]

    def __str__(self) -> str:
        return self.title


class CircularReceiptQuerySet(models.QuerySet["CircularReceipt"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of a centre one runs, of the units one leads, and one's own."""
        sender = rows_where(user, Act.LEAD, CIRCULAR_CENTRE)
        own = Q(user_id=user.pk) if standing(user) else Q(pk__in=[])
        return self.filter(sender | rows_where(user, Act.LEAD, UNIT) | own)


class CircularReceipt(OfOneUnit):
    """One person whom a notice was sent to, in the unit where they stood then: the denominator of its receipts."""

    circular = models.ForeignKey(Circular, models.CASCADE, related_name="receipts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    read_at = models.DateTimeField(_("看过"), null=True, blank=True)

    objects = CircularReceiptQuerySet.as_manager()

    class Meta(OfOneUnit.Meta):
        verbose_name = verbose_name_plural = _("通知的回执")
        indexes = [
            models.Index(fields=["circular", "read_at"]),
            models.Index(fields=["circular", "school"]),
            models.Index(fields=["user", "read_at"]),
        ]
        constraints = [
            *OfOneUnit.Meta.constraints,
            models.UniqueConstraint(fields=["circular", "user"], name="circular_once_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.circular} · {self.user_id}"
