"""What was handed in for review, what reviewers said, what was recommended upward, what resembles what.

A reviewer reads the version that was handed in, never the plan that its author goes on writing.
"""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from teaching_centres.models import Region, School, TeachingCentre
from teaching_centres.roles import Verb
from teaching_centres.scopes import UnitLookups, unit_filter

if TYPE_CHECKING:
    from foundation.accounts.models import User

PHRASE_LENGTH = 200
UNIT = UnitLookups(("region__path", "school__county__path"), "school")


class OfUnit(models.Model):
    """Belongs to a school or to a region."""

    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(school__isnull=False, region__isnull=True)
                | Q(school__isnull=True, region__isnull=False),
                name="%(app_label)s_%(class)s_has_one_unit",
            )
        ]

    @property
    def unit(self) -> School | Region:
        unit = self.school or self.region
        assert unit is not None
        return unit


class ReviewScale(OfUnit):
    """The levels that a unit gives, the best first. It holds below, where no nearer unit has its own."""

    levels = models.JSONField(_("等级"))
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta(OfUnit.Meta):
        verbose_name = verbose_name_plural = _("批阅等级")
        constraints = [
            *OfUnit.Meta.constraints,
            models.UniqueConstraint(
                fields=["school"], condition=Q(school__isnull=False), name="one_review_scale_of_a_school"
            ),
            models.UniqueConstraint(
                fields=["region"], condition=Q(region__isnull=False), name="one_review_scale_of_a_region"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {'、'.join(self.levels)}"


# ---- handed in -------------------------------------------------------------------------------------------
class SubmissionQuerySet(models.QuerySet["Submission"]):
    def current(self) -> Self:
        """Not taken back, not replaced, and the plan not deleted."""
        from lessons.models import LessonPlan

        return self.filter(ended_at__isnull=True).exclude(plan__state=LessonPlan.State.DELETED)

    def reviewable_by(self, user: "User") -> Self:
        """The pair of `policies.may_review`."""
        return self.current().filter(unit_filter(user, [Verb.REVIEW], UNIT)).exclude(plan__owner_id=user.pk)

    def visible_to(self, user: "User") -> Self:
        """The author's own, and what this person reviews: the pair of `policies.may_see`."""
        if not user.is_active:
            return self.none()
        return self.filter(Q(plan__owner_id=user.pk) | Q(pk__in=self.model.objects.reviewable_by(user)))


class Submission(OfUnit):
    """A version that its author handed in (交上去批阅) to the reviewers of the unit where they stood then."""

    class End(models.TextChoices):
        TAKEN_BACK = "taken_back", _("收回了")
        REPLACED = "replaced", _("换了一版")

    plan = models.ForeignKey("lessons.LessonPlan", models.CASCADE, related_name="submissions")
    version = models.ForeignKey("lessons.PlanVersion", models.CASCADE, related_name="submissions")
    handed_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    handed_in_at = models.DateTimeField(_("交上去"), default=timezone.now)
    term = models.CharField(_("学期"), max_length=6, blank=True, db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended = models.CharField(max_length=10, choices=End, blank=True)
    is_demo = models.BooleanField(_("演示"), default=False)

    objects = SubmissionQuerySet.as_manager()

    class Meta(OfUnit.Meta):
        verbose_name = verbose_name_plural = _("交上去批阅的教案")
        ordering = ["id"]
        constraints = [
            *OfUnit.Meta.constraints,
            models.UniqueConstraint(
                fields=["plan"], condition=Q(ended_at__isnull=True), name="plan_is_handed_in_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.handed_in_at}"


# ---- reviews ---------------------------------------------------------------------------------------------
class ReviewQuerySet(models.QuerySet["Review"]):
    def visible_to(self, user: "User") -> Self:
        """Their author's, their reviewer's, and those on a plan that this person reviews."""
        if not user.is_active:
            return self.none()
        here = Submission.objects.reviewable_by(user).filter(plan=OuterRef("plan"))
        return self.filter(Q(plan__owner_id=user.pk) | Q(reviewer_id=user.pk) | Exists(here))


class Review(models.Model):
    """What one reviewer says of one version. Once the author has replied, neither changes any more."""

    plan = models.ForeignKey("lessons.LessonPlan", models.CASCADE, related_name="reviews")
    version = models.ForeignKey("lessons.PlanVersion", models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    level = models.CharField(_("等级"), max_length=16)
    rank = models.PositiveSmallIntegerField(help_text="1 is the best of the levels there were then")
    opinion = models.TextField(_("意见"), max_length=2000, blank=True)
    revision = models.PositiveIntegerField(default=1)
    given_at = models.DateTimeField(_("批阅"), default=timezone.now)
    reply = models.TextField(_("回复"), max_length=2000, blank=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    replied_at = models.DateTimeField(null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("批阅")
        ordering = ["-given_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "reviewer"], name="one_review_a_reviewer_and_version")
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.level}"


class EarlierReview(models.Model):
    """What a review said before it was changed."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="earlier")
    level = models.CharField(max_length=16)
    opinion = models.TextField(max_length=2000, blank=True)
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["-given_at", "-id"]

    def __str__(self) -> str:
        return f"{self.review_id} {self.given_at}"


class OpinionPhrase(models.Model):
    """What a reviewer often writes (常用语), one click away."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    text = models.CharField(_("常用语"), max_length=PHRASE_LENGTH)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["user", "text"], name="phrase_once_a_person")]

    def __str__(self) -> str:
        return self.text


# ---- recommended upward ----------------------------------------------------------------------------------
class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def visible_to(self, user: "User") -> Self:
        """Those of the submissions that this person sees."""
        return self.filter(submission__in=Submission.objects.visible_to(user))


class Recommendation(models.Model):
    """One handed-in version on its way upward: school → county → prefecture → province. The author is asked once."""

    class Consent(models.TextChoices):
        ASKED = "asked", _("等作者同意")
        GIVEN = "given", _("作者同意")
        REFUSED = "refused", _("作者不同意")

    submission = models.OneToOneField(Submission, models.CASCADE, related_name="recommendation")
    consent = models.CharField(max_length=8, choices=Consent, default=Consent.ASKED)
    consent_at = models.DateTimeField(null=True, blank=True)

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("推荐")

    def __str__(self) -> str:
        return f"{self.submission_id} {self.consent}"


class StepQuerySet(models.QuerySet["RecommendationStep"]):
    def waiting_for(self, user: "User") -> Self:
        """What this person may accept or decline now: the pair of `policies.may_decide`."""
        return self.filter(
            Q(recommendation__submission__in=Submission.objects.reviewable_by(user)),
            unit_filter(user, [Verb.REVIEW], UnitLookups(("centre__region__path",))),
            state=RecommendationStep.State.WAITING,
            recommendation__consent=Recommendation.Consent.GIVEN,
        )


class RecommendationStep(models.Model):
    """Put forward to one centre, which accepts (the plan becomes its exemplar) or declines."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等着看")
        ACCEPTED = "accepted", _("接受")
        DECLINED = "declined", _("没有接受")
        WITHDRAWN = "withdrawn", _("作者收回")

    recommendation = models.ForeignKey(Recommendation, models.CASCADE, related_name="steps")
    centre = models.ForeignKey(TeachingCentre, models.PROTECT, related_name="+")
    put_forward_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    put_forward_at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(_("好在哪里"), max_length=300)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, db_index=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(_("理由"), max_length=300, blank=True)
    exemplar = models.ForeignKey("lessons.Exemplar", models.SET_NULL, null=True, blank=True, related_name="+")

    objects = StepQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("推荐的一步")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "centre"], name="recommended_once_to_a_centre")
        ]

    def __str__(self) -> str:
        return f"{self.centre} {self.state}"


# ---- what resembles what ---------------------------------------------------------------------------------
class VersionText(models.Model):
    """What its authors wrote in a version, a line for each line: read once, compared many times."""

    version = models.OneToOneField("lessons.PlanVersion", models.CASCADE, related_name="written")
    text = models.TextField()

    def __str__(self) -> str:
        return str(self.version_id)


class Similarity(models.Model):
    """How far a version resembles earlier plans. A help for people to judge by; nothing follows from it by itself."""

    class State(models.TextChoices):
        WAITING = "waiting", _("正在比")
        DONE = "done", _("比好了")
        SHORT = "short", _("字太少，不比")
        FAILED = "failed", _("没比成")

    version = models.OneToOneField("lessons.PlanVersion", models.CASCADE, related_name="similarity")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    touched_at = models.DateTimeField(default=timezone.now)
    characters = models.PositiveIntegerField(default=0)
    compared_with = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(
        default=0, help_text="characters that also stand in a source that is known"
    )
    unknown = models.PositiveIntegerField(default=0, help_text="and in others only")
    note = models.TextField(_("作者的说明"), max_length=1000, blank=True)
    noted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("相似度")

    def __str__(self) -> str:
        return f"{self.version_id} {self.state}"


class Likeness(models.Model):
    """One earlier version that shares passages."""

    class Source(models.TextChoices):
        """How the later plan may have come by it; all but the last are known, and so credited."""

        FORKED = "forked", _("个案的来源")
        DERIVED = "derived", _("从这份做的个案")
        SIBLING = "sibling", _("同一份共案的个案")
        OWN = "own", _("自己以前的教案")
        TOGETHER = "together", _("作者参与写过")
        UNKNOWN = "unknown", _("没有登记的来源")

    similarity = models.ForeignKey(Similarity, models.CASCADE, related_name="likenesses")
    version = models.ForeignKey("lessons.PlanVersion", models.CASCADE, related_name="+")
    source = models.CharField(max_length=10, choices=Source)
    characters = models.PositiveIntegerField()
    passages = models.JSONField(help_text="[[here, there], …]")

    class Meta:
        ordering = ["-characters", "id"]

    def __str__(self) -> str:
        return f"{self.similarity_id} {self.characters}"
