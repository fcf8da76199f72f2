from collections.abc import Iterator

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.personal_data import Kind, Row
from foundation.notices.models import Notice
from teaching_centres import effects
from teaching_centres.models import Membership


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


KINDS = (
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
