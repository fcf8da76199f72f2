"""Where the process that runs jobs looks for those of lesson plans."""

from huey.contrib.djhuey import db_task

from lessons.reviewing import similarity
from lessons.word_in import jobs as word_in_jobs
from lessons.word_out import jobs as word_out_jobs

__all__ = ["similarity", "tell_own_versions", "word_in_jobs", "word_out_jobs"]


@db_task()
def tell_own_versions(version_id: int) -> None:
    """The shared plan has a new named version."""
    from lessons.lineage import telling
    from lessons.models import PlanVersion

    telling.tell_own_versions(PlanVersion.objects.select_related("plan").get(pk=version_id))
