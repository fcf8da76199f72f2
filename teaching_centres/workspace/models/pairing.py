"""城乡结对: a town school and a village school that prepare together, and what each gave the other."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from teaching_centres.models import School
from teaching_centres.scopes import UnitLookups
from teaching_centres.workspace.acts import Act, rows_where

SIDES = (
    UnitLookups(region_paths=("town__county__path",), school="town"),
    UnitLookups(region_paths=("village__county__path",), school="village"),
)


class PairingQuerySet(models.QuerySet["Pairing"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """For whoever has to do with one of the two schools."""
        town, village = (rows_where(user, Act.LOOK, side) for side in SIDES)
        return self.filter(town | village)

    def current(self, on: date | None = None) -> Self:
        day = on or timezone.localdate()
        return self.filter(Q(ends__isnull=True) | Q(ends__gte=day), starts__lte=day)


class Pairing(models.Model):
    town = models.ForeignKey(School, models.PROTECT, related_name="+", verbose_name=_("城镇学校"))
    village = models.ForeignKey(School, models.PROTECT, related_name="+", verbose_name=_("乡村学校"))
    plan = models.TextField(_("结对计划"), max_length=4000, blank=True)
    starts = models.DateField(_("起"), default=timezone.localdate)
    ends = models.DateField(_("止"), null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    is_demo = models.BooleanField(_("演示"), default=False)

    objects = PairingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("城乡结对")
        ordering = ["-starts", "id"]
        indexes = [models.Index(fields=["village", "starts"]), models.Index(fields=["town", "starts"])]
        constraints = [
            models.CheckConstraint(condition=~Q(town=F("village")), name="pairing_joins_two_schools"),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")), name="pairing_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.town} — {self.village}"

    def is_current(self, on: date | None = None) -> bool:
        day = on or timezone.localdate()
        return self.starts <= day and (self.ends is None or self.ends >= day)


class PairingActivity(models.Model):
    class Kind(models.TextChoices):
        PREPARED = "prepared", _("一起备课")
        LESSON = "lesson", _("上课、送课")
        OBSERVED = "observed", _("听课评课")
        RESEARCH = "research", _("教研、讲座")
        TRAINED = "trained", _("跟岗学习")
        MATERIAL = "material", _("给资料")

    class Side(models.TextChoices):
        TOWN = "town", _("城镇学校")
        VILLAGE = "village", _("乡村学校")

    pairing = models.ForeignKey(Pairing, models.CASCADE, related_name="activities")
    day = models.DateField(_("日期"))
    kind = models.CharField(_("做了什么"), max_length=10, choices=Kind)
    title = models.CharField(_("内容"), max_length=200)
    giver = models.CharField(_("谁出的力"), max_length=8, choices=Side)
    people = models.PositiveSmallIntegerField(_("对方多少人受益"), default=1)
    hours = models.PositiveSmallIntegerField(_("课时"), null=True, blank=True)
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    logged_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("结对活动")
        ordering = ["-day", "-id"]

    def __str__(self) -> str:
        return self.title
