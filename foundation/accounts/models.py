"""Identity and sign-in only: who someone is, never what they may do (teaching_centres.roles)."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.accounts.names import LONGEST, sort_key


class NameKeyField(models.CharField):
    """What people are sorted by: it follows the name whenever a row is written."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        assert isinstance(model_instance, User)
        model_instance.name_key = sort_key(model_instance.name)
        return model_instance.name_key


class User(AbstractBaseUser, PermissionsMixin):
    username = models.CharField(_("手机号或工号"), max_length=64, unique=True)
    name = models.CharField(_("姓名"), max_length=64)
    name_key = NameKeyField(max_length=LONGEST, editable=False, default="", db_index=True)
    email = models.EmailField(_("邮箱"), blank=True)
    is_active = models.BooleanField(_("可以登录"), default=True)
    is_staff = models.BooleanField(_("可以进后台"), default=False)
    is_demo = models.BooleanField(_("演示帐号"), default=False)
    joined_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    activated_at = models.DateTimeField(_("开通时间"), null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(_("注销时间"), null=True, blank=True, editable=False)

    objects = UserManager()

    NAMED = ("name", "name_key")
    EMAIL_FIELD = "email"
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = _("帐号")

    def __str__(self) -> str:
        return self.name

    def rename(self, name: str) -> None:
        """To be saved with the fields `NAMED`."""
        self.name, self.name_key = name, sort_key(name)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @property
    def is_activated(self) -> bool:
        """Has this person ever been in? Until then only a one-time code or link opens the account."""
        return self.activated_at is not None or self.has_usable_password()

    @property
    def colour(self) -> int:
        """Which of the six person colours (--p1 … --p6) this person has everywhere."""
        return (self.pk or 0) % 6 + 1


class OneTimeCode(models.Model):
    """What lets someone choose a password: once, for a while. Kept as a digest; used up, the row is gone."""

    class Purpose(models.TextChoices):
        ACTIVATION = "activation", _("开通")
        RESET = "reset", _("重设密码")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="one_time_codes")
    purpose = models.CharField(_("用途"), max_length=12, choices=Purpose)
    digest = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("到期"))

    class Meta:
        verbose_name = verbose_name_plural = _("一次性验证码")

    def __str__(self) -> str:
        return f"{self.person_id} {self.purpose}"


class SignedInSessionQuerySet(models.QuerySet["SignedInSession"]):
    def alive(self) -> Self:
        """Those whose session still exists: a browser that was closed on a shared computer ends without a word."""
        living = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
        return self.filter(Exists(living))


class SignedInSession(models.Model):
    """One browser in which someone is signed in, as they would recognise it. No address is kept."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="signed_in_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(_("设备"), max_length=64)
    network = models.CharField(_("网络"), max_length=16, help_text=_("摘要：只够看出是不是同一个网络"))
    own_computer = models.BooleanField(_("自己的电脑"))
    began_at = models.DateTimeField(_("登录时间"), default=timezone.now)
    seen_at = models.DateTimeField(_("最近使用"), default=timezone.now)

    objects = SignedInSessionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("登录")
        indexes = [models.Index(fields=["person", "-seen_at"])]

    def __str__(self) -> str:
        return f"{self.person_id} {self.device}"


class SecondFactor(models.Model):
    """The secret that this person's authenticator app shares with us, encrypted."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="second_factor")
    secret = models.CharField(max_length=200)
    confirmed_at = models.DateTimeField(_("设置时间"), default=timezone.now)
    last_step = models.BigIntegerField(default=0, help_text=_("用过的最后一步：同一个码不能用两次"))

    class Meta:
        verbose_name = verbose_name_plural = _("二次验证")

    def __str__(self) -> str:
        return str(self.person_id)


class RecoveryCode(models.Model):
    """For the day the phone is lost. Kept as a digest; used up, the row is gone."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = _("恢复码")

    def __str__(self) -> str:
        return str(self.person_id)


class DeletionRequest(models.Model):
    """Someone asked for their account to be deleted. It can be withdrawn until it is carried out."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="deletion_request")
    asked_at = models.DateTimeField(_("申请时间"), default=timezone.now)
    due_at = models.DateTimeField(_("最早办理时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("注销申请")
        ordering = ["due_at"]

    def __str__(self) -> str:
        return str(self.person_id)
