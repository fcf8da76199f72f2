from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.personal_data import Kind, Row
from lessons.lineage.models import ChangeNote, Contribution


def _contributions(person: User) -> Iterator[Row]:
    rows = Contribution.objects.filter(Q(author=person) | Q(answered_by=person)).select_related("plan")
    for row in rows.order_by("sent_at", "pk"):
        yield {
            "时间": row.sent_at,
            "共案": row.plan.title,
            "哪一节": row.title,
            "谁提的": "你" if row.author_id == person.pk else "别人",
            "说明": row.remark,
            "状态": row.get_state_display(),
            "回复": row.answer,
        }


def _notes(person: User) -> Iterator[Row]:
    rows = ChangeNote.objects.filter(written_by=person).select_related("version__plan")
    for row in rows.order_by("written_at", "pk").defer("version__state"):
        yield {"时间": row.written_at, "共案": row.version.plan.title, "为什么改": row.text}


KINDS = (
    Kind(
        key="contributions",
        label=_("提给共案的改法"),
        what=_("你把个案里的哪一节提给共案、怎么说的；你怎么回复别人提的"),
        purpose=_("采用了的写上是谁提的"),
        kept_for=_("和教案一样久"),
        after_deletion=_("留着，署名变成“已离开的教师”"),
        rows=_contributions,
        models=(Contribution,),
    ),
    Kind(
        key="change-notes",
        label=_("改动的说明"),
        what=_("共案定了新版，你写的为什么改"),
        purpose=_("做了个案的老师看了好决定采不采用"),
        kept_for=_("和教案一样久"),
        after_deletion=_("留着，署名变成“已离开的教师”"),
        rows=_notes,
        models=(ChangeNote,),
    ),
)
