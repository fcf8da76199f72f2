import secrets
import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.notices.kinds import Channel

DIGEST_HOUR = 7


class Notice(models.Model):
    """One line under someone's bell."""

    class Mail(models.TextChoices):
        NO = "", _("不发")
        NOW = "now", _("马上")
        DIGEST = "digest", _("每天一封")

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=32)
    text = models.CharField(_("内容"), max_length=300)
    path = models.CharField(_("去处"), max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mail = models.CharField(_("发信"), max_length=6, choices=Mail, blank=True, default=Mail.NO)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("通知")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["recipient", "read_at"]),
            models.Index(
                fields=["mail", "created_at"],
                condition=~Q(mail="") & Q(mailed_at__isnull=True),
                name="notices_to_mail",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Preference(models.Model):
    """How someone wants to hear of one kind, where that differs from its default."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_preferences")
    kind = models.CharField(max_length=32)
    channel = models.CharField(max_length=8, choices=Channel)

    class Meta:
        verbose_name = verbose_name_plural = _("通知设置")
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_preference_for_a_kind")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.channel}"


def new_key() -> str:
    return secrets.token_urlsafe(32)


class MailSettings(models.Model):
    """When someone's daily letter comes, whether any comes, and what its link to stop them carries."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mail_settings")
    digest_hour = models.PositiveSmallIntegerField(
        _("几点"), default=DIGEST_HOUR, validators=[MaxValueValidator(23)]
    )
    last_digest_on = models.DateField(null=True, blank=True)
    stopped = models.BooleanField(_("不再发信"), default=False)
    key = models.CharField(max_length=43, unique=True, default=new_key, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("邮件设置")

    def __str__(self) -> str:
        return str(self.user_id)


class CalendarFeed(models.Model):
    """Someone's calendar at a secret address; of the secret only the digest is kept."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed")
    digest = models.CharField(max_length=64, unique=True)
    key = models.UUIDField(
        default=uuid.uuid4, editable=False, help_text="what the ids of its events come from"
    )
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("日历地址")

    def __str__(self) -> str:
        return str(self.user_id)
