"""What several models of the workspaces share."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from teaching_centres.models import Region, School
from teaching_centres.scopes import UnitLookups

CENTRE = UnitLookups(region_paths=("centre__region__path",))
TASK_CENTRE = UnitLookups(region_paths=("task__centre__region__path",))
CIRCULAR_CENTRE = UnitLookups(region_paths=("circular__centre__region__path",))
SCHOOL = UnitLookups(region_paths=("school__county__path",), school="school")
UNIT = UnitLookups(region_paths=("region__path", "school__county__path"), school="school")


class OfOneUnit(models.Model):
    """A row that belongs to one unit: a school, or the centre of a region."""

    school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("学校")
    )
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("行政区")
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(school__isnull=False, region__isnull=True)
                | Q(school__isnull=True, region__isnull=False),
                name="%(class)s_has_one_unit",
            )
        ]

    @property
    def unit(self) -> Region | School:
        unit = self.school or self.region
        assert unit is not None, "has_one_unit"
        return unit


class Withdrawable(models.Model):
    """Something a centre sent down and may take back, with a reason."""

    withdrawn_at = models.DateTimeField(_("撤回"), null=True, blank=True)
    withdrawn_because = models.CharField(_("撤回原因"), max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None


def once_field() -> models.UUIDField:
    """What the form carries, so that the same form sent twice is one row."""
    return models.UUIDField(null=True, editable=False, unique=True)


def links_field() -> Any:
    """What is attached: [{"kind", "id", "label"}], as it was called then (`seams.Link`)."""
    return models.JSONField(_("附件"), default=list, blank=True)
