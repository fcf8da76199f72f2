from collections.abc import Iterator

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.accounts import operations as accounts
from foundation.accounts.models import User
from foundation.accounts.personal_data import Kind, Row
from foundation.notices.models import Notice
from teaching_centres import effects
from teaching_centres.models import (
    DifferentPeople,
    Leave,
    Membership,
    PersonMerge,
    RosterDraft,
    RosterImport,
    SchoolMerge,
)


def _memberships(person: User) -> Iterator[Row]:
    for row in person.memberships.select_related("region", "school").order_by("starts", "pk"):
        yield {
            "单位": str(row.unit),
            "角色": row.get_role_display(),
            "学科": row.subject,
            "起": row.starts,
            "止": row.ends,
        }


def _leave(person: User, successor: User | None) -> None:
    """Held to the end of today, so that statistics of the past keep their people. Who was asked to see to it
    keeps no line with the name."""
    Notice.objects.filter(path=reverse("person-account", args=[person.pk])).delete()
    today = timezone.localdate()
    person.memberships.filter(starts__gt=today).delete()
    person.memberships.filter(ends__isnull=True).update(ends=today)
    person.memberships.filter(ends__gt=today).update(ends=today)
    effects.membership_changed(person.pk)


def _admin_log(person: User) -> Iterator[Row]:
    for entry in LogEntry.objects.filter(user=person).order_by("action_time", "pk"):
        yield {"时间": entry.action_time, "对象": entry.object_repr, "做了什么": entry.get_change_message()}


def _forget_in_admin_log(person: User, successor: User | None) -> None:
    """Its lines name what was changed: a person, or a membership with the person's name in it."""
    memberships = [str(pk) for pk in person.memberships.values_list("pk", flat=True)]
    for model, ids in ((User, [str(person.pk)]), (Membership, memberships)):
        kind = ContentType.objects.get_for_model(model)
        LogEntry.objects.filter(content_type=kind, object_id__in=ids).update(
            object_repr="", change_message=""
        )


def _leaves(person: User) -> Iterator[Row]:
    for row in person.leaves.order_by("starts", "pk"):
        yield {"种类": row.get_kind_display(), "起": row.starts, "止": row.ends}


def _forget_leaves(person: User, successor: User | None) -> None:
    person.leaves.all().delete()


def _imports(person: User) -> Iterator[Row]:
    for row in RosterImport.objects.filter(actor=person).order_by("begun_at"):
        yield {"文件": row.file_name, "时间": row.begun_at, "结果": row.get_state_display()}


def _forget_imports(person: User, successor: User | None) -> None:
    RosterDraft.objects.filter(roster_import__actor=person).delete()
    RosterImport.objects.filter(actor=person).update(file_name="")


def _merges(person: User) -> Iterator[Row]:
    for merge in person.absorbed.select_related("absorbed").order_by("at"):
        yield {"以前的手机号或工号": merge.absorbed.username, "合并时间": merge.at}
    for pair in DifferentPeople.objects.filter(Q(one=person) | Q(other=person)):
        yield {"认定不是同一个人的时间": pair.at}


def _forget_merged(person: User, successor: User | None) -> None:
    """The absorbed accounts of the same person still have the name and the number."""
    DifferentPeople.objects.filter(Q(one=person) | Q(other=person)).delete()
    for merge in person.absorbed.select_related("absorbed"):
        accounts.erase(person=merge.absorbed)


def _school_merges(person: User) -> Iterator[Row]:
    for merge in SchoolMerge.objects.filter(decided_by=person).select_related("school", "into"):
        yield {"学校": str(merge.school), "并入": str(merge.into), "日期": merge.on}


KINDS = (
    Kind(
        key="leaves",
        label=_("请假、借调、产假"),
        what=_("种类，从哪天到哪天"),
        purpose=_("统计参与时不把离岗的日子算进去"),
        kept_for=_("到帐号注销"),
        after_deletion=_("全部删除"),
        rows=_leaves,
        forget=_forget_leaves,
        models=(Leave,),
    ),
    Kind(
        key="roster-imports",
        label=_("你导入的名册"),
        what=_("文件名、时间、结果；文件本身导入完就删"),
        purpose=_("说得清名册是谁、什么时候改的"),
        kept_for=_("一直保存；没有确认的文件 7 天后删"),
        after_deletion=_("文件名删除，时间和结果留着"),
        rows=_imports,
        forget=_forget_imports,
        models=(RosterImport,),
    ),
    Kind(
        key="merged-accounts",
        label=_("并到你名下的重复帐号"),
        what=_("以前的手机号或工号，什么时候并的"),
        purpose=_("用旧号码写的名册也认得出是你"),
        kept_for=_("到帐号注销"),
        after_deletion=_("姓名和号码删除，留下没有名字的一行"),
        rows=_merges,
        forget=_forget_merged,
        models=(PersonMerge, DifferentPeople),
    ),
    Kind(
        key="school-merges",
        label=_("你决定的学校合并"),
        what=_("哪所学校并入哪所，哪天"),
        purpose=_("说得清是谁决定的"),
        kept_for=_("一直保存"),
        after_deletion=_("留着，署名变成“已离开的教师”"),
        rows=_school_merges,
        models=(SchoolMerge,),
    ),
    Kind(
        key="memberships",
        label=_("任职"),
        what=_("在哪个单位、什么角色、什么学科，从哪天到哪天"),
        purpose=_("决定你能看什么、能做什么；统计参与"),
        kept_for=_("结束以后也保存，说得清以前的记录"),
        after_deletion=_("当天结束，留下没有名字的一行"),
        rows=_memberships,
        forget=_leave,
        models=(Membership,),
    ),
    Kind(
        key="admin-log",
        label=_("后台的改动"),
        what=_("管理员在后台改了什么"),
        purpose=_("查看一条内容的改动历史"),
        kept_for=_("和被改的内容一样久"),
        after_deletion=_("名字删掉"),
        rows=_admin_log,
        forget=_forget_in_admin_log,
        models=(LogEntry,),
    ),
)
