"""Rows of the calendar. `days` says what they mean together."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from teaching_centres.calendar.words import LAST_PERIOD
from teaching_centres.roles import Verb
from teaching_centres.scopes import UnitLookups, unit_filter

if TYPE_CHECKING:
    from foundation.accounts.models import User
    from teaching_centres.models import Region, School


ONE_UNIT = Q(school__isnull=False, region__isnull=True) | Q(school__isnull=True, region__isnull=False)


def term_name(code: str) -> str:
    """2026-1: 2026–2027 学年第一学期"""
    year, half = int(code[:4]), _now("第一学期") if code.endswith("1") else _now("第二学期")
    return _now("%(year)s–%(next)s 学年%(half)s") % {"year": year, "next": year + 1, "half": half}


class Term(models.Model):
    """When a term begins and ends. The code is the same in the whole province, the days may differ."""

    region = models.ForeignKey(
        "teaching_centres.Region", models.CASCADE, related_name="terms", verbose_name=_("行政区")
    )
    code = models.CharField(
        _("学期"), max_length=6, validators=[RegexValidator(r"^20\d\d-[12]$")], help_text="2026-1, 2026-2"
    )
    starts = models.DateField(_("开学"))
    ends = models.DateField(_("放假前最后一天"))

    class Meta:
        verbose_name = verbose_name_plural = _("学期")
        ordering = ["code", "region"]
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="term_is_set_once_in_a_region"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="term_ends_after_start"),
        ]

    def __str__(self) -> str:
        return term_name(self.code)


class OfUnit(models.Model):
    """Set for a region, and so for everything below it, or for one school."""

    region = models.ForeignKey(
        "teaching_centres.Region", models.CASCADE, null=True, blank=True, related_name="+"
    )
    school = models.ForeignKey(
        "teaching_centres.School", models.CASCADE, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True

    @property
    def unit(self) -> "Region | School":
        unit = self.school or self.region
        assert unit is not None
        return unit


class DaysChanged(OfUnit):
    """Days that do not follow the week: off, or taught as another date would have been (调休)."""

    name = models.CharField(_("名称"), max_length=32)
    starts = models.DateField(_("起"))
    ends = models.DateField(_("止"))
    taught_as = models.DateField(_("补哪天的课"), null=True, blank=True, help_text=_("不填就是放假"))

    class Meta:
        verbose_name = verbose_name_plural = _("放假和调休")
        ordering = ["starts", "id"]
        constraints = [
            models.CheckConstraint(condition=ONE_UNIT, name="days_changed_have_one_unit"),
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="days_changed_end_after_start"),
            models.CheckConstraint(
                condition=Q(taught_as__isnull=True) | Q(ends=F("starts")), name="moved_day_is_one_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.starts}"


class Period(OfUnit):
    """One period of the school day (第几节), from a date until newer times are set for the unit."""

    since = models.DateField(_("从哪天起用"))
    number = models.PositiveSmallIntegerField(_("第几节"))
    starts = models.TimeField(_("上课"))
    ends = models.TimeField(_("下课"))

    class Meta:
        verbose_name = verbose_name_plural = _("作息时间")
        ordering = ["since", "number"]
        constraints = [
            models.CheckConstraint(condition=ONE_UNIT, name="period_has_one_unit"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="period_ends_after_start"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=LAST_PERIOD), name="period_number_is_of_a_day"
            ),
            models.UniqueConstraint(
                fields=["region", "since", "number"],
                condition=Q(region__isnull=False),
                name="period_is_set_once_in_a_region",
            ),
            models.UniqueConstraint(
                fields=["school", "since", "number"],
                condition=Q(school__isnull=False),
                name="period_is_set_once_in_a_school",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.starts}–{self.ends}"


class TimetableEntryQuerySet(models.QuerySet["TimetableEntry"]):
    lookups = UnitLookups(region_paths=("school__county__path",), school="school")

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """One's own, and those of the schools one manages. Pair: `policies.may_see_timetable`."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(Q(teacher_id=user.pk) | unit_filter(user, (Verb.MANAGE,), self.lookups))

    def in_force(self, on: date) -> Self:
        return self.filter(Q(since__isnull=True) | Q(since__lte=on), Q(until__isnull=True) | Q(until__gte=on))


class TimetableEntry(models.Model):
    """Who teaches which class what, in one period of the week, from a day to a day of one term."""

    class Weeks(models.TextChoices):
        EVERY = "every", _("每周")
        ODD = "odd", _("单周")
        EVEN = "even", _("双周")

    teacher = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="timetable", verbose_name=_("教师")
    )
    school = models.ForeignKey(
        "teaching_centres.School", models.PROTECT, related_name="timetable", verbose_name=_("学校")
    )
    term = models.CharField(_("学期"), max_length=6)
    weekday = models.PositiveSmallIntegerField(_("星期"), help_text="1–7")
    period = models.PositiveSmallIntegerField(_("第几节"))
    weeks = models.CharField(_("单双周"), max_length=5, choices=Weeks, default=Weeks.EVERY)
    subject = models.CharField(_("学科"), max_length=16)
    class_label = models.CharField(_("班级"), max_length=24, blank=True)
    grade = models.PositiveSmallIntegerField(_("年级"), null=True, blank=True)
    since = models.DateField(_("从哪天起"), null=True, blank=True, help_text=_("不填：开学起"))
    until = models.DateField(_("到哪天止"), null=True, blank=True, help_text=_("不填：到期末"))
    changed_at = models.DateTimeField(default=timezone.now)

    objects = TimetableEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("课表")
        ordering = ["weekday", "period", "weeks", "id"]
        indexes = [
            models.Index(fields=["teacher", "term"], name="timetable_of_a_teacher"),
            models.Index(fields=["school", "term"], name="timetable_of_a_school"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__gte=1, weekday__lte=7, period__gte=1, period__lte=LAST_PERIOD),
                name="timetable_entry_is_in_the_week",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(since__isnull=True) | Q(until__gte=F("since")),
                name="timetable_entry_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday}-{self.period} {self.subject} {self.class_label}"


class LessonChange(models.Model):
    """One lesson on one day that is not as the timetable says: off, taught by another, or moved."""

    entry = models.ForeignKey(TimetableEntry, models.CASCADE, related_name="changes")
    day = models.DateField(_("哪天的课"))
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("代课"),
    )
    moved_to = models.DateField(_("调到哪天"), null=True, blank=True)
    moved_period = models.PositiveSmallIntegerField(_("第几节"), null=True, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("调课和代课")
        ordering = ["day", "id"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "day"], name="lesson_is_changed_once"),
            models.CheckConstraint(
                condition=Q(moved_to__isnull=True, moved_period__isnull=True)
                | Q(moved_to__isnull=False, moved_period__isnull=False, substitute__isnull=True),
                name="lesson_is_moved_or_substituted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.day}"
