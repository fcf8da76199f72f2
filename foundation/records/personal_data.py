from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.personal_data import Kind, Row
from foundation.records.form import field_of
from foundation.records.models import Record, RecordEdit, RecordRevision, RecordTask


def _edits(person: User) -> Iterator[Row]:
    for edit in RecordEdit.objects.filter(by=person).select_related("record").order_by("pk"):
        field = field_of(edit.field)
        yield {
            "时间": edit.at,
            "记录": edit.record.subject_label,
            "栏": str(field.label) if field else edit.field,
        }


def _signed(person: User) -> Iterator[Row]:
    for revision in RecordRevision.objects.filter(signed_by=person).order_by("signed_at"):
        yield {"时间": revision.signed_at, "记录": revision.subject_label, "第几次": revision.number}


def _tasks(person: User) -> Iterator[Row]:
    for task in RecordTask.objects.filter(person=person).select_related("record").order_by("pk"):
        yield {
            "记录": task.record.subject_label,
            "任务": task.text,
            "期限": task.due,
            "完成": task.done_at,
        }


KINDS = (
    Kind(
        key="record-edits",
        label=_("改过的活动记录"),
        what=_("什么时候改了哪份记录的哪一栏"),
        purpose=_("两个人同时改也不丢字，说得清谁写的"),
        kept_for=_("和记录一起保存"),
        after_deletion=_("留着，写着“已离开的教师”"),
        rows=_edits,
        models=(RecordEdit,),
    ),
    Kind(
        key="records-signed",
        label=_("签字定稿的活动记录"),
        what=_("主持活动后签字的记录和时间"),
        purpose=_("活动有据可查"),
        kept_for=_("和记录一起保存"),
        after_deletion=_("留着，写着“已离开的教师”；签过字的内容一字不改"),
        rows=_signed,
        models=(Record, RecordRevision),
    ),
    Kind(
        key="record-tasks",
        label=_("活动记录里的任务"),
        what=_("活动里分给谁什么任务、哪天交、做完没有"),
        purpose=_("任务有人做、有回音"),
        kept_for=_("和记录一起保存"),
        after_deletion=_("留着，写着“已离开的教师”"),
        rows=_tasks,
        models=(RecordTask,),
    ),
)
