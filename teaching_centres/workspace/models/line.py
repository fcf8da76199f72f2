"""How a school's line was when it was measured: a file of known size, fetched through the platform."""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from teaching_centres.models import School
from teaching_centres.workspace.acts import Act, rows_where
from teaching_centres.workspace.models.common import SCHOOL


class LineMeasurementQuerySet(models.QuerySet["LineMeasurement"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(rows_where(user, Act.LOOK, SCHOOL))


class LineMeasurement(models.Model):
    """No person is kept with it. A line that was down could not be measured: no speed then."""

    class Kind(models.TextChoices):
        CLICK = "click", _("点了测的")
        IDLE = "idle", _("空闲时测的")
        OUTAGE = "outage", _("断线")

    school = models.ForeignKey(School, models.CASCADE, related_name="+", verbose_name=_("学校"))
    at = models.DateTimeField(_("时间"))
    kind = models.CharField(_("怎样测的"), max_length=8, choices=Kind)
    down_kbit = models.PositiveIntegerField(_("下载 kbit/s"), null=True)
    latency_ms = models.PositiveIntegerField(_("延迟 ms"), null=True)
    is_demo = models.BooleanField(_("演示"), default=False)

    objects = LineMeasurementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("线路测量")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["school", "at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="outage", down_kbit__isnull=True)
                | (~Q(kind="outage") & Q(down_kbit__isnull=False)),
                name="line_speed_unless_down",
            )
        ]

    def __str__(self) -> str:
        return f"{self.school} {self.at:%Y-%m-%d} {self.down_kbit or '—'}"
