"""The only writers of term plans: whoever leads the group plans it, and opens an activity from a row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.catalogue.models import Subject, Textbook, Unit
from foundation.ledger import events
from foundation.ledger.operations import record
from foundation.notices.operations import notify
from lessons.activities import operations
from lessons.activities.audience import Called
from lessons.activities.models import PrepActivity, TermPlan, TermPlanMember, TermPlanRow
from lessons.activities.policies import require_host, require_term_plan
from lessons.errors import NotPossible
from lessons.policies import may_create
from lessons.queries import templates_for
from teaching_centres.models import Region, School
from teaching_centres.queries import place_of

MOST_ROWS = 200
DAYS = ("first_draft_due", "study_starts", "study_ends", "own_versions_due")
AFTER_FIRST_DRAFT = {"study_starts": 1, "study_ends": 5, "own_versions_due": 8}
"""Days from the end of the first draft: a lesson takes its ten days."""


@dataclass(frozen=True, kw_only=True)
class RowGiven:
    """A row as it is to stand; without `id` it is a new one."""

    id: int | None = None
    unit: Unit | None = None
    lesson: str = ""
    lead_preparer: User | None = None
    first_draft_due: date | None = None
    study_starts: date | None = None
    study_ends: date | None = None
    own_versions_due: date | None = None


FIELDS = ("unit", "lesson", "lead_preparer", *DAYS)


@transaction.atomic
def make(
    *,
    actor: User,
    unit: School | Region,
    term: str,
    subject: Subject,
    school_stage: str,
    grade: int,
    textbook: Textbook | None = None,
    is_demo: bool = False,
) -> TermPlan:
    """With a row for each unit of the textbook; whoever makes it belongs to the group."""
    require_host(actor, unit)
    school, region = (unit, unit.county) if isinstance(unit, School) else (None, unit)
    plan = TermPlan.objects.create(
        leader=actor,
        school=school,
        region=region,
        term=term,
        subject=subject,
        school_stage=school_stage,
        grade=grade,
        textbook=textbook,
        is_demo=is_demo,
    )
    TermPlanMember.objects.create(term_plan=plan, user=actor, school=school)
    _copy_units(plan)
    _record(actor, plan, "made")
    return plan


@transaction.atomic
def copy_units(*, actor: User, plan: TermPlan) -> int:
    """Rows for those units of the textbook that have none yet. Returns how many."""
    plan = _locked(actor, plan)
    if plan.textbook is None:
        raise NotPossible(_("这份计划没有选教材，没有单元可抄。"))
    count = _copy_units(plan)
    if count:
        _record(actor, plan, "rows")
    return count


def _copy_units(plan: TermPlan) -> int:
    if plan.textbook is None:
        return 0
    there = set(plan.rows.exclude(unit=None).values_list("unit_id", flat=True))
    new = [unit for unit in plan.textbook.units.order_by("number") if unit.pk not in there]
    first = _next_position(plan)
    TermPlanRow.objects.bulk_create(
        TermPlanRow(term_plan=plan, position=first + place, unit=unit) for place, unit in enumerate(new)
    )
    return len(new)


@transaction.atomic
def save_rows(
    *, actor: User, plan: TermPlan, rows: Iterable[RowGiven], removed: Iterable[int] = (), what: str = "rows"
) -> int:
    """Rows as they are to stand, new ones at the end. A row that has become an activity is changed there.

    Returns how many rows changed. Whoever newly prepares something is told.
    """
    plan = _locked(actor, plan)
    known = {row.pk: row for row in plan.rows.select_related("unit", "lead_preparer")}
    opened = set(PrepActivity.objects.filter(row__in=known).values_list("row_id", flat=True))
    rows, gone = list(rows), set(removed) & set(known)
    if gone & opened:
        raise NotPossible(_("已经发起活动的行不能删。要删，先在活动里结束或删掉草稿。"))
    if len(known) - len(gone) + sum(1 for row in rows if row.id is None) > MOST_ROWS:
        raise NotPossible(_("一份计划最多 %(most)d 行。") % {"most": MOST_ROWS})
    _check_leads({given.lead_preparer for given in rows if given.lead_preparer is not None})
    changed, told = len(gone), []
    position = _next_position(plan)
    for given in rows:
        _check(plan, given)
        row = known.get(given.id) if given.id is not None else None
        if given.id in gone or (row is not None and row.pk in opened):
            continue
        if row is None:
            row, position = TermPlanRow(term_plan=plan, position=position), position + 1
        if row.pk is not None and all(getattr(row, name) == getattr(given, name) for name in FIELDS):
            continue
        lead = given.lead_preparer
        if lead is not None and lead != row.lead_preparer:
            told.append(lead)
        for name in FIELDS:
            setattr(row, name, getattr(given, name))
        row.save()
        changed += 1
    TermPlanRow.objects.filter(pk__in=gone).delete()
    if changed:
        _record(actor, plan, what)
        _tell(actor, plan, told)
    return changed


def _check_leads(people: set[User]) -> None:
    for person in people:
        if not may_create(person):
            raise NotPossible(_("%(name)s现在没有任教，不能主备。请换一位。") % {"name": person.name})


def _check(plan: TermPlan, given: RowGiven) -> None:
    if given.unit is not None and given.unit.textbook_id != plan.textbook_id:
        raise NotPossible(_("“%(unit)s”不是这本教材的单元。") % {"unit": given.unit})
    if given.unit is None and not given.lesson:
        raise NotPossible(_("每一行要有单元或课题。"))
    days = [day for name in DAYS if (day := getattr(given, name)) is not None]
    if days != sorted(days):
        raise NotPossible(
            _("“%(row)s”的日期要一个比一个晚：初稿、集研开始、集研结束、个案。")
            % {"row": given.lesson or given.unit}
        )


@transaction.atomic
def schedule(*, actor: User, plan: TermPlan, first: date, weeks: int, in_turn: bool) -> int:
    """Gives the rows without a date one every so many weeks and, where wanted, the teachers of the group in turn."""
    plan = _locked(actor, plan)
    free = list(plan.rows.filter(first_draft_due=None, activity=None).select_related("unit", "lead_preparer"))
    people = [member.user for member in plan.members.select_related("user") if may_create(member.user)]
    given = []
    for place, row in enumerate(free):
        due = first + timedelta(weeks=weeks * place)
        lead = row.lead_preparer or (people[place % len(people)] if in_turn and people else None)
        given.append(
            RowGiven(
                id=row.pk,
                unit=row.unit,
                lesson=row.lesson,
                lead_preparer=lead,
                first_draft_due=due,
                **{name: due + timedelta(days=days) for name, days in AFTER_FIRST_DRAFT.items()},
            )
        )
    return save_rows(actor=actor, plan=plan, rows=given)


@transaction.atomic
def remove(*, actor: User, plan: TermPlan) -> None:
    """The activities that were opened from it stay."""
    plan = _locked(actor, plan)
    _record(actor, plan, "removed")
    plan.delete()


# ---- the group -------------------------------------------------------------------------------------------


@transaction.atomic
def add_people(*, actor: User, plan: TermPlan, called: Called) -> int:
    plan = _locked(actor, plan)
    there = set(plan.members.values_list("user_id", flat=True))
    new = {user_id: school_id for user_id, school_id in called.items() if user_id not in there}
    if len(there) + len(new) > operations.MOST_PEOPLE:
        raise NotPossible(_("一个备课组最多 %(most)d 人。") % {"most": operations.MOST_PEOPLE})
    TermPlanMember.objects.bulk_create(
        TermPlanMember(term_plan=plan, user_id=user_id, school_id=school_id)
        for user_id, school_id in new.items()
    )
    if new:
        _record(actor, plan, "people")
    return len(new)


@transaction.atomic
def remove_person(*, actor: User, plan: TermPlan, member: TermPlanMember) -> None:
    """Out of the group; what they prepare is free again unless it has become an activity."""
    plan = _locked(actor, plan)
    plan.rows.filter(lead_preparer=member.user, activity=None).update(lead_preparer=None)
    member.delete()
    _record(actor, plan, "people")


# ---- a row becomes an activity ----------------------------------------------------------------------------


@transaction.atomic
def draft_of(*, actor: User, row: TermPlanRow) -> PrepActivity:
    """A draft with all that the plan knows: the lesson, who prepares it, the dates, the group."""
    plan = _locked(actor, row.term_plan)
    title = row.lesson or (row.unit.title if row.unit else "")
    facts = operations.Facts(
        theme=title,
        subject=plan.subject,
        school_stage=plan.school_stage,
        grade=plan.grade,
        textbook=plan.textbook,
        unit=row.unit,
        lesson=row.lesson,
        template=next(iter(templates_for(actor)), None),
        **_days_of(row),
    )
    return operations.draft(
        actor=actor,
        unit=plan.unit_of_leader,
        facts=facts,
        lead_preparer=row.lead_preparer,
        called=dict(plan.members.values_list("user_id", "school_id")),
        row=row,
        is_demo=plan.is_demo,
    )


def _days_of(row: TermPlanRow) -> dict[str, Any]:
    """What the row says, the usual days where it says nothing, none before the one before it."""
    day = row.first_draft_due or timezone.localdate() + timedelta(days=3)
    days = {"first_draft_due": day}
    for name, usual in AFTER_FIRST_DRAFT.items():
        given = getattr(row, name) or days["first_draft_due"] + timedelta(days=usual)
        days[name] = day = max(given, day)
    return days


# ---- shared -----------------------------------------------------------------------------------------------


def _locked(actor: User, plan: TermPlan) -> TermPlan:
    rows = TermPlan.objects.select_for_update(of=("self",))
    found = rows.select_related("leader", "school__county", "region", "textbook", "subject").get(pk=plan.pk)
    require_term_plan(actor, found)
    return found


def _next_position(plan: TermPlan) -> int:
    return int(plan.rows.aggregate(last=Max("position"))["last"] or 0) + 1


def _record(actor: User, plan: TermPlan, what: str) -> None:
    label = f"{plan.subject} {plan.grade} {plan.term}"
    event = events.TermPlanned(subject_id=plan.pk, subject_label=label, what=what, rows=plan.rows.count())
    record(event, actor=actor, place=place_of(actor))


def _tell(actor: User, plan: TermPlan, leads: list[User]) -> None:
    words: dict[str, Any] = {"name": actor.name, "subject": plan.subject}
    for person in set(leads) - {actor}:
        notify(
            recipients=[person],
            kind="activity.called",
            text=_("%(name)s的%(subject)s学期计划里，请你主备 %(count)d 课")
            % {**words, "count": leads.count(person)},
            path=reverse("term-plan", args=[plan.pk]),
        )
