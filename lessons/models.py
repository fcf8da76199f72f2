"""Lesson plans (教案): their place in the catalogue, who was invited, their named and automatic versions.

The text itself lives in the shared document `lesson-plan:<id>` (realtime). Columns marked "derived"
are read from that document whenever it has been stored, so that lists never open it.
"""

import uuid
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.catalogue.models import Stage, Textbook, Unit
from lessons.reading import Reading
from teaching_centres.models import Region, School

if TYPE_CHECKING:
    from foundation.accounts.models import User


class GoalStyle(models.TextChoices):
    CORE = "core", _("核心素养目标")
    THREE_DIMENSIONAL = "three_dimensional", _("三维目标")


class PlanTemplate(models.Model):
    """The form of a plan: which sections, in which order. Belongs to a region or a school."""

    name = models.CharField(_("名称"), max_length=64)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="plan_templates")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="plan_templates")
    stage = models.CharField(_("学段"), max_length=16, choices=Stage, blank=True)
    goal_style = models.CharField(_("目标写法"), max_length=20, choices=GoalStyle)
    body = models.JSONField(_("内容"), help_text="lessons.standard_templates.form")
    retired_at = models.DateTimeField(_("停用"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("教案格式")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(school__isnull=False, region__isnull=True)
                | Q(school__isnull=True, region__isnull=False),
                name="plan_template_has_one_unit",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def unit(self) -> School | Region:
        unit = self.school or self.region
        assert unit is not None
        return unit


class LessonPlanQuerySet(models.QuerySet["LessonPlan"]):
    def visible_to(self, user: "User") -> Self:
        """The plans that `policies.rights` lets this person at least read: owned, invited, in an activity, in reach."""
        if not user.is_active:
            return self.none()
        reading = Reading.of(user)
        shared = ~Q(reach=LessonPlan.Reach.OWN) & reading.inside(school="school_id", path="region__path")
        for reach, depth in LessonPlan.DEPTH_OF_REACH.items():
            for path in reading.units(depth):
                shared |= Q(reach=reach, region__path__startswith=path)
        invited = Exists(PlanInvitation.objects.filter(plan=OuterRef("pk")).for_person(user))
        others = invited | is_in_activity(user) | shared
        return self.filter(Q(owner=user) | (~Q(state=LessonPlan.State.DELETED) & others))

    def with_rights(self, user: "User") -> "models.QuerySet[LessonPlan]":
        """Adds `may_write` and `may_comment`, for lists."""
        invited = PlanInvitation.objects.filter(plan=OuterRef("pk")).for_person(user)
        reading = Reading.of(user)
        in_reach = reading.inside_where_comments(school="school_id", path="region__path")
        by_name = Exists(invited.filter(access=PlanInvitation.Access.WRITE))
        writes = Q(owner=user) | by_name | writes_in_activity(user)
        comments = (
            writes
            | Exists(invited.filter(access=PlanInvitation.Access.COMMENT))
            | comments_in_activity(user)
            | ~Q(reach=LessonPlan.Reach.OWN) & in_reach
        )
        return self.annotate(  # type: ignore[no-redef]
            may_write=_while_active(writes), may_comment=_while_active(comments)
        )


def _while_active(condition: Any) -> Case:
    return Case(
        When(Q(state=LessonPlan.State.ACTIVE) & condition, then=Value(True)),
        default=Value(False),
        output_field=models.BooleanField(),
    )


class LessonPlan(models.Model):
    class Reach(models.TextChoices):
        """Who may read without being invited."""

        OWN = "own", _("只有我和我请的人")
        SCHOOL = "school", _("本校")
        COUNTY = "county", _("本县（市、区）")
        PREFECTURE = "prefecture", _("本市州")
        PROVINCE = "province", _("全省")

    class State(models.TextChoices):
        ACTIVE = "active", _("在用")
        ARCHIVED = "archived", _("已归档")
        DELETED = "deleted", _("已删除")

    # How deep in the tree of regions the unit of a reach lies: the province is 1.
    DEPTH_OF_REACH = {Reach.PROVINCE: 1, Reach.PREFECTURE: 2, Reach.COUNTY: 3}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("课题"), max_length=120, help_text=_("derived"))
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="lesson_plans")
    school = models.ForeignKey(
        School,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lesson_plans",
        verbose_name=_("创建时的学校"),
    )
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="lesson_plans", verbose_name=_("创建时所在行政区")
    )
    textbook = models.ForeignKey(Textbook, models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    template = models.ForeignKey(PlanTemplate, models.PROTECT, null=True, blank=True, related_name="+")
    reach = models.CharField(_("谁能看"), max_length=12, choices=Reach, default=Reach.OWN)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.ACTIVE)
    first_content = models.JSONField(
        _("最初的内容"), help_text=_("文档从它开始；建好后不再改，重建时一字不差")
    )
    created_at = models.DateTimeField(_("创建"), default=timezone.now)
    state_changed_at = models.DateTimeField(_("归档或删除的时间"), null=True, blank=True)
    edited_at = models.DateTimeField(
        _("最近改动"), default=timezone.now, db_index=True, help_text=_("derived")
    )
    outline = models.JSONField(
        _("提要"), default=dict, help_text=_("derived: 没写的部分、教学过程各环节分钟数、字数")
    )
    edited_by = models.JSONField(_("最近改动的人"), default=list, help_text=_("derived: 帐号编号"))
    derived_through_id = models.BigIntegerField(default=0, help_text=_("derived: 算到哪一条更新"))
    is_demo = models.BooleanField(_("演示"), default=False)

    objects = LessonPlanQuerySet.as_manager()
    may_write: bool  # added by with_rights()
    may_comment: bool

    class Meta:
        verbose_name = verbose_name_plural = _("教案")
        ordering = ["-edited_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=True) | Q(textbook__isnull=False), name="plan_with_unit_has_textbook"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def document(self) -> str:
        return f"lesson-plan:{self.pk}"

    @property
    def socket(self) -> str:
        return f"/ws/docs/lesson-plan/{self.pk}"


class PlanInvitationQuerySet(models.QuerySet["PlanInvitation"]):
    def for_person(self, user: "User") -> Self:
        """Those that concern this person: by name, or by a school where they teach now."""
        return self.filter(Q(user=user) | Q(school_id__in=Reading.of(user).teaches_at))


class PlanInvitation(models.Model):
    """An invitation to one person or to everyone who now belongs to a school."""

    class Access(models.TextChoices):
        READ = "read", _("可以看")
        COMMENT = "comment", _("可以批注")
        WRITE = "write", _("可以改")

    plan = models.ForeignKey(LessonPlan, models.CASCADE, related_name="invitations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    school = models.ForeignKey(School, models.CASCADE, null=True, blank=True, related_name="+")
    access = models.CharField(max_length=8, choices=Access)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)

    objects = PlanInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("邀请")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, school__isnull=True)
                | Q(user__isnull=True, school__isnull=False),
                name="invitation_is_for_a_person_or_a_school",
            ),
            models.UniqueConstraint(
                fields=["plan", "user"], condition=Q(user__isnull=False), name="person_is_invited_once"
            ),
            models.UniqueConstraint(
                fields=["plan", "school"], condition=Q(school__isnull=False), name="school_is_invited_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.school} {self.get_access_display()}"


class PlanVersion(models.Model):
    """A frozen state of a plan. Named ones get a number (第 3 版); automatic ones end a stretch of work."""

    plan = models.ForeignKey(LessonPlan, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("版次"), null=True, blank=True)
    name = models.CharField(_("名称"), max_length=80, blank=True)
    state = models.BinaryField(help_text="Yjs update v1 of the whole document")
    through_id = models.BigIntegerField(help_text="id of the last realtime update in it")
    characters = models.PositiveIntegerField(_("字数"), default=0)
    editors = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("改过的人"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("版本")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "number"],
                condition=Q(number__isnull=False),
                name="version_number_is_unique_in_plan",
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.number or self.pk}"


class PlanVisit(models.Model):
    """When someone last had a plan open: the order of 最近."""

    plan = models.ForeignKey(LessonPlan, models.CASCADE, related_name="visits")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "user"], name="one_visit_row_per_person")]

    def __str__(self) -> str:
        return f"{self.user} {self.at}"


class PlannedLesson(models.Model):
    """Which plan someone teaches from in one lesson of their timetable, named by where the timetable has it."""

    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    day = models.DateField(_("哪天"))
    period = models.PositiveSmallIntegerField(_("第几节"))
    plan = models.ForeignKey(LessonPlan, models.CASCADE, related_name="taught_in")
    planned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("给课备的教案")
        constraints = [
            models.UniqueConstraint(fields=["teacher", "day", "period"], name="lesson_has_one_plan")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.period}"


from lessons.activities.models import ActivityMember as ActivityMember  # noqa: E402
from lessons.activities.models import AgendaItem as AgendaItem  # noqa: E402
from lessons.activities.models import PrepActivity as PrepActivity  # noqa: E402
from lessons.activities.models import TermPlan as TermPlan  # noqa: E402
from lessons.activities.models import TermPlanMember as TermPlanMember  # noqa: E402
from lessons.activities.models import TermPlanRow as TermPlanRow  # noqa: E402
from lessons.activities.rights import (  # noqa: E402
    comments_in_activity,
    is_in_activity,
    writes_in_activity,
)
from lessons.discussion.models import Comment as Comment  # noqa: E402 — its table
from lessons.discussion.models import Thread as Thread  # noqa: E402 — its table
from lessons.lineage.models import ChangeNote as ChangeNote  # noqa: E402 — its tables
from lessons.lineage.models import Contribution as Contribution  # noqa: E402
from lessons.lineage.models import Decision as Decision  # noqa: E402
from lessons.lineage.models import Fork as Fork  # noqa: E402
from lessons.lineage.models import ForkBlock as ForkBlock  # noqa: E402
from lessons.reviewing.models import Likeness as Likeness  # noqa: E402
from lessons.reviewing.models import OpinionPhrase as OpinionPhrase  # noqa: E402
from lessons.reviewing.models import Recommendation as Recommendation  # noqa: E402
from lessons.reviewing.models import Review as Review  # noqa: E402
from lessons.reviewing.models import Submission as Submission  # noqa: E402
from lessons.word_in.models import WordImport as WordImport  # noqa: E402 — its table
from lessons.word_out.models import PaperJob as PaperJob  # noqa: E402
from lessons.word_out.models import WordTemplate as WordTemplate  # noqa: E402
from lessons.workspace.models import Exemplar as Exemplar  # noqa: E402 — its table
