from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.personal_data import Kind, Row
from foundation.notices.models import Notice


def _rows(person: User) -> Iterator[Row]:
    for notice in Notice.objects.filter(recipient=person):
        yield {"时间": notice.created_at, "内容": notice.text, "读过": notice.read_at}


def _forget(person: User, successor: User | None) -> None:
    Notice.objects.filter(recipient=person).delete()


KINDS = (
    Kind(
        key="notices",
        label=_("消息"),
        what=_("发给你的消息，和你什么时候读过"),
        purpose=_("告诉你同事请你做什么、什么变了"),
        kept_for=_("到帐号注销"),
        after_deletion=_("全部删除"),
        rows=_rows,
        forget=_forget,
        models=(Notice,),
    ),
)
