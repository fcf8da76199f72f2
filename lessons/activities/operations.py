"""The only writers of activities. Each checks the policy, records what was done, and takes effect on commit."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.catalogue.models import Subject, Textbook, Unit
from foundation.ledger import events
from foundation.ledger.operations import record
from foundation.notices.operations import notify
from lessons import versions
from lessons.activities.audience import Called
from lessons.activities.models import ActivityMember, AgendaItem, PrepActivity, StageDates, TermPlanRow
from lessons.activities.policies import Act, require, require_host
from lessons.errors import Denied, NotPossible
from lessons.lineage.operations import fork
from lessons.models import LessonPlan, PlanTemplate
from lessons.operations import create_plan
from lessons.policies import may_create
from realtime import access
from teaching_centres.models import Region, School
from teaching_centres.queries import place_of

State = PrepActivity.State
Stage = PrepActivity.Stage
MemberState = ActivityMember.State
DATES = {each.name for each in StageDates._meta.get_fields()}
ORDER = (Stage.FIRST_DRAFT, Stage.STUDY, Stage.SETTLED, Stage.OWN_VERSIONS)
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


# ---- the draft -----------------------------------------------------------------------------------------


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
    _require_may_prepare(lead_preparer or actor)
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
    _record(
        actor,
        events.ActivityDrafted(
            **_about(activity),
            catalogue_subject_id=facts.subject.pk,
            grade=facts.grade,
            from_term_plan=row is not None,
        ),
    )
    return activity


@transaction.atomic
def change(*, actor: User, activity: PrepActivity, facts: Facts) -> list[str]:
    """Returns the names of what changed. Once it is open, those concerned are told of new dates."""
    activity = _locked(activity)
    require(actor, Act.CHANGE, activity)
    given = _values(facts)
    changed = [name for name, value in given.items() if getattr(activity, name) != value]
    if not changed:
        return []
    for name in changed:
        setattr(activity, name, given[name])
    activity.save(update_fields=changed)
    _record(actor, events.ActivityChanged(**_about(activity), what=",".join(changed)))
    if activity.state == State.OPEN and DATES & set(changed):
        _tell(actor, activity, _everyone(activity), _("%(name)s改了《%(theme)s》的时间"))
    return changed


@transaction.atomic
def appoint(*, actor: User, activity: PrepActivity, person: User) -> None:
    """Another lead preparer. Who prepared until now goes on taking part; a shared plan that is there stays theirs."""
    activity = _locked(activity)
    require(actor, Act.CHANGE, activity)
    before = activity.lead_preparer
    if before == person:
        return
    _require_may_prepare(person)
    ActivityMember.objects.filter(activity=activity, user=person).delete()
    activity.lead_preparer = person
    activity.save(update_fields=["lead_preparer"])
    if activity.state == State.OPEN or before != actor:
        ActivityMember.objects.get_or_create(activity=activity, user=before)
    _record(actor, events.ActivityChanged(**_about(activity), what="lead_preparer"))
    if activity.state == State.OPEN:
        _tell_lead(actor, activity)
        _judge_again(activity)


@transaction.atomic
def discard(*, actor: User, activity: PrepActivity) -> None:
    activity = _locked(activity)
    require(actor, Act.DISCARD, activity)
    _record(actor, events.ActivityDiscarded(**_about(activity)))
    activity.delete()


# ---- who takes part --------------------------------------------------------------------------------------


@transaction.atomic
def call(*, actor: User, activity: PrepActivity, called: Called) -> int:
    """Those who are not called yet; once it is open they are told. Returns how many are new."""
    activity = _locked(activity)
    require(actor, Act.INVITE, activity)
    added = _add(activity, called)
    if not added:
        return 0
    _record(actor, events.ActivityPeopleChanged(**_about(activity), added=len(added), removed=0))
    if activity.state == State.OPEN:
        _tell_called(actor, activity, added)
        _judge_again(activity, added)
    return len(added)


@transaction.atomic
def uncall(*, actor: User, activity: PrepActivity, member: ActivityMember) -> None:
    activity = _locked(activity)
    require(actor, Act.INVITE, activity)
    user_id = member.user_id
    member.delete()
    _record(actor, events.ActivityPeopleChanged(**_about(activity), added=0, removed=1))
    if activity.state == State.OPEN:
        _judge_again(activity, [user_id])


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


# ---- from the call to the end ----------------------------------------------------------------------------


@transaction.atomic
def open_activity(*, actor: User, activity: PrepActivity) -> PrepActivity:
    """The shared plan is made, owned by the lead preparer, and everybody is told what is expected by when."""
    activity = _locked(activity)
    require(actor, Act.OPEN, activity)
    _require_may_prepare(activity.lead_preparer)
    members = list(activity.members.values_list("user_id", "school_id"))
    if not members:
        raise NotPossible(_("还没有请人。先请参加的老师或学校，再发起。"))
    if activity.first_draft_due and activity.first_draft_due < timezone.localdate():
        raise NotPossible(_("初稿的期限已经过了。先把时间改到今天以后，再发起。"))
    activity.plan = _shared_plan(actor, activity)
    activity.state, activity.opens_at = State.OPEN, timezone.now()
    activity.save(update_fields=["plan", "state", "opens_at"])
    schools = {school_id for _user, school_id in members if school_id}
    _record(
        actor,
        events.ActivityOpened(
            **_about(activity), plan_id=activity.plan.pk, members=len(members), schools=len(schools)
        ),
    )
    _tell_lead(actor, activity)
    _tell_called(actor, activity, [user_id for user_id, _school in members])
    return activity


def _shared_plan(actor: User, activity: PrepActivity) -> LessonPlan:
    if activity.template is None:
        raise NotPossible(_("先选共案用哪种教案格式，再发起。"))
    return create_plan(
        actor=actor,
        owner=activity.lead_preparer,
        template=activity.template,
        title=activity.lesson or activity.theme,
        textbook=activity.textbook,
        unit=activity.unit,
        header={"lead_preparer": activity.lead_preparer.name},
        is_demo=activity.is_demo,
    )


@transaction.atomic
def hand_in(*, actor: User, activity: PrepActivity) -> PrepActivity:
    """The first draft is there: the study begins, and everyone who takes part writes."""
    activity = _locked(activity)
    require(actor, Act.HAND_IN, activity)
    _move(actor, activity, Stage.STUDY)
    text = _("《%(theme)s》的初稿好了，来集研，%(day)s前看完、改完")
    _tell(actor, activity, _members(activity), text, kind="activity.turn", day=_day(activity.study_ends))
    return activity


@transaction.atomic
def settle(*, actor: User, activity: PrepActivity) -> PrepActivity:
    """The shared plan as it stands becomes a named version, which is sent to those who take part."""
    activity = _locked(activity)
    require(actor, Act.SETTLE, activity)
    assert activity.plan is not None
    activity.settled_version = versions.name_version(actor=actor, plan=activity.plan, name=_("定稿"))
    activity.settled_at = timezone.now()
    activity.save(update_fields=["settled_version", "settled_at"])
    _move(actor, activity, Stage.SETTLED)
    text = _("《%(theme)s》定稿了，接收后做你的个案")
    _tell(actor, activity, _members(activity), text, kind="activity.turn")
    return activity


@transaction.atomic
def start_own(*, actor: User, activity: PrepActivity) -> PrepActivity:
    activity = _locked(activity)
    require(actor, Act.START_OWN, activity)
    _move(actor, activity, Stage.OWN_VERSIONS)
    text = _("《%(theme)s》进入个案阶段，%(day)s前做好自己的一份")
    _tell(
        actor, activity, _members(activity), text, kind="activity.turn", day=_day(activity.own_versions_due)
    )
    return activity


@transaction.atomic
def step_back(*, actor: User, activity: PrepActivity) -> PrepActivity:
    """One stage back: what was settled stays a version, and what was received stays with whom it is."""
    activity = _locked(activity)
    require(actor, Act.STEP_BACK, activity)
    before = ORDER[ORDER.index(Stage(activity.stage)) - 1]
    _move(actor, activity, before)
    text = _("%(name)s把《%(theme)s》退回“%(stage)s”阶段")
    _tell(actor, activity, _everyone(activity), text, stage=before.label)
    return activity


@transaction.atomic
def close(*, actor: User, activity: PrepActivity) -> PrepActivity:
    activity = _locked(activity)
    require(actor, Act.CLOSE, activity)
    _change_state(actor, activity, State.CLOSED, timezone.now())
    _tell(actor, activity, _everyone(activity), _("《%(theme)s》结束了，共案以后只看不改"))
    return activity


@transaction.atomic
def reopen(*, actor: User, activity: PrepActivity) -> PrepActivity:
    activity = _locked(activity)
    require(actor, Act.REOPEN, activity)
    _change_state(actor, activity, State.OPEN, None)
    _tell(actor, activity, _everyone(activity), _("%(name)s重新打开了《%(theme)s》"))
    return activity


def _move(actor: User, activity: PrepActivity, stage: Stage) -> None:
    before, activity.stage = activity.stage, stage
    activity.save(update_fields=["stage"])
    _record(actor, events.ActivityMoved(**_about(activity), before=str(before), after=str(stage)))
    _judge_again(activity)


def _change_state(actor: User, activity: PrepActivity, state: State, closed_at: Any) -> None:
    before, activity.state, activity.closed_at = activity.state, state, closed_at
    activity.save(update_fields=["state", "closed_at"])
    _record(actor, events.ActivityMoved(**_about(activity), before=str(before), after=str(state)))
    _judge_again(activity)


# ---- what a member answers ---------------------------------------------------------------------------------


@transaction.atomic
def answer(*, actor: User, activity: PrepActivity, act: Act, reason: str = "") -> ActivityMember:
    """Receive the shared plan, decline it, or be on leave during the study; the last two with a reason."""
    activity = _locked(activity)
    require(actor, act, activity)
    state, reason = ANSWERS[act], reason.strip()[:200]
    if act != Act.RECEIVE and not reason:
        raise NotPossible(_("写一句原因，发起人好知道。"))
    member = ActivityMember.objects.select_for_update().get(activity=activity, user=actor)
    before = member.state
    member.state, member.reason = state, "" if act == Act.RECEIVE else reason
    member.answered_at = timezone.now()
    member.save(update_fields=["state", "reason", "answered_at"])
    _record(actor, events.ActivityAnswered(**_about(activity), before=str(before), after=str(state)))
    if act != Act.RECEIVE:
        leads = {activity.leader_id, activity.lead_preparer_id}
        text = _("%(name)s%(act)s：《%(theme)s》，%(reason)s")
        _tell(actor, activity, leads, text, act=act.label, reason=reason)
    return member


@transaction.atomic
def make_own(*, actor: User, activity: PrepActivity) -> LessonPlan:
    """做我的个案: who makes an own version has received the shared plan. The first one begins the stage."""
    activity = _locked(activity)
    require(actor, Act.MAKE_OWN, activity)
    assert activity.settled_version is not None
    own = fork(actor=actor, version=activity.settled_version)
    member = ActivityMember.objects.get(activity=activity, user=actor)
    if member.state != MemberState.RECEIVED:
        answer(actor=actor, activity=activity, act=Act.RECEIVE)
    if activity.state == State.OPEN and activity.stage == Stage.SETTLED:
        _move(actor, activity, Stage.OWN_VERSIONS)
    return own


ANSWERS = {
    Act.RECEIVE: MemberState.RECEIVED,
    Act.DECLINE: MemberState.DECLINED,
    Act.TAKE_LEAVE: MemberState.ON_LEAVE,
}


# ---- the agenda --------------------------------------------------------------------------------------------


@transaction.atomic
def raise_item(*, actor: User, activity: PrepActivity, text: str, block: str = "") -> AgendaItem:
    """Something the study is to talk about; `block` names the part of the plan it is about."""
    activity = _locked(activity)
    require(actor, Act.RAISE, activity)
    text = " ".join(text.split())[:300]
    if not text:
        raise NotPossible(_("写一句要议什么。"))
    item = AgendaItem.objects.create(activity=activity, text=text, block=block[:64], raised_by=actor)
    _record(actor, events.AgendaRaised(**_about(activity), item_id=item.pk))
    return item


@transaction.atomic
def finish_item(*, actor: User, item: AgendaItem) -> AgendaItem:
    """Talked about: said by who raised it, the leader or the lead preparer."""
    activity = _locked(item.activity)
    require(actor, Act.RAISE, activity)
    if actor.pk not in (item.raised_by_id, activity.leader_id, activity.lead_preparer_id):
        raise Denied(_("议题由提出的人、发起人或主备人标成“议过”。"))
    if item.state == AgendaItem.State.OPEN:
        item.state = AgendaItem.State.DONE
        item.save(update_fields=["state"])
        _record(actor, events.AgendaDone(**_about(activity), item_id=item.pk))
    return item


# ---- shared by the operations above --------------------------------------------------------------------------


def _locked(activity: PrepActivity) -> PrepActivity:
    """As it stands now: of two who press at once the second finds what the first did."""
    rows = PrepActivity.objects.select_for_update(of=("self",))
    found = rows.select_related(
        "leader", "lead_preparer", "plan__region", "school__county", "region", "template", "textbook", "unit",
        "settled_version",
    )  # fmt: skip
    return found.get(pk=activity.pk)


def _values(facts: Facts) -> dict[str, Any]:
    return {each.name: getattr(facts, each.name) for each in fields(facts)}


def _require_may_prepare(person: User) -> None:
    if not person.is_active or not may_create(person):
        raise NotPossible(_("%(name)s现在没有任教，不能写教案。请换一位主备人。") % {"name": person.name})


def _about(activity: PrepActivity) -> dict[str, Any]:
    return {"subject_id": activity.pk, "subject_label": activity.theme}


def _record(actor: User, event: events.LedgerEvent) -> None:
    record(event, actor=actor, place=place_of(actor))


def _members(activity: PrepActivity) -> set[int]:
    return set(activity.members.values_list("user_id", flat=True))


def _everyone(activity: PrepActivity) -> set[int]:
    return _members(activity) | {activity.leader_id, activity.lead_preparer_id}


def _tell_lead(actor: User, activity: PrepActivity) -> None:
    text = _("%(name)s请你主备《%(theme)s》，初稿 %(day)s前交")
    day = _day(activity.first_draft_due)
    _tell(actor, activity, {activity.lead_preparer_id}, text, kind="activity.called", day=day)


def _tell_called(actor: User, activity: PrepActivity, user_ids: Iterable[int]) -> None:
    text = _("%(name)s请你参加集体备课《%(theme)s》，集研 %(day)s开始")
    _tell(actor, activity, set(user_ids), text, kind="activity.called", day=_day(activity.study_starts))


def _tell(
    actor: User,
    activity: PrepActivity,
    recipients: set[int],
    text: str,
    kind: str = "activity.moved",
    **words: Any,
) -> None:
    notify(
        recipients=recipients - {actor.pk},
        kind=kind,
        text=text % {"name": actor.name, "theme": activity.theme, **words},
        path=reverse("activity", args=[activity.pk]),
    )


def _day(day: date | None) -> str:
    return _("%(month)s月%(day)s日") % {"month": day.month, "day": day.day} if day else ""


def _judge_again(activity: PrepActivity, user_ids: list[int] | None = None) -> None:
    """Once this is committed, whoever has the shared plan open reconnects and is judged anew."""
    if activity.plan is not None:
        transaction.on_commit(partial(access.changed, activity.plan.document, user_ids))
