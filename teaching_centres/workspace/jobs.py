"""What happens by the clock: reminders, from seven in the morning. Each is safe to run again."""

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from teaching_centres.workspace.operations.support import remind_overdue
from teaching_centres.workspace.operations.tasks import remind_due

FROM_HOUR = 7


@db_periodic_task(crontab(minute="17"))
def remind() -> None:
    if timezone.localtime().hour >= FROM_HOUR:
        remind_due()
        remind_overdue()
