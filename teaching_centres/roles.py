"""The one table of rights: which role, held in which kind of unit, gives which verbs.

A role held in a region counts for that region and everything below it; a role held in a school counts
for the school and its teaching points (教学点). Nothing reaches sideways or up.
docs/decisions/0002-rights.md says why.
"""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    TEACHER = "teacher", _("教师")
    GROUP_LEADER = "group_leader", _("备课组长")
    RESEARCHER = "researcher", _("教研员")
    ADMINISTRATOR = "administrator", _("管理员")
    INSPECTOR = "inspector", _("督导")


class UnitKind(StrEnum):
    SCHOOL = "school"
    REGION = "region"


class Verb(models.TextChoices):
    SEE = "see", _("查看教学内容")  # what was shared with the unit; a draft stays with its owner
    COMMENT = "comment", _("评论")
    SUGGEST = "suggest", _("提建议")
    EDIT = "edit", _("编写")  # write in the unit's name; other people's plans still need an invitation
    HOST = "host", _("组织活动")
    REVIEW = "review", _("查阅和推荐")
    MANAGE = "manage", _("管理单位和人员")
    INSPECT = "inspect", _("查看数据")  # figures only


TAKE_PART = frozenset({Verb.SEE, Verb.COMMENT, Verb.SUGGEST, Verb.EDIT})
LEAD = TAKE_PART | {Verb.HOST, Verb.REVIEW}
RUN = frozenset({Verb.MANAGE, Verb.INSPECT})

# A pair that is not here cannot be granted.
VERBS: dict[tuple[Role, UnitKind], frozenset[Verb]] = {
    (Role.TEACHER, UnitKind.SCHOOL): TAKE_PART,
    (Role.GROUP_LEADER, UnitKind.SCHOOL): LEAD,
    (Role.RESEARCHER, UnitKind.REGION): LEAD | {Verb.INSPECT},
    (Role.ADMINISTRATOR, UnitKind.SCHOOL): RUN,
    (Role.ADMINISTRATOR, UnitKind.REGION): RUN,
    (Role.INSPECTOR, UnitKind.REGION): frozenset({Verb.INSPECT}),
}

# What the units above may still do with a school that was closed; its own roles end with it.
VERBS_ON_CLOSED = frozenset({Verb.SEE, Verb.MANAGE, Verb.INSPECT})

# The operator of the platform: sets it up, and so appoints the first administrators.
SUPERUSER_VERBS = frozenset({Verb.MANAGE})


def verbs_of(role: str, unit: UnitKind) -> frozenset[Verb]:
    return VERBS.get((Role(role), unit), frozenset())


def roles_in(unit: UnitKind) -> tuple[Role, ...]:
    return tuple(role for role in Role if (role, unit) in VERBS)
