"""What keeps a roster right over time: leave, merged schools, former names, merged people; and imports."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PERSON = settings.AUTH_USER_MODEL


class Leave(models.Model):
    """Away for a time. It takes no right away (docs/decisions/0012-rosters.md)."""

    class Kind(models.TextChoices):
        LEAVE = "leave", _("请假")
        SECONDMENT = "secondment", _("借调")
        MATERNITY = "maternity", _("产假")

    user = models.ForeignKey(PERSON, models.CASCADE, related_name="leaves", verbose_name=_("人"))
    kind = models.CharField(_("种类"), max_length=12, choices=Kind)
    starts = models.DateField(_("起"))
    ends = models.DateField(_("止"), null=True, blank=True, help_text=_("最后一天；还不知道就空着"))
    recorded_by = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("离岗")
        ordering = ["-starts", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")), name="leave_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.get_kind_display()} {self.starts}"


class FormerSchoolName(models.Model):
    """What a school was called, up to a day."""

    school = models.ForeignKey("School", models.CASCADE, related_name="former_names")
    name = models.CharField(_("曾用名"), max_length=128)
    until = models.DateField(_("用到"))

    class Meta:
        verbose_name = verbose_name_plural = _("曾用校名")
        ordering = ["-until", "-pk"]

    def __str__(self) -> str:
        return self.name


class SchoolMerge(models.Model):
    """One school goes into another on a day. Decided before, carried out on that day."""

    school = models.ForeignKey("School", models.PROTECT, related_name="merges", verbose_name=_("撤并的学校"))
    into = models.ForeignKey("School", models.PROTECT, related_name="merges_into", verbose_name=_("并入"))
    on = models.DateField(_("并入的第一天"))
    decided_by = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("学校合并")
        ordering = ["on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school"], condition=Q(done_at__isnull=True), name="one_merge_ahead_of_a_school"
            ),
            models.CheckConstraint(condition=~Q(school=F("into")), name="school_merges_into_another"),
        ]

    def __str__(self) -> str:
        return f"{self.school_id} → {self.into_id} {self.on}"


class PersonMerge(models.Model):
    """Two accounts were one person: the absorbed one is closed, and its id leads to the surviving one."""

    absorbed = models.OneToOneField(PERSON, models.PROTECT, related_name="merged_away")
    survivor = models.ForeignKey(PERSON, models.PROTECT, related_name="absorbed")
    by = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("重复人员合并")

    def __str__(self) -> str:
        return f"{self.absorbed_id} → {self.survivor_id}"


class DifferentPeople(models.Model):
    """Two who look like one, and are two: somebody looked. `one` has the smaller id."""

    one = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    other = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    by = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("不是同一个人")
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="pair_is_told_apart_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="pair_is_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} ≠ {self.other_id}"


class RosterImport(models.Model):
    """A file of one person on its way into the roster: read, looked at, written. Its state is here, not in a job."""

    class State(models.TextChoices):
        READING = "reading", _("正在读")
        WRONG = "wrong", _("有错")
        READY = "ready", _("等你确认")
        STALE = "stale", _("名册变过，要重看")
        WRITING = "writing", _("正在写入")
        DONE = "done", _("已导入")
        FAILED = "failed", _("没有导入")
        DROPPED = "dropped", _("已放弃")

    WAITING_FOR_A_JOB = (State.READING, State.WRITING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    actor = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name=_("谁"))
    file_name = models.CharField(_("文件"), max_length=200)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.READING)
    begun_at = models.DateTimeField(_("上传"), default=timezone.now)
    touched_at = models.DateTimeField(_("状态更改"), default=timezone.now)
    counts = models.JSONField(default=dict)
    reason = models.JSONField(default=list, help_text=_("为什么没成：文字和其中的值"))
    digest = models.CharField(max_length=64, blank=True, help_text=_("给人看过的改动的摘要"))

    class Meta:
        verbose_name = verbose_name_plural = _("名册导入")
        ordering = ["-begun_at"]
        indexes = [models.Index(fields=["state", "touched_at"])]

    def __str__(self) -> str:
        return str(self.pk)


class RosterDraft(models.Model):
    """The file itself and what it says, gone as soon as it is imported or dropped: names are in it."""

    roster_import = models.OneToOneField(RosterImport, models.CASCADE, primary_key=True, related_name="draft")
    content = models.BinaryField()
    troubles = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    changes = models.JSONField(default=list)

    class Meta:
        verbose_name = verbose_name_plural = _("名册导入的文件")

    def __str__(self) -> str:
        return str(self.pk)
