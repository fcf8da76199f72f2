"""The province's network: regions, teaching centres, schools, prep points and dated memberships.

A region reaches downwards: whoever holds a role in it holds it for every region and school below,
never sideways. `Region.path` ("/1/4/17/": its ancestors' ids and its own) makes "below" one indexed
prefix comparison; only `operations.add_region` and `operations.move_region` write it.

Row filters (`visible_to`) and object checks (`policies`) are pairs: both read the table in `roles`.
"""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from teaching_centres.roles import Role as Role
from teaching_centres.roles import UnitKind, Verb, roles_in
from teaching_centres.roster.models import DifferentPeople as DifferentPeople
from teaching_centres.roster.models import FormerSchoolName as FormerSchoolName
from teaching_centres.roster.models import Leave as Leave
from teaching_centres.roster.models import PersonMerge as PersonMerge
from teaching_centres.roster.models import RosterDraft as RosterDraft
from teaching_centres.roster.models import RosterImport as RosterImport
from teaching_centres.roster.models import SchoolMerge as SchoolMerge
from teaching_centres.scopes import UnitLookups, unit_filter


class UnitQuerySet(models.QuerySet[Any]):
    """Rows that are, or belong to, a unit: a region or a school."""

    lookups: UnitLookups

    def visible_to(self, user: User | AnonymousUser, *verbs: Verb) -> Self:
        """Rows whose unit allows one of `verbs`; without verbs, rows this person has anything to do with."""
        return self.filter(unit_filter(user, verbs or tuple(Verb), self.lookups))


class RegionQuerySet(UnitQuerySet):
    lookups = UnitLookups(region_paths=("path",))

    def below(self, region: "Region") -> Self:
        """The region and everything under it."""
        return self.filter(path__startswith=region.path)


class CentreQuerySet(UnitQuerySet):
    lookups = UnitLookups(region_paths=("region__path",))


class SchoolQuerySet(UnitQuerySet):
    lookups = UnitLookups(region_paths=("county__path",), school="")

    def open(self, on: date | None = None) -> Self:
        return self.filter(Q(closed__isnull=True) | Q(closed__gte=on or timezone.localdate()))

    def below(self, region: "Region") -> Self:
        return self.filter(county__path__startswith=region.path)


class PrepPointQuerySet(UnitQuerySet):
    lookups = UnitLookups(region_paths=("school__county__path",), school="school")

    def open(self, on: date | None = None) -> Self:
        return self.filter(Q(closed__isnull=True) | Q(closed__gte=on or timezone.localdate()))


class Region(models.Model):
    class Level(models.TextChoices):
        PROVINCE = "province", _("省")
        PREFECTURE = "prefecture", _("市州")
        COUNTY = "county", _("县（市、区）")

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级")
    )
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
        _("本平台编号"),
        max_length=16,
        unique=True,
        help_text=_("没有国标代码的单位（如长白山管委会）也有；代码变了它不变"),
    )

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("行政区")
        ordering = ["own_id"]

    def __str__(self) -> str:
        return self.name


class RegionCode(models.Model):
    """A GB/T 2260 code with the time it was in force."""

    region = models.ForeignKey(Region, models.CASCADE, related_name="codes", verbose_name=_("行政区"))
    code = models.CharField(_("国标代码"), max_length=6)
    name_then = models.CharField(_("当时名称"), max_length=64)
    valid_from = models.DateField(_("起"), null=True, blank=True)
    valid_until = models.DateField(_("止"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("区划代码")
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="region_code_once_at_a_time")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_then}"


class TeachingCentre(models.Model):
    """备课中心: set up in the teaching-research department of a province, prefecture or county."""

    region = models.OneToOneField(Region, models.PROTECT, related_name="centre", verbose_name=_("行政区"))
    name = models.CharField(_("名称"), max_length=128)
    opened = models.DateField(_("成立"), null=True, blank=True)
    is_demo = models.BooleanField(_("演示"), default=False)

    objects = CentreQuerySet.as_manager()

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

    county = models.ForeignKey(
        Region, models.PROTECT, related_name="schools", verbose_name=_("所在县（市、区）")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="points", verbose_name=_("中心校")
    )
    name = models.CharField(_("校名"), max_length=128)
    kind = models.CharField(_("办学类型"), max_length=24, choices=Kind)
    urban_class = models.CharField(_("城乡分类"), max_length=8, choices=UrbanClass)
    is_rural_central = models.BooleanField(_("农村中心校"), default=False)
    opened = models.DateField(_("建校"), null=True, blank=True)
    closed = models.DateField(_("撤并"), null=True, blank=True, help_text=_("最后一天"))
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="absorbed",
        verbose_name=_("并入"),
        help_text=_("现在在哪所学校里；那所学校的人管得着、看得到这里留下的"),
    )
    is_demo = models.BooleanField(_("演示"), default=False)

    objects = SchoolQuerySet.as_manager()
    point_ids: set[int]  # these two are set by scopes.standing, on the schools of one's memberships
    absorbed_ids: set[int]

    class Meta:
        verbose_name = verbose_name_plural = _("学校")
        ordering = ["county", "name"]
        constraints = [
            models.UniqueConstraint(fields=["county", "name"], name="school_name_is_unique_in_county")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def side(self) -> str:
        """Which of the pair 城 ● / 乡 ◆ the school is shown with: "town" or "village"."""
        return "village" if self.urban_class == self.UrbanClass.VILLAGE else "town"

    def is_closed(self, on: date | None = None) -> bool:
        """Its last day is over."""
        return self.closed is not None and self.closed < (on or timezone.localdate())


class PrepPoint(models.Model):
    """备课点: a school's door to the network (rural central schools and above)."""

    school = models.OneToOneField(School, models.PROTECT, related_name="prep_point", verbose_name=_("学校"))
    opened = models.DateField(_("设立"), null=True, blank=True)
    closed = models.DateField(_("撤销"), null=True, blank=True, help_text=_("最后一天"))
    is_demo = models.BooleanField(_("演示"), default=False)

    objects = PrepPointQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("备课点")

    def __str__(self) -> str:
        return f"{self.school}备课点"


class MembershipQuerySet(UnitQuerySet):
    lookups = UnitLookups(region_paths=("region__path", "school__county__path"), school="school")

    def current(self, on: date | None = None) -> Self:
        """Those that count on that day: begun, not ended, the person active, the school not closed."""
        day = on or timezone.localdate()
        return self.filter(
            Q(ends__isnull=True) | Q(ends__gte=day),
            Q(school__closed__isnull=True) | Q(school__closed__gte=day),
            starts__lte=day,
            user__is_active=True,
        )

    def visible_to(self, user: User | AnonymousUser, *verbs: Verb) -> Self:
        """One's own, colleagues' current ones where one sees the work, all of them where one manages.

        With `verbs`: those of the units where one of them holds. Pair: `policies.may_see_membership`.
        """
        if verbs:
            return super().visible_to(user, *verbs)
        own = Q(user_id=user.pk) if user.is_authenticated and user.is_active else Q(pk__in=[])
        managed = unit_filter(user, (Verb.MANAGE,), self.lookups)
        colleagues = unit_filter(user, (Verb.SEE,), self.lookups) & Q(pk__in=self.model.objects.current())
        return self.filter(own | managed | colleagues)


def _pairs_in_table() -> Q:
    """The table of rights as a condition: which role may be held in which kind of unit."""
    return Q(school__isnull=False, role__in=[role.value for role in roles_in(UnitKind.SCHOOL)]) | Q(
        region__isnull=False, role__in=[role.value for role in roles_in(UnitKind.REGION)]
    )


class Membership(models.Model):
    """A role in one unit — a school or a region — from a day to a day (both included)."""

    class EndedAs(models.TextChoices):
        LEFT = "left", _("离任")
        MOVED = "moved", _("调出")
        RETIRED = "retired", _("退休")
        CLOSED = "closed", _("学校撤并")
        MERGED = "merged", _("学校合并")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("人")
    )
    role = models.CharField(_("角色"), max_length=16, choices=Role)
    school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name=_("学校")
    )
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name=_("行政区")
    )
    subject = models.CharField(_("学科"), max_length=32, blank=True)
    starts = models.DateField(_("起"), default=timezone.localdate)
    ends = models.DateField(_("止"), null=True, blank=True)
    ended_as = models.CharField(_("为什么结束"), max_length=8, choices=EndedAs, blank=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("任职")
        ordering = ["user", "-starts"]
        indexes = [models.Index(fields=["user", "starts", "ends"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(school__isnull=False, region__isnull=True)
                | Q(school__isnull=True, region__isnull=False),
                name="membership_has_one_unit",
            ),
            models.CheckConstraint(condition=_pairs_in_table(), name="membership_role_fits_unit"),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=models.F("starts")),
                name="membership_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.unit} · {self.get_role_display()}"

    @property
    def unit(self) -> "Region | School":
        unit = self.school or self.region
        assert unit is not None, "membership_has_one_unit"
        return unit

    @property
    def unit_kind(self) -> UnitKind:
        return UnitKind.SCHOOL if self.school_id else UnitKind.REGION

    def has_ended(self, on: date | None = None) -> bool:
        return self.ends is not None and self.ends < (on or timezone.localdate())

    def is_current(self, on: date | None = None) -> bool:
        """The same as `objects.current(on)`, for one row."""
        day = on or timezone.localdate()
        begun = self.starts <= day and not self.has_ended(day)
        return begun and self.user.is_active and not (self.school and self.school.is_closed(day))


import teaching_centres.workspace.models  # noqa: E402, F401 — the tables of the workspaces
from teaching_centres.calendar.models import DaysChanged as DaysChanged  # noqa: E402  (they point at the above)
from teaching_centres.calendar.models import LessonChange as LessonChange  # noqa: E402
from teaching_centres.calendar.models import Period as Period  # noqa: E402
from teaching_centres.calendar.models import Term as Term  # noqa: E402
from teaching_centres.calendar.models import TimetableEntry as TimetableEntry  # noqa: E402
