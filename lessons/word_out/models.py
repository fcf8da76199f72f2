"""Own forms of Word documents, and what was ordered: a PDF of one plan, a parcel of many."""

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.files.models import StoredFile
from teaching_centres.models import Region, School
from teaching_centres.policies import Unit

if TYPE_CHECKING:
    from foundation.accounts.models import User


class WordTemplateQuerySet(models.QuerySet["WordTemplate"]):
    def for_person(self, user: "User") -> Self:
        """Those in use: one's own, those of the units one belongs to, and of the regions above."""
        from teaching_centres.queries import current_region, current_school

        region, school = current_region(user), current_school(user)
        of_units = (
            Q(region_id__in=[int(step) for step in region.path.split("/") if step]) if region else Q(pk=None)
        )
        if school is not None:
            of_units |= Q(school=school)
        return self.filter(Q(owner=user) | of_units, retired_at=None)


class WordTemplate(models.Model):
    """A Word document with placeholders, of a unit or of one person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("名称"), max_length=64)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="word_templates"
    )
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="word_templates")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="word_templates")
    file = models.OneToOneField(StoredFile, models.PROTECT, related_name="+")
    asks_for = models.JSONField(_("用到的占位符"), default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(_("停用"), null=True, blank=True)

    objects = WordTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("Word 模板")
        ordering = ["-made_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=False, region__isnull=True, school__isnull=True)
                | Q(owner__isnull=True, region__isnull=False, school__isnull=True)
                | Q(owner__isnull=True, region__isnull=True, school__isnull=False),
                name="word_template_is_of_one",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def unit(self) -> Unit | None:
        return self.school or self.region


class PaperJob(models.Model):
    """A PDF of one plan, or many plans in one file: made by a job, fetched by its owner, gone after some days."""

    class Kind(models.TextChoices):
        PDF = "pdf", _("PDF")
        PARCEL = "parcel", _("一批教案")

    class State(models.TextChoices):
        WAITING = "waiting", _("排队")
        WORKING = "working", _("正在做")
        DONE = "done", _("做好了")
        FAILED = "failed", _("没做成")
        GONE = "gone", _("过期，已删")

    UNFINISHED = (State.WAITING, State.WORKING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.WAITING)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="paper_jobs")
    order = models.JSONField(help_text="plans: ids; version, template: id or null; notes_column: bool")
    name = models.CharField(_("文件名"), max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    reason = models.CharField(_("原因"), max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    ordered_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("导出")
        ordering = ["-ordered_at", "id"]
        indexes = [
            models.Index(fields=["owner", "-ordered_at"]),
            models.Index(fields=["state", "touched_at"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def storage_name(self) -> str:
        return f"exports/{self.pk}"
