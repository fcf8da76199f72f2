"""What can be refused here. Every reason is a Chinese sentence for the person who asked."""

from django.core.exceptions import PermissionDenied


class TeachingCentresError(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Denied(TeachingCentresError, PermissionDenied):
    """This person may not do this."""


class NotPossible(TeachingCentresError):
    """Nobody may do this: it breaks a rule of the network."""
