from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.operations import NAME_OF_THE_GONE
from foundation.accounts.personal_data import Kind, Row
from foundation.notices.models import Notice
from lessons.activities.models import (
    ActivityMember,
    AgendaItem,
    PrepActivity,
    TermPlan,
    TermPlanMember,
    TermPlanRow,
)


def _activities(person: User) -> Iterator[Row]:
    concerned = Q(leader=person) | Q(lead_preparer=person)
    for row in PrepActivity.objects.filter(concerned).select_related("subject").order_by("created_at", "pk"):
        yield {
            "主题": row.theme,
            "学科": str(row.subject),
            "年级": row.grade,
            "你发起的": row.leader_id == person.pk,
            "你主备的": row.lead_preparer_id == person.pk,
            "状态": row.get_state_display(),
            "发起": row.opens_at,
            "结束": row.closed_at,
        }


def _hand_over(person: User, successor: User | None) -> None:
    """Whoever gets the plans goes on with the activities; drafts and term plans of someone without one end."""
    _take_name_out_of_notices(person)
    PrepActivity.objects.filter(leader=person, state=PrepActivity.State.DRAFT).delete()
    if successor is not None:
        ActivityMember.objects.filter(activity__lead_preparer=person, user=successor).delete()
        PrepActivity.objects.filter(leader=person).update(leader=successor)
        PrepActivity.objects.filter(lead_preparer=person).update(lead_preparer=successor)
        TermPlan.objects.filter(leader=person).update(leader=successor)


def _take_name_out_of_notices(person: User) -> None:
    """Others were told “…请你参加集体备课《…》”, or that this person is on leave and why: the reason stands last."""
    mine = Q(leader=person) | Q(lead_preparer=person) | Q(members__user=person)
    pks = list(PrepActivity.objects.filter(mine).values_list("pk", flat=True).distinct())
    answered = set(ActivityMember.objects.filter(user=person).values_list("activity_id", flat=True))
    paths = {reverse("activity", args=[pk]): pk in answered for pk in pks}
    for notice in Notice.objects.filter(kind__startswith="activity.", text__startswith=person.name):
        if notice.path not in paths:
            continue
        text = notice.text.removeprefix(person.name)
        if paths[notice.path]:
            text = "".join(text.partition("》")[:2])
        notice.text = (NAME_OF_THE_GONE + text)[:300]
        notice.save(update_fields=["text"])


def _taking_part(person: User) -> Iterator[Row]:
    for row in ActivityMember.objects.filter(user=person).select_related("activity", "school"):
        yield {
            "活动": row.activity.theme,
            "经由": str(row.school or ""),
            "接收": row.get_state_display(),
            "原因": row.reason,
            "邀请": row.invited_at,
            "答复": row.answered_at,
        }


def _forget_reasons(person: User, successor: User | None) -> None:
    ActivityMember.objects.filter(user=person).update(reason="")


def _agenda(person: User) -> Iterator[Row]:
    for row in AgendaItem.objects.filter(raised_by=person).select_related("activity"):
        yield {"活动": row.activity.theme, "议题": row.text, "提出": row.raised_at}


def _term_plans(person: User) -> Iterator[Row]:
    concerned = Q(leader=person) | Q(rows__lead_preparer=person) | Q(members__user=person)
    for plan in TermPlan.objects.filter(concerned).select_related("subject").distinct():
        yield {
            "学期": plan.term,
            "学科": str(plan.subject),
            "年级": plan.grade,
            "你定的": plan.leader_id == person.pk,
            "你主备": "、".join(str(row) for row in plan.rows.filter(lead_preparer=person)),
        }


def _leave_groups(person: User, successor: User | None) -> None:
    TermPlanMember.objects.filter(user=person).delete()
    TermPlanRow.objects.filter(lead_preparer=person).update(lead_preparer=successor)


KINDS = (
    Kind(
        key="activities",
        label=_("备课活动"),
        what=_("你发起的、你主备的集体备课"),
        purpose=_("大家知道谁发起、谁主备"),
        kept_for=_("一直保存"),
        after_deletion=_("交给接你教案的老师；没有指定的，署名变成“已离开的教师”，没发起的草稿删除"),
        rows=_activities,
        forget=_hand_over,
        models=(PrepActivity,),
    ),
    Kind(
        key="taking-part",
        label=_("参加的备课活动"),
        what=_("请你参加的活动，你接收、不接收还是请假，原因"),
        purpose=_("定稿发到该收的人手里；谁接收了一眼看到"),
        kept_for=_("和活动一样久"),
        after_deletion=_("留着，署名变成“已离开的教师”，你写的原因删除"),
        rows=_taking_part,
        forget=_forget_reasons,
        models=(ActivityMember,),
    ),
    Kind(
        key="agenda",
        label=_("提的议题"),
        what=_("你为集研提的议题"),
        purpose=_("集研时按议题谈"),
        kept_for=_("和活动一样久"),
        after_deletion=_("留着，署名变成“已离开的教师”"),
        rows=_agenda,
        models=(AgendaItem,),
    ),
    Kind(
        key="term-plans",
        label=_("学期计划"),
        what=_("你定的、你在里面主备的学期计划，你在哪些备课组"),
        purpose=_("一学期谁主备哪一课，什么时候"),
        kept_for=_("一直保存"),
        after_deletion=_("计划留着；你主备的课交给接你教案的老师，没有指定的空出来；你不再在备课组里"),
        rows=_term_plans,
        forget=_leave_groups,
        models=(TermPlan, TermPlanMember, TermPlanRow),
    ),
)
