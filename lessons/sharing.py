"""Reads for the sharing page: who was invited, whom a reach lets in, whom one may invite."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.models import LessonPlan, PlanInvitation
from lessons.operations import reaches_of
from lessons.reading import unit_at
from teaching_centres.models import Membership, Region
from teaching_centres.queries import (
    PersonCard,
    SchoolChoice,
    find_people,
    find_schools,
    person_cards,
    side_of,
)
from teaching_centres.roles import Role, UnitKind, Verb, verbs_of

READERS = [role for role in Role if any(Verb.SEE in verbs_of(role, unit) for unit in UnitKind)]


@dataclass(frozen=True)
class Invited:
    invitation_id: int
    name: str
    unit_name: str
    side: str
    access: str
    person: PersonCard | None = None
    teachers: int = 0  # of a school


@dataclass(frozen=True)
class ReachOption:
    value: str
    label: str
    explanation: str
    chosen: bool


@dataclass(frozen=True)
class Sharing:
    owner: PersonCard
    people: list[Invited]
    schools: list[Invited]
    reaches: list[ReachOption]
    reach: ReachOption


def sharing_of(plan: LessonPlan) -> Sharing:
    invitations = list(
        PlanInvitation.objects.filter(plan=plan).select_related("school__county").order_by("invited_at", "id")
    )
    cards = person_cards({plan.owner_id, *(each.user_id for each in invitations if each.user_id)})
    options = [_reach_option(plan, reach) for reach in reaches_of(plan)]
    return Sharing(
        owner=cards[plan.owner_id],
        people=[_invited_person(each, cards[each.user_id]) for each in invitations if each.user_id],
        schools=[_invited_school(each) for each in invitations if each.school_id],
        reaches=options,
        reach=next(option for option in options if option.chosen),
    )


def _invited_person(invitation: PlanInvitation, card: PersonCard) -> Invited:
    return Invited(invitation.pk, card.name, card.unit_name, card.side, invitation.access, person=card)


def _invited_school(invitation: PlanInvitation) -> Invited:
    school = invitation.school
    assert school is not None
    held = Membership.objects.current().filter(school=school)
    teachers = held.filter(role__in=[Role.TEACHER, Role.GROUP_LEADER]).values("user_id").distinct().count()
    return Invited(
        invitation.pk, school.name, school.county.name, side_of(school), invitation.access, teachers=teachers
    )


def _reach_option(plan: LessonPlan, reach: LessonPlan.Reach) -> ReachOption:
    return ReachOption(str(reach), str(reach.label), _explanation(plan, reach), plan.reach == reach)


def _explanation(plan: LessonPlan, reach: LessonPlan.Reach) -> str:
    if reach == LessonPlan.Reach.OWN:
        return _("别人搜不到，也打不开。")
    if reach == LessonPlan.Reach.SCHOOL:
        return _("%(school)s的教师，和县里及以上的教研员，都能看、能批注，不能改。") % {"school": plan.school}
    path = unit_at(plan.region.path, LessonPlan.DEPTH_OF_REACH[reach])
    region = Region.objects.get(path=path)
    words: dict[str, str | int] = {"region": region.name, "count": _readers_in(path)}
    if reach == LessonPlan.Reach.PROVINCE:
        words["who"] = _("%(region)s的 %(count)s 位教师和教研员") % words
    else:
        words["who"] = _("%(region)s的 %(count)s 位教师和教研员，和上级教研员") % words
    if plan.school_id is None:
        return _("%(who)s，都能看，不能改；管到这里的教研员还能批注。") % words
    return _("%(who)s，都能看，不能改；本校教师和管到这里的教研员还能批注。") % words


def _readers_in(path: str) -> int:
    within = Q(school__county__path__startswith=path) | Q(region__path__startswith=path)
    held = Membership.objects.current().filter(within, role__in=READERS)
    return held.values("user_id").distinct().count()


@dataclass(frozen=True)
class Found:
    people: list[PersonCard]
    schools: list[SchoolChoice]


def find(user: User, plan: LessonPlan, text: str) -> Found:
    """Whom one may invite: anyone in the network by name or school, but those who are invited already."""
    invited = PlanInvitation.objects.filter(plan=plan)
    people = {plan.owner_id, *invited.exclude(user=None).values_list("user_id", flat=True)}
    schools = set(invited.exclude(school=None).values_list("school_id", flat=True))
    return Found(
        [card for card in find_people(user, text) if card.id not in people],
        [choice for choice in find_schools(user, text) if choice.id not in schools],
    )
