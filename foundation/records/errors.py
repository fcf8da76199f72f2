"""What can go wrong with a record. Every reason is a Chinese sentence for the person who asked."""

from django.core.exceptions import PermissionDenied


class RecordsError(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RecordNotFound(RecordsError):
    """Nothing has this kind and id, or this person may not know of it: nobody can tell which."""


class Denied(RecordsError, PermissionDenied):
    """This person may not do this."""


class NotPossible(RecordsError):
    """The record's state does not allow it, whoever asks."""


class WrongInput(RecordsError):
    """What was typed cannot be kept; `reason` says where and why."""
