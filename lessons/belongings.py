"""What of lesson plans belongs to a person, and how it moves to another account of the same person."""

from functools import partial

from django.db import transaction

from foundation.accounts.belongings import moves, moves_by, moves_in_list
from foundation.accounts.models import User
from lessons.activities.belongings import BELONGINGS as OF_ACTIVITIES
from lessons.models import (
    ChangeNote,
    Comment,
    Contribution,
    Exemplar,
    LessonPlan,
    PaperJob,
    PlanInvitation,
    PlannedLesson,
    PlanVersion,
    PlanVisit,
    Thread,
    WordImport,
    WordTemplate,
)
from realtime import access


def _hand_over_plans(survivor: User, absorbed: User) -> int:
    """An owner is not invited to the own plan; open documents are judged again."""
    plans = list(LessonPlan.objects.filter(owner=absorbed))
    PlanInvitation.objects.filter(plan__in=plans, user=survivor).delete()
    LessonPlan.objects.filter(owner=absorbed).update(owner=survivor)
    for plan in plans:
        transaction.on_commit(partial(access.changed, plan.document, None))
    return len(plans)


def _move_invitations(survivor: User, absorbed: User) -> int:
    """Of two to the same plan the wider one stays, and none to a plan that is the survivor's own."""
    PlanInvitation.objects.filter(user=absorbed, plan__owner=survivor).delete()
    mine = {row.plan_id: row for row in PlanInvitation.objects.filter(user=survivor)}
    moved = 0
    for row in PlanInvitation.objects.filter(user=absorbed):
        own = mine.get(row.plan_id)
        if own is None:
            row.user = survivor
            row.save(update_fields=["user"])
        else:
            wider = max(row.access, own.access, key=PlanInvitation.Access.values.index)
            if own.access != wider:
                own.access = wider
                own.save(update_fields=["access"])
            row.delete()
        moved += 1
    return moved


BELONGINGS = (
    moves_by(LessonPlan, "owner", _hand_over_plans),
    moves_by(PlanInvitation, "user", _move_invitations),
    moves(PlanInvitation, "invited_by"),
    moves_in_list(PlanVersion, "editors"),
    moves(PlanVersion, "created_by"),
    moves(Exemplar, "chosen_by"),
    moves(ChangeNote, "written_by"),
    moves(Contribution, "author"),
    moves(Contribution, "answered_by"),
    moves(Thread, "created_by"),
    moves(Thread, "resolved_by"),
    moves(Comment, "author"),
    moves_in_list(Comment, "mentions"),
    moves(PlanVisit, "user", once_with=("plan_id",)),
    moves(PlannedLesson, "teacher", once_with=("day", "period")),
    *OF_ACTIVITIES,
    moves(WordImport, "actor"),
    moves(WordTemplate, "owner"),
    moves(WordTemplate, "made_by"),
    moves(PaperJob, "owner"),
)
