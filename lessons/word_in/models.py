"""A Word file on its way to become a plan."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class WordImport(models.Model):
    """One file of those that a person chose together: read, looked at, made into a plan. Its state is here, not in
    a job."""

    class State(models.TextChoices):
        READING = "reading", _("正在读")
        READY = "ready", _("读好了")
        REFUSED = "refused", _("没有读成")
        DONE = "done", _("已建成教案")
        DROPPED = "dropped", _("不导了")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.UUIDField(_("一起选的文件"), db_index=True)
    position = models.PositiveSmallIntegerField(default=0)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("谁")
    )
    file_name = models.CharField(_("文件"), max_length=200)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.READING)
    content = models.BinaryField(null=True, help_text=_("文件本身，建成教案或不导了就删"))
    document = models.JSONField(null=True, help_text=_("读出来的内容"))
    left_out = models.JSONField(default=list, help_text=_("带不过来的：什么、在哪里、写着什么"))
    reason = models.JSONField(default=list, help_text=_("为什么没读成：文字和其中的值"))
    plan = models.ForeignKey("lessons.LessonPlan", models.SET_NULL, null=True, related_name="+")
    begun_at = models.DateTimeField(_("上传"), default=timezone.now)
    touched_at = models.DateTimeField(_("状态更改"), default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("Word 导入")
        ordering = ["-begun_at", "position"]
        indexes = [models.Index(fields=["state", "touched_at"])]

    def __str__(self) -> str:
        return str(self.pk)
