"""The catalogue of administrative acts: what the audit trail knows, and which details each may carry.

A new act is one line in ACTS; a released name is never renamed and its details are never removed, because
old entries stay. Details are ids, counts and words of the code: no name of a person, no text anyone wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Act:
    label: str | Promise
    details: tuple[str, ...] = ()


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        # accounts: the subject is the person, or the unit when it concerns many
        "person.created": Act(_("建立帐号")),
        "person.changed": Act(_("更改帐号资料"), ("fields",)),
        "person.activated": Act(_("帐号开通"), ("way",)),
        "person.code_issued": Act(_("发一次性验证码"), ("purpose", "way")),
        "person.codes_printed": Act(_("打印开通单"), ("count",)),
        "person.password_changed": Act(_("换密码"), ("way",)),
        "person.second_factor_set": Act(_("设置二次验证")),
        "person.second_factor_removed": Act(_("取消二次验证")),
        "person.recovery_code_used": Act(_("用恢复码登录"), ("left",)),
        "person.sessions_ended": Act(_("结束登录"), ("count",)),
        "person.closed": Act(_("停用帐号")),
        "person.reopened": Act(_("恢复帐号")),
        "person.linked": Act(_("关联统一身份认证")),
        "person.unlinked": Act(_("取消统一身份认证关联")),
        "person.exported": Act(_("导出个人资料")),
        "person.deletion_asked": Act(_("申请注销帐号")),
        "person.deletion_withdrawn": Act(_("撤回注销申请")),
        "person.deleted": Act(_("注销帐号"), ("plans_to",)),
        # memberships: the subject is the person
        "membership.granted": Act(_("任职"), ("membership_id", "role", "school_id", "region_id")),
        "membership.changed": Act(_("更改任职期限"), ("membership_id", "role", "ends")),
        "membership.ended": Act(
            _("结束任职"), ("membership_id", "role", "school_id", "region_id", "ends", "ended_as")
        ),
        "membership.transferred": Act(_("调动"), ("membership_id", "school_id", "region_id")),
        "leave.recorded": Act(_("登记离岗"), ("leave_id", "starts", "ends")),
        "leave.changed": Act(_("更改离岗期限"), ("leave_id", "ends")),
        "leave.withdrawn": Act(_("取消离岗登记"), ("leave_id",)),
        "person.retired": Act(_("登记退休"), ("on", "count")),
        "person.merged": Act(_("合并重复人员"), ("absorbed_id", "rows")),
        "person.told_apart": Act(_("认定不是同一个人"), ("other_id",)),
        # units: the subject is the region or the school
        "region.added": Act(_("设立行政区")),
        "region.changed": Act(_("更改行政区"), ("fields",)),
        "region.moved": Act(_("行政区改隶"), ("parent_id",)),
        "school.opened": Act(_("设立学校")),
        "school.changed": Act(_("更改学校资料"), ("fields",)),
        "school.closed": Act(_("撤并学校"), ("on",)),
        "school.reopened": Act(_("恢复学校")),
        "school.merge_decided": Act(_("决定学校合并"), ("into_id", "on")),
        "school.merge_withdrawn": Act(_("取消学校合并"), ("into_id", "on")),
        "school.merged": Act(_("学校合并"), ("into_id", "on", "count")),
        "prep_point.opened": Act(_("设立备课点")),
        "prep_point.closed": Act(_("撤销备课点"), ("on",)),
        "template.changed": Act(_("更改教案格式"), ("template_id",)),
        # rosters: the subject is the import, or the unit
        "roster.imported": Act(_("导入名册"), ("kind", "file_id", "rows", "created", "changed", "ended")),
        "roster.undone": Act(_("撤销导入"), ("kind", "rows")),
        "roster.exported": Act(_("导出名册"), ("kind", "rows")),
        # workspaces: the subject is the unit, or the person whom a grade is for
        "task.given": Act(_("布置任务"), ("task_id", "receivers")),
        "task.withdrawn": Act(_("撤回任务"), ("task_id",)),
        "task.handed_in": Act(_("交任务"), ("task_id", "state")),
        "task.judged": Act(_("验收任务"), ("task_id", "verdict")),
        "circular.sent": Act(_("下发通知"), ("circular_id", "people")),
        "circular.reminded": Act(_("提醒看通知"), ("circular_id", "people")),
        "circular.withdrawn": Act(_("撤回通知"), ("circular_id",)),
        "expertise.granted": Act(_("登记称号"), ("expertise_id", "grade", "region_id")),
        "expertise.ended": Act(_("结束称号"), ("expertise_id", "grade", "region_id", "ends")),
        "support.listed": Act(_("列入重点帮扶"), ("weak_school_id", "region_id")),
        "support.unlisted": Act(_("结束重点帮扶"), ("weak_school_id", "region_id")),
        "ticket.opened": Act(_("提出求助"), ("ticket_id",)),
        "ticket.moved": Act(_("办理求助"), ("ticket_id", "state")),
        "pairing.started": Act(_("城乡结对"), ("pairing_id", "village_id")),
        "pairing.changed": Act(_("更改结对"), ("pairing_id",)),
        "pairing.activity": Act(_("登记结对活动"), ("pairing_id", "activity_id")),
        "visit.registered": Act(_("登记交流"), ("visit_id",)),
        "visit.decided": Act(_("确认交流"), ("visit_id", "state")),
        "visit.exported": Act(_("导出交流登记"), ("rows",)),
        "line.measured": Act(_("测线路")),
        "exemplar.chosen": Act(_("选为范例"), ("exemplar_id",)),
        "exemplar.removed": Act(_("取消范例"), ("exemplar_id",)),
        "recommendation.decided": Act(_("答复推荐"), ("step_id", "verdict")),
        "review.levels_set": Act(_("设批阅等级"), ("count",)),
        # the calendar: the subject is the unit; a timetable's is the teacher, an imported one's the school
        "term.set": Act(_("设学期"), ("term", "starts", "ends")),
        "term.removed": Act(_("删去学期"), ("term",)),
        "days.changed": Act(_("设放假、调休"), ("days_id", "starts", "ends")),
        "days.restored": Act(_("删去放假、调休"), ("days_id", "starts", "ends")),
        "periods.set": Act(_("设作息时间"), ("starts", "count")),
        "periods.removed": Act(_("删去作息时间"), ("starts",)),
        "timetable.changed": Act(_("改老师的课表"), ("term", "count")),
        "timetable.imported": Act(_("导入课表"), ("rows",)),
        "timetable.exported": Act(_("下载全校课表"), ("rows",)),
        "lesson.changed": Act(_("给老师调课、代课、停课"), ("entry_id", "on", "state")),
        # records of activities: the subject is the record
        "record.signed": Act(_("签字定稿活动记录"), ("revision", "sha256")),
        "record.reopened": Act(_("重开活动记录"), ("revision",)),
        "record.exported": Act(_("导出活动记录表"), ("rows",)),
        # the trail itself: the subject is the unit
        "audit.exported": Act(_("导出操作记录"), ("rows",)),
    }
)


DETAILS: Mapping[str, str | Promise] = MappingProxyType(
    {
        "absorbed_id": _("并掉的帐号编号"),
        "activity_id": _("活动编号"),
        "changed": _("更改"),
        "circular_id": _("通知编号"),
        "count": _("数量"),
        "created": _("新增"),
        "days_id": _("放假编号"),
        "ended": _("结束"),
        "ended_as": _("为什么结束"),
        "ends": _("止"),
        "entry_id": _("课的编号"),
        "exemplar_id": _("范例编号"),
        "expertise_id": _("称号编号"),
        "fields": _("改了"),
        "file_id": _("文件"),
        "grade": _("称号"),
        "into_id": _("并入的学校编号"),
        "kind": _("种类"),
        "leave_id": _("离岗编号"),
        "left": _("还剩"),
        "membership_id": _("任职编号"),
        "on": _("日期"),
        "other_id": _("另一个帐号编号"),
        "pairing_id": _("结对编号"),
        "parent_id": _("上级编号"),
        "people": _("人数"),
        "plans_to": _("教案交给（帐号编号）"),
        "purpose": _("用途"),
        "receivers": _("接收单位数"),
        "region_id": _("行政区编号"),
        "revision": _("第几次定稿"),
        "role": _("角色"),
        "rows": _("行数"),
        "school_id": _("学校编号"),
        "sha256": _("校验值"),
        "starts": _("起"),
        "state": _("状态"),
        "step_id": _("推荐编号"),
        "task_id": _("任务编号"),
        "template_id": _("格式编号"),
        "term": _("学期"),
        "ticket_id": _("求助编号"),
        "verdict": _("结论"),
        "village_id": _("乡村学校编号"),
        "visit_id": _("交流编号"),
        "way": _("方式"),
        "weak_school_id": _("帮扶编号"),
    }
)
"""What the details are called on a page."""


def declared(act: str, details: Mapping[str, Any]) -> bool:
    """Is it an act of the catalogue, with no details but its own, each a plain value?"""
    known = ACTS.get(act)
    if known is None or not set(details) <= set(known.details):
        return False
    return all(value is None or type(value) in (int, bool, str) for value in details.values())
