"""What can go wrong when something is recorded."""


class LedgerError(Exception):
    pass


class UnknownEvent(LedgerError):
    """The event's kind is not in the catalogue, or its data do not have the declared types."""


class NotInTransaction(LedgerError):
    """A record belongs into the transaction of the act it records."""


class AppendOnly(LedgerError):
    """Records are neither changed nor deleted."""


class UnknownAct(LedgerError):
    """The act is not in the catalogue, or carries a detail that the catalogue does not declare."""
