"""What the workspaces keep about a person."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.personal_data import Kind, Row
from teaching_centres.workspace.models import (
    Circular,
    CircularReceipt,
    Expertise,
    Pairing,
    PairingActivity,
    SupportTicket,
    Task,
    TaskAnswer,
    TicketMessage,
    Visit,
    WeakSchool,
)


def _expertise(person: User) -> Iterator[Row]:
    for row in Expertise.objects.filter(user=person).select_related("region"):
        yield {
            "称号": row.get_grade_display(),
            "评定单位": str(row.region),
            "学科": row.subject,
            "起": row.starts,
            "止": row.ends,
        }


def _forget_expertise(person: User, successor: User | None) -> None:
    Expertise.objects.filter(user=person).delete()


def _tasks(person: User) -> Iterator[Row]:
    for task in Task.objects.filter(given_by=person):
        yield {"时间": task.given_at, "做了什么": "布置任务", "任务": task.title, "内容": task.expected}
    for answer in TaskAnswer.objects.filter(by=person).select_related("receiver__task"):
        yield {
            "时间": answer.at,
            "做了什么": "交任务",
            "任务": answer.receiver.task.title,
            "内容": answer.text,
        }
    for answer in TaskAnswer.objects.filter(judged_by=person).select_related("receiver__task"):
        yield {
            "时间": answer.judged_at,
            "做了什么": "验收",
            "任务": answer.receiver.task.title,
            "内容": answer.reason,
        }


def _circulars(person: User) -> Iterator[Row]:
    for circular in Circular.objects.filter(sent_by=person):
        yield {"时间": circular.sent_at, "做了什么": "发通知", "标题": circular.title}
    for receipt in CircularReceipt.objects.filter(user=person).select_related("circular"):
        yield {
            "时间": receipt.circular.sent_at,
            "做了什么": "收到通知",
            "标题": receipt.circular.title,
            "看过": receipt.read_at,
        }


def _support(person: User) -> Iterator[Row]:
    for ticket in SupportTicket.objects.filter(Q(opened_by=person) | Q(assigned_to=person)):
        yield {
            "时间": ticket.opened_at,
            "做了什么": "求助" if ticket.opened_by_id == person.pk else "办求助",
            "内容": ticket.need,
        }
    for message in TicketMessage.objects.filter(by=person):
        yield {"时间": message.at, "做了什么": "留言", "内容": message.text}
    for row in WeakSchool.objects.filter(listed_by=person).select_related("school"):
        yield {"时间": row.starts, "做了什么": "列入重点帮扶", "内容": str(row.school)}


def _pairing(person: User) -> Iterator[Row]:
    for pairing in Pairing.objects.filter(made_by=person).select_related("town", "village"):
        yield {"时间": pairing.starts, "做了什么": "结对", "内容": str(pairing)}
    for activity in PairingActivity.objects.filter(logged_by=person):
        yield {"时间": activity.day, "做了什么": "登记活动", "内容": activity.title}


def _visits(person: User) -> Iterator[Row]:
    concerned = Q(person=person) | Q(registered_by=person) | Q(decided_by=person)
    for visit in Visit.objects.filter(concerned).select_related("from_school", "from_region", "to_school"):
        yield {
            "种类": visit.get_kind_display(),
            "是不是本人去": "是" if visit.person_id == person.pk else "不是",
            "派出": str(visit.origin),
            "接收": str(visit.to_school),
            "起": visit.starts,
            "止": visit.ends,
            "学科": visit.subject,
            "课时": visit.hours,
        }


STAYS = _("留着，写着“已离开的教师”")
KINDS = (
    Kind(
        key="expertise",
        label=_("称号"),
        what=_("特级教师、学科带头人、骨干教师，从哪天到哪天"),
        purpose=_("请人帮助、送教时好找人"),
        kept_for=_("结束以后也保存，看得到历史"),
        after_deletion=_("删掉"),
        rows=_expertise,
        forget=_forget_expertise,
        models=(Expertise,),
    ),
    Kind(
        key="tasks",
        label=_("任务"),
        what=_("布置、上交和验收的任务"),
        purpose=_("备课中心和学校之间交办事情"),
        kept_for=_("和任务一样久"),
        after_deletion=STAYS,
        rows=_tasks,
        models=(Task, TaskAnswer),
    ),
    Kind(
        key="circulars",
        label=_("下发的通知"),
        what=_("发出的通知，收到的通知和看过的时间"),
        purpose=_("知道通知送到了没有"),
        kept_for=_("和通知一样久"),
        after_deletion=STAYS,
        rows=_circulars,
        models=(Circular, CircularReceipt),
    ),
    Kind(
        key="support",
        label=_("求助和帮扶"),
        what=_("提出、办理的求助和留言"),
        purpose=_("帮助学校"),
        kept_for=_("办结以后也保存"),
        after_deletion=STAYS,
        rows=_support,
        models=(SupportTicket, TicketMessage, WeakSchool),
    ),
    Kind(
        key="pairing",
        label=_("城乡结对"),
        what=_("登记的结对和活动"),
        purpose=_("看两所学校怎样互相帮助"),
        kept_for=_("结束以后也保存"),
        after_deletion=STAYS,
        rows=_pairing,
        models=(Pairing, PairingActivity),
    ),
    Kind(
        key="exchange",
        label=_("交流登记"),
        what=_("送教、走教、交流轮岗、支教，从哪里到哪里，多少课时"),
        purpose=_("督导评估要看教师交流"),
        kept_for=_("一直保存"),
        after_deletion=STAYS,
        rows=_visits,
        models=(Visit,),
    ),
)
