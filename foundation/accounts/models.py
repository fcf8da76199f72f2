"""Identity and sign-in only: who someone is, never what they may do (teaching_centres.roles)."""

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractBaseUser, PermissionsMixin):
    username = models.CharField(_("手机号或工号"), max_length=64, unique=True)
    name = models.CharField(_("姓名"), max_length=64)
    email = models.EmailField(_("邮箱"), blank=True)
    is_active = models.BooleanField(_("可以登录"), default=True)
    is_staff = models.BooleanField(_("可以进后台"), default=False)
    is_demo = models.BooleanField(_("演示帐号"), default=False)
    joined_at = models.DateTimeField(_("开通时间"), auto_now_add=True)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = _("帐号")

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @property
    def colour(self) -> int:
        """Which of the six person colours (--p1 … --p6) this person has everywhere."""
        return (self.pk or 0) % 6 + 1
