"""Where the process that runs jobs looks for those of the network."""

from teaching_centres.roster import jobs as roster_jobs

__all__ = ["roster_jobs"]
