"""What is said about a plan: threads beside its text, and what people say in them.

Where a thread stands in the text is a mark in the document (`lessons.document.anchors`); rows are the truth about all
else. A mark without a row shows nothing, a thread without its mark is orphaned and shown with its quote.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lessons.content import random_id
from lessons.models import LessonPlan

QUOTE_LENGTH = 2000
TEXT_LENGTH = 4000


class Thread(models.Model):
    class Kind(models.TextChoices):
        COMMENT = "comment", _("批注")
        QUESTION = "question", _("问题")

    class State(models.TextChoices):
        OPEN = "open", _("没处理")
        RESOLVED = "resolved", _("处理好了")

    class Place(models.TextChoices):
        """What it is about."""

        TEXT = "text", _("几个字")
        BLOCK = "block", _("一段")
        PLAN = "plan", _("整份教案")

    id = models.CharField(primary_key=True, max_length=10, default=random_id, editable=False)
    plan = models.ForeignKey(LessonPlan, models.CASCADE, related_name="threads")
    number = models.PositiveIntegerField(_("第几条"))
    kind = models.CharField(_("种类"), max_length=10, choices=Kind, default=Kind.COMMENT)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.OPEN)
    place = models.CharField(_("对什么"), max_length=10, choices=Place)
    block_id = models.CharField(max_length=64, blank=True)
    section = models.CharField(_("哪一部分"), max_length=64, blank=True, help_text="key of the section then")
    quote = models.TextField(_("原文"), max_length=QUOTE_LENGTH, blank=True)
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("提出"), default=timezone.now)
    changed_at = models.DateTimeField(_("最近有话"), default=timezone.now)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("讨论")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="thread_number_is_unique_in_plan"),
            models.CheckConstraint(
                condition=Q(place="block") & ~Q(block_id="") | ~Q(place="block") & Q(block_id=""),
                name="thread_about_a_block_names_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.number}"


class Comment(models.Model):
    class Kind(models.TextChoices):
        PLAIN = "plain", _("回复")
        VIEWPOINT = "viewpoint", _("观点")
        CONSENSUS = "consensus", _("共识")

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("说的话"), max_length=TEXT_LENGTH)
    kind = models.CharField(_("种类"), max_length=10, choices=Kind, default=Kind.PLAIN)
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("提到的人"))
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("发言")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["thread"],
                condition=Q(kind="consensus", deleted_at__isnull=True),
                name="thread_has_one_consensus",
            )
        ]
        indexes = [models.Index(fields=["author", "-id"])]

    def __str__(self) -> str:
        return f"{self.thread_id} {self.pk}"
