"""The record of what was done: append-only, with place and role as they were at the time."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.ledger.errors import AppendOnly


class EventQuerySet(models.QuerySet["Event"]):
    def update(self, **_kwargs: Any) -> NoReturn:
        raise AppendOnly("update")

    def bulk_update(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnly("bulk_update")

    def delete(self) -> NoReturn:
        raise AppendOnly("delete")

    def purge(self) -> int:
        """The way out that `operations.purge` documents."""
        return super().delete()[0]


class Event(models.Model):
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

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("save")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnly("delete")
