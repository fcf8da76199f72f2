"""The call: written, changed, thrown away, and who takes part."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.catalogue.models import Subject, Textbook, Unit
from foundation.ledger import events
from lessons.activities.audience import Called
from lessons.activities.models import ActivityMember, PrepActivity, StageDates, TermPlanRow
from lessons.activities.operations.common import (
    State,
    about,
    everyone_in,
    judge_again,
    locked,
    recorded,
    require_may_prepare,
    tell,
    tell_called,
    tell_lead,
)
from lessons.activities.policies import Act, require, require_host
from lessons.errors import NotPossible
from lessons.models import PlanTemplate
from teaching_centres.models import Region, School

DATES = {each.name for each in StageDates._meta.get_fields()}
MOST_PEOPLE = 500


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a call says."""

    theme: str
    subject: Subject
    school_stage: str
    grade: int
    first_draft_due: date
    study_starts: date
    study_ends: date
    own_versions_due: date
    requirements: str = ""
    kind: str = PrepActivity.Kind.SHARED_PLAN
    textbook: Textbook | None = None
    unit: Unit | None = None
    lesson: str = ""
    template: PlanTemplate | None = None


@transaction.atomic
def draft(
    *,
    actor: User,
    unit: School | Region,
    facts: Facts,
    lead_preparer: User | None = None,
    called: Called | None = None,
    row: TermPlanRow | None = None,
    is_demo: bool = False,
) -> PrepActivity:
    """A call that only its leader sees, who prepares it unless another is named. `row`: of the term plan."""
    require_host(actor, unit)
    require_may_prepare(lead_preparer or actor)
    if row is not None and PrepActivity.objects.filter(row=row).exists():
        raise NotPossible(_("计划的这一行已经有活动了。"))
    school, region = (unit, unit.county) if isinstance(unit, School) else (None, unit)
    activity = PrepActivity.objects.create(
        leader=actor,
        lead_preparer=lead_preparer or actor,
        school=school,
        region=region,
        row=row,
        is_demo=is_demo,
        **_values(facts),
    )
    _add(activity, called or {})
    recorded(
        actor,
        events.ActivityDrafted(
            **about(activity),
            catalogue_subject_id=facts.subject.pk,
            grade=facts.grade,
            from_term_plan=row is not None,
        ),
    )
    return activity


@transaction.atomic
def change(*, actor: User, activity: PrepActivity, facts: Facts) -> list[str]:
    """Returns the names of what changed. Once it is open, those concerned are told of new dates."""
    activity = locked(activity)
    require(actor, Act.CHANGE, activity)
    given = _values(facts)
    changed = [name for name, value in given.items() if getattr(activity, name) != value]
    if not changed:
        return []
    for name in changed:
        setattr(activity, name, given[name])
    activity.save(update_fields=changed)
    recorded(actor, events.ActivityChanged(**about(activity), what=",".join(changed)))
    if activity.state == State.OPEN and DATES & set(changed):
        tell(actor, activity, everyone_in(activity), _("%(name)s改了《%(theme)s》的时间"))
    return changed


@transaction.atomic
def appoint(*, actor: User, activity: PrepActivity, person: User) -> None:
    """Another lead preparer. Who prepared until now goes on taking part; a shared plan that is there stays theirs."""
    activity = locked(activity)
    require(actor, Act.CHANGE, activity)
    before = activity.lead_preparer
    if before == person:
        return
    require_may_prepare(person)
    ActivityMember.objects.filter(activity=activity, user=person).delete()
    activity.lead_preparer = person
    activity.save(update_fields=["lead_preparer"])
    if activity.state == State.OPEN or before != actor:
        ActivityMember.objects.get_or_create(activity=activity, user=before)
    recorded(actor, events.ActivityChanged(**about(activity), what="lead_preparer"))
    if activity.state == State.OPEN:
        tell_lead(actor, activity)
        judge_again(activity)


@transaction.atomic
def discard(*, actor: User, activity: PrepActivity) -> None:
    activity = locked(activity)
    require(actor, Act.DISCARD, activity)
    recorded(actor, events.ActivityDiscarded(**about(activity)))
    activity.delete()


# ---- who takes part --------------------------------------------------------------------------------------


@transaction.atomic
def call(*, actor: User, activity: PrepActivity, called: Called) -> int:
    """Those who are not called yet; once it is open they are told. Returns how many are new."""
    activity = locked(activity)
    require(actor, Act.INVITE, activity)
    added = _add(activity, called)
    if not added:
        return 0
    recorded(actor, events.ActivityPeopleChanged(**about(activity), added=len(added), removed=0))
    if activity.state == State.OPEN:
        tell_called(actor, activity, added)
        judge_again(activity, added)
    return len(added)


@transaction.atomic
def uncall(*, actor: User, activity: PrepActivity, member: ActivityMember) -> None:
    activity = locked(activity)
    require(actor, Act.INVITE, activity)
    user_id = member.user_id
    member.delete()
    recorded(actor, events.ActivityPeopleChanged(**about(activity), added=0, removed=1))
    if activity.state == State.OPEN:
        judge_again(activity, [user_id])


def _add(activity: PrepActivity, called: Called) -> list[int]:
    there = set(ActivityMember.objects.filter(activity=activity).values_list("user_id", flat=True))
    new = {
        user_id: school_id
        for user_id, school_id in called.items()
        if user_id not in there and user_id != activity.lead_preparer_id
    }
    if len(there) + len(new) > MOST_PEOPLE:
        raise NotPossible(_("一次活动最多请 %(most)d 人。可以分成几次。") % {"most": MOST_PEOPLE})
    active = set(User.objects.filter(pk__in=new, is_active=True).values_list("pk", flat=True))
    ActivityMember.objects.bulk_create(
        ActivityMember(activity=activity, user_id=user_id, school_id=school_id)
        for user_id, school_id in new.items()
        if user_id in active
    )
    return sorted(active)


def _values(facts: Facts) -> dict[str, Any]:
    return {each.name: getattr(facts, each.name) for each in fields(facts)}
