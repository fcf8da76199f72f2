"""Where the process that runs jobs looks for those of lesson plans."""

from lessons.reviewing import similarity

__all__ = ["similarity"]
