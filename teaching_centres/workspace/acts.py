"""The one table of acts in the workspaces: which verbs (`roles.py`) give which act, and from where.

An act counts from the unit and everything above it; those of `WITHIN` only for people who hold their role in the unit
itself (a teaching point belongs to its central school), so that nobody hands in or confirms for a school from outside.
"""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from teaching_centres.roles import Verb, verbs_of
from teaching_centres.scopes import NOTHING, UnitLookups, standing, unit_filter


class Act(models.TextChoices):
    LEAD = "lead", _("办这里的任务、通知、帮扶、结对和交流登记")
    CHOOSE = "choose", _("选范例")
    GRADE = "grade", _("评定骨干和学科带头人")
    FOLLOW = "follow", _("看任务")
    LOOK = "look", _("看结对、交流登记和线路")
    ANSWER = "answer", _("替本单位交任务、确认交流登记")
    ASK = "ask", _("替学校求助")
    MEASURE = "measure", _("测线路")


VERBS_OF: dict[Act, frozenset[Verb]] = {
    Act.LEAD: frozenset({Verb.HOST, Verb.MANAGE}),
    Act.CHOOSE: frozenset({Verb.REVIEW}),
    Act.GRADE: frozenset({Verb.MANAGE}),
    Act.FOLLOW: frozenset({Verb.SEE, Verb.MANAGE}),
    Act.LOOK: frozenset({Verb.SEE, Verb.MANAGE, Verb.INSPECT}),
    Act.ANSWER: frozenset({Verb.HOST, Verb.MANAGE}),
    Act.ASK: frozenset({Verb.EDIT, Verb.MANAGE}),
    Act.MEASURE: frozenset({Verb.SEE, Verb.MANAGE}),
}
WITHIN = frozenset({Act.ANSWER, Act.ASK, Act.MEASURE})


def rows_where(user: User | AnonymousUser, act: Act, lookups: UnitLookups) -> Q:
    """Rows whose unit allows `user` the act. The pair of `policies.may`."""
    if act not in WITHIN:
        return unit_filter(user, VERBS_OF[act], lookups)
    schools, regions = held_within(user, act)
    rows = NOTHING
    if lookups.school is not None:
        closed = lookups.field("closed")
        open_now = Q(**{f"{closed}__isnull": True}) | Q(**{f"{closed}__gte": timezone.localdate()})
        rows |= Q(**{f"{lookups.field('pk')}__in": schools}) & open_now
    if "region__path" in lookups.region_paths:
        rows |= Q(region_id__in=regions)
    return rows


def held_within(user: User | AnonymousUser, act: Act) -> tuple[set[int], set[int]]:
    """Ids of the schools and of the regions in which this person holds the act itself."""
    schools: set[int] = set()
    regions: set[int] = set()
    for membership in standing(user):
        if not VERBS_OF[act] & verbs_of(membership.role, membership.unit_kind):
            continue
        if membership.school:
            school = membership.school
            schools |= {school.pk, *school.point_ids, *school.absorbed_ids}
        elif membership.region_id:
            regions.add(membership.region_id)
    return schools, regions
