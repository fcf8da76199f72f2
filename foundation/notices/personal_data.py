from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.personal_data import Kind, Row
from foundation.notices.kinds import kinds
from foundation.notices.models import CalendarFeed, MailSettings, Notice, Preference


def _rows(person: User) -> Iterator[Row]:
    for notice in Notice.objects.filter(recipient=person):
        yield {"时间": notice.created_at, "内容": notice.text, "读过": notice.read_at}


def _forget(person: User, successor: User | None) -> None:
    Notice.objects.filter(recipient=person).delete()


def _settings(person: User) -> Iterator[Row]:
    labels = {kind.name: str(kind.label) for kind in kinds()}
    for preference in Preference.objects.filter(user=person):
        yield {
            "消息": labels.get(preference.kind, preference.kind),
            "怎么告诉你": preference.get_channel_display(),
        }
    for mail in MailSettings.objects.filter(user=person):
        yield {"每天一封信几点发": mail.digest_hour, "不再发信": mail.stopped}
    for feed in CalendarFeed.objects.filter(user=person):
        yield {"日历地址建立时间": feed.made_at}


def _forget_settings(person: User, successor: User | None) -> None:
    for model in (Preference, MailSettings, CalendarFeed):
        model._default_manager.filter(user=person).delete()


KINDS = (
    Kind(
        key="notice-settings",
        label=_("通知与日历的设置"),
        what=_("哪种消息怎么告诉你，每天的信几点发，日历地址什么时候建的（地址本身不存）"),
        purpose=_("按你要的方式告诉你"),
        kept_for=_("到帐号注销"),
        after_deletion=_("全部删除，日历地址当时作废"),
        rows=_settings,
        forget=_forget_settings,
        models=(Preference, MailSettings, CalendarFeed),
    ),
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
