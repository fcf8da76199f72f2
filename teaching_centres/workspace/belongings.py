"""What in the workspaces belongs to a person, and how it moves to another account of the same person."""

from foundation.accounts.belongings import moves
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

BELONGINGS = (
    moves(Task, "given_by"),
    moves(TaskAnswer, "by"),
    moves(TaskAnswer, "judged_by"),
    moves(Circular, "sent_by"),
    moves(CircularReceipt, "user", once_with=("circular_id",)),
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
