from foundation.accounts.belongings import moves, stays
from foundation.records.models import Record, RecordEdit, RecordRevision, RecordTask

FROZEN = "what was written and signed is never rewritten; who it was is resolved when it is read"

BELONGINGS = (
    moves(Record, "signed_by"),
    stays(RecordEdit, "by", because=FROZEN),
    stays(RecordRevision, "signed_by", because=FROZEN),
    moves(RecordTask, "person"),
    moves(RecordTask, "done_by"),
)
