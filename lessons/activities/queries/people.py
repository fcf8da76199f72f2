"""Who takes part, by school."""

from dataclasses import dataclass, field
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.activities.models import ActivityMember, PrepActivity
from lessons.models import LessonPlan
from teaching_centres.models import School
from teaching_centres.queries import PersonCard, Side, person_cards, side_of

SCHOOLS_ON_PAGE = 20
MemberState = ActivityMember.State


@dataclass(frozen=True)
class MemberLine:
    id: int
    person: PersonCard
    state: str
    words: str
    reason: str
    own_id: UUID | None
    """Of the own version, where the reader may open it."""
    has_own: bool
    reflected: bool


@dataclass
class SchoolGroup:
    name: str
    side: Side
    people: list[MemberLine] = field(default_factory=list)

    @property
    def received(self) -> int:
        return sum(1 for line in self.people if line.state == MemberState.RECEIVED)

    @property
    def own(self) -> int:
        return sum(1 for line in self.people if line.has_own)

    @property
    def reflected(self) -> int:
        return sum(1 for line in self.people if line.reflected)


@dataclass(frozen=True)
class SideNumbers:
    """Town or village: how many take part, and how many of them came how far."""

    side: Side
    members: int
    received: int
    own: int


@dataclass(frozen=True)
class People:
    groups: list[SchoolGroup]
    page: Page[SchoolGroup]
    sides: list[SideNumbers]
    schools: int


def people_of(user: User, activity: PrepActivity, number: str | int = 1) -> People:
    """By school, village and town marked. Own versions are opened only by those who may read them."""
    groups = groups_of(user, activity, sees_reasons(user, activity))
    page = Paginator(groups, SCHOOLS_ON_PAGE).get_page(number)
    return People(list(page.object_list), page, _sides(groups), len(groups))


def sees_reasons(user: User, activity: PrepActivity) -> bool:
    """Why someone is on leave or declines concerns those who run the activity."""
    return user.pk in (activity.leader_id, activity.lead_preparer_id)


def groups_of(user: User, activity: PrepActivity, with_reasons: bool) -> list[SchoolGroup]:
    """Six queries, however many take part."""
    members = list(activity.members.select_related("school").order_by("id"))
    cards = person_cards({member.user_id for member in members})
    own: dict[int, LessonPlan] = {}
    readable: set[UUID] = set()
    if activity.plan_id is not None:
        made = LessonPlan.objects.filter(fork__upstream=activity.plan_id)
        kept = made.exclude(state=LessonPlan.State.DELETED).defer("first_content")
        own = {plan.owner_id: plan for plan in kept}
        ids = LessonPlan.objects.visible_to(user).filter(fork__upstream=activity.plan_id)
        readable = set(ids.values_list("pk", flat=True)) if own else set()
    groups: dict[tuple[str, str], SchoolGroup] = {}
    for member in members:
        card = cards[member.user_id]
        plan = own.get(member.user_id)
        name, side = _school_of(member, card)
        group = groups.setdefault((name, side), SchoolGroup(name, side))
        if not with_reasons:
            member.reason = ""
        group.people.append(line_of(member, card, plan, plan is not None and plan.pk in readable))
    return sorted(groups.values(), key=lambda group: (group.side != "village", group.name))


def _school_of(member: ActivityMember, card: PersonCard) -> tuple[str, Side]:
    school: School | None = member.school
    return (school.name, side_of(school)) if school else (card.unit_name or _("没有任职"), card.side)


def _sides(groups: list[SchoolGroup]) -> list[SideNumbers]:
    found = []
    sides: tuple[Side, Side] = ("town", "village")
    for side in sides:
        here = [group for group in groups if group.side == side]
        if here:
            found.append(
                SideNumbers(
                    side,
                    sum(len(group.people) for group in here),
                    sum(group.received for group in here),
                    sum(group.own for group in here),
                )
            )
    return found


def line_of(member: ActivityMember, card: PersonCard, own: LessonPlan | None, may_open: bool) -> MemberLine:
    """Whoever made an own version, wherever they pressed for it, has received what it was made from."""
    waits = member.state == MemberState.INVITED
    state = MemberState.RECEIVED if own is not None and waits else MemberState(member.state)
    return MemberLine(
        id=member.pk,
        person=card,
        state=state,
        words=str(state.label),
        reason=member.reason,
        own_id=own.pk if own is not None and may_open else None,
        has_own=own is not None,
        reflected=bool(own is not None and own.outline.get("reflected")),
    )
