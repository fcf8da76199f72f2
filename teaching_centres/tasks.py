"""Where the process that runs jobs looks for those of the network."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from teaching_centres.operations import carry_out_due
from teaching_centres.roster import jobs as roster_jobs
from teaching_centres.workspace import jobs as workspace_jobs

__all__ = ["carry_out_school_merges", "roster_jobs", "workspace_jobs"]


@db_periodic_task(crontab(minute="7"))
def carry_out_school_merges() -> None:
    """Every hour, so that a server that was off at midnight does it when it is back."""
    carry_out_due()
