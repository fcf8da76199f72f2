from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.personal_data import Kind, Row
from lessons.reviewing.models import (
    OpinionPhrase,
    RecommendationStep,
    Review,
    ReviewScale,
    Similarity,
    Submission,
)


def _submissions(person: User) -> Iterator[Row]:
    rows = Submission.objects.filter(Q(handed_in_by=person) | Q(plan__owner=person)).select_related(
        "plan", "version", "school", "region", "recommendation"
    )
    notes = dict(
        Similarity.objects.filter(version__in=rows.values("version")).values_list("version_id", "note")
    )
    for row in rows.defer("plan__first_content", "version__state"):
        recommendation = getattr(row, "recommendation", None)
        yield {
            "课题": row.plan.title,
            "交到": str(row.unit),
            "时间": row.handed_in_at,
            "后来": row.get_ended_display() if row.ended else "",
            "推荐": recommendation.get_consent_display() if recommendation else "",
            "相似度说明": notes.get(row.version_id, ""),
        }


def _reviews(person: User) -> Iterator[Row]:
    rows = Review.objects.filter(Q(reviewer=person) | Q(plan__owner=person) | Q(replied_by=person)).distinct()
    for row in rows.select_related("plan").defer("plan__first_content").order_by("given_at", "pk"):
        yield {
            "课题": row.plan.title,
            "你批的": row.reviewer_id == person.pk,
            "等级": row.level,
            "意见": row.opinion,
            "时间": row.given_at,
            "回复": row.reply,
            "回复时间": row.replied_at,
            "改之前": [f"{each.level} {each.opinion}" for each in row.earlier.all()],
        }


def _phrases(person: User) -> Iterator[Row]:
    for row in OpinionPhrase.objects.filter(user=person):
        yield {"常用语": row.text}


def _forget_phrases(person: User, successor: User | None) -> None:
    OpinionPhrase.objects.filter(user=person).delete()


def _steps(person: User) -> Iterator[Row]:
    rows = RecommendationStep.objects.filter(Q(put_forward_by=person) | Q(decided_by=person))
    for row in rows.select_related("centre", "recommendation__submission__plan").order_by("put_forward_at"):
        yield {
            "课题": row.recommendation.submission.plan.title,
            "推荐到": str(row.centre),
            "你推荐的": row.put_forward_by_id == person.pk,
            "好在哪里": row.reason,
            "结果": row.get_state_display(),
            "理由": row.decision,
            "时间": row.decided_at or row.put_forward_at,
        }


def _scales(person: User) -> Iterator[Row]:
    for row in ReviewScale.objects.filter(changed_by=person).select_related("school", "region"):
        yield {"单位": str(row.unit), "等级": "、".join(row.levels), "时间": row.changed_at}


KINDS = (
    Kind(
        key="submissions",
        label=_("交上去批阅的教案"),
        what=_("哪份教案的哪一版、什么时候交到哪里、收回没有、同不同意推荐；你对相似度的说明"),
        purpose=_("让备课组长和教研员批阅"),
        kept_for=_("和教案一样久"),
        after_deletion=_("留着，署名变成“已离开的教师”"),
        rows=_submissions,
        models=(Submission,),
    ),
    Kind(
        key="reviews",
        label=_("批阅和回复"),
        what=_("你给别人、别人给你的等级和意见，改之前的，和回复"),
        purpose=_("帮作者把教案改好"),
        kept_for=_("和教案一样久"),
        after_deletion=_("留着，署名变成“已离开的教师”"),
        rows=_reviews,
        models=(Review,),
    ),
    Kind(
        key="phrases",
        label=_("批阅的常用语"),
        what=_("你存的常用语"),
        purpose=_("批阅时少打字"),
        kept_for=_("到你去掉"),
        after_deletion=_("全部删除"),
        rows=_phrases,
        forget=_forget_phrases,
        models=(OpinionPhrase,),
    ),
    Kind(
        key="recommendations",
        label=_("推荐"),
        what=_("你把哪份教案推荐到哪里，你接受或没有接受哪份，理由"),
        purpose=_("让好教案逐级推上去"),
        kept_for=_("和教案一样久"),
        after_deletion=_("留着，署名变成“已离开的教师”"),
        rows=_steps,
        models=(RecommendationStep,),
    ),
    Kind(
        key="review-levels",
        label=_("设的批阅等级"),
        what=_("你最后设的单位等级"),
        purpose=_("知道谁设的"),
        kept_for=_("到改设"),
        after_deletion=_("留着，署名变成“已离开的教师”"),
        rows=_scales,
        models=(ReviewScale,),
    ),
)
