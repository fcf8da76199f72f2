"""What an activity tells its record: people and absences, what was discussed, versions, who changed how much."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.accounts.models import User
from foundation.ledger.events import Place
from foundation.records.form import Absence, Contribution, Facts, Person, Question, Version, Viewpoint
from foundation.records.kinds import Rights, Subject
from lessons.activities.models import ActivityMember, PrepActivity
from lessons.discussion.models import Thread
from lessons.discussion.queries import Discussed, record_of
from lessons.lineage.models import Contribution as FromOwn
from lessons.lineage.models import Fork
from lessons.models import LessonPlan, PlanVersion
from lessons.records import policies
from lessons.versions import label
from realtime.models import DocumentUpdate
from teaching_centres.models import School
from teaching_centres.operations.common import place_in
from teaching_centres.queries import PersonCard, person_cards, place_of, side_of, surviving

ActivityState, MemberState = PrepActivity.State, ActivityMember.State
AWAY = {MemberState.DECLINED, MemberState.ON_LEAVE}


class ActivityRecords:
    name = "prep-activity"
    title: str | Promise = gettext_lazy("集体备课活动记录表")

    def subject(self, subject_id: str) -> Subject | None:
        pk = _uuid(subject_id)
        if pk is None:
            return None
        rows = PrepActivity.objects.select_related("plan", "school__county", "region", "settled_version")
        activity = rows.filter(pk=pk).exclude(state=ActivityState.DRAFT).first()
        if activity is None:
            return None
        path = reverse("activity", args=[activity.pk])
        return Subject(str(activity.pk), activity.theme, path, activity)

    def assemble(self, subject: Subject) -> Facts:
        return facts_of(subject.row)

    def rights(self, user: User, subject: Subject) -> Rights:
        return policies.rights(user, subject.row)

    def stands(self, user: User) -> Place:
        return place_of(user)

    def concerns(self, user: User, subject: Subject) -> Place:
        return place_in(subject.row.unit_of_leader, user)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# ---- the facts -----------------------------------------------------------------------------------------
def facts_of(activity: PrepActivity) -> Facts:
    """A fixed number of queries, however many took part."""
    members = list(activity.members.select_related("school"))
    changes = _changes(activity.plan)
    versions = _versions(activity.plan)
    threads = record_of(activity.plan) if activity.plan else []
    spoke = {said.person.id for thread in threads for said in (*thread.viewpoints, *thread.replies)}
    cards = person_cards(
        {activity.leader_id, activity.lead_preparer_id, *changes, *spoke}
        | {member.user_id for member in members}
        | {version.created_by_id for version in versions if version.created_by_id}
    )
    through = {member.user_id: member.school for member in members if member.school}

    def person(user_id: int) -> Person:
        return _person(cards[user_id], through.get(user_id))

    took_part = {*changes, *spoke, *(each.opened.person.id for each in threads if each.opened)}
    absent = [member for member in members if _was_away(activity, member, took_part)]
    there = [activity.leader_id, activity.lead_preparer_id]
    there += [member.user_id for member in members if member not in absent]
    return Facts(
        theme=activity.theme,
        time=_time(activity),
        place=_("线上（同步备课）"),
        host=person(activity.leader_id),
        recorder=person(activity.lead_preparer_id),
        participants=tuple(person(user_id) for user_id in dict.fromkeys(there)),
        absentees=tuple(Absence(person(member.user_id), _reason(member)) for member in absent),
        discussion=tuple(_questions(activity, threads, person)),
        versions=tuple(
            Version(
                label(version),
                timezone.localdate(version.created_at),
                person(version.created_by_id) if version.created_by_id else None,
            )
            for version in versions
        ),
        contributions=tuple(
            Contribution(person(user_id), times)
            for user_id, times in sorted(changes.items(), key=lambda item: (-item[1], item[0]))
        ),
        results=_results(activity, members, threads),
    )


def _person(card: PersonCard, school: School | None) -> Person:
    """With the school through which they were called."""
    if school is None:
        return Person(user_id=card.id, school=card.unit_name, side=card.side)
    return Person(user_id=card.id, school=school.name, side=side_of(school))


def _was_away(activity: PrepActivity, member: ActivityMember, took_part: set[int]) -> bool:
    """Whoever said so; at the end also whoever neither answered nor wrote nor said anything."""
    if member.state in AWAY:
        return True
    silent = member.state == MemberState.INVITED and member.user_id not in took_part
    return silent and activity.state == ActivityState.CLOSED


def _reason(member: ActivityMember) -> str:
    said = _("没有答复") if member.state == MemberState.INVITED else member.get_state_display()
    return (
        _("%(state)s：%(reason)s") % {"state": said, "reason": member.reason} if member.reason else str(said)
    )


def _time(activity: PrepActivity) -> str:
    """From the call to the end; until then, to the last day that was set."""
    if activity.opens_at is None:
        return ""
    last = timezone.localdate(activity.closed_at) if activity.closed_at else activity.own_versions_due
    words = _day(timezone.localdate(activity.opens_at))
    return f"{words}—{_day(last)}" if last else _("%(day)s起") % {"day": words}


def _day(day: date) -> str:
    return _("%(year)s年%(month)s月%(day)s日") % {"year": day.year, "month": day.month, "day": day.day}


def _questions(
    activity: PrepActivity, threads: list[Discussed], person: Callable[[int], Person]
) -> list[Question]:
    """问题—观点—共识 beside the plan, then what else was on the agenda. Comments are too many for a record."""
    asked = [each for each in threads if each.kind == Thread.Kind.QUESTION and each.opened]
    found = [_question(each, person) for each in asked]
    known = {each.opened.text for each in asked if each.opened}
    agenda = activity.agenda.order_by("pk").values_list("text", flat=True)
    return found + [Question(text) for text in agenda if text not in known]


def _question(thread: Discussed, person: Callable[[int], Person]) -> Question:
    assert thread.opened is not None
    said = sorted([*thread.viewpoints, *thread.replies], key=lambda statement: statement.at)
    text = thread.opened.text
    if thread.quote:
        text = _("%(text)s（原文：“%(quote)s”）") % {"text": text, "quote": thread.quote}
    return Question(
        text,
        tuple(Viewpoint(person(each.person.id), each.text) for each in said),
        thread.consensus.text if thread.consensus else "",
    )


def _versions(plan: LessonPlan | None) -> list[PlanVersion]:
    named = (
        PlanVersion.objects.filter(plan=plan, number__isnull=False) if plan else PlanVersion.objects.none()
    )
    return list(named.defer("state").order_by("number"))


def _changes(plan: LessonPlan | None) -> dict[int, int]:
    """How often each person changed the shared plan, by the account they have now."""
    if plan is None:
        return {}
    rows = DocumentUpdate.objects.filter(document=plan.document).exclude(user_id=None).order_by()
    counted = dict(rows.values_list("user_id").annotate(Count("pk")))
    known = set(User.objects.filter(pk__in=counted).values_list("pk", flat=True))
    found: dict[int, int] = {}
    for user_id, now in surviving(known).items():
        found[now] = found.get(now, 0) + counted[user_id]
    return found


def _results(activity: PrepActivity, members: list[ActivityMember], threads: list[Discussed]) -> str:
    lines = []
    settled = activity.settled_version
    if settled is not None:
        words = {"version": label(settled), "characters": settled.characters}
        lines.append(_("共案定为%(version)s，%(characters)s 字。") % words)
    received = sum(1 for member in members if member.state == MemberState.RECEIVED)
    if received:
        words = {"all": len(members), "received": received}
        lines.append(_("请来的 %(all)s 位老师里，%(received)s 位接收了共案。") % words)
    own = Fork.objects.filter(upstream=activity.plan).exclude(plan__state=LessonPlan.State.DELETED)
    counted = own.aggregate(plans=Count("pk"), schools=Count("plan__school", distinct=True))
    if counted["plans"]:
        lines.append(_("做成个案 %(plans)s 份，来自 %(schools)s 所学校。") % counted)
    taken = FromOwn.objects.filter(plan=activity.plan, state=FromOwn.State.ACCEPTED).count()
    if taken:
        lines.append(_("共案采用了个案里的改法 %(n)s 处。") % {"n": taken})
    comments = [each for each in threads if each.kind == Thread.Kind.COMMENT]
    if comments:
        words = {"all": len(comments), "settled": sum(1 for each in comments if each.settled)}
        lines.append(_("批注 %(all)s 条，%(settled)s 条处理好了。") % words)
    return "\n".join(lines)
