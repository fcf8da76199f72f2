"""Reads for the pages: plain data, a fixed number of queries however long a list is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.api import paging
from foundation.catalogue.models import Textbook, Unit
from lessons import policies
from lessons.activities.rights import is_in_activity
from lessons.errors import PlanNotFound
from lessons.models import Fork, LessonPlan, PlanInvitation, PlanTemplate, PlanVersion, PlanVisit
from teaching_centres.queries import PersonCard, current_region, current_school, person_cards

PAGE_SIZE = 20
Tab = Literal["mine", "shared", "unit", "recent", "bin"]


@dataclass(frozen=True)
class PlanRow:
    """One plan in a list."""

    id: UUID
    title: str
    facts: str  # 三年级上册数学 · 人教版 · 第 3 单元 …
    owner: PersonCard
    mine: bool
    access: str
    edited_at: datetime
    editors: list[PersonCard]
    invited: list[str]
    missing: list[str]
    steps: list[dict[str, Any]]
    minutes: int
    characters: int
    state: str
    state_changed_at: datetime | None
    reach: str
    is_demo: bool
    is_own_version: bool

    @property
    def editors_to_name(self) -> list[PersonCard]:
        """Who changed it last, unless that was its owner alone, who stands in the row already."""
        return [] if self.editors == [self.owner] else self.editors


@dataclass(frozen=True)
class PlanPage:
    rows: list[PlanRow]
    next: str | None


@dataclass(frozen=True)
class Filters:
    text: str = ""
    subject_id: int | None = None
    grade: int | None = None
    archived: bool = False

    @property
    def any(self) -> bool:
        return bool(self.text or self.subject_id or self.grade or self.archived)


def plan_for(user: User, plan_id: UUID) -> LessonPlan:
    """The plan, if this person may know of it. Raises PlanNotFound."""
    plan = with_facts(LessonPlan.objects.filter(pk=plan_id)).first()
    if plan is None:
        raise PlanNotFound
    policies.require_read(user, plan)
    return plan


def plan_page(user: User, tab: Tab, filters: Filters, cursor: str | None = None) -> PlanPage:
    plans = _filtered(_of_tab(user, tab), filters, tab)
    if tab == "recent":
        visits = PlanVisit.objects.filter(user=user, plan__in=plans.values("pk"))
        found = paging.page(visits, order=("-at", "-id"), cursor=cursor, limit=PAGE_SIZE)
        order = [visit.plan_id for visit in found.items]
        chosen = {plan.pk: plan for plan in with_facts(plans.filter(pk__in=order)).with_rights(user)}
        return PlanPage(rows_of(user, [chosen[pk] for pk in order if pk in chosen]), found.next)
    page = paging.page(
        with_facts(plans).with_rights(user), order=("-edited_at", "id"), cursor=cursor, limit=PAGE_SIZE
    )
    return PlanPage(rows_of(user, page.items), page.next)


def rows_in(user: User, tab: Tab, filters: Filters, most: int) -> list[PlanRow]:
    """The newest of a tab, without pages: to choose among."""
    plans = with_facts(_filtered(_of_tab(user, tab), filters, tab)).with_rights(user)
    return rows_of(user, plans.order_by("-edited_at", "id")[:most])


def _of_tab(user: User, tab: Tab) -> QuerySet[LessonPlan]:
    plans = LessonPlan.objects.visible_to(user)
    if tab == "mine":
        return plans.filter(owner=user).exclude(state=LessonPlan.State.DELETED)
    if tab == "bin":
        return plans.filter(owner=user, state=LessonPlan.State.DELETED)
    if tab == "shared":
        return plans.exclude(owner=user).filter(is_called(user))
    if tab == "unit":
        return plans.exclude(owner=user).exclude(is_called(user))
    return plans.exclude(state=LessonPlan.State.DELETED)


def is_invited(user: User) -> Exists:
    return Exists(PlanInvitation.objects.filter(plan=OuterRef("pk")).for_person(user))


def is_called(user: User) -> Q:
    """Invited to the plan, or to the activity whose shared plan it is."""
    return Q(is_invited(user)) | Q(is_in_activity(user))


def _filtered(plans: QuerySet[LessonPlan], filters: Filters, tab: Tab) -> QuerySet[LessonPlan]:
    if filters.text:
        plans = plans.filter(title__icontains=filters.text)
    if filters.subject_id:
        plans = plans.filter(textbook__subject_id=filters.subject_id)
    if filters.grade:
        plans = plans.filter(textbook__grade=filters.grade)
    if tab == "bin":
        return plans
    if filters.archived:
        return plans.filter(state=LessonPlan.State.ARCHIVED)
    return plans if tab == "recent" else plans.exclude(state=LessonPlan.State.ARCHIVED)


def with_facts(plans: QuerySet[LessonPlan]) -> Any:
    """With what `rows_of` reads, without the long first content."""
    own = Exists(Fork.objects.filter(plan=OuterRef("pk")))
    facts = plans.select_related("region", "owner", "school", "textbook__subject", "unit")
    return facts.defer("first_content").annotate(is_own_version=own)


def rows_of(user: User, plans: Iterable[LessonPlan]) -> list[PlanRow]:
    """Three queries: the invitations, the people and their units."""
    plans = list(plans)
    invited: dict[UUID, list[str]] = {plan.pk: [] for plan in plans}
    for invitation in (
        PlanInvitation.objects.filter(plan__in=plans).select_related("user", "school").order_by("id")
    ):
        invited[invitation.plan_id].append(str(invitation.user or invitation.school))
    people = person_cards({plan.owner_id for plan in plans} | {pk for plan in plans for pk in plan.edited_by})
    return [_row(user, plan, invited[plan.pk], people) for plan in plans]


def _row(user: User, plan: LessonPlan, invited: list[str], people: dict[int, PersonCard]) -> PlanRow:
    return PlanRow(
        id=plan.pk,
        title=plan.title or _("还没有课题"),
        facts=facts_line(plan),
        owner=people[plan.owner_id],
        mine=plan.owner_id == user.pk,
        access=access_of(plan),
        edited_at=plan.edited_at,
        editors=[people[pk] for pk in plan.edited_by if pk in people],
        invited=invited,
        missing=list(plan.outline.get("missing", [])),
        steps=list(plan.outline.get("steps", [])),
        minutes=int(plan.outline.get("minutes", 0)),
        characters=int(plan.outline.get("characters", 0)),
        state=plan.state,
        state_changed_at=plan.state_changed_at,
        reach=str(LessonPlan.Reach(plan.reach).label) if plan.reach != LessonPlan.Reach.OWN else "",
        is_demo=plan.is_demo,
        is_own_version=getattr(plan, "is_own_version", False),
    )


def access_of(plan: LessonPlan) -> Literal["read", "comment", "write"]:
    """Of a plan `with_rights`."""
    return "write" if plan.may_write else "comment" if plan.may_comment else "read"


def facts_line(plan: LessonPlan) -> str:
    if plan.textbook is None:
        return ""
    parts = [str(plan.textbook.subject), plan.textbook.book, plan.textbook.edition]
    if plan.unit is not None:
        parts.append(unit_line(plan))
    return " · ".join(parts)


def unit_line(plan: LessonPlan) -> str:
    return "" if plan.unit is None else unit_title(plan.unit)


def unit_title(unit: Unit) -> str:
    return _("第%(number)s单元 %(title)s") % {"number": unit.number, "title": unit.title}


# ---- templates ----------------------------------------------------------------------------------


def templates_for(user: User) -> list[PlanTemplate]:
    """What this person may start from: the school's forms first, then county, prefecture, province."""
    region, school = current_region(user), current_school(user)
    if region is None:
        return []
    above = [int(step) for step in region.path.split("/") if step]
    units = Q(region_id__in=above)
    if school is not None:
        units |= Q(school=school)
    found = list(
        PlanTemplate.objects.filter(units, retired_at__isnull=True).select_related("region", "school")
    )
    return sorted(found, key=lambda each: (-_nearness(each), each.pk))


def _nearness(template: PlanTemplate) -> int:
    return 100 if template.region is None else len(template.region.path)


def hints_of(plan: LessonPlan) -> dict[str, str]:
    """What the template says to write in each section, shown where a section is empty."""
    if plan.template is None:
        return {}
    return {section["key"]: section.get("hint", "") for section in plan.template.body.get("sections", [])}


def usual_books(user: User) -> dict[str, str]:
    """What this person prepared last: the likeliest book for the next plan."""
    last = LessonPlan.objects.filter(owner=user).exclude(textbook=None).select_related("textbook", "unit")
    plan = last.order_by("-created_at").first()
    return books_of(plan) if plan else {}


def books_of(plan: LessonPlan) -> dict[str, str]:
    """The plan's place in the catalogue, as the selects of the form name it."""
    return books_at(plan.textbook, plan.unit_id) if plan.textbook else {}


def books_at(book: Textbook, unit_id: int | None) -> dict[str, str]:
    chosen = {
        "stage": book.stage,
        "subject": str(book.subject_id),
        "edition": book.edition,
        "textbook": str(book.pk),
    }
    return {**chosen, "unit": str(unit_id)} if unit_id else chosen


# ---- one plan, as its pages show it -------------------------------------------------------------


@dataclass(frozen=True)
class EditorPlan:
    id: UUID
    title: str
    facts: str
    owner: PersonCard
    access: str
    reason: str
    can_manage: bool
    state: str
    reach: str
    is_demo: bool
    edited_at: datetime


def access_word(rights: policies.Rights) -> Literal["read", "comment", "write"]:
    return "write" if rights.write else "comment" if rights.comment else "read"


def editor_plan(plan: LessonPlan, rights: policies.Rights) -> EditorPlan:
    return EditorPlan(
        id=plan.pk,
        title=plan.title or _("还没有课题"),
        facts=facts_line(plan),
        owner=person_cards([plan.owner_id])[plan.owner_id],
        access=access_word(rights),
        reason=rights.reason,
        can_manage=rights.manage,
        state=plan.state,
        reach=str(LessonPlan.Reach(plan.reach).label),
        is_demo=plan.is_demo,
        edited_at=plan.edited_at,
    )


def next_version_number(plan: LessonPlan) -> int:
    return (PlanVersion.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0) + 1
