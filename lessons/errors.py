"""What can go wrong with plans. Every reason is a Chinese sentence for the person who asked."""

from teaching_centres.errors import Denied

__all__ = ["Denied", "LessonsError", "NotPossible", "PlanNotFound"]


class LessonsError(Exception):
    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class PlanNotFound(LessonsError):
    """There is no such plan, or this person may not know of it: nobody can tell which."""


class NotPossible(Denied):
    """The plan's state does not allow it, whoever asks."""
