"""Jobs of the notices: both may run as often as they like, what is done is marked."""

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from foundation.notices import mail


@db_task()
def deliver() -> None:
    mail.deliver()


@db_periodic_task(crontab(minute="*/5"))
def deliver_what_is_left() -> None:
    """What a mail server refused, or a process that died did not send."""
    mail.deliver()


@db_periodic_task(crontab(minute="*/10"))
def send_digests() -> None:
    mail.send_digests(timezone.now())
