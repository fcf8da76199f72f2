"""The province's network: regions, teaching centres, schools, prep points and dated memberships.

A region reaches downwards: whoever holds a role in it holds it for every region and school below,
never sideways. `Region.path` ("/1/4/17/") makes "below" one indexed prefix comparison.
"""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Region(models.Model):
    class Level(models.TextChoices):
        PROVINCE = "province", _("省")
        PREFECTURE = "prefecture", _("市州")
        COUNTY = "county", _("县（市、区）")

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    reports_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reporting",
        verbose_name=_("业务上报到"),
        help_text=_("与区划上级不同时才填，如省直管试点"),
    )
    path = models.CharField(max_length=64, unique=True, editable=False, default="")
    level = models.CharField(_("层级"), max_length=16, choices=Level)
    name = models.CharField(_("名称"), max_length=64)
    kind = models.CharField(_("建制"), max_length=16, blank=True, help_text=_("市辖区、县级市、县、自治县…"))
    own_id = models.CharField(
        _("本平台编号"), max_length=16, unique=True, help_text=_("没有国标代码的单位（如长白山管委会）也有")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("行政区")
        ordering = ["own_id"]

    def __str__(self) -> str:
        return self.name


class RegionCode(models.Model):
    """A GB/T 2260 code with the time it was in force."""

    region = models.ForeignKey(Region, models.CASCADE, related_name="codes")
    code = models.CharField(_("国标代码"), max_length=6)
    name_then = models.CharField(_("当时名称"), max_length=64)
    valid_from = models.DateField(_("起"), null=True, blank=True)
    valid_until = models.DateField(_("止"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("区划代码")
        constraints = [models.UniqueConstraint(fields=["code", "valid_from"], name="region_code_once_at_a_time")]

    def __str__(self) -> str:
        return f"{self.code} {self.name_then}"


class TeachingCentre(models.Model):
    """备课中心: set up in the teaching-research department of a province, prefecture or county."""

    region = models.OneToOneField(Region, models.PROTECT, related_name="centre")
    name = models.CharField(_("名称"), max_length=128)
    opened = models.DateField(_("成立"), null=True, blank=True)
    is_demo = models.BooleanField(_("演示"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("备课中心")

    def __str__(self) -> str:
        return self.name


class School(models.Model):
    class Kind(models.TextChoices):
        PRIMARY = "primary", _("小学")
        JUNIOR = "junior", _("初级中学")
        NINE_YEAR = "nine_year", _("九年一贯制学校")
        TWELVE_YEAR = "twelve_year", _("十二年一贯制学校")
        COMPLETE_SECONDARY = "complete_secondary", _("完全中学")
        TEACHING_POINT = "teaching_point", _("教学点")
        SPECIAL = "special", _("特殊教育学校")

    class UrbanClass(models.TextChoices):
        CITY = "city", _("城区")
        TOWN = "town", _("镇区")
        VILLAGE = "village", _("乡村")

    county = models.ForeignKey(Region, models.PROTECT, related_name="schools", verbose_name=_("所在县（市、区）"))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="points", verbose_name=_("中心校")
    )
    name = models.CharField(_("校名"), max_length=128)
    kind = models.CharField(_("办学类型"), max_length=24, choices=Kind)
    urban_class = models.CharField(_("城乡分类"), max_length=8, choices=UrbanClass)
    is_rural_central = models.BooleanField(_("农村中心校"), default=False)
    opened = models.DateField(_("建校"), null=True, blank=True)
    closed = models.DateField(_("撤并"), null=True, blank=True)
    is_demo = models.BooleanField(_("演示"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("学校")
        ordering = ["county", "name"]
        constraints = [models.UniqueConstraint(fields=["county", "name"], name="school_name_is_unique_in_county")]

    def __str__(self) -> str:
        return self.name

    @property
    def side(self) -> str:
        """Which of the pair 城 ● / 乡 ◆ the school is shown with: "town" or "village"."""
        return "village" if self.urban_class == self.UrbanClass.VILLAGE else "town"


class PrepPoint(models.Model):
    """备课点: a school's door to the network (rural central schools and above)."""

    school = models.OneToOneField(School, models.PROTECT, related_name="prep_point")
    opened = models.DateField(_("设立"), null=True, blank=True)
    closed = models.DateField(_("撤销"), null=True, blank=True)
    is_demo = models.BooleanField(_("演示"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("备课点")

    def __str__(self) -> str:
        return f"{self.school}备课点"


class Role(models.TextChoices):
    TEACHER = "teacher", _("教师")
    GROUP_LEADER = "group_leader", _("备课组长")
    RESEARCHER = "researcher", _("教研员")
    ADMINISTRATOR = "administrator", _("管理员")
    INSPECTOR = "inspector", _("督导")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, on: date | None = None) -> "MembershipQuerySet":
        day = on or timezone.localdate()
        return self.filter(Q(starts__lte=day), Q(ends__isnull=True) | Q(ends__gte=day), user__is_active=True)


class Membership(models.Model):
    """A role in one unit — a school or a region — from a day to a day (both included)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(_("角色"), max_length=16, choices=Role)
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="memberships")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="memberships")
    subject = models.CharField(_("学科"), max_length=32, blank=True)
    starts = models.DateField(_("起"), default=timezone.localdate)
    ends = models.DateField(_("止"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("任职")
        ordering = ["user", "-starts"]
        indexes = [models.Index(fields=["user", "starts", "ends"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(school__isnull=False, region__isnull=True) | Q(school__isnull=True, region__isnull=False),
                name="membership_has_one_unit",
            ),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=models.F("starts")), name="membership_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.school or self.region} · {self.get_role_display()}"
