"""Exemplars (范例): plans that a centre chose from those shared with its region."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from teaching_centres.models import TeachingCentre

if TYPE_CHECKING:
    from foundation.accounts.models import User


class ExemplarQuerySet(models.QuerySet["Exemplar"]):
    def visible_to(self, user: "User") -> Self:
        """Those whose plan this person may read: choosing a plan opens it to nobody."""
        from lessons.models import LessonPlan

        return self.filter(plan__in=LessonPlan.objects.visible_to(user).values("pk"))

    def current(self) -> Self:
        return self.filter(removed_at__isnull=True)


class Exemplar(models.Model):
    plan = models.ForeignKey("lessons.LessonPlan", models.CASCADE, related_name="exemplars")
    centre = models.ForeignKey(TeachingCentre, models.PROTECT, related_name="exemplars")
    reason = models.CharField(_("好在哪里"), max_length=300)
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField(_("选入"), default=timezone.now)
    removed_at = models.DateTimeField(_("取消"), null=True, blank=True)
    is_demo = models.BooleanField(_("演示"), default=False)

    objects = ExemplarQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("范例")
        ordering = ["-chosen_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "centre"],
                condition=Q(removed_at__isnull=True),
                name="exemplar_once_a_centre",
            )
        ]

    def __str__(self) -> str:
        return f"{self.centre} {self.plan_id}"
