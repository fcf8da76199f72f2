"""What was done, append-only: usage events, and the hash-chained trail of administrative acts.

Both keep place and role as they were at the time.
"""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.ledger.errors import AppendOnly


class AppendOnlyQuerySet(models.QuerySet[Any]):
    def update(self, **_kwargs: Any) -> NoReturn:
        raise AppendOnly("update")

    def bulk_update(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnly("bulk_update")

    def delete(self) -> NoReturn:
        raise AppendOnly("delete")


class EventQuerySet(AppendOnlyQuerySet):
    def take_label_away(self) -> int:
        """The way out for a name that must be forgotten (`personal_data`): the row and its counts stay."""
        return models.QuerySet.update(self, subject_label="")

    def purge(self) -> int:
        """The way out that `operations.purge` documents."""
        return models.QuerySet.delete(self)[0]


class AppendOnlyModel(models.Model):
    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("save")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnly("delete")


class Event(AppendOnlyModel):
    kind = models.CharField(_("事件"), max_length=48)
    at = models.DateTimeField(_("时间"), db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("人")
    )
    role = models.CharField(_("当时的角色"), max_length=32, blank=True)
    school_id = models.BigIntegerField(_("当时的学校"), null=True)
    region_id = models.BigIntegerField(_("当时的县区或市州"), null=True)
    urban_class = models.CharField(_("当时学校的城乡分类"), max_length=16, blank=True)
    subject_kind = models.CharField(_("对象种类"), max_length=32, blank=True)
    subject_id = models.CharField(_("对象编号"), max_length=64, blank=True)
    subject_label = models.CharField(_("对象名称"), max_length=200, blank=True)
    data = models.JSONField(_("内容"), default=dict)
    idempotency_key = models.CharField(max_length=200, unique=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("记录")
        indexes = [
            models.Index(fields=["kind", "at"]),
            models.Index(fields=["subject_kind", "subject_id"]),
            models.Index(fields=["actor", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_label}"


class AuditEntry(AppendOnlyModel):
    """One administrative act, done or refused. Its hash covers everything else in it (`audit.py`).

    People are ids without a relation: whoever is deleted leaves a number here and no name.
    """

    chain = models.CharField(_("链"), max_length=32)
    number = models.PositiveBigIntegerField(_("序号"))
    at = models.DateTimeField(_("时间"))
    act = models.CharField(_("操作"), max_length=48)
    allowed = models.BooleanField(_("允许"))
    actor_id = models.BigIntegerField(_("操作人编号"), null=True)
    role = models.CharField(_("操作人当时的角色"), max_length=32, blank=True)
    school_id = models.BigIntegerField(_("涉及的学校"), null=True)
    region_id = models.BigIntegerField(_("涉及的县区或市州"), null=True)
    subject_kind = models.CharField(_("对象种类"), max_length=32)
    subject_id = models.CharField(_("对象编号"), max_length=64)
    subject_label = models.CharField(_("对象名称"), max_length=200, blank=True)
    details = models.JSONField(_("内容"), default=dict)
    previous = models.CharField(_("前一条的校验值"), max_length=64)
    hash = models.CharField(_("校验值"), max_length=64)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("操作记录")
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="audit_number_once")]
        indexes = [
            models.Index(fields=["at", "id"]),
            models.Index(fields=["school_id", "at"]),
            models.Index(fields=["region_id", "at"]),
            models.Index(fields=["subject_kind", "subject_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.chain} {self.number} {self.act}"


class AuditHead(models.Model):
    """The last entry of a chain. Its row is locked while the next one is appended."""

    chain = models.CharField(_("链"), max_length=32, primary_key=True)
    number = models.PositiveBigIntegerField(_("条数"), default=0)
    hash = models.CharField(_("最后一条的校验值"), max_length=64, default="")

    class Meta:
        verbose_name = verbose_name_plural = _("操作记录的链头")

    def __str__(self) -> str:
        return f"{self.chain} {self.number} {self.hash}"
