"""Which kinds of notices there are: each app declares its own, from `AppConfig.ready`."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How someone hears of a kind. Whatever is mailed stands under the bell as well."""

    OFF = "off", _("不要")
    BELL = "bell", _("只在站内")
    DIGEST = "digest", _("每天一封信")
    MAIL = "mail", _("马上发信")


@dataclass(frozen=True)
class Kind:
    name: str
    label: str | Promise
    default: Channel = Channel.BELL


# What no app declared: it is told as usual, and can be turned off together.
OTHER = Kind("other", _("其他消息"))
_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    for kind in kinds:
        _kinds[kind.name] = kind


def kinds() -> list[Kind]:
    """In the order in which they were declared, the rest at the end."""
    return [*_kinds.values(), OTHER]


def kind_of(name: str) -> Kind:
    return _kinds.get(name, OTHER)
