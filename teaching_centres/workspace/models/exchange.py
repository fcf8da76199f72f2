"""The exchange register: who taught where (送教, 走教, 交流轮岗, 支教), confirmed by the receiver."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from teaching_centres.models import Region, School
from teaching_centres.scopes import UnitLookups, standing
from teaching_centres.workspace.acts import Act, rows_where

FROM = UnitLookups(region_paths=("from_region__path", "from_school__county__path"), school="from_school")
TO = UnitLookups(region_paths=("to_school__county__path",), school="to_school")


class VisitQuerySet(models.QuerySet["Visit"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """For whoever has to do with one of the two units, and for the visitor."""
        seen = rows_where(user, Act.LOOK, FROM) | rows_where(user, Act.LOOK, TO)
        if standing(user):
            seen |= Q(person_id=user.pk)
        return self.filter(seen)


class Visit(models.Model):
    class Kind(models.TextChoices):
        SENT = "sent", _("送教")
        TRAVELLING = "travelling", _("走教")
        ROTATION = "rotation", _("交流轮岗")
        SUPPORT = "support", _("支教")

    class State(models.TextChoices):
        REGISTERED = "registered", _("待确认")
        CONFIRMED = "confirmed", _("已确认")
        REFUSED = "refused", _("不属实")

    kind = models.CharField(_("种类"), max_length=10, choices=Kind)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("教师")
    )
    from_school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("派出学校")
    )
    from_region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("派出教研部门")
    )
    to_school = models.ForeignKey(School, models.PROTECT, related_name="+", verbose_name=_("接收学校"))
    starts = models.DateField(_("起"))
    ends = models.DateField(_("止"))
    subject = models.CharField(_("学科"), max_length=32)
    hours = models.PositiveSmallIntegerField(_("课时"))
    note = models.CharField(_("说明"), max_length=300, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.REGISTERED)
    refused_because = models.CharField(_("不属实的原因"), max_length=300, blank=True)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    is_demo = models.BooleanField(_("演示"), default=False)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("交流登记")
        ordering = ["-starts", "-id"]
        indexes = [
            models.Index(fields=["to_school", "starts"]),
            models.Index(fields=["from_school", "starts"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_school__isnull=False, from_region__isnull=True)
                | Q(from_school__isnull=True, from_region__isnull=False),
                name="visit_comes_from_one_unit",
            ),
            models.CheckConstraint(
                condition=Q(from_school__isnull=True) | ~Q(from_school=F("to_school")),
                name="visit_goes_to_another_school",
            ),
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="visit_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.person} → {self.to_school}"

    @property
    def origin(self) -> School | Region:
        unit = self.from_school or self.from_region
        assert unit is not None, "visit_comes_from_one_unit"
        return unit
