"""Handing in and taking back, reviewing and replying. The only writers of submissions and reviews."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.operations import record
from foundation.notices.operations import notify
from lessons import versions
from lessons.errors import NotPossible
from lessons.models import LessonPlan, PlanVersion
from lessons.reviewing import policies, similarity
from lessons.reviewing.levels import levels_of
from lessons.reviewing.models import (
    PHRASE_LENGTH,
    EarlierReview,
    OpinionPhrase,
    RecommendationStep,
    Review,
    Similarity,
    Submission,
)
from teaching_centres.calendar.queries import calendar_of
from teaching_centres.models import Membership, School
from teaching_centres.policies import Unit
from teaching_centres.queries import current_region, current_school, place_of
from teaching_centres.roles import UnitKind, Verb, roles_in, verbs_of

MOST_PHRASES = 30


# ---- handing in ------------------------------------------------------------------------------------------
@transaction.atomic
def hand_in(
    *, actor: User, plan: LessonPlan, version: PlanVersion | None = None, is_demo: bool = False
) -> Submission:
    """Open one version to the reviewers of the author's unit: a named one, or what is stored now, which gets a name."""
    policies.require_author(actor, plan)
    plan = _held(plan)
    _require_active(plan)
    unit = _unit_of(actor)
    version = version or versions.present_version(actor=actor, plan=plan, name=_("交批阅"))
    _require_fit(plan, version)
    before = Submission.objects.filter(plan=plan, ended_at__isnull=True).first()
    if before is not None:
        if before.version_id == version.pk:
            raise NotPossible(_("这一版已经交上去了。"))
        _end(before, Submission.End.REPLACED)
    term = calendar_of(unit).term_near(timezone.localdate())
    submission = Submission.objects.create(
        plan=plan,
        version=version,
        handed_in_by=actor,
        school=unit if isinstance(unit, School) else None,
        region=None if isinstance(unit, School) else unit,
        term=term.code if term else "",
        is_demo=is_demo,
    )
    _record(actor, events.PlanHandedIn(subject_id=plan.pk, subject_label=plan.title, version_id=version.pk))
    notify(
        recipients=_nearest_reviewers(unit, besides=actor),
        kind="review.handed_in",
        text=_("有新交上来的教案等你批阅"),
        path=reverse("review-list"),
    )
    similarity.compare_soon(version)
    return submission


@transaction.atomic
def take_back(*, actor: User, plan: LessonPlan) -> None:
    """From then on no reviewer opens it any more. What they said stays, and so does what was decided."""
    policies.require_author(actor, plan)
    submission = Submission.objects.select_for_update().filter(plan=plan, ended_at__isnull=True).first()
    if submission is None:
        raise NotPossible(_("这份教案没有交上去。"))
    _end(submission, Submission.End.TAKEN_BACK)
    _record(
        actor,
        events.PlanTakenBack(subject_id=plan.pk, subject_label=plan.title, version_id=submission.version_id),
    )


def _held(plan: LessonPlan) -> LessonPlan:
    """Two hand in at once: the second sees the first. A submission is locked before its plan, as everywhere here."""
    list(Submission.objects.select_for_update().filter(plan=plan, ended_at__isnull=True))
    return LessonPlan.objects.select_for_update(of=("self",)).select_related("region").get(pk=plan.pk)


def _end(submission: Submission, how: Submission.End) -> None:
    submission.ended, submission.ended_at = how, timezone.now()
    submission.save(update_fields=["ended", "ended_at"])
    waiting = RecommendationStep.objects.filter(
        recommendation__submission=submission, state=RecommendationStep.State.WAITING
    )
    waiting.update(state=RecommendationStep.State.WITHDRAWN, decided_at=timezone.now())


def _unit_of(actor: User) -> Unit:
    unit = current_school(actor) or current_region(actor)
    if unit is None:
        raise NotPossible(_("你现在没有任职，没有地方可交。请联系学校管理员。"))
    return unit


def _require_active(plan: LessonPlan) -> None:
    if plan.state == LessonPlan.State.DELETED:
        raise NotPossible(_("这份教案已删除。先恢复，再交上去。"))
    if plan.state == LessonPlan.State.ARCHIVED:
        raise NotPossible(_("这份教案已归档。先取消归档，再交上去。"))


def _require_fit(plan: LessonPlan, version: PlanVersion) -> None:
    if version.plan_id != plan.pk or version.number is None:
        raise NotPossible(_("只能交定好的一版。"))
    if version.characters == 0:
        raise NotPossible(_("教案还是空的，写好再交。"))


def _nearest_reviewers(unit: Unit, *, besides: User) -> set[int]:
    """Whom a new submission concerns first: the group leaders of the school, else the county's researchers."""
    held = Membership.objects.current().exclude(user=besides)
    if isinstance(unit, School):
        leaders = held.filter(school_id__in=[unit.pk, unit.parent_id], role__in=_reviewing(UnitKind.SCHOOL))
        found = set(leaders.values_list("user_id", flat=True))
        if found:
            return found
    region = unit.county if isinstance(unit, School) else unit
    above = held.filter(region=region, role__in=_reviewing(UnitKind.REGION))
    return set(above.values_list("user_id", flat=True))


def _reviewing(kind: UnitKind) -> list[str]:
    return [role for role in roles_in(kind) if Verb.REVIEW in verbs_of(role, kind)]


# ---- reviews ---------------------------------------------------------------------------------------------
@transaction.atomic
def give_review(
    *,
    actor: User,
    submission: Submission,
    level: str,
    opinion: str = "",
    revision: int = 0,
) -> Review:
    """The first time, or changed while there is no reply. `revision` is what the reviewer saw: 0 for nothing yet."""
    submission = _locked(submission)
    policies.require_review(actor, submission)
    levels = levels_of(submission.unit)
    review = Review.objects.filter(version=submission.version_id, reviewer=actor).select_for_update().first()
    if (review.revision if review else 0) != revision:
        raise NotPossible(_("你在别处已经改过这份意见。刷新看看，再决定留哪一个。"))
    if level not in levels and not (review and review.level == level):
        raise NotPossible(_("先选一个等级。"))
    rank = levels.index(level) + 1 if level in levels else review.rank if review else 0
    opinion = opinion.strip()
    if review is None:
        review = Review.objects.create(
            plan=submission.plan,
            version_id=submission.version_id,
            reviewer=actor,
            level=level,
            rank=rank,
            opinion=opinion,
        )
        _record_review(actor, review, levels)
        return review
    if review.replied_at is not None:
        raise NotPossible(_("作者已经回复，意见不能再改。有新的话，可以在教案里批注。"))
    if (review.level, review.opinion) == (level, opinion):
        return review
    EarlierReview.objects.create(
        review=review, level=review.level, opinion=review.opinion, given_at=review.given_at
    )
    review.level, review.rank, review.opinion = level, rank, opinion
    review.revision += 1
    review.given_at = timezone.now()
    review.save(update_fields=["level", "rank", "opinion", "revision", "given_at"])
    _record_review(actor, review, levels)
    return review


def _locked(submission: Submission) -> Submission:
    """Two at once, or one while the author takes it back: the second sees what the first did."""
    rows = Submission.objects.select_for_update(of=("self",))
    return rows.select_related("plan", "school__county", "region").get(pk=submission.pk)


def _record_review(actor: User, review: Review, levels: list[str]) -> None:
    plan = review.plan
    kind = events.PlanReviewed if review.revision == 1 else events.PlanReviewChanged
    _record(
        actor,
        kind(
            subject_id=plan.pk,
            subject_label=plan.title,
            version_id=review.version_id,
            rank=review.rank,
            levels=len(levels),
        ),
    )
    words = _("批阅了") if review.revision == 1 else _("改了批阅")
    notify(
        recipients=[plan.owner_id],
        kind="review.given",
        text=_("《%(title)s》%(words)s：%(level)s")
        % {"title": plan.title, "words": words, "level": review.level},
        path=reverse("plan-reviews", args=[plan.pk]),
    )


@transaction.atomic
def reply(*, actor: User, review: Review, text: str, revision: int) -> Review:
    """Once: it ends the exchange. `revision` is the opinion that the author saw."""
    review = Review.objects.select_for_update(of=("self",)).select_related("plan").get(pk=review.pk)
    policies.require_author(actor, review.plan)
    if review.replied_at is not None:
        raise NotPossible(_("这份意见已经回复过了。"))
    if review.revision != revision:
        raise NotPossible(_("意见刚刚改过。看了新的，再回复。"))
    if not text.strip():
        raise NotPossible(_("写一句回复。"))
    review.reply, review.replied_by, review.replied_at = text.strip(), actor, timezone.now()
    review.save(update_fields=["reply", "replied_by", "replied_at"])
    plan = review.plan
    _record(
        actor,
        events.PlanReviewAnswered(subject_id=plan.pk, subject_label=plan.title, version_id=review.version_id),
    )
    notify(
        recipients=[review.reviewer_id],
        kind="review.replied",
        text=_("《%(title)s》的作者回复了你的意见") % {"title": plan.title},
        path=reverse("review-list") + "?tab=given",
    )
    return review


# ---- likeness --------------------------------------------------------------------------------------------
@transaction.atomic
def explain_likeness(*, actor: User, submission: Submission, text: str) -> None:
    """The author says where it comes from. It can be said anew; empty takes it back."""
    policies.require_author(actor, submission.plan)
    found = Similarity.objects.select_for_update().filter(version=submission.version_id).first()
    if found is None or found.state != Similarity.State.DONE:
        raise NotPossible(_("还没有比出结果。"))
    found.note, found.noted_at = text.strip(), timezone.now()
    found.save(update_fields=["note", "noted_at"])
    plan = submission.plan
    _record(
        actor,
        events.SimilarityExplained(
            subject_id=plan.pk, subject_label=plan.title, version_id=submission.version_id
        ),
    )


@transaction.atomic
def compare_again(*, actor: User, submission: Submission) -> None:
    policies.require_see(actor, submission)
    found = Similarity.objects.select_for_update().filter(version=submission.version_id).first()
    if found is None or found.state != Similarity.State.FAILED:
        raise NotPossible(_("比好了的不用再比。"))
    similarity.again(found)


# ---- phrases ---------------------------------------------------------------------------------------------
@transaction.atomic
def keep_phrase(*, actor: User, text: str) -> None:
    text = " ".join(text.split())
    if not text:
        raise NotPossible(_("先在意见里写一句，再存成常用语。"))
    if len(text) > PHRASE_LENGTH:
        raise NotPossible(_("一条常用语最多 %(longest)s 个字。") % {"longest": PHRASE_LENGTH})
    mine = OpinionPhrase.objects.filter(user=actor)
    if not mine.filter(text=text).exists() and mine.count() >= MOST_PHRASES:
        raise NotPossible(_("常用语最多 %(most)s 条，先去掉一条不用的。") % {"most": MOST_PHRASES})
    OpinionPhrase.objects.get_or_create(user=actor, text=text)


def drop_phrase(*, actor: User, phrase_id: int) -> None:
    OpinionPhrase.objects.filter(user=actor, pk=phrase_id).delete()


def _record(actor: User, event: events.LedgerEvent) -> None:
    record(event, actor=actor, place=place_of(actor))
