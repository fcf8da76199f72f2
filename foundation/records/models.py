"""Records: who wrote what into which field, what was signed, and the tasks that came of it.

A record is about a subject of an app above, by kind, id and label only. What nobody edited is not stored: a draft is
filled from its source whenever it is read (`queries.draft_of`).
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.ledger.models import AppendOnlyModel, AppendOnlyQuerySet
from foundation.records.form import CURRENT_FORM


class Record(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        SIGNED = "signed", _("已定稿")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("种类"), max_length=32)
    subject_id = models.CharField(_("对象编号"), max_length=64)
    subject_label = models.CharField(_("对象名称"), max_length=200)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.DRAFT)
    began_at = models.DateTimeField(_("开始"), default=timezone.now)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed_at = models.DateTimeField(_("定稿"), null=True, blank=True)
    reopened_because = models.CharField(_("为什么重开"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("活动记录")
        ordering = ["-began_at", "id"]
        constraints = [models.UniqueConstraint(fields=["kind", "subject_id"], name="one_record_of_a_subject")]

    def __str__(self) -> str:
        return self.subject_label

    @property
    def is_signed(self) -> bool:
        return self.state == self.State.SIGNED


class RecordEdit(AppendOnlyModel):
    """One saving of one field. The newest counts; the ones before it stay, so that no words are lost."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="edits")
    field = models.CharField(max_length=24)
    value = models.JSONField(null=True, help_text="null: what the source says")
    automatic = models.CharField(
        max_length=64, help_text="SHA-256 of what the source said when this was written"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("记录的改动")
        ordering = ["id"]
        indexes = [models.Index(fields=["record", "field", "id"])]

    def __str__(self) -> str:
        return f"{self.record_id} {self.field} {self.pk}"


class RecordRevision(AppendOnlyModel):
    """A signed record, frozen. Its hash covers everything else in it, and stands in the audit trail as well."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(_("第几次定稿"))
    form = models.PositiveSmallIntegerField(_("表格版本"), default=CURRENT_FORM)
    subject_label = models.CharField(max_length=200)
    body = models.JSONField(_("内容"))
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("定稿"))
    sha256 = models.CharField(_("校验值"), max_length=64)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("定稿的记录")
        ordering = ["record", "-number"]
        constraints = [models.UniqueConstraint(fields=["record", "number"], name="record_revision_once")]

    def __str__(self) -> str:
        return f"{self.subject_label} {self.number}"


class RecordTaskQuerySet(models.QuerySet["RecordTask"]):
    def open(self) -> "RecordTaskQuerySet":
        return self.filter(done_at__isnull=True, withdrawn_at__isnull=True)

    def by_due(self) -> "RecordTaskQuerySet":
        return self.order_by(F("due").asc(nulls_last=True), "pk")


class RecordTask(models.Model):
    """A task of the signed record. Signing again changes it, or withdraws it when it is no longer there."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="tasks")
    key = models.CharField(max_length=64)
    text = models.CharField(_("任务"), max_length=300)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="record_tasks"
    )
    person_name = models.CharField(_("没有帐号的负责人"), max_length=160, blank=True)
    due = models.DateField(_("期限"), null=True, blank=True)
    given_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(_("完成"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("取消"), null=True, blank=True)

    objects = RecordTaskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("记录里的任务")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["record", "key"], name="record_task_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="record_task_is_done_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.text
