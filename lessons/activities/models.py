"""Preparation activities (备课活动), who takes part, what is on their agenda, and the term plans they come from."""

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.catalogue.models import Stage as SchoolStage
from foundation.catalogue.models import Subject, Textbook, Unit
from teaching_centres.models import Region, School
from teaching_centres.roles import Verb
from teaching_centres.scopes import UnitLookups, unit_filter

if TYPE_CHECKING:
    from foundation.accounts.models import User

UNIT = UnitLookups(region_paths=("region__path",), school="school")


class ForOneGroup(models.Model):
    """A subject and a grade, and the unit on whose behalf its leader works: `region` is the school's county."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="+", verbose_name=_("学科"))
    school_stage = models.CharField(_("学段"), max_length=16, choices=SchoolStage)
    grade = models.PositiveSmallIntegerField(
        _("年级"), validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    textbook = models.ForeignKey(
        Textbook, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("教材")
    )
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("发起人")
    )
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("创建"), default=timezone.now)
    is_demo = models.BooleanField(_("演示"), default=False)

    class Meta:
        abstract = True

    @property
    def unit_of_leader(self) -> School | Region:
        return self.school or self.region


class StageDates(models.Model):
    """By which day each stage is to be done; a day counts to its end."""

    first_draft_due = models.DateField(_("初稿期限"), null=True, blank=True)
    study_starts = models.DateField(_("集研开始"), null=True, blank=True)
    study_ends = models.DateField(_("集研结束"), null=True, blank=True)
    own_versions_due = models.DateField(_("个案期限"), null=True, blank=True)

    class Meta:
        abstract = True


# ---- the term plan -----------------------------------------------------------------------------------


class TermPlanQuerySet(models.QuerySet["TermPlan"]):
    def visible_to(self, user: "User") -> Self:
        """Of the leader, of those who prepare or take part in it, and of whoever reviews in its unit."""
        if not user.is_active:
            return self.none()
        prepares = TermPlanRow.objects.filter(term_plan=OuterRef("pk"), lead_preparer=user)
        takes_part = TermPlanMember.objects.filter(term_plan=OuterRef("pk"), user=user)
        reviews = unit_filter(user, (Verb.REVIEW,), UNIT)
        return self.filter(Q(leader=user) | Exists(prepares) | Exists(takes_part) | reviews)


class TermPlan(ForOneGroup):
    """学期计划: the units of a textbook, each with who prepares it and by when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    term = models.CharField(_("学期"), max_length=6, help_text="2026-1, 2026-2")

    objects = TermPlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("学期计划")
        ordering = ["-term", "subject__position", "grade", "id"]

    def __str__(self) -> str:
        return f"{self.term} {self.subject} {self.grade}"


class TermPlanMember(models.Model):
    """Who belongs to the group: they are called to each of its activities. `school`: through which school."""

    term_plan = models.ForeignKey(TermPlan, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("备课组成员")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["term_plan", "user"], name="person_is_in_a_group_once")
        ]

    def __str__(self) -> str:
        return str(self.user)


class TermPlanRow(StageDates):
    term_plan = models.ForeignKey(TermPlan, models.CASCADE, related_name="rows")
    position = models.PositiveSmallIntegerField(_("次序"))
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    lesson = models.CharField(_("课题"), max_length=120, blank=True)
    lead_preparer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("主备人"),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("学期计划的一行")
        ordering = ["term_plan", "position", "id"]

    def __str__(self) -> str:
        return self.lesson or str(self.unit or self.position)


# ---- the activity ------------------------------------------------------------------------------------


class PrepActivityQuerySet(models.QuerySet["PrepActivity"]):
    def visible_to(self, user: "User") -> Self:
        """The pair of `activities.policies.may_see`: the leader always; once it is open, whoever takes part
        and whoever reviews in the unit it belongs to."""
        if not user.is_active:
            return self.none()
        takes_part = ActivityMember.objects.filter(activity=OuterRef("pk"), user=user)
        others = Q(lead_preparer=user) | Exists(takes_part) | unit_filter(user, (Verb.REVIEW,), UNIT)
        return self.filter(Q(leader=user) | ~Q(state=PrepActivity.State.DRAFT) & others)


class PrepActivity(ForOneGroup, StageDates):
    class Kind(models.TextChoices):
        SHARED_PLAN = "shared_plan", _("同备教案")
        TOPIC = "topic", _("主题研讨")
        VIDEO = "video", _("视频研讨")
        LIVE_CLASS = "live_class", _("直播课堂")

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        OPEN = "open", _("进行中")
        CLOSED = "closed", _("已结束")

    class Stage(models.TextChoices):
        FIRST_DRAFT = "first_draft", _("初备")
        STUDY = "study", _("集研")
        SETTLED = "settled", _("定稿")
        OWN_VERSIONS = "own_versions", _("个案")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    theme = models.CharField(_("主题"), max_length=120)
    requirements = models.TextField(_("要求"), max_length=4000, blank=True)
    kind = models.CharField(_("形式"), max_length=12, choices=Kind, default=Kind.SHARED_PLAN)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.DRAFT)
    stage = models.CharField(_("阶段"), max_length=12, choices=Stage, default=Stage.FIRST_DRAFT)
    lead_preparer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("主备人")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    lesson = models.CharField(_("课题"), max_length=120, blank=True)
    template = models.ForeignKey(
        "lessons.PlanTemplate", models.PROTECT, null=True, blank=True, related_name="+"
    )
    row = models.OneToOneField(
        TermPlanRow, models.SET_NULL, null=True, blank=True, related_name="activity", verbose_name=_("计划")
    )
    plan = models.OneToOneField(
        "lessons.LessonPlan",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="activity",
        verbose_name=_("共案"),
    )
    settled_version = models.ForeignKey(
        "lessons.PlanVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    opens_at = models.DateTimeField(_("发起"), null=True, blank=True)
    settled_at = models.DateTimeField(_("定稿"), null=True, blank=True)
    closed_at = models.DateTimeField(_("结束"), null=True, blank=True)

    objects = PrepActivityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("备课活动")
        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["state", "-created_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft", plan__isnull=True) | Q(plan__isnull=False),
                name="activity_has_its_plan_once_it_is_open",
            )
        ]

    def __str__(self) -> str:
        return self.theme


class ActivityMember(models.Model):
    """Someone who takes part besides the lead preparer. `school`: invited through that school."""

    class State(models.TextChoices):
        INVITED = "invited", _("还没接收")
        RECEIVED = "received", _("已接收")
        DECLINED = "declined", _("不接收")
        ON_LEAVE = "on_leave", _("请假")

    activity = models.ForeignKey(PrepActivity, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(_("接收"), max_length=8, choices=State, default=State.INVITED)
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    invited_at = models.DateTimeField(_("邀请"), default=timezone.now)
    answered_at = models.DateTimeField(_("答复"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("参备教师")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["activity", "user"], name="person_takes_part_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.get_state_display()}"


class AgendaItem(models.Model):
    """What the study is to talk about; `block` is the id of the section or block of the plan it is about."""

    class State(models.TextChoices):
        OPEN = "open", _("待议")
        DONE = "done", _("议过")

    activity = models.ForeignKey(PrepActivity, models.CASCADE, related_name="agenda")
    text = models.CharField(_("议题"), max_length=300)
    block = models.CharField(max_length=64, blank=True)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(_("提出"), default=timezone.now)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.OPEN)

    class Meta:
        verbose_name = verbose_name_plural = _("议题")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text
