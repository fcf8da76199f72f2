"""What the operations on activities share: the row as it stands, the record, the notices, the open pages."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.operations import record
from foundation.notices.operations import notify
from lessons.activities.models import ActivityMember, PrepActivity
from lessons.errors import NotPossible
from lessons.policies import may_create
from realtime import access
from teaching_centres.queries import place_of

State = PrepActivity.State
Stage = PrepActivity.Stage
MemberState = ActivityMember.State


def locked(activity: PrepActivity) -> PrepActivity:
    """As it stands now: of two who press at once the second finds what the first did."""
    rows = PrepActivity.objects.select_for_update(of=("self",))
    found = rows.select_related(
        "leader", "lead_preparer", "plan__region", "school__county", "region", "template", "textbook", "unit",
        "settled_version",
    )  # fmt: skip
    return found.get(pk=activity.pk)


def require_may_prepare(person: User) -> None:
    if not person.is_active or not may_create(person):
        raise NotPossible(_("%(name)s现在没有任教，不能写教案。请换一位主备人。") % {"name": person.name})


def about(activity: PrepActivity) -> dict[str, Any]:
    return {"subject_id": activity.pk, "subject_label": activity.theme}


def recorded(actor: User, event: events.LedgerEvent) -> None:
    record(event, actor=actor, place=place_of(actor))


def members_of(activity: PrepActivity) -> set[int]:
    return set(activity.members.values_list("user_id", flat=True))


def everyone_in(activity: PrepActivity) -> set[int]:
    return members_of(activity) | {activity.leader_id, activity.lead_preparer_id}


def tell_lead(actor: User, activity: PrepActivity) -> None:
    text = _("%(name)s请你主备《%(theme)s》，初稿 %(day)s前交")
    day = day_in_words(activity.first_draft_due)
    tell(actor, activity, {activity.lead_preparer_id}, text, kind="activity.called", day=day)


def tell_called(actor: User, activity: PrepActivity, user_ids: Iterable[int]) -> None:
    text = _("%(name)s请你参加集体备课《%(theme)s》，集研 %(day)s开始")
    tell(
        actor, activity, set(user_ids), text, kind="activity.called", day=day_in_words(activity.study_starts)
    )


def tell(
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


def day_in_words(day: date | None) -> str:
    return _("%(month)s月%(day)s日") % {"month": day.month, "day": day.day} if day else ""


def judge_again(activity: PrepActivity, user_ids: list[int] | None = None) -> None:
    """Once this is committed, whoever has the shared plan open reconnects and is judged anew."""
    if activity.plan is not None:
        transaction.on_commit(partial(access.changed, activity.plan.document, user_ids))


def move(actor: User, activity: PrepActivity, stage: Stage) -> None:
    before, activity.stage = activity.stage, stage
    activity.save(update_fields=["stage"])
    recorded(actor, events.ActivityMoved(**about(activity), before=str(before), after=str(stage)))
    judge_again(activity)
