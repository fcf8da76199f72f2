"""Where the process that runs jobs looks for those of lesson plans."""

from lessons.word_in import jobs as word_in_jobs

__all__ = ["word_in_jobs"]
