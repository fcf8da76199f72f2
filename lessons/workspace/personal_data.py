from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.personal_data import Kind, Row
from lessons.workspace.models import Exemplar


def _exemplars(person: User) -> Iterator[Row]:
    for row in Exemplar.objects.filter(chosen_by=person).select_related("plan", "centre"):
        yield {
            "时间": row.chosen_at,
            "备课中心": str(row.centre),
            "教案": row.plan.title,
            "好在哪里": row.reason,
        }


KINDS = (
    Kind(
        key="exemplars",
        label=_("选的范例"),
        what=_("把哪份教案选为范例，好在哪里"),
        purpose=_("让大家学好的教案"),
        kept_for=_("取消以后也保存"),
        after_deletion=_("留着，写着“已离开的教师”"),
        rows=_exemplars,
        models=(Exemplar,),
    ),
)
