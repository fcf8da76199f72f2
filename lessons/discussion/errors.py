"""What can go wrong in a discussion. Every reason is a Chinese sentence for the person who asked."""

from lessons.errors import LessonsError


class TextChanged(LessonsError):
    """The words that were chosen are no longer there as they were: choose again."""


class ThreadNotFound(LessonsError):
    """No such thread or comment in this plan."""
