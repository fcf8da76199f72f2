from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.operations import NAME_OF_THE_GONE
from foundation.accounts.personal_data import Kind, Row
from foundation.notices.models import Notice
from lessons.discussion.models import Comment, Thread
from lessons.discussion.notices import MENTIONED


def _said(person: User) -> Iterator[Row]:
    rows = Comment.objects.filter(author=person).select_related("thread__plan").order_by("created_at", "pk")
    for comment in rows:
        yield {
            "教案": comment.thread.plan.title,
            "第几条": comment.thread.number,
            "种类": comment.get_kind_display(),
            "原文": comment.thread.quote,
            "说的话": comment.text,
            "时间": comment.created_at,
            "删除": comment.deleted_at,
        }


def _threads(person: User) -> Iterator[Row]:
    mine = Q(created_by=person) | Q(resolved_by=person) | Q(comments__mentions=person)
    for thread in Thread.objects.filter(mine).distinct().select_related("plan").order_by("created_at"):
        yield {
            "教案": thread.plan.title,
            "第几条": thread.number,
            "种类": thread.get_kind_display(),
            "你提出的": thread.created_by_id == person.pk,
            "你标的处理好了": thread.resolved_by_id == person.pk,
            "时间": thread.created_at,
        }


def _take_name_out(person: User, successor: User | None) -> None:
    """Of what others said when they named this person, and of what others were told when this person named them."""
    for comment in Comment.objects.filter(mentions=person, text__contains=f"@{person.name}"):
        comment.text = comment.text.replace(f"@{person.name}", f"@{NAME_OF_THE_GONE}")
        comment.save(update_fields=["text"])
    plans = Comment.objects.filter(author=person).values_list("thread__plan_id", flat=True).distinct()
    for plan_id in plans:
        path = reverse("plan-editor", args=[plan_id])
        for notice in Notice.objects.filter(
            kind=MENTIONED, path__startswith=path, text__startswith=person.name
        ):
            notice.text = (NAME_OF_THE_GONE + notice.text.removeprefix(person.name))[:300]
            notice.save(update_fields=["text"])


KINDS = (
    Kind(
        key="discussion",
        label=_("在讨论里说的话"),
        what=_("你写的批注、回复、观点、共识，对哪几个字说的，什么时候"),
        purpose=_("一起把教案议好；写进集体备课记录"),
        kept_for=_("和教案一样久；你删的话马上没有，只留“已删除”"),
        after_deletion=_("留着，署名变成“已离开的教师”；别人提到你的名字换掉"),
        rows=_said,
        forget=_take_name_out,
        models=(Comment,),
    ),
    Kind(
        key="discussion-threads",
        label=_("你提出、处理的讨论"),
        what=_("你提出的、标了“处理好了”的、提到你的讨论"),
        purpose=_("看得出谁提出、谁处理的"),
        kept_for=_("和教案一样久"),
        after_deletion=_("留着，署名变成“已离开的教师”"),
        rows=_threads,
        models=(Thread,),
    ),
)
