from foundation.accounts.belongings import stays
from foundation.ledger.models import Event

BELONGINGS = (
    stays(Event, "actor", because="records are never rewritten; who it was is resolved when they are read"),
)
