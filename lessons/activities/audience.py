"""Whom one may call: people by name, and whoever teaches the subject at a school or a prep point."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.errors import NotPossible
from teaching_centres.models import Membership, PrepPoint, School
from teaching_centres.queries import PersonCard, SchoolChoice, find_people, find_schools
from teaching_centres.roles import UnitKind, Verb, roles_in, verbs_of

WRITING = [role for role in roles_in(UnitKind.SCHOOL) if Verb.EDIT in verbs_of(role, UnitKind.SCHOOL)]
Called = dict[int, int | None]
"""Who, and through which school; None: by name."""


@dataclass(frozen=True)
class SchoolFound:
    choice: SchoolChoice
    prep_point: bool


@dataclass(frozen=True)
class Found:
    people: list[PersonCard]
    schools: list[SchoolFound]

    @property
    def any(self) -> bool:
        return bool(self.people or self.schools)


def find(user: User, text: str, without: Iterable[int]) -> Found:
    """People and schools of the whole network by name; 备课点 in the text leaves those that have one."""
    only_points = "备课点" in text
    text = text.replace("备课点", "").strip()
    left_out = set(without)
    people = [] if only_points else [card for card in find_people(user, text) if card.id not in left_out]
    choices = find_schools(user, text)
    points = set(
        PrepPoint.objects.open()
        .filter(school_id__in=[each.id for each in choices])
        .values_list("school_id", flat=True)
    )
    schools = [SchoolFound(each, each.id in points) for each in choices]
    return Found(people, [each for each in schools if each.prep_point or not only_points])


def teachers_of(school: School, subject: str) -> Called:
    """Those who teach the subject there and at its teaching points. Where the roster names no subject a person
    counts as well: in a village school one teacher has them all."""
    if school.is_closed():
        raise NotPossible(_("%(school)s已经撤并，请换一所。") % {"school": school})
    held = Membership.objects.current().filter(
        Q(school=school) | Q(school__parent=school), role__in=WRITING, subject__in=["", subject]
    )
    rows = held.order_by("user_id", "starts", "pk").values_list("user_id", "school_id")
    found: Called = {}
    for user_id, school_id in rows:
        found.setdefault(user_id, school_id)
    if not found:
        raise NotPossible(
            _("%(school)s现在没有登记教%(subject)s的老师。可以按姓名请。")
            % {"school": school, "subject": subject}
        )
    return found
