from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.personal_data import Kind, Row
from foundation.ledger.acts import ACTS
from foundation.ledger.audit import PERSON
from foundation.ledger.models import AuditEntry, Event


def _events(person: User) -> Iterator[Row]:
    for event in Event.objects.filter(actor=person).order_by("at").iterator():
        yield {
            "时间": event.at,
            "事件": event.kind,
            "当时的角色": event.role,
            "对象": event.subject_label,
            **event.data,
        }


def _entries(person: User) -> Iterator[Row]:
    about = Q(subject_kind=PERSON, subject_id=str(person.pk))
    for entry in AuditEntry.objects.filter(Q(actor_id=person.pk) | about).order_by("at", "id").iterator():
        yield {
            "时间": entry.at,
            "操作": ACTS[entry.act].label,
            "你是": "操作的人" if entry.actor_id == person.pk else "被操作的人",
            "对象": entry.subject_label,
            "做成": entry.allowed,
        }


def _forget_names(person: User, successor: User | None) -> None:
    """Events point at the person by id; a label could hold the name."""
    Event.objects.filter(subject_kind=PERSON, subject_id=str(person.pk)).take_label_away()


KINDS = (
    Kind(
        key="usage",
        label=_("使用记录"),
        what=_("登录、新建和打开教案、邀请等事件的时间，当时的角色、学校和县；不含教案内容"),
        purpose=_("统计各校各县的参与情况，不给个人排名"),
        kept_for=_("至少三年，之后由平台运维人员删除"),
        after_deletion=_("记录留着计数，只剩没有名字的编号"),
        rows=_events,
        forget=_forget_names,
        models=(Event,),
    ),
    Kind(
        key="audit",
        label=_("操作记录"),
        what=_("管理操作（发码、任职、停用……）是谁、什么时候、对谁做的；只存编号"),
        purpose=_("说得清谁动过帐号和任职"),
        kept_for=_("平台存在期间一直保存，谁也不能改、不能删"),
        after_deletion=_("记录不变，编号不再对应任何人"),
        rows=_entries,
        models=(AuditEntry,),
    ),
)
