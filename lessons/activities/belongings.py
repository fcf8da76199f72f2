"""How activities and term plans move to another account of the same person."""

from functools import partial

from django.db import transaction

from foundation.accounts.belongings import moves, moves_by
from foundation.accounts.models import User
from lessons.activities.models import (
    ActivityMember,
    AgendaItem,
    PrepActivity,
    TermPlan,
    TermPlanMember,
    TermPlanRow,
)
from realtime import access


def _move_memberships(survivor: User, absorbed: User) -> int:
    """Of two in one activity the one that was answered stays; whoever prepares it is no member besides."""
    mine = {row.activity_id: row for row in ActivityMember.objects.filter(user=survivor)}
    moved = 0
    for row in ActivityMember.objects.filter(user=absorbed).select_related("activity__plan"):
        own = mine.get(row.activity_id)
        if row.activity.lead_preparer_id == survivor.pk or (own is not None and own.answered_at):
            row.delete()
        else:
            if own is not None:
                own.delete()
            row.user = survivor
            row.save(update_fields=["user"])
        moved += 1
        if row.activity.plan is not None:
            transaction.on_commit(partial(access.changed, row.activity.plan.document, None))
    return moved


def _move_preparing(survivor: User, absorbed: User) -> int:
    rows = PrepActivity.objects.filter(lead_preparer=absorbed)
    ActivityMember.objects.filter(activity__in=rows, user=survivor).delete()
    return rows.update(lead_preparer=survivor)


BELONGINGS = (
    moves(TermPlan, "leader"),
    moves(TermPlanMember, "user", once_with=("term_plan_id",)),
    moves(TermPlanRow, "lead_preparer"),
    moves_by(ActivityMember, "user", _move_memberships),
    moves_by(PrepActivity, "lead_preparer", _move_preparing),
    moves(PrepActivity, "leader"),
    moves(AgendaItem, "raised_by"),
)
