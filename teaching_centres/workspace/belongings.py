"""What in the workspaces belongs to a person, and how it moves to another account of the same person."""

from foundation.accounts.belongings import moves, moves_by
from foundation.accounts.models import User
from teaching_centres.workspace.models import (
    Circular,
    CircularReceipt,
    Expertise,
    Pairing,
    PairingActivity,
    SupportTicket,
    Task,
    TaskAnswer,
    TicketMessage,
    Visit,
    WeakSchool,
)


def _move_receipts(survivor: User, absorbed: User) -> int:
    """Sent to both and read by one: the person has read it."""
    mine = {row.circular_id: row for row in CircularReceipt.objects.filter(user=survivor)}
    moved = 0
    for row in CircularReceipt.objects.filter(user=absorbed):
        own = mine.get(row.circular_id)
        if own is None:
            row.user = survivor
            row.save(update_fields=["user"])
        else:
            own.read_at = min((at for at in (own.read_at, row.read_at) if at), default=None)
            own.save(update_fields=["read_at"])
            row.delete()
        moved += 1
    return moved


BELONGINGS = (
    moves(Task, "given_by"),
    moves(TaskAnswer, "by"),
    moves(TaskAnswer, "judged_by"),
    moves(Circular, "sent_by"),
    moves_by(CircularReceipt, "user", _move_receipts),
    moves(Expertise, "user", once_with=("grade", "region_id", "subject", "starts")),
    moves(Expertise, "granted_by"),
    moves(WeakSchool, "listed_by"),
    moves(SupportTicket, "opened_by"),
    moves(SupportTicket, "assigned_to"),
    moves(TicketMessage, "by"),
    moves(Pairing, "made_by"),
    moves(PairingActivity, "logged_by"),
    moves(Visit, "person", once_with=("to_school_id", "starts", "ends")),
    moves(Visit, "registered_by"),
    moves(Visit, "decided_by"),
)
