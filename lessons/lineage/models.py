"""Own versions (个案): where each came from, what of the shared plan its owner has decided on, what was sent back."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PART_LENGTH = 80
HASH_LENGTH = 32


class Fork(models.Model):
    """An own version of a shared plan. Whose it is, is who owns the plan."""

    class Follows(models.TextChoices):
        VERSIONS = "versions", _("定了新版才告诉我")
        PRESENT = "present", _("也看还没定版的改动")

    plan = models.OneToOneField("lessons.LessonPlan", models.CASCADE, related_name="fork")
    upstream = models.ForeignKey("lessons.LessonPlan", models.PROTECT, related_name="forks")
    version = models.ForeignKey(
        "lessons.PlanVersion", models.PROTECT, related_name="forks", verbose_name=_("从哪一版做的")
    )
    follows = models.CharField(_("看到哪里"), max_length=10, choices=Follows, default=Follows.VERSIONS)
    waiting = models.PositiveIntegerField(
        _("等决定"), default=0, help_text=_("derived: 新定的版本里还没决定的几处")
    )
    made_at = models.DateTimeField(_("接收"), default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("个案")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.plan_id} ← {self.upstream_id}"


class ForkBlock(models.Model):
    """What an own version remembers of one part that its owner has decided on; of the others the version it came
    from tells all."""

    fork = models.ForeignKey(Fork, models.CASCADE, related_name="blocks")
    part = models.CharField(max_length=PART_LENGTH, help_text="lessons.lineage.parts.Part.key")
    base = models.JSONField(null=True, help_text="the shared plan's text that the own text goes back to")
    base_version = models.ForeignKey("lessons.PlanVersion", models.PROTECT, null=True, related_name="+")
    seen = models.CharField(max_length=HASH_LENGTH, blank=True, help_text="what was decided on last")
    declined = models.JSONField(default=list, help_text="hashes of what is never offered again")
    given = models.JSONField(default=list, help_text="hashes of what the shared plan took over from here")
    put_off = models.CharField(max_length=HASH_LENGTH, null=True, help_text="hash; of what is deleted empty")

    class Meta:
        verbose_name = verbose_name_plural = _("个案的一处")
        constraints = [models.UniqueConstraint(fields=["fork", "part"], name="part_is_remembered_once")]

    def __str__(self) -> str:
        return f"{self.fork_id} {self.part}"


class Decision(models.Model):
    """What the owner of an own version did with one offer, and all that is needed to take it back."""

    class Act(models.TextChoices):
        ACCEPT = "accept", _("已采用")
        MERGE = "merge", _("合着改了")
        DECLINE = "decline", _("没采用")

    fork = models.ForeignKey(Fork, models.CASCADE, related_name="decisions")
    part = models.CharField(max_length=PART_LENGTH)
    title = models.CharField(max_length=240)
    act = models.CharField(max_length=8, choices=Act)
    change = models.CharField(max_length=8, help_text="added, changed, deleted or moved")
    version = models.ForeignKey("lessons.PlanVersion", models.PROTECT, null=True, related_name="+")
    offered = models.CharField(max_length=HASH_LENGTH, blank=True)
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    before = models.JSONField(help_text="the own text and what was remembered, as they were")
    result = models.CharField(max_length=HASH_LENGTH, blank=True, help_text="hash of the own text afterwards")
    decided_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("对共案改动的决定")
        ordering = ["-id"]
        indexes = [models.Index(fields=["fork", "part"])]

    def __str__(self) -> str:
        return f"{self.fork_id} {self.part} {self.act}"


class Contribution(models.Model):
    """A part of an own version, offered to the shared plan (提给共案)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等回复")
        ACCEPTED = "accepted", _("采用")
        DECLINED = "declined", _("没采用")
        WITHDRAWN = "withdrawn", _("收回了")

    plan = models.ForeignKey("lessons.LessonPlan", models.CASCADE, related_name="contributions")
    fork = models.ForeignKey(Fork, models.CASCADE, related_name="contributions")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    part = models.CharField(max_length=PART_LENGTH)
    title = models.CharField(max_length=240)
    text = models.JSONField(help_text="the part, its place and what it goes back to, as they were sent")
    remark = models.CharField(_("说明"), max_length=300, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    answer = models.CharField(_("回复"), max_length=300, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    sent_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("提给共案的改法")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["fork", "part"],
                condition=Q(state="waiting"),
                name="one_waiting_contribution_a_part",
            )
        ]
        indexes = [models.Index(fields=["plan", "state"])]

    def __str__(self) -> str:
        return f"{self.title} {self.state}"


class ChangeNote(models.Model):
    """Why a part of the shared plan was changed in a version: one line of its lead preparer."""

    version = models.ForeignKey("lessons.PlanVersion", models.CASCADE, related_name="change_notes")
    part = models.CharField(max_length=PART_LENGTH)
    text = models.CharField(_("为什么改"), max_length=200)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("改动的说明")
        constraints = [models.UniqueConstraint(fields=["version", "part"], name="part_has_one_change_note")]

    def __str__(self) -> str:
        return self.text
