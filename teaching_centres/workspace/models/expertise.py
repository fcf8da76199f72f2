"""Grades of teachers (特级教师, 学科带头人, 骨干教师), granted by a level, from a day to a day."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from teaching_centres.models import Region
from teaching_centres.scopes import standing


class ExpertiseQuerySet(models.QuerySet["Expertise"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """An honour is public among those who belong to the network."""
        return self if standing(user) else self.none()

    def current(self, on: date | None = None) -> Self:
        day = on or timezone.localdate()
        return self.filter(Q(ends__isnull=True) | Q(ends__gte=day), starts__lte=day)


class Expertise(models.Model):
    """The level of a grade is that of the region that granted it."""

    class Grade(models.TextChoices):
        SPECIAL = "special", _("特级教师")
        LEADER = "leader", _("学科带头人")
        BACKBONE = "backbone", _("骨干教师")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="expertise")
    grade = models.CharField(_("称号"), max_length=10, choices=Grade)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("评定单位"))
    subject = models.CharField(_("学科"), max_length=32)
    starts = models.DateField(_("起"))
    ends = models.DateField(_("止"), null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("登记人")
    )
    granted_at = models.DateTimeField(default=timezone.now)
    is_demo = models.BooleanField(_("演示"), default=False)

    objects = ExpertiseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("骨干和学科带头人")
        ordering = ["-starts", "id"]
        indexes = [models.Index(fields=["user", "starts"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")), name="expertise_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.region}{self.get_grade_display()} · {self.subject}"

    def is_current(self, on: date | None = None) -> bool:
        day = on or timezone.localdate()
        return self.starts <= day and (self.ends is None or self.ends >= day)
